/**
 * What a visitor looks for, tested against the lines that are loaded. A pattern is run as a JavaScript RegExp, which can
 * stall on a line: whoever runs one that is not `isSafe` does so in a worker.
 */
import { jsonPattern } from '../../server/logs/json-text.ts'
import { plainText } from '../../server/logs/plain-text.ts'
import { MAX_RANGES, placesOf, type Range } from '../../server/logs/ranges.ts'
import { ask, isExact, sourceOf, type Wanted, wholeWord } from './wanted.ts'

export type { Range, Wanted }

export interface Pattern {
  readonly wanted: Wanted
  /** Linear in the text, whatever it holds. */
  readonly isSafe: boolean
  /** Looks at the text without its escape sequences, as the server does. */
  readonly test: (text: string) => boolean
  /** The same for a text that has none. */
  readonly testPlain: (text: string) => boolean
  /** Where it matches in a text that has no escape sequences: in order, the first 100, none of them empty. */
  ranges(text: string): Range[]
  /** The server's parameters for the same. */
  readonly query: Record<string, string>
}

/** The pattern, or what is wrong with it in a sentence. */
export function compile(wanted: Wanted): Pattern | { error: string } {
  const asked = ask(wanted)
  if ('error' in asked) return asked
  const { query, regex } = asked
  if (regex === undefined) return { wanted, isSafe: true, query, ...plain(wanted) }
  return {
    wanted,
    isSafe: false,
    query,
    ...tests((line) => line.search(regex) >= 0),
    ranges: (line) => bounded(rangesOf(regex, line)),
  }
}

function tests(testPlain: Pattern['test']): Pick<Pattern, 'test' | 'testPlain'> {
  return { test: (line) => testPlain(plainText(line)), testPlain }
}

function plain(wanted: Wanted): Pick<Pattern, 'test' | 'testPlain' | 'ranges'> {
  const { text } = wanted
  const whole = wanted.word ? wholeWord(wanted) : undefined
  const isGreek = !isExact(wanted) && /[σς]/.test(text.toLowerCase())
  const fold = isExact(wanted) ? asItIs : isGreek ? inLowerCaseWithOneSigma : inLowerCase
  const sought = fold(text)
  const contains = containsFolded(sought, fold)
  const places = jsonPattern(sought) === undefined ? sought : new RegExp(sourceOf(sought))
  return {
    ...tests((line) => contains(line) && (whole === undefined || line.search(whole) >= 0)),
    ranges: (line) => bounded(whole ? rangesOf(whole, line) : placesOf(places, line, fold)),
  }
}

/**
 * Of a million lines of 150 characters, V8 lower-cases and searches in 90-250 ms, and takes 40 ms with a RegExp that
 * ignores case; so that is used where it says the same: of all that is not ASCII, only `İ` and the Kelvin sign have
 * ASCII in their lower case, the first `i` and a combining dot, which no ASCII text goes on with.
 */
function containsFolded(sought: string, fold: (text: string) => string): (line: string) => boolean {
  const source = sourceOf(sought)
  const isAscii = /^[\x01-\x7f]*$/.test(sought)
  if (fold !== asItIs && isAscii && /[a-z]/.test(sought)) {
    const regex = new RegExp(source.replace(/i$/, '[i\u0130]').replaceAll('k', '[k\u212a]'), 'i')
    return (line) => regex.test(line)
  }
  const folded = isAscii ? asItIs : fold
  if (jsonPattern(sought) === undefined) return (line) => folded(line).includes(sought)
  const regex = new RegExp(source)
  return (line) => regex.test(folded(line))
}

const asItIs = (text: string): string => text
const inLowerCase = (text: string): string => text.toLowerCase()
const inLowerCaseWithOneSigma = (text: string): string => text.toLowerCase().replaceAll('ς', 'σ')

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
