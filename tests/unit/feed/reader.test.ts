/** A reader's way through the log of a name: wherever he is cut, and however little the feed keeps, he goes on with exactly the rest. */
import { EventEmitter, once } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { pino } from 'pino'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { EngineError } from '../../../server/engine/engine.ts'
import { Feed } from '../../../server/feed/feed.ts'
import { Feeds } from '../../../server/feed/feeds.ts'
import { Reader, type Start } from '../../../server/feed/reader.ts'
import type { Entry } from '../../../server/feed/ring.ts'
import { type Cursor, cursorOf, incarnationOf, NOWHERE, originOf } from '../../../server/logs/cursor.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import { at } from '../logs/frames.ts'
import { container, MemoryEngine, type Piece } from '../memory-engine.ts'
import { logs } from './logs.ts'

const log = pino({ level: 'silent' })
const [OLD, MIDDLE, NEW] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string]

interface Placed {
  readonly incarnation: string
  readonly line: LogLine
}

const held: { feeds: Feeds; gone: AbortController }[] = []
afterEach(() => {
  vi.useRealTimers()
  for (const { feeds, gone } of held.splice(0)) {
    gone.abort()
    feeds.close()
  }
})

/** A feed of `web` with this much in its ring at first, and readers of it. */
function watch(engine: MemoryEngine, feedTail: number) {
  const feeds = new Feeds(engine, log)
  const gone = new AbortController()
  held.push({ feeds, gone })
  const feed = feeds.acquire('web', feedTail)
  const from = (start: Start) => new Reader(engine, feed, start, gone.signal)
  return { feeds, feed, from, gone }
}

/** What comes up to the head, or up to so many entries. */
async function read(reader: Reader, most = Number.POSITIVE_INFINITY): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const entry of reader.toHead()) if (entries.push(entry) >= most) break
  return entries
}

function linesOf(entries: readonly Entry[]): Placed[] {
  return entries.flatMap((entry) =>
    entry.kind === 'lines' ? entry.lines.map((line) => ({ incarnation: entry.incarnation, line })) : [],
  )
}

const gapsIn = (entries: readonly Entry[]) =>
  entries.flatMap((entry) => (entry.kind === 'gap' ? [entry.event.reason] : []))
const cursorAt = ({ incarnation, line }: Placed): Cursor => cursorOf(incarnation, line)

function placed(engine: MemoryEngine, id: string): Placed[] {
  return engine.lines(id).map((line) => ({ incarnation: incarnationOf(id), line }))
}

/** Emits `gap` for each gap of the feed. */
function feedGaps(feed: Feed): EventEmitter {
  const gaps = new EventEmitter()
  feed.subscribe((entry) => entry.kind === 'gap' && gaps.emit('gap'))
  return gaps
}

/** Until the feed has come to this line. */
async function published(feed: Feed, { incarnation, line }: Placed): Promise<void> {
  await feed.ready
  const cursor = cursorOf(incarnation, line)
  await new Promise<void>((resolve) => {
    const unsubscribe = feed.subscribe(look)
    function look() {
      if (feed.ring.find(cursor) === undefined && !isDeepStrictEqual(feed.position, cursor)) return
      unsubscribe()
      resolve()
    }
    look()
  })
}

function numbered(count: number, first = 0): Piece[] {
  return Array.from({ length: count }, (_, index) => ({
    time: at((first + index) * 1_000_000),
    text: `${first + index}\n`,
  }))
}

const share = fc.double({ min: 0, max: 0.999, noNaN: true })

describe('a reader', () => {
  it('that is cut after any number of entries goes on from his cursor with exactly the rest, whatever the ring has of it', async () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(
        logs,
        share,
        fc.nat(80),
        share,
        cuts,
        fc.integer({ min: 1, max: 40 }),
        async (pieces, later, feedTail, where, most, framesAtOnce) => {
          fc.pre(pieces.length > 0)
          const border = Math.ceil(pieces.length * later)
          const engine = new MemoryEngine().add(container('web', NEW), pieces.slice(0, border))
          engine.framesAtOnce = framesAtOnce
          const { feed, from } = watch(engine, feedTail)
          await feed.ready
          const start = Math.floor(where * (border + 1))
          const before = placed(engine, NEW)
          let reader = from(start === 0 ? { after: NOWHERE } : { after: cursorAt(before[start - 1]!) })
          const got: Placed[] = []
          for (const [index, count] of most.entries()) {
            const entries = await read(reader, count)
            expect(gapsIn(entries)).toEqual([])
            got.push(...linesOf(entries))
            if (index === 0) engine.write(NEW, ...pieces.slice(border)) // some of it is read apart, some from the ring
            const { cursor } = reader
            if (cursor) reader = from({ after: cursor })
          }
          const all = placed(engine, NEW)
          await published(feed, all.at(-1)!)
          got.push(...linesOf(await read(reader)))
          expect(got).toEqual(all.slice(start))
          expect(reader.isAtHead).toBe(true)
          expect(reader.cursor).toEqual(cursorAt(all.at(-1)!))
        },
      ),
      { numRuns: 60 },
    )
  }, 60_000)

  it('gets exactly so many lines before the end, and knows where he began, whatever the ring has of them', async () => {
    await fc.assert(
      fc.asyncProperty(logs, fc.nat(60), fc.nat(300), async (pieces, feedTail, tail) => {
        const engine = new MemoryEngine().add(container('web', NEW), pieces)
        const { from } = watch(engine, feedTail)
        const all = placed(engine, NEW)
        const reader = from({ tail })
        expect(linesOf(await read(reader))).toEqual(tail === 0 ? [] : all.slice(-tail))
        const first = Math.max(0, all.length - tail)
        if (first > 0) expect(reader.begin).toEqual(cursorAt(all[first - 1]!))
        else expect(reader.begin?.time).toMatch(/^1970/)
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  it('who stands where the ring has let go reads what he missed apart, and meets the ring exactly', async () => {
    const engine = new MemoryEngine().add(container('web', NEW), numbered(100))
    engine.framesAtOnce = 500
    const { feed, from } = watch(engine, 100)
    const readers = [from({ tail: 5 }), from({ tail: 0 }), from({ after: cursorAt(placed(engine, NEW)[40]!) })]
    for (const reader of readers) await read(reader)
    engine.write(NEW, ...numbered(25_000, 100))
    const all = placed(engine, NEW)
    await published(feed, all.at(-1)!)
    expect(feed.ring.start).toBeGreaterThan(10_000)
    for (const reader of readers) {
      expect(reader.isInRing).toBe(false)
      const entries = await read(reader)
      expect(gapsIn(entries)).toEqual([])
      expect(linesOf(entries)).toEqual(all.slice(100))
      expect(reader.isAtHead).toBe(true)
    }
    // One line before the oldest that the ring has, that very line, and the one after it.
    const oldest = all.findIndex((each) => feed.ring.find(cursorAt(each)) !== undefined)
    for (const index of [oldest - 2, oldest - 1, oldest, oldest + 1]) {
      expect(linesOf(await read(from({ after: cursorAt(all[index]!) })))).toEqual(all.slice(index + 1))
    }
  })

  it('who was told by others up to somewhere in the ring goes on right there', async () => {
    const engine = new MemoryEngine().add(container('web', NEW), numbered(300))
    const { feed, from } = watch(engine, 100)
    await feed.ready
    const all = placed(engine, NEW)
    for (const sequence of [feed.ring.start, feed.ring.start + 1, feed.ring.end - 1, feed.ring.end]) {
      const reader = from({ after: NOWHERE })
      reader.standAt(sequence)
      const at = all.length - (feed.ring.end - sequence)
      expect(reader.cursor).toEqual(cursorAt(all[at - 1]!))
      expect(linesOf(await read(reader))).toEqual(all.slice(at))
    }
  })

  it('who was away while the name passed on gets each carrier’s own lines, cut wherever he is', async () => {
    const most = fc.integer({ min: 1, max: 3 })
    await fc.assert(
      fc.asyncProperty(logs, logs, logs, share, fc.nat(40), most, async (one, two, three, where, feedTail, cut) => {
        const lost = at(300_000_000)
        const engine = new MemoryEngine().add(container('web', OLD), one)
        const { feeds, gone } = watch(engine, 0)
        engine.rename('web', 'web-old', lost)
        engine.add(container('web', MIDDLE), two)
        engine.rename('web', 'web-older', lost)
        engine.add(container('web', NEW), three)
        const own = (id: string) => placed(engine, id).filter(({ line }) => line.time <= lost)
        fc.pre(own(OLD).length > 0)
        const all = [...own(OLD), ...own(MIDDLE), ...placed(engine, NEW)]
        const start = Math.floor(where * own(OLD).length)

        // The succession saw it all; this feed begins with the third.
        const feed = new Feed(engine, feeds.succession, 'web', feedTail, log)
        gone.signal.addEventListener('abort', () => feed.close())
        const got: Placed[] = []
        let reader = new Reader(engine, feed, { after: cursorAt(all[start]!) }, gone.signal)
        for (let round = 0; round < 6; round++) {
          got.push(...linesOf(await read(reader, cut)))
          reader = new Reader(engine, feed, { after: reader.cursor! }, gone.signal)
        }
        const last = placed(engine, NEW).at(-1)
        if (last) await published(feed, last)
        got.push(...linesOf(await read(reader)))
        expect(got).toEqual(all.slice(start + 1))
      }),
      { numRuns: 40 },
    )
  })

  it('whose line is in a container that is removed is told of the gap once, and gets all of the next', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), numbered(20))
    const { feeds, gone } = watch(engine, 5)
    const cursor = cursorAt(placed(engine, OLD)[3]!)
    engine.remove('web', at(1e9))
    engine.add(container('web', NEW), numbered(30, 2_000))
    const feed = new Feed(engine, feeds.succession, 'web', 5, log)
    gone.signal.addEventListener('abort', () => feed.close())

    const reader = new Reader(engine, feed, { after: cursor }, gone.signal)
    const [gap] = await read(reader, 1)
    expect(gap).toMatchObject({ kind: 'gap', event: { container: 'web', reason: 'removed' } })
    // Cut right after the gap, it is not told again.
    const rest = await read(new Reader(engine, feed, { after: reader.cursor! }, gone.signal))
    expect([gapsIn(rest), linesOf(rest)]).toEqual([[], placed(engine, NEW)])
  })

  it('who was told of a newcomer, and no line of it, gets all of it from the ring when it is gone', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), numbered(5))
    const { feed, from } = watch(engine, 5)
    await feed.ready
    engine.remove('web', at(1e9))
    engine.add(container('web', MIDDLE), numbered(5, 2_000))
    const middle = placed(engine, MIDDLE)
    await published(feed, middle.at(-1)!)
    engine.remove('web', at(4e9))
    engine.add(container('web', NEW), numbered(5, 5_000))
    const last = placed(engine, NEW)
    await published(feed, last.at(-1)!)
    const entries = await read(from({ after: originOf(incarnationOf(MIDDLE)) }))
    expect(linesOf(entries)).toEqual([...middle, ...last])
    const first = entries.findIndex(({ kind }) => kind === 'lines')
    expect(gapsIn(entries.slice(0, first))).toEqual([])
  })

  it('who stands before the first line of a log that the feed has whole gets it from the ring when it is gone', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), numbered(5))
    const { feed, from } = watch(engine, 5)
    await feed.ready
    const old = placed(engine, OLD)
    engine.remove('web', at(1e9))
    const entries = await read(from({ after: originOf(incarnationOf(OLD)) }))
    expect([gapsIn(entries), linesOf(entries)]).toEqual([[], old])
  })

  /** The name passed from one to another while a reader was away; `feed` began where it says. */
  async function passedOn(begins: 'before' | 'between' | 'after', tail: number, engine = new MemoryEngine()) {
    engine.add(container('web', OLD), numbered(20)).add(container('other', MIDDLE), numbered(5, 500))
    const { feeds, gone } = watch(engine, 0)
    const old = placed(engine, OLD)
    const steps = {
      before: () => {},
      between: () => engine.rename('web', 'elsewhere', at(1e9)),
      after: () => engine.rename('other', 'web', at(1e9)),
    }
    const all = Object.keys(steps) as (keyof typeof steps)[]
    for (const step of all.slice(0, all.indexOf(begins) + 1)) steps[step]()
    const feed = new Feed(engine, feeds.succession, 'web', tail, log)
    gone.signal.addEventListener('abort', () => feed.close())
    await feed.ready
    for (const step of all.slice(all.indexOf(begins) + 1)) steps[step]()
    return { engine, feed, from: (start: Start) => new Reader(engine, feed, start, gone.signal), old }
  }

  it.each([
    ['before', 0],
    ['before', 20],
    ['between', 20],
    ['after', 1],
    ['after', 20],
  ] as const)(
    'who was away while the name passed on gets all of who is gone by now from a feed that began %s, with %i lines',
    async (begins, tail) => {
      const { engine, feed, from, old } = await passedOn(begins, tail)
      engine.write(MIDDLE, ...numbered(5, 2_000))
      const middle = placed(engine, MIDDLE)
      await published(feed, middle.at(-1)!)
      engine.remove('web', at(3e9))
      engine.add(container('web', NEW), numbered(5, 5_000))
      const last = placed(engine, NEW)
      await published(feed, last.at(-1)!)
      const entries = await read(from({ after: cursorAt(old[15]!) }))
      expect(linesOf(entries).filter(({ line }) => line.time < at(500_000_000) || line.time > at(1e9))).toEqual([
        ...old.slice(16),
        ...middle.slice(5),
        ...last,
      ])
      // The feed cannot know that it has the last lines of what is removed, and says so after them.
      const first = entries.findIndex((entry) => entry.kind === 'lines' && entry.incarnation === incarnationOf(MIDDLE))
      expect(gapsIn(entries.slice(0, first))).toEqual([])
    },
  )

  it('who was away while the name passed on to one who wrote nothing and is gone is told of no gap', async () => {
    const { engine, feed, from, old } = await passedOn('between', 20)
    engine.remove('web', at(3e9))
    engine.add(container('web', NEW), numbered(5, 5_000))
    const last = placed(engine, NEW)
    await published(feed, last.at(-1)!)
    const entries = await read(from({ after: cursorAt(old[15]!) }))
    expect(linesOf(entries)).toEqual([...old.slice(16), ...last])
  })

  it('who was away while the name passed on waits for the feed, which is still reading of one who is gone', async () => {
    const engine = new MemoryEngine()
    const followLines = engine.followLines.bind(engine)
    const arrival = new AbortController()
    engine.followLines = async (id, options) => {
      const read = await followLines(id, options)
      if (id === MIDDLE) await once(arrival.signal, 'abort')
      return read
    }
    const { feed, from, old } = await passedOn('between', 20, engine)
    engine.write(MIDDLE, ...numbered(5, 2_000))
    const middle = placed(engine, MIDDLE).slice(5)
    while (!isDeepStrictEqual(feed.position, originOf(incarnationOf(MIDDLE)))) await new Promise(setImmediate)
    engine.remove('web', at(3e9))
    const reader = from({ after: cursorAt(old[15]!) })
    const entries = await read(reader)
    arrival.abort()
    await published(feed, middle.at(-1)!)
    entries.push(...(await read(reader)))
    expect(linesOf(entries)).toEqual([...old.slice(16), ...middle])
    const first = entries.findIndex((entry) => entry.kind === 'lines' && entry.incarnation === incarnationOf(MIDDLE))
    expect(gapsIn(entries.slice(0, first))).toEqual([])
  })

  it('is told of the gap where the ring has only the last time that one who is gone had the name', async () => {
    vi.useFakeTimers({ toFake: ['Date'] }) // all within one millisecond
    const { engine, from, old, feed: first } = await passedOn('after', 20)
    engine.write(MIDDLE, ...numbered(5, 2_000))
    engine.rename('web', 'other', at(3e9))
    const feed = new Feed(engine, first.succession, 'web', 0, log)
    await feed.ready
    engine.rename('other', 'web', at(4e9))
    engine.write(MIDDLE, ...numbered(5, 5_000))
    await published(feed, placed(engine, MIDDLE).at(-1)!)
    engine.remove('web', at(6e9))
    const reader = new Reader(engine, feed, { after: cursorAt(old[15]!) }, new AbortController().signal)
    expect(gapsIn(await read(reader))[0]).toBe('removed')
    feed.close()
    expect(linesOf(await read(from({ after: cursorAt(old[15]!) }), 1))).toEqual(old.slice(16))
  })

  it('who was away while the name passed on is told of the gap where his own carrier is gone with lines he has not', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), numbered(20))
    const { feeds, gone } = watch(engine, 0)
    const old = placed(engine, OLD)
    engine.remove('web', at(1e9))
    engine.add(container('web', MIDDLE), numbered(5, 2_000))
    const feed = new Feed(engine, feeds.succession, 'web', 20, log)
    gone.signal.addEventListener('abort', () => feed.close())
    await published(feed, placed(engine, MIDDLE).at(-1)!)
    engine.remove('web', at(3e9))
    engine.add(container('web', NEW), numbered(5, 5_000))
    await published(feed, placed(engine, NEW).at(-1)!)
    const entries = await read(new Reader(engine, feed, { after: cursorAt(old[15]!) }, gone.signal))
    expect(entries[0]).toMatchObject({ kind: 'gap', event: { reason: 'removed' } })
  })

  it('who was away while the name passed on is told of the gap where the ring lacks what its next carrier wrote', async () => {
    const engine = new MemoryEngine()
      .add(container('web', OLD), numbered(20))
      .add(container('other', MIDDLE), numbered(5, 500))
    const { feeds, gone } = watch(engine, 0)
    const old = placed(engine, OLD)
    engine.rename('web', 'elsewhere', at(1e9))
    engine.rename('other', 'web', at(1e9))
    engine.write(MIDDLE, ...numbered(5, 2_000))
    const feed = new Feed(engine, feeds.succession, 'web', 2, log)
    gone.signal.addEventListener('abort', () => feed.close())
    await feed.ready
    engine.remove('web', at(3e9))
    engine.add(container('web', NEW), numbered(5, 5_000))
    const last = placed(engine, NEW)
    await published(feed, last.at(-1)!)
    const entries = await read(new Reader(engine, feed, { after: cursorAt(old[15]!) }, gone.signal))
    expect(gapsIn(entries)).toContain('removed')
    expect(linesOf(entries).slice(-5)).toEqual(last)
  })

  it('is told of each who came and went while a feed that could not read of the first waited for the next', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), numbered(20))
    const { readLines, followLines } = engine
    engine.readLines = engine.followLines = async () => {
      throw new EngineError('cut', 'the engine closed the connection')
    }
    const { feed, from } = watch(engine, 5)
    await feed.ready
    const reader = from({ after: cursorAt(placed(engine, OLD)[15]!) })
    engine.remove('web', at(1e9))
    expect(gapsIn(await read(reader))).toEqual(['removed'])
    engine.add(container('web', MIDDLE), numbered(5, 2_000))
    engine.remove('web', at(3e9))
    Object.assign(engine, { readLines, followLines })
    engine.add(container('web', NEW), numbered(5, 5_000))
    const last = placed(engine, NEW)
    await published(feed, last.at(-1)!)
    const entries = await read(reader)
    expect([gapsIn(entries), linesOf(entries)]).toEqual([['removed'], last])
  })

  it('who stands just before the oldest line of the ring gets all of it, and no gap, when the log is gone', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), numbered(20))
    const { feed, from } = watch(engine, 5)
    await feed.ready
    const old = placed(engine, OLD)
    engine.remove('web', at(1e9))
    const entries = await read(from({ after: cursorAt(old[14]!) }))
    expect([gapsIn(entries), linesOf(entries)]).toEqual([[], old.slice(15)])
  })

  it('who reads slowly gets nothing that was written after the name was lost meanwhile', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), numbered(40))
    const { feed, from } = watch(engine, 0)
    await feed.ready
    const old = placed(engine, OLD)
    const reader = from({ after: cursorAt(old[3]!) })
    const got: Placed[] = []
    for await (const entry of reader.toHead()) {
      if (got.length === 0) {
        engine.rename('web', 'elsewhere', at(1e9))
        engine.write(OLD, ...numbered(10, 2_000))
      }
      got.push(...linesOf([entry]))
    }
    expect(got).toEqual(old.slice(4))
  })

  it('gets of the last lines none that was written after the name was lost, while they were read', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), numbered(40))
    const { feed, from } = watch(engine, 0)
    await feed.ready
    const old = placed(engine, OLD)
    const readLines = engine.readLines.bind(engine)
    engine.readLines = async (id, options) => {
      if (engine.find('web')) {
        engine.rename('web', 'elsewhere', at(1e9))
        engine.write(OLD, ...numbered(10, 2_000))
      }
      return readLines(id, options)
    }
    expect(linesOf(await read(from({ tail: 30 })))).toEqual(old.slice(20)) // of the last 30 ten were another's by then
  })

  it('asks for nothing while it is not heard who has the name, and gets nothing of who has lost it meanwhile', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), numbered(40))
    const { feed, from } = watch(engine, 0)
    await feed.ready
    engine.hears('connecting')
    engine.write(OLD, ...numbered(10, 2_000))
    const reading = read(from({ tail: 30 }))
    await new Promise((resolve) => setTimeout(resolve, 200)) // it would read at once
    engine.rename('web', 'elsewhere', at(1e9))
    engine.add(container('web', NEW), numbered(3, 5_000))
    engine.hears('connected')
    expect(linesOf(await reading)).toEqual(placed(engine, NEW))
  })

  it('who has come further than the feed waits for it, and gets nothing twice when it reads on', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), numbered(5))
    const hanging = new AbortController()
    const followLines = engine.followLines.bind(engine)
    engine.followLines = async (_id, { signal }) => {
      await once(AbortSignal.any([signal, hanging.signal]), 'abort')
      throw new EngineError('cut', 'the engine closed the connection')
    }
    const { feed, from } = watch(engine, 5)
    await feed.ready
    engine.write(OLD, ...numbered(15, 100))
    const old = placed(engine, OLD)
    const reader = from({ after: cursorAt(old[9]!) })
    const got: Placed[] = []
    for await (const entry of reader.toHead()) {
      got.push(...linesOf([entry]))
      if (got.length !== 10 || engine.find('web')?.id !== OLD) continue
      engine.rename('web', 'elsewhere', at(1e9))
      setTimeout(() => {
        engine.followLines = followLines
        engine.add(container('web', NEW), numbered(3, 2_000))
        hanging.abort()
      }, 20)
    }
    while (engine.find('web')?.id !== NEW) await new Promise((resolve) => setTimeout(resolve, 5))
    const all = [...old.slice(10), ...placed(engine, NEW)]
    await published(feed, all.at(-1)!)
    got.push(...linesOf(await read(reader)))
    expect(got).toEqual(all)
  })

  it('gets nothing twice of a feed that could not begin before the name was away for a moment', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), numbered(20))
    const readLines = engine.readLines.bind(engine)
    engine.readLines = async () => {
      throw new EngineError('cut', 'the engine closed the connection')
    }
    const { feed, from } = watch(engine, 10)
    await feed.ready
    engine.rename('web', 'elsewhere', at(1e9))
    engine.readLines = readLines
    const old = placed(engine, OLD)
    const reader = from({ after: cursorAt(old[3]!) })
    const got: Placed[] = []
    for await (const entry of reader.toHead()) {
      got.push(...linesOf([entry]))
      if (got.length === 16) engine.rename('elsewhere', 'web', at(2e9))
    }
    await published(feed, old.at(-1)!)
    expect([...got, ...linesOf(await read(reader))]).toEqual(old.slice(4))
  })

  it('misses nothing of one that a feed has followed, and that is gone, where that could not read of the one before', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), numbered(20))
    const readLines = engine.readLines.bind(engine)
    engine.readLines = async (id, options) => {
      if (id === OLD && engine.find('web')?.id === OLD) {
        engine.rename('web', 'web-old', at(1e9))
        engine.add(container('web', MIDDLE), numbered(5, 2_000))
        throw new EngineError('cut', 'the engine closed the connection')
      }
      return readLines(id, options)
    }
    const { feed, from } = watch(engine, 5)
    await feed.ready
    const [old, middle] = [placed(engine, OLD), placed(engine, MIDDLE)]
    await published(feed, middle.at(-1)!)
    engine.emit('happened', { key: 'web', id: MIDDLE, state: 'died', at: at(3e9) })
    engine.end(MIDDLE)
    while (engine.open > 0) await new Promise(setImmediate)
    engine.remove('web', at(3e9))
    engine.add(container('web', NEW), numbered(5, 5_000))
    const last = placed(engine, NEW)
    await published(feed, last.at(-1)!)
    const entries = await read(from({ after: cursorAt(old[3]!) }))
    expect([gapsIn(entries), linesOf(entries)]).toEqual([[], [...old.slice(4), ...middle, ...last]])
  })

  it('is told of one that was gone before a feed could follow it, though that heard how it went', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), numbered(20))
    const { feeds, gone } = watch(engine, 5)
    const old = placed(engine, OLD)
    engine.rename('web', 'web-old', at(1e9))
    engine.add(container('web', MIDDLE), numbered(5, 2_000))
    engine.remove('web', at(3e9))
    const feed = new Feed(engine, feeds.succession, 'web', 5, log)
    gone.signal.addEventListener('abort', () => feed.close())
    await feed.ready
    engine.emit('happened', { key: 'web', id: MIDDLE, state: 'removed', at: at(3e9) })
    engine.add(container('web', NEW), numbered(5, 5_000))
    await published(feed, placed(engine, NEW).at(-1)!)
    const entries = await read(new Reader(engine, feed, { after: cursorAt(old[3]!) }, gone.signal))
    expect([gapsIn(entries), linesOf(entries)]).toEqual([['removed'], [...old.slice(4), ...placed(engine, NEW)]])
  })

  it('who waited for a name is told, when he comes back, of who had it meanwhile, and of what is gone', async () => {
    const engine = new MemoryEngine()
    const { feed, feeds, from, gone } = watch(engine, 5)
    const waiting = from({ tail: 5 })
    await read(waiting)
    const start = { after: waiting.cursor! }
    engine.add(container('web', OLD), numbered(5))
    await published(feed, placed(engine, OLD).at(-1)!)
    expect(linesOf(await read(from(start)))).toEqual(placed(engine, OLD))
    engine.remove('web', at(1e9))
    engine.add(container('web', NEW), numbered(5, 5_000))
    const another = new Feed(engine, feeds.succession, 'web', 5, log)
    gone.signal.addEventListener('abort', () => another.close())
    const entries = await read(new Reader(engine, another, start, gone.signal))
    expect([gapsIn(entries), linesOf(entries)]).toEqual([['removed'], placed(engine, NEW)])
  })

  it('keeps his place where nobody has the name, so that what comes next is known to follow it', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), numbered(20))
    const { feeds, gone } = watch(engine, 5)
    const cursor = cursorAt(placed(engine, OLD)[3]!)
    engine.remove('web', at(1e9))
    const feed = new Feed(engine, feeds.succession, 'web', 5, log)
    gone.signal.addEventListener('abort', () => feed.close())
    const reader = new Reader(engine, feed, { after: cursor }, gone.signal)
    expect(gapsIn(await read(reader))).toEqual(['removed'])
    expect(reader.cursor).toEqual(cursor)
    engine.add(container('web', NEW), numbered(30, 2_000))
    await published(feed, placed(engine, NEW).at(-1)!)
    expect(linesOf(await read(new Reader(engine, feed, { after: reader.cursor! }, gone.signal)))).toEqual(
      placed(engine, NEW),
    )
  })

  it('leaves what comes after a log that he and the feed have both read to the feed', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), numbered(20))
    const { feed, from } = watch(engine, 0)
    await feed.ready
    const all = placed(engine, OLD)
    engine.rename('web', 'web-old', at(1e9))
    engine.add(container('web', MIDDLE), numbered(5, 2_000))
    engine.remove('web', at(4e9)) // before anybody could read it
    const reader = from({ after: cursorAt(all[3]!) })
    const rest = await read(reader)
    expect([gapsIn(rest), linesOf(rest)]).toEqual([[], all.slice(4)])
    engine.add(container('web', NEW), numbered(5, 5_000))
    await published(feed, placed(engine, NEW).at(-1)!)
    const next = await read(reader)
    expect([gapsIn(next), linesOf(next)]).toEqual([['removed'], placed(engine, NEW)])
  })

  it('whose log was truncated while its container is stopped is told so once, and gets what is written later', async () => {
    const engine = new MemoryEngine().add(container('web', NEW), numbered(20))
    const cursor = cursorAt(placed(engine, NEW)[3]!)
    engine.truncate(NEW)
    const { feed, from } = watch(engine, 5)
    const reader = from({ after: cursor })
    const entries = await read(reader)
    expect([gapsIn(entries), linesOf(entries)]).toEqual([['rotated'], []])
    expect(reader.isAtHead).toBe(true)
    engine.write(NEW, ...numbered(3, 50))
    const all = placed(engine, NEW)
    await published(feed, all.at(-1)!)
    const { cursor: told } = reader
    expect(linesOf(await read(reader))).toEqual(all)
    const again = await read(from({ after: told! }))
    expect([gapsIn(again), linesOf(again)]).toEqual([[], all])
  })

  it('whose log was truncated gets what the feed still has, at positions that never step back', async () => {
    const engine = new MemoryEngine().add(container('web', NEW), numbered(20))
    const lines = placed(engine, NEW)
    const { feed, from } = watch(engine, 10)
    await published(feed, lines.at(-1)!)
    engine.truncate(NEW)
    const entries = await read(from({ after: cursorAt(lines[3]!) }))
    expect([gapsIn(entries), linesOf(entries)]).toEqual([['rotated'], lines.slice(10)])
    expect(entries[0]).toMatchObject({ kind: 'gap', after: cursorAt(lines[9]!) })
  })

  it('says in its place that lines before those of the ring cannot be read, where the log cannot be read any more', async () => {
    const engine = new MemoryEngine().add(
      container('web', OLD),
      Array.from({ length: 600 }, (_, index) => ({ time: at(index * 1_000_000), text: `${index}\n` })),
    )
    const lines = placed(engine, OLD)
    const { feed, from } = watch(engine, 500)
    await published(feed, lines.at(-1)!)
    const refused = async () => {
      throw new EngineError('forbidden', 'The proxy forbids it')
    }
    Object.assign(engine, { readLines: refused, followLines: refused })
    const hasGap = once(feedGaps(feed), 'gap')
    engine.cut()
    await hasGap
    for (const start of [{ after: cursorAt(lines[49]!) }, { tail: 600 }]) {
      const entries = await read(from(start))
      expect(entries.map((entry) => entry.kind)).toEqual(['gap', ...entries.slice(1, -1).map(() => 'lines'), 'gap'])
      expect(gapsIn(entries)).toEqual(['damaged', 'damaged'])
      expect(linesOf(entries)).toEqual(lines.slice(100))
    }
    // Who needs nothing from before the ring misses nothing.
    const near = await read(from({ after: cursorAt(lines[399]!) }))
    expect(near[0]?.kind).toBe('lines')
    expect([linesOf(near), gapsIn(near)]).toEqual([lines.slice(400), ['damaged']])
  })

  it('tells once that a log cannot be read, though it knows so sooner than the feed', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const engine = new MemoryEngine().add(container('web', OLD), [])
    let ofFeed: 'cut' | 'failed' = 'cut'
    const asked = new EventEmitter()
    const refused = async (_id: string, { tail }: { tail: number | 'all' }) => {
      const isReader = typeof tail === 'number' && tail > 550
      asked.emit(isReader ? 'reader' : ofFeed)
      throw new EngineError(isReader ? 'failed' : ofFeed, 'disk on fire')
    }
    Object.assign(engine, { readLines: refused, followLines: refused })
    const { feed, from } = watch(engine, 500)
    const reader = from({ tail: 600 })
    const first = read(reader)
    await once(asked, 'reader')
    await once(asked, 'reader')
    vi.advanceTimersByTime(5_000)
    await once(asked, 'reader')
    ofFeed = 'failed'
    await once(asked, 'failed')
    await once(asked, 'failed')
    const hasGap = once(feedGaps(feed), 'gap')
    vi.advanceTimersByTime(5_000)
    await hasGap
    expect(gapsIn([...(await first), ...(await read(reader))])).toEqual(['damaged'])
  })

  it.each([
    ['no feed could read yet', 600, 0],
    ['its feed has read less of', 30, 570],
  ])('gets no line twice after one of a log that is refused and that %s', async (_what, before, later) => {
    const all = Array.from({ length: 600 }, (_, index) => ({ time: at(index * 1_000_000), text: `${index}\n` }))
    const engine = new MemoryEngine().add(container('web', OLD), all.slice(0, before))
    const { readLines, followLines } = engine
    const refused = async () => {
      throw new EngineError('forbidden', 'The proxy forbids it')
    }
    const refuse = () => Object.assign(engine, { readLines: refused, followLines: refused })
    if (later === 0) refuse()
    const { feed, from } = watch(engine, 500)
    await feed.ready
    if (later > 0) {
      const hasGap = once(feedGaps(feed), 'gap')
      refuse()
      engine.cut()
      await hasGap
      engine.write(OLD, ...all.slice(before))
    }
    const lines = placed(engine, OLD)
    const entries: Entry[] = []
    const reader = from({ after: cursorAt(lines[549]!) }).toHead()
    entries.push((await reader.next()).value as Entry)
    expect(gapsIn(entries)).toEqual(['damaged'])
    Object.assign(engine, { readLines, followLines })
    engine.hears('connecting')
    await new Promise(setImmediate) // the feed hears of it
    engine.hears('connected')
    for await (const entry of reader) entries.push(entry)
    expect(linesOf(entries)).toEqual(lines.slice(550))
  })

  it('ends at once when he leaves, and leaves no read open', async () => {
    const engine = new MemoryEngine().add(container('web', NEW), numbered(5_000))
    const feeds = new Feeds(engine, log)
    const feed = feeds.acquire('web', 0)
    const gone = new AbortController()
    const reader = new Reader(engine, feed, { tail: 4_000 }, gone.signal)
    let count = 0
    for await (const _ of reader.toHead()) {
      count++
      gone.abort()
    }
    expect(count).toBe(1)
    feeds.close()
    while (engine.open > 0) await new Promise(setImmediate)
  })
})
