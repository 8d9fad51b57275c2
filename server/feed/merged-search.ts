/** Searches in several logs as one, their matches merged by time. A log is read on only when it may have the next match. */
import { type Cursor, cursorOf, formatCursor, originOf } from '../logs/cursor.ts'
import { weightOf } from '../logs/line.ts'
import type { GapEvent } from '../wire.ts'
import type { Match } from './matches.ts'
import type { LogSearch } from './search.ts'

/** What is handed out at once, at most: an event of it parses and draws within a frame. One match goes whatever it weighs. */
const MOST_MATCHES = 128
const MOST_BYTES = 256 * 1024

/** How many logs are looked into at a time until something is known of each. */
const AT_ONCE = 4

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

  constructor(container: string, search: LogSearch) {
    this.container = container
    this.search = search
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
    for (const { search } of this.#sources) {
      if (search.of === undefined) return undefined
      sum += search.of
    }
    return sum
  }

  get isComplete(): boolean {
    return this.#sources.every(({ search, matches }) => search.isComplete && matches.length === 0)
  }

  /** The time up to which every match has been handed out. */
  get scannedTo(): string | undefined {
    const times: string[] = []
    for (const { at, search, matches } of this.#sources) {
      if (search.isComplete && matches.length === 0) continue
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
    return this.#sources.flatMap(({ container, search: { gap } }) => (gap ? { container, reason: gap } : []))
  }

  /** Matches as soon as they are known to be the next; none where there is only progress. Throws `EngineError`. */
  async *run(signal: AbortSignal): AsyncGenerator<readonly MergedMatch[]> {
    const runs = new Map(this.#sources.map((source) => [source, source.search.run(signal)]))
    try {
      for (let from = 0; from < this.#sources.length; from += AT_ONCE) {
        const some = this.#sources.slice(from, from + AT_ONCE)
        await Promise.all(some.map((source) => this.#advance(source, runs.get(source))))
      }
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

  async #advance(source: Source, run: ReturnType<LogSearch['run']> | undefined): Promise<void> {
    const { container, search, matches } = source
    const next = await run?.next()
    if (!next || next.done) source.isEnded = true
    else
      for (const match of next.value.matches) matches.push({ ...match, container, incarnation: next.value.incarnation })
    if (matches.length === 0) source.at = reachedBy(search, this.#direction)
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
      if ((source.isEnded && source.search.isComplete) || source.matches.length > 0) continue
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

/** Of a log that was searched to its beginning nothing is left. */
function reachedBy({ isComplete, reached }: LogSearch, direction: Direction): Cursor | undefined {
  return isComplete && reached && direction === 'backward' ? originOf(reached.incarnation) : reached
}
