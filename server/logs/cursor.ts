/**
 * The cursor: the exact position of a line in an incarnation's log, meaning "just after it".
 * `<incarnation: 12 hex>.<unix seconds>.<nanoseconds: 9 digits>.<ordinal>`, e.g. `9f2c1a0b3d4e.1795377315.475539363.0`.
 * Of the time 0 it means "before the first line", of the incarnation 0 besides "before any incarnation".
 */

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

/** The position before anything of a name that no container has carried yet. */
export const NOWHERE = originOf('000000000000')

export function isSame(a: Cursor, b: Cursor): boolean {
  return a.incarnation === b.incarnation && a.time === b.time && a.ordinal === b.ordinal
}

export function isOrigin(cursor: Cursor): boolean {
  return cursor.time === BEFORE_TIME
}

/** How many of the latest lines are searched for an equal time. A stream that was stamped early has waited for many of the other. */
const REMEMBERED = 2_048

/**
 * Gives each line its ordinal among those of equal time. Times may step back, so equal ones need not be neighbours;
 * they are looked for among the last `REMEMBERED` lines, and no further back than times were as late.
 */
export class Ordinals {
  readonly #times: string[] = []
  readonly #ordinals: number[] = []
  /** With each line the latest time up to it. */
  readonly #latests: string[] = []
  #next = 0
  #latest = ''

  next(time: string): number {
    const isLatest = time > this.#latest
    const ordinal = isLatest ? 0 : this.#among(time)
    if (isLatest) this.#latest = time
    this.#times[this.#next] = time
    this.#ordinals[this.#next] = ordinal
    this.#latests[this.#next] = this.#latest
    this.#next = (this.#next + 1) % REMEMBERED
    return ordinal
  }

  #among(time: string): number {
    const { length } = this.#times
    let latest = ''
    for (let back = 1; back <= length; back++) {
      const at = (this.#next - back + REMEMBERED) % REMEMBERED
      const other = this.#times[at] ?? ''
      if (other === time) return (this.#ordinals[at] ?? 0) + 1
      if ((this.#latests[at] ?? '') < time) return 0
      if (other > latest) latest = other
    }
    // The latest that is remembered: once a clock was set back, only the lines just after it pay for this search.
    this.#latest = latest
    return 0
  }
}
