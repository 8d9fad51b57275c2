/**
 * What a feed keeps: the most recent lines and, in their place among them, the events of the container. Everything in
 * it has a sequence number, counted from the feed's start, which is how sessions say where they stand. Bounded; at the
 * bound the oldest goes, and whoever needs it reads it from the engine.
 */
import { type Cursor, cursorOf, isOrigin, originOf } from '../logs/cursor.ts'
import { type LogLine, weightOf } from '../logs/line.ts'
import type { GapEvent, StateEvent } from '../wire.ts'

export type Entry =
  | { readonly kind: 'lines'; readonly incarnation: string; readonly lines: readonly LogLine[] }
  | { readonly kind: 'state'; readonly event: StateEvent }
  /** `after`: the position after the gap, where that is not just the line that comes next. */
  | { readonly kind: 'gap'; readonly event: GapEvent; readonly after?: Cursor }

export type Between = Exclude<Entry, { kind: 'lines' }>

/** Where a reader stands who was told of what is between lines; undefined: where he stood. */
export function positionAfter(entry: Between): Cursor | undefined {
  if (entry.kind === 'gap') return entry.after
  const { state, incarnation } = entry.event
  return state === 'recreated' && incarnation ? originOf(incarnation) : undefined
}

const MAX_LINES = 10_000 // what `tail=` may ask for at most
const MAX_BYTES = 8 * 1024 * 1024

interface Segment {
  readonly entry: Entry
  readonly from: number
  readonly to: number
  readonly bytes: number
  readonly earliest: string
  readonly latest: string
}

export class Ring {
  #segments: Segment[] = []
  /** Segments before this index are evicted; the array is compacted now and then, as shifting it each time costs. */
  #first = 0
  #end = 0
  #lines = 0
  #bytes = 0
  /** The position before the oldest line here; undefined until it is known. */
  begin: Cursor | undefined

  /** The sequence number that the next entry's first item gets. */
  get end(): number {
    return this.#end
  }

  /** The oldest sequence number still here. */
  get start(): number {
    return this.#segments[this.#first]?.from ?? this.#end
  }

  get lineCount(): number {
    return this.#lines
  }

  /** The incarnation of the oldest line here. */
  get oldest(): string | undefined {
    for (let i = this.#first; i < this.#segments.length; i++) {
      const entry = this.#segments[i]?.entry
      if (entry?.kind === 'lines') return entry.incarnation
    }
    return undefined
  }

  /** Nothing older can be had. */
  get reachesStart(): boolean {
    return this.begin !== undefined && isOrigin(this.begin)
  }

  append(entry: Entry): void {
    const lines = entry.kind === 'lines' ? entry.lines : []
    let bytes = 200
    let earliest = lines[0]?.time ?? ''
    let latest = earliest
    for (const line of lines) {
      bytes += weightOf(line)
      if (line.time < earliest) earliest = line.time
      else if (line.time > latest) latest = line.time
    }
    const from = this.#end
    this.#end += Math.max(1, lines.length)
    this.#lines += lines.length
    this.#bytes += bytes
    this.#segments.push({ entry, from, to: this.#end, bytes, earliest, latest })
    while (this.#lines > MAX_LINES || this.#bytes > MAX_BYTES) {
      if (this.#first === this.#segments.length - 1) break // the newest stays, whatever it weighs
      this.#evict()
    }
  }

  /** The entry that holds `sequence`, from there on; undefined at the end. The caller checks `start` first. */
  at(sequence: number): Entry | undefined {
    const segment = this.#segmentAt(sequence)
    if (!segment) return undefined
    const { entry, from } = segment
    return entry.kind === 'lines' && sequence > from ? { ...entry, lines: entry.lines.slice(sequence - from) } : entry
  }

  /** The sequence number of the line `count` lines before the end; of the oldest line if there are fewer. */
  lastLines(count: number): number {
    let left = count
    for (let i = this.#segments.length - 1; i >= this.#first; i--) {
      const segment = this.#segments[i]
      if (segment?.entry.kind !== 'lines') continue
      const { length } = segment.entry.lines
      if (left <= length) return segment.to - left
      left -= length
    }
    return this.start
  }

  /**
   * Where it goes on after a cursor whose line is not here: with the later lines of that incarnation, or after the word that
   * it had begun. Undefined where nothing here tells.
   */
  placeAfter({ incarnation, time }: Cursor): number | undefined {
    let place: number | undefined
    for (let i = this.#first; i < this.#segments.length; i++) {
      const segment = this.#segments[i]
      if (!segment) continue
      const { entry, from, to, latest } = segment
      if (entry.kind !== 'lines') {
        if (positionAfter(entry)?.incarnation === incarnation) place = to
      } else if (entry.incarnation === incarnation) {
        if (latest >= time) return place ?? from
        place = to
      }
    }
    return place
  }

  /** The sequence number of the very line that `cursor` names. */
  find(cursor: Cursor): number | undefined {
    for (let i = this.#segments.length - 1; i >= this.#first; i--) {
      const segment = this.#segments[i]
      if (segment?.entry.kind !== 'lines' || segment.entry.incarnation !== cursor.incarnation) continue
      if (cursor.time < segment.earliest || cursor.time > segment.latest) continue
      const { lines } = segment.entry
      const index = lines.findIndex((line) => line.time === cursor.time && line.ordinal === cursor.ordinal)
      if (index >= 0) return segment.from + index
    }
    return undefined
  }

  /** The position before `sequence`. */
  positionBefore(sequence: number): Cursor | undefined {
    for (let i = this.#segments.length - 1; i >= this.#first; i--) {
      const segment = this.#segments[i]
      if (!segment || segment.from >= sequence) continue
      const { entry } = segment
      if (entry.kind !== 'lines') {
        const after = positionAfter(entry)
        if (after) return after
        continue
      }
      const line = entry.lines[Math.min(sequence - segment.from, entry.lines.length) - 1]
      if (line) return cursorOf(entry.incarnation, line)
    }
    return this.begin
  }

  /** Whether a line of this time may be here: a cheap look before `find`. */
  mayHold(incarnation: string, time: string): boolean {
    for (let i = this.#first; i < this.#segments.length; i++) {
      const segment = this.#segments[i]
      if (segment?.entry.kind !== 'lines' || segment.entry.incarnation !== incarnation) continue
      return time >= segment.earliest
    }
    return false
  }

  #segmentAt(sequence: number): Segment | undefined {
    let low = this.#first
    let high = this.#segments.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const segment = this.#segments[middle]
      if (segment && segment.to <= sequence) low = middle + 1
      else high = middle
    }
    return this.#segments[low]
  }

  #evict(): void {
    const segment = this.#segments[this.#first]
    if (!segment) return
    this.#first++
    this.#bytes -= segment.bytes
    const { entry } = segment
    if (entry.kind === 'lines') {
      this.#lines -= entry.lines.length
      const last = entry.lines.at(-1)
      if (last) this.begin = cursorOf(entry.incarnation, last)
    } else {
      this.begin = positionAfter(entry) ?? this.begin
    }
    if (this.#first > 1024 && this.#first * 2 > this.#segments.length) {
      this.#segments = this.#segments.slice(this.#first)
      this.#first = 0
    }
  }
}
