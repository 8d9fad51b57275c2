/**
 * The level of a text line, by the place where it stands: the words and marks that programs write before a level are
 * walked past, up to the first word that is a level there, or to anything that shows the line to be prose.
 */
import type { Level } from '../../wire.ts'
import { afterSlash, closes, inBrackets, isBracketed } from './brackets.ts'
import {
  BANG,
  BAR,
  blankAfter,
  CLOSE_BRACKET,
  CLOSE_PAREN,
  COLON,
  COMMA,
  DASH,
  DOT,
  EQUALS,
  GREATER,
  isBlank,
  isDigit,
  isLetter,
  isUpper,
  isWordChar,
  LESS,
  OPEN_BRACE,
  OPEN_BRACKET,
  OPEN_PAREN,
  QUOTE,
  SLASH,
  SPACE,
  skipBlanks,
  wordEnd,
  wordStart,
} from './characters.ts'
import { levelAfterPlace, levelOfCrash } from './crashes.ts'
import { levelOfJson } from './json.ts'
import { isLogfmtKey } from './keys.ts'
import { endOfValue, levelOfPair } from './logfmt.ts'
import { endOfName, isBeforeProgram, isModule, isNumber, isStructured } from './names.ts'
import { beginsText, debugs, informs, isCounted, isPadded, isSetOff, precedesSentence, saysMore } from './prose.ts'
import { holdsClock, timeEnd } from './times.ts'
import {
  ANY_CASE_FIRST,
  ANY_CASE_TIMED,
  COLON as BEFORE_COLON,
  BRACKETS,
  FIRST,
  levelOfLetter,
  SENTENCE,
  TIMED,
  type Word,
  wordAt,
} from './words.ts'

/** Words between the time and the level that may be a logger's, a host's or a thread's name. */
const NAMES = 3

/** The level that `text` names, or undefined where it names none for certain. Every step moves on: linear in the text. */
export function levelOfText(text: string): Level | undefined {
  const start = skipBlanks(text, 0)
  let at = timeEnd(text, start)
  let timed = at >= 0
  if (!timed) {
    // The line's first token tells most lines apart: a place in a program, a name before a time, prose.
    const wordStop = wordEnd(text, start)
    let end = wordStop
    let colon = -1
    let name = !isOpening(text.charCodeAt(start))
    for (let code = text.charCodeAt(end); end < text.length && !isBlank(code); code = text.charCodeAt(++end)) {
      if (code === COLON) colon = end
      else if (code === EQUALS) name = false
    }
    if (colon > start) {
      const level = ofFirstToken(text, end, colon)
      if (level !== undefined) return level
    }
    if (name) at = timeBehind(text, start, end)
    timed = at >= 0
    if (!timed) {
      if (end === wordStop && isLetter(text.charCodeAt(start)) && !isDigit(text.charCodeAt(end - 1))) {
        return ofPlainWord(text, start, end)
      }
      at = start
    }
  }
  let mayCrash = true // nothing but a time stands before `at`
  let names = 0
  let numbers = 0
  let pairs = 0
  let follower = false // the one name before `at` may stand before a level: `v2 WARN text`, `123 ERROR text`
  let marked = false // a sign such as ✖ stands before `at`
  let closer = 0 // of the bracket that we are in
  let opened = -1 // where its content begins

  for (;;) {
    at = skipBlanks(text, at)
    const code = text.charCodeAt(at)

    if (at !== start && (isDigit(code) || (!timed && isUpper(code)))) {
      const end = timeEnd(text, at)
      if (end >= 0) {
        timed = true
        at = end
        continue
      }
    }
    // Brackets and separators.
    if (!isWordChar(code)) {
      const level = mayCrash ? levelOfCrash(text, at) : undefined
      if (level !== undefined) return level
      if (code === OPEN_BRACKET || code === OPEN_PAREN || (timed && code === LESS)) {
        const attached = at > 0 && isWordChar(text.charCodeAt(at - 1))
        closer = code === OPEN_BRACKET ? CLOSE_BRACKET : code === LESS ? GREATER : CLOSE_PAREN
        at++
        opened = attached ? -1 : skipBlanks(text, at)
        mayCrash = false
      } else if (code === CLOSE_BRACKET || code === CLOSE_PAREN || (code === GREATER && closer === GREATER)) {
        closer = 0
        at++
        mayCrash = names === 0 && pairs === 0 // [10:02:11] panic: text
      } else if (isSeparator(code) && at !== start) at++
      else if (isSymbol(code) && (timed || names + pairs === 0)) {
        marked = true
        at++
      } else if (code === OPEN_BRACE && text.charCodeAt(at + 1) === QUOTE && closer === 0) return levelOfJson(text, at)
      else if (timed && (code === DOT || code === SLASH) && ++names <= NAMES)
        at = blankAfter(text, at) // a file's name
      else if (timed && code === OPEN_BRACE) {
        at = text.indexOf('}', at) + 1
        if (at === 0) return undefined
      } else return undefined
      continue
    }

    // A word: a level in its place, or a crash.
    const end = wordEnd(text, at)
    const next = text.charCodeAt(end)
    const word = levelWordAt(text, at, end)
    if (word !== undefined) {
      const isLevel =
        closer !== 0 && at === opened && closes(text, end, closer)
          ? isBracketed(text, word, end, closer, timed)
          : timed
            ? isTimed(text, word, end, closer, start === 0)
            : closer !== 0
              ? at === opened && word.upper && isBlank(next) && timeEnd(text, skipBlanks(text, end)) >= 0
              : isUntimed(text, word, end, start === 0, names + pairs === 0, follower) ||
                (marked && (word.trust & TIMED) !== 0 && isPadded(text, end))
      if (isLevel) return word.level
    }
    if (mayCrash) {
      const level = levelOfCrash(text, at)
      if (level !== undefined) return level
      mayCrash = false
    }

    // What else a bracket begins with; the rest of it is passed over.
    if (closer !== 0) {
      const level = timed && at === opened ? inBrackets(text, at, end, closer) : undefined
      if (level !== undefined) return level
      at = text.indexOf(closer === CLOSE_BRACKET ? ']' : closer === GREATER ? '>' : ')', end)
      if (at < 0) return undefined
      const last = timed ? afterSlash(text, at) : undefined
      if (last !== undefined) return last
      continue
    }

    // A pair, a number or a name, or the first word of prose.
    const nameEnd = endOfName(text, end)
    if (text.charCodeAt(nameEnd) === EQUALS) {
      const valueEnd = endOfValue(text, nameEnd + 1)
      if (valueEnd < 0) return undefined
      const key = text.slice(at, nameEnd)
      // Alone, `level=error` is a setting.
      if (isLogfmtKey(key) && (pairs > 0 || key === 'LL' || skipBlanks(text, valueEnd) < text.length)) {
        const level = levelOfPair(text, nameEnd + 1, valueEnd)
        if (level !== undefined) return level
      }
      pairs++
      at = valueEnd
      continue
    }

    const number = isNumber(text, at, nameEnd)
    if (number) numbers++
    if (timed) {
      const level = end - at === 1 ? ofLetter(text, at, numbers) : qualified(text, at, nameEnd)
      if (level !== undefined) return level
      if (isUpper(code) && next === COLON && isUpper(text.charCodeAt(end - 1))) return undefined // DETAIL: of PostgreSQL
      const named = number || isStructured(text, at, nameEnd) || isSetOff(text, nameEnd)
      if (!named && !(names === 0 && isBeforeProgram(text, nameEnd))) return undefined
      if (!number && ++names > NAMES) return undefined
    } else {
      const program = text.charCodeAt(nameEnd - 1) === COLON || text.charCodeAt(nameEnd) === OPEN_BRACKET
      follower = number || (!program && isModule(text, at, nameEnd))
      if (!follower && !program) return beforeBar(text, nameEnd)
      if (++names > 1) return undefined
    }
    at = nameEnd
  }
}

/** Of a line that begins with a word as sentences do: all prose ends here. */
function ofPlainWord(text: string, start: number, end: number): Level | undefined {
  const word = levelWordAt(text, start, end)
  if (word !== undefined && isUntimed(text, word, end, start === 0, true, false)) return word.level
  return levelOfCrash(text, start) ?? beforeBar(text, end)
}

/** Of a line's first word: `src/main.c:3: error: text`, `/srv/a.rb:3:in 'pack': gone (KeyError)`, `app:info  10:02:11: text`. */
function ofFirstToken(text: string, end: number, colon: number): Level | undefined {
  if (colon === end - 3 && text.startsWith('in', end - 2)) return levelAfterPlace(text, end - 2)
  const at = skipBlanks(text, end)
  if (colon === end - 1 || text.charCodeAt(at) === DASH) return levelAfterPlace(text, at)
  const word = wordAt(text, colon + 1, end)
  if (word === undefined || (word.trust & TIMED) === 0) return undefined
  const time = timeEnd(text, at)
  return time - at >= 8 ? word.level : undefined // no two numbers
}

/** Just after the time that stands behind a host's or file's name, the line's first word; -1 where none does. */
function timeBehind(text: string, start: number, end: number): number {
  let at = skipBlanks(text, end)
  const barred = text.charCodeAt(at) === BAR // docker compose
  if (barred) at = skipBlanks(text, at + 1)
  const time = timeEnd(text, at)
  if (time < 0 || wordAt(text, start, wordEnd(text, start)) !== undefined) return -1
  return barred || isStructured(text, start, end) || (time - at > 13 && holdsClock(text, at, time)) ? time : -1
}

function levelWordAt(text: string, at: number, end: number): Word | undefined {
  const word = wordAt(text, at, end)
  const isMethod = word?.level === 'trace' && text.charCodeAt(end + 1) === SLASH // TRACE /path HTTP/1.1
  return isMethod ? undefined : word
}

/** `10:02:11 INFO text`, `[10:02:11 inf]`, `10:02:11 error: text`, `10:02:11 info  text`, `10:02:11 Information text`. */
function isTimed(text: string, { trust, upper }: Word, end: number, closer: number, unindented: boolean): boolean {
  const next = text.charCodeAt(end)
  if (upper) return (trust & TIMED) !== 0 && endsWord(text, end, closer)
  if (closer !== 0) return (trust & BRACKETS) !== 0 && closes(text, end, closer)
  if (next === COLON) return (trust & BEFORE_COLON) !== 0 && unindented && saysMore(text, end + 1, false)
  if ((trust & TIMED) === 0) return false
  return (
    isSetOff(text, end) ||
    ((trust & ANY_CASE_TIMED) !== 0 && informs(text, end)) ||
    ((trust & SENTENCE) !== 0 && !isUpper(text.charCodeAt(wordStart(text, end))) && precedesSentence(text, end))
  )
}

/** `INFO text`, `info: text`, `inf text`, `info Visit us`, `v2 WARN text`. */
function isUntimed(
  text: string,
  { trust, upper }: Word,
  end: number,
  unindented: boolean,
  first: boolean,
  follower: boolean,
): boolean {
  if (text.charCodeAt(end) === COLON) {
    return (trust & BEFORE_COLON) !== 0 && (upper || unindented) && saysMore(text, end + 1, upper)
  }
  if (upper) return (trust & FIRST) !== 0 && (first || (follower && !isCounted(text, end))) && beginsText(text, end)
  if (!first) return false
  if ((trust & ANY_CASE_FIRST) !== 0) return informs(text, end)
  if (isUpper(text.charCodeAt(wordStart(text, end))) || (trust & SENTENCE) === 0) return false
  return precedesSentence(text, end) || (text.startsWith('debug', end - 5) && debugs(text, end))
}

/** `app INFO| text`: the only level behind a name that may be a word of a sentence. */
function beforeBar(text: string, nameEnd: number): Level | undefined {
  const at = skipBlanks(text, nameEnd)
  const end = wordEnd(text, at)
  if (at === nameEnd || text.charCodeAt(end) !== BAR) return undefined
  const word = wordAt(text, at, end)
  return word?.upper && (word.trust & FIRST) !== 0 ? word.level : undefined
}

/** A letter behind a time: `E! text` of Telegraf, `1702  2395 E Tag: text` of Android, `E | text`. */
function ofLetter(text: string, at: number, numbers: number): Level | undefined {
  const level = levelOfLetter(text.charAt(at))
  if (level === undefined) return undefined
  const next = text.charCodeAt(at + 1)
  if (next === BAR) return level
  if (next === BANG) return isBlank(text.charCodeAt(at + 2)) ? level : undefined
  if (next !== SPACE) return undefined
  if (numbers === 2 || text.charCodeAt(at + 2) === BAR) return level
  BEHIND_LETTER.lastIndex = at + 1
  return BEHIND_LETTER.test(text) ? level : undefined
}

/** `I tensorflow/core/platform/cpu.cc:151] text` of TensorFlow, `I  NETWORK  [conn12] text` of MongoDB before 4.4. */
const BEHIND_LETTER = / +(?:[\w./-]{1,200}:\d{1,7}\] |[A-Z]{1,10} +\[)/y

/** `local.ERROR:` of Monolog and Laravel. */
function qualified(text: string, at: number, end: number): Level | undefined {
  if (text.charCodeAt(end - 1) !== COLON) return undefined
  const dot = text.lastIndexOf('.', end)
  const word = dot > at ? wordAt(text, dot + 1, end - 1) : undefined
  return word?.upper && (word.trust & TIMED) !== 0 ? word.level : undefined
}

/** Whether the word of upper case that ends at `end`, after a time, stands by itself. */
function endsWord(text: string, end: number, closer: number): boolean {
  const next = text.charCodeAt(end)
  if (closer !== 0 && next === closer) return true
  if (next === SLASH) {
    const after = end + 1 // INFO/MainProcess is Celery's; ERROR/WARN is a heading
    return closer !== 0 || (isLetter(text.charCodeAt(after)) && wordAt(text, after, wordEnd(text, after)) === undefined)
  }
  if (next === COMMA) return !isBlank(text.charCodeAt(end + 1)) // a table's field
  return Number.isNaN(next) || isBlank(next) || next === COLON || next === BAR || next === OPEN_BRACKET
}

function isOpening(code: number): boolean {
  return code === OPEN_BRACKET || code === OPEN_PAREN || code === OPEN_BRACE || code === LESS || code === QUOTE
}

function isSeparator(code: number): boolean {
  return code === BAR || code === DASH || code === COLON || code === COMMA
}

/** Arrows, signs and pictures, which some programs put before a level; no letters. */
function isSymbol(code: number): boolean {
  return (
    (code >= 0x2010 && code <= 0x2bff) ||
    (code >= 0xd83c && code <= 0xd83e) ||
    (code >= 0xdc00 && code <= 0xdfff) ||
    code === 0xfe0f
  )
}
