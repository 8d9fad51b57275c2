/** Times of lines: read from the wire (RFC 3339, nanoseconds), shown in the viewer's own zone. */

export interface LineTime {
  /** Unix time, whole seconds. */
  seconds: number
  nanos: number
}

let lastSecond = ''
let lastSeconds = 0

/**
 * Reads `2026-11-22T10:02:03.114000000Z`. Neighbouring lines share their second, which is then not read again: Date.parse
 * alone would cost a third of what taking in a line costs. Anything unreadable is the epoch, never an exception.
 */
export function readTime(text: string): LineTime {
  const second = text.slice(0, 19)
  if (second !== lastSecond) {
    const ms = Date.parse(`${second}Z`)
    if (Number.isNaN(ms)) return { seconds: 0, nanos: 0 }
    lastSecond = second
    lastSeconds = ms / 1000
  }
  const nanos =
    text.charCodeAt(19) === 46 /* . */ ? Number.parseInt(text.slice(20, 29).replace('Z', '').padEnd(9, '0'), 10) : 0
  return { seconds: lastSeconds, nanos: Number.isNaN(nanos) ? 0 : nanos }
}

const pad = (n: number, width = 2) => String(n).padStart(width, '0')

/** `10:02:03.114` */
export function clockMs(time: LineTime): string {
  return `${clock(time)}.${pad(Math.floor(time.nanos / 1e6), 3)}`
}

/** `10:02:03` */
export function clock(time: LineTime): string {
  const date = new Date(time.seconds * 1000)
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`
}

/** `2026-11-22 10:02:03.114000000 +01:00`, all that Docker recorded. */
export function fullTime(time: LineTime): string {
  const date = new Date(time.seconds * 1000)
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`
  return `${day} ${clock(time)}.${pad(time.nanos, 9)} ${offset(date)}`
}

// Written out, since asking the browser for them loads its locale data: ten ms before the first line is painted.
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = 'January February March April May June July August September October November December'.split(' ')

/** `Sunday 22 November 2026` */
export function dayName(time: LineTime): string {
  const date = new Date(time.seconds * 1000)
  return `${DAYS[date.getDay()]} ${date.getDate()} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`
}

/** `10:02` today, `21 Nov 08:14` before, with the year when it is another. */
export function since(time: LineTime, now: Date): string {
  const date = new Date(time.seconds * 1000)
  const clockText = `${pad(date.getHours())}:${pad(date.getMinutes())}`
  if (date.toDateString() === now.toDateString()) return clockText
  const year = date.getFullYear() === now.getFullYear() ? '' : ` ${date.getFullYear()}`
  return `${date.getDate()} ${MONTHS[date.getMonth()]?.slice(0, 3)}${year} ${clockText}`
}

/** `+01:00`, of the viewer's zone on that date. */
export function offset(date: Date): string {
  const minutes = -date.getTimezoneOffset()
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`
}

/** The seconds at which the local day of `seconds` begins, and at which the next one does (23 to 25 hours later). */
export function dayBounds(seconds: number): [start: number, end: number] {
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
