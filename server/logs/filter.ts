/**
 * Filters of log lines: by stream, by level, by text that must or must not be there, by pattern. Pure. A filter runs for
 * each line of a feed, once for all sessions whose filters have the same key.
 */
import type { Level, Stream } from '../wire.ts'
import { FilterError, type TextParameter } from './filter-error.ts'
import type { LogLine } from './line.ts'
import { compilePattern, type Matcher } from './pattern.ts'
import { plainText } from './plain-text.ts'

/** In the order of severity; `none` stands for lines that name no level. */
export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'none'] as const satisfies (Level | 'none')[]

export type LevelChoice = (typeof LEVELS)[number]

/** All that is given must hold. An empty text is no text, and all levels are no choice of levels. */
export interface FilterSpec {
  readonly stream?: Stream | undefined
  readonly levels?: readonly LevelChoice[] | undefined
  /** Text that a message contains: in any case, unless this has an upper-case letter. */
  readonly q?: string | undefined
  /** Text that a message does not contain; of case as `q`. */
  readonly not?: string | undefined
  /** An RE2 pattern that a message matches somewhere; case-sensitive unless it says `(?i)`. */
  readonly re?: string | undefined
}

export interface Filter {
  /** Equal for equal filters, however they were written; empty for the filter that admits everything. */
  readonly key: string
  /** Looks at messages without their escape sequences, which nobody sees. Never throws. */
  admits(line: LogLine): boolean
}

/** Of each text: more than anyone types, and little enough that a URL with all three is one that servers take. */
export const MAX_TEXT_CHARS = 1000

export const NO_FILTER: Filter = { key: '', admits: () => true }

/** Throws `FilterError` for a text that is too long or has a NUL, and for a pattern that RE2 does not take. */
export async function compileFilter(spec: FilterSpec): Promise<Filter> {
  const { stream } = spec
  const levels = chosenLevels(spec.levels)
  const q = checked('q', spec.q)
  const not = checked('not', spec.not)
  const re = checked('re', spec.re)
  const key = keyOf({ stream, level: levels?.join(), q, not, re })
  if (key === '') return NO_FILTER

  const contains = q === undefined ? undefined : containing(q)
  const excludes = not === undefined ? undefined : containing(not)
  const matches = re === undefined ? undefined : await compilePattern(re)
  const readsText = contains !== undefined || excludes !== undefined || matches !== undefined
  const admits = (line: LogLine): boolean => {
    if (stream !== undefined && line.stream !== stream) return false
    if (levels !== undefined && !levels.includes(line.level ?? 'none')) return false
    if (!readsText) return true
    const text = plainText(line.message)
    // The pattern is last: it costs tens of times what the others do.
    if (contains !== undefined && !contains(text)) return false
    if (excludes?.(text)) return false
    return matches === undefined || matches(text)
  }
  return { key, admits }
}

function chosenLevels(levels: readonly LevelChoice[] | undefined): readonly LevelChoice[] | undefined {
  const chosen = LEVELS.filter((level) => levels?.includes(level))
  return levels === undefined || chosen.length === LEVELS.length ? undefined : chosen
}

function checked(parameter: TextParameter, text = ''): string | undefined {
  if (text.length > MAX_TEXT_CHARS) throw new FilterError(parameter, `is longer than ${MAX_TEXT_CHARS} characters`)
  // No log that a person reads has one, so it is a mistake or an attempt; other control characters do occur in logs.
  if (text.includes('\0')) throw new FilterError(parameter, 'contains a NUL character')
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

/**
 * Smart case. Both sides in lower case are compared as they are, and `includes` and `toLowerCase` take ASCII many bytes
 * at a time. Greek writes its s in two ways, of which `toLowerCase` chooses by what follows: only texts with one look.
 */
function containing(sought: string): Matcher {
  if (sought !== sought.toLowerCase()) return (text) => text.includes(sought)
  if (!/[σς]/.test(sought)) return (text) => text.toLowerCase().includes(sought)
  const folded = sought.replaceAll('ς', 'σ')
  return (text) => text.toLowerCase().replaceAll('ς', 'σ').includes(folded)
}
