/**
 * The raw form, of containers with a TTY: no frames, everything stdout, `<time> <text>\r\n`. A line over 16 KiB repeats
 * its time in the middle of the text after each 16 KiB, with nothing to tell it from text but its place and its value. A
 * line that the container's end left without a newline has the next run's first one behind it, on the same row.
 */
import { type LineDecoder, LineMaker, MalformedLogError, PIECE_BYTES, textEnd } from './decoder.ts'
import { type LogLine, MAX_LINE_BYTES } from './line.ts'
import { isDockerTime, normalizeTime, TIME_LENGTH, TimeReader } from './time.ts'

const NEWLINE = 0x0a
const SPACE = 0x20

/** No engine prints a longer time with its space: `2006-01-02T15:04:05.000000000+07:00 `. */
const MAX_PREFIX_BYTES = 36
const MAX_RAW_BYTES = MAX_LINE_BYTES + (MAX_LINE_BYTES / PIECE_BYTES + 1) * MAX_PREFIX_BYTES + 2

export class TtyDecoder implements LineDecoder {
  pieces = 0
  readonly passed = 0
  readonly #maker = new LineMaker()
  readonly #times = new TimeReader()
  /** The line whose newline has not come: at most `MAX_RAW_BYTES` of it. */
  #parts: Buffer[] = []
  #bytes = 0
  #dropped = 0

  push(chunk: Buffer): LogLine[] {
    const lines: LogLine[] = []
    let at = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, at)) {
      this.#append(chunk.subarray(at, end + 1))
      this.#finish(lines)
      at = end + 1
    }
    if (at < chunk.length) this.#append(Buffer.from(chunk.subarray(at)))
    return lines
  }

  end(): LogLine[] {
    const lines: LogLine[] = []
    if (this.#bytes > 0) this.#finish(lines)
    return lines
  }

  #append(part: Buffer): void {
    const kept = part.subarray(0, MAX_RAW_BYTES - this.#bytes)
    this.#dropped += part.length - kept.length
    this.#bytes += kept.length
    if (kept.length > 0) this.#parts.push(kept)
  }

  #finish(lines: LogLine[]): void {
    const raw = this.#parts.length === 1 && this.#parts[0] ? this.#parts[0] : Buffer.concat(this.#parts)
    const dropped = this.#dropped
    this.#parts = []
    this.#bytes = 0
    this.#dropped = 0
    for (let start = 0; start < raw.length; ) {
      const end = nextRun(raw, start)
      this.#line(raw.subarray(start, end), end === raw.length ? dropped : 0, lines)
      start = end
    }
  }

  #line(raw: Buffer, dropped: number, lines: LogLine[]): void {
    const space = raw.subarray(0, MAX_PREFIX_BYTES).indexOf(SPACE)
    const time = space < 0 ? undefined : normalizeTime(raw.toString('latin1', 0, space))
    if (time === undefined) throw new MalformedLogError('no-time', 'a line does not begin with a time')
    const pieces = splitPieces(raw, space + 1)
    this.pieces += pieces.length + Math.ceil(dropped / (PIECE_BYTES + space + 1))
    const body = pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)
    // Only here, as the border of two pieces may stand between `\r` and `\n`.
    const text = body.subarray(0, textEnd(body, 0, body.length))
    lines.push(this.#maker.fromBytes(time, this.#times.of(time), 'stdout', text, dropped > 0))
  }
}

const TIME_MARK = Buffer.from('Z ')

/**
 * Where in the row that has a line at `start` the line of another run begins: at a time of Docker's own form that is later
 * than the line's. What a program writes of the time is earlier than the time its line is given.
 */
function nextRun(raw: Buffer, start: number): number {
  const time = raw.toString('latin1', start, start + TIME_LENGTH)
  if (!isDockerTime(time)) return raw.length
  for (let at = start + TIME_LENGTH + 1; ; at++) {
    at = raw.indexOf(TIME_MARK, at)
    if (at < 0) return raw.length
    const begin = at + 1 - TIME_LENGTH
    if (begin <= start + TIME_LENGTH + 1) continue
    const other = raw.toString('latin1', begin, at + 1)
    if (other > time && isDockerTime(other)) return begin
  }
}

/** The text and line ending of each piece, without the `prefix` bytes of time that stand before it. */
function splitPieces(raw: Buffer, prefix: number): Buffer[] {
  const time = raw.subarray(0, prefix)
  const pieces: Buffer[] = []
  let start = prefix
  while (raw.subarray(start + PIECE_BYTES, start + PIECE_BYTES + prefix).equals(time)) {
    pieces.push(raw.subarray(start, start + PIECE_BYTES))
    start += PIECE_BYTES + prefix
  }
  pieces.push(raw.subarray(start))
  return pieces
}
