/** Pairs of logfmt: `level=warn`. */
import type { Level } from '../../wire.ts'
import { blankAfter, COMMA, closingQuote, DASH, QUOTE, wordEnd } from './characters.ts'
import { isNumber } from './names.ts'
import { levelOfValue } from './words.ts'

/** The level in `level=warn`, `level="warn"` or `level=INFO+2`, from just after the sign. */
export function levelOfPair(text: string, at: number, end: number): Level | undefined {
  if (text.charCodeAt(at) === QUOTE) return levelOfValue(text, at + 1, end - 1)
  if (text.charCodeAt(end - 1) === COMMA) end--
  const word = wordEnd(text, at)
  const sign = text.charCodeAt(word)
  const graded = (sign === 43 /* + */ || sign === DASH) && isNumber(text, word + 1, end) // slog's grades of a level
  return levelOfValue(text, at, graded ? word : end)
}

/** Just after a logfmt value; -1 if its quotes are not closed. */
export function endOfValue(text: string, at: number): number {
  if (text.charCodeAt(at) !== QUOTE) return blankAfter(text, at)
  const quote = closingQuote(text, at + 1)
  return quote < 0 ? -1 : quote + 1
}
