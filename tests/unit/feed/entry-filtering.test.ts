/** A line passes a filter alike in every read of a log, wherever that begins and whichever way it goes. */
import fc from 'fast-check'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { EntryFiltering, type Past, pastFrom, pastOfStream } from '../../../server/feed/entry-filtering.ts'
import { Feeds } from '../../../server/feed/feeds.ts'
import { readFilteredPage } from '../../../server/feed/filtered-page.ts'
import type { Extent, Place } from '../../../server/feed/page.ts'
import { Ring } from '../../../server/feed/ring.ts'
import { Succession } from '../../../server/feed/succession.ts'
import { openLines } from '../../../server/http/lines.ts'
import { cursorOf, incarnationOf, originOf } from '../../../server/logs/cursor.ts'
import { compileFilter, type FilterSpec } from '../../../server/logs/filter.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import type { Stream } from '../../../server/wire.ts'
import { entryLines, filterSpec, passesByDefinition } from '../logs/entry-logs.ts'
import { at } from '../logs/frames.ts'
import { container, MemoryEngine } from '../memory-engine.ts'

const WEB = container('web')
const INCARNATION = incarnationOf(WEB.id)
const { signal } = new AbortController()

function engineOf(lines: readonly (readonly [message: string, stream: Stream])[]): MemoryEngine {
  const pieces = lines.map(([text, stream], index) => ({ time: at(index * 1_000_000), stream, text: `${text}\n` }))
  return new MemoryEngine().add(WEB, pieces)
}

/** What passes of the lines from one on, in batches of that many. */
async function passedFrom(log: readonly LogLine[], from: number, size: number, spec: FilterSpec, past: Past) {
  const entries = new EntryFiltering(await compileFilter(spec), past)
  const passed: LogLine[] = []
  for (let index = from; index < log.length; index += size)
    passed.push(...(await entries.filter(INCARNATION, log.slice(index, index + size))))
  return passed
}

const cut = fc.nat()
const size = fc.constantFrom(1, 2, 7, 100)
const limit = fc.constantFrom(1, 3, 50, 1_000)

describe('the lines of entries', () => {
  it('pass a filter from any line on as they do in the whole log', async () => {
    await fc.assert(
      fc.asyncProperty(entryLines, filterSpec, cut, size, async (lines, spec, place, size) => {
        const engine = engineOf(lines)
        const log = engine.lines(WEB.id)
        const expected = new Set(passesByDefinition(await compileFilter(spec), log))
        const from = place % (log.length + 1)
        const passed = await passedFrom(log, from, size, spec, pastFrom(engine, signal))
        expect(passed).toEqual(log.slice(from).filter((line) => expected.has(line)))
      }),
      { numRuns: 200 },
    )
  })

  it('pass a filter from the middle of a ring without a read, as far as the ring reaches back', async () => {
    await fc.assert(
      fc.asyncProperty(entryLines, filterSpec, cut, size, async (lines, spec, place, size) => {
        const engine = engineOf(lines)
        const log = engine.lines(WEB.id)
        const ring = new Ring()
        ring.begin = originOf(INCARNATION)
        for (let index = 0; index < log.length; index += size) {
          ring.append({ kind: 'lines', incarnation: INCARNATION, lines: log.slice(index, index + size) })
          ring.append({
            kind: 'state',
            event: { container: 'web', state: 'paused', incarnation: INCARNATION, at: at(0) },
          })
        }
        const from = place % (log.length + 1)
        const passed = await passedFrom(log, from, size, spec, pastOfStream(ring, engine, signal))
        const expected = new Set(passesByDefinition(await compileFilter(spec), log))
        expect(passed).toEqual(log.slice(from).filter((line) => expected.has(line)))
        expect(engine.reads).toEqual([])
      }),
    )
  })

  it('pass a filter on pages, walked back and on from any line, as they do in the whole log', async () => {
    await fc.assert(
      fc.asyncProperty(entryLines, filterSpec, cut, limit, async (lines, spec, place, limit) => {
        const engine = engineOf(lines)
        const log = engine.lines(WEB.id)
        fc.pre(log.length > 0)
        const filter = await compileFilter(spec)
        const expected = passesByDefinition(filter, log)
        const index = place % log.length
        const cursor = cursorOf(INCARNATION, log[index]!)
        const pageFilter = { ...filter, most: 1 + (place % 700) }
        const succession = new Succession(engine)
        const read = (from: Place, extent: Extent) =>
          readFilteredPage(engine, succession, 'web', from, extent, pageFilter, signal)
        const on: LogLine[] = []
        for (let from = { after: cursor }; ; ) {
          const page = await read(from, { before: 0, after: limit })
          on.push(...page.lines)
          if (page.atEnd || !page.after) break
          from = { after: page.after }
        }
        const back: LogLine[] = []
        for (let from = { before: cursor }; ; ) {
          const page = await read(from, { before: limit, after: 0 })
          back.unshift(...page.lines)
          if (page.atStart || !page.before) break
          from = { before: page.before }
        }
        expect(on).toEqual(expected.filter((line) => log.indexOf(line) > index))
        expect(back).toEqual(expected.filter((line) => log.indexOf(line) < index))
      }),
      { numRuns: 100 },
    )
  })

  it('are judged by themselves where a stream cannot learn in time what they continue', async () => {
    const engine = engineOf([
      ['ERROR: no', 'stdout'],
      ['    at one', 'stdout'],
    ])
    const log = engine.lines(WEB.id)
    engine.readLines = (_id, options) =>
      new Promise((_, reject) => options.signal.addEventListener('abort', () => reject(options.signal.reason)))
    const past = pastOfStream(new Ring(), engine, signal, 20)
    expect(await passedFrom(log, 1, 1, { levels: ['error'] }, past)).toEqual([])
    expect(await passedFrom(log, 1, 1, { levels: ['none'] }, past)).toEqual(log.slice(1))
  })

  it('pass a filter as text, from any line on, from any time on, and of the last lines, as they do in the whole log', async () => {
    await fc.assert(
      fc.asyncProperty(entryLines, filterSpec, cut, async (lines, spec, place) => {
        const engine = engineOf(lines)
        const log = engine.lines(WEB.id)
        fc.pre(log.length > 1)
        const expected = passesByDefinition(await compileFilter(spec), log)
        const index = 1 + (place % (log.length - 1))
        const texts = expected.filter((line) => log.indexOf(line) >= index).map(({ message }) => `${message}\n`)
        const feeds = new Feeds(engine, pino({ level: 'silent' }))
        try {
          const { levels, ...rest } = spec
          const starts = [
            { after: cursorOf(INCARNATION, log[index - 1]!) },
            { since: log[index]!.time },
            { tail: log.length - index },
          ]
          for (const start of starts) {
            const query = { ...rest, level: levels as never, ...start }
            let text = ''
            for await (const some of await openLines(feeds, 'web', 'text', query, signal)) text += some
            expect(text).toBe(texts.join(''))
          }
        } finally {
          feeds.close()
        }
      }),
      { numRuns: 40 },
    )
  })
})
