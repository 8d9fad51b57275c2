/**
 * A log with damaged records anywhere, also several, side by side or in turn with lines, and with any times: each line that
 * some read of the engine brings comes once and in order, and a gap is where records are damaged.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LogRead } from '../../../server/engine/engine.ts'
import { KnownDamage, WholeLogRead } from '../../../server/engine/whole-log-read.ts'
import { Ordinals } from '../../../server/logs/cursor.ts'
import { isLines, type LogChunk } from '../../../server/logs/damage.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import { TimeReader } from '../../../server/logs/time.ts'
import { readOf } from '../log-reads.ts'
import { at } from '../logs/frames.ts'

/** A line's time in microseconds, or what a read does at a damaged record: says a sentence and ends, or ends without a word. */
type Item = number | 'sentence' | 'silent'

/** A log of records, which a read begins at any of them, also at a damaged one, and gets past none that is. */
class RecordLog {
  reads = 0
  open = 0
  /** Called before each read. */
  before = () => {}
  readonly items: Item[]
  readonly known = new KnownDamage()
  readonly #chunk: number

  constructor(items: readonly Item[], chunk = 7) {
    this.items = [...items]
    this.#chunk = chunk
  }

  read(tail: number | 'all', follow = false, after?: string): Promise<WholeLogRead> {
    const open = async (some: number | 'all', follows: boolean) => this.#read(some, follows)
    return WholeLogRead.open({ tail, follow, after, known: this.known, isFramed: true, open })
  }

  #read(tail: number | 'all', follow: boolean): LogRead {
    this.reads++
    this.before()
    const log = this
    const start = tail === 'all' ? 0 : Math.max(0, this.items.length - tail)
    const { length } = this.items
    const damaged = this.items.findIndex((item, index) => index >= start && typeof item !== 'number')
    const end = damaged < 0 ? length : damaged
    const ordinals = new Ordinals()
    const times = new TimeReader()
    const lineOf = (index: number): LogLine => {
      const time = at(Number(log.items[index]) * 1_000)
      const ordinal = ordinals.next(times.of(time))
      return { time, ordinal, stream: 'stdout', level: undefined, message: String(index), truncated: false }
    }
    return readOf(async function* (isClosed): AsyncGenerator<LogChunk> {
      log.open++
      try {
        for (let from = start; from < end; from += log.#chunk)
          yield Array.from({ length: Math.min(log.#chunk, end - from) }, (_, index) => lineOf(from + index))
        if (log.items[end] === 'sentence') yield { detail: 'EOF', isOfEngine: true }
        else if (follow) await isClosed
      } finally {
        log.open--
      }
    })
  }
}

async function linesOf(read: LogRead): Promise<(LogLine | 'gap')[]> {
  const all: (LogLine | 'gap')[] = []
  for await (const chunk of read) all.push(...(isLines(chunk) ? chunk : (['gap'] as const)))
  return all
}

const storyOf = (all: (LogLine | 'gap')[]) => all.map((each) => (each === 'gap' ? each : each.message))

/** What a read from `start` on is to bring. */
function expectedOf(items: readonly Item[], start: number): string[] {
  const story: string[] = []
  for (let index = start; index < items.length; index++) {
    const isLine = typeof items[index] === 'number'
    if (isLine || story.at(-1) !== 'gap') story.push(isLine ? String(index) : 'gap')
  }
  return story
}

/** The first of the damaged records behind the last line. */
const endOf = (items: readonly Item[], start: number) =>
  Math.max(start, items.findLastIndex((item) => typeof item === 'number') + 1)

const damage = fc.constantFrom<Item>('sentence', 'silent')
/** Times in order, and times that step back or are equal, at a damage or anywhere. */
const times = fc.oneof(
  fc.constant((index: number) => index),
  fc.constant(() => 0),
  fc.constant((index: number) => Math.floor(index / 20) * 1_000_000),
  fc
    .record({ at: fc.nat(60), by: fc.nat(1_000_000_000) })
    .map((step) => (index: number) => 1_000_000_000 + index * 1_000 - (index >= step.at ? step.by : 0)),
  fc
    .array(fc.nat(5_000), { minLength: 1, maxLength: 20 })
    .map((jitter) => (index: number) => 10_000 + index * 1_000 - (jitter[index % jitter.length] ?? 0)),
)
const record = fc.oneof({ weight: 5, arbitrary: fc.constant('line' as const) }, { weight: 1, arbitrary: damage })
const log = (records: fc.Arbitrary<'line' | Item>, most: number) =>
  fc
    .tuple(fc.array(records, { minLength: 1, maxLength: most }), times)
    .map(([all, timeOf]) => all.map((each, index): Item => (each === 'line' ? timeOf(index) : each)))

describe('a log of which records are damaged', () => {
  it.each([
    ['a few', log(record, 80)],
    ['every other', log(fc.oneof(fc.constant('line' as const), damage), 60)],
  ])('comes whole, with gaps: %s', async (_what, logs) => {
    await fc.assert(
      fc.asyncProperty(
        logs,
        fc.option(fc.integer({ min: 1, max: 90 })),
        fc.integer({ min: 1, max: 20 }),
        async (items, some, chunk) => {
          const read = new RecordLog(items, chunk)
          const start = some === null ? 0 : Math.max(0, items.length - some)
          const all = await linesOf(await read.read(some ?? 'all'))
          // A log that brings nothing, and says nothing, may have nothing.
          fc.pre(items[start] !== 'silent' || !items.slice(endOf(items, start)).includes('silent'))
          const expected = expectedOf(items, start)
          const story = storyOf(all)
          // A log that ends without a word may just end.
          if (items[endOf(items, start)] === 'silent' && story.at(-1) !== 'gap') expected.pop()
          expect(story).toEqual(expected)
          const cursors = all.flatMap((each) => (each === 'gap' ? [] : `${each.time} ${each.ordinal}`))
          expect(new Set(cursors).size).toBe(cursors.length)
          expect(read.open).toBe(0)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('has more damage than there is time for: the rest is one gap, and the newest lines come', async () => {
    const turns = Array.from({ length: 4_000 }, (_, index): Item => (index % 2 === 0 ? index : 'sentence'))
    const items = [...turns, ...Array.from({ length: 40 }, (_, index) => 4_000 + index)]
    for (const tail of ['all', 3_000] as const) {
      const read = new RecordLog(items)
      const story = storyOf(await linesOf(await read.read(tail)))
      const first = tail === 'all' ? 0 : items.length - tail
      expect(story.slice(0, 100)).toEqual(expectedOf(items, first).slice(0, 100))
      expect(story.slice(-41)).toEqual(['gap', ...Array.from({ length: 40 }, (_, index) => String(4_000 + index))])
      expect(read.reads).toBeLessThan(600)
      expect(read.open).toBe(0)
    }
  })

  it('is no cut for ever, where the engine fails for a moment now here, now there', async () => {
    const good = Array.from({ length: 50 }, (_, index) => index)
    const log = new RecordLog(good)
    let place = 10
    const attempt = async () => {
      place = place === 10 ? 30 : 10
      let isFirst = true
      log.before = () => {
        log.items.splice(0, 50, ...good.map((each): Item => (isFirst && each === place ? 'sentence' : each)))
        isFirst = false
      }
      return storyOf(await linesOf(await log.read('all')))
    }
    let cuts = 0
    for (; cuts < 10; cuts++) {
      const story = await attempt().catch((error: unknown) => error)
      if (Array.isArray(story)) break
      expect(story).toMatchObject({ code: 'cut' })
    }
    expect(cuts).toBeLessThan(10)
  })

  it('says that its end is damaged, where the engine says so each time though a short read is whole', async () => {
    const log = new RecordLog([0, 1, 2])
    const attempt = async () => {
      log.before = () => {
        log.before = () => {
          log.items.length = 3
        }
      }
      log.items[3] = 'sentence'
      return storyOf(await linesOf(await log.read('all')))
    }
    for (let times = 0; times < 3; times++) await expect(attempt()).rejects.toMatchObject({ code: 'cut' })
    expect(await attempt()).toEqual(['0', '1', '2', 'gap'])
  })
})
