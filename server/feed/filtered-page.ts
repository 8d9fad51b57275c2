/**
 * A page of the lines of a name that pass a filter: looks through pages of its log, one after the other, until it has as
 * many lines as are wanted or has looked at enough. The page says how far it looked, which is where the next one begins.
 */
import type { Engine } from '../engine/engine.ts'
import { type Cursor, cursorOf } from '../logs/cursor.ts'
import { admitsIn, type LineFilter } from '../logs/entry-filter.ts'
import { Head } from '../logs/entry-heads.ts'
import { type LogLine, weightOf } from '../logs/line.ts'
import { earlier } from '../logs/time.ts'
import { unsharedLine } from '../logs/unshared.ts'
import type { GapEvent } from '../wire.ts'
import { EntryFiltering, type Past, pastFrom } from './entry-filtering.ts'
import { filtering } from './filtering.ts'
import { LATE_MS, STEP_BACK_MS } from './history.ts'
import { type NamePage, readNamePage } from './name-page.ts'
import type { Extent, PageDamage, Place } from './page.ts'
import type { Succession } from './succession.ts'

export interface FilteredPage extends NamePage {
  /** The first and the last line that it looked at, whether they passed or not; undefined: there was none. */
  readonly before: Cursor | undefined
  readonly after: Cursor | undefined
}

export interface PageFilter extends LineFilter {
  /** Lines that were written earlier, or later, do not pass. RFC 3339 with nine digits. */
  readonly since?: string | undefined
  readonly until?: string | undefined
  /** Lines that the page looks at on each side, where few of them pass. */
  readonly most?: number
}

const MAX_LOOKED_LINES = 50_000
/** How long it looks on each side after it has read something: slow patterns, and engines, take long. */
const MAX_LOOK_MS = 2_000
/** Lines of the pages that it looks through: few where most lines pass, more the further it has to look. */
const PAGE_LINES = { first: 1_000, most: 10_000 }
/** What a page holds on each side, as any page. One line is taken whatever it weighs. */
const MAX_BYTES = 4 * 1024 * 1024
const LAST = '9' // after every time

/** `place` and `extent` as of any page; the extent counts lines that pass. Throws `EngineError`. */
export async function readFilteredPage(
  engine: Engine,
  succession: Succession,
  key: string,
  place: Place,
  extent: Extent,
  filter: PageFilter,
  signal: AbortSignal,
): Promise<FilteredPage> {
  const read = (from: Place, lines: Extent) => readNamePage(engine, succession, key, from, lines, signal)
  const look = new Look(read, filter, pastFrom(engine, signal))
  if (extent.after === 0) return look.back(place, extent.before)
  const later = await look.on(place, extent.after)
  if (extent.before === 0) return later
  const sooner = await look.back(later.before ? { before: later.before } : place, extent.before)
  const gap = later.gap ?? sooner.gap
  const { length } = sooner.lines
  return {
    lines: [...sooner.lines, ...later.lines],
    damages: [...sooner.damages, ...later.damages.map(({ at, detail }) => ({ at: at + length, detail }))],
    incarnation: later.incarnation,
    before: sooner.before ?? later.before,
    after: later.after ?? sooner.after,
    atStart: sooner.atStart,
    atEnd: later.atEnd,
    ...(gap && { gap }),
  }
}

/** One side of a page: the lines that passed, in the order in which they were looked at. */
interface Side {
  readonly lines: LogLine[]
  /** Where the engine could not read the log: after so many of the lines that passed. */
  readonly damages: readonly PageDamage[]
  readonly incarnation: string
  /** The first and the last line that was looked at. */
  readonly near: LogLine | undefined
  readonly far: LogLine | undefined
  /** There is nothing before the first, or beyond the last. */
  readonly nearIsEnd: boolean
  readonly farIsEnd: boolean
  readonly gap: GapEvent['reason'] | undefined
}

type Read = (place: Place, extent: Extent) => Promise<NamePage>

class Look {
  readonly #read: Read
  readonly #filter: PageFilter
  readonly #past: Past

  constructor(read: Read, filter: PageFilter, past: Past) {
    this.#read = read
    this.#filter = filter
    this.#past = past
  }

  async back(place: Place, count: number): Promise<FilteredPage> {
    const { since, until = LAST } = this.#filter
    const beyond = since === undefined ? '' : earlier(since, STEP_BACK_MS)
    // Some lines of before that time may come a little after the first later one.
    const from = place !== 'end' && 'past' in place ? { past: earlier(place.past, -STEP_BACK_MS) } : place
    const side = await this.#look(from, count, {
      isForward: false,
      extent: (lines) => ({ before: lines, after: 0 }),
      from: (page) => page.lines.toReversed(),
      next: (cursor) => ({ before: cursor }),
      isNearEnd: (page, near) => page.atEnd || (near !== undefined && near.time > until),
      isFarEnd: (page, far) => page.atStart || (far !== undefined && far.time < beyond),
    })
    const { lines, near, far, nearIsEnd, farIsEnd } = side
    const damages = side.damages.map(({ at, detail }) => ({ at: lines.length - at, detail })).reverse()
    return pageOf(side, {
      lines: lines.reverse(),
      damages,
      first: far,
      last: near,
      atStart: farIsEnd,
      atEnd: nearIsEnd,
    })
  }

  async on(place: Place, count: number): Promise<FilteredPage> {
    const { since = '', until } = this.#filter
    const beyond = until === undefined ? LAST : earlier(until, -LATE_MS)
    const side = await this.#look(place, count, {
      isForward: true,
      extent: (lines) => ({ before: 0, after: lines }),
      from: (page) => page.lines,
      next: (cursor) => ({ after: cursor }),
      isNearEnd: (page, near) => page.atStart || (near !== undefined && near.time < since),
      isFarEnd: (page, far) => page.atEnd || (far !== undefined && far.time > beyond),
    })
    const { lines, damages, near, far, nearIsEnd, farIsEnd } = side
    return pageOf(side, { lines, damages, first: near, last: far, atStart: nearIsEnd, atEnd: farIsEnd })
  }

  async #look(place: Place, count: number, way: Way): Promise<Side> {
    const first = await this.#read(place, way.extent(Math.max(count, PAGE_LINES.first)))
    const deadline = performance.now() + MAX_LOOK_MS
    let head = first
    let page = first
    const lines: LogLine[] = []
    const damages: PageDamage[] = []
    let near: LogLine | undefined
    let far: LogLine | undefined
    let left = this.#filter.most ?? MAX_LOOKED_LINES
    let weight = 0
    let farIsEnd = false
    const onward = this.#entries()
    for (let size = PAGE_LINES.first; ; ) {
      let isOver = false
      // By the line that stands behind it; undefined: by the page's end.
      const marks = new Map(page.damages.map(({ at, detail }) => [page.lines[at], detail]))
      const note = (line: LogLine | undefined) => {
        const detail = marks.get(line)
        if (detail !== undefined) damages.push({ at: lines.length, detail })
      }
      if (!way.isForward) note(undefined)
      // What a line continues is before it, where a look back has not come yet.
      const heads = await headsOf(page, way.isForward ? onward : this.#entries())
      for (const line of way.from(page)) {
        const passes = await this.#passes(line, heads.get(line))
        if (passes) weight += weightOf(line)
        isOver = passes && (lines.length === count || (lines.length > 0 && weight > MAX_BYTES))
        if (isOver) break
        if (way.isForward) note(line)
        if (passes) lines.push(unsharedLine(line))
        if (!way.isForward) note(line)
        near ??= line
        far = line
        isOver = --left <= 0 || performance.now() > deadline
        if (isOver) break
      }
      if (way.isForward && !isOver) note(undefined)
      farIsEnd = way.isFarEnd(page, far) && far === way.from(page).at(-1)
      if (isOver || farIsEnd || lines.length === count || !far) break
      size = Math.min(2 * size, PAGE_LINES.most)
      const next = await this.#read(way.next(cursorOf(page.incarnation, far)), way.extent(size))
      const isOther = next.lines.length > 0 && next.incarnation !== page.incarnation
      // A page has lines of one incarnation, and says at its beginning what is missing there.
      if (next.gap || (isOther && lines.length > 0)) break
      if (isOther) {
        head = next
        near = undefined
      }
      if (next.lines.length === 0) {
        farIsEnd = true
        break
      }
      page = next
    }
    const nearIsEnd = way.isNearEnd(head, near)
    return { lines, damages, incarnation: page.incarnation, near, far, nearIsEnd, farIsEnd, gap: first.gap }
  }

  #entries(): EntryFiltering {
    return new EntryFiltering(this.#filter, this.#past)
  }

  async #passes(line: LogLine, head = new Head(line)): Promise<boolean> {
    if (filtering.isOver) await filtering.next()
    const { since = '', until = LAST } = this.#filter
    if (line.time < since || line.time > until) return false
    const verdict = admitsIn(this.#filter, line, head)
    return typeof verdict === 'boolean' ? verdict : filtering.run(verdict)
  }
}

async function headsOf({ incarnation, lines }: NamePage, entries: EntryFiltering): Promise<Map<LogLine, Head>> {
  await entries.prepare(incarnation, lines)
  return new Map(lines.map((line) => [line, entries.headOf(line)]))
}

/** What differs between looking back and looking on. */
interface Way {
  readonly isForward: boolean
  extent(lines: number): Extent
  /** A page's lines in the order in which they are looked at. */
  from(page: NamePage): readonly LogLine[]
  next(cursor: Cursor): Place
  isNearEnd(page: NamePage, near: LogLine | undefined): boolean
  isFarEnd(page: NamePage, far: LogLine | undefined): boolean
}

interface Ordered {
  readonly lines: readonly LogLine[]
  readonly damages: readonly PageDamage[]
  readonly first: LogLine | undefined
  readonly last: LogLine | undefined
  readonly atStart: boolean
  readonly atEnd: boolean
}

function pageOf({ incarnation, gap }: Side, { lines, damages, first, last, atStart, atEnd }: Ordered): FilteredPage {
  const before = first && cursorOf(incarnation, first)
  const after = last && cursorOf(incarnation, last)
  return { lines, damages, incarnation, before, after, atStart, atEnd, ...(gap && { gap }) }
}
