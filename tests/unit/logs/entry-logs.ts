/** Logs of entries on two streams, and what their entries and a filter's verdicts are by definition: of the whole log at once. */
import fc from 'fast-check'
import { continues, isBlank } from '../../../server/logs/entries.ts'
import { admitsIn } from '../../../server/logs/entry-filter.ts'
import { ENTRY, Head } from '../../../server/logs/entry-heads.ts'
import type { Filter, FilterSpec } from '../../../server/logs/filter.ts'
import { detectLevel } from '../../../server/logs/levels/detect.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import { plainText } from '../../../server/logs/plain-text.ts'
import type { Stream } from '../../../server/wire.ts'
import { at } from './frames.ts'
import { done } from './work.ts'

const TRACE = 'java.lang.IllegalStateException: no pool|\tat Pool.take(Pool.java:41)|Caused by: refused|\t... 12 more'
const PYTHON = 'Traceback (most recent call last):|  File "/app/pool.py", line 7|    take(pool)|KeyError: web|'
const MESSAGES = [
  'ERROR no pool',
  '\x1b[31mERROR\x1b[0m pool sold',
  'INFO ready',
  'WARN pool is low',
  'GET /items/4210 200 3ms',
  ...TRACE.split('|'),
  ...PYTHON.split('|'),
  '    at Orders.place (/app/orders.js:41:7) {',
  '  code: sold',
  '}',
]

const message = fc.constantFrom(...MESSAGES)
const stream = fc.constantFrom<Stream>('stdout', 'stdout', 'stderr')
/** Lines of any kind, and long entries among them. */
const run = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(message, stream, fc.constant(1)) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('\tat frame', 'GET /'), stream, fc.integer({ min: 1, max: 450 })) },
  { weight: 1, arbitrary: fc.tuple(fc.constant(`\tat ${'x'.repeat(7_000)}`), stream, fc.integer({ min: 1, max: 12 })) },
)

export const entryLines: fc.Arbitrary<readonly (readonly [message: string, stream: Stream])[]> = fc
  .array(run, { maxLength: 60 })
  .map((runs) => runs.flatMap(([text, of, count]) => Array.from({ length: count }, () => [text, of] as const)))

export function lineOf(text: string, of: Stream = 'stdout', time = at(0)): LogLine {
  return { time, ordinal: 0, stream: of, level: detectLevel(text), message: text, truncated: false }
}

export const entryLog: fc.Arbitrary<readonly LogLine[]> = entryLines.map((lines) =>
  lines.map(([text, of], index) => lineOf(text, of, at(index * 1_000))),
)

export const filterSpec: fc.Arbitrary<FilterSpec> = fc.record({
  levels: fc.constantFrom(undefined, ['error'], ['error', 'fatal', 'warn'], ['none'], ['info', 'none']),
  q: fc.constantFrom(undefined, undefined, 'pool', 'frame'),
  not: fc.constantFrom(undefined, undefined, 'sold', 'Orders'),
  re: fc.constantFrom(undefined, undefined, 'no|ready', 'Caused'),
  stream: fc.constantFrom(undefined, undefined, 'stdout', 'stderr'),
})

/** A line that begins an entry and passes that filter. */
export function passingLine({ levels, stream: of }: FilterSpec): readonly [message: string, stream: Stream] {
  const level = levels === undefined || levels.includes('none') ? 'GET' : (levels[0] ?? '').toUpperCase()
  return [`${level} no pool: frame ready, Caused`, of ?? 'stdout']
}

/** Which line each one continues: the last of its stream, if that is near enough. */
export function continuedByDefinition(log: readonly LogLine[]): (number | undefined)[] {
  const plain = log.map(({ message: text, level }) => ({ text: plainText(text), level }))
  const isNear = nearIn(log)
  const met: Record<Stream, number[]> = { stdout: [], stderr: [] }
  return plain.map((line, index) => {
    const before = met[log[index]!.stream]
    const [further = -1, last = -1] = before.length > 1 ? before.slice(-2) : [-1, ...before]
    before.push(index)
    const isApart = further >= 0 && isBlank(plain[last]!) && !isBlank(plain[further]!) && isNear(further, last)
    const previous = isApart ? further : last
    const isContinued = previous >= 0 && isNear(previous, index) && continues(line, plain[previous]!, isApart)
    return isContinued ? last : undefined
  })
}

function nearIn(log: readonly LogLine[]): (from: number, to: number) => boolean {
  const chars = [0]
  for (const line of log) chars.push(chars.at(-1)! + line.message.length)
  return (from, to) => to - from <= ENTRY.lines && chars[to]! - chars[from]! <= ENTRY.chars
}

/** Where the head of each line stands: no further than entries are long. */
export function headsByDefinition(log: readonly LogLine[]): number[] {
  const isNear = nearIn(log)
  /** Undefined: the line continues an entry that is too long. */
  const heads: (number | undefined)[] = []
  for (const [index, continued] of continuedByDefinition(log).entries()) {
    const head = continued === undefined ? index : heads[continued]
    heads.push(head !== undefined && isNear(head, index) ? head : undefined)
  }
  return heads.map((head, index) => head ?? index)
}

export function passesByDefinition(filter: Filter, log: readonly LogLine[]): LogLine[] {
  const heads = headsByDefinition(log)
  return log.filter((line, index) => done(admitsIn(filter, line, new Head(log[heads[index]!]!))))
}
