/** Searches in several logs come as one, by time, however each of them comes to its matches. */
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { EngineError } from '../../../server/engine/engine.ts'
import { type Found, Matches } from '../../../server/feed/matches.ts'
import { type Direction, MergedSearch } from '../../../server/feed/merged-search.ts'
import type { LogSearch } from '../../../server/feed/search.ts'
import { type Cursor, cursorOf, formatCursor, parsePlaces } from '../../../server/logs/cursor.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import { at } from '../logs/frames.ts'

const { signal } = new AbortController()
const line = (time: number): LogLine => ({
  time: at(time),
  ordinal: 0,
  stream: 'stdout',
  level: undefined,
  message: '',
  truncated: false,
})

/** A search that hands out matches at these times, so many at once, and none as often as it says. */
function searchOf(incarnation: string, times: readonly number[], windows: readonly number[], end: number): LogSearch {
  const search = {
    reached: undefined as Cursor | undefined,
    isComplete: false,
    gap: undefined,
    lines: 0,
    of: undefined,
    async *run() {
      let from = 0
      for (let turn = 0; from < times.length; turn++) {
        const size = windows[turn % windows.length] ?? 1
        const some = times.slice(from, from + size)
        from += size
        const last = some.at(-1)
        if (last !== undefined) search.reached = cursorOf(incarnation, line(last))
        yield { incarnation, matches: some.map((time) => ({ line: line(time), before: [], after: [] })) }
      }
      search.reached = cursorOf(incarnation, line(end))
      search.isComplete = true
      yield { incarnation, matches: [] }
    },
  }
  return search
}

const logs = fc.array(
  fc.record({
    times: fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { maxLength: 40 }),
    windows: fc
      .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 6 })
      .filter((sizes) => sizes.some(Boolean)),
  }),
  { minLength: 1, maxLength: 5 },
)

const inOrder = (direction: Direction) => (a: number, b: number) => (direction === 'forward' ? a - b : b - a)

async function run(
  all: readonly { times: readonly number[]; windows: readonly number[] }[],
  direction: Direction,
  count: number,
) {
  const order = inOrder(direction)
  const end = direction === 'forward' ? 1_000 : 0
  const searches = all.map(
    ({ times, windows }, index) =>
      [`log ${index}`, searchOf(String(index).padStart(12, '0'), times.toSorted(order), windows, end)] as const,
  )
  const search = new MergedSearch(searches, direction, count)
  const found: { container: string; time: string }[] = []
  for await (const some of search.run(signal)) {
    for (const { container, line } of some) found.push({ container, time: line.time })
  }
  return { search, found }
}

describe('MergedSearch', () => {
  it.each(['backward', 'forward'] as const)(
    'hands out every match once, in the order of time, %s',
    async (direction) => {
      await fc.assert(
        fc.asyncProperty(logs, async (all) => {
          const { search, found } = await run(all, direction, Number.POSITIVE_INFINITY)
          const times = all.flatMap((log) => log.times).toSorted(inOrder(direction))
          expect(found.map(({ time }) => time)).toEqual(times.map(at))
          expect(search.isComplete).toBe(true)
          for (const [index, { times }] of all.entries())
            expect(found.filter(({ container }) => container === `log ${index}`)).toHaveLength(times.length)
        }),
      )
    },
  )

  it('ends after as many as are wanted, with a position in each log that leaves just the others', async () => {
    await fc.assert(
      fc.asyncProperty(logs, fc.integer({ min: 1, max: 60 }), async (all, count) => {
        const { search, found } = await run(all, 'backward', count)
        expect(found.length).toBe(Math.min(count, all.flatMap(({ times }) => times).length))
        const places = parsePlaces(search.position, 10) ?? []
        for (const [index, { times }] of all.entries()) {
          const place = places.find(({ cursor }) => cursor.incarnation.endsWith(String(index)))?.cursor
          const handed = found.filter(({ container }) => container === `log ${index}`).length
          const before = place ? times.filter((time) => at(time) < place.time) : times
          expect(before).toHaveLength(times.length - handed)
        }
        expect(places.map(({ cursor }) => formatCursor(cursor)).join()).toBe(search.position)
      }),
    )
  })

  it('lets others go on while it looks for what takes long to see', async () => {
    let others = 0
    const count = () => {
      others++
      if (others < 10) setImmediate(count)
    }
    setImmediate(count)
    const isMatch = () => {
      for (const until = performance.now() + 5; performance.now() < until; );
      return true
    }
    const matches = new Matches({ isMatch, context: 0, count: 10, bytes: 1_000_000 })
    await matches.look(Array.from({ length: 16 }, (_, index) => line(index)))
    expect(matches.take()).toHaveLength(10)
    expect(others).toBeGreaterThanOrEqual(3)
  })

  it('looks into every log though an engine sends nothing of some, and has the matches once those have failed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const failures: (() => void)[] = []
    const hanging = () => ({
      ...searchOf('0'.repeat(12), [], [1], 0),
      async *run(): AsyncGenerator<Found> {
        await new Promise((_resolve, reject) => failures.push(() => reject(new EngineError('timeout', 'too slow'))))
      },
    })
    const slow = Array.from({ length: 20 }, (_, index) => [`slow ${index}`, hanging()] as const)
    const search = new MergedSearch([...slow, ['quick', searchOf('1'.repeat(12), [3, 2, 1], [2], 0)]], 'backward', 10)
    const found: string[] = []
    const ran = (async () => {
      for await (const some of search.run(signal)) found.push(...some.map(({ line }) => line.time))
    })()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(failures).toHaveLength(20)
    for (const fail of failures) fail()
    await ran
    expect(found).toEqual([3, 2, 1].map(at))
    expect(search.gaps).toHaveLength(20)
  })
})
