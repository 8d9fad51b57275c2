/**
 * Lines of members, JSON objects and logfmt, in the order in which one reads them: the message, then `key=value`. What
 * is shown is the source text of each value, not a value parsed and printed again: numbers keep all their digits,
 * duplicate keys and the order of keys stay, `__proto__` is a key like any other. Lost are the quotes and escapes of
 * strings, and blanks within nested values.
 */
import type { Level } from '../../server/wire.ts'
import { plainText, type Run, readRuns } from './ansi.ts'

export type FieldKind = 'text' | 'number' | 'word' | 'object' | 'array'

/** What a row shows beside the line, which its sentence need not repeat. */
interface Shown {
  level: Level | undefined
  seconds: number
}

export interface Field {
  key: string
  kind: FieldKind
  /** A text unescaped; all else as written. */
  text: string
}

/** Longer lines are shown as written: this much takes up to 0.1 ms, and 100 lines are drawn in a frame. */
const SENTENCE_CHARS = 8192
const SENTENCE_PAIRS = 100 // each is two elements
const NESTED_CHARS = 200
/** The fields that can be the message, the likeliest first. The last is nginx': `GET / HTTP/1.1`. */
const MESSAGES = ['msg', 'message', '@m', '@message', 'MESSAGE', 'Message', 'text', 'event', '@mt', 'log', 'request']
const METHODS = new Set(['method', 'verb', 'request_method', 'RequestMethod'])
const PATHS = new Set(['path', 'url', 'uri', 'request_uri', 'RequestPath'])
const TIMES = new Set('time ts timestamp @timestamp t @t Time Timestamp datetime date asctime'.split(' '))
const LEVELS = new Set(
  'level lvl severity log.level levelname @l @level Level Severity log_level loglevel s L LL severityText severityNumber SeverityText SeverityNumber'.split(
    ' ',
  ),
)
/** Words of each level, as loggers write them; the tens are pino's, the letters MongoDB's, the grades OpenTelemetry's. */
const LEVEL_WORDS: Record<Level, RegExp> = {
  trace: /^(?:trace[1-4]?|trce?|vrb|verbose|finest|silly|10|[1-4])$/i,
  debug: /^(?:debug?\d?|dbu?g|verbose|fine|20|[5-8]|D\d?)$/i,
  info: /^(?:info?[234]?|9|1[0-2]|information(?:al)?|notice|success|log|note|30|I)$/i,
  warn: /^(?:warn[234]?|wrn|warning|40|1[3-6]|W)$/i,
  error: /^(?:erro?|eror|error[234]?|severe|fail|50|1[7-9]|20|E)$/i,
  fatal: /^(?:fatal?[234]?|2[1-4]|ftl|crit|critical|panic?|pnc|dpanic|alert|emerg|emergency|60|F)$/i,
}

/**
 * A line as a sentence: its message, then its other fields in order. Undefined for any other line. The level and the time
 * that the row shows already are left out; both stay where they differ from that. So are the fields of those names, which
 * it shows in columns, but for a message; and objects of which it shows every field there.
 */
export function readSentence(text: string, shown?: Shown, columns: readonly string[] = []): Run[] | undefined {
  const fields = sentenceFields(text)
  if (fields === undefined) return undefined
  const rest = new Set(fields)
  const message = messageOf(fields)
  for (const field of message) rest.delete(field)
  if (shown !== undefined) leaveOut(rest, shown)
  const taken = pickFields(fields, columns)
  for (const field of taken) if (field !== undefined) rest.delete(field)
  for (const object of columns.some(mayBeWithin) ? rest : []) {
    const members = membersOf(object)
    const isTaken = ({ key, text }: Field) =>
      taken.some((field, at) => field?.text === text && columns[at] === `${object.key}.${key}`)
    if (members.length > 0 && members.every(isTaken)) rest.delete(object)
  }
  const said = message.length > 1 ? message.filter((field) => !taken.includes(field)) : message
  const { runs } = readRuns(
    said
      .map((field) => field.text)
      .join(' ')
      .trimEnd(),
  )
  let pairs = 0
  for (const field of rest) {
    const gap = runs.length === 0 ? '' : pairs === 0 ? '  ' : ' '
    if (pairs++ === SENTENCE_PAIRS) {
      runs.push({ text: `${gap}… ${rest.size - SENTENCE_PAIRS} more fields`, role: 'key' })
      break
    }
    runs.push({ text: `${gap}${plainText(field.key)}=`, role: 'key' })
    runs.push({ text: plainText(brief(field)), role: field.kind === 'number' ? 'number' : 'value' })
  }
  return runs.length > 0 || taken.some(Boolean) ? runs : undefined
}

/** The fields of those names, the first of each; undefined where there is none. */
export function pickFields(fields: readonly Field[], names: readonly string[]): (Field | undefined)[] {
  return names.map((name) => fieldNamed(fields, name))
}

/** `req.method` is that of `req`, where no field has all of it for its name. */
function fieldNamed(fields: readonly Field[], name: string): Field | undefined {
  const own = fields.find(({ key }) => key === name)
  if (own !== undefined || !mayBeWithin(name)) return own
  for (const outer of fields) {
    if (!name.startsWith(`${outer.key}.`)) continue
    const inner = fieldNamed(membersOf(outer), name.slice(outer.key.length + 1))
    if (inner !== undefined) return inner
  }
  return undefined
}

/** Objects are looked into for no other names: that would cost each row that is drawn. */
function mayBeWithin(name: string): boolean {
  return name.includes('.')
}

/** The fields of an object; none of anything else. */
export function membersOf(field: Field): Field[] {
  return field.kind === 'object' ? fieldsWithin(field) : []
}

/** The field that is the message. Without one, a request is its own, of two fields: `GET /items/4210`. */
export function messageOf(fields: readonly Field[]): Field[] {
  let message: Field | undefined
  let rank = MESSAGES.length
  let method: Field | undefined
  let path: Field | undefined
  for (const field of fields) {
    if (field.kind !== 'text') continue
    const at = MESSAGES.indexOf(field.key)
    if (at >= 0 && at < rank && field.text.trim() !== '') [message, rank] = [field, at]
    if (METHODS.has(field.key)) method ??= field
    else if (PATHS.has(field.key)) path ??= field
  }
  if (message !== undefined) return [message]
  return method === undefined || path === undefined ? [] : [method, path]
}

function leaveOut(rest: Set<Field>, { level, seconds }: Shown): void {
  let words = level === undefined ? undefined : LEVEL_WORDS[level]
  let timed = false
  for (const field of rest) {
    if (words !== undefined && LEVELS.has(field.key) && words.test(plainText(field.text))) {
      rest.delete(field)
      words = undefined
    } else if (!timed && TIMES.has(field.key) && isAbout(field.text, seconds)) {
      rest.delete(field)
      timed = true
    }
  }
}

const NEAR_S = 5 // what a line may lie in a program's buffer and still repeat what Docker recorded
const ZONES_S = 15 * 3600
const QUARTER_S = 900

/** Whether a time is that of the row. One without a zone is of the container's: off by quarters of an hour. */
function isAbout(text: string, seconds: number): boolean {
  if (text.length > 50) return false
  let time: number
  if (/^\d+(?:\.\d+)?$/.test(text)) {
    time = Number(text)
    while (time > 1e11) time /= 1000 // milli, micro or nanoseconds
  } else time = Date.parse(text.startsWith('{"$date":"') ? text.slice(10, -2) : text.replace(',', '.')) / 1000 // MongoDB, Python
  const off = Math.abs(time - seconds)
  const near = off % QUARTER_S
  return off < ZONES_S && Math.min(near, QUARTER_S - near) < NEAR_S
}

/** A value as a pair shows it. */
export function brief({ kind, text }: Field): string {
  if (kind === 'object' || kind === 'array') {
    const compact = withoutBlanks(text)
    return compact.length > NESTED_CHARS ? `${compact.slice(0, NESTED_CHARS)}…` : compact
  }
  return kind === 'text' && (text === '' || /[\s"]/.test(text)) ? `"${text}"` : text
}

function withoutBlanks(json: string): string {
  return /\s/.test(json)
    ? json.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|\s+/g, (part) => (part.startsWith('"') ? part : ''))
    : json
}

let lastText = ''
let lastFields: Field[] | undefined

/** The fields of a line that is read as a sentence, in order; undefined for any other. */
export function sentenceFields(text: string): readonly Field[] | undefined {
  return text.length > SENTENCE_CHARS ? undefined : readFields(text)
}

/** The fields of a line; undefined for one without. The last line is remembered: one that is opened was drawn before. */
export function readFields(text: string): Field[] | undefined {
  const json = text.startsWith('{')
  if (!json && !KEY.test(text)) return undefined
  if (text !== lastText) {
    const fields = json ? readJson(text) : readLogfmt(text)
    lastFields = fields?.length === 0 ? undefined : fields
    lastText = text
  }
  return lastFields
}

// --- logfmt -------------------------------------------------------------------------------------------------------

const KEY = /^[A-Za-z_@][\w.@/-]{0,99}=/
const PAIR = /([A-Za-z_@][\w.@/-]{0,99})=(?:"([^"\\]*(?:\\.[^"\\]*)*)"|([^\s"]\S*)?)(?:[ \t]+|\s*$)/y
const ESCAPE = /\\(?:u([\da-f]{4})|(.))/gi
const ESCAPED: Record<string, string> = { n: '\n', r: '\r', t: '\t' }

/**
 * Nothing but pairs, and two at least: what has words between is prose, and `PATH=/bin` reads well as it is. With a CR between
 * it is a progress bar.
 */
function readLogfmt(text: string): Field[] | undefined {
  const fields: Field[] = []
  PAIR.lastIndex = 0
  while (PAIR.lastIndex < text.length) {
    const match = PAIR.exec(text)
    if (match === null) return undefined
    const [, key = '', quoted, bare = ''] = match
    if (quoted === undefined) fields.push({ key, kind: bareKind(bare), text: bare })
    else fields.push({ key, kind: 'text', text: quoted.replace(ESCAPE, unescaped) })
  }
  return fields.length < 2 ? undefined : fields
}

function bareKind(text: string): FieldKind {
  return /^-?\d+(?:\.\d+)?$/.test(text) ? 'number' : /^(?:true|false|null|nil)$/.test(text) ? 'word' : 'text'
}

function unescaped(_: string, hex: string | undefined, char = ''): string {
  return hex === undefined ? (ESCAPED[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16))
}

// --- JSON ---------------------------------------------------------------------------------------------------------

// RFC 8259, strictly. An own reader, as JSON.parse makes an object with a shape of its own of each line, which costs up to
// 0.2 ms for 8 KiB of keys, and as it throws at each line that is none.
const STRING = /"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\x00-\x1f]*)*"/y
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const MAX_DEPTH = 200 // no logger nests so deep; what does is shown as written

/** The fields of a text that is a JSON object and nothing else. */
function readJson(text: string): Field[] | undefined {
  const fields: Field[] = []
  const end = valueEnd(text, 0, 0, fields)
  return end > 0 && pastBlanks(text, end) === text.length ? fields : undefined
}

/** The fields of an object, the items of an array by their number, none of anything else. */
export function fieldsWithin({ kind, text }: Field): Field[] {
  const fields: Field[] = []
  if (kind === 'object' || kind === 'array') valueEnd(text, 0, 0, fields)
  return fields
}

/** Past the value at `at`, -1 if there is none. What it holds is put into `fields`. */
function valueEnd(text: string, at: number, depth: number, fields?: Field[]): number {
  const opener = text.charAt(at)
  if (opener === '"') return end(STRING, text, at)
  if (opener !== '{' && opener !== '[') return end(SCALAR, text, at)
  if (depth === MAX_DEPTH) return -1
  const closer = opener === '{' ? '}' : ']'
  let next = pastBlanks(text, at + 1)
  if (text.charAt(next) === closer) return next + 1
  for (let count = 0; ; count++) {
    let key: string | undefined
    if (opener === '{') {
      const keyEnd = end(STRING, text, next)
      if (keyEnd < 0) return -1
      if (fields !== undefined) key = unquoted(text.slice(next, keyEnd))
      next = pastBlanks(text, keyEnd)
      if (text.charAt(next) !== ':') return -1
      next = pastBlanks(text, next + 1)
    }
    const after = valueEnd(text, next, depth + 1)
    if (after < 0) return -1
    fields?.push(jsonField(key ?? String(count), text.slice(next, after)))
    next = pastBlanks(text, after)
    const char = text.charAt(next)
    if (char === closer) return next + 1
    if (char !== ',') return -1
    next = pastBlanks(text, next + 1)
  }
}

function jsonField(key: string, source: string): Field {
  const first = source.charAt(0)
  if (first === '"') return { key, kind: 'text', text: unquoted(source) }
  const kind = first === '{' ? 'object' : first === '[' ? 'array' : /[tfn]/.test(first) ? 'word' : 'number'
  return { key, kind, text: source }
}

function unquoted(source: string): string {
  return source.includes('\\') ? JSON.parse(source) : source.slice(1, -1)
}

function end(sticky: RegExp, text: string, at: number): number {
  sticky.lastIndex = at
  return sticky.test(text) ? sticky.lastIndex : -1
}

function pastBlanks(text: string, at: number): number {
  for (;;) {
    const code = text.charCodeAt(at)
    if (code !== 32 && code !== 9 && code !== 10 && code !== 13) return at
    at++
  }
}
