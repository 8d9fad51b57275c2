/**
 * Bytes of a log read to lines. Two forms exist, and the container's TTY setting says which one an engine sends:
 * `MultiplexedDecoder` (frames) and `TtyDecoder` (raw). Both are pure, take chunks cut anywhere, and hold no more than
 * one frame and `MAX_LINE_BYTES` a stream.
 */
import type { Stream } from '../wire.ts'
import { Ordinals } from './cursor.ts'
import type { DamageCollector } from './damage.ts'
import { detectLevel } from './levels/detect.ts'
import { type LogLine, MAX_LINE_BYTES } from './line.ts'
import type { Instant } from './time.ts'

export interface LineDecoder {
  /**
   * Lines completed by `chunk`. Throws `MalformedLogError` once the lines before it are out; the decoder is of no use
   * afterwards.
   */
  push(chunk: Buffer): LogLine[]
  /** Lines that the log's end completes: those without a final newline. Throws `MalformedLogError`. */
  end(): LogLine[]
  /** What was found beside the lines of the last `push` or `end`. */
  readonly damage: DamageCollector
  /** How many pieces came so far, as `tail=` counts them: a line over 16 KiB is several. */
  readonly pieces: number
  /** How many lines were passed over so far, as none of them was wanted. */
  readonly passed: number
}

/** The engine sent bytes that are no log, or no whole one: nothing tells where the next line would begin. */
export class MalformedLogError extends Error {
  override readonly name = 'MalformedLogError'
}

/** Docker's log copier cuts lines into pieces of this size (moby: daemon/logger/copier.go). */
export const PIECE_BYTES = 16 * 1024

const NEWLINE = 0x0a
const RETURN = 0x0d

/**
 * Makes lines of decoded parts: text, level and ordinal. One for each read, since ordinals count within it. Of each line it
 * is told the time as it is written and, `at`, as an instant.
 */
export class LineMaker {
  readonly #ordinals = new Ordinals()

  fromText(time: string, at: Instant, stream: Stream, message: string): LogLine {
    return this.#line(time, at, stream, message, false)
  }

  /** Counts a line that nobody wants: there may be others of its time. */
  pass(at: Instant): void {
    this.#ordinals.next(at)
  }

  /** Invalid UTF-8 becomes U+FFFD here, once for everybody. */
  fromBytes(time: string, at: Instant, stream: Stream, bytes: Buffer, truncated: boolean): LogLine {
    const text = truncated || bytes.length > MAX_LINE_BYTES ? cut(bytes) : bytes
    return this.#line(time, at, stream, text.toString('utf8'), truncated || text !== bytes)
  }

  #line(time: string, at: Instant, stream: Stream, message: string, truncated: boolean): LogLine {
    return { time, ordinal: this.#ordinals.next(at), stream, level: detectLevel(message), message, truncated }
  }
}

/** The first `MAX_LINE_BYTES`, less what would be the beginning of a character. */
function cut(bytes: Buffer): Buffer {
  let end = Math.min(bytes.length, MAX_LINE_BYTES)
  const start = lastCharacterStart(bytes, end)
  const lead = bytes[start] ?? 0
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1
  if (start + length > end) end = start
  return bytes.subarray(0, end)
}

function lastCharacterStart(bytes: Buffer, end: number): number {
  let start = end - 1
  while (start > 0 && start > end - 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--
  return Math.max(start, 0)
}

/** Where the text ends: before its `\n` or `\r\n`. */
export function textEnd(bytes: Buffer, start: number, end: number): number {
  if (end > start && bytes[end - 1] === NEWLINE) end--
  else return end
  return end > start && bytes[end - 1] === RETURN ? end - 1 : end
}
