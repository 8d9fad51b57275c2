/** A read that looks where a log is damaged: its first line is known, and the others are read if they are needed. */
import { isLines, type LogChunk } from '../logs/damage.ts'
import type { LogLine } from '../logs/line.ts'
import { EngineError, type LogRead } from './engine.ts'

/** How long a follow that begins behind the damage may take to bring its first line; one that begins in it brings none. */
const FIRST_LINE_MS = 2_000

export class Probe {
  readonly read: LogRead
  /** Undefined if it has none. */
  first: LogLine | undefined
  /** Its lines were asked for, and do not come again. */
  isUsed = false
  /** It has no line, but bytes that are no log. */
  isGarbled = false
  readonly #iterator: AsyncIterator<LogChunk>
  readonly #begun: LogChunk[] = []

  private constructor(read: LogRead) {
    this.read = read
    this.#iterator = read[Symbol.asyncIterator]()
  }

  static async begin(read: LogRead, follow: boolean): Promise<Probe> {
    const probe = new Probe(read)
    const timer = follow && setTimeout(() => read.close(), FIRST_LINE_MS)
    try {
      while (!probe.first) {
        const next = await probe.#iterator.next()
        if (next.done) break
        probe.#begun.push(next.value)
        if (isLines(next.value)) probe.first = next.value[0]
      }
    } catch (error) {
      if (!isGarbled(error)) throw error
      probe.isGarbled = true
    } finally {
      if (timer) clearTimeout(timer)
    }
    return probe
  }

  /** Something before its first line could not be read. */
  get hasDamage(): boolean {
    return !this.#begun.every(isLines)
  }

  /** Whether it has lines, and nothing that could not be read. */
  async isWhole(): Promise<boolean> {
    let isWhole = this.first !== undefined && !this.hasDamage
    try {
      for await (const chunk of this.chunks()) isWhole &&= isLines(chunk)
    } catch (error) {
      if (!isGarbled(error)) throw error
      return false
    }
    return isWhole
  }

  close(): undefined {
    this.read.close()
    void this.#iterator.return?.()
  }

  /** From its first line on: what is damaged before that was the reason to look here. */
  async *chunks(): AsyncGenerator<LogChunk, void, void> {
    this.isUsed = true
    yield* this.#begun.filter(isLines)
    yield* { [Symbol.asyncIterator]: () => this.#iterator }
  }

  /** The same up to bytes that are no log. */
  async *readable(): AsyncGenerator<LogChunk, void, void> {
    try {
      yield* this.chunks()
    } catch (error) {
      if (!isGarbled(error)) throw error
    }
  }

  /** All of its lines. */
  async lines(): Promise<LogLine[]> {
    const all: LogLine[] = []
    for await (const chunk of this.readable()) if (isLines(chunk)) all.push(...chunk)
    return all
  }
}

export function isGarbled(error: unknown): error is EngineError {
  return error instanceof EngineError && error.code === 'garbled'
}

export function areSame(one: LogLine | undefined, other: LogLine | undefined): boolean {
  return one?.time === other?.time && one?.stream === other?.stream && one?.message === other?.message
}
