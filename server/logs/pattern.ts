/**
 * Patterns that visitors write: RE2's syntax, matched by re2js in time linear in the text. Never a JavaScript RegExp,
 * which one line can keep busy for hours. re2js is loaded with the first pattern: no start waits for it.
 */
import { FilterError } from './filter-error.ts'
import type { Range } from './ranges.ts'

export interface Pattern {
  /** Whether it matches somewhere. */
  test(text: string): boolean
  /** Where it does, from left to right; places without a character too. */
  find(text: string): Iterable<Range>
}

/**
 * Instructions of a compiled pattern. Linear is linear in this too. At this bound a pattern and a line of 64 KiB that are
 * made to be slow together take 0.2 s, with classes such as `\pL` 0.5 s, and a line of 200 characters 4 ms; what people
 * write takes 1-3 µs a line. A UUID, an address or a dozen words are each below 100 instructions.
 */
export const MAX_PROGRAM_SIZE = 256

/** What is not worth compiling, by a rough count: `(?:.{90}){1000}` ten times is 1 000 characters and takes seconds. */
const MAX_ROUGH_SIZE = 10_000 // compiles in 20 ms; so far above the bound that the count may be rough

/**
 * Memory for the states that re2js remembers of a pattern, by its own estimate; beyond it goes on without. Its default
 * of 8 MiB for each pattern makes the slow ones slower as well: they fill it, and then start over.
 */
const STATES_BYTES = 1024 * 1024

/** Throws `FilterError` for what is no RE2 pattern or too large a one. */
export async function compilePattern(pattern: string): Promise<Pattern> {
  if (roughSize(pattern) > MAX_ROUGH_SIZE) throw tooLarge()
  const { RE2JS, RE2JSSyntaxException } = await import('re2js')
  let compiled: InstanceType<typeof RE2JS>
  try {
    compiled = RE2JS.compile(pattern)
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) throw malformed(pattern, error.error, error.input)
    // Whatever else its compiler may throw, it throws because of this pattern.
    throw new FilterError('re', 'cannot be compiled')
  }
  if (compiled.programSize() > MAX_PROGRAM_SIZE) throw tooLarge()
  const { dfa } = compiled.re2()
  dfa.stateBudget = STATES_BYTES
  dfa.memBudget = STATES_BYTES
  return {
    test: (text) => compiled.test(text),
    *find(text) {
      for (const matcher = compiled.matcher(text); matcher.find(); ) yield [matcher.start(), matcher.end()]
    },
  }
}

function tooLarge(): FilterError {
  return new FilterError('re', 'is too large: it repeats too much or lists too much')
}

/** Quoted text is one token; escapes and classes are one atom each; a group's opening loses its flags and its name. */
const TOKEN =
  /\\Q.*?(?:\\E|$)|\\[pPx]\{[^{}]*\}|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?P?<\w*>|\?[a-zA-Z-]*:?)?|\{\d{1,4}(?:,\d{0,4})?\}|./gs

/** About how many instructions `pattern` compiles to. For patterns that are none, any number. */
function roughSize(pattern: string): number {
  const outer: number[] = []
  let size = 0
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
    }
  }
  return outer.reduce((sum, each) => sum + each, size)
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
