/**
 * The multiplexed form: frames of an 8-byte header (stream, three zeros, payload size as a big-endian uint32) and a
 * payload `<time> <text>\n`. A line over 16 KiB comes as pieces without a final newline, each repeating the line's time;
 * pieces of stdout and stderr interleave. Only a container's end leaves a shorter piece without a newline (moby:
 * daemon/logger/copier.go). Source: Engine API, "Attach to a container", stream format.
 */
import type { Stream } from '../wire.ts'
import { isAscii } from './ascii.ts'
import { type LineDecoder, LineMaker, MalformedLogError, PIECE_BYTES, textEnd } from './decoder.ts'
import { type LogLine, MAX_LINE_BYTES } from './line.ts'
import { normalizeTime, TIME_LENGTH, TimeReader } from './time.ts'

const HEADER_BYTES = 8
const ENDING_BYTES = 2 // `\r\n`, kept with a line's parts until they are put together
const NEWLINE = 0x0a
const SPACE = 0x20

/** What is kept of one frame: Docker's hold 16 KiB, Podman's a whole line. The rest of a larger one is passed over. */
const MAX_FRAME_BYTES = MAX_LINE_BYTES + 64

/** A line whose newline has not come yet. */
interface Unfinished {
  time: string
  parts: Buffer[]
  bytes: number
  truncated: boolean
}

export interface MultiplexedOptions {
  /** A piece of less text, without a newline, is the last of its line: the container ended there. */
  readonly pieceBytes?: number
  /** Whether a line that is wanted may be in a text of many. Where none is, plain ones are passed over, but for the last. */
  readonly mayHaveWanted?: ((text: string) => boolean) | undefined
}

export class MultiplexedDecoder implements LineDecoder {
  pieces = 0
  passed = 0
  readonly #maker = new LineMaker()
  readonly #times = new TimeReader()
  readonly #unfinished: Record<Stream, Unfinished | undefined> = { stdout: undefined, stderr: undefined }
  /** The beginning of a frame whose end has not come. Recopied with each chunk: at most 64 KiB. */
  #carried: Buffer | undefined
  #passOver = 0
  /** No line of the chunk that is being decoded has to be looked at for other characters than ASCII. */
  #isAscii = false
  readonly #pieceBytes: number
  readonly #mayHaveWanted: ((text: string) => boolean) | undefined
  /** The streams of which a line was made. */
  readonly #met = { stdout: false, stderr: false }

  constructor({ pieceBytes = PIECE_BYTES, mayHaveWanted }: MultiplexedOptions = {}) {
    this.#pieceBytes = pieceBytes
    this.#mayHaveWanted = mayHaveWanted
  }

  push(chunk: Buffer): LogLine[] {
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
      checkHeader(data, at)
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
    if (this.#carried || this.#passOver > 0) throw new MalformedLogError('bad-frame', 'the log ended inside a frame')
    // Of two unfinished lines the earlier began first; Docker tells no more than that.
    const streams: Stream[] = ['stdout', 'stderr']
    const timeOf = (stream: Stream) => this.#unfinished[stream]?.time ?? ''
    streams.sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1))
    for (const stream of streams) this.#finish(stream, lines)
    return lines
  }

  #frame(data: Buffer, text: string, header: number, start: number, end: number, cut: boolean, lines: LogLine[]): void {
    const kind = data[header]
    if (kind === 3) throw new MalformedLogError('engine-error', text.substring(start, Math.min(end, start + 200)))
    if (start === end) return // nothing, said with a header
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
      checkHeader(data, at)
      const stream = streamOf(data[at])
      if (data[at] === 3 || !this.#met[stream] || !this.#isPlain(stream, data, start, end)) return at
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
    const time = space < 0 || space > end ? undefined : normalizeTime(text.substring(start, space))
    if (time === undefined) throw new MalformedLogError('no-time', 'a frame does not begin with a time')

    if (this.#unfinished[stream] && this.#unfinished[stream].time !== time) this.#finish(stream, lines)
    const whole = cut || data[end - 1] === NEWLINE || end - space - 1 < this.#pieceBytes
    const unfinished = this.#unfinished[stream]
    if (whole && !unfinished) {
      const body = data.subarray(space + 1, textEnd(data, space + 1, end))
      lines.push(this.#maker.fromBytes(time, this.#times.of(time), stream, body, cut))
      return
    }
    const line = unfinished ?? { time, parts: [], bytes: 0, truncated: false }
    this.#unfinished[stream] = line
    append(line, data.subarray(space + 1, end))
    if (cut) line.truncated = true
    if (whole) this.#finish(stream, lines)
  }

  #finish(stream: Stream, lines: LogLine[]): void {
    const line = this.#unfinished[stream]
    if (!line) return
    this.#unfinished[stream] = undefined
    const bytes = Buffer.concat(line.parts)
    // Only here, as the border of two pieces may stand between `\r` and `\n`.
    const text = bytes.subarray(0, textEnd(bytes, 0, bytes.length))
    lines.push(this.#maker.fromBytes(line.time, this.#times.of(line.time), stream, text, line.truncated))
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

/** Keeps what fits under the bound; copies, since a slice would keep its whole chunk alive. */
function append(line: Unfinished, body: Buffer): void {
  const room = MAX_LINE_BYTES + ENDING_BYTES - line.bytes
  if (body.length > room) line.truncated = true
  if (room <= 0 || body.length === 0) return
  const part = Buffer.from(body.subarray(0, room))
  line.parts.push(part)
  line.bytes += part.length
}

/** At once, before the payload: a size made of garbage would be waited for in vain. */
function checkHeader(data: Buffer, at: number): void {
  const kind = data[at] ?? 0
  const zeros = data[at + 1] === 0 && data[at + 2] === 0 && data[at + 3] === 0
  if (!zeros || kind < 1 || kind > 3) throw new MalformedLogError('bad-frame', `no frame begins with byte ${kind}`)
}
