/**
 * What a feed keeps: the most recent lines and, in their place among them, the events of the container. Everything in
 * it has a sequence number, counted from the feed's start, which is how sessions say where they stand. Bounded; at the
 * bound the oldest goes, and whoever needs it reads it from the engine.
 */
import { type Cursor, cursorOf, isOrigin, isSame, originOf } from '../logs/cursor.ts'
import type { LogLine } from '../logs/line.ts'
import type { GapEvent, StateEvent } from '../wire.ts'
import { indexAfter, indexOf, joined, type Packed, PackedLines, type Times, timesOf, unpack } from './packed-lines.ts'

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
const BETWEEN_BYTES = 200 // what an event weighs
/** Lines that come one by one are put together, up to so many. */
const JOINED_LINES = 64

class LinesSegment {
  readonly kind = 'lines'
  readonly incarnation: string
  readonly from: number
  #packed: Packed
  #times: Times | undefined

  constructor(incarnation: string, from: number, packed: Packed) {
    this.incarnation = incarnation
    this.from = from
    this.#packed = packed
  }

  get packed(): Packed {
    return this.#packed
  }

  get to(): number {
    return this.from + this.#packed.count
  }

  /** Read only when it is asked for: of most segments it never is. */
  get times(): Times {
    this.#times ??= timesOf(this.#packed)
    return this.#times
  }

  /** Takes in what comes next, if it may. */
  join({ incarnation, packed }: LinesSegment): boolean {
    if (incarnation !== this.incarnation || this.#packed.count + packed.count > JOINED_LINES) return false
    const both = joined(this.#packed, packed)
    if (!both) return false
    this.#packed = both
    this.#times = undefined
    return true
  }
}

interface BetweenSegment {
  readonly kind: 'between'
  readonly entry: Between
  readonly from: number
  readonly to: number
}

type Segment = LinesSegment | BetweenSegment

export class Ring {
  readonly #packed = new PackedLines()
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
      const segment = this.#segments[i]
      if (segment?.kind === 'lines') return segment.incarnation
    }
    return undefined
  }

  /** Nothing older can be had. */
  get reachesStart(): boolean {
    return this.begin !== undefined && isOrigin(this.begin)
  }

  append(entry: Entry): void {
    if (entry.kind === 'lines') this.#appendLines(entry.incarnation, entry.lines)
    else {
      this.#segments.push({ kind: 'between', entry, from: this.#end, to: this.#end + 1 })
      this.#end++
      this.#bytes += BETWEEN_BYTES
    }
    while (this.#lines > MAX_LINES || this.#bytes > MAX_BYTES) {
      if (this.#first === this.#segments.length - 1) break // the newest stays, whatever it weighs
      this.#evict()
    }
  }

  #appendLines(incarnation: string, lines: readonly LogLine[]): void {
    for (let at = 0; at < lines.length; ) {
      const packed = this.#packed.pack(lines, at)
      const segment = new LinesSegment(incarnation, this.#end, packed)
      at += packed.count
      this.#lines += packed.count
      this.#bytes += packed.bytes
      this.#end += packed.count
      const last = this.#segments.at(-1)
      if (last?.kind !== 'lines' || !last.join(segment)) this.#segments.push(segment)
    }
  }

  /** The entry that holds `sequence`, from there on; undefined at the end. The caller checks `start` first. */
  at(sequence: number): Entry | undefined {
    const segment = this.#segmentAt(sequence)
    if (!segment) return undefined
    if (segment.kind === 'between') return segment.entry
    const { kind, incarnation, packed, from } = segment
    return { kind, incarnation, lines: unpack(packed, Math.max(0, sequence - from)) }
  }

  /** The sequence number of the line `count` lines before the end; of the oldest line if there are fewer. */
  lastLines(count: number): number {
    let left = count
    for (let i = this.#segments.length - 1; i >= this.#first; i--) {
      const segment = this.#segments[i]
      if (segment?.kind !== 'lines') continue
      if (left <= segment.packed.count) return segment.to - left
      left -= segment.packed.count
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
      if (segment.kind === 'between') {
        if (positionAfter(segment.entry)?.incarnation === incarnation) place = segment.to
      } else if (segment.incarnation === incarnation) {
        if (segment.times.earliest > time) return place ?? segment.from
        if (segment.times.latest > time) return segment.from + indexAfter(segment.packed, time)
        place = segment.to
      }
    }
    return place
  }

  /**
   * Where what an incarnation wrote under the name begins, if all of it was here and is: from `since` on, where it had another
   * name before, else from its start.
   */
  placeOf(incarnation: string, since: string | undefined): number | undefined {
    const { begin } = this
    const isOwn = begin?.incarnation === incarnation
    // What comes after others' was followed from the moment it got the name, unless a gap says otherwise.
    let isWhole = begin !== undefined && (!isOwn || isOrigin(begin) || begin.time <= (since ?? ''))
    for (let i = this.#first; i < this.#segments.length; i++) {
      const segment = this.#segments[i]
      if (segment?.kind === 'between') {
        if (segment.entry.kind === 'gap') isWhole = false
        else if (isWhole && !isOwn && isBeginning(segment.entry.event, incarnation)) return segment.from
      } else if (segment?.incarnation !== incarnation || (since !== undefined && segment.times.latest <= since)) {
        isWhole = true
      } else {
        return isWhole ? segment.from + (since === undefined ? 0 : indexAfter(segment.packed, since)) : undefined
      }
    }
    return undefined
  }

  /** The sequence number of the very line that `cursor` names; before a first line, of what is before it here. */
  find(cursor: Cursor): number | undefined {
    if (isOrigin(cursor)) return this.#findOrigin(cursor)
    const { incarnation, time, ordinal } = cursor
    for (let i = this.#segments.length - 1; i >= this.#first; i--) {
      const segment = this.#segments[i]
      if (segment?.kind !== 'lines' || segment.incarnation !== incarnation) continue
      if (time < segment.times.earliest || time > segment.times.latest) continue
      const index = indexOf(segment.packed, time, ordinal)
      if (index >= 0) return segment.from + index
    }
    return undefined
  }

  /** The last `count` lines of the log before that line, or all that it has; undefined where not all of these are here. */
  before(cursor: Cursor, count: number): LogLine[] | undefined {
    const { incarnation } = cursor
    const end = isOrigin(cursor) ? undefined : this.find(cursor)
    if (end === undefined) return undefined
    const parts: LogLine[][] = []
    let left = count
    for (let i = this.#segments.length - 1; i >= this.#first; i--) {
      const segment = this.#segments[i]
      if (!segment || segment.from >= end) continue
      if (segment.kind === 'lines') {
        if (segment.incarnation !== incarnation) return undefined
        const to = Math.min(end, segment.to) - segment.from
        const lines = unpack(segment.packed, Math.max(0, to - left), to)
        parts.push(lines)
        left -= lines.length
        if (left === 0) return parts.reverse().flat()
        continue
      }
      const { entry } = segment
      const after = positionAfter(entry)
      if (after && isSame(after, originOf(incarnation))) return parts.reverse().flat()
      if (entry.kind === 'gap' && entry.event.reason !== 'damaged') return undefined
    }
    const isWhole = this.begin !== undefined && isSame(this.begin, originOf(incarnation))
    return isWhole ? parts.reverse().flat() : undefined
  }

  /** The sequence number of what comes just after `cursor`: its line is here, or is the one before what is. */
  next(cursor: Cursor): number | undefined {
    if (this.begin && isSame(this.begin, cursor)) return this.start
    const found = this.find(cursor)
    return found === undefined ? undefined : found + 1
  }

  #findOrigin(cursor: Cursor): number | undefined {
    if (this.begin && isSame(this.begin, cursor)) return this.start - 1
    for (let i = this.#first; i < this.#segments.length; i++) {
      const segment = this.#segments[i]
      const told = segment?.kind === 'between' ? positionAfter(segment.entry) : undefined
      if (told && isSame(told, cursor)) return segment?.from
    }
    return undefined
  }

  /** The position before `sequence`. */
  positionBefore(sequence: number): Cursor | undefined {
    for (let i = this.#segments.length - 1; i >= this.#first; i--) {
      const segment = this.#segments[i]
      if (!segment || segment.from >= sequence) continue
      if (segment.kind === 'between') {
        const after = positionAfter(segment.entry)
        if (after) return after
        continue
      }
      const count = Math.min(sequence, segment.to) - segment.from
      const [line] = unpack(segment.packed, count - 1, count)
      if (line) return cursorOf(segment.incarnation, line)
    }
    return this.begin
  }

  /** Whether a line of this time may be here: a cheap look before `find`. */
  mayHold(incarnation: string, time: string): boolean {
    for (let i = this.#first; i < this.#segments.length; i++) {
      const segment = this.#segments[i]
      if (segment?.kind !== 'lines' || segment.incarnation !== incarnation) continue
      return time >= segment.times.earliest
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
    this.begin = this.positionBefore(segment.to)
    this.#first++
    if (segment.kind === 'lines') {
      this.#lines -= segment.packed.count
      this.#bytes -= segment.packed.bytes
      this.#packed.release(segment.packed)
    } else this.#bytes -= BETWEEN_BYTES
    if (this.#first > 1024 && this.#first * 2 > this.#segments.length) {
      this.#segments = this.#segments.slice(this.#first)
      this.#first = 0
    }
  }
}

function isBeginning({ state, incarnation }: StateEvent, of: string): boolean {
  return incarnation === of && (state === 'recreated' || state === 'created' || state === 'started')
}
