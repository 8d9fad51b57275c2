/** Looks for lines of a name from a place on, in the order they were written, up to the last there is. */
import { type Cursor, cursorOf } from '../logs/cursor.ts'
import { admitsIn, type LineFilter } from '../logs/entry-filter.ts'
import type { Verdict } from '../logs/filter.ts'
import type { LogLine } from '../logs/line.ts'
import { earlier } from '../logs/time.ts'
import { EntryFiltering, pastFrom } from './entry-filtering.ts'
import type { Feeds } from './feeds.ts'
import { LATE_MS } from './history.ts'
import { type Found, type Match, Matches } from './matches.ts'
import { rangeOf, readNameLines } from './name-lines.ts'
import type { LogSearch, SearchGap } from './search.ts'
import { extrapolated } from './windows.ts'

export interface ForwardSearchOptions extends LineFilter {
  /** Searches what comes after that line; without it, from `since` on, or from the log's beginning. */
  readonly after?: Cursor | undefined
  /** Lines that were written earlier, or later, are no matches. RFC 3339 with nine digits. */
  readonly since?: string | undefined
  readonly until?: string | undefined
  /** Lines that continue a match are matches too. */
  readonly withEntries?: boolean | undefined
  readonly context: number
  /** Matches after which it ends. */
  readonly count: number
}

export class ForwardSearch implements LogSearch {
  reached: Cursor | undefined
  isComplete = false
  gap: SearchGap | undefined
  lines = 0
  readonly #feeds: Feeds
  readonly #key: string
  readonly #id: string
  readonly #options: ForwardSearchOptions
  #oldest = ''
  #newest = ''

  /** `id`: of the container that has the name. */
  constructor(feeds: Feeds, key: string, id: string, options: ForwardSearchOptions) {
    this.#feeds = feeds
    this.#key = key
    this.#id = id
    this.#options = options
  }

  get of(): number | undefined {
    if (this.isComplete) return this.lines
    if (!this.reached) return undefined
    return extrapolated(this.lines, this.#oldest, this.reached.time, this.#newest)
  }

  async *run(signal: AbortSignal): AsyncGenerator<Found> {
    const { since = '', until = '9', count, withEntries } = this.#options
    const { start, end } = await rangeOf(this.#feeds.engine, this.#id, this.#options, signal)
    const past = this.#options.until === undefined ? until : earlier(until, -LATE_MS)
    this.#newest = end.time
    const entries = withEntries ? new EntryFiltering(this.#options, pastFrom(this.#feeds.engine, signal)) : undefined
    const isMatch = (line: LogLine): Verdict => {
      const head = entries?.headOf(line)
      if (line.time < since || line.time > until) return false
      return head ? admitsIn(this.#options, line, head) : this.#options.admits(line)
    }
    let matches = this.#matches(isMatch)
    let { incarnation } = end
    let left = count
    const taken = (some: readonly Match[]): Found => {
      const all = some.slice(0, left)
      left -= all.length
      const last = all.at(-1)
      if (last) this.reached = cursorOf(incarnation, last.line)
      return { incarnation, matches: all }
    }
    for await (const entry of readNameLines(this.#feeds, this.#key, { start, end, signal })) {
      if (entry.kind === 'gap') {
        this.gap ??= entry.event
        entries?.meet(entry)
      }
      if (entry.kind !== 'lines') continue
      if (entry.incarnation !== incarnation) {
        yield taken(matches.take())
        if (left === 0) return
        matches = this.#matches(isMatch)
        incarnation = entry.incarnation
      }
      await entries?.prepare(entry.incarnation, entry.lines)
      await matches.look(entry.lines)
      this.lines += entry.lines.length
      if (this.#oldest === '') this.#oldest = entry.lines[0]?.time ?? ''
      yield taken(matches.takeWhole())
      if (left === 0) return
      const last = entry.lines.at(-1)
      if (last && !matches.areOpen) this.reached = cursorOf(incarnation, last)
      if (last && last.time > past) break
    }
    this.isComplete = matches.take().length <= left
    yield taken(matches.take())
  }

  #matches(isMatch: (line: LogLine) => Verdict): Matches {
    const { context } = this.#options
    return new Matches({ isMatch, context, count: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY })
  }
}
