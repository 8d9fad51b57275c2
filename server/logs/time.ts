/** RFC 3339 times with nanoseconds, as engines print them at the start of each line. */

/** Length of the form Docker prints: `2006-01-02T15:04:05.000000000Z`. */
export const TIME_LENGTH = 30

/** That form. Checked to the digit, as times go into JSON and cursors as they are. */
const DOCKER_TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{9}Z$/

const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/

export function isDockerTime(text: string): boolean {
  return DOCKER_TIME.test(text)
}

/** An instant, exactly. */
export interface Instant {
  /** Unix seconds. */
  readonly second: number
  readonly nanosecond: number
}

const SECOND_CHARS = '2006-01-02T15:04:05'.length
const NANOSECONDS_AT = SECOND_CHARS + 1
const POINT = 0x2e
const ZERO = 0x30
const UTC = 0x5a // `Z`

/**
 * Reads times of Docker's form, one line's after the other's, as instants: it is the one that it read last. Most are of the
 * second of the one before, so that only their nanoseconds are new. From bytes, as a text would cost more than all of it.
 */
export class TimeReader implements Instant {
  second = 0
  nanosecond = 0
  /** How the times of that second begin. */
  readonly #known = Buffer.from('1970-01-01T00:00:00')
  readonly #text = Buffer.alloc(TIME_LENGTH)

  /** Whether such a time stands at `at`. */
  read(bytes: Buffer, at: number): boolean {
    return (this.#isKnown(bytes, at) && this.#readNanoseconds(bytes, at)) || this.#readAll(bytes, at)
  }

  /** `time` is one. */
  of(time: string): Instant {
    this.#text.write(time, 'latin1')
    this.read(this.#text, 0)
    return this
  }

  #isKnown(bytes: Buffer, at: number): boolean {
    for (let index = SECOND_CHARS - 1; index >= 0; index--) if (bytes[at + index] !== this.#known[index]) return false
    return true
  }

  /** Whether they are there, with what stands around them. */
  #readNanoseconds(bytes: Buffer, at: number): boolean {
    if (bytes[at + SECOND_CHARS] !== POINT || bytes[at + TIME_LENGTH - 1] !== UTC) return false
    let nanosecond = 0
    for (let index = at + NANOSECONDS_AT; index < at + TIME_LENGTH - 1; index++) {
      const digit = (bytes[index] ?? 0) - ZERO
      if (digit < 0 || digit > 9) return false
      nanosecond = nanosecond * 10 + digit
    }
    this.nanosecond = nanosecond
    return true
  }

  #readAll(bytes: Buffer, at: number): boolean {
    const time = bytes.toString('latin1', at, at + TIME_LENGTH)
    if (!isDockerTime(time)) return false
    bytes.copy(this.#known, 0, at, at + SECOND_CHARS)
    this.second = Date.parse(`${time.slice(0, SECOND_CHARS)}Z`) / 1000
    return this.#readNanoseconds(bytes, at)
  }
}

/**
 * `text` in UTC with nine digits, or undefined if it is no RFC 3339 time.
 * Docker prints just that; Podman prints its own zone and as many digits as it has.
 */
export function normalizeTime(text: string): string | undefined {
  if (isDockerTime(text)) return text
  const [, seconds, fraction = '', zone] = RFC3339.exec(text) ?? []
  if (seconds === undefined || zone === undefined) return undefined
  const instant = Date.parse(seconds + zone)
  if (Number.isNaN(instant)) return undefined
  return withFraction(instant, fraction)
}

/** A date, with or without a time of day; without a zone it is UTC. */
const DATE_TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:\d\d)?)?$/i
const UNIX = /^(\d{1,11})(?:\.(\d{1,9}))?$/
const DURATION = /^(?:\d{1,9}(?:\.\d{1,9})?(?:ms|s|m|h|d))+$/
/** What `parseInstant` takes, but for an end that is left out. */
export const INSTANT_PATTERN =
  '^(\\d{1,11}(\\.\\d{1,9})?|(\\d{1,9}(\\.\\d{1,9})?(ms|s|m|h|d))+|' +
  '\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d)T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d))$'
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/**
 * The instant that a person or script names, in UTC with nine digits, or undefined: RFC 3339, also without its end, unix
 * seconds, or as in `docker logs` a duration before `now` (unix milliseconds), such as `1h30m`.
 */
export function parseInstant(text: string, now: number): string | undefined {
  const [, seconds, fraction = ''] = UNIX.exec(text) ?? []
  if (seconds !== undefined) return withFraction(Number(seconds) * 1_000, fraction)
  if (DURATION.test(text)) {
    let instant = now
    for (const [, count, unit] of text.matchAll(/([\d.]+)([a-z]+)/g)) {
      instant -= Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]
    }
    return `${new Date(Math.max(0, instant)).toISOString().slice(0, 23)}000000Z`
  }
  const [, date, clock = '00:00:00', zone = 'Z'] = DATE_TIME.exec(text) ?? []
  if (date === undefined) return undefined
  return normalizeTime(`${date}T${clock.length === 5 ? `${clock}:00` : clock}${zone.toUpperCase()}`)
}

function withFraction(ms: number, fraction: string): string {
  return `${new Date(ms).toISOString().slice(0, 19)}.${fraction.padEnd(9, '0')}Z`
}

let lastNow = 0
let countOfNow = 0

/** Now, in the lines' own form. The last six digits count the calls of one millisecond: what was asked for later is later. */
export function timeNow(): string {
  const now = Date.now()
  countOfNow = now === lastNow ? countOfNow + 1 : 0
  lastNow = now
  return `${new Date(now).toISOString().slice(0, 23)}${String(countOfNow).padStart(6, '0')}Z`
}

/** A time from the Engine API's `timeNano`, which exceeds what a double holds: passed as text. */
export function timeFromNanoseconds(nanoseconds: bigint): string {
  const seconds = Number(nanoseconds / 1_000_000_000n)
  const rest = (nanoseconds % 1_000_000_000n).toString().padStart(9, '0')
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${rest}Z`
}

/** `time` less `ms` milliseconds. */
export function earlier(time: string, ms: number): string {
  return `${new Date(Date.parse(time) - ms).toISOString().slice(0, 23)}${time.slice(23)}`
}

/** Unix milliseconds, with what a double holds of the rest: about half a microsecond. */
export function millisecondsOf(time: string): number {
  return Date.parse(`${time.slice(0, 23)}Z`) + Number(time.slice(23, 29)) / 1e6
}
