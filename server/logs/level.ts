/**
 * Finds the level that a log line names, in the forms that programs in containers write. To teach it something new, add
 * a row to one of the three tables below: a word to `WORDS`, a JSON or logfmt key to `KEYS`, a form of its own to
 * `FORMS`; then a line to the table in `tests/unit/logs/level.test.ts`.
 *
 * It runs for every line on the server, whose whole budget is 6 µs a line: a text line is left at the first word that
 * cannot stand before a level, a JSON line is scanned, not parsed. A wrong level is worse than none: what is not
 * certain is `undefined`.
 */
import type { Level } from '../wire.ts'

/** Where a word may be taken for a level. Each use costs certainty, so each word says which it bears. */
const KEYED = 1 // {"level":"info"}, level=info
const BRACKETS = 2 // [info] text
const COLON = 4 // info: text
const TIMED = 8 // 10:02:11 INFO text: upper case after a time; other cases only where tabs, bars, dashes or padding set it off
const FIRST = 16 // INFO text: upper case as the line's first word
const ANYWHERE = KEYED | BRACKETS | COLON | TIMED | FIRST
const SET_OFF = KEYED | BRACKETS | COLON | TIMED

const WORDS: readonly (readonly [level: Level, trust: number, words: string])[] = [
  ['trace', ANYWHERE, 'trace'],
  ['trace', SET_OFF, 'trc trce vrb'], // zerolog, .NET, Serilog
  ['trace', KEYED | BRACKETS | TIMED, 'finest silly'],
  ['debug', ANYWHERE, 'debug'],
  ['debug', SET_OFF, 'dbg dbug debu verbose'], // zerolog, .NET and log15, logrus
  ['debug', TIMED, 'debug1 debug2 debug3 debug4 debug5'], // PostgreSQL
  ['info', ANYWHERE, 'info'],
  ['info', SET_OFF, 'inf notice'],
  ['info', KEYED | BRACKETS | TIMED, 'information informational success log'], // Serilog, loguru, PostgreSQL and NestJS
  ['info', KEYED | BRACKETS, 'note'], // MySQL
  ['warn', ANYWHERE, 'warn warning'],
  ['warn', SET_OFF, 'wrn'],
  ['error', ANYWHERE, 'error severe'],
  ['error', SET_OFF, 'err erro eror'], // logrus, log15
  ['error', KEYED | COLON, 'fail'], // .NET
  ['fatal', ANYWHERE, 'fatal critical'],
  ['fatal', SET_OFF, 'crit ftl fata pnc pani panic'],
  ['fatal', KEYED | BRACKETS | TIMED, 'alert emerg emergency dpanic'],
]

/** Keys that hold a level. As a program's settings also have keys such as `log_level`, only JSON takes those. */
const KEYS: readonly (readonly [where: 'json' | 'json and logfmt', keys: string])[] = [
  ['json and logfmt', 'level lvl severity log.level levelname'],
  ['json', 'Level LEVEL Severity SEVERITY @level @l log_level loglevel logLevel LogLevel level_name levelName'],
  ['json', 'severity_text severityText SeverityText'], // OpenTelemetry
]

/** Objects that hold the keys above: `{"log":{"level":...}}` (ECS), `{"record":{"level":{"name":...}}}` (loguru). */
const WRAPPERS = new Set(['log', 'record', 'level'])

/** Levels that are one letter or mark of a form found whole at the line's beginning. */
interface Form {
  example: string
  /** The characters such a line can begin with: what keeps the patterns off all other lines. */
  first: string
  /** Sticky, its first group being the mark. Without nested repetition, so that its cost stays linear. */
  pattern: RegExp
  level: (mark: string) => Level | undefined
}

const LETTERS: Record<string, Level> = {
  T: 'trace',
  D: 'debug',
  I: 'info',
  W: 'warn',
  E: 'error',
  C: 'fatal',
  F: 'fatal',
}
const byLetter = (mark: string) => LETTERS[mark]

/** RFC 5424, table 2: emergency, alert, critical, error, warning, notice, informational, debug. */
const SYSLOG: readonly Level[] = ['fatal', 'fatal', 'fatal', 'error', 'warn', 'info', 'info', 'debug']

const FORMS: readonly Form[] = [
  {
    example: '<30>Jan  1 10:00:00 web app: text (syslog: facility times 8 plus severity)',
    first: '<',
    pattern: /<(\d{1,3})>/y,
    level: (mark) => (Number(mark) < 192 ? SYSLOG[Number(mark) % 8] : undefined),
  },
  {
    example: 'I1122 10:02:11.123456       1 file.go:12] text (klog, glog)',
    first: 'IWEF',
    pattern: /([IWEF])(?:\d{4}|\d{8}) \d\d:\d\d:\d\d\.\d/y,
    level: byLetter,
  },
  {
    example: 'E, [2026-11-22T10:02:11.123456 #1] ERROR -- : text (Ruby)',
    first: 'DIWEF',
    pattern: /([DIWEF]), \[\d{4}-/y,
    level: byLetter,
  },
  {
    example: '[W 2026-11-22 10:02:11.123 ServerApp] text (Tornado, Jupyter)',
    first: '[',
    pattern: /\[([DIWEC]) (?:\d{6}|\d{4}-\d\d-\d\d) \d\d:/y,
    level: byLetter,
  },
  {
    example: '1:M 22 Nov 2026 10:02:11.123 # text (Redis, Valkey)',
    first: '0123456789',
    pattern: /\d{1,7}:[A-Z] \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d\.\d{3} ([.\-*#]) /y,
    level: (mark) => (mark === '#' ? 'warn' : mark === '*' ? 'info' : 'debug'),
  },
  {
    example: '2026-11-22T10:02:11Z E! [inputs.cpu] text (Telegraf)',
    first: '2',
    pattern: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S{1,12} ([DIWE])! /y,
    level: byLetter,
  },
  {
    example: '{"t":{"$date":"2026-11-22T10:02:11.123+00:00"},"s":"I",  "c":"NETWORK", ... (MongoDB)',
    first: '{',
    pattern: /\{"t":\{"\$date":"[^"]{10,40}"\},"s":"([DIWEF])\d?"/y,
    level: byLetter,
  },
  {
    example: 'npm ERR! code ENOENT (npm)',
    first: 'n',
    pattern: /npm (ERR(?=!)|error|WARN|warn|notice|info)!? /y,
    level: (mark) => NAMED.get(mark)?.level,
  },
  {
    example: 'PHP Fatal error:  Uncaught Exception (PHP)',
    first: 'P',
    pattern: /PHP (Fatal error|Parse error|Warning|Notice|Deprecated): {2}/y,
    level: (mark) => (mark.endsWith('error') ? 'error' : mark === 'Notice' ? 'info' : 'warn'),
  },
]

/** Text is judged by its beginning; what stands further back is not a line's level. */
const TEXT_CHARS = 512
/** JSON may hold the level behind the message, so more is scanned of it: at about a nanosecond a character. */
const JSON_CHARS = 8192
/** Words between the time and the level that may be a logger's, a host's or a thread's name. */
const NAMES = 3

/**
 * The level that `message` names, or `undefined` where it names none for certain. Never throws. Looks at no more than
 * the first 512 characters of text and 8192 of JSON, in time linear in them.
 */
export function detectLevel(message: string): Level | undefined {
  let text = message
  if (message.charCodeAt(0) === OPEN_BRACE) {
    if (message.length > JSON_CHARS) text = message.slice(0, JSON_CHARS)
  } else {
    // One letter is put in place of what is cut off, so that no word ends at the cut.
    if (message.length > TEXT_CHARS) text = `${message.slice(0, TEXT_CHARS)}x`
    if (text.includes('\x1b')) text = text.replace(COLOURS, '')
  }
  const first = text.charCodeAt(0)
  const forms = FORMS_BY_FIRST[first]
  if (forms !== undefined) {
    for (const { pattern, level } of forms) {
      pattern.lastIndex = 0
      const mark = pattern.exec(text)?.[1]
      if (mark !== undefined) return level(mark)
    }
  }
  return first === OPEN_BRACE ? fromJson(text, 0, '', 0) : fromText(text)
}

interface Word {
  level: Level
  trust: number
  upper: boolean
}

const NAMED = new Map<string, Word>()
for (const [level, trust, words] of WORDS) {
  for (const word of words.split(' ')) {
    NAMED.set(word, { level, trust, upper: false })
    NAMED.set(`${word[0]?.toUpperCase()}${word.slice(1)}`, { level, trust, upper: false })
    NAMED.set(word.toUpperCase(), { level, trust, upper: true })
  }
}
/** First letters of the words: what keeps the map off most others. */
const WORD_INITIALS = new Uint8Array(128)
for (const word of NAMED.keys()) WORD_INITIALS[word.charCodeAt(0)] = 1
const LONGEST_WORD = Math.max(...[...NAMED.keys()].map((word) => word.length))

const JSON_KEYS = new Set(KEYS.flatMap(([, keys]) => keys.split(' ')))
const LONGEST_KEY = Math.max(...[...JSON_KEYS].map((key) => key.length))
/** First letters of the keys: what keeps the sets off most other keys. */
const KEY_INITIALS = new Uint8Array(128)
for (const key of [...JSON_KEYS, ...WRAPPERS]) KEY_INITIALS[key.charCodeAt(0)] = 1
const LOGFMT_KEYS = new Set(KEYS.flatMap(([where, keys]) => (where === 'json' ? [] : keys.split(' '))))

const FORMS_BY_FIRST: (Form[] | undefined)[] = new Array(128).fill(undefined)
for (const form of FORMS) {
  for (const char of form.first) {
    const code = char.charCodeAt(0)
    FORMS_BY_FIRST[code] = [...(FORMS_BY_FIRST[code] ?? []), form]
  }
}

const COLOURS = /\x1b\[[0-9;:]*m/g

const TAB = 9
const SPACE = 32
const QUOTE = 34
const OPEN_PAREN = 40
const CLOSE_PAREN = 41
const COMMA = 44
const DASH = 45
const SLASH = 47
const COLON_SIGN = 58
const LESS = 60
const EQUALS = 61
const OPEN_BRACKET = 91
const BACKSLASH = 92
const CLOSE_BRACKET = 93
const OPEN_BRACE = 123
const BAR = 124
const CLOSE_BRACE = 125

// --- JSON ---------------------------------------------------------------------------------------------------------

/**
 * Walks the keys of the object that opens at `open`, jumping over values, up to the first that holds a level. Objects
 * within are entered only as a wrapper's value, at most two deep; the one under `level` has the level's `name`.
 */
function fromJson(json: string, open: number, wrapper: string, depth: number): Level | undefined {
  let at = open + 1
  let numbered = false // a number is looked into once: that may cost a search of the whole line
  for (;;) {
    at = skipBlanks(json, at)
    if (json.charCodeAt(at) !== QUOTE) return undefined
    const keyAt = at + 1
    const keyEnd = closingQuote(json, keyAt)
    if (keyEnd < 0) return undefined
    at = skipBlanks(json, keyEnd + 1)
    if (json.charCodeAt(at) !== COLON_SIGN) return undefined
    at = skipBlanks(json, at + 1)
    const initial = json.charCodeAt(keyAt)
    if (keyEnd - keyAt <= LONGEST_KEY && (KEY_INITIALS[initial] === 1 || wrapper === 'level')) {
      const key = json.slice(keyAt, keyEnd)
      const value = json.charCodeAt(at)
      let level: Level | undefined
      if (value === OPEN_BRACE) {
        if (depth < 2 && WRAPPERS.has(key)) level = fromJson(json, at, key, depth + 1)
      } else if (wrapper === 'level' ? key === 'name' : JSON_KEYS.has(key)) {
        if (value === QUOTE) level = fromString(json, at + 1)
        else if (depth === 0 && !numbered && isDigit(value)) {
          level = fromNumber(json, at)
          numbered = true
        }
      }
      if (level !== undefined) return level
    }
    at = skipJsonValue(json, at)
    if (at < 0) return undefined
    at = skipBlanks(json, at)
    if (json.charCodeAt(at) !== COMMA) return undefined
    at++
  }
}

function fromString(json: string, at: number): Level | undefined {
  const end = json.indexOf('"', at)
  if (end < 0) return undefined
  // winston's colorize() writes its colours into the value.
  const value = json.charCodeAt(at) === BACKSLASH ? json.slice(at, end).replace(/\\u001b\[[0-9;]*m/gi, '') : undefined
  if (value === undefined && end - at > LONGEST_WORD) return undefined
  const word = NAMED.get(value ?? json.slice(at, end))
  return word !== undefined && (word.trust & KEYED) !== 0 ? word.level : undefined
}

const PINO: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

/** pino's and bunyan's 10 to 60, where keys that these write show that it is not somebody's score. */
function fromNumber(json: string, at: number): Level | undefined {
  const tens = json.charCodeAt(at) - 49
  const next = json.charCodeAt(at + 2)
  if (!(tens >= 0 && tens < 6) || json.charCodeAt(at + 1) !== 48 || (next !== COMMA && next !== CLOSE_BRACE)) {
    return undefined
  }
  return json.startsWith('"time":', at + 3) || json.includes('"msg":') || json.includes('"time":')
    ? PINO[tens]
    : undefined
}

/** The end of the string whose first character is at `at`; -1 if there is none. */
function closingQuote(json: string, at: number): number {
  for (let end = json.indexOf('"', at); end >= 0; end = json.indexOf('"', end + 1)) {
    if (json.charCodeAt(end - 1) !== BACKSLASH) return end
    let slashes = 0
    while (end - slashes > at && json.charCodeAt(end - slashes - 1) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return end
  }
  return -1
}

/** Just after the value at `at`; -1 if it does not end. Braces and brackets are counted alike. */
function skipJsonValue(json: string, at: number): number {
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

// --- text ---------------------------------------------------------------------------------------------------------

const DATE = String.raw`(?:\d{4}[-/.]\d\d[-/.]\d\d|\d\d?[-/](?:\d\d|[A-Z][a-z]{2})[-/]\d{4}|\d\d\.\d\d\.\d{4}|\d\d-\d\d)`
const CLOCK = String.raw`\d\d?:\d\d(?::\d\d)?(?:[.,:]\d{1,9})?`
const EPOCH = String.raw`\d{10}(?:\d{3}|\d{6}|\d{9})?(?:\.\d{1,9})?`
const ZONE = String.raw` ?(?:Z|UTC|GMT|[CEMP][SD]T|CES?T|[+-]\d\d:?\d\d|[AP]M)`
/** A time, a date, both, or seconds since 1970, as it stands before a level. */
const TIME = new RegExp(`(?:${DATE}(?:(?:T|,? |:|_| - )${CLOCK})?|${CLOCK}|${EPOCH})(?:${ZONE}){0,2}(?!\\w)`, 'y')
const CALENDAR = new Set('Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec Mon Tue Wed Thu Fri Sat Sun'.split(' '))

/** What follows `debug:` in a dump of settings, a report or a trace's id, and not in a log line. */
const BARE_VALUE =
  /^\s*(?:true|false|null|none|nil|no|yes|on|off|undefined|enabled|disabled|[\d.,-]+%?|(?=[a-f]*\d)[\da-f-]{8,}|\[\]|\{\}|""|'')?\s*$/i
const BARE_CHARS = 40

/**
 * Walks what may stand before a level (times, process ids, `[threads]`, names, `key=value` pairs, separators) up to the
 * first word that is a level by its place, or to anything that shows the line to be prose. Every step moves on.
 */
function fromText(text: string): Level | undefined {
  const start = skipBlanks(text, 0)
  let at = start
  let timed = false
  let names = 0
  let pairs = 0
  let closer = 0 // of the bracket that we are in
  let opened = -1 // where its content begins

  for (;;) {
    at = skipBlanks(text, at)
    const code = text.charCodeAt(at)

    if (isDigit(code)) {
      TIME.lastIndex = at
      if (TIME.test(text)) {
        timed = true
        at = TIME.lastIndex
        continue
      }
    } else if (!isWordChar(code)) {
      if (code === OPEN_BRACKET || code === OPEN_PAREN) {
        const attached = at > 0 && isWordChar(text.charCodeAt(at - 1))
        closer = code === OPEN_BRACKET ? CLOSE_BRACKET : CLOSE_PAREN
        at++
        opened = attached ? -1 : skipBlanks(text, at)
      } else if (code === CLOSE_BRACKET || code === CLOSE_PAREN) {
        closer = 0
        at++
      } else if (isSeparator(code) && at !== start) at++
      else if (code === OPEN_BRACE && text.charCodeAt(at + 1) === QUOTE && closer === 0)
        return fromJson(text, at, '', 0)
      else if (timed && (code === OPEN_BRACE || code === LESS)) {
        at = text.indexOf(code === LESS ? '>' : '}', at) + 1
        if (at === 0) return undefined
      } else return undefined
      continue
    }

    const end = wordEnd(text, at)
    const next = text.charCodeAt(end)
    const word = WORD_INITIALS[code] === 1 && end - at <= LONGEST_WORD ? NAMED.get(text.slice(at, end)) : undefined
    if (
      word !== undefined &&
      !((word.level === 'trace' && text.charCodeAt(end + 1) === SLASH) /* TRACE /path HTTP/1.1 */)
    ) {
      const { level, trust, upper } = word
      if (closer !== 0 && at === opened && closes(text, end, closer)) {
        const certain = closer === CLOSE_BRACKET || timed || upper
        const link = text.charCodeAt(end + 1) === OPEN_PAREN // [error](https://...)
        if ((trust & BRACKETS) !== 0 && certain && !link) return level
      } else if (upper && timed) {
        if ((trust & TIMED) !== 0 && endsWord(text, end, closer)) return level
      } else if (next === COLON_SIGN) {
        if ((trust & COLON) !== 0 && (upper || start === 0) && saysMore(text, end + 1, upper)) return level
      } else if (upper) {
        if ((trust & FIRST) !== 0 && names + pairs === 0 && beginsText(text, end)) return level
      } else if (timed && (trust & TIMED) !== 0 && isSetOff(text, end)) return level
    }

    if (end - at === 3 && CALENDAR.has(text.slice(at, end))) {
      at = skipDay(text, end)
      names = Math.max(names, 1)
      continue
    }

    if (closer !== 0) {
      const level = timed && at === opened ? inBrackets(text, at, end, closer) : undefined
      if (level !== undefined) return level
      at = text.indexOf(closer === CLOSE_BRACKET ? ']' : ')', end)
      if (at < 0) return undefined
      continue
    }

    const nameEnd = endOfName(text, end)
    if (text.charCodeAt(nameEnd) === EQUALS) {
      const valueEnd = endOfValue(text, nameEnd + 1)
      if (valueEnd < 0) return undefined
      if (LOGFMT_KEYS.has(text.slice(at, nameEnd)) && (pairs > 0 || skipBlanks(text, valueEnd) < text.length)) {
        const level = keyed(text, nameEnd + 1, valueEnd)
        if (level !== undefined) return level
      }
      pairs++
      at = valueEnd
      continue
    }

    const number = isNumber(text, at, nameEnd)
    if (timed) {
      const level = qualified(text, at, nameEnd)
      if (level !== undefined) return level
      if (isUpper(code) && next === COLON_SIGN && isUpper(text.charCodeAt(end - 1))) return undefined // DETAIL: of PostgreSQL
      if (!number && !isStructured(text, at, nameEnd) && !isSetOff(text, nameEnd)) return undefined
      if (!number && ++names > NAMES) return undefined
    } else {
      const program = text.charCodeAt(nameEnd - 1) === COLON_SIGN || text.charCodeAt(nameEnd) === OPEN_BRACKET
      if ((!number && !program) || ++names > 1) return undefined
    }
    at = nameEnd
  }
}

/** `[core:notice]` of Apache, `[W]` of Gitea: after a time only. */
function inBrackets(text: string, at: number, end: number, closer: number): Level | undefined {
  if (closes(text, end, closer))
    return end - at === 1 && closer === CLOSE_BRACKET ? LETTERS[text.charAt(at)] : undefined
  if (text.charCodeAt(end) !== COLON_SIGN) return undefined
  const wordAt = end + 1
  const wordStop = wordEnd(text, wordAt)
  const word = closes(text, wordStop, closer) ? NAMED.get(text.slice(wordAt, wordStop)) : undefined
  return word !== undefined && (word.trust & BRACKETS) !== 0 ? word.level : undefined
}

/** `local.ERROR:` of Monolog and Laravel. */
function qualified(text: string, at: number, end: number): Level | undefined {
  if (text.charCodeAt(end - 1) !== COLON_SIGN) return undefined
  const name = text.slice(at, end - 1)
  const dot = name.lastIndexOf('.')
  const word = dot > 0 ? NAMED.get(name.slice(dot + 1)) : undefined
  return word?.upper && (word.trust & TIMED) !== 0 ? word.level : undefined
}

/** The level in `level=warn` or `level="warn"`, from just after the sign. */
function keyed(text: string, at: number, end: number): Level | undefined {
  if (text.charCodeAt(at) === QUOTE) {
    at++
    end--
  } else if (text.charCodeAt(end - 1) === COMMA) end--
  const word = end - at <= LONGEST_WORD ? NAMED.get(text.slice(at, end)) : undefined
  return word !== undefined && (word.trust & KEYED) !== 0 ? word.level : undefined
}

/** After `error:`, does a message follow? `upper` words may be followed by a logger's name: `WARNING:root:text`. */
function saysMore(text: string, at: number, upper: boolean): boolean {
  if (upper ? text.startsWith('//', at) : !isBlank(text.charCodeAt(at))) return false
  return text.length - at > BARE_CHARS || !BARE_VALUE.test(text.slice(at))
}

/** Whether the word of upper case that ends at `end`, after a time, stands by itself. */
function endsWord(text: string, end: number, closer: number): boolean {
  const next = text.charCodeAt(end)
  if (closer !== 0 && (next === closer || next === SLASH)) return true // [time: INFO/MainProcess] is Celery's
  return Number.isNaN(next) || isBlank(next) || next === COLON_SIGN || next === BAR || next === OPEN_BRACKET
}

/** Whether `INFO`, ending at `end`, is followed as a level is, and not as the first word of a headline. */
function beginsText(text: string, end: number): boolean {
  const next = text.charCodeAt(end)
  if (next === OPEN_BRACKET) return isDigit(text.charCodeAt(end + 1)) // INFO[0000] is logrus'
  if (next !== SPACE) return next === TAB || next === BAR
  return (
    skipBlanks(text, end) < text.length && !(isUpper(text.charCodeAt(end + 1)) && isUpper(text.charCodeAt(end + 2)))
  )
}

/** Whether a tab, a bar, a dash or padding follows: what keeps `10:02:11 error  text` apart from prose. */
function isSetOff(text: string, end: number): boolean {
  const next = text.charCodeAt(end)
  if (next !== SPACE) return next === TAB || next === BAR
  const then = text.charCodeAt(end + 1)
  return then === SPACE || then === BAR || (then === DASH && text.charCodeAt(end + 2) === SPACE)
}

/** Whether the bracket closes at `end`, but for padding. */
function closes(text: string, end: number, closer: number): boolean {
  return text.charCodeAt(skipBlanks(text, end)) === closer
}

/** Whether a name is a program's rather than a word of a sentence: `user@db`, `web-1`, `com.example.Orders`. */
function isStructured(text: string, at: number, end: number): boolean {
  for (let i = at; i < end; i++) {
    const code = text.charCodeAt(i)
    if (!isLetter(code) && code !== COMMA && code !== 39 && !(code === 46 && i === end - 1)) return true
  }
  return text.charCodeAt(end) === OPEN_BRACKET
}

/** Past the day in `Nov 22 10:02:11`. */
function skipDay(text: string, at: number): number {
  let end = skipBlanks(text, at)
  while (isDigit(text.charCodeAt(end))) end++
  return isBlank(text.charCodeAt(end)) || text.charCodeAt(end) === COMMA ? end : at
}

function isSeparator(code: number): boolean {
  return code === BAR || code === DASH || code === COLON_SIGN || code === COMMA
}

function isNumber(text: string, at: number, end: number): boolean {
  while (at < end && isDigit(text.charCodeAt(at))) at++
  return at === end
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
  if (text.charCodeAt(at) === QUOTE) {
    const quote = closingQuote(text, at + 1)
    return quote < 0 ? -1 : quote + 1
  }
  while (at < text.length && !isBlank(text.charCodeAt(at))) at++
  return at
}

function skipBlanks(text: string, at: number): number {
  while (isBlank(text.charCodeAt(at))) at++
  return at
}

function wordEnd(text: string, at: number): number {
  while (isWordChar(text.charCodeAt(at))) at++
  return at
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function isUpper(code: number): boolean {
  return code >= 65 && code <= 90
}

function isLetter(code: number): boolean {
  return isUpper(code) || (code >= 97 && code <= 122)
}

function isWordChar(code: number): boolean {
  return isLetter(code) || isDigit(code) || code === 95
}
