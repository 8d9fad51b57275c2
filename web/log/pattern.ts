/**
 * What a visitor looks for: tested against the lines that are loaded, and as the parameters that ask the server for the
 * same. Plain text means what `q` means there (server/logs/filter.ts); a pattern is written in RE2's syntax and run as a
 * JavaScript RegExp, which can stall on a line: whoever runs one that is not `isSafe` does so in a worker.
 */
import { plainText } from '../../server/logs/plain-text.ts'
import { MAX_RANGES, placesOf, type Range } from '../../server/logs/ranges.ts'
import { literally, META, toJavaScript } from './re2-syntax.ts'

export type { Range }

/** As typed and switched: plain data, so that it can be sent to a worker. */
export interface Wanted {
  readonly text: string
  /** `text` is an RE2 pattern. */
  readonly regex: boolean
  /** Otherwise smart case: an upper-case letter makes the case count. Escapes of a pattern such as `\S` have none. */
  readonly matchCase: boolean
  /** No letter, digit or `_` of any script stands beside the match. */
  readonly word: boolean
}

export interface Pattern {
  readonly wanted: Wanted
  /** Linear in the text, whatever it holds. */
  readonly isSafe: boolean
  /** Looks at the text without its escape sequences, as the server does. */
  test(text: string): boolean
  /** Where it matches in a text that has no escape sequences: in order, the first 100, none of them empty. */
  ranges(text: string): Range[]
  /** The server's parameters for the same: `q=` where that says it, else `re=`. */
  query(): Record<string, string>
}

const MAX_CHARS = 1000 // MAX_TEXT_CHARS of server/logs/filter.ts

const IN_WORD = '[\\p{L}\\p{N}_]'
const WORD_START = new RegExp(`^${IN_WORD}`, 'u')
const WORD_END = new RegExp(`${IN_WORD}$`, 'u')

/** The pattern, or what is wrong with it in a sentence. */
export function compile(wanted: Wanted): Pattern | { error: string } {
  const { text } = wanted
  if (text === '') return { error: 'There is nothing to look for.' }
  if (text.includes('\0')) return { error: 'A NUL character cannot be looked for.' }
  const compiled = wanted.regex && text.search(META) >= 0 ? compileRegex(wanted) : compilePlain(wanted)
  if ('error' in compiled || Object.values(compiled.query()).every((value) => value.length <= MAX_CHARS))
    return compiled
  return { error: `It is longer than ${MAX_CHARS} characters.` }
}

function compilePlain(wanted: Wanted): Pattern {
  const { text, matchCase, word } = wanted
  const lower = text.toLowerCase()
  const isExact = matchCase || text !== lower
  const escaped = literally(text)
  const whole = word
    ? new RegExp(around(escaped, text, `(?<!${IN_WORD})`, `(?!${IN_WORD})`), isExact ? 'gu' : 'giu')
    : undefined

  const isGreek = !isExact && /[σς]/.test(lower)
  const fold = isExact ? asItIs : isGreek ? inLowerCaseWithOneSigma : inLowerCase
  const sought = fold(text)
  const contains = isExact ? (line: string) => line.includes(text) : containsInAnyCase(sought, fold)

  return {
    wanted,
    isSafe: true,
    test: (line) => {
      const plain = plainText(line)
      return contains(plain) && (whole === undefined || plain.search(whole) >= 0)
    },
    ranges: (line) => bounded(whole ? rangesOf(whole, line) : placesOf(sought, line, fold)),
    query: () => {
      const outside = '[^\\pL\\pN_]'
      if (word) return { re: (isExact ? '' : '(?i)') + around(escaped, text, `(?:^|${outside})`, `(?:$|${outside})`) }
      // `q` ignores the case of a text without upper-case letters; a pattern does not.
      return matchCase && text === lower && text !== text.toUpperCase() ? { re: escaped } : { q: text }
    },
  }
}

/**
 * Of a million lines of 150 characters, V8 lower-cases and searches in 90-250 ms, and takes 40 ms with a RegExp that
 * ignores case; so that is used where it says the same: of all that is not ASCII, only `İ` and the Kelvin sign have
 * ASCII in their lower case, the first `i` and a combining dot, which no ASCII text goes on with.
 */
function containsInAnyCase(sought: string, fold: (text: string) => string): (line: string) => boolean {
  if (!/^[\x01-\x7f]*$/.test(sought)) return (line) => fold(line).includes(sought)
  if (!/[a-z]/.test(sought)) return (line) => line.includes(sought)
  const regex = new RegExp(literally(sought).replace(/i$/, '[i\u0130]').replaceAll('k', '[k\u212a]'), 'i')
  return (line) => regex.test(line)
}

const asItIs = (text: string): string => text
const inLowerCase = (text: string): string => text.toLowerCase()
const inLowerCaseWithOneSigma = (text: string): string => text.toLowerCase().replaceAll('ς', 'σ')

/** An edge counts where `text` itself has a letter or digit there: `:foo` may follow one. */
function around(source: string, text: string, left: string, right: string): string {
  return (WORD_START.test(text) ? left : '') + source + (WORD_END.test(text) ? right : '')
}

function compileRegex(wanted: Wanted): Pattern | { error: string } {
  const { text, matchCase, word } = wanted
  const [opening = '', flags = ''] = /^\(\?([ims]+)\)/.exec(text) ?? []
  const letters = text.replace(/\\(?:[pPx]\{[^}]*\}|x..|.)|\(\?P?<\w+>|\[:\w+:\]/gs, '')
  const isSmart = !matchCase && !flags.includes('i') && letters === letters.toLowerCase()
  const source = toJavaScript(text.slice(opening.length))
  if (typeof source !== 'string') return source
  let regex: RegExp
  try {
    new RegExp(source, 'u') // alone: what surrounds it might complete it
    const scope = word ? `(?<!${IN_WORD})(?:${source})(?!${IN_WORD})` : source
    // `s`, since RE2's `.` is everything but a newline, of which a line has none.
    regex = new RegExp(scope, isSmart || flags.includes('i') ? 'gisu' : 'gsu')
  } catch (error) {
    return { error: `The pattern is not understood: ${reasonOf(error)}.` }
  }
  return {
    wanted,
    isSafe: false,
    test: (line) => plainText(line).search(regex) >= 0,
    ranges: (line) => bounded(rangesOf(regex, line)),
    query: () => {
      const scope = word ? `(?:^|[^\\pL\\pN_])(?:${text})(?:$|[^\\pL\\pN_])` : text
      return { re: (isSmart ? '(?i)' : '') + scope }
    },
  }
}

/** Engines word it `Invalid regular expression: /(/: Unterminated group`, or as the last part of that. */
function reasonOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error)
  return words.slice(words.lastIndexOf(': ') + 1).trim()
}

function* rangesOf(regex: RegExp, text: string): Generator<Range> {
  for (const match of text.matchAll(regex)) {
    if (match[0] !== '') yield [match.index, match.index + match[0].length]
  }
}

function bounded(ranges: Iterable<Range>): Range[] {
  const some: Range[] = []
  for (const range of ranges) {
    some.push(range)
    if (some.length === MAX_RANGES) break
  }
  return some
}
