/** Pages join to the whole log, whatever its times do and wherever they are cut, and cost what a page costs. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Page, type Place, readPage } from '../../../server/feed/page.ts'
import { type Cursor, cursorOf, incarnationOf, originOf } from '../../../server/logs/cursor.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import { at } from '../logs/frames.ts'
import { container, MemoryEngine } from '../memory-engine.ts'
import { logs } from './logs.ts'

const WEB = container('web')
const INCARNATION = incarnationOf(WEB.id)
const { signal } = new AbortController()

const cursor = (line: LogLine | undefined): Cursor => cursorOf(INCARNATION, line!)
const page = (engine: MemoryEngine, place: Place, before: number, after: number) =>
  readPage(engine, WEB.id, place, { before, after }, signal)

/** From the log's end to its start, a page at a time. */
async function backwards(engine: MemoryEngine, limit: number): Promise<LogLine[]> {
  let walked: LogLine[] = []
  for (let at: Page = await page(engine, 'end', limit, 0); ; ) {
    expect(at.gap).toBeUndefined()
    walked = [...at.lines, ...walked]
    if (at.atStart) return walked
    expect(at.lines).toHaveLength(limit)
    at = await page(engine, { before: cursor(walked[0]) }, limit, 0)
    expect(at.atEnd).toBe(false)
  }
}

/** From the log's start to its end. */
async function forwards(engine: MemoryEngine, limit: number): Promise<LogLine[]> {
  const walked: LogLine[] = []
  for (let after = originOf(INCARNATION); ; after = cursor(walked.at(-1))) {
    const next = await page(engine, { after }, 0, limit)
    expect(next.gap).toBeUndefined()
    expect(next.atStart).toBe(walked.length === 0)
    walked.push(...next.lines)
    if (next.atEnd) return walked
    expect(next.lines).toHaveLength(limit)
  }
}

const numbered = (count: number, stepNs: number) =>
  Array.from({ length: count }, (_, index) => ({ time: at(index * stepNs), text: `${index}\n` }))

describe('readPage', () => {
  it('gives the whole log when it is walked back or on by pages of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        logs,
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 40 }),
        async (pieces, limit, frames) => {
          const engine = new MemoryEngine().add(WEB, pieces)
          engine.framesAtOnce = frames
          const all = engine.lines(WEB.id)
          const size = Math.max(limit, Math.ceil(all.length / 12))
          expect(await backwards(engine, size)).toEqual(all)
          expect(await forwards(engine, size)).toEqual(all)
          expect(engine.open).toBe(0)
        },
      ),
      { numRuns: 60 },
    )
  }, 30_000)

  it('gives the lines on both sides of any time', async () => {
    const seeds = fc.array(fc.nat(), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(logs, seeds, fc.nat(50), fc.nat(50), async (pieces, places, before, after) => {
        fc.pre(pieces.length > 0)
        const engine = new MemoryEngine().add(WEB, pieces)
        const all = engine.lines(WEB.id)
        for (const seed of places) {
          const { time } = all[seed % all.length]!
          const from = all.findIndex((line) => line.time >= time)
          const later = all.findIndex((line) => line.time > time)
          const past = later < 0 ? all.length : later
          const around = await page(engine, { from: time }, before, after)
          expect(around.lines).toEqual(all.slice(Math.max(0, from - before), from + after))
          expect(around.atStart).toBe(from - before <= 0)
          expect(around.atEnd).toBe(from + after >= all.length)
          const until = await page(engine, { past: time }, before, 0)
          expect(until.lines).toEqual(all.slice(Math.max(0, past - before), past))
        }
      }),
      { numRuns: 60 },
    )
  }, 30_000)

  it('finds a page far back without reading what is between', async () => {
    const engine = new MemoryEngine().add(WEB, numbered(100_000, 1_000_000))
    engine.framesAtOnce = 100
    const all = engine.lines(WEB.id)
    const { lines, atStart, atEnd } = await page(engine, { before: cursor(all[40_000]) }, 1_000, 0)
    expect(lines).toEqual(all.slice(39_000, 40_000))
    expect([atStart, atEnd]).toEqual([false, false])
    expect(engine.reads.length).toBeLessThan(6)
    expect(engine.reads.some(({ tail }) => tail === 'all')).toBe(false)
  })

  it('begins a page at a line that began long before, in many pieces, or leaves it whole to the page before', async () => {
    const long = 'x'.repeat(16 * 1024)
    const pieces = [
      ...numbered(50, 1_000_000),
      { time: at(60_000_000), text: long },
      { time: at(60_000_000), text: long },
      { time: at(61_000_000), stream: 'stderr' as const, text: 'between\n' },
      { time: at(60_000_000), text: 'the end\n' },
      ...numbered(300, 1_000_000).map(({ text }, index) => ({ time: at(70_000_000 + index * 1_000_000), text })),
    ]
    const engine = new MemoryEngine().add(WEB, pieces)
    const all = engine.lines(WEB.id)
    for (const limit of [1, 3, 50, 100, 299, 300, 301, 302, 400]) expect(await backwards(engine, limit)).toEqual(all)
  }, 20_000)

  it('says that a line was rotated away, or was never there, and gives the page at its time', async () => {
    const engine = new MemoryEngine().add(WEB, numbered(300, 1_000_000_000))
    const all = engine.lines(WEB.id)
    const stranger = { ...all[149]!, time: at(149_500_000_000) }
    expect(await page(engine, { before: cursor(stranger) }, 2, 0)).toMatchObject({
      gap: 'unknown-cursor',
      lines: all.slice(148, 150),
    })
    expect(await page(engine, { after: cursor(stranger) }, 0, 2)).toMatchObject({
      gap: 'unknown-cursor',
      lines: all.slice(150, 152),
    })
    const lost = { ...all[0]!, time: '2020-01-01T00:00:00.000000000Z' }
    expect(await page(engine, { before: cursor(lost) }, 2, 0)).toMatchObject({
      gap: 'rotated',
      lines: [],
      atStart: true,
    })
    expect(await page(engine, { after: cursor(lost) }, 0, 2)).toMatchObject({
      gap: 'rotated',
      lines: all.slice(0, 2),
      atStart: true,
    })
  })

  it('gives an empty page of an empty log, and of a log that has lost all it had', async () => {
    const engine = new MemoryEngine().add(WEB)
    const empty = { lines: [], before: 0, damages: [], atStart: true, atEnd: true, tail: expect.anything() }
    expect(await page(engine, 'end', 5, 0)).toEqual(empty)
    expect(await page(engine, { from: at(1) }, 5, 5)).toEqual(empty)
    expect(await page(engine, { after: originOf(INCARNATION) }, 0, 5)).toEqual(empty)
    const line = { time: at(1), ordinal: 0 }
    expect(await page(engine, { after: cursorOf(INCARNATION, line) }, 0, 5)).toEqual({ ...empty, gap: 'rotated' })
  })

  it('holds a few megabytes of long lines, and goes on after the last it has', async () => {
    const text = `${'y'.repeat(60_000)}\n`
    const engine = new MemoryEngine().add(
      WEB,
      numbered(200, 1_000_000).map(({ time }) => ({ time, text })),
    )
    const all = engine.lines(WEB.id)
    const end = await page(engine, 'end', 200, 0)
    expect(end.lines.length).toBeLessThan(60)
    expect(end).toMatchObject({ lines: all.slice(-end.lines.length), atStart: false, atEnd: true })
    const start = await page(engine, { after: originOf(INCARNATION) }, 0, 200)
    expect(start.lines.length).toBeLessThan(60)
    expect(start).toMatchObject({ lines: all.slice(0, start.lines.length), atStart: true, atEnd: false })
    const middle = await page(engine, { before: cursor(all[100]) }, 90, 0)
    expect(middle).toMatchObject({ lines: all.slice(100 - middle.lines.length, 100), atStart: false, atEnd: false })
  })
})
