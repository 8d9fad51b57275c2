/**
 * Filters the lines of one log as they are read in order, entry by entry: from whatever line the read begins at, each line
 * passes as it does in a read of the whole log. What the first lines continue is looked up only where their form says that
 * they may continue something.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { BackOff } from '../engine/back-off.ts'
import { type Engine, EngineError, type EngineErrorCode } from '../engine/engine.ts'
import { cursorOf, incarnationOf } from '../logs/cursor.ts'
import { admitsIn, type LineFilter } from '../logs/entry-filter.ts'
import { EntryHeads, type Head, REACH } from '../logs/entry-heads.ts'
import type { Verdict } from '../logs/filter.ts'
import type { LogLine } from '../logs/line.ts'
import { filtering } from './filtering.ts'
import { readPage } from './page.ts'
import type { Entry, Ring } from './ring.ts'

/** The last `REACH` lines before a line, or all there are. */
export type Past = (incarnation: string, line: LogLine) => readonly LogLine[] | Promise<readonly LogLine[]>

/** Reads that a stream tries, and how long it waits for them in all: after that what its first lines continue is not known. */
const TRIES = 4
const WAIT_MS = 5_000
const WORTH_A_TRY: ReadonlySet<EngineErrorCode> = new Set(['unreachable', 'timeout', 'cut'])

export class EntryFiltering {
  readonly #filter: LineFilter
  readonly #past: Past
  #heads = new EntryHeads()
  #incarnation = ''

  constructor(filter: LineFilter, past: Past) {
    this.#filter = filter
    this.#past = past
  }

  /** What comes next does not come just after what came before. */
  reset(): void {
    this.#heads = new EntryHeads()
  }

  /** As `reset`, if lines are missing there. Where a log is damaged they stay in order. */
  meet(entry: Entry): void {
    if (entry.kind === 'gap' && entry.event.reason !== 'damaged') this.reset()
  }

  /** To be called, and awaited if it is a promise, before the lines are judged. */
  prepare(incarnation: string, lines: readonly LogLine[]): Promise<void> | undefined {
    if (incarnation !== this.#incarnation) this.reset()
    this.#incarnation = incarnation
    const heads = this.#heads
    const [first] = lines
    if (!first || !firstOfStreams(lines).some((line) => heads.isUnsure(line))) return undefined
    const past = this.#past(incarnation, first)
    if (past instanceof Promise) return past.then((before) => this.#prime(before))
    this.#prime(past)
    return undefined
  }

  /** The head of the next line's entry. */
  headOf(line: LogLine): Head {
    return this.#heads.next(line)
  }

  /** Whether the next line passes. */
  admits(line: LogLine): Verdict {
    return admitsIn(this.#filter, line, this.#heads.next(line))
  }

  /** Those of the next lines that pass. Of lines that are not wanted nothing is looked at but what they continue. */
  async filter(
    incarnation: string,
    lines: readonly LogLine[],
    isWanted: (line: LogLine) => boolean = () => true,
  ): Promise<LogLine[]> {
    await this.prepare(incarnation, lines)
    const passed = await filtering.filter(lines, (line) => {
      const head = this.#heads.next(line)
      return isWanted(line) && admitsIn(this.#filter, line, head)
    })
    this.settle()
    return passed
  }

  /** To be called before a wait for more lines. */
  settle(): void {
    this.#heads.settle()
  }

  #prime(before: readonly LogLine[]): void {
    this.reset()
    for (const line of before) this.#heads.next(line)
  }
}

function firstOfStreams(lines: readonly LogLine[]): LogLine[] {
  const [first] = lines
  if (!first) return []
  const other = lines.find(({ stream }, index) => index < REACH && stream !== first.stream)
  return other ? [first, other] : [first]
}

/** Throws `EngineError`. */
export function pastFrom(engine: Engine, signal: AbortSignal): Past {
  return async (incarnation, line) => {
    const container = engine.containers().find(({ id }) => incarnationOf(id) === incarnation)
    if (!container) return []
    const place = { before: cursorOf(incarnation, line) }
    const page = await readPage(engine, container.id, place, { before: REACH, after: 0 }, signal)
    return page.gap ? [] : page.lines
  }
}

/** From the ring where that has them. Never rejects: lines that the engine does not give in time are left out. */
export function pastOfStream(ring: Ring, engine: Engine, signal: AbortSignal, waitMs = WAIT_MS): Past {
  const patiently = async (incarnation: string, line: LogLine) => {
    const late = AbortSignal.any([signal, AbortSignal.timeout(waitMs)])
    const read = pastFrom(engine, late)
    const backOff = new BackOff()
    for (let left = TRIES; left > 0 && !late.aborted; left--) {
      try {
        const lines = await read(incarnation, line)
        return late.aborted ? [] : lines // a read that is broken off may end well, and lack the last ones
      } catch (error) {
        if (!(error instanceof EngineError && WORTH_A_TRY.has(error.code))) return []
        await delay(backOff.next(), undefined, { signal: late }).catch(() => {})
      }
    }
    return []
  }
  return (incarnation, line) => ring.before(cursorOf(incarnation, line), REACH) ?? patiently(incarnation, line)
}
