/** The level that a JSON object names. Scanned, not parsed: about a nanosecond a character. */
import type { Level } from '../../wire.ts'
import { plainText } from '../plain-text.ts'
import {
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  closingQuote,
  isDigit,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  skipBlanks,
} from './characters.ts'
import { isNumberKey, isWordKey, isWrapper, levelOfNumber, mayBeKey } from './keys.ts'
import { LONGEST_WORD, levelOfValue } from './words.ts'

/** The level that the object named whose brace is at `open`, or undefined where it names none for certain. */
export function levelOfJson(json: string, open: number): Level | undefined {
  return inObject(json, open, '', 0)
}

/** `wrapper` is the key that the object stands under, `depth` how many it is in. */
function inObject(json: string, open: number, wrapper: string, depth: number): Level | undefined {
  let at = open + 1
  let numbered = false // a number is looked into once: that may cost a search of the whole line
  for (;;) {
    at = skipBlanks(json, at)
    if (json.charCodeAt(at) !== QUOTE) return undefined
    const keyAt = at + 1
    const keyEnd = closingQuote(json, keyAt)
    if (keyEnd < 0) return undefined
    at = skipBlanks(json, keyEnd + 1)
    if (json.charCodeAt(at) !== COLON) return undefined
    at = skipBlanks(json, at + 1)
    if (wrapper === 'level' || mayBeKey(json.charCodeAt(keyAt), keyEnd - keyAt)) {
      const key = json.slice(keyAt, keyEnd)
      const value = json.charCodeAt(at)
      let level: Level | undefined
      if (value === OPEN_BRACE) {
        if (depth < 2 && isWrapper(key)) level = inObject(json, at, key, depth + 1)
      } else if (value === QUOTE) {
        if (wrapper === 'level' ? key === 'name' : isWordKey(key)) level = ofString(json, at + 1)
      } else if (depth === 0 && !numbered && isDigit(value) && isNumberKey(key)) {
        level = levelOfNumber(json, key, at)
        numbered = true
      }
      if (level !== undefined) return level
    }
    at = valueEnd(json, at)
    if (at < 0) return undefined
    at = skipBlanks(json, at)
    if (json.charCodeAt(at) !== COMMA) return undefined
    at++
  }
}

/** The value that a colouring logger wrote, such as winston's `colorize()`: `"\u001b[33mwarn\u001b[39m"`. */
const COLOURED_CHARS = 80

function ofString(json: string, at: number): Level | undefined {
  const end = json.indexOf('"', at)
  if (end < 0) return undefined
  if (json.charCodeAt(at) !== BACKSLASH) {
    let last = end // padded words: "INFO "
    while (json.charCodeAt(last - 1) === 32) last--
    return last - at <= LONGEST_WORD + 1 ? levelOfValue(json, at, last) : undefined
  }
  if (end - at > COLOURED_CHARS) return undefined
  const value = plainText(
    json.slice(at, end).replace(/\\u00(1b|9b)/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
  )
  return levelOfValue(value, 0, value.length)
}

/** Just after the value at `at`; -1 if it does not end. Braces and brackets are counted alike. */
function valueEnd(json: string, at: number): number {
  let depth = 0
  for (; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (code === QUOTE) {
      at = closingQuote(json, at + 1)
      if (at < 0) return -1
      if (depth === 0) return at + 1
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (depth === 0) return at
      if (--depth === 0) return at + 1
    } else if (code === COMMA && depth === 0) return at
  }
  return -1
}
