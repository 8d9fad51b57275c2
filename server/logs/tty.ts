/**
 * The raw form, of containers with a TTY: no frames, everything stdout, `<time> <text>\r\n`. A row of it may hold more times
 * of the engine's: a line over 16 KiB repeats its time before each piece, and a line that a run of the container left without
 * a newline has the next run's first line behind it. Nothing tells such a time from the program's text but where it stands
 * and when it is.
 */
import { DamageCollector } from './damage.ts'
import { type LineDecoder, LineMaker, PIECE_BYTES, textEnd } from './decoder.ts'
import { type LogLine, MAX_LINE_BYTES } from './line.ts'
import { isDockerTime, normalizeTime, TIME_LENGTH, TimeReader } from './time.ts'

const NEWLINE = 0x0a
const SPACE = 0x20

/** No engine prints a longer time with its space: `2006-01-02T15:04:05.000000000+07:00 `. */
const MAX_PREFIX_BYTES = 36
const MAX_RAW_BYTES = MAX_LINE_BYTES + (MAX_LINE_BYTES / PIECE_BYTES + 1) * MAX_PREFIX_BYTES + 2

/** How much of a row without a time is looked at: it is quoted, and not at any length. */
const QUOTED_BYTES = 1_024

export interface TtyOptions {
  /**
   * Whether a run of the container may have begun after the one time and not after the other: only then can the second
   * time be the engine's. Times have nine digits.
   */
  readonly mayHaveStarted?: (after: string, until: string) => boolean
}

export class TtyDecoder implements LineDecoder {
  pieces = 0
  readonly passed = 0
  readonly damage = new DamageCollector()
  readonly #maker = new LineMaker()
  readonly #times = new TimeReader()
  readonly #mayHaveStarted: (after: string, until: string) => boolean
  /** The row whose newline has not come, from its latest run on: at most `MAX_RAW_BYTES` of it. */
  #parts: Buffer[] = []
  #bytes = 0
  /** Of a line that is longer: its beginning is out. */
  #passing: Passing | undefined

  constructor({ mayHaveStarted = () => true }: TtyOptions = {}) {
    this.#mayHaveStarted = mayHaveStarted
  }

  push(chunk: Buffer): LogLine[] {
    const lines: LogLine[] = []
    let at = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, at)) {
      this.#append(chunk.subarray(at, end + 1), lines)
      this.#endRow(lines)
      at = end + 1
    }
    if (at < chunk.length) this.#append(Buffer.from(chunk.subarray(at)), lines)
    return lines
  }

  end(): LogLine[] {
    const lines: LogLine[] = []
    this.#endRow(lines)
    return lines
  }

  #append(part: Buffer, lines: LogLine[]): void {
    for (let rest = part; rest.length > 0; ) {
      if (this.#passing) {
        rest = this.#passOver(rest, this.#passing)
        continue
      }
      const kept = rest.subarray(0, MAX_RAW_BYTES - this.#bytes)
      this.#parts.push(kept)
      this.#bytes += kept.length
      rest = rest.subarray(kept.length)
      if (rest.length > 0) this.#makeRoom(lines)
    }
  }

  /** The row is longer than what is kept of it: what can go out goes. */
  #makeRoom(lines: LogLine[]): void {
    const raw = this.#take()
    const last = this.#runs(raw, lines)
    if (last.length < raw.length) {
      this.#parts = [Buffer.from(last)]
      this.#bytes = last.length
      return
    }
    const prefix = this.#line(raw, true, lines)
    this.#passing = { bytes: 0, prefix, time: raw.toString('latin1', 0, TIME_LENGTH), end: raw.subarray(-TIME_LENGTH) }
  }

  /** Counts what is passed over. Returns the line of another run that begins in it, if there is one. */
  #passOver(part: Buffer, passing: Passing): Buffer {
    const { end, time } = passing
    const bytes = Buffer.concat([end, part])
    const next = this.#nextRun(bytes, 0, time)
    passing.bytes += next - end.length
    passing.end = Buffer.from(bytes.subarray(-TIME_LENGTH))
    if (next < bytes.length) this.#endPassing(passing)
    return bytes.subarray(next)
  }

  #endPassing({ bytes, prefix }: Passing): void {
    this.pieces += Math.ceil(bytes / (PIECE_BYTES + prefix))
    this.#passing = undefined
  }

  #endRow(lines: LogLine[]): void {
    const raw = this.#take()
    if (this.#passing) this.#endPassing(this.#passing)
    else if (raw.length > 0) this.#line(this.#runs(raw, lines), false, lines)
  }

  #take(): Buffer {
    const raw = this.#parts.length === 1 && this.#parts[0] ? this.#parts[0] : Buffer.concat(this.#parts)
    this.#parts = []
    this.#bytes = 0
    return raw
  }

  /** Makes lines of the runs in a row, but for the last, which it returns. */
  #runs(raw: Buffer, lines: LogLine[]): Buffer {
    let rest = raw
    for (;;) {
      const time = rest.toString('latin1', 0, TIME_LENGTH)
      const next = isDockerTime(time) ? this.#nextRun(rest, TIME_LENGTH + 2, time) : rest.length // an empty piece is no piece
      if (next === rest.length) return rest
      this.#line(rest.subarray(0, next), false, lines)
      rest = rest.subarray(next)
    }
  }

  /** Returns the length of the time before it, with its space. */
  #line(raw: Buffer, truncated: boolean, lines: LogLine[]): number {
    const space = raw.subarray(0, MAX_PREFIX_BYTES).indexOf(SPACE)
    const time = space < 0 ? undefined : normalizeTime(raw.toString('latin1', 0, space))
    if (time === undefined) {
      this.pieces++
      this.damage.add(lines.length, raw.toString('utf8', 0, QUOTED_BYTES))
      return 0
    }
    const pieces = splitPieces(raw, space + 1)
    this.pieces += pieces.length
    const body = pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)
    // Only here, as the border of two pieces may stand between `\r` and `\n`.
    const text = body.subarray(0, textEnd(body, 0, body.length))
    lines.push(this.#maker.fromBytes(time, this.#times.of(time), 'stdout', text, truncated))
    return space + 1
  }

  /** Where the line of another run begins, at `from` or later, behind a line of that time; the bytes' end if none does. */
  #nextRun(bytes: Buffer, from: number, time: string): number {
    for (let mark = bytes.indexOf(TIME_MARK, from); mark >= 0; mark = bytes.indexOf(TIME_MARK, mark + 1)) {
      const begin = mark + 1 - TIME_LENGTH
      if (begin < from) continue
      const other = bytes.toString('latin1', begin, mark + 1)
      if (other > time && isDockerTime(other) && this.#mayHaveStarted(time, other)) return begin
    }
    return bytes.length
  }
}

/** What is passed over of a line that is longer than what is shown. */
interface Passing {
  bytes: number
  /** The length of the time, with its space, that the line repeats. */
  readonly prefix: number
  readonly time: string
  /** The last bytes, in which another run's time may have begun. */
  end: Buffer
}

const TIME_MARK = Buffer.from('Z ')
const REPLACEMENT = Buffer.from('\ufffd')

/**
 * The text and line ending of each piece, without the `prefix` bytes of time that stand before it. A piece that is not the
 * last holds 16 KiB as the program wrote them; json-file stores each byte that is no UTF-8, such as half of a character that
 * was cut there, as the three bytes of U+FFFD.
 */
function splitPieces(raw: Buffer, prefix: number): Buffer[] {
  const time = raw.subarray(0, prefix)
  const pieces: Buffer[] = []
  let start = prefix
  for (let end = pieceEnd(raw, start, time); end >= 0; end = pieceEnd(raw, start, time)) {
    pieces.push(raw.subarray(start, end))
    start = end + prefix
  }
  pieces.push(raw.subarray(start))
  return pieces
}

/** Where the piece from `start` on ends and the next one's time begins; -1 if it is the last. */
function pieceEnd(raw: Buffer, start: number, time: Buffer): number {
  const last = start + REPLACEMENT.length * PIECE_BYTES
  for (let end = raw.indexOf(time, start + PIECE_BYTES); end >= 0 && end <= last; end = raw.indexOf(time, end + 1)) {
    const surplus = end - start - PIECE_BYTES
    const grown = REPLACEMENT.length - 1
    if (surplus % grown === 0 && surplus / grown <= replacements(raw, start, end)) return end
  }
  return -1
}

function replacements(raw: Buffer, start: number, end: number): number {
  let count = 0
  for (let at = raw.indexOf(REPLACEMENT, start); at >= 0 && at < end; at = raw.indexOf(REPLACEMENT, at + 1)) count++
  return count
}
