/** The words that programs write for a level, and where each may be taken for one. */
import type { Level } from '../../wire.ts'

// Each use costs certainty, so each word names those that it bears.
export const KEYED = 1 // {"level":"info"}, level=info
export const BRACKETS = 2 // [info] text
export const COLON = 4 // info: text
export const TIMED = 8 // 10:02:11 INFO text: upper case after a time; other cases only where tabs, bars, dashes or padding set it off
export const FIRST = 16 // INFO text: upper case as the line's first word
export const SENTENCE = 32 // info Visit us: lower case before a sentence, as the line's first word or after a time
export const ANY_CASE_TIMED = 64 // 10:02:11 Information text: seldom a sentence's first word, so in any case after a time
export const ANY_CASE_FIRST = 128 // inf text: no word of English, so in any case as the line's first word
const ANY_CASE = ANY_CASE_FIRST | ANY_CASE_TIMED
const ANYWHERE = KEYED | BRACKETS | COLON | TIMED | FIRST
const SET_OFF = KEYED | BRACKETS | COLON | TIMED

const WORDS: readonly (readonly [level: Level, trust: number, words: string])[] = [
  ['trace', ANYWHERE, 'trace'],
  ['trace', SET_OFF | FIRST | ANY_CASE, 'trc trce vrb'], // zerolog, .NET, Serilog
  ['trace', SET_OFF | FIRST, 'trac blat'], // logrus, supervisord
  ['trace', KEYED | BRACKETS | TIMED, 'silly'],
  ['trace', BRACKETS | TIMED, 'trace1 trace2 trace3 trace4 trace5 trace6 trace7 trace8'], // Apache
  ['debug', ANYWHERE | SENTENCE, 'debug'],
  ['debug', SET_OFF | SENTENCE, 'verbose'], // winston
  ['debug', SET_OFF | FIRST | ANY_CASE, 'dbg dbug debg'], // zerolog, .NET, supervisord
  ['debug', SET_OFF | FIRST, 'debu'], // logrus
  ['debug', TIMED, 'debug1 debug2 debug3 debug4 debug5'], // PostgreSQL
  ['debug', COLON, 'debug1 debug2 debug3'], // OpenSSH
  ['info', ANYWHERE | SENTENCE, 'info'],
  ['info', SET_OFF, 'notice'],
  ['info', SET_OFF | FIRST | ANY_CASE, 'inf'],
  ['info', SET_OFF | ANY_CASE_TIMED, 'information'], // Serilog
  ['info', KEYED | BRACKETS | TIMED | SENTENCE, 'success'], // loguru, yarn
  ['info', KEYED | BRACKETS | TIMED, 'informational log'], // PostgreSQL and NestJS
  ['info', KEYED | BRACKETS, 'note'], // MySQL
  ['warn', ANYWHERE | SENTENCE, 'warn warning'],
  ['warn', SET_OFF | FIRST | ANY_CASE, 'wrn'],
  ['error', ANYWHERE | SENTENCE, 'error'],
  ['error', ANYWHERE, 'severe'],
  ['error', SET_OFF | FIRST | ANY_CASE_TIMED, 'err'], // zerolog, Transmission
  ['error', SET_OFF | FIRST, 'erro eror'], // logrus, log15
  ['error', KEYED | COLON, 'fail'], // .NET
  ['fatal', ANYWHERE | SENTENCE, 'fatal critical'],
  ['fatal', SET_OFF | FIRST | ANY_CASE, 'ftl'],
  ['fatal', SET_OFF | FIRST, 'crit fata pani pnc'],
  ['fatal', SET_OFF, 'panic'],
  ['fatal', KEYED | BRACKETS | TIMED, 'alert emerg emergency dpanic'],
]

export interface Word {
  readonly level: Level
  readonly trust: number
  readonly upper: boolean
}

const NAMED = new Map<string, Word>()
for (const [level, trust, words] of WORDS) {
  for (const word of words.split(' ')) {
    const all = trust | (NAMED.get(word)?.trust ?? 0)
    NAMED.set(word, { level, trust: all, upper: false })
    NAMED.set(`${word[0]?.toUpperCase()}${word.slice(1)}`, { level, trust: all, upper: false })
    NAMED.set(word.toUpperCase(), { level, trust: all, upper: true })
  }
}
/** Words that are a level, or this one, in these cases only. */
const CASED: typeof WORDS = [
  ['trace', SET_OFF, 'Verbose VERBOSE'], // Serilog, NestJS, Plex: below debug, unlike winston's `verbose`
  ['debug', KEYED | BRACKETS | TIMED, 'FINE FINER'], // java.util.logging
  ['trace', KEYED | BRACKETS | TIMED, 'FINEST'],
]
for (const [level, trust, words] of CASED) {
  for (const word of words.split(' ')) NAMED.set(word, { level, trust, upper: word === word.toUpperCase() })
}

/** First letters of the words: what keeps the map off most others. */
const INITIALS = new Uint8Array(128)
for (const word of NAMED.keys()) INITIALS[word.charCodeAt(0)] = 1
export const LONGEST_WORD = Math.max(...[...NAMED.keys()].map((word) => word.length))

/** The level's word that is exactly `text` from `at` to `end`. */
export function wordAt(text: string, at: number, end: number): Word | undefined {
  if (end - at > LONGEST_WORD || INITIALS[text.charCodeAt(at)] !== 1) return undefined
  return NAMED.get(text.slice(at, end))
}

/** The level of a value: what stands behind `"level":` or `level=`, from `at` to `end`. */
export function levelOfValue(text: string, at: number, end: number): Level | undefined {
  const last = text.charCodeAt(end - 1)
  const word = wordAt(text, at, end) ?? (last >= 49 && last <= 52 ? wordAt(text, at, end - 1) : undefined) // WARN2 of OpenTelemetry
  return word !== undefined && (word.trust & KEYED) !== 0 ? word.level : undefined
}

const LETTERS: Readonly<Record<string, Level>> = {
  V: 'trace',
  T: 'trace',
  D: 'debug',
  I: 'info',
  W: 'warn',
  E: 'error',
  C: 'fatal',
  F: 'fatal',
}

/** The level that a single letter stands for, where a form leaves no doubt that it stands for one. */
export function levelOfLetter(letter: string): Level | undefined {
  return LETTERS[letter]
}

/** RFC 5424, table 2: emergency, alert, critical, error, warning, notice, informational, debug. */
export const SYSLOG: readonly Level[] = ['fatal', 'fatal', 'fatal', 'error', 'warn', 'info', 'info', 'debug']
