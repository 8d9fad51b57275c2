/** The times that people type, or paste from a log, to go there. Pure. */
import { clock, dayName, MONTHS, readTime, type Zone } from './time.ts'

const MAX_CHARS = 80 // the longest form that is understood has half of it; more is a paste that went wrong
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const BACK_YEARS = 8 // 29 February may be that far

const DURATION =
  /^-?((?:\d+(?:\.\d+)?\s*(?:s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:ours?)?|d(?:ays?)?|w(?:eeks?)?)\s*)+)(?:ago)?$/
const CLOCK =
  /(?:^|[\s,t])(?:(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*([ap]m)?|(\d{1,2})\s*([ap]m))\s*(z|utc|gmt|[+-]\d\d:?\d\d)?$/
const YEAR = '((?:19[7-9]|[2-9]\\d\\d)\\d)'
const ISO_DAY = new RegExp(`^${YEAR}[-/](\\d\\d)[-/](\\d\\d)$`)
const DAY_MONTH = new RegExp(`^(\\d{1,2})(?:st|nd|rd|th|\\.)?\\s*([a-z]{3,9})\\.?,?(?:\\s+${YEAR})?$`)
const MONTH_DAY = new RegExp(`^([a-z]{3,9})\\.?\\s*(\\d{1,2})(?:st|nd|rd|th)?,?(?:\\s+${YEAR})?$`)

/** Minutes east of UTC, or the viewer's own zone. */
type Offset = number | 'local'

/** A clock time as typed; a date without one means its beginning. */
interface Clock {
  hour: number
  minute: number
  second: number
  /** Digits behind the point, as typed. */
  fraction: string
}

/**
 * Reads `10:02`, `10:02:31.5`, `10 pm`, `yesterday 10:02`, `monday 10:02`, `21 Nov 08:14`, `Nov 21`, `2026-11-21`, `2 h ago`, `15m`,
 * `1h30m`, `last 3 minutes`, `now-3m`, `now`, ISO 8601, the times of nginx and loguru, Unix seconds or milliseconds; gives RFC 3339 in UTC, or
 * undefined for what is none of them. What leaves out its day or year means the latest such moment that is not in the
 * future, nor after `latest` (Unix seconds), which is where a log ends. `zone` is that of a time which names none.
 */
export function readWhen(text: string, now: Date, latest?: number, zone: Zone = 'local'): string | undefined {
  if (text.length > MAX_CHARS) return undefined
  const typed = text
    .trim()
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/^(\d\d)\/([a-z]{3})\/(\d{4}):/, '$1 $2 $3 ') // 22/Nov/2026:10:02:03 +0000, of nginx
    .replace(/\bat\b/, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^now ?- ?/, '') // now-3m, of Grafana
    .replace(/^(?:the )?(?:last|past) (?=\d)/, '') // last 3 minutes
    .replace(/^(?:the )?(?:last|past) (?=(?:second|minute|hour|day|week)$)/, '1 ')
  const ms = now.getTime()
  if (typed === 'now') return instant(wholeSeconds(ms))
  const unix = /^(\d{9,10})(?:\.(\d{1,9}))?$|^(\d{12,13})$/.exec(typed)
  if (unix) return unix[3] === undefined ? instant(Number(unix[1]) * 1000, unix[2]) : instant(Number(unix[3]))
  const duration = DURATION.exec(typed)?.[1]
  if (duration !== undefined) return instant(wholeSeconds(ms - durationMs(duration)))
  const limit = latest === undefined ? ms : Math.min(ms, latest * 1000)
  return readCalendar(typed, ms, limit, zone === 'utc' ? 0 : 'local')
}

/** `Sunday 22 November 10:02:00`, to say what was read; with the year when it is another. */
export function whenWords(time: string, now: Date, zone: Zone = 'local'): string {
  const at = readTime(time)
  const year = String(zone === 'utc' ? now.getUTCFullYear() : now.getFullYear())
  const fraction = /\.\d+/.exec(time)?.[0] ?? ''
  return `${dayName(at, zone).replace(new RegExp(` ${year}$`), '')} ${clock(at, zone)}${fraction}`
}

/** Nobody who counts back means the milliseconds of now. */
function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000
}

function durationMs(text: string): number {
  let seconds = 0
  for (const [, amount, unit = ''] of text.matchAll(/([\d.]+)\s*([a-z])/g))
    seconds += Number(amount) * (UNIT_SECONDS[unit] ?? 0)
  return seconds * 1000
}

/** A day, a clock time, or both, the day first or last. */
function readCalendar(typed: string, now: number, limit: number, ownOffset: Offset): string | undefined {
  const swapped = typed.replace(/^(\d{1,2}:[\d:.,]+(?: ?[ap]m)?),? (?!z$|utc$|gmt$|[ap]m|[+-])(.+)$/, '$2 $1')
  const match = CLOCK.exec(swapped)
  const clock = match === null ? { hour: 0, minute: 0, second: 0, fraction: '' } : readClock(match)
  if (clock === undefined) return undefined
  const offset = readOffset(match?.[8]) ?? ownOffset
  const dayText = (match === null ? swapped : swapped.slice(0, match.index)).replace(/[\s,]+$/, '')
  if (match === null && dayText === '') return undefined

  const days = candidates(dayText, now, limit, offset)
  const fractionMs = Number(`0.${clock.fraction || 0}`) * 1000
  for (const [year, month, date] of days?.from ?? []) {
    const ms = momentOf(year, month, date, clock, offset)
    if (ms !== undefined && (days?.isExact || ms + fractionMs <= limit)) return instant(ms, clock.fraction)
  }
  return undefined
}

function readClock(match: RegExpExecArray): Clock | undefined {
  const [, hourText, minute = '0', second = '0', fraction = '', half = match[7], shortHour] = match
  const typedHour = Number(hourText ?? shortHour)
  if (half !== undefined && (typedHour < 1 || typedHour > 12)) return undefined
  const hour = half === undefined ? typedHour : (typedHour % 12) + (half === 'pm' ? 12 : 0)
  if (hour > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  return { hour, minute: Number(minute), second: Number(second), fraction }
}

function readOffset(zone: string | undefined): number | undefined {
  if (zone === undefined) return undefined
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? []
  return sign === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1)
}

type Day = readonly [year: number, month: number, date: number]

/** The days that a text may mean, latest first; exact ones are meant even if they are to come. */
function candidates(
  text: string,
  now: number,
  limit: number,
  offset: Offset,
): { from: Day[]; isExact?: true } | undefined {
  if (text === 'today') return { from: [dayOf(now, offset, 0)], isExact: true }
  if (text === 'yesterday') return { from: [dayOf(now, offset, 1)], isExact: true }
  if (text === '') return { from: [dayOf(limit, offset, 0), dayOf(limit, offset, 1)] }

  const [, isoYear, isoMonth, isoDate] = ISO_DAY.exec(text) ?? []
  if (isoYear !== undefined) return { from: [[Number(isoYear), Number(isoMonth) - 1, Number(isoDate)]], isExact: true }

  const weekday = /^(sun|mon|tue|wed|thu|fri|sat)[a-z]{0,6}\.?,?(?: (.+))?$/.exec(text)
  if (weekday?.[2] !== undefined) return candidates(weekday[2], now, limit, offset) // beside a date it adds nothing
  if (weekday) {
    const back = Array.from({ length: 8 }, (_, days) => dayOf(limit, offset, days))
    const isThat = (day: Day) => new Date(Date.UTC(...day)).getUTCDay() === WEEKDAYS.indexOf(weekday[1] ?? '')
    return { from: back.filter(isThat) }
  }

  const [, date, monthName = '', year] = DAY_MONTH.exec(text) ?? swap(MONTH_DAY.exec(text)) ?? []
  const month = MONTHS.findIndex((name) => name.toLowerCase().startsWith(monthName))
  if (date === undefined || month < 0) return undefined
  if (year !== undefined) return { from: [[Number(year), month, Number(date)]], isExact: true }
  const thisYear = dayOf(limit, offset, 0)[0]
  return { from: Array.from({ length: BACK_YEARS + 1 }, (_, back): Day => [thisYear - back, month, Number(date)]) }
}

function swap(match: RegExpExecArray | null): (string | undefined)[] | undefined {
  return match === null ? undefined : [match[0], match[2], match[1], match[3]]
}

/** The day of a moment, or some days before it: by the calendar, since days have 23 to 25 hours. */
function dayOf(ms: number, offset: Offset, back: number): Day {
  const at = offset === 'local' ? new Date(ms) : new Date(ms + offset * 60_000)
  const day: Day =
    offset === 'local'
      ? [at.getFullYear(), at.getMonth(), at.getDate()]
      : [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()]
  const before = new Date(Date.UTC(day[0], day[1], day[2] - back))
  return [before.getUTCFullYear(), before.getUTCMonth(), before.getUTCDate()]
}

/** Undefined for a day that its month has not. */
function momentOf(year: number, month: number, date: number, clock: Clock, offset: Offset): number | undefined {
  const day = new Date(Date.UTC(year, month, date))
  if (day.getUTCMonth() !== month || day.getUTCDate() !== date) return undefined
  const { hour, minute, second } = clock
  if (offset === 'local') return new Date(year, month, date, hour, minute, second).getTime()
  return Date.UTC(year, month, date, hour, minute, second) - offset * 60_000
}

/** RFC 3339, of the moments that it has years for; the fraction that of `ms`, unless digits are given. */
function instant(ms: number, digits = ''): string | undefined {
  if (!(ms >= 0 && ms < Date.UTC(10_000, 0))) return undefined
  const text = new Date(ms).toISOString()
  const fraction = digits === '' ? text.slice(20, 23) : digits
  return `${text.slice(0, 19)}${/[^0]/.test(fraction) ? `.${fraction}` : ''}Z`
}
