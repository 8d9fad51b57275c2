/**
 * The cursor: the exact position of a line in an incarnation's log, meaning "just after it".
 * `<incarnation: 12 hex>.<unix seconds>.<nanoseconds: 9 digits>.<ordinal>`, e.g. `9f2c1a0b3d4e.1795377315.475539363.0`.
 * Of the time 0 it means "before the first line", of the incarnation 0 "before any that has had the name since that time".
 */
import type { Instant } from './time.ts'

export interface Cursor {
  readonly incarnation: string
  /** RFC 3339 with nine digits, as in `LogLine`. */
  readonly time: string
  readonly ordinal: number
}

export const CURSOR_FORM = /^([0-9a-f]{12})\.(\d{1,11})\.(\d{9})\.(\d{1,9})$/

/** One of a compound cursor's: of a container that has had several names, with the key under which it was shown. */
export interface Place {
  readonly cursor: Cursor
  readonly key?: string
}

/** A compound cursor comes back in a header line, for which proxies have 8 KiB. */
export const MAX_PLACES_CHARS = 8_000

/** The cursor in `text`, or undefined if it has not the form. */
export function parseCursor(text: string): Cursor | undefined {
  const [, incarnation, seconds, nanoseconds, ordinal] = CURSOR_FORM.exec(text) ?? []
  if (incarnation === undefined) return undefined
  const time = `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${nanoseconds}Z`
  return { incarnation, time, ordinal: Number(ordinal) }
}

/** The parts of a compound cursor, `A,B@web,...`, or undefined if `text` is not a list of 1 to `most` of them. */
export function parsePlaces(text: string, most: number): Place[] | undefined {
  if (text.length > MAX_PLACES_CHARS) return undefined
  const places = text.split(',').map(parsePlace)
  return places.length <= most && places.every((place) => place !== undefined) ? places : undefined
}

function parsePlace(text: string): Place | undefined {
  const at = text.indexOf('@')
  const cursor = parseCursor(at < 0 ? text : text.slice(0, at))
  return cursor && (at < 0 ? { cursor } : { cursor, key: text.slice(at + 1) })
}

export function formatCursor(cursor: Cursor): string {
  const seconds = Date.parse(`${cursor.time.slice(0, 19)}Z`) / 1000
  return `${cursor.incarnation}.${seconds}.${cursor.time.slice(20, 29)}.${cursor.ordinal}`
}

/** The cursor of a line of that incarnation. */
export function cursorOf(incarnation: string, { time, ordinal }: Pick<Cursor, 'time' | 'ordinal'>): Cursor {
  return { incarnation, time, ordinal }
}

/** The first 12 hex digits of a container's id: what names one incarnation of a name. */
export function incarnationOf(id: string): string {
  return id.slice(0, 12)
}

/** Before any line there is. */
export const BEFORE_TIME = '1970-01-01T00:00:00.000000000Z'

/** The position before an incarnation's first line: what a reader of a log that is empty so far has reached. */
export function originOf(incarnation: string): Cursor {
  return { incarnation, time: BEFORE_TIME, ordinal: 0 }
}

const NOBODY = '000000000000'

/** The position before anything of a name that nobody has at the time, and from which on. */
export function nowhereAt(time: string): Cursor {
  return { incarnation: NOBODY, time, ordinal: 0 }
}

/** The same, of a time that is not known: before who has the name now. */
export const NOWHERE = originOf(NOBODY)

export function isNowhere({ incarnation }: Cursor): boolean {
  return incarnation === NOBODY
}

export function isSame(a: Cursor, b: Cursor): boolean {
  return a.incarnation === b.incarnation && a.time === b.time && a.ordinal === b.ordinal
}

/** Of two of one log. */
export function isAfter(a: Cursor, b: Cursor): boolean {
  return a.time > b.time || (a.time === b.time && a.ordinal > b.ordinal)
}

export function later(a: Cursor | undefined, b: Cursor): Cursor {
  return a && isAfter(a, b) ? a : b
}

export function isOrigin(cursor: Cursor): boolean {
  return cursor.time === BEFORE_TIME || isNowhere(cursor)
}

/** How many of the latest lines are searched for an equal time. A stream that was stamped early has waited for many of the other. */
const REMEMBERED = 2_048
const LATEST = -1

/**
 * Gives each line its ordinal among those of equal time. Times may step back, so equal ones need not be neighbours;
 * they are looked for among the last `REMEMBERED` lines, and no further back than times were as late. Remembers numbers: a
 * text would keep all that it was read with, and two thousand of them the bytes of as many lines.
 */
export class Ordinals {
  /** Of the lines, their times as seconds and nanoseconds, and their ordinals; `LATEST`: 0, of one later than all before it. */
  readonly #seconds: number[] = []
  readonly #nanoseconds: number[] = []
  readonly #ordinals: number[] = []
  #next = 0
  #latestSecond = 0
  #latestNanosecond = 0

  next({ second, nanosecond }: Instant): number {
    const isLatest = isBefore(this.#latestSecond, this.#latestNanosecond, second, nanosecond)
    const ordinal = isLatest ? LATEST : this.#among(second, nanosecond)
    if (isLatest) {
      this.#latestSecond = second
      this.#latestNanosecond = nanosecond
    }
    this.#seconds[this.#next] = second
    this.#nanoseconds[this.#next] = nanosecond
    this.#ordinals[this.#next] = ordinal
    this.#next = (this.#next + 1) % REMEMBERED
    return Math.max(0, ordinal)
  }

  #among(second: number, nanosecond: number): number {
    const { length } = this.#seconds
    let latestSecond = second
    let latestNanosecond = nanosecond
    for (let back = 1; back <= length; back++) {
      const at = (this.#next - back + REMEMBERED) % REMEMBERED
      const otherSecond = this.#seconds[at] ?? 0
      const otherNanosecond = this.#nanoseconds[at] ?? 0
      const ordinal = this.#ordinals[at] ?? 0
      if (otherSecond === second && otherNanosecond === nanosecond) return Math.max(0, ordinal) + 1
      if (ordinal === LATEST && isBefore(otherSecond, otherNanosecond, second, nanosecond)) return 0
      if (!isBefore(latestSecond, latestNanosecond, otherSecond, otherNanosecond)) continue
      latestSecond = otherSecond
      latestNanosecond = otherNanosecond
    }
    // The latest that is remembered: once a clock was set back, only the lines just after it pay for this search.
    this.#latestSecond = latestSecond
    this.#latestNanosecond = latestNanosecond
    return 0
  }
}

function isBefore(second: number, nanosecond: number, otherSecond: number, otherNanosecond: number): boolean {
  return second < otherSecond || (second === otherSecond && nanosecond < otherNanosecond)
}
