/**
 * Damages a log on its way through the fault proxy: between two of its lines there comes what no log should hold, or the
 * answer's end. Stream format: Engine API, "Attach to a container".
 */
import { Transform, type TransformCallback } from 'node:stream'

/** Where the damage is, and what is read there. */
export interface LogDamage {
  /**
   * After so many frames of each answer, or before the first line later than that time (RFC 3339, nine digits): an answer that
   * begins later is then whole, as a short tail is of a log that is damaged further back.
   */
  after: { frames: number } | { time: string }
  /** These bytes stand there. */
  send?: Buffer
  /** The answer ends there as if it were complete. */
  ends: boolean
}

const HEADER_BYTES = 8
const NEWLINE = 0x0a
const TIME_LENGTH = '2026-01-01T00:00:00.000000000Z'.length
/** stdin, stdout, stderr, and the engine's own errors: a TTY's log begins with none of these bytes. */
const MAX_KIND = 3

export class FrameDamage extends Transform {
  /** The answer ended here before it was complete. */
  hasEnded = false
  readonly #damage: LogDamage
  readonly #isHealed: () => boolean
  readonly #onEnd: () => void
  /** A frame that is not whole. */
  #rest = Buffer.alloc(0)
  #frames = 0
  /** A frame has come that is not later than the damage. */
  #beginsBefore = false
  /** Streams, by their numbers, of which a line has no end yet. */
  readonly #openLines = new Set<number>()
  /** Everything passes from now on. */
  #isOver = false

  /** `isHealed`: asked before each frame; `onEnd`: called when the answer has to end. */
  constructor(damage: LogDamage, isHealed: () => boolean, onEnd: () => void) {
    super()
    this.#damage = damage
    this.#isHealed = isHealed
    this.#onEnd = onEnd
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const bytes = Buffer.concat([this.#rest, chunk])
    let at = 0
    for (let end = this.#frameEnd(bytes, at); end !== undefined; end = this.#frameEnd(bytes, at)) {
      this.#frame(bytes.subarray(at, end))
      at = end
    }
    this.#rest = bytes.subarray(at)
    if (this.#isOver) this.#passRest()
    done()
  }

  override _flush(done: TransformCallback): void {
    this.#passRest()
    done()
  }

  #passRest(): void {
    if (this.#rest.length > 0 && !this.hasEnded) this.push(this.#rest)
    this.#rest = Buffer.alloc(0)
  }

  /** Where the frame ends that begins there; undefined where it is not whole, or nothing is to be found any more. */
  #frameEnd(bytes: Buffer, at: number): number | undefined {
    if (bytes.length > at && (bytes[at] ?? 0) > MAX_KIND) this.#isOver = true
    if (this.#isOver || bytes.length < at + HEADER_BYTES) return undefined
    const end = at + HEADER_BYTES + bytes.readUInt32BE(at + 4)
    return end <= bytes.length ? end : undefined
  }

  #frame(frame: Buffer): void {
    const isBorder = this.#openLines.size === 0
    if (this.#isHealed()) this.#isOver = true
    else if (isBorder && this.#isDamagedBefore(frame)) this.#spoil()
    if (this.hasEnded) return
    const stream = frame[0] ?? 0
    if (frame.at(-1) === NEWLINE) this.#openLines.delete(stream)
    else this.#openLines.add(stream)
    this.#frames++
    this.push(frame)
  }

  #isDamagedBefore(frame: Buffer): boolean {
    const { after } = this.#damage
    if ('frames' in after) return this.#frames >= after.frames
    const isLater = frame.toString('latin1', HEADER_BYTES, HEADER_BYTES + TIME_LENGTH) > after.time
    this.#beginsBefore ||= !isLater
    return isLater && this.#beginsBefore
  }

  #spoil(): void {
    const { send, ends } = this.#damage
    this.#isOver = true
    if (send) this.push(send)
    if (!ends) return
    this.hasEnded = true
    this.#onEnd()
  }
}
