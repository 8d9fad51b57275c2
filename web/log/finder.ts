/**
 * The rows that match, among those that are loaded. Reads outwards from where the visitor is, the older rows first, in
 * slices between frames; what it has read is one interval of rows, so that what came or went at either end of the log is
 * all that is looked at again. Patterns that might stall are run by a worker, in batches.
 */
import { type Matcher, WorkerMatcher } from './matcher.ts'
import type { Pattern } from './pattern.ts'
import { SortedRows } from './sorted-rows.ts'

/** The rows of a log as they are loaded now, [first, end): an index names the same row for as long as that is there. */
export interface Rows {
  readonly first: number
  readonly end: number
  text(index: number): string | undefined
  /** Dividers are no lines: nothing is found in them. */
  isLine(index: number): boolean
  /** Whether the text is known to have no escape sequence. */
  isPlain?(index: number): boolean
}

export interface FinderOptions {
  /** In ms; the default is the time since the page was opened. */
  readonly now?: () => number
  readonly matcher?: Matcher
}

const SLICE_MS = 5 // leaves a frame of 16 ms room for new lines and for drawing
const UNCLOCKED_CHARS = 16 * 1024 // looked at between two looks at the clock: 0.1 ms at most
const ROW_CHARS = 32 // what a row costs beside its text, as characters

/** What a worker is sent at a time: copied in 1 ms. */
const BATCH_ROWS = 4000
const BATCH_CHARS = 512 * 1024

export class Finder {
  /** Called once a slice, but for the one that `look` does: more may have been found, dropped or looked at. */
  onChange: () => void = () => {}

  readonly #rows: Rows
  readonly #defer: (run: () => void) => void
  readonly #now: () => number
  readonly #matcher: Matcher
  #pattern: Pattern | undefined
  #stalled: string | undefined
  readonly #found = new SortedRows()
  /** Rows [low, high) have been looked at. */
  #low = 0
  #high = 0
  /** Which way the last slice went: both ends get on while both have work. */
  #wentNewer = true
  #deferred = false
  /** What the worker has: rows [low, high). A new object for each, so that an answer to another is known to be late. */
  #batch: { low: number; high: number; isLost: boolean } | undefined

  /** `defer` runs its argument in a later task, after whatever the browser has to do before. */
  constructor(rows: Rows, defer: (run: () => void) => void, options: FinderOptions = {}) {
    this.#rows = rows
    this.#defer = defer
    this.#now = options.now ?? (() => performance.now())
    this.#matcher = options.matcher ?? new WorkerMatcher()
  }

  /** How many rows match, of those looked at so far. */
  get count(): number {
    return this.#found.length
  }

  /** Every loaded row has been looked at, or nothing is looked for. */
  get isComplete(): boolean {
    return this.#pattern === undefined || (this.#low <= this.#rows.first && this.#high >= this.#rows.end)
  }

  /** Why the search has stopped, in words, until something else is looked for. */
  get stalled(): string | undefined {
    return this.#stalled
  }

  /**
   * Looks for something else, or for nothing. The first slice is done at once, from the row `from` back, so that a match
   * nearby is there on return.
   */
  look(pattern: Pattern | undefined, from: number = this.#rows.end - 1): void {
    if (this.#batch !== undefined) this.#matcher.close() // it may be the pattern before that takes its time
    this.#batch = undefined
    this.#pattern = pattern
    this.#stalled = undefined
    this.#found.clear()
    this.#low = this.#high = Math.max(this.#rows.first, Math.min(from + 1, this.#rows.end))
    this.#wentNewer = true
    this.#work()
  }

  /**
   * Rows came or went at either end. Those that went are forgotten at once, those that came are looked at later. To be
   * called between a row's going and another's coming with the same index.
   */
  refresh(): void {
    if (this.#pattern === undefined) return
    const before = this.#found.length
    this.#forget()
    if (!this.isComplete || this.#found.length !== before) this.#goOn()
  }

  /** Ends the worker. The finder can be used again. */
  close(): void {
    this.look(undefined)
    this.#matcher.close()
  }

  /** The first match after a row. */
  next(index: number): number | undefined {
    return this.#found.at(this.#found.countBelow(index + 1))
  }

  /** The last match before a row. */
  previous(index: number): number | undefined {
    return this.#found.at(this.#found.countBelow(index) - 1)
  }

  /** How many matches are at a row or before it. */
  position(index: number): number {
    return this.#found.countBelow(index + 1)
  }

  /** The matches in [from, to), ascending: a view, good until the next slice. */
  within(from: number, to: number): Float64Array {
    return this.#found.within(from, to)
  }

  #goOn(): void {
    if (this.#deferred || this.#batch !== undefined || this.#stalled !== undefined) return
    this.#deferred = true
    this.#defer(() => {
      this.#deferred = false
      if (this.#work()) this.onChange()
    })
  }

  /** One slice, and the next later. False when there was nothing to be done. */
  #work(): boolean {
    if (this.#pattern === undefined || this.#batch !== undefined || this.#stalled !== undefined) return false
    this.#forget()
    this.#wentNewer = !this.#wentNewer
    if (this.#pattern.isSafe) this.#scan(this.#pattern)
    else if (!this.isComplete) void this.#ask(this.#pattern)
    if (!this.isComplete) this.#goOn()
    return true
  }

  /** Whether the next row is one after those looked at; otherwise it is the one before them. */
  #goesNewer(): boolean {
    return this.#high < this.#rows.end && (this.#wentNewer || this.#low <= this.#rows.first)
  }

  #scan(pattern: Pattern): void {
    const rows = this.#rows
    const until = this.#now() + SLICE_MS
    let unclocked = 0
    while (!this.isComplete) {
      const newer = this.#goesNewer()
      const index = newer ? this.#high++ : --this.#low
      const text = rows.isLine(index) ? rows.text(index) : undefined
      const matches = rows.isPlain?.(index) ? pattern.testPlain : pattern.test
      if (text !== undefined && matches(text)) this.#add(index, newer)
      unclocked += ROW_CHARS + (text?.length ?? 0)
      if (unclocked < UNCLOCKED_CHARS) continue
      if (this.#now() >= until) return
      unclocked = 0
    }
  }

  /** Sends the worker the next rows to one side. */
  async #ask(pattern: Pattern): Promise<void> {
    const newer = this.#goesNewer()
    const start = newer ? this.#high : this.#low - 1
    const step = newer ? 1 : -1
    const indexes: number[] = []
    const texts: string[] = []
    let at = start
    for (let chars = 0; at >= this.#rows.first && at < this.#rows.end; at += step) {
      if (Math.abs(at - start) === BATCH_ROWS || chars >= BATCH_CHARS) break
      const text = this.#rows.isLine(at) ? this.#rows.text(at) : undefined
      if (text === undefined) continue
      indexes.push(at)
      texts.push(text)
      chars += text.length
    }
    const [low, high] = newer ? [start, at] : [at + 1, start + 1]
    const batch = { low, high, isLost: false }
    this.#batch = batch
    try {
      const matching = texts.length === 0 ? [] : await this.#matcher.matching(pattern.wanted, texts)
      if (batch !== this.#batch) return
      this.#forget()
      if (!batch.isLost) {
        for (const place of matching) this.#add(indexes[place] ?? start, newer)
        if (newer) this.#high = high
        else this.#low = low
      }
    } catch (error) {
      if (batch !== this.#batch) return
      this.#stalled = error instanceof Error ? error.message : String(error)
    }
    this.#batch = undefined
    this.onChange()
    if (!this.isComplete) this.#goOn()
  }

  #add(index: number, newer: boolean): void {
    if (newer) this.#found.push(index)
    else this.#found.unshift(index)
  }

  /** Leaves out what is not loaded any more. Where that is all that was looked at, begins anew from the newest. */
  #forget(): void {
    const { first, end } = this.#rows
    // Some of those that the worker has went: the rest is asked for again, if it is still there.
    if (this.#batch && (this.#batch.low < first || this.#batch.high > end)) this.#batch.isLost = true
    if (first > this.#high || end < this.#low) this.#low = this.#high = end
    this.#low = Math.max(this.#low, first)
    this.#high = Math.min(this.#high, end)
    this.#found.keep(this.#low, this.#high)
  }
}
