/** An answer of the engine's being read as lines, at the reader's pace. */
import type { IncomingMessage } from 'node:http'
import type { LogChunk } from '../logs/damage.ts'
import { type LineDecoder, MalformedLogError } from '../logs/decoder.ts'
import type { LogLine } from '../logs/line.ts'
import { Body } from './body.ts'
import { EngineError, type LogRead } from './engine.ts'
import type { Turn } from './turns.ts'

/** What waits for the reader before the socket is paused, and with it the engine. */
const HIGH_WATER_BYTES = 32 * 1024
/** What is decoded together of what waits, unless one read brought more: who reads by turns holds that while others have theirs. */
const DECODED_BYTES = 16 * 1024
/**
 * What has to come of a log for each time that a reader may wait, or all that is left of it: with 15 s about 1 KiB a second,
 * a twentieth of a bad mobile link. An engine that sends less could hold a reader without a limit.
 */
const LEAST_BYTES = 16 * 1024

export interface LogReadOptions {
  /**
   * Asked at the log's end: whether nobody writes to it. A last line without its newline is all there will be of it then;
   * else it is a beginning, and left for a read that finds it whole.
   */
  readonly isAtRest: () => boolean
  /** Asked at the end of a log without a line: throws an `EngineError` if it is not known to be one. */
  readonly confirmEmpty?: () => Promise<void>
  /**
   * How long the reader may wait for `LEAST_BYTES` in all before the read has failed; undefined for a follow, which may be
   * quiet. What the reader takes to ask for more does not count.
   */
  readonly stallMs?: number
  /** The turn that the read has, and how it gets the next one when that is over. */
  readonly turn?: { readonly first: Turn; readonly next: () => Promise<Turn> }
}

export class ResponseLogRead implements LogRead {
  readonly #response: IncomingMessage
  readonly #body: Body
  readonly #decoder: LineDecoder
  readonly #stallMs: number | undefined
  readonly #isAtRest: () => boolean
  readonly #confirmEmpty: (() => Promise<void>) | undefined
  readonly #takeTurn: (() => Promise<Turn>) | undefined
  #turn: Turn | undefined
  #chunks: Buffer[] = []
  #bytes = 0
  /** Since `LEAST_BYTES` came last: what came, and how long the reader waited for it, in milliseconds. */
  #progress = { bytes: 0, waitedMs: 0 }
  #outcome: 'ended' | EngineError | undefined
  #closed = false
  #wake: (() => void) | undefined

  constructor(response: IncomingMessage, decoder: LineDecoder, options: LogReadOptions) {
    this.#response = response
    this.#decoder = decoder
    this.#isAtRest = options.isAtRest
    this.#confirmEmpty = options.confirmEmpty
    this.#stallMs = options.stallMs
    this.#turn = options.turn?.first
    this.#takeTurn = options.turn?.next
    this.#body = new Body(response, this.#receive)
    response.on('end', () => this.#settle('ended'))
    response.on('error', (error) => this.#settle(asError(error)))
    response.on('close', () => this.#settle(new EngineError('cut', 'Docker closed the connection')))
  }

  get pieces(): number {
    return this.#decoder.pieces
  }

  get passed(): number {
    return this.#decoder.passed
  }

  close(): void {
    this.#closed = true
    this.#settle('ended')
    this.#turn?.give()
    this.#response.destroy()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LogChunk, void, void> {
    const { damage } = this.#decoder
    try {
      for (;;) {
        if (this.#takeTurn && this.#turn?.isOver && !this.#closed) this.#turn = await this.#takeTurn()
        if (this.#closed) return
        const bytes = this.#take()
        if (bytes) {
          const lines = this.#decoded(() => this.#decoder.push(bytes))
          this.#turn?.arrived()
          if (!damage.isEmpty) yield* damage.among(lines)
          else if (lines.length > 0) yield lines
        } else if (!damage.isEmpty) {
          const rest = damage.take()
          if (rest) yield rest
        } else if (this.#outcome === undefined) {
          await this.#arrival()
        } else {
          break
        }
      }
      if (this.#outcome !== 'ended') throw this.#outcome
      yield* await this.#last()
    } finally {
      this.close()
    }
  }

  /** What the answer's end completes. */
  async #last(): Promise<LogChunk[]> {
    const { damage } = this.#decoder
    const lines = this.#decoded(() => this.#decoder.end())
    if (this.#decoder.pieces === 0 && lines.length === 0 && damage.isEmpty) await this.#confirmEmpty?.()
    const chunks = damage.among(this.#isAtRest() ? lines : [])
    const rest = damage.take()
    return rest ? [...chunks, rest] : chunks
  }

  #decoded(decode: () => LogLine[]): LogLine[] {
    try {
      return decode()
    } catch (error) {
      if (!(error instanceof MalformedLogError)) throw error
      throw new EngineError('garbled', `Docker's answer is not a log: ${error.message}`, { cause: error })
    }
  }

  // Only collects: what one read of the socket brought is decoded together, as the reader wakes after it.
  #receive = (chunk: Buffer): void => {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    this.#progress.bytes += chunk.length
    if (this.#progress.bytes >= LEAST_BYTES) this.#progress = { bytes: 0, waitedMs: 0 }
    if (this.#bytes > HIGH_WATER_BYTES) this.#body.pause()
    if (this.#chunks.length === 1) this.#wake?.()
  }

  #take(): Buffer | undefined {
    let count = 0
    let bytes = 0
    for (const { length } of this.#chunks) {
      if (count > 0 && bytes + length > DECODED_BYTES) break
      count++
      bytes += length
    }
    if (count === 0) return undefined
    const chunks = this.#chunks.splice(0, count)
    this.#bytes -= bytes
    if (this.#bytes <= HIGH_WATER_BYTES) this.#body.resume()
    return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
  }

  async #arrival(): Promise<void> {
    const progress = this.#progress
    const began = performance.now()
    const timer =
      this.#stallMs !== undefined && setTimeout(() => this.#stall(), Math.max(0, this.#stallMs - progress.waitedMs))
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#wake = undefined
    if (timer) clearTimeout(timer)
    progress.waitedMs += performance.now() - began
  }

  #stall(): void {
    const seconds = Math.round((this.#stallMs ?? 0) / 1000)
    const { bytes } = this.#progress
    const amount = bytes === 0 ? 'nothing' : `only ${bytes} bytes`
    this.#settle(new EngineError('timeout', `Docker sent ${amount} of the log in ${seconds} s`))
    this.#response.destroy()
  }

  #settle(outcome: 'ended' | EngineError): void {
    this.#outcome ??= outcome
    this.#wake?.()
  }
}

function asError(error: Error & { cause?: unknown }): EngineError {
  const cause = error.name === 'AbortError' ? error.cause : undefined
  return cause instanceof EngineError ? cause : new EngineError('cut', `Docker's answer was cut: ${error.message}`)
}
