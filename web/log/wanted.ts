/**
 * What a visitor looks for, as the parameters that ask the server for it, and what is wrong with it. Plain text means what `q`
 * means there (server/logs/filter.ts); a pattern is written in RE2's syntax.
 */
import { jsonPattern } from '../../server/logs/json-text.ts'
import { literally, META, toJavaScript } from './re2-syntax.ts'

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

export interface Asked {
  /** The server's parameters: `q=` where that says it, else `re=`. */
  readonly query: Record<string, string>
  /** The same for lines that are here; undefined for plain text. */
  readonly regex: RegExp | undefined
}

const MAX_CHARS = 1000 // MAX_TEXT_CHARS of server/logs/filter.ts

const IN_WORD = '[\\p{L}\\p{N}_]'
const WORD_START = new RegExp(`^${IN_WORD}`, 'u')
const WORD_END = new RegExp(`${IN_WORD}$`, 'u')
/** RE2 cannot look around, nor does it tell such a `\b` of all scripts. */
const OUTSIDE = '[^\\pL\\pN_]'

/** How to ask for it, or what is wrong with it in a sentence. */
export function ask(wanted: Wanted): Asked | { error: string } {
  const { text } = wanted
  if (text === '') return { error: 'There is nothing to look for.' }
  if (text.includes('\0')) return { error: 'A NUL character cannot be looked for.' }
  const asked =
    wanted.regex && text.search(META) >= 0 ? askByRegex(wanted) : { query: plainQuery(wanted), regex: undefined }
  if ('error' in asked || Object.values(asked.query).every((value) => value.length <= MAX_CHARS)) return asked
  return { error: `It is longer than ${MAX_CHARS} characters.` }
}

/** The case of plain text counts. */
export function isExact({ text, matchCase }: Wanted): boolean {
  return matchCase || text !== text.toLowerCase()
}

/** Plain text as a RegExp that finds it as a whole word. */
export function wholeWord(wanted: Wanted): RegExp {
  return new RegExp(around(wanted.text, `(?<!${IN_WORD})`, `(?!${IN_WORD})`), isExact(wanted) ? 'gu' : 'giu')
}

/** Plain text as a pattern of either kind: it is looked for as JSON writes it too. */
export function sourceOf(text: string): string {
  return jsonPattern(text) ?? literally(text)
}

/** An edge counts where `text` itself has a letter or digit there: `:foo` may follow one. */
function around(text: string, left: string, right: string): string {
  return (WORD_START.test(text) ? left : '') + sourceOf(text) + (WORD_END.test(text) ? right : '')
}

function plainQuery(wanted: Wanted): Record<string, string> {
  const { text, matchCase, word } = wanted
  if (word) return { re: (isExact(wanted) ? '' : '(?i)') + around(text, `(?:^|${OUTSIDE})`, `(?:$|${OUTSIDE})`) }
  // `q` ignores the case of a text without upper-case letters; a pattern does not.
  const isLower = text === text.toLowerCase() && text !== text.toUpperCase()
  return matchCase && isLower ? { re: sourceOf(text) } : { q: text }
}

function askByRegex({ text, matchCase, word }: Wanted): Asked | { error: string } {
  const [opening = '', flags = ''] = /^\(\?([ims]+)\)/.exec(text) ?? []
  const letters = text.replace(/\\(?:[pPx]\{[^}]*\}|x..|.)|\(\?P?<\w+>|\[:\w+:\]/gs, '')
  const isSmart = !matchCase && !flags.includes('i') && letters === letters.toLowerCase()
  const source = toJavaScript(text.slice(opening.length))
  if (typeof source !== 'string') return source
  const scope = word ? `(?:^|${OUTSIDE})(?:${text})(?:$|${OUTSIDE})` : text
  try {
    new RegExp(source, 'u') // alone: what surrounds it might complete it
    return {
      query: { re: (isSmart ? '(?i)' : '') + scope },
      regex: new RegExp(
        word ? `(?<!${IN_WORD})(?:${source})(?!${IN_WORD})` : source,
        // `s`, since RE2's `.` is everything but a newline, of which a line has none.
        isSmart || flags.includes('i') ? 'gisu' : 'gsu',
      ),
    }
  } catch (error) {
    return { error: `The pattern is not understood: ${reasonOf(error)}.` }
  }
}

/** Engines word it `Invalid regular expression: /(/: Unterminated group`, or as the last part of that. */
function reasonOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error)
  return words.slice(words.lastIndexOf(': ') + 1).trim()
}
