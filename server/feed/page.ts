/**
 * A page of a log: so many lines before a place in it, and so many after. Read by `tail=` windows that are closed as soon
 * as the page is full, so that it costs the same wherever in the log it is.
 */
import type { Engine } from '../engine/engine.ts'
import { type Cursor, isOrigin } from '../logs/cursor.ts'
import { isLines, type LogChunk } from '../logs/damage.ts'
import { type LogLine, weightOf } from '../logs/line.ts'
import { earlier } from '../logs/time.ts'
import type { GapEvent } from '../wire.ts'
import { LATE_MS, MARGINS, readLast, STEP_BACK_MS, tailOf, WindowStart } from './history.ts'
import { Seek } from './seek.ts'

/** Just before or after a line; before the first line of that time or a later one; before the first later one; the log's end. */
export type Place =
  | { readonly before: Cursor }
  | { readonly after: Cursor }
  | { readonly from: string }
  | { readonly past: string }
  | 'end'

/** How many lines on each side of the place. */
export interface Extent {
  readonly before: number
  readonly after: number
}

export interface PageDamage {
  readonly at: number
  readonly detail: string
}

export interface Page {
  /** In the engine's order. Fewer than asked for at the log's ends, and where they are long. */
  readonly lines: readonly LogLine[]
  /** How many of them are before the place. */
  readonly before: number
  /** Where the engine could not read the log: after so many of the lines, and why. */
  readonly damages: readonly PageDamage[]
  /** The engine has nothing before the first of them, or after the last. */
  readonly atStart: boolean
  readonly atEnd: boolean
  /** Why the line that the cursor names is not in the log. The page is the one at its time. */
  readonly gap?: GapEvent['reason']
  /** The window that it was found in: one that reaches further back begins before the page. */
  readonly tail: number | 'all'
}

/** What a page holds on each side of its place at most: of lines as long as they get, fewer than were asked for. */
const MAX_BYTES = 4 * 1024 * 1024
/** Lines at a window's begin whose ordinals are not certain. */
const UNCERTAIN = MARGINS[0]
/** Pieces asked for beyond what is missing: the log grows meanwhile. */
const MARGIN = { share: 0.05, pieces: 128 }

/** Before any engine's first line. */
const OLDEST = '2000'

/** Throws `EngineError`. */
export async function readPage(
  engine: Engine,
  id: string,
  place: Place,
  extent: Extent,
  signal: AbortSignal,
): Promise<Page> {
  if (place === 'end') return readEnd(engine, id, extent.before, signal)
  const time = timeOf(place)
  const limit = earlier(time, STEP_BACK_MS)
  const seek = new Seek(limit)
  let tail: number | 'all' | undefined = time < OLDEST ? 'all' : undefined
  let begin: string | undefined
  for (;;) {
    const asked: number | 'all' = tail ?? seek.tail
    const window = new Window(place, extent, asked === 'all')
    const read = await engine.readLines(id, { tail: asked, signal })
    let isLate = false
    for await (const chunk of read) {
      const first = isLines(chunk) ? chunk[0]?.time : undefined
      if (first !== undefined && window.isNew)
        isLate = tail === undefined ? !seek.accepts(first) : tail !== 'all' && first >= limit
      if (isLate || window.take(chunk)) break
    }
    if (isLate && tail === undefined) continue // the seek has another one to try
    if (!isLate && window.isComplete) {
      const gap = window.gap
      return gap ? { ...(await readPage(engine, id, { past: time }, extent, signal)), gap } : window.page(asked)
    }
    // Larger windows that begin alike begin with the log.
    tail = asked === 'all' || window.begin === begin ? 'all' : window.larger(asked, read.pieces)
    begin = window.begin
  }
}

async function readEnd(engine: Engine, id: string, count: number, signal: AbortSignal): Promise<Page> {
  const last = new LastLines(count)
  const marks = new DamageMarks()
  let isWhole = true
  const read = readLast(engine, id, count, signal, (before) => {
    isWhole = before === undefined
  })
  for await (const chunk of read) {
    marks.push(chunk)
    if (isLines(chunk)) for (const line of chunk) last.push(line)
  }
  const lines = last.take()
  const atStart = isWhole && last.dropped === 0
  const damages = marks.among(lines, true)
  return { lines, before: lines.length, damages, atStart, atEnd: true, tail: tailOf(count, UNCERTAIN) }
}

/** Which lines have something just before them that could not be read. */
class DamageMarks {
  readonly #before = new Map<LogLine, string>()
  /** What no line has come after. */
  #last: string | undefined

  push(chunk: LogChunk): void {
    if (!isLines(chunk)) {
      this.#last = chunk.detail
      return
    }
    const [first] = chunk
    if (first && this.#last !== undefined) this.#before.set(first, this.#last)
    this.#last = undefined
  }

  /** `isEnd`: what comes after the last of the lines belongs to them too. */
  among(lines: readonly LogLine[], isEnd: boolean): PageDamage[] {
    const marked = lines.flatMap((line, at) => {
      const detail = this.#before.get(line)
      return detail === undefined ? [] : { at, detail }
    })
    return isEnd && this.#last !== undefined ? [...marked, { at: lines.length, detail: this.#last }] : marked
  }
}

/** One read from some line before the place on: what it brings on both sides of it. */
class Window {
  /** When its first line was written. */
  begin: string | undefined
  readonly #place: Exclude<Place, 'end'>
  readonly #extent: Extent
  readonly #isWhole: boolean
  readonly #start = new WindowStart()
  #before: LastLines
  readonly #after: LogLine[] = []
  readonly #marks = new DamageMarks()
  #weight = 0
  #seen = 0
  #isFound = false
  #isEnded = true

  /** `isWhole`: it is the whole log. */
  constructor(place: Exclude<Place, 'end'>, extent: Extent, isWhole: boolean) {
    this.#place = place
    this.#extent = extent
    this.#isWhole = isWhole
    this.#before = new LastLines(extent.before)
  }

  get isNew(): boolean {
    return this.#seen === 0
  }

  /** Whether no more is needed of it. */
  take(chunk: LogChunk): boolean {
    this.#marks.push(chunk)
    if (!isLines(chunk)) return false
    for (const line of chunk) {
      this.begin ??= line.time
      this.#seen++
      const side = this.#isFound ? 'after' : sideOf(this.#place, line)
      this.#isFound ||= side !== 'before'
      if (side === 'after') this.#isEnded = this.#pushAfter(line)
      // What came before the rest of a line that began before the window is not certain.
      else if (!this.#isWhole && this.#start.isRest(line)) this.#before = new LastLines(this.#extent.before)
      else this.#before.push(line)
      if (!this.#isEnded || (!this.#isFound && this.#isPast(line))) return true
    }
    return false
  }

  /** Whether there is room for another. */
  #pushAfter(line: LogLine): boolean {
    if (this.#after.length === this.#extent.after || this.#weight > MAX_BYTES) return false
    this.#weight += weightOf(line)
    this.#after.push(line)
    return true
  }

  /** Whether the cursor's line should have come before this one. */
  #isPast(line: LogLine): boolean {
    const cursor = cursorIn(this.#place)
    return cursor !== undefined && line.time > earlier(cursor.time, -LATE_MS)
  }

  /** Why the cursor's line is not there. */
  get gap(): GapEvent['reason'] | undefined {
    const cursor = cursorIn(this.#place)
    if (!cursor || this.#isFound) return undefined
    return this.begin !== undefined && this.begin < cursor.time ? 'unknown-cursor' : 'rotated'
  }

  /** Whether a larger one would bring no more. */
  get isComplete(): boolean {
    return this.#isWhole || this.gap !== undefined || this.#missing <= 0
  }

  get #missing(): number {
    const { before } = this.#extent
    const { dropped, count } = this.#before
    return before === 0 ? 0 : UNCERTAIN - dropped + (dropped === 0 ? before - count : 0)
  }

  /** What to ask for to have the missing lines too, of which a window of `tail` has brought so many pieces. */
  larger(tail: number, pieces: number): number {
    const missing = this.#missing * Math.max(1, pieces / Math.max(1, this.#seen))
    return Math.ceil((tail + missing) * (1 + MARGIN.share)) + MARGIN.pieces
  }

  page(tail: number | 'all'): Page {
    const before = this.#before.take()
    const lines = [...before, ...this.#after]
    return {
      tail,
      lines,
      before: before.length,
      damages: this.#marks.among(lines, this.#isEnded),
      atStart: (this.#isWhole || this.isNew) && this.#before.dropped === 0,
      atEnd: this.#isEnded,
    }
  }
}

/** The last of many lines: so many, and no more than `MAX_BYTES` of them. */
class LastLines {
  /** How many there were. */
  count = 0
  readonly #most: number
  #kept: LogLine[] = []
  #weight = 0

  constructor(most: number) {
    this.#most = most
  }

  push(line: LogLine): void {
    this.count++
    this.#kept.push(line)
    this.#weight += weightOf(line)
    if (this.#kept.length > 2 * this.#most + UNCERTAIN || this.#weight > 2 * MAX_BYTES) this.#trim()
  }

  take(): readonly LogLine[] {
    this.#trim()
    return this.#kept
  }

  /** How many were before those that are kept. */
  get dropped(): number {
    this.#trim()
    return this.count - this.#kept.length
  }

  #trim(): void {
    let first = this.#kept.length
    this.#weight = 0
    while (first > 0 && this.#kept.length - first < this.#most) {
      const weight = weightOf(this.#kept[first - 1] as LogLine)
      if (this.#weight + weight > MAX_BYTES) break
      this.#weight += weight
      first--
    }
    this.#kept = this.#kept.slice(first)
  }
}

/** On which side of the place the line is, the first that is not before it telling where that is. */
function sideOf(place: Exclude<Place, 'end'>, line: LogLine): 'before' | 'last before' | 'after' {
  if ('from' in place) return line.time >= place.from ? 'after' : 'before'
  if ('past' in place) return line.time > place.past ? 'after' : 'before'
  const cursor = 'before' in place ? place.before : place.after
  if (isOrigin(cursor)) return 'after'
  if (line.time !== cursor.time || line.ordinal !== cursor.ordinal) return 'before'
  return 'before' in place ? 'after' : 'last before'
}

/** The cursor whose very line is looked for. */
function cursorIn(place: Exclude<Place, 'end'>): Cursor | undefined {
  const cursor = 'before' in place ? place.before : 'after' in place ? place.after : undefined
  return cursor && !isOrigin(cursor) ? cursor : undefined
}

function timeOf(place: Exclude<Place, 'end'>): string {
  if ('from' in place) return place.from
  if ('past' in place) return place.past
  return 'before' in place ? place.before.time : place.after.time
}
