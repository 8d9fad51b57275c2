/** Filtered pages, walked back and on by their cursors, have each line that passes once, and come to an end. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FilteredPage, type PageFilter, readFilteredPage } from '../../../server/feed/filtered-page.ts'
import type { Extent, Place } from '../../../server/feed/page.ts'
import { Succession } from '../../../server/feed/succession.ts'
import { incarnationOf, originOf } from '../../../server/logs/cursor.ts'
import { compileFilter } from '../../../server/logs/filter.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import { at } from '../logs/frames.ts'
import { container, MemoryEngine, type Piece } from '../memory-engine.ts'
import { logs } from './logs.ts'

const WEB = container('web')
const ORIGIN = originOf(incarnationOf(WEB.id))
const { signal } = new AbortController()

interface Walked {
  readonly lines: LogLine[]
  readonly pages: FilteredPage[]
}

function reader(engine: MemoryEngine, filter: PageFilter) {
  const succession = new Succession(engine)
  const read = (place: Place, extent: Extent) =>
    readFilteredPage(engine, succession, 'web', place, extent, filter, signal)
  const back = async (place: Place, limit: number): Promise<Walked> => {
    const pages: FilteredPage[] = []
    for (let from = place; ; ) {
      const page = await read(from, { before: limit, after: 0 })
      pages.push(page)
      if (page.atStart || !page.before) return { pages, lines: pages.toReversed().flatMap(({ lines }) => lines) }
      from = { before: page.before }
    }
  }
  const on = async (place: Place, limit: number): Promise<Walked> => {
    const pages: FilteredPage[] = []
    for (let from = place; ; ) {
      const page = await read(from, { before: 0, after: limit })
      pages.push(page)
      if (page.atEnd || !page.after) return { pages, lines: pages.flatMap(({ lines }) => lines) }
      from = { after: page.after }
    }
  }
  return { read, back, on }
}

function numbered(count: number): Piece[] {
  return Array.from({ length: count }, (_, index) => ({ time: at(index * 1_000_000), text: `${index}\n` }))
}

describe('filtered pages', () => {
  const every = fc.constantFrom(1, 2, 3, 7, 50, 1_000)
  const limits = fc.constantFrom(1, 2, 5, 100)

  it('walked back and on are the log, filtered', async () => {
    await fc.assert(
      fc.asyncProperty(logs, every, limits, async (pieces, nth, limit) => {
        const engine = new MemoryEngine().add(WEB, pieces)
        const admits = ({ message }: LogLine) => Number(message) % nth === 0
        const { back, on } = reader(engine, { admits })
        const all = engine.lines(WEB.id).filter(admits)
        const backwards = await back('end', limit)
        expect(backwards.lines).toEqual(all)
        expect(backwards.pages[0]?.atEnd).toBe(true)
        const forwards = await on({ after: ORIGIN }, limit)
        expect(forwards.lines).toEqual(all)
        for (const { lines } of [...backwards.pages, ...forwards.pages]) expect(lines.length).toBeLessThanOrEqual(limit)
        for (const { pages } of [backwards, forwards]) expect(pages.length).toBeLessThanOrEqual(all.length / limit + 1)
      }),
      { numRuns: 150 },
    )
  })

  it('say where the log is damaged, once, among the lines that pass', async () => {
    const detail = 'unexpected EOF'
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 59 }), every, limits, async (damaged, nth, limit) => {
        const engine = new MemoryEngine().add(WEB, numbered(60)).damage(WEB.id, { at: damaged, error: detail })
        const { back, on } = reader(engine, { admits: ({ message }) => Number(message) % nth === 0 })
        const passing = Array.from({ length: 60 }, (_, number) => number).filter((number) => number % nth === 0)
        const at = passing.filter((number) => number < damaged).length
        const story = passing.map(String).toSpliced(at, 0, detail)
        const storyOf = ({ lines, damages }: FilteredPage) => {
          const messages = lines.map(({ message }) => message)
          for (const each of damages.toReversed()) messages.splice(each.at, 0, each.detail)
          return messages
        }
        expect((await on({ after: ORIGIN }, limit)).pages.flatMap(storyOf)).toEqual(story)
        expect((await back('end', limit)).pages.toReversed().flatMap(storyOf)).toEqual(story)
      }),
      { numRuns: 150 },
    )
  })

  it('between two times are those of the log between them, filtered', async () => {
    await fc.assert(
      fc.asyncProperty(logs, every, limits, fc.nat(), fc.nat(), async (pieces, nth, limit, one, other) => {
        fc.pre(pieces.length > 0)
        const [a, b] = [one, other].map((place) => pieces[place % pieces.length]?.time as string) as [string, string]
        const [since, until] = a < b ? [a, b] : [b, a]
        const engine = new MemoryEngine().add(WEB, pieces)
        const admits = ({ message }: LogLine) => Number(message) % nth === 0
        const all = engine.lines(WEB.id).filter((line) => admits(line) && line.time >= since && line.time <= until)
        const { back, on } = reader(engine, { admits, since, until })
        expect((await back({ past: until }, limit)).lines).toEqual(all)
        expect((await back('end', limit)).lines).toEqual(all)
        expect((await on({ after: ORIGIN }, limit)).lines).toEqual(all)
      }),
      { numRuns: 150 },
    )
  })

  it('around a time have what passes on both sides of it, and lead on both ways', async () => {
    const engine = new MemoryEngine().add(WEB, numbered(5_000))
    const admits = ({ message }: LogLine) => Number(message) % 100 === 0
    const { read, back, on } = reader(engine, { admits })
    const page = await read({ from: at(2_450 * 1_000_000) }, { before: 2, after: 3 })
    expect(page.lines.map(({ message }) => message)).toEqual(['2300', '2400', '2500', '2600', '2700'])
    expect(page).toMatchObject({ atStart: false, atEnd: false })
    const before = await back({ before: page.before! }, 10)
    const after = await on({ after: page.after! }, 10)
    const all = [...before.lines, ...page.lines, ...after.lines]
    expect(all).toEqual(engine.lines(WEB.id).filter(admits))
    const late = await read({ from: at(9e15) }, { before: 2, after: 2 })
    expect(late.lines.map(({ message }) => message)).toEqual(['4800', '4900'])
    expect(late).toMatchObject({ atStart: false, atEnd: true })
  })

  it('look at so many lines and no more, say how far they did, and are together the log, filtered', async () => {
    await fc.assert(
      fc.asyncProperty(logs, every, limits, fc.integer({ min: 1, max: 60 }), async (pieces, nth, limit, most) => {
        const engine = new MemoryEngine().add(WEB, pieces)
        const admits = ({ message }: LogLine) => Number(message) % nth === 0
        let looked = 0
        const counting = (line: LogLine) => {
          looked++
          return admits(line)
        }
        const { read, back, on } = reader(engine, { admits: counting, most })
        const page = await read('end', { before: limit, after: 0 })
        expect(looked).toBeLessThanOrEqual(most + 1) // and the one that did not fit any more
        expect(page.before === undefined).toBe(pieces.length === 0)
        const all = engine.lines(WEB.id).filter(admits)
        expect((await back('end', limit)).lines).toEqual(all)
        expect((await on({ after: ORIGIN }, limit)).lines).toEqual(all)
      }),
      { numRuns: 50 },
    )
  })

  it('go on through a container that was made under the name later, a page to each', async () => {
    const engine = new MemoryEngine().add(WEB, numbered(50))
    const { on } = reader(engine, { admits: ({ message }) => Number(message) % 20 === 0 })
    const next = container('web', 'fedcba987654'.padEnd(64, '0'))
    engine.rename('web', '0123456789ab_web', at(1e12))
    engine.add(next, numbered(30))
    const { pages } = await on({ after: ORIGIN }, 100)
    expect(pages.map(({ incarnation, lines }) => [incarnation, lines.length])).toEqual([
      [incarnationOf(WEB.id), 3],
      [incarnationOf(next.id), 2],
    ])
  })

  it('of a slow pattern take their time in slices', async () => {
    const text = `${'x'.repeat(60_000)}\n`
    const pieces = Array.from({ length: 4 }, (_, index) => ({ time: at(index), text }))
    const engine = new MemoryEngine().add(WEB, pieces)
    const { admits } = await compileFilter({ re: '[xy]*x[xy]{300}$' })
    expect((await reader(engine, { admits }).back('end', 10)).lines).toHaveLength(4)
  })
})
