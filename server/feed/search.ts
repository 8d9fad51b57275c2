/**
 * Looks for lines from a place in a log back to its beginning, the newest first: through windows that each reach further
 * back than the one before, and are read up to where that began. Two are read at a time, as engines are faster so.
 */
import type { Engine } from '../engine/engine.ts'
import { BEFORE_TIME, type Cursor, cursorOf, incarnationOf } from '../logs/cursor.ts'
import { admitsIn, type LineFilter } from '../logs/entry-filter.ts'
import { EntryHeads, REACH } from '../logs/entry-heads.ts'
import type { LogLine } from '../logs/line.ts'
import { earlier } from '../logs/time.ts'
import { unshared, unsharedLine } from '../logs/unshared.ts'
import type { GapEvent } from '../wire.ts'
import { STEP_BACK_MS } from './history.ts'
import { type Found, linesAhead, type Match, Matches } from './matches.ts'
import { type Place, readPage } from './page.ts'
import { Scan } from './scan.ts'
import { extrapolated, type Window, Windows } from './windows.ts'

export interface SearchOptions extends LineFilter {
  /** What is before it is searched. */
  readonly place: Exclude<Place, { after: unknown }>
  /** Lines that were written earlier, or later, are no matches. RFC 3339 with nine digits. */
  readonly since?: string | undefined
  readonly until?: string | undefined
  /** Lines that continue a match are matches too. */
  readonly withEntries?: boolean | undefined
  /** Whether it may admit a line in a text with many; undefined: each has to be looked at. */
  readonly mayAdmit?: ((text: string) => boolean) | undefined
  /** Lines on each side of a match. */
  readonly context: number
  /** Matches after which it ends. */
  readonly count: number
  /** What the matches of one window may weigh with their neighbours, in bytes: if it is more, it ends among them. */
  readonly bytes: number
}

/** Lines of the first window. */
const FIRST_LINES = 1_000

export type SearchGap = Pick<GapEvent, 'reason' | 'driver' | 'detail'>

/** A search in one direction or the other, and how far it is. */
export interface LogSearch {
  /** Every match up to there has been handed out: back to that line, or on to it. Undefined: nothing is known yet. */
  readonly reached: Cursor | undefined
  /** It came to the end of what it was to search. */
  readonly isComplete: boolean
  /** Why there is something that it could not search. */
  readonly gap: SearchGap | undefined
  /** How many lines have been looked at, and about how many there are; undefined: unknown. */
  readonly lines: number
  readonly of: number | undefined
  /** Hands out what there is at once, it may be nothing. Throws `EngineError`. */
  run(signal: AbortSignal): AsyncGenerator<Found>
}

export class Search implements LogSearch {
  reached: Cursor | undefined
  isComplete = false
  gap: SearchGap | undefined
  readonly #engine: Engine
  readonly #id: string
  readonly #incarnation: string
  readonly #options: SearchOptions
  /** How many matches may still be handed out. */
  #left: number
  /** Lines of the windows that were searched. */
  #searched = 0
  /** Windows that are being read. */
  readonly #scans = new Set<Scan>()
  /** The times of the first line there is to search, and of the last. */
  #oldest = ''
  #newest = ''

  constructor(engine: Engine, id: string, options: SearchOptions) {
    this.#engine = engine
    this.#id = id
    this.#incarnation = incarnationOf(id)
    this.#options = options
    this.#left = options.count
  }

  get lines(): number {
    let lines = this.#searched
    for (const scan of this.#scans) lines += scan.lines
    return lines
  }

  get of(): number | undefined {
    if (this.isComplete) return this.lines
    if (!this.reached || this.#oldest === '') return undefined
    const all = extrapolated(this.#searched, this.#newest, this.reached.time, this.#oldest)
    return all && Math.max(this.lines, all)
  }

  /** All matches of a window, the newest first; none if it has none. */
  async *run(signal: AbortSignal): AsyncGenerator<Found> {
    const { found, first, tail, head } = await this.#searchNewest(signal)
    yield found
    if (this.isComplete || this.#left === 0 || !first) return
    const all = await this.#measure(signal)
    const context = this.#before
    const windows = new Windows({ begin: first.time, tail, oldest: this.#oldest, all, context })
    yield* this.#walk(windows, first, head, signal)
  }

  /** The first window, which ends at the place. */
  async #searchNewest(signal: AbortSignal) {
    const { place, context } = this.#options
    const extent = { before: FIRST_LINES + this.#before, after: linesAhead(context) }
    const page = await readPage(this.#engine, this.#id, place, extent, signal)
    const [damage] = page.damages
    if (page.gap) this.gap = { reason: page.gap }
    else if (damage) this.gap = { reason: 'damaged', detail: damage.detail }
    const passed = page.atStart ? 0 : Math.max(0, Math.min(this.#before, page.before - 1))
    const lines = page.lines.slice(passed, page.before)
    const matches = this.#matches()
    for (const line of page.lines.slice(0, passed)) matches.pass(line)
    await matches.look(lines)
    matches.close(page.lines.slice(page.before))
    const first = lines[0] && unsharedLine(lines[0])
    this.#newest = unshared(lines.at(-1)?.time ?? '')
    this.isComplete = !first || page.atStart || this.#isBeyond(first)
    return { found: this.#taken(matches, first, lines.length), first, tail: page.tail, head: matches.head }
  }

  /** How far there is to go. The window that reaches all that `since` leaves. */
  async #measure(signal: AbortSignal): Promise<number | undefined> {
    const { since } = this.#options
    const place = { from: since ?? BEFORE_TIME }
    const { lines, tail } = await readPage(this.#engine, this.#id, place, { before: 0, after: 1 }, signal)
    this.#oldest = unshared(lines[0]?.time ?? '')
    return since === undefined || tail === 'all' ? undefined : tail
  }

  async *#walk(windows: Windows, end: LogLine, next: readonly LogLine[], signal: AbortSignal) {
    const ended = new AbortController()
    const either = AbortSignal.any([signal, ended.signal])
    let scan: Scan | undefined = this.#open(windows.first, end, either)
    let first = ''
    try {
      while (scan) {
        const current: Scan = scan
        await current.begun
        scan = undefined
        if (current.begin && !this.#isBeyond(current.begin)) {
          // One that begins as the log does, or as the one before it, is most likely clipped: the next one tells.
          const isClipped = current.first === this.#oldest || current.first === first
          const { window, begin } = current
          scan = this.#open(isClipped ? windows.rest(window) : windows.beyond(window, begin.time), begin, either)
        }
        first = current.first
        const isRead = await current.isRead
        if (current.damage !== undefined) this.gap ??= { reason: 'damaged', detail: current.damage }
        if (isRead) {
          current.matches.close(next)
          next = current.matches.head
          this.#scans.delete(current)
          this.isComplete = !scan
          yield this.#taken(current.matches, current.begin, current.lines)
          if (this.#left === 0) return
          continue
        }
        this.#scans.delete(current)
        if (scan) this.#scans.delete(scan)
        scan?.stop()
        if (current.window.tail === 'all' && !current.isTooLong) {
          this.gap ??= { reason: 'rotated' }
          this.isComplete = true
          yield this.#found([])
          return
        }
        const { window, isTooLong } = current
        scan = this.#open(isTooLong ? windows.insteadOf(window) : windows.beyond(window), current.end, either)
      }
    } finally {
      ended.abort()
    }
  }

  #open(window: Window, end: LogLine, signal: AbortSignal): Scan {
    const mayMatch = this.#before === 0 ? this.#options.mayAdmit : undefined
    const options = { window, end, before: this.#before, matches: this.#matches(), mayMatch, signal }
    const scan = new Scan(this.#engine, this.#id, options)
    this.#scans.add(scan)
    return scan
  }

  /** Lines of a window before those that are searched. */
  get #before(): number {
    const { context, withEntries } = this.#options
    return withEntries ? Math.max(context, REACH) : context
  }

  #matches(): Matches {
    const { since = '', until = '9', context, bytes, withEntries } = this.#options
    const heads = withEntries ? new EntryHeads() : undefined
    const isMatch = (line: LogLine) => {
      const head = heads?.next(line)
      if (line.time < since || line.time > until) return false
      return head ? admitsIn(this.#options, line, head) : this.#options.admits(line)
    }
    return new Matches({ isMatch, meet: heads && ((line) => heads.next(line)), context, bytes, count: this.#left })
  }

  /** Whether what is before the line was written before all that is wanted. */
  #isBeyond({ time }: LogLine): boolean {
    const { since } = this.#options
    return since !== undefined && time < earlier(since, STEP_BACK_MS)
  }

  /** The matches of a window that begins with that line and has so many. */
  #taken(matches: Matches, begin: LogLine | undefined, lines: number): Found {
    const all = matches.take()
    const taken = all.slice(-this.#left).reverse()
    this.#searched += lines
    if (matches.dropped === 0 && taken.length === all.length) {
      this.#left -= taken.length
      if (begin) this.reached = cursorOf(this.#incarnation, begin)
    } else {
      this.#left = 0
      this.isComplete = false
      const last = taken.at(-1)
      if (last) this.reached = cursorOf(this.#incarnation, last.line)
    }
    return this.#found(taken)
  }

  #found(matches: readonly Match[]): Found {
    return { incarnation: this.#incarnation, matches }
  }
}
