/**
 * A demo container's log. It is not stored: it is told in slots of time, each of which follows from the seed and the
 * slot's number, so any part of it can be had at any time, and nothing is done while nobody reads.
 */
import type { Stream } from '../wire.ts'
import { type Random, random } from './random.ts'
import { type Instant, instant, isAfter } from './time.ts'

export interface Entry {
  at: Instant
  stream: Stream
  /** Without its line ending. */
  text: string
}

/** Speaks one entry, or several where `text` has line breaks, `ms` after the slot's start (or the opening's). */
export type Say = (ms: number, text: string, stream?: Stream) => void

export interface Slot {
  index: number
  /** Milliseconds since 1970. */
  start: number
  length: number
  random: Random
}

/** Says what a program writes in a slot of time. Entries outside the slot are dropped. */
export type Voice = (slot: Slot, say: Say) => void

export interface LogOptions {
  seed: number
  /** Distinguishes the logs of one seed. */
  name: string
  voice: Voice
  /** What the program says once, when it has started. */
  opening?: (say: Say, startedAt: number) => void
  /** The first and, for a program that has ended, the last moment in the log: milliseconds since 1970. */
  begin: number
  end?: number
  slotMs?: number
  /** How far back the log is kept, as by rotation: slots that end earlier are gone. */
  keepMs?: number
}

/** Just before the entry of that index in that slot. */
export interface Position {
  slot: number
  index: number
}

const SLOT_MS = 60_000
const KEEP_MS = 3 * 3_600_000
/** Slots that are kept as told: one being followed, one being paged through, and their neighbours. */
const CACHED_SLOTS = 4
/** An opening lasts no longer. */
const OPENING_MS = 60_000

export class Log {
  readonly #options: LogOptions
  readonly #slotMs: number
  readonly #keepMs: number
  readonly #told = new Map<number, Entry[]>()
  /** How many entries a slot has: what finding the last N of them takes. At most one number a kept slot. */
  readonly #counts = new Map<number, number>()

  constructor(options: LogOptions) {
    this.#options = options
    this.#slotMs = options.slotMs ?? SLOT_MS
    this.#keepMs = options.keepMs ?? KEEP_MS
  }

  /** Before the oldest entry that is kept. */
  first(now: number): Position {
    const until = Math.min(this.#options.end ?? now, now)
    return { slot: Math.floor(Math.max(this.#options.begin, until - this.#keepMs) / this.#slotMs), index: 0 }
  }

  /** Before the first entry that is later than `now`. */
  head(now: number): Position {
    const slot = Math.floor(Math.min(this.#options.end ?? now, now) / this.#slotMs)
    return { slot, index: this.#dueIn(slot, instant(now)) }
  }

  /** Before the last `count` of the entries that are due. */
  tail(count: number, now: number): Position {
    const first = this.first(now)
    for (const known of this.#counts.keys()) if (known < first.slot) this.#counts.delete(known)
    let { slot, index } = this.head(now)
    while (count > index) {
      if (slot <= first.slot) return first
      count -= index
      slot--
      index = this.#countOf(slot)
    }
    return { slot, index: index - count }
  }

  /** Before the first kept entry of the slot that holds `since`. */
  from(since: Instant, now: number): Position {
    const first = this.first(now)
    const slot = Math.floor((since.seconds * 1000) / this.#slotMs)
    return slot > first.slot ? { slot, index: 0 } : first
  }

  /** At most `max` entries, none later than `to`, and the position after them. */
  read({ slot, index }: Position, to: Instant, max: number): { entries: Entry[]; after: Position } {
    const entries: Entry[] = []
    while (entries.length < max) {
      const entry = this.#tell(slot)[index]
      if (entry !== undefined) {
        if (isAfter(entry.at, to)) break
        entries.push(entry)
        index++
      } else {
        if ((slot + 1) * this.#slotMs > to.seconds * 1000 + 999 || this.#isLast(slot)) break
        slot++
        index = 0
      }
    }
    return { entries, after: { slot, index } }
  }

  /** When the entry at `position` is due, or when to ask again: milliseconds since 1970. */
  nextAt({ slot, index }: Position): number {
    const entry = this.#tell(slot)[index]
    return entry === undefined ? (slot + 1) * this.#slotMs : entry.at.seconds * 1000 + Math.ceil(entry.at.nanos / 1e6)
  }

  #isLast(slot: number): boolean {
    return this.#options.end !== undefined && (slot + 1) * this.#slotMs > this.#options.end
  }

  #dueIn(slot: number, to: Instant): number {
    const later = this.#tell(slot).findIndex(({ at }) => isAfter(at, to))
    return later < 0 ? this.#tell(slot).length : later
  }

  #countOf(slot: number): number {
    let count = this.#counts.get(slot)
    if (count === undefined) {
      count = this.#tell(slot).length
      this.#counts.set(slot, count)
    }
    return count
  }

  #tell(index: number): Entry[] {
    let entries = this.#told.get(index)
    if (entries === undefined) {
      entries = tell(this.#options, index, this.#slotMs)
      for (const oldest of this.#told.keys()) {
        if (this.#told.size < CACHED_SLOTS) break
        this.#told.delete(oldest)
      }
      this.#told.set(index, entries)
    }
    return entries
  }
}

function tell({ seed, name, voice, opening, begin, end }: LogOptions, index: number, length: number): Entry[] {
  const start = index * length
  const stop = Math.min(start + length, end ?? Number.POSITIVE_INFINITY)
  const chance = random(seed, name, index)
  const said = collect(chance, start, (say) => voice({ index, start, length, random: chance }, say))
  const opens = opening !== undefined && begin < stop && begin > start - OPENING_MS
  const first = opens ? collect(random(seed, name, 'opening'), begin, (say) => opening(say, begin)) : []
  const opened = first.at(-1)?.ms ?? begin
  return [...first, ...said.filter(({ ms }) => ms > opened)]
    .filter(({ ms }) => ms >= start && ms < stop)
    .map(({ ms, stream, text }) => ({ at: instant(ms), stream, text }))
}

/** What is said, in the order of its times, from `origin`. */
function collect(chance: Random, origin: number, speak: (say: Say) => void) {
  const said: { ms: number; stream: Stream; text: string }[] = []
  let last = { whole: Number.NaN, next: 0 }
  speak((after, text, stream = 'stdout') => {
    const whole = origin + Math.floor(after)
    let ms = whole === last.whole ? last.next : whole + chance.next() * 0.9
    for (const line of text.includes('\n') ? text.split('\n') : [text]) {
      said.push({ ms, stream, text: line })
      ms += 0.004 + chance.next() * 0.02 // what a program takes from one line of a trace to the next
    }
    last = { whole, next: ms }
  })
  return said.sort((a, b) => a.ms - b.ms)
}
