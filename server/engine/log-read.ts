/** An answer of the engine's being read as lines, at the reader's pace. */
import type { IncomingMessage } from 'node:http'
import type { LineDecoder } from '../logs/decoder.ts'
import type { LogLine } from '../logs/line.ts'
import { Body } from './body.ts'
import { EngineError, type LogRead } from './engine.ts'
import type { Turn } from './turns.ts'

/** What waits for the reader before the socket is paused, and with it the engine. */
const HIGH_WATER_BYTES = 32 * 1024
/** What is decoded together of what waits, unless one read brought more: who reads by turns holds that while others have theirs. */
const DECODED_BYTES = 16 * 1024

export interface LogReadOptions {
  /**
   * Asked at the log's end: whether nobody writes to it. A last line without its newline is all there will be of it then;
   * else it is a beginning, and left for a read that finds it whole.
   */
  readonly isAtRest: () => boolean
  /** Asked at the end of a log without a line: throws an `EngineError` if it is not known to be one. */
  readonly confirmEmpty?: () => Promise<void>
  /** How long nothing may come before the read has failed; undefined for a follow, which may be quiet. */
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
    response.on('close', () => this.#settle(new EngineError('cut', 'the engine closed the connection')))
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

  async *[Symbol.asyncIterator](): AsyncGenerator<LogLine[], void, void> {
    try {
      for (;;) {
        if (this.#takeTurn && this.#turn?.isOver && !this.#closed) this.#turn = await this.#takeTurn()
        if (this.#closed) return
        const chunk = this.#take()
        if (chunk) {
          const lines = this.#decoder.push(chunk)
          this.#turn?.arrived()
          if (lines.length > 0) yield lines
        } else if (this.#outcome === undefined) {
          await this.#arrival()
        } else {
          break
        }
      }
      if (this.#outcome !== 'ended') throw this.#outcome
      const last = this.#decoder.end()
      if (this.#decoder.pieces === 0 && last.length === 0) await this.#confirmEmpty?.()
      if (last.length > 0 && this.#isAtRest()) yield last
    } finally {
      this.close()
    }
  }

  // Only collects: what one read of the socket brought is decoded together, as the reader wakes after it.
  #receive = (chunk: Buffer): void => {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
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
    const timer =
      this.#stallMs &&
      setTimeout(() => {
        this.#settle(new EngineError('timeout', 'the engine stopped in the middle of a log'))
        this.#response.destroy()
      }, this.#stallMs)
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#wake = undefined
    clearTimeout(timer)
  }

  #settle(outcome: 'ended' | EngineError): void {
    this.#outcome ??= outcome
    this.#wake?.()
  }
}

function asError(error: Error & { cause?: unknown }): EngineError {
  const cause = error.name === 'AbortError' ? error.cause : undefined
  return cause instanceof EngineError ? cause : new EngineError('cut', `the engine's answer was cut: ${error.message}`)
}
