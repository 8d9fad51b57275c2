/**
 * The multiplexed form: frames of an 8-byte header (stream, three zeros, payload size as a big-endian uint32) and a
 * payload `<time> <text>\n`. A line over 16 KiB comes as pieces without a final newline, each repeating the line's time;
 * pieces of stdout and stderr interleave. Only a container's end leaves a shorter piece without a newline (moby:
 * daemon/logger/copier.go). Source: Engine API, "Attach to a container", stream format.
 */
import type { Stream } from '../wire.ts'
import { isAscii } from './ascii.ts'
import { DamageCollector } from './damage.ts'
import { type LineDecoder, LineMaker, MalformedLogError, PIECE_BYTES, textEnd } from './decoder.ts'
import { type LogLine, MAX_LINE_BYTES } from './line.ts'
import { normalizeTime, TIME_LENGTH, TimeReader } from './time.ts'

const HEADER_BYTES = 8
const ENDING_BYTES = 2 // `\r\n`, kept with a line's parts until they are put together
/** The kind of a frame in which the engine says what went wrong (moby: pkg/stdcopy, `Systemerr`). */
const ENGINE_ERROR = 3
const NEWLINE = 0x0a
const SPACE = 0x20

/** What is kept of one frame: Docker's hold 16 KiB, Podman's a whole line. The rest of a larger one is passed over. */
const MAX_FRAME_BYTES = MAX_LINE_BYTES + 64

/** How much of a payload without a time is looked at: it is quoted, and not at any length. */
const QUOTED_BYTES = 1_024

/** A line whose newline has not come yet. */
interface Unfinished {
  time: string
  parts: Buffer[]
  bytes: number
  /** What is shown of it is out already; the rest, up to its end, is passed over. */
  isOut: boolean
}

export interface MultiplexedOptions {
  /**
   * Only a newline ends a line. So it is with Podman, whose conmon cuts pieces anywhere and gives each a time of its own
   * (containers/conmon: src/ctr_logging.c).
   */
  readonly endsWithNewlineOnly?: boolean
  /** A piece of less text, without a newline, is the last of its line: the container ended there. */
  readonly pieceBytes?: number
  /** Whether a line that is wanted may be in a text of many. Where none is, plain ones are passed over, but for the last. */
  readonly mayHaveWanted?: ((text: string) => boolean) | undefined
}

export class MultiplexedDecoder implements LineDecoder {
  pieces = 0
  passed = 0
  readonly damage = new DamageCollector()
  readonly #maker = new LineMaker()
  readonly #times = new TimeReader()
  readonly #unfinished: Record<Stream, Unfinished | undefined> = { stdout: undefined, stderr: undefined }
  /** The beginning of a frame whose end has not come. Recopied with each chunk: at most 64 KiB. */
  #carried: Buffer | undefined
  #passOver = 0
  /** No line of the chunk that is being decoded has to be looked at for other characters than ASCII. */
  #isAscii = false
  readonly #pieceBytes: number
  readonly #endsWithNewlineOnly: boolean
  /** Bytes that are no frame have come. */
  #failure: MalformedLogError | undefined
  readonly #mayHaveWanted: ((text: string) => boolean) | undefined
  /** The streams of which a line was made. */
  readonly #met = { stdout: false, stderr: false }

  constructor({ pieceBytes = PIECE_BYTES, endsWithNewlineOnly = false, mayHaveWanted }: MultiplexedOptions = {}) {
    this.#pieceBytes = endsWithNewlineOnly ? 0 : pieceBytes
    this.#endsWithNewlineOnly = endsWithNewlineOnly
    this.#mayHaveWanted = mayHaveWanted
  }

  push(chunk: Buffer): LogLine[] {
    if (this.#failure) throw this.#failure
    const data = this.#carried ? Buffer.concat([this.#carried, chunk]) : chunk
    this.#carried = undefined
    const lines: LogLine[] = []
    // One latin1 copy a chunk: an ASCII line is then a slice of it, which costs a tenth of decoding each line.
    const text = data.toString('latin1')
    let at = Math.min(this.#passOver, data.length)
    this.#passOver -= at
    this.#isAscii = charactersBeyondAscii(text) === headerBytesBeyondAscii(data, at)
    if (this.#isAscii && this.#mayHaveWanted?.(text) === false) at = this.#passUnwanted(data, at)
    while (at + HEADER_BYTES <= data.length) {
      if (!isHeader(data, at)) return this.#fail(data, at, lines)
      const size = sizeAt(data, at)
      const start = at + HEADER_BYTES
      const kept = Math.min(size, MAX_FRAME_BYTES)
      if (start + kept > data.length) break
      this.#frame(data, text, at, start, start + kept, size > kept, lines)
      at = start + size
    }
    if (at < data.length) this.#carried = at === 0 ? data : data.subarray(at)
    else this.#passOver += at - data.length
    return lines
  }

  end(): LogLine[] {
    const lines: LogLine[] = []
    if (this.#failure) throw this.#failure
    if (this.#carried || this.#passOver > 0) throw new MalformedLogError('the log ended inside a frame')
    // Of two unfinished lines the earlier began first; Docker tells no more than that.
    const streams: Stream[] = ['stdout', 'stderr']
    const timeOf = (stream: Stream) => this.#unfinished[stream]?.time ?? ''
    streams.sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1))
    for (const stream of streams) this.#finish(stream, lines)
    return lines
  }

  /** Lines that came before bytes that are no frame are given first. */
  #fail(data: Buffer, at: number, lines: LogLine[]): LogLine[] {
    this.#failure = new MalformedLogError(
      `no frame begins with the bytes ${data.toString('hex', at, at + HEADER_BYTES)}`,
    )
    if (lines.length === 0 && this.damage.isEmpty) throw this.#failure
    return lines
  }

  #frame(data: Buffer, text: string, header: number, start: number, end: number, cut: boolean, lines: LogLine[]): void {
    const kind = data[header]
    if (start === end) return // nothing, said with a header
    if (kind === ENGINE_ERROR) {
      this.#damaged(data, start, end, lines)
      return
    }
    const stream = streamOf(kind)
    this.pieces++
    this.#met[stream] = true
    if (cut || !this.#isPlain(stream, data, start, end)) {
      this.#piece(stream, data, text, start, end, cut, lines)
      return
    }
    const space = start + TIME_LENGTH
    const time = text.substring(start, space)
    const [from, to] = [space + 1, textEnd(data, space + 1, end)]
    const message = text.substring(from, to)
    const isText = this.#isAscii || isAscii(message)
    lines.push(
      isText
        ? this.#maker.fromText(time, this.#times, stream, message)
        : this.#maker.fromBytes(time, this.#times, stream, data.subarray(from, to), false),
    )
  }

  /** Passes over whole lines from `at` on, up to the last frame or one that is not as usual. Returns where that is. */
  #passUnwanted(data: Buffer, at: number): number {
    for (;;) {
      const start = at + HEADER_BYTES
      if (start > data.length) return at
      const end = start + sizeAt(data, at)
      if (end + HEADER_BYTES > data.length || end + HEADER_BYTES + sizeAt(data, end) > data.length) return at
      if (!isHeader(data, at)) return at
      const stream = streamOf(data[at])
      if (data[at] === ENGINE_ERROR || !this.#met[stream] || !this.#isPlain(stream, data, start, end)) return at
      this.#maker.pass(this.#times)
      this.pieces++
      this.passed++
      at = end
    }
  }

  /** Whether the payload is one line, with a time of Docker's own form: it is then read. */
  #isPlain(stream: Stream, data: Buffer, start: number, end: number): boolean {
    const space = start + TIME_LENGTH
    return (
      this.#unfinished[stream] === undefined &&
      data[end - 1] === NEWLINE &&
      data[space] === SPACE &&
      space < end &&
      end - space <= MAX_LINE_BYTES &&
      this.#times.read(data, start)
    )
  }

  /** The general case: pieces, other times than Docker's own form. */
  #piece(stream: Stream, data: Buffer, text: string, start: number, end: number, cut: boolean, lines: LogLine[]): void {
    const space = text.indexOf(' ', start)
    const time = space < 0 || space >= end ? undefined : normalizeTime(text.substring(start, space))
    if (time === undefined) {
      this.#damaged(data, start, end, lines)
      return
    }

    const begun = this.#unfinished[stream]
    if (begun && begun.time !== time && !this.#endsWithNewlineOnly) this.#finish(stream, lines)
    const whole = cut || data[end - 1] === NEWLINE || end - space - 1 < this.#pieceBytes
    const unfinished = this.#unfinished[stream]
    if (whole && !unfinished) {
      const body = data.subarray(space + 1, textEnd(data, space + 1, end))
      lines.push(this.#maker.fromBytes(time, this.#times.of(time), stream, body, cut))
      return
    }
    const line = unfinished ?? { time, parts: [], bytes: 0, isOut: false }
    this.#unfinished[stream] = line
    const isAll = append(line, data.subarray(space + 1, end)) && !cut
    if (!isAll && !line.isOut) this.#show(stream, line, true, lines)
    if (whole) this.#finish(stream, lines)
  }

  #damaged(data: Buffer, start: number, end: number, lines: readonly LogLine[]): void {
    const text = data.toString('utf8', start, Math.min(end, start + QUOTED_BYTES))
    this.damage.add(lines.length, text, data[start - HEADER_BYTES] === ENGINE_ERROR)
  }

  #finish(stream: Stream, lines: LogLine[]): void {
    const line = this.#unfinished[stream]
    if (!line) return
    this.#unfinished[stream] = undefined
    if (!line.isOut) this.#show(stream, line, false, lines)
  }

  #show(stream: Stream, line: Unfinished, truncated: boolean, lines: LogLine[]): void {
    const bytes = Buffer.concat(line.parts)
    // Only here, as the border of two pieces may stand between `\r` and `\n`.
    const text = bytes.subarray(0, textEnd(bytes, 0, bytes.length))
    lines.push(this.#maker.fromBytes(line.time, this.#times.of(line.time), stream, text, truncated))
    line.isOut = true
    line.parts = []
  }
}

function streamOf(kind: number | undefined): Stream {
  return kind === 2 ? 'stderr' : 'stdout'
}

function sizeAt(data: Buffer, header: number): number {
  return data.readUInt32BE(header + 4)
}

function charactersBeyondAscii(latin1: string): number {
  return Buffer.byteLength(latin1) - latin1.length // each has two bytes in UTF-8
}

/** Of the sizes in the headers from `at` on: of 128 bytes and more, they have such. */
function headerBytesBeyondAscii(data: Buffer, at: number): number {
  let count = 0
  while (at + HEADER_BYTES <= data.length) {
    for (let i = at + 4; i < at + HEADER_BYTES; i++) if ((data[i] ?? 0) > 0x7f) count++
    at += HEADER_BYTES + sizeAt(data, at)
  }
  return count
}

/** Keeps what fits under the bound; copies, since a slice would keep its whole chunk alive. Whether all of it did. */
function append(line: Unfinished, body: Buffer): boolean {
  const room = MAX_LINE_BYTES + ENDING_BYTES - line.bytes
  if (room > 0 && body.length > 0) {
    const part = Buffer.from(body.subarray(0, room))
    line.parts.push(part)
    line.bytes += part.length
  }
  return body.length <= room
}

/** At once, before the payload: a size made of garbage would be waited for in vain. */
function isHeader(data: Buffer, at: number): boolean {
  const kind = data[at] ?? 0
  const zeros = data[at + 1] === 0 && data[at + 2] === 0 && data[at + 3] === 0
  return zeros && kind >= 1 && kind <= ENGINE_ERROR
}
