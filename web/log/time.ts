/** Times of lines: read from the wire (RFC 3339, nanoseconds), shown in the viewer's own zone, in UTC, or as how long ago. */

export interface LineTime {
  /** Unix time, whole seconds. */
  seconds: number
  nanos: number
}

/** Below 0: the first is earlier. */
export function compareTimes(a: LineTime, b: LineTime): number {
  return a.seconds - b.seconds || a.nanos - b.nanos
}

const DAY_SECONDS = 86_400

const SECOND_CHARS = 19
const NANOS_AT = 20
const NANOS_END = 29

let lastSecond = '-' // which no time begins with
let lastSeconds = 0

/**
 * Reads `2026-11-22T10:02:03.114000000Z`. Neighbouring lines share their second, which is then not read again: Date.parse
 * alone would cost a third of what taking in a line costs. Anything unreadable is the epoch, never an exception.
 */
export function readTime(text: string): LineTime {
  if (!text.startsWith(lastSecond)) {
    const second = text.slice(0, SECOND_CHARS)
    const ms = Date.parse(`${second}Z`)
    if (Number.isNaN(ms)) return { seconds: 0, nanos: 0 }
    lastSecond = second
    lastSeconds = ms / 1000
  }
  return { seconds: lastSeconds, nanos: text[SECOND_CHARS] === '.' ? nanosOf(text) : 0 }
}

/** The digits of the fraction, as nine: those that are missing are zeros. */
function nanosOf(text: string): number {
  let nanos = 0
  let isDigit = true
  for (let at = NANOS_AT; at < NANOS_END; at++) {
    const digit = text.charCodeAt(at) - 48
    isDigit &&= digit >= 0 && digit <= 9
    nanos = nanos * 10 + (isDigit ? digit : 0)
  }
  return nanos
}

const pad = (n: number, width = 2) => String(n).padStart(width, '0')

/** How the time column shows times. */
export const TIME_FORMATS = ['local', 'utc', 'relative', 'full'] as const
export type TimeFormat = (typeof TIME_FORMATS)[number]

/** Whose clock: the viewer's, or UTC. */
export type Zone = 'local' | 'utc'

export const zoneOf = (format: TimeFormat): Zone => (format === 'utc' ? 'utc' : 'local')

/** The format after another, for a key that goes through them. */
export function nextFormat(format: TimeFormat): TimeFormat {
  return TIME_FORMATS[(TIME_FORMATS.indexOf(format) + 1) % TIME_FORMATS.length] ?? 'local'
}

/** The characters that the longest text of a format takes; all but the relative ones, which are padded, always do. */
export const TIME_CHARS: Readonly<Record<TimeFormat, number>> = { local: 12, utc: 12, relative: 10, full: 23 }

/** A time in the column; `now` in Unix milliseconds, which only the relative ones ask for. */
export function timeText(time: LineTime, format: TimeFormat, now: number): string {
  if (format === 'relative') return ago(time, now).padStart(TIME_CHARS.relative)
  return format === 'full' ? `${day(time)} ${clockMs(time)}` : clockMs(time, zoneOf(format))
}

/** `12 s ago`, `3 min ago`, `2 h ago`, `5 d ago`: rounded down. Clocks that differ make no future. */
export function ago(time: LineTime, now: number): string {
  const seconds = Math.max(0, Math.floor(now / 1000 - time.seconds - time.nanos / 1e9))
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  return seconds < DAY_SECONDS ? `${Math.floor(seconds / 3600)} h ago` : `${Math.floor(seconds / DAY_SECONDS)} d ago`
}

/** `10:02:03.114` */
export function clockMs(time: LineTime, zone: Zone = 'local'): string {
  return `${clock(time, zone)}.${pad(Math.floor(time.nanos / 1e6), 3)}`
}

/** `10:02:03` */
export function clock(time: LineTime, zone: Zone = 'local'): string {
  const date = new Date(time.seconds * 1000)
  return zone === 'utc'
    ? `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())}`
    : `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`
}

/** `2026-11-22 10:02:03.114000000 +01:00`, all that Docker recorded; `Z` in UTC. */
export function fullTime(time: LineTime, zone: Zone = 'local'): string {
  const suffix = zone === 'utc' ? 'Z' : offset(new Date(time.seconds * 1000))
  return `${day(time, zone)} ${clock(time, zone)}.${pad(time.nanos, 9)} ${suffix}`
}

/** `2026-11-22` */
function day(time: LineTime, zone: Zone = 'local'): string {
  const { year, month, date } = calendar(time, zone)
  return `${year}-${pad(month + 1)}-${pad(date)}`
}

function calendar(time: LineTime, zone: Zone): { year: number; month: number; date: number; weekday: number } {
  const at = new Date(time.seconds * 1000)
  return zone === 'utc'
    ? { year: at.getUTCFullYear(), month: at.getUTCMonth(), date: at.getUTCDate(), weekday: at.getUTCDay() }
    : { year: at.getFullYear(), month: at.getMonth(), date: at.getDate(), weekday: at.getDay() }
}

// Written out, since asking the browser for them loads its locale data: ten ms before the first line is painted.
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
export const MONTHS = 'January February March April May June July August September October November December'.split(' ')

/** `Sunday 22 November 2026` */
export function dayName(time: LineTime, zone: Zone = 'local'): string {
  const { year, month, date, weekday } = calendar(time, zone)
  return `${DAYS[weekday]} ${date} ${MONTHS[month]} ${year}`
}

/** `10:02` today, `21 Nov 08:14` before, with the year when it is another. */
export function since(time: LineTime, now: Date, zone: Zone = 'local'): string {
  const at = calendar(time, zone)
  const today = calendar({ seconds: now.getTime() / 1000, nanos: 0 }, zone)
  const clockText = clock(time, zone).slice(0, 5)
  const sameYear = at.year === today.year
  if (sameYear && at.month === today.month && at.date === today.date) return clockText
  return `${at.date} ${MONTHS[at.month]?.slice(0, 3)}${sameYear ? '' : ` ${at.year}`} ${clockText}`
}

/** `+01:00`, of the viewer's zone on that date. */
export function offset(date: Date): string {
  const minutes = -date.getTimezoneOffset()
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`
}

/** The seconds at which the day of `seconds` begins, and at which the next one does (23 to 25 hours later). */
export function dayBounds(seconds: number, zone: Zone = 'local'): [start: number, end: number] {
  if (zone === 'utc') {
    const begin = Math.floor(seconds / DAY_SECONDS) * DAY_SECONDS
    return [begin, begin + DAY_SECONDS]
  }
  const date = new Date(seconds * 1000)
  const start = new Date(date.getFullYear(), date.getMonth(), date.getDate())
  const end = new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1)
  return [start.getTime() / 1000, end.getTime() / 1000]
}

/** The time inside a cursor, `<incarnation>.<seconds>.<nanoseconds>.<ordinal>`; 0 seconds stand before any line, and are none. */
export function cursorTime(cursor: string): LineTime | undefined {
  const match = /^[0-9a-f]{12}\.([1-9]\d{0,11})\.(\d{9})\.\d+$/.exec(cursor)
  return match ? { seconds: Number(match[1]), nanos: Number(match[2]) } : undefined
}
