/**
 * Log lines in the manner of real programs, each labelled with its true level. A program is a few formats; each is filled
 * with words of levels, messages, times and names, the same ones in every run.
 */
import { detectLevel } from '../../../../server/logs/levels/detect.ts'
import type { Level } from '../../../../server/wire.ts'

export type Label = Level | 'none'

export interface Program {
  readonly name: string
  /** How the program writes its levels; several words are separated by `|`. */
  readonly words?: Partial<Record<Level, string>>
  /** Lines of each of these words: `{L}` is the word, `{L:5}` padded at its end, `{L:-5}` at its beginning. */
  readonly formats?: readonly string[]
  readonly lines?: readonly (readonly [Label, string])[]
}

export interface LabelledLine {
  readonly program: string
  readonly label: Label
  readonly line: string
}

/** Each program counts alike, whatever the number of its formats. */
const LINES_EACH = 60
/** A program of fixed lines has fewer. */
const ROUNDS = 12

/** Messages of a program that says nothing about a level, and uses the words. */
const PLAIN = [
  '0 errors, 0 warnings in {n} files',
  'no errors found in {path}',
  'finished: ok={n} changed=1 failed=0 skipped=2',
  'served error pages from {path}',
  'connection from {ip} closed after {n} ms',
  'retrying in {n} ms, attempt 2 of 5',
  'Started in debug mode on port {n}',
  'Log level set to DEBUG for module orders',
  'GET /api/errors?level=warn 200 in {n} ms',
  'the info desk has {n} tickets',
  'user warnock signed in from {ip}',
  'Loading configuration from {path}',
  'Registered handler for error events',
  'job {n} took {n} ms (critical path: {n} ms)',
  'Sent a mail to error@shop.example',
  'trace {hex} sampled',
  'order {n} packed by {host}',
  'cache miss for key debug:{n}',
  '{n} rows imported, {n} failed',
  'Listening on http://0.0.0.0:{n}',
  'checked {path}: status=ok errors=none',
  'session {uuid} opened',
  'compaction done, {n} bytes freed',
  'health check passed',
  'queue "fatal-orders" has {n} messages',
]

/** Messages that quote a level: none of their own, behind the level of their line. */
const QUOTING = [
  'ERROR: quoted from elsewhere',
  'reply error=timeout after {n} ms',
  'upstream wrote "[error] {n} lost"',
  'level=debug is not a known option',
  'got {"level":"fatal"} from {ip}',
  'could not read {path}: error code {n}',
  'INFO and WARN lines are dropped',
  'child said: WARNING low on space',
  'Exception in thread "worker-{n}" was handled',
  'panic: was not reached',
]

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const HOSTS = ['web-1', 'db', 'node7', 'orders', 'ip-10-0-4-17', 'shop.example']
const CLASSES = ['com.example.shop.OrderService', 'o.s.b.w.Server', 'org.example.net.Client', 'c.e.Shop$Worker']
const THREADS = ['main', 'http-nio-8080-exec-3', 'pool-1-thread-2', 'worker #4', 'event-loop']
const MODULES = ['orders', 'shop.mail', 'net.client', 'auth', 'storage']
const PATHS = ['/srv/app/config.yml', '/var/lib/data/error.db', '/etc/shop/warn.d', '/tmp/debug.log']

/** Numbers from 0 to under `below`, the same in every run (a linear congruential generator, modulus 2^31). */
class Numbers {
  #state = 22

  next(below: number): number {
    this.#state = (this.#state * 1103515245 + 12345) % 2147483648
    return Math.floor((this.#state / 2147483648) * below)
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.next(choices.length)] as T
  }
}

/** The labelled lines of these programs, at most `LINES_EACH` of each, no line twice. */
export function linesOf(programs: readonly Program[]): LabelledLine[] {
  return programs.flatMap((program) => {
    const numbers = new Numbers()
    const patterns = patternsOf(program)
    const lines = new Map<string, LabelledLine>()
    for (let i = 0; i < patterns.length * ROUNDS && lines.size < LINES_EACH; i++) {
      const [label, pattern] = patterns[i % patterns.length] as readonly [Label, string]
      const messages = label === 'none' ? PLAIN : [...PLAIN, ...QUOTING]
      const line = filled(
        pattern.replaceAll('{msg}', () => numbers.of(messages)),
        numbers,
      )
      lines.set(line, { program: program.name, label, line })
    }
    return [...lines.values()]
  })
}

function patternsOf({ words = {}, formats = [], lines = [] }: Program): (readonly [Label, string])[] {
  const named = Object.entries(words).flatMap(([level, all]) =>
    all.split('|').flatMap((word) => formats.map((format) => [level as Level, withLevel(format, word)] as const)),
  )
  return [...named, ...lines]
}

function withLevel(format: string, word: string): string {
  return format.replace(/\{L(?::(-?)(\d+))?\}/g, (_, before: string | undefined, width = '0') =>
    before === '-' ? word.padStart(Number(width)) : word.padEnd(Number(width)),
  )
}

function filled(pattern: string, numbers: Numbers): string {
  const at = new Date(
    Date.UTC(2026, numbers.next(12), 1 + numbers.next(28), 0, 0, numbers.next(86400), numbers.next(1000)),
  )
  const iso = at.toISOString()
  const [date = '', clock = ''] = iso.slice(0, 19).split('T')
  const [yyyy = '', mm = '', dd = ''] = date.split('-')
  const mon = MONTHS[at.getUTCMonth()] ?? ''
  const hex = (digits: number) => Array.from({ length: digits }, () => numbers.next(16).toString(16)).join('')
  const values: Record<string, () => string> = {
    iso: () => iso,
    date: () => date,
    clock: () => clock,
    ms: () => iso.slice(20, 23),
    us: () => `${iso.slice(20, 23)}${String(numbers.next(1000)).padStart(3, '0')}`,
    ns: () => `${iso.slice(20, 23)}${String(numbers.next(1e6)).padStart(6, '0')}`,
    yyyy: () => yyyy,
    yy: () => yyyy.slice(2),
    mm: () => mm,
    dd: () => dd,
    day: () => String(at.getUTCDate()).padStart(2),
    mon: () => mon,
    dow: () => DAYS[at.getUTCDay()] ?? '',
    h12: () => `${((at.getUTCHours() + 11) % 12) + 1}${clock.slice(2)} ${at.getUTCHours() < 12 ? 'AM' : 'PM'}`,
    kitchen: () => `${((at.getUTCHours() + 11) % 12) + 1}${clock.slice(2, 5)}${at.getUTCHours() < 12 ? 'AM' : 'PM'}`,
    dots: () => clock.replaceAll(':', '.'),
    hhmmss: () => clock.replaceAll(':', ''),
    epoch: () => String(Math.floor(at.getTime() / 1000)),
    epochms: () => String(at.getTime()),
    n: () => String(numbers.next(9000) + 1),
    pid: () => String(numbers.next(400) + 1),
    hex: () => hex(16),
    uuid: () => `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`,
    ip: () => `10.${numbers.next(256)}.${numbers.next(256)}.${numbers.next(256)}`,
    host: () => numbers.of(HOSTS),
    cls: () => numbers.of(CLASSES),
    thread: () => numbers.of(THREADS),
    mod: () => numbers.of(MODULES),
    path: () => numbers.of(PATHS),
  }
  return pattern.replace(/\{(\w+)\}/g, (whole, name: string) => values[name]?.() ?? whole)
}

/**
 * How the rules do on lines: `named`, rightly, is a share of those with a level, and `wrong` of all, as a level where there is
 * none is wrong too.
 */
export function judge(programs: readonly Program[]): {
  named: number
  wrong: number
  example: LabelledLine | undefined
} {
  const lines = linesOf(programs)
  const levelled = lines.filter(({ label }) => label !== 'none')
  const level = ({ line }: LabelledLine) => detectLevel(line) ?? 'none'
  const wrong = lines.filter((line) => level(line) !== 'none' && level(line) !== line.label)
  const named = levelled.filter((line) => level(line) === line.label)
  return { named: named.length / levelled.length, wrong: wrong.length / lines.length, example: wrong[0] }
}
