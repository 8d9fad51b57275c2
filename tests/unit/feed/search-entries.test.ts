/** A search with context brings the rest of each match's entry, and finds the lines that match by themselves. */
import fc from 'fast-check'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { Feeds } from '../../../server/feed/feeds.ts'
import { ForwardSearch } from '../../../server/feed/forward-search.ts'
import type { Match } from '../../../server/feed/matches.ts'
import { type LogSearch, Search } from '../../../server/feed/search.ts'
import { cursorOf, incarnationOf } from '../../../server/logs/cursor.ts'
import { ENTRY } from '../../../server/logs/entry-heads.ts'
import { compileFilter, type FilterSpec } from '../../../server/logs/filter.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import { continuedByDefinition, entryLines, filterSpec, passesByDefinition } from '../logs/entry-logs.ts'
import { at } from '../logs/frames.ts'
import { done } from '../logs/work.ts'
import { container, MemoryEngine } from '../memory-engine.ts'

const WEB = container('web')
const { signal } = new AbortController()

async function found(search: LogSearch): Promise<Match[]> {
  const matches: Match[] = []
  for await (const some of search.run(signal)) matches.push(...some.matches)
  return matches
}

/** The lines after one: so many, and as far as its entry goes. */
function afterByDefinition(
  log: readonly LogLine[],
  continued: readonly (number | undefined)[],
  from: number,
  context: number,
) {
  let count = context
  let last = from
  let chars = 0
  for (let index = from + 1; context > 0 && index < log.length && index - from <= ENTRY.lines; index++) {
    const line = log[index]!
    chars += line.message.length
    if (line.stream === log[from]!.stream) {
      if (continued[index] !== last) break
      last = index
      count = Math.max(count, index - from)
    }
    if (chars > ENTRY.chars) break
  }
  return log.slice(from + 1, from + 1 + count)
}

const specs = fc.constantFrom<FilterSpec>(
  { levels: ['error'] },
  { levels: ['error'], q: 'sold' },
  { q: 'pool' },
  { q: '7_000' },
)
const contexts = fc.constantFrom(0, 1, 3, 100)

describe('a search', () => {
  it('brings what continues a match, in either direction', async () => {
    await fc.assert(
      fc.asyncProperty(entryLines, specs, contexts, async (lines, spec, context) => {
        const pieces = lines.map(([text, stream], index) => ({
          time: at(index * 1_000_000),
          stream,
          text: `${text}\n`,
        }))
        const engine = new MemoryEngine().add(WEB, pieces)
        engine.framesAtOnce = 50
        const log = engine.lines(WEB.id)
        const continued = continuedByDefinition(log)
        const { admits, mayAdmit } = await compileFilter(spec)
        const expected = log.flatMap((line, index) => {
          if (!done(admits(line))) return []
          const before = log.slice(Math.max(0, index - context), index)
          return [{ line, before, after: afterByDefinition(log, continued, index, context) }]
        })
        const feeds = new Feeds(engine, pino({ level: 'silent' }))
        try {
          const bounds = { count: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY }
          const back = new Search(engine, WEB.id, { place: 'end', admits, mayAdmit, context, ...bounds })
          expect(await found(back)).toEqual(expected.toReversed())
          const on = new ForwardSearch(feeds, 'web', WEB.id, { admits, context, count: bounds.count })
          expect(await found(on)).toEqual(expected)
        } finally {
          feeds.close()
        }
      }),
      { numRuns: 80 },
    )
  }, 60_000)

  it('that is asked for entries finds what passes in the whole log, in either direction, from any line on', async () => {
    const places = fc.nat()
    await fc.assert(
      fc.asyncProperty(entryLines, filterSpec, places, fc.constantFrom(0, 2), async (lines, spec, place, context) => {
        const pieces = lines.map(([text, stream], index) => ({
          time: at(index * 1_000_000),
          stream,
          text: `${text}\n`,
        }))
        fc.pre(pieces.length > 0)
        const engine = new MemoryEngine().add(WEB, pieces)
        engine.framesAtOnce = 50
        const log = engine.lines(WEB.id)
        const filter = await compileFilter(spec)
        const passing = new Set(passesByDefinition(filter, log))
        const from = place % log.length
        const cursor = cursorOf(incarnationOf(WEB.id), log[from]!)
        const feeds = new Feeds(engine, pino({ level: 'silent' }))
        const options = { ...filter, withEntries: true, context, count: Number.POSITIVE_INFINITY }
        const linesOf = (matches: readonly Match[]) => matches.map(({ line }) => line)
        try {
          const back = new Search(engine, WEB.id, {
            ...options,
            place: { before: cursor },
            bytes: Number.POSITIVE_INFINITY,
          })
          expect(linesOf(await found(back)).toReversed()).toEqual(
            log.slice(0, from).filter((line) => passing.has(line)),
          )
          const on = new ForwardSearch(feeds, 'web', WEB.id, { ...options, after: cursor })
          expect(linesOf(await found(on))).toEqual(log.slice(from + 1).filter((line) => passing.has(line)))
        } finally {
          feeds.close()
        }
      }),
      { numRuns: 80 },
    )
  }, 60_000)

  it('finds an error once, with its trace, and not each of its frames', async () => {
    const texts = ['INFO ready', 'ERROR no pool', 'java.lang.X: no', '\tat a', '\tat b', 'INFO order 8', 'INFO order 9']
    const pieces = texts.map((text, index) => ({ time: at(index * 1_000_000), text: `${text}\n` }))
    const engine = new MemoryEngine().add(WEB, pieces)
    const { admits } = await compileFilter({ levels: ['error'] })
    const bounds = { count: 10, bytes: Number.POSITIVE_INFINITY }
    const matches = await found(new Search(engine, WEB.id, { place: 'end', admits, context: 1, ...bounds }))
    expect(
      matches.map(({ line, before, after }) => [before, [line], after].map((some) => some.map((l) => l.message))),
    ).toEqual([[['INFO ready'], ['ERROR no pool'], ['java.lang.X: no', '\tat a', '\tat b']]])
  })

  it('brings a trace whole where it is in two windows of the search', async () => {
    const texts = Array.from({ length: 6_000 }, (_, index) => (index % 150 === 0 ? `ERROR ${index}` : `\tat ${index}`))
    const pieces = texts.map((text, index) => ({ time: at(index * 1_000_000), text: `${text}\n` }))
    const engine = new MemoryEngine().add(WEB, pieces)
    engine.framesAtOnce = 100
    const { admits } = await compileFilter({ levels: ['error'] })
    const bounds = { count: 100, bytes: Number.POSITIVE_INFINITY }
    const matches = await found(new Search(engine, WEB.id, { place: 'end', admits, context: 1, ...bounds }))
    expect(matches.map(({ after }) => after.length)).toEqual(Array.from({ length: 40 }, () => 149))
    const entries = { place: 'end', admits, context: 0, withEntries: true, ...bounds, count: 6_000 } as const
    expect(await found(new Search(engine, WEB.id, entries))).toHaveLength(6_000)
  })
})
