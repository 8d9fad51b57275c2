/** What an answer's body passes on its way through the fault proxy: it can stop, go on, come in crumbs, or end too early. */
import { Transform, type TransformCallback } from 'node:stream'

export interface GateOptions {
  /** Bytes that pass; what follows is thrown away, or with `freeze` waits for ever. */
  limit?: number
  freeze?: boolean
  /** Told once, when the limit is reached. */
  onLimit?: () => void
  /** Pieces of at most so many bytes, at most one each `ms`. */
  trickle?: { bytes: number; ms: number }
}

const NEWLINE = 0x0a

/** Small, so that a stalled answer holds the engine back as a stalled network would. */
const HELD_BYTES = 16 * 1024

export class Gate extends Transform {
  /** Bytes that have passed. */
  passed = 0
  readonly #options: GateOptions
  #limited = false
  #open: Promise<void> | undefined
  #resume: (() => void) | undefined
  /** What passed last did not end its line. */
  #isInLine = false
  #inserted: Buffer[] = []

  constructor(options: GateOptions = {}) {
    super({ readableHighWaterMark: HELD_BYTES, writableHighWaterMark: HELD_BYTES })
    this.#options = options
  }

  /** Whether it reached its limit, and nothing will ever pass again. */
  get frozen(): boolean {
    return this.#limited && this.#options.freeze === true
  }

  /** From the next piece on nothing passes, and what comes in waits. */
  stall(): void {
    this.#open ??= new Promise((resolve) => {
      this.#resume = resolve
    })
  }

  unstall(): void {
    if (this.frozen && !this.destroyed) return
    this.#resume?.()
    this.#open = undefined
    this.#resume = undefined
    this.#passInserted()
  }

  /** These bytes pass too, at the next border of two lines. */
  insert(bytes: Buffer): void {
    this.#inserted.push(bytes)
    this.#passInserted()
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#pass(chunk).then(() => done(), done)
  }

  /** Also the end waits while it is stalled. */
  override _flush(done: TransformCallback): void {
    this.#opened().then(() => done(), done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.unstall()
    done(error)
  }

  async #pass(chunk: Buffer): Promise<void> {
    const { limit = Number.POSITIVE_INFINITY, trickle } = this.#options
    const size = trickle?.bytes ?? chunk.length
    for (let at = 0; at < chunk.length; at += size) {
      if (this.#open !== undefined) await this.#opened()
      if (this.destroyed || this.#limited) return
      const piece = chunk.subarray(at, Math.min(at + size, at + limit - this.passed))
      this.passed += piece.length
      if (piece.length > 0) {
        this.push(piece)
        this.#isInLine = piece.at(-1) !== NEWLINE
        this.#passInserted()
      }
      if (this.passed >= limit) this.#reachLimit()
      if (trickle) await wait(trickle.ms)
    }
  }

  #passInserted(): void {
    if (this.#isInLine || this.#open !== undefined || this.writableEnded || this.destroyed) return
    for (const bytes of this.#inserted.splice(0)) this.push(bytes)
  }

  #reachLimit(): void {
    this.#limited = true
    if (this.#options.freeze) this.stall()
    this.#options.onLimit?.()
  }

  async #opened(): Promise<void> {
    while (this.#open !== undefined) await this.#open
  }
}

/** Of 0 ms too: what was pushed is then read, and sent, before anything else is. */
function wait(ms: number): Promise<void> {
  return new Promise((resolve) => (ms === 0 ? setImmediate(resolve) : setTimeout(resolve, ms)))
}
