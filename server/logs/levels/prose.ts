/** What tells a level's word from the same word in a sentence or a headline: what follows it. */
import {
  BANG,
  BAR,
  DASH,
  EQUALS,
  isBlank,
  isDigit,
  isLower,
  isUpper,
  OPEN_BRACKET,
  SPACE,
  skipBlanks,
  TAB,
  wordEnd,
} from './characters.ts'

/** Words that a level's word belongs to: `DEBUG mode is on`, `12 ERROR lines`. */
const NOUNS =
  'mode modes level levels logging logs lines pages messages entries events records codes reporting handling symbols'
const ATTRIBUTED = new Set(NOUNS.split(' '))
/** What else follows a level's word behind a number that counts: `12 WARN and 3 ERROR`. */
const COUNTED = new Set('and or in of from for found since lines errors'.split(' '))
const METHODS = new Set('GET HEAD POST PUT PATCH DELETE OPTIONS HTTP HTTPS'.split(' '))
/** What else follows `debug` in a sentence that begins with it. */
const AFTER_DEBUG = new Set(
  `${NOUNS} log info information output build builds port console flag flags option options endpoint session server
  adapter toolbar menu print prints printing program code data key keys the a an this that these those your our my it its
  is was are and or of off on in for with by enabled disabled`.split(/\s+/),
)
/** What follows `Information` and `err` in a sentence that begins with them. */
const AFTER_INFORMATION = new Set('about for from in is of on regarding to was'.split(' '))

/** Whether `INFO`, ending at `end`, is followed as a level is, and not as the first word of a headline. */
export function beginsText(text: string, end: number): boolean {
  const next = text.charCodeAt(end)
  if (next === OPEN_BRACKET) return isDigit(text.charCodeAt(end + 1)) // INFO[0000] is logrus'
  if (next === BANG) return isBlank(text.charCodeAt(end + 1))
  if (next !== SPACE) return next === TAB || next === BAR
  const second = skipBlanks(text, end)
  if (second === text.length || text.charCodeAt(second) === EQUALS) return false
  if (second > end + 1) return true
  const secondEnd = wordEnd(text, second)
  if (ATTRIBUTED.has(text.slice(second, secondEnd).toLowerCase())) return false
  return !isCapitals(text, second, secondEnd) || METHODS.has(text.slice(second, secondEnd))
}

/** Whether the level's word that ends at `end`, behind a number, is what the number counts. */
export function isCounted(text: string, end: number): boolean {
  return follows(COUNTED, text, end)
}

/** Whether `error`, ending at `end`, stands before a sentence, `error Command failed`, and not in one. */
export function precedesSentence(text: string, end: number): boolean {
  if (text.charCodeAt(end) !== SPACE) return false
  const next = text.charCodeAt(end + 1)
  return isUpper(next) || next === 34 /* " */ || next === 96 /* ` */
}

/** Whether `debug`, ending at `end`, is followed by a word that it does not belong to: `debug connecting`. */
export function debugs(text: string, end: number): boolean {
  return text.charCodeAt(end) === SPACE && isLower(text.charCodeAt(end + 1)) && !follows(AFTER_DEBUG, text, end)
}

/** Whether text follows the word that ends at `end`, and neither makes a sentence of it nor a statement, `inf = 1`. */
export function informs(text: string, end: number): boolean {
  if (text.charCodeAt(end) !== SPACE) return false
  const at = skipBlanks(text, end)
  return at < text.length && text.charCodeAt(at) !== EQUALS && !follows(AFTER_INFORMATION, text, end)
}

/** Whether a tab, a bar, a dash or padding follows: what keeps `10:02:11 error  text` apart from prose. */
export function isSetOff(text: string, end: number): boolean {
  const next = text.charCodeAt(end)
  if (next !== SPACE) return next === TAB || next === BAR
  const then = text.charCodeAt(end + 1)
  return then === SPACE || then === BAR || (then === DASH && text.charCodeAt(end + 2) === SPACE)
}

/** Whether two blanks follow, and text: `✖  error     Renew failed`. */
export function isPadded(text: string, end: number): boolean {
  const at = skipBlanks(text, end)
  return at > end + 1 && at < text.length
}

/** What follows `debug:` in a dump of settings, a report or a trace's id, and not in a log line. */
const BARE_VALUE =
  /^\s*(?:true|false|null|none|nil|no|yes|on|off|undefined|enabled|disabled|[\d.,-]+%?|(?=[a-f]*\d)[\da-f-]{8,}|\[\]|\{\}|""|'')?\s*$/i
const BARE_CHARS = 40

/** After `error:`, does a message follow? `upper` words may be followed by a logger's name: `WARNING:root:text`. */
export function saysMore(text: string, at: number, upper: boolean): boolean {
  if (upper ? text.startsWith('//', at) : !isBlank(text.charCodeAt(at))) return false
  return text.length - at > BARE_CHARS || !BARE_VALUE.test(text.slice(at))
}

function follows(words: ReadonlySet<string>, text: string, end: number): boolean {
  const at = skipBlanks(text, end)
  return words.has(text.slice(at, wordEnd(text, at)).toLowerCase())
}

function isCapitals(text: string, at: number, end: number): boolean {
  if (end - at < 2) return false
  for (let i = at; i < end; i++) if (!isUpper(text.charCodeAt(i))) return false
  return true
}
