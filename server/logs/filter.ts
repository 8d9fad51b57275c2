/**
 * Filters of log lines: by stream, by level, by text that must or must not be there, by pattern. Pure. A filter runs for
 * each line of a feed, once for all sessions whose filters have the same key.
 */
import type { Level, Stream } from '../wire.ts'
import { isAscii } from './ascii.ts'
import { FilterError, type TextParameter } from './filter-error.ts'
import { jsonPattern } from './json-text.ts'
import type { LogLine } from './line.ts'
import { compilePattern, type Pattern } from './pattern.ts'
import { plainText } from './plain-text.ts'
import type { Work } from './program.ts'
import { type Finder, MAX_RANGES, placesOf, type Range, rangesIn } from './ranges.ts'

/** In the order of severity; `none` stands for lines that name no level. */
export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'none'] as const satisfies (Level | 'none')[]

export type LevelChoice = (typeof LEVELS)[number]

/** All that is given must hold. An empty text is no text, and all levels are no choice of levels. */
export interface FilterSpec {
  readonly stream?: Stream | undefined
  readonly levels?: readonly LevelChoice[] | undefined
  /** Text that a message contains, as it is or as JSON writes it: in any case, unless this has an upper-case letter. */
  readonly q?: string | undefined
  /** Text that a message does not contain; of case as `q`. */
  readonly not?: string | undefined
  /** An RE2 pattern that a message matches somewhere; case-sensitive unless it says `(?i)`. */
  readonly re?: string | undefined
}

/** Whether a line passes; as work where a long line under a large pattern takes milliseconds to decide. */
export type Verdict = boolean | Work<boolean>

export interface Filter {
  /** Equal for equal filters, however they were written; empty for the filter that admits everything. */
  readonly key: string
  /**
   * Looks at messages without their escape sequences, which nobody sees. Never throws. A verdict that is work is to be
   * run (`feed/filtering.ts`), as by itself it is neither true nor false.
   */
  admits(line: LogLine): Verdict
  /** Whether a line has the text that is to be left out; not there if there is none. */
  readonly excludes?: ((line: LogLine) => boolean) | undefined
  /** It has a pattern: a verdict that is no work may take half a millisecond all the same. */
  readonly isCostly: boolean
  /**
   * Whether it may admit one of the lines in a text with many as engines send them, lines of ASCII; not there if only each
   * line can tell.
   */
  readonly mayAdmit?: ((text: string) => boolean) | undefined
  /** Where in a message that it admits the text and the pattern stand; with a pattern as work, as for `admits`. */
  ranges(message: string): Range[] | Work<Range[]>
}

/** Of each text: more than anyone types, and little enough that a URL with all three is one that servers take. */
export const MAX_TEXT_CHARS = 1000

export const NO_FILTER: Filter = { key: '', isCostly: false, admits: () => true, ranges: () => [] }

/** Rejects with `FilterError` for a text that is too long or has a NUL, and for a pattern that RE2 does not take. */
export async function compileFilter(spec: FilterSpec): Promise<Filter> {
  const { stream } = spec
  const levels = chosenLevels(spec.levels)
  const q = checked('q', spec.q)
  const not = checked('not', spec.not)
  const re = checked('re', spec.re)
  const key = keyOf({ stream, level: levels?.join(), q, not, re })
  if (key === '') return NO_FILTER

  const wanted = q === undefined ? undefined : soughtText(q)
  const unwanted = not === undefined ? undefined : soughtText(not)
  const pattern = re === undefined ? undefined : await compilePattern(re)
  const readsText = wanted !== undefined || unwanted !== undefined || pattern !== undefined
  const admits = (line: LogLine): Verdict => {
    if (stream !== undefined && line.stream !== stream) return false
    if (levels !== undefined && !levels.includes(line.level ?? 'none')) return false
    if (!readsText) return true
    const text = plainText(line.message)
    // The pattern is last: it costs tens of times what the others do.
    if (wanted !== undefined && !wanted.test(text)) return false
    if (unwanted?.test(text)) return false
    return pattern === undefined || pattern.test(text)
  }
  const finders = wanted ? [wanted.find] : []
  function* rangesOf(message: string, { find }: Pattern): Work<Range[]> {
    const found = yield* find(plainText(message), MAX_RANGES)
    return rangesIn(message, [...finders, () => found])
  }
  const excludes = unwanted && (({ message }: LogLine) => unwanted.test(plainText(message)))
  // A sequence within the sought text would hide it; in ASCII it begins with ESC.
  const mayAdmit = wanted && ((text: string) => wanted.test(text) || text.includes('\x1b'))
  return {
    key,
    isCostly: pattern !== undefined,
    admits,
    excludes,
    mayAdmit,
    ranges: (message) => (pattern ? rangesOf(message, pattern) : rangesIn(message, finders)),
  }
}

function chosenLevels(levels: readonly LevelChoice[] | undefined): readonly LevelChoice[] | undefined {
  const chosen = LEVELS.filter((level) => levels?.includes(level))
  return levels === undefined || chosen.length === LEVELS.length ? undefined : chosen
}

function checked(parameter: TextParameter, text = ''): string | undefined {
  if (text.length > MAX_TEXT_CHARS) throw new FilterError(parameter, `must have at most ${MAX_TEXT_CHARS} characters`)
  // No log that a person reads has one, so it is a mistake or an attempt; other control characters do occur in logs.
  if (text.includes('\0')) throw new FilterError(parameter, 'must not contain NUL')
  return text === '' ? undefined : text
}

/** In JSON's quotes, so that no text can pass for another parameter: `level=error,fatal&q="time out"`. */
function keyOf(parts: Record<'stream' | 'level' | TextParameter, string | undefined>): string {
  return Object.entries(parts)
    .flatMap(([name, value]) =>
      value === undefined ? [] : `${name}=${name === 'stream' || name === 'level' ? value : JSON.stringify(value)}`,
    )
    .join('&')
}

interface Sought {
  test(message: string): boolean
  find: Finder
}

/**
 * Smart case: both sides in lower case are compared as they are. Greek writes its s in two ways, of which `toLowerCase`
 * chooses by what follows: only texts with one look.
 */
function soughtText(text: string): Sought {
  const isExact = text !== text.toLowerCase()
  const isGreek = !isExact && ['σ', 'ς'].some((letter) => text.includes(letter))
  const fold = isExact ? asItIs : isGreek ? inLowerCaseWithOneSigma : inLowerCase
  const sought = fold(text)
  const inJson = jsonPattern(sought)
  const pattern = new RegExp(inJson ?? sought.replace(SYNTAX, '\\$&'))
  const contains = (message: string) => {
    const folded = fold(message)
    return inJson === undefined ? folded.includes(sought) : pattern.test(folded)
  }
  const test = fold === inLowerCase && isAscii(text) ? containsInAnyCase(pattern, contains) : contains
  return { test, find: (message) => placesOf(inJson === undefined ? sought : pattern, message, fold) }
}

/** What a RegExp must not take for more than text. */
const SYNTAX = /[\\^$.*+?()[\]{}|/-]/g
/** Of characters beyond ASCII, those whose lower case has ASCII letters: the Turkish İ, and the Kelvin sign. */
const BECOMES_ASCII = /[\u0130\u212a]/

/** V8 finds a text of ASCII in any case five times faster than it makes a message's lower case to look there. */
function containsInAnyCase({ source }: RegExp, contains: (message: string) => boolean): (message: string) => boolean {
  const sought = new RegExp(source, 'i')
  return (message) => sought.test(message) || (BECOMES_ASCII.test(message) && contains(message))
}

const asItIs = (text: string): string => text
const inLowerCase = (text: string): string => text.toLowerCase()
const inLowerCaseWithOneSigma = (text: string): string => text.toLowerCase().replaceAll('ς', 'σ')
