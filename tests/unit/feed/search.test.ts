/** A search finds what a look at every line finds, whatever the times do and wherever its windows begin. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Match } from '../../../server/feed/matches.ts'
import { Search, type SearchOptions } from '../../../server/feed/search.ts'
import { compileFilter } from '../../../server/logs/filter.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import { at } from '../logs/frames.ts'
import { container, MemoryEngine, type Piece } from '../memory-engine.ts'
import { logs } from './logs.ts'

const WEB = container('web')
const SPAN_NS = 1_000_000_000
const { signal } = new AbortController()

/** A log many times over, one after the other: long enough for several windows. */
const longLogs = fc.tuple(logs, fc.integer({ min: 0, max: 9_000 })).map(([pieces, length]) =>
  Array.from({ length: Math.ceil(length / Math.max(1, pieces.length)) }, (_, turn) =>
    pieces.map((piece, index) => ({
      ...piece,
      time: at(turn * SPAN_NS + sinceStart(piece)),
      text: `${turn * pieces.length + index}\n`,
    })),
  ).flat(),
)

/** In nanoseconds; such a log is less than a second long. */
function sinceStart({ time }: Piece): number {
  const [start, end] = [at(0), time].map((each) => Number(each.slice(17, 19)) * 1e9 + Number(each.slice(20, 29)))
  return end! - start!
}

const options = (more: Partial<SearchOptions>): SearchOptions => ({
  place: 'end',
  admits: ({ message }) => message.endsWith('7'),
  context: 0,
  count: Number.POSITIVE_INFINITY,
  bytes: Number.POSITIVE_INFINITY,
  ...more,
})

async function found(search: Search): Promise<Match[]> {
  const matches: Match[] = []
  for await (const some of search.run(signal)) matches.push(...some.matches)
  return matches
}

function expected(all: readonly LogLine[], admits: SearchOptions['admits'], context: number): Match[] {
  return all
    .map((line, index) => ({
      line,
      before: all.slice(Math.max(0, index - context), index),
      after: all.slice(index + 1, index + 1 + context),
    }))
    .filter(({ line }) => admits(line))
    .reverse()
}

describe('Search', () => {
  it('finds every match, the newest first, with the lines around it', async () => {
    await fc.assert(
      fc.asyncProperty(
        longLogs,
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 1, max: 300 }),
        async (pieces, every, context, frames) => {
          const engine = new MemoryEngine().add(WEB, pieces)
          engine.framesAtOnce = frames
          const admits = ({ message }: LogLine) => Number(message) % every === 0
          const search = new Search(engine, WEB.id, options({ admits, context }))
          const all = engine.lines(WEB.id)
          expect(await found(search)).toEqual(expected(all, admits, context))
          expect(search.isComplete).toBe(true)
          expect(search.lines).toBe(all.length)
          expect(engine.open).toBe(0)
        },
      ),
      { numRuns: 40 },
    )
  }, 60_000)

  it('finds them as well where it looks at many lines at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        longLogs,
        fc.integer({ min: 1, max: 9_000 }).map(String),
        fc.integer({ min: 1, max: 300 }),
        async (pieces, sought, frames) => {
          const engine = new MemoryEngine().add(WEB, pieces)
          engine.framesAtOnce = frames
          const { admits, mayAdmit } = await compileFilter({ q: sought })
          const search = new Search(engine, WEB.id, options({ admits, mayAdmit }))
          const all = engine.lines(WEB.id)
          expect(await found(search)).toEqual(expected(all, admits, 0))
          expect(search.isComplete).toBe(true)
          expect(search.lines).toBe(all.length)
        },
      ),
      { numRuns: 40 },
    )
  }, 60_000)

  it('goes on where it ended, match after match, whatever ended it', async () => {
    await fc.assert(
      fc.asyncProperty(
        longLogs,
        fc.integer({ min: 30, max: 900 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(600, 3_000, Number.POSITIVE_INFINITY),
        async (pieces, every, count, bytes) => {
          const engine = new MemoryEngine().add(WEB, pieces)
          engine.framesAtOnce = 100
          const admits = ({ message }: LogLine) => Number(message) % every === 0
          const all = expected(engine.lines(WEB.id), admits, 2)
          const walked: Match[] = []
          for (let place: SearchOptions['place'] = 'end'; ; ) {
            const search = new Search(engine, WEB.id, options({ place, admits, context: 2, count, bytes }))
            const some = await found(search)
            expect(some.length).toBeLessThanOrEqual(count)
            walked.push(...some)
            if (search.isComplete) break
            expect(some.length).toBeGreaterThan(0)
            place = { before: search.reached! }
          }
          expect(walked).toEqual(all)
        },
      ),
      { numRuns: 20 },
    )
  }, 60_000)

  it('looks only at what is between the times, each included', async () => {
    await fc.assert(
      fc.asyncProperty(longLogs, fc.nat(), fc.nat(), async (pieces, one, other) => {
        fc.pre(pieces.length > 0)
        const engine = new MemoryEngine().add(WEB, pieces)
        engine.framesAtOnce = 100
        const all = engine.lines(WEB.id)
        const [since, until] = [one, other].map((index) => all[index % all.length]!.time).sort()
        const admits = ({ message }: LogLine) => Number(message) % 5 === 0
        const search = new Search(engine, WEB.id, options({ place: { past: until! }, since, admits }))
        // A line that was stamped after the time, and stands before others of it, is where what is wanted ends.
        const past = all.findIndex(({ time }) => time > until!)
        const wanted = all.slice(0, past < 0 ? all.length : past).filter(({ time }) => time >= since!)
        expect((await found(search)).map(({ line }) => line)).toEqual(wanted.filter(admits).reverse())
      }),
      { numRuns: 30 },
    )
  }, 60_000)

  it('searches the newest lines before it reads older ones, and each line about once', async () => {
    const pieces = Array.from({ length: 200_000 }, (_, index) => ({ time: at(index * 1_000_000), text: `${index}\n` }))
    const engine = new MemoryEngine().add(WEB, pieces)
    engine.framesAtOnce = 200
    const search = new Search(engine, WEB.id, options({ admits: ({ message }) => message === '199500' }))
    const run = search.run(signal)
    const { value } = await run.next()
    expect(value.matches).toHaveLength(1)
    expect(engine.reads).toEqual([{ follow: false, tail: expect.any(Number) }])
    expect(engine.reads[0]?.tail).toBeLessThan(1_100)
    for await (const _ of run);
    expect(search.lines).toBe(200_000)
    const asked = engine.reads.map(({ tail }) => (tail === 'all' ? 0 : tail))
    expect(asked.reduce((sum, tail) => sum + tail)).toBeLessThan(2 * 200_000)
  })

  it('finds the newest first also where most lines were written at once, long ago', async () => {
    const [early, late] = [200_000, 5_000]
    const pieces = Array.from({ length: early + late }, (_, index) => ({
      time: at(index < early ? index : (index - early + 1) * 1_000_000_000),
      text: `${index}\n`,
    }))
    const engine = new MemoryEngine().add(WEB, pieces)
    engine.framesAtOnce = 200
    const search = new Search(engine, WEB.id, options({ admits: ({ message }) => Number(message) % 5_000 === 0 }))
    const looked: number[] = []
    const messages: string[] = []
    for await (const { matches } of search.run(signal)) {
      messages.push(...matches.map(({ line }) => line.message))
      looked.push(search.lines)
    }
    expect(messages).toEqual(Array.from({ length: 41 }, (_, index) => String((40 - index) * 5_000)))
    // No window has it read many times what it has handed out.
    for (const [index, lines] of looked.entries()) expect(lines).toBeLessThan(8 * (looked[index - 1] ?? 2_000))
    expect(search.lines).toBe(early + late)
  })

  it('reads no further than the window that has enough', async () => {
    const pieces = Array.from({ length: 100_000 }, (_, index) => ({ time: at(index * 1_000_000), text: `${index}\n` }))
    const engine = new MemoryEngine().add(WEB, pieces)
    engine.framesAtOnce = 200
    const search = new Search(engine, WEB.id, options({ count: 20 }))
    expect((await found(search)).map(({ line }) => line.message)[19]).toBe('99807')
    expect(search.isComplete).toBe(false)
    expect(engine.reads).toHaveLength(1)
  })

  it('goes back to the beginning of a line that is in many pieces, and does not take a piece for a line', async () => {
    const long = 'x'.repeat(16 * 1024)
    const numbered = (from: number, count: number, stream: 'stdout' | 'stderr' = 'stdout') =>
      Array.from({ length: count }, (_, index) => ({
        time: at((from + index) * 1_000_000),
        stream,
        text: `${from + index}\n`,
      }))
    const pieces: Piece[] = [
      ...numbered(0, 700),
      ...Array.from({ length: 900 }, (_, index) => ({
        time: at(700_000_000),
        stream: index % 2 === 0 ? ('stdout' as const) : ('stderr' as const),
        text: long,
      })),
      { time: at(700_000_000), stream: 'stderr', text: '7\n' },
      ...numbered(701, 200, 'stderr'),
      { time: at(700_000_000), text: '7\n' },
      ...numbered(1_000, 900),
    ]
    const engine = new MemoryEngine().add(WEB, pieces)
    const all = engine.lines(WEB.id)
    const admits = ({ message }: LogLine) => message.endsWith('7') || message.startsWith('x')
    const search = new Search(engine, WEB.id, options({ admits, context: 3 }))
    expect(await found(search)).toEqual(expected(all, admits, 3))
  }, 20_000)

  it('says that the log was rotated under it', async () => {
    const pieces = Array.from({ length: 20_000 }, (_, index) => ({ time: at(index * 1_000_000), text: `${index}\n` }))
    const engine = new MemoryEngine().add(WEB, pieces)
    engine.framesAtOnce = 100
    const search = new Search(engine, WEB.id, options({}))
    const run = search.run(signal)
    await run.next()
    engine.add(WEB, pieces.slice(19_500))
    for await (const _ of run);
    expect(search.gap).toEqual({ reason: 'rotated' })
    expect(search.isComplete).toBe(true)
  })

  it('finds everything that was there in a log that grows faster than it is read', async () => {
    const pieces = Array.from({ length: 30_000 }, (_, index) => ({ time: at(index * 1_000_000), text: `${index}\n` }))
    const engine = new MemoryEngine().add(WEB, pieces)
    engine.framesAtOnce = 100
    const search = new Search(engine, WEB.id, options({}))
    const newest = pieces.length - 1
    const matches: Match[] = []
    let next = pieces.length
    for await (const some of search.run(signal)) {
      matches.push(...some.matches)
      for (let index = 0; index < 3_000; index++, next++)
        engine.write(WEB.id, { time: at(next * 1_000_000), text: `${next}\n` })
    }
    const all = expected(engine.lines(WEB.id), options({}).admits, 0)
    expect(matches).toEqual(all.filter(({ line }) => Number(line.message) <= newest))
  })

  it('ends its reads when nobody wants more', async () => {
    const pieces = Array.from({ length: 30_000 }, (_, index) => ({ time: at(index * 1_000_000), text: `${index}\n` }))
    const engine = new MemoryEngine().add(WEB, pieces)
    engine.framesAtOnce = 100
    const search = new Search(engine, WEB.id, options({ count: 200 }))
    let windows = 0
    for await (const _ of search.run(signal)) if (++windows === 3) break
    await expect.poll(() => engine.open).toBe(0)
  })
})
