/**
 * Merges the logs of several containers by time. Each log keeps its own order; between logs a line waits, for no longer
 * than a stated window, for earlier ones of the others. Pure: the caller tells what arrived, and what time it is.
 */

/** How long a line is held back at most while another log may still bring an earlier one: one frame and a half. */
export const WINDOW_MS = 25 // engines hand lines on within one or two; a loaded one takes tens
/** How long the others wait for a log that is being read and brings nothing. */
export const PATIENCE_MS = 1_000

/** One log among those that are merged. */
export interface Source<Item> {
  /**
   * What is known of what comes next. `reading`: it is on its way, so the others wait, for a while; `head`: it is not written
   * yet, and will be later than what is.
   */
  readonly state: 'reading' | 'head'
  readonly queue: Queue<Item>
}

export interface Taken<S, Item> {
  readonly source: S
  readonly item: Item
  /** What should have come after it has gone out before. */
  readonly late: boolean
}

interface Queued<Item> {
  readonly item: Item
  /** Its time, or that of an earlier one of its log that is later: times step back a little within a log. */
  readonly time: string
  readonly arrived: number
}

/** What one log has brought and nobody has taken. Its bound is the caller's: it fills a queue when that is empty. */
export class Queue<Item> {
  #items: Queued<Item>[] = []
  #next = 0
  #latest = ''
  /** Since when it is empty, in ms. */
  emptySince: number

  constructor(now: number) {
    this.emptySince = now
  }

  get first(): Queued<Item> | undefined {
    return this.#items[this.#next]
  }

  /** `time` undefined: that of what came before it. */
  push(item: Item, time: string | undefined, now: number): void {
    if (time !== undefined && time > this.#latest) this.#latest = time
    this.#items.push({ item, time: this.#latest, arrived: now })
  }

  shift(now: number): void {
    this.#next++
    if (this.#next < this.#items.length) return
    this.#items = []
    this.#next = 0
    this.emptySince = now
  }
}

export class Merge<S extends Source<Item>, Item> {
  readonly sources = new Set<S>()
  /** The time of the latest that went out. */
  #latest = ''

  /** The next item, or in how many ms to ask again; undefined: not before something happens. */
  next(now: number): Taken<S, Item> | number | undefined {
    let source: S | undefined
    let first: Queued<Item> | undefined
    let waitsForHead = false
    // Who came first is not held longer for those that came after and go out before.
    let arrived = now
    let readBy = now
    for (const candidate of this.sources) {
      const head = candidate.queue.first
      if (!head) {
        if (candidate.state === 'head') waitsForHead = true
        else readBy = Math.max(readBy, candidate.queue.emptySince + PATIENCE_MS)
        continue
      }
      arrived = Math.min(arrived, head.arrived)
      if (!first || head.time < first.time) {
        source = candidate
        first = head
      }
    }
    if (!source || !first) return undefined
    const late = first.time < this.#latest
    const due = waitsForHead ? Math.max(readBy, arrived + WINDOW_MS) : readBy
    if (due > now && !late) return due - now
    source.queue.shift(now)
    if (!late) this.#latest = first.time
    return { source, item: first.item, late }
  }
}
