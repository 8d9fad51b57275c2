/**
 * Finds the level that a log line names, in the forms that programs in containers write. To teach it something new, add
 * a row to a table: a word to `words.ts`, a JSON or logfmt key to `keys.ts`, a form of one program to `forms.ts`, a head
 * of a crash to `crashes.ts`; then a line to the table in `tests/unit/logs/levels/detect.test.ts`.
 *
 * It runs for every line on the server, whose whole budget is 6 µs a line: a text line is left at the first word that
 * cannot stand before a level, a JSON line is scanned, not parsed. A wrong level is worse than none: what is not
 * certain is `undefined`.
 */
import type { Level } from '../../wire.ts'
import { mayHaveSequences, plainText } from '../plain-text.ts'
import { OPEN_BRACE, skipBlanks } from './characters.ts'
import { levelOfForm } from './forms.ts'
import { levelOfJson } from './json.ts'
import { levelOfText } from './text.ts'

/** Text is judged by its beginning; what stands further back is not a line's level. */
const TEXT_CHARS = 512
/** JSON may hold the level behind the message, so more is scanned of it: at about a nanosecond a character. */
const JSON_CHARS = 8192

/**
 * The level that `message` names, or `undefined` where it names none for certain. Never throws. Looks at no more than
 * the first 512 characters of text and 8192 of JSON, in time linear in them; escape sequences count as none of the text,
 * and no more than 8192 characters are looked through for them.
 */
export function detectLevel(message: string): Level | undefined {
  const text = message.length > JSON_CHARS ? message.slice(0, JSON_CHARS) : message
  // JSON holds no control characters but as \u001b.
  return text.charCodeAt(0) === OPEN_BRACE ? ofJson(text) : ofText(text)
}

function ofText(raw: string): Level | undefined {
  let text = raw
  if (mayHaveSequences(raw.length > TEXT_CHARS ? raw.slice(0, TEXT_CHARS) : raw)) {
    text = plainText(raw)
    if (text.charCodeAt(0) === OPEN_BRACE) return ofJson(text)
  }
  // One letter is put in place of what is cut off, so that no word ends at the cut.
  if (text.length > TEXT_CHARS) text = `${text.slice(0, TEXT_CHARS)}x`
  return levelOfForm(text, skipBlanks(text, 0)) ?? levelOfText(text)
}

function ofJson(json: string): Level | undefined {
  return levelOfForm(json, 0) ?? levelOfJson(json, 0)
}
