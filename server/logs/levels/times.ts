/** Times as they stand before a level, in the forms that programs write: read past, never into. */
import { COLON, DASH, DOT, isBlank, isDigit, isUpper, SLASH, SPACE } from './characters.ts'

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'
const DATE = [
  String.raw`\d{4}[-/.]\d\d[-/.]\d\d`, // 2026-11-22
  String.raw`\d\d?[-/](?:\d\d|${MONTH})[-/]\d{4}`, // 22/11/2026, 22-Nov-2026
  String.raw`\d\d?\.\d\d\.\d{4}`, // 22.11.2026
  String.raw`\d\d[-/]\d\d[-/]\d\d(?!\d)`, // 26/11/22
  String.raw`\d\d?[ ]${MONTH} \d{4}`, // 22 Nov 2026
  String.raw`\d\d-\d\d`, // 11-22
].join('|')
const CLOCK = String.raw`\d\d?:\d\d(?::\d\d)?(?:[.,:]\d{1,9})?`
const EPOCH = String.raw`\d{10}(?:\d{3}|\d{6}|\d{9})?(?:\.\d{1,9})?`
const ZONE = String.raw` ?(?:Z|UTC|GMT|[CEMP][SD]T|CES?T|[+-]\d\d:?\d\d|[AP]M)`
const COMPACT = String.raw`\d{6}[ ]\d{6}|\d{8}[-T ]\d{6}` // 261122 100211, 20261122T100211

/** A time, a date, both, or seconds since 1970. */
const NUMERIC = new RegExp(
  `(?:(?:${DATE})(?:(?:T|,? |[:_-]| - )${CLOCK})?|${CLOCK}|${COMPACT}|${EPOCH})(?:${ZONE}){0,2}(?!\\w)`,
  'y',
)

/** `Sun Nov 22 10:02:11.123 2026`, `Nov 22, 2026 10:02:11 AM`, `Sun, 22 Nov 2026 10:02:11`, `Sunday, 10:02:11`: with a clock. */
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? '
const NAMED_DATE = `(?:${MONTH} +\\d\\d?,?(?: \\d{4},?)?|\\d\\d? ${MONTH} \\d{4}),? `
const CALENDAR = new RegExp(`(?:(?:${DAY})?${NAMED_DATE}|${DAY})${CLOCK}(?:${ZONE}){0,2}(?: \\d{4})?(?!\\w)`, 'y')

const NAMES = new Set('Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec Mon Tue Wed Thu Fri Sat Sun'.split(' '))
/** First letters of these: what keeps the set off most other words. */
const INITIALS = new Uint8Array(128)
for (const name of NAMES) INITIALS[name.charCodeAt(0)] = 1

/** Just after the time that begins at `at`, or -1 where none does. */
export function timeEnd(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (isDigit(code)) return mayBeTime(text, at) ? endOf(NUMERIC, text, at) : -1
  return INITIALS[code] === 1 && NAMES.has(text.slice(at, at + 3)) ? endOf(CALENDAR, text, at) : -1
}

/** Whether the digits at `at` are as many as a time begins with, and followed as there: keeps the pattern off most numbers. */
function mayBeTime(text: string, at: number): boolean {
  let end = at + 1
  while (isDigit(text.charCodeAt(end))) end++
  const digits = end - at
  const next = text.charCodeAt(end)
  if (digits <= 2) {
    if (next === DOT) return text.charCodeAt(end + 3) === DOT // 22.11.2026, and not 10.0.4.17
    return next === COLON || isDatePart(next) || (next === SPACE && isUpper(text.charCodeAt(end + 1)))
  }
  if (digits === 4) return isDatePart(next)
  return digits === 6 || digits === 8 || digits >= 10
}

function isDatePart(code: number): boolean {
  return code === DASH || code === SLASH || code === DOT
}

/** Whether a time of day is among the characters from `at` to `end`, and not a date alone. */
export function holdsClock(text: string, at: number, end: number): boolean {
  const colon = text.indexOf(':', at)
  return colon > 0 && colon < end && isDigit(text.charCodeAt(colon - 1)) && !isBlank(text.charCodeAt(colon + 1))
}

function endOf(sticky: RegExp, text: string, at: number): number {
  sticky.lastIndex = at
  return sticky.test(text) ? sticky.lastIndex : -1
}
