/** Keys that hold a level, and the scales of those whose level is a number. */
import type { Level } from '../../wire.ts'
import { CLOSE_BRACE, COMMA, isDigit } from './characters.ts'
import { SYSLOG } from './words.ts'

/** As a program's settings also have keys such as `log_level`, only JSON takes those. */
const KEYS: readonly (readonly [where: 'json' | 'json and logfmt', keys: string])[] = [
  ['json and logfmt', 'level lvl severity log.level levelname LL'],
  ['json', 'Level LEVEL Severity SEVERITY @level @l L log_level loglevel logLevel LogLevel level_name levelName'],
  ['json', 'severity_text severityText SeverityText'], // OpenTelemetry
]

/** A number is a level where other keys of the line show the scale: it may as well be somebody's score. */
interface Scale {
  readonly writer: string
  readonly keys: string
  /** One of these stands in the line too. None for a key that nothing else has. */
  readonly beside: readonly string[]
  readonly level: (value: number) => Level | undefined
}

const BY_TENS: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']
const BY_FOURS = BY_TENS
const PYTHON: readonly Level[] = ['debug', 'info', 'warn', 'error', 'fatal']
const byTens = (levels: readonly Level[]) => (value: number) => (value % 10 === 0 ? levels[value / 10 - 1] : undefined)

const SCALES: readonly Scale[] = [
  { writer: 'Nextcloud', keys: 'level', beside: ['"reqId":'], level: (value) => PYTHON[value] },
  { writer: 'GELF', keys: 'level', beside: ['"short_message":'], level: (value) => SYSLOG[value] },
  { writer: 'pino and bunyan', keys: 'level', beside: ['"msg":', '"time":'], level: byTens(BY_TENS) },
  { writer: 'Python', keys: 'levelno', beside: [], level: byTens(PYTHON) },
  {
    writer: 'OpenTelemetry: four grades of each level',
    keys: 'severityNumber SeverityNumber severity_number',
    beside: [],
    level: (value) => BY_FOURS[Math.ceil(value / 4) - 1],
  },
]

const WORD_KEYS = new Set(KEYS.flatMap(([, keys]) => keys.split(' ')))
const LOGFMT_KEYS = new Set(KEYS.flatMap(([where, keys]) => (where === 'json' ? [] : keys.split(' '))))
const SCALES_BY_KEY = new Map<string, readonly Scale[]>()
for (const scale of SCALES) {
  for (const key of scale.keys.split(' ')) SCALES_BY_KEY.set(key, [...(SCALES_BY_KEY.get(key) ?? []), scale])
}

/** Objects that hold a level: `{"log":{"level":...}}` (ECS), `{"record":{"level":{"name":...}}}` (loguru). */
const WRAPPERS = new Set(['log', 'record', 'level'])

const ALL_KEYS = [...WORD_KEYS, ...SCALES_BY_KEY.keys(), ...WRAPPERS]
const LONGEST_KEY = Math.max(...ALL_KEYS.map((key) => key.length))
/** First letters of the keys: what keeps the sets off most other keys. */
const INITIALS = new Uint8Array(128)
for (const key of ALL_KEYS) INITIALS[key.charCodeAt(0)] = 1

/** Whether a key that begins with this character and has this length may be one of these. */
export function mayBeKey(initial: number, length: number): boolean {
  return length <= LONGEST_KEY && INITIALS[initial] === 1
}

/** Whether an object under this key may hold the level. */
export function isWrapper(key: string): boolean {
  return WRAPPERS.has(key)
}

/** Whether a JSON string under this key is a level's word. */
export function isWordKey(key: string): boolean {
  return WORD_KEYS.has(key)
}

export function isLogfmtKey(key: string): boolean {
  return LOGFMT_KEYS.has(key)
}

/** Whether a number under this key may be a level. */
export function isNumberKey(key: string): boolean {
  return SCALES_BY_KEY.has(key)
}

/** The level that the number at `at` is under `key`. Searches the whole line for what proves its scale. */
export function levelOfNumber(json: string, key: string, at: number): Level | undefined {
  const digits = isDigit(json.charCodeAt(at + 1)) ? 2 : 1
  const next = json.charCodeAt(at + digits)
  if (next !== COMMA && next !== CLOSE_BRACE) return undefined
  const value = Number(json.slice(at, at + digits))
  for (const { beside, level } of SCALES_BY_KEY.get(key) ?? []) {
    const found = level(value)
    if (found !== undefined && (beside.length === 0 || beside.some((proof) => json.includes(proof)))) return found
  }
  return undefined
}
