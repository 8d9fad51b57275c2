/** Searches in several logs as one, their matches merged by time. A log is read on only when it may have the next match. */
import { EngineError, type EngineErrorCode } from '../engine/engine.ts'
import { type Cursor, cursorOf, formatCursor, originOf } from '../logs/cursor.ts'
import { weightOf } from '../logs/line.ts'
import type { GapEvent } from '../wire.ts'
import type { Match } from './matches.ts'
import type { LogSearch, SearchGap } from './search.ts'

/** What is handed out at once, at most: an event of it parses and draws within a frame. One match goes whatever it weighs. */
const MOST_MATCHES = 128
const MOST_BYTES = 256 * 1024

/** How many logs are looked into at a time until something is known of each. */
const AT_ONCE = 4
/** A log of which nothing has come by then waits for a slow engine: the next one is looked into meanwhile. */
const SLOW_MS = 1_000

/** Errors that mean the engine, and so every log. */
const OF_ENGINE: ReadonlySet<EngineErrorCode> = new Set(['unreachable', 'cut'])

export type Direction = 'backward' | 'forward'

export interface MergedMatch extends Match {
  readonly container: string
  readonly incarnation: string
}

class Source {
  readonly container: string
  readonly search: LogSearch
  readonly matches: MergedMatch[] = []
  /** Nothing more will come. If it is not complete, its matches were too many or too large. */
  isEnded = false
  /** Every match up to there has been handed out. */
  at: Cursor | undefined
  /** Why the log cannot be searched any further; the others are. */
  #failure: SearchGap | undefined

  constructor(container: string, search: LogSearch) {
    this.container = container
    this.search = search
  }

  get gap(): SearchGap | undefined {
    return this.#failure ?? this.search.gap
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined
  }

  /** There is nothing more to search in it, or to be had of it. */
  get isComplete(): boolean {
    return this.hasFailed || this.search.isComplete
  }

  fail(gap: SearchGap): void {
    this.#failure = gap
    this.isEnded = true
  }
}

export class MergedSearch {
  readonly #sources: readonly Source[]
  readonly #direction: Direction
  /** How many matches may still be handed out. */
  #left: number

  constructor(searches: Iterable<readonly [key: string, search: LogSearch]>, direction: Direction, count: number) {
    this.#sources = [...searches].map(([container, search]) => new Source(container, search))
    this.#direction = direction
    this.#left = count
  }

  get lines(): number {
    return this.#sources.reduce((sum, { search }) => sum + search.lines, 0)
  }

  /** Undefined while it is not known of all. */
  get of(): number | undefined {
    let sum = 0
    for (const { search, hasFailed } of this.#sources) {
      const of = hasFailed ? search.lines : search.of
      if (of === undefined) return undefined
      sum += of
    }
    return sum
  }

  get isComplete(): boolean {
    return this.#sources.every(({ isComplete, matches }) => isComplete && matches.length === 0)
  }

  /** The time up to which every match has been handed out. */
  get scannedTo(): string | undefined {
    const times: string[] = []
    for (const { at, isComplete, matches } of this.#sources) {
      if (isComplete && matches.length === 0) continue
      if (!at) return undefined
      times.push(at.time)
    }
    return times.sort(this.#compare)[0]
  }

  /** Where another search goes on; undefined where nothing is left: backward at the logs' beginnings. They go on at their ends. */
  get next(): string | undefined {
    return (this.isComplete && this.#direction === 'backward') || this.position === '' ? undefined : this.position
  }

  /** What was handed out, as a place in each log, as text. */
  get position(): string {
    return this.#sources.flatMap(({ at }) => (at ? formatCursor(at) : [])).join(',')
  }

  get gaps(): GapEvent[] {
    return this.#sources.flatMap(({ container, gap }) => {
      if (!gap) return []
      const { reason, driver, detail } = gap
      return { container, reason, ...(driver !== undefined && { driver }), ...(detail !== undefined && { detail }) }
    })
  }

  /**
   * Matches as soon as they are known to be the next; none where there is only progress. Throws `EngineError` where no log can
   * be searched, or the engine is away.
   */
  async *run(signal: AbortSignal): AsyncGenerator<readonly MergedMatch[]> {
    const runs = new Map(this.#sources.map((source) => [source, source.search.run(signal)]))
    try {
      await this.#begin(runs)
      yield* this.#all()
      for (;;) {
        const source = this.#left > 0 ? this.#behind() : undefined
        const run = source && runs.get(source)
        if (!run || source.isEnded) return
        await this.#advance(source, run)
        yield* this.#all()
      }
    } finally {
      for (const run of runs.values()) await run.return(undefined)
    }
  }

  /** Looks into each log until something is known of it. */
  async #begin(runs: ReadonlyMap<Source, ReturnType<LogSearch['run']>>): Promise<void> {
    const begun: Promise<void>[] = []
    const waiting = this.#sources.values()
    const beginOthers = async () => {
      for (const source of waiting) {
        const advance = this.#advance(source, runs.get(source))
        begun.push(advance)
        await orSlow(advance)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, beginOthers))
    await Promise.all(begun)
  }

  async #advance(source: Source, run: ReturnType<LogSearch['run']> | undefined): Promise<void> {
    const { container, search, matches } = source
    const next = await run?.next().catch((error: unknown) => this.#failed(source, error))
    if (!next || next.done) source.isEnded = true
    else
      for (const match of next.value.matches) matches.push({ ...match, container, incarnation: next.value.incarnation })
    if (matches.length === 0) source.at = reachedBy(search, this.#direction)
  }

  /** One log that cannot be read does not keep the others from being searched. */
  #failed(source: Source, error: unknown): undefined {
    const gap = gapOf(error)
    const others = this.#sources.filter((other) => other !== source)
    if (!gap || others.every(({ hasFailed }) => hasFailed)) throw error
    source.fail(gap)
  }

  /** What can be handed out by now, at least nothing. */
  *#all(): Generator<readonly MergedMatch[]> {
    yield this.#next()
    for (let more = this.#next(); more.length > 0; more = this.#next()) yield more
  }

  /** The matches that come before whatever may still be found, as many as go out at once. */
  #next(): MergedMatch[] {
    const next: MergedMatch[] = []
    let bytes = 0
    while (this.#left > 0 && next.length < MOST_MATCHES) {
      const source = this.#first()
      const [match] = source?.matches ?? []
      if (!source || !match || !this.#isNext(match)) break
      for (const line of [match.line, ...match.before, ...match.after]) bytes += weightOf(line)
      if (bytes > MOST_BYTES && next.length > 0) break
      source.matches.shift()
      source.at = cursorOf(match.incarnation, match.line)
      if (source.matches.length === 0) source.at = reachedBy(source.search, this.#direction) ?? source.at
      next.push(match)
      this.#left--
    }
    return next
  }

  /** Whether no log may have one that comes before it. */
  #isNext({ line }: MergedMatch): boolean {
    const behind = this.#behind()
    const reached = behind?.search.reached
    return !behind || (reached !== undefined && this.#compare(line.time, reached.time) <= 0)
  }

  /** Of the logs that may have more, of which nothing is known yet, the one that is behind the others. */
  #behind(): Source | undefined {
    let behind: Source | undefined
    for (const source of this.#sources) {
      if ((source.isEnded && source.isComplete) || source.matches.length > 0) continue
      const { reached } = source.search
      if (!reached) return source
      const other = behind?.search.reached?.time
      if (other === undefined || this.#compare(reached.time, other) < 0) behind = source
    }
    return behind
  }

  /** The one that has the next of all the matches that were found. */
  #first(): Source | undefined {
    let first: Source | undefined
    for (const source of this.#sources) {
      const [match] = source.matches
      const [other] = first?.matches ?? []
      if (match && (!other || this.#compare(match.line.time, other.line.time) < 0)) first = source
    }
    return first
  }

  /** Which of two times this search comes to first. */
  #compare = (a: string, b: string): number => {
    const order = a < b ? -1 : a > b ? 1 : 0
    return this.#direction === 'forward' ? order : -order
  }
}

/** Resolves with the promise, or when that takes long. */
async function orSlow(promise: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const slow = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, SLOW_MS)
  })
  await Promise.race([promise, slow]).finally(() => clearTimeout(timer))
}

/** What an error says of the log that was read; undefined if it says something of the engine. */
function gapOf(error: unknown): SearchGap | undefined {
  if (!(error instanceof EngineError) || OF_ENGINE.has(error.code)) return undefined
  const { code, message: detail, driver } = error
  if (code === 'no-container') return { reason: 'removed' }
  if (code === 'unreadable-driver') return { reason: 'unreadable-driver', driver: driver ?? 'unknown', detail }
  return { reason: 'damaged', detail }
}

/** Of a log that was searched to its beginning nothing is left. */
function reachedBy({ isComplete, reached }: LogSearch, direction: Direction): Cursor | undefined {
  return isComplete && reached && direction === 'backward' ? originOf(reached.incarnation) : reached
}
