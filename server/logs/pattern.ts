/**
 * Patterns that visitors write: RE2's syntax, matched in time linear in the text. Never a JavaScript RegExp, which one line
 * can keep busy for hours. re2js compiles them, within bounds that are checked before it does, and is loaded with the
 * first pattern: no start waits for it.
 */
import { FilterError } from './filter-error.ts'
import { Program, type Work } from './program.ts'
import { placesOf, type Range } from './ranges.ts'

export interface Pattern {
  /** Whether it matches somewhere: for a long text and a large pattern as work, which can stop. */
  test(text: string): boolean | Work<boolean>
  /**
   * Where it does, from left to right, `count` times at most; places without a character too. Of a text that takes long,
   * only the first.
   */
  find(text: string, count: number): Work<Range[]>
}

/**
 * Instructions of a compiled pattern: 1000 letters are 1002. Linear is linear in this too: a line of 64 KiB that is made
 * for such a pattern takes seconds, in slices; what people write takes 1-3 µs a line.
 */
export const MAX_PROGRAM_SIZE = 1_024

/** What is not worth compiling, by a rough count: `(?:.{90}){1000}` ten times is 1 000 characters and takes seconds. */
const MAX_ROUGH_SIZE = 4_000 // compiles in 10 ms; so far above the bound that the count may be rough

/**
 * Ranges in a pattern's classes, by a count from above. `[\pL...]` with 330 of them is 1 000 characters, and
 * takes 50 ms to sort.
 */
export const MAX_RANGES = 12_000 // compiles in 5 ms
const TABLE_RANGES = 750 // of the largest Unicode class, `\pC`
/** What `(?i)` compares with others one by one, in what takes as long as one range. */
const FOLDED_PER_RANGE = 3 // so that ideographs, 21 000 of them, may be a range
/** The first and the last character that have another case, as re2js has it. */
const FOLDED = { first: 0x41, last: 0x1e943 }

/** Above it no anchored pattern may take re2js's one-pass form: choosing that takes time cubic in the alternatives. */
const ONE_PASS_SIZE = 128 // 1 ms

/**
 * Memory for the states that re2js remembers of a pattern, by its own estimate; beyond it goes on without. Its default
 * of 8 MiB for each pattern makes the slow ones slower as well: they fill it, and then start over.
 */
const STATES_BYTES = 512 * 1024

/** re2js, which cannot stop, looks at texts up to so many characters times instructions: it takes half a millisecond. */
const MAX_AT_ONCE = 10_000

/** The last patterns, compiled or refused: whoever reconnects costs nothing. Each holds 1 MiB of states at most. */
const MAX_KEPT = 8
const kept = new Map<string, Pattern | FilterError>()

/** Loads what compiles patterns. */
export const loadPatterns = () => import('re2js')

/** Rejects with `FilterError` for what is no RE2 pattern or too large a one. Takes 5 ms, and 40 until V8 has optimised re2js. */
export async function compilePattern(pattern: string): Promise<Pattern> {
  let result = kept.get(pattern)
  result ??= compiledOrRefused(pattern, await loadPatterns())
  kept.delete(pattern)
  kept.set(pattern, result)
  const [oldest] = kept.keys()
  if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest)
  if (result instanceof FilterError) throw result
  return result
}

function compiledOrRefused(pattern: string, re2js: Awaited<ReturnType<typeof loadPatterns>>): Pattern | FilterError {
  const { size, ranges, isFolded } = roughSize(pattern)
  if (size > MAX_ROUGH_SIZE)
    return new FilterError(
      're',
      `repeats too much: it compiles to more than ${MAX_PROGRAM_SIZE} instructions; lower the {counts}`,
    )
  if (ranges > MAX_RANGES)
    return new FilterError(
      're',
      `has too large classes: about ${ranges} ranges, the maximum is ${MAX_RANGES}; list less${isFolded ? ', or leave out (?i)' : ''}`,
    )
  const isGuarded = size > ONE_PASS_SIZE && /\^|\\A/.test(pattern) && !REPEATS_NOTHING.test(pattern)
  let compiled: InstanceType<typeof re2js.RE2JS>
  try {
    compiled = re2js.RE2JS.compile(isGuarded ? NOT_ONE_PASS.text + pattern : pattern)
  } catch (error) {
    if (error instanceof re2js.RE2JSSyntaxException) return malformed(pattern, error.error, error.input)
    // Whatever else its compiler may throw, it throws because of this pattern.
    return new FilterError('re', 'cannot be compiled')
  }
  const programSize = compiled.programSize() - (isGuarded ? NOT_ONE_PASS.size : 0)
  if (programSize > MAX_PROGRAM_SIZE) return tooLong(pattern, programSize)
  return patternOf(compiled.re2(), programSize, (text) => compiled.test(text))
}

/** Matches everywhere, and begins with another instruction than a one-pass program may. */
const NOT_ONE_PASS = { text: '()', size: 3 }

/** No pattern as it is, and one behind another: what begins with a repetition, or with one of flags or of an empty quotation. */
const REPEATS_NOTHING = /^(?:\(\?[a-zA-Z-]*\)|\\Q\\E)*[*+?{]/

type Re2 = ReturnType<InstanceType<typeof import('re2js').RE2JS>['re2']>

function patternOf(re2: Re2, size: number, testAtOnce: (text: string) => boolean): Pattern {
  const program = new Program(re2.prog)
  const { prefix, prefixComplete } = re2
  if (prefixComplete && prefix !== null && prefix !== '')
    return { test: (text) => text.includes(prefix), find: (text, count) => placesOfText(prefix, text, count) }
  let ranges = 0
  for (const { runes } of re2.prog.inst) ranges += runes.length / 2
  const isLarge = ranges > MAX_RANGES // which re2js, where it remembers states, would take long to begin with
  if (!isLarge) {
    const { dfa } = re2
    dfa.stateBudget = STATES_BYTES
    dfa.memBudget = STATES_BYTES
  }
  const mostAtOnce = isLarge ? 0 : MAX_AT_ONCE / size
  return {
    test: (text) => (text.length <= mostAtOnce ? testAtOnce(text) : program.test(text)),
    find: (text, count) => program.find(text, count),
  }
}

function* placesOfText(sought: string, text: string, count: number): Work<Range[]> {
  const places: Range[] = []
  for (const place of placesOf(sought, text, (same) => same)) if (places.push(place) === count) break
  return places
}

function tooLong(pattern: string, size: number): FilterError {
  const cure = /\{\d/.test(pattern) ? 'lower the {counts}, or list less' : 'shorten it'
  return new FilterError(
    're',
    `is too large: it compiles to ${size} instructions, the maximum is ${MAX_PROGRAM_SIZE}; ${cure}`,
  )
}

/**
 * Quoted text is one token; escapes and classes are one atom each; a group's opening loses its flags and its name. A class
 * that is not closed goes to the end.
 */
const TOKEN =
  /\\Q.*?(?:\\E|$)|\\[pPx]\{[^{}]*\}|\\[pP].|\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*(?:\]|$)|\((?:\?P?<\w*>|\?[a-zA-Z-]*:?)?|\{\d{1,4}(?:,\d{0,4})?\}|./gs

/** What a class lists. */
const ITEM = /\[:\^?\w+:\]|\\[pP](?:\{[^{}]*\}|.)|(?:\\x\{[^{}]*\}|\\x[0-9a-fA-F]{2}|\\[0-7]{1,3}|\\.|.)/gsu

/** About how many instructions `pattern` compiles to, and how many ranges its classes hold. For what is no pattern, any number. */
function roughSize(pattern: string): { size: number; ranges: number; isFolded: boolean } {
  const isFolded = /\(\?[a-zA-Z]*i/.test(pattern)
  const outer: number[] = []
  let size = 0
  let ranges = 0
  let last = 0 // of the atom that a repetition would repeat
  for (const [token] of pattern.matchAll(TOKEN)) {
    if (token[0] === '(') {
      outer.push(size)
      size = 2
      last = 0
    } else if (token === ')') {
      last = size
      size += outer.pop() ?? 0
    } else if (token[0] === '{' && token.length > 1) {
      const [least = 0, most = 0] = token.slice(1, -1).split(',').map(Number)
      const repeated = Math.max(least, most, 1) * (last + 1)
      size += repeated - last
      last = repeated
    } else {
      last = 1
      size += token.startsWith('\\Q') ? token.length : '*+?|'.includes(token) ? 2 : 1
      if (token[0] === '[') ranges += rangesInClass(token.slice(1, -1), isFolded)
      else if (/^\\p/i.test(token)) ranges += tableRanges(isFolded)
    }
  }
  return { size: outer.reduce((sum, each) => sum + each, size), ranges, isFolded }
}

function tableRanges(isFolded: boolean): number {
  return isFolded ? 2 * TABLE_RANGES : TABLE_RANGES
}

/** From above. `content`: a class without its brackets. */
function rangesInClass(content: string, isFolded: boolean): number {
  const items = [...content.replace(/^\^/, '').matchAll(ITEM)].map(([item]) => item)
  let ranges = 0
  for (let at = 0; at < items.length; at++) {
    const item = items[at] ?? ''
    const last = items[at + 1] === '-' ? items[at + 2] : undefined
    if (/^\\p/i.test(item)) ranges += tableRanges(isFolded)
    else if (/^(?:\[:|\\[dswDSW])/.test(item)) ranges += isFolded ? 16 : 4
    else if (last === undefined) ranges += isFolded ? 4 : 1
    else {
      ranges += 1 + (isFolded ? foldedRanges(item, last) : 0)
      at += 2
    }
  }
  return Math.ceil(ranges)
}

/** What it costs to look for the other cases of each character from one to the other. */
function foldedRanges(first: string, last: string): number {
  return Math.max(0, Math.min(FOLDED.last, codeOf(last)) - Math.max(FOLDED.first, codeOf(first))) / FOLDED_PER_RANGE
}

/** The character that an item of a class stands for. */
function codeOf(item: string): number {
  const hex = /^\\x\{?([0-9a-fA-F]+)\}?$/.exec(item)?.[1]
  if (hex !== undefined) return Number.parseInt(hex, 16)
  const octal = /^\\([0-7]{1,3})$/.exec(item)?.[1]
  if (octal !== undefined) return Number.parseInt(octal, 8)
  const character = /^\\[afnrtv]$/.test(item) ? '\n' : item.replace(/^\\(?=.)/s, '')
  return character.codePointAt(0) ?? 0
}

/** re2js tells what was wrong and the text there, often up to the end; where that is follows if it stands there once. */
function malformed(pattern: string, description: string, there: string | null): FilterError {
  const problem = `is not an RE2 pattern: ${description}`
  const lonely = description.endsWith(')') ? lonelyParenthesis(pattern) : undefined
  if (lonely !== undefined) return malformedAt(problem, pattern.slice(lonely), lonely)
  if (!there) return new FilterError('re', problem)
  const at = pattern.indexOf(there)
  return malformedAt(problem, there, at === pattern.lastIndexOf(there) ? at : -1)
}

/** `at`: -1 where that is not known. */
function malformedAt(problem: string, there: string, at: number): FilterError {
  return new FilterError('re', `${problem}${at < 0 ? '' : ` at character ${at + 1}`}: ${shown(there)}`)
}

/** Where the parenthesis stands that lacks its other, of which re2js only tells that there is one. */
function lonelyParenthesis(pattern: string): number | undefined {
  const open: number[] = []
  for (const { 0: token, index } of pattern.matchAll(TOKEN)) {
    if (token[0] === '(') open.push(index)
    else if (token === ')' && open.pop() === undefined) return index
  }
  return open.at(-1)
}

const SHOWN_CHARS = 40 // a sentence stays a sentence

function shown(text: string): string {
  return JSON.stringify(text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text)
}
