/**
 * The level of a text line, by the place where it stands: the words and marks that programs write before a level are
 * walked past, up to the first word that is a level there, or to anything that shows the line to be prose.
 */
import type { Level } from '../../wire.ts'
import {
  BANG,
  BAR,
  blankAfter,
  CLOSE_BRACKET,
  CLOSE_PAREN,
  COLON,
  COMMA,
  closingQuote,
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
} from './characters.ts'
import { levelAfterPlace, levelOfCrash } from './crashes.ts'
import { levelOfJson } from './json.ts'
import { isLogfmtKey } from './keys.ts'
import { beginsText, debugs, informs, isCounted, isSetOff, precedesSentence, saysMore } from './prose.ts'
import { holdsClock, timeEnd } from './times.ts'
import {
  ANY_CASE_FIRST,
  ANY_CASE_TIMED,
  COLON as BEFORE_COLON,
  BRACKETS,
  FIRST,
  levelOfLetter,
  levelOfValue,
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
      else if (isSymbol(code) && (timed || at === start)) at++
      else if (code === OPEN_BRACE && text.charCodeAt(at + 1) === QUOTE && closer === 0) return levelOfJson(text, at)
      else if (timed && (code === DOT || code === SLASH) && ++names <= NAMES)
        at = blankAfter(text, at) // a file's name
      else if (timed && code === OPEN_BRACE) {
        at = text.indexOf('}', at) + 1
        if (at === 0) return undefined
      } else return undefined
      continue
    }
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
              : isUntimed(text, word, end, start === 0, names + pairs === 0, follower)
      if (isLevel) return word.level
    }
    if (mayCrash) {
      const level = levelOfCrash(text, at)
      if (level !== undefined) return level
      mayCrash = false
    }

    if (closer !== 0) {
      const level = timed && at === opened ? inBrackets(text, at, end, closer) : undefined
      if (level !== undefined) return level
      at = text.indexOf(closer === CLOSE_BRACKET ? ']' : closer === GREATER ? '>' : ')', end)
      if (at < 0) return undefined
      const last = timed ? afterSlash(text, at) : undefined
      if (last !== undefined) return last
      continue
    }

    const nameEnd = endOfName(text, end)
    if (text.charCodeAt(nameEnd) === EQUALS) {
      const valueEnd = endOfValue(text, nameEnd + 1)
      if (valueEnd < 0) return undefined
      if (isLogfmtKey(text.slice(at, nameEnd)) && (pairs > 0 || skipBlanks(text, valueEnd) < text.length)) {
        const level = keyed(text, nameEnd + 1, valueEnd)
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
  return time >= 0 && holdsClock(text, at, time) ? word.level : undefined
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

/** `[INFO]`, `(INFO)`, `<Information>`. */
function isBracketed(text: string, word: Word, end: number, closer: number, timed: boolean): boolean {
  if ((word.trust & BRACKETS) === 0) return false
  const link = text.charCodeAt(end + 1) === OPEN_PAREN // [error](https://...)
  return !link && (closer === CLOSE_BRACKET || timed || word.upper)
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

/** The level before the bracket's end at `at` in `[Server thread/INFO]` of Minecraft. */
function afterSlash(text: string, at: number): Level | undefined {
  const start = wordStart(text, at)
  const word = text.charCodeAt(start - 1) === SLASH ? wordAt(text, start, at) : undefined
  return word?.upper && (word.trust & TIMED) !== 0 ? word.level : undefined
}

/** `sshd[12]:` or `kernel:`, which show the word before them to be syslog's host. */
const PROGRAM = / +(?:kernel|[\w./-]{1,64}(?:\(\w{1,32}\))?\[\d{1,7}\]):/y

function isBeforeProgram(text: string, hostEnd: number): boolean {
  PROGRAM.lastIndex = hostEnd
  return PROGRAM.test(text)
}

/** `[core:notice]` of Apache, `[W]` of Gitea, `[System] [MY-` of MySQL: after a time only. */
function inBrackets(text: string, at: number, end: number, closer: number): Level | undefined {
  if (closes(text, end, closer)) {
    if (end - at > 1) return text.startsWith('System] [MY-', at) ? 'info' : undefined
    return closer === CLOSE_BRACKET && text.charAt(at) !== 'C' ? levelOfLetter(text.charAt(at)) : undefined
  }
  if (text.charCodeAt(end) !== COLON) return undefined
  const stop = wordEnd(text, end + 1)
  const word = closes(text, stop, closer) ? wordAt(text, end + 1, stop) : undefined
  return word !== undefined && (word.trust & BRACKETS) !== 0 ? word.level : undefined
}

/** `local.ERROR:` of Monolog and Laravel. */
function qualified(text: string, at: number, end: number): Level | undefined {
  if (text.charCodeAt(end - 1) !== COLON) return undefined
  const dot = text.lastIndexOf('.', end)
  const word = dot > at ? wordAt(text, dot + 1, end - 1) : undefined
  return word?.upper && (word.trust & TIMED) !== 0 ? word.level : undefined
}

/** The level in `level=warn`, `level="warn"` or `level=INFO+2`, from just after the sign. */
function keyed(text: string, at: number, end: number): Level | undefined {
  if (text.charCodeAt(at) === QUOTE) return levelOfValue(text, at + 1, end - 1)
  if (text.charCodeAt(end - 1) === COMMA) end--
  const word = wordEnd(text, at)
  const sign = text.charCodeAt(word)
  const graded = (sign === 43 /* + */ || sign === DASH) && isNumber(text, word + 1, end) // slog's grades of a level
  return levelOfValue(text, at, graded ? word : end)
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

/** Whether the bracket closes at `end`, but for padding. */
function closes(text: string, end: number, closer: number): boolean {
  return text.charCodeAt(skipBlanks(text, end)) === closer
}

/** Whether a name is a program's rather than a word of a sentence: `user@db`, `web-1`, `com.example.Orders`. */
function isStructured(text: string, at: number, end: number): boolean {
  for (let i = at; i < end; i++) {
    const code = text.charCodeAt(i)
    if (!isLetter(code) && code !== COMMA && code !== 39 /* ' */ && !(code === DOT && i === end - 1)) return true
  }
  return text.charCodeAt(end) === OPEN_BRACKET
}

/** Whether a name is a module's or a version's: `shop.orders`, `v2`. Without a time, a dash is not enough: `built-in`. */
function isModule(text: string, at: number, end: number): boolean {
  if (!isLetter(text.charCodeAt(at))) return false
  let structured = false
  for (let i = at; i < end; i++) {
    const code = text.charCodeAt(i)
    if (code === DOT ? i < end - 1 : isDigit(code)) structured = true
    else if (!isWordChar(code) && code !== DASH) return false
  }
  return structured
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

function isNumber(text: string, at: number, end: number): boolean {
  while (at < end && isDigit(text.charCodeAt(at))) at++
  return at === end
}

/** The start of the word that ends at `end`. */
function wordStart(text: string, end: number): number {
  while (end > 0 && isWordChar(text.charCodeAt(end - 1))) end--
  return end
}

function endOfName(text: string, at: number): number {
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (isBlank(code) || code === EQUALS || code === BAR || code === QUOTE) break
    if (code === OPEN_BRACKET || code === CLOSE_BRACKET) break
  }
  return at
}

/** Just after a logfmt value; -1 if its quotes are not closed. */
function endOfValue(text: string, at: number): number {
  if (text.charCodeAt(at) !== QUOTE) return blankAfter(text, at)
  const quote = closingQuote(text, at + 1)
  return quote < 0 ? -1 : quote + 1
}
