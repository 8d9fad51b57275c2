/** Levels in brackets: `[INFO]`, and what else of a bracket's content is a level behind a time. */
import type { Level } from '../../wire.ts'
import { CLOSE_BRACKET, COLON, OPEN_PAREN, SLASH, skipBlanks, wordEnd, wordStart } from './characters.ts'
import { BRACKETS, levelOfLetter, TIMED, type Word, wordAt } from './words.ts'

/** `[INFO]`, `(INFO)`, `<Information>`. */
export function isBracketed(text: string, word: Word, end: number, closer: number, timed: boolean): boolean {
  if ((word.trust & BRACKETS) === 0) return false
  const link = text.charCodeAt(end + 1) === OPEN_PAREN // [error](https://...)
  return !link && (closer === CLOSE_BRACKET || timed || word.upper)
}

/** `[core:notice]` of Apache, `[W]` of Gitea, `[System] [MY-` of MySQL: after a time only. */
export function inBrackets(text: string, at: number, end: number, closer: number): Level | undefined {
  if (closes(text, end, closer)) {
    if (end - at > 1) return text.startsWith('System] [MY-', at) ? 'info' : undefined
    return closer === CLOSE_BRACKET && text.charAt(at) !== 'C' ? levelOfLetter(text.charAt(at)) : undefined
  }
  if (text.charCodeAt(end) !== COLON) return undefined
  const stop = wordEnd(text, end + 1)
  const word = closes(text, stop, closer) ? wordAt(text, end + 1, stop) : undefined
  return word !== undefined && (word.trust & BRACKETS) !== 0 ? word.level : undefined
}

/** The level before the bracket's end at `at` in `[Server thread/INFO]` of Minecraft. */
export function afterSlash(text: string, at: number): Level | undefined {
  const start = wordStart(text, at)
  const word = text.charCodeAt(start - 1) === SLASH ? wordAt(text, start, at) : undefined
  return word?.upper && (word.trust & TIMED) !== 0 ? word.level : undefined
}

/** Whether the bracket closes at `end`, but for padding. */
export function closes(text: string, end: number, closer: number): boolean {
  return text.charCodeAt(skipBlanks(text, end)) === closer
}
