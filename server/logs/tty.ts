/**
 * The raw form, of containers with a TTY: no frames, everything stdout, `<time> <text>\r\n`. A line over 16 KiB repeats
 * its time in the middle of the text after each 16 KiB, with nothing to tell it from text but its place and its value.
 */
import { type LineDecoder, LineMaker, MalformedLogError, PIECE_BYTES, textEnd } from './decoder.ts'
import { type LogLine, MAX_LINE_BYTES } from './line.ts'
import { normalizeTime } from './time.ts'

const NEWLINE = 0x0a
const SPACE = 0x20

/** No engine prints a longer time with its space: `2006-01-02T15:04:05.000000000+07:00 `. */
const MAX_PREFIX_BYTES = 36
const MAX_RAW_BYTES = MAX_LINE_BYTES + (MAX_LINE_BYTES / PIECE_BYTES + 1) * MAX_PREFIX_BYTES + 2

export class TtyDecoder implements LineDecoder {
  pieces = 0
  readonly #maker = new LineMaker()
  /** The line whose newline has not come: at most `MAX_RAW_BYTES` of it. */
  #parts: Buffer[] = []
  #bytes = 0
  #dropped = 0

  push(chunk: Buffer): LogLine[] {
    const lines: LogLine[] = []
    let at = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, at)) {
      this.#append(chunk.subarray(at, end + 1))
      lines.push(this.#finish())
      at = end + 1
    }
    if (at < chunk.length) this.#append(Buffer.from(chunk.subarray(at)))
    return lines
  }

  end(): LogLine[] {
    return this.#bytes > 0 ? [this.#finish()] : []
  }

  #append(part: Buffer): void {
    const kept = part.subarray(0, MAX_RAW_BYTES - this.#bytes)
    this.#dropped += part.length - kept.length
    this.#bytes += kept.length
    if (kept.length > 0) this.#parts.push(kept)
  }

  #finish(): LogLine {
    const raw = this.#parts.length === 1 && this.#parts[0] ? this.#parts[0] : Buffer.concat(this.#parts)
    const dropped = this.#dropped
    this.#parts = []
    this.#bytes = 0
    this.#dropped = 0
    const space = raw.subarray(0, MAX_PREFIX_BYTES).indexOf(SPACE)
    const time = space < 0 ? undefined : normalizeTime(raw.toString('latin1', 0, space))
    if (time === undefined) throw new MalformedLogError('no-time', 'a line does not begin with a time')
    const pieces = splitPieces(raw, space + 1)
    this.pieces += pieces.length + Math.ceil(dropped / (PIECE_BYTES + space + 1))
    const body = pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)
    // Only here, as the border of two pieces may stand between `\r` and `\n`.
    return this.#maker.fromBytes(time, 'stdout', body.subarray(0, textEnd(body, 0, body.length)), dropped > 0)
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
