/** What a feed makes of a name that passes on: lines, and in their place what happened and what is missing. */
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { EngineError, type LogRead } from '../../../server/engine/engine.ts'
import { Feed } from '../../../server/feed/feed.ts'
import type { Entry } from '../../../server/feed/ring.ts'
import { Succession } from '../../../server/feed/succession.ts'
import { isLines } from '../../../server/logs/damage.ts'
import { partOf } from '../log-reads.ts'
import { at } from '../logs/frames.ts'
import { container, MemoryEngine, type Piece } from '../memory-engine.ts'

const log = pino({ level: 'silent' })
const [OLD, NEW] = ['a', 'b'].map((digit) => digit.repeat(64)) as [string, string]

const feeds: Feed[] = []
afterEach(() => {
  vi.restoreAllMocks()
  for (const feed of feeds.splice(0)) feed.close()
})

/** A feed of `web`, and what it tells from now on in short: a line's text, or what happened. */
async function watch(engine: MemoryEngine, tail = 0) {
  const feed = new Feed(engine, new Succession(engine), 'web', tail, log)
  feeds.push(feed)
  const told: string[] = []
  let look = () => {}
  feed.subscribe((entry) => {
    told.push(...inShort(entry))
    look()
  })
  await feed.ready
  const until = (word: string) =>
    new Promise<string[]>((resolve) => {
      look = () => told.includes(word) && resolve(told)
      look()
    })
  return { feed, told, until }
}

function inShort(entry: Entry): string[] {
  if (entry.kind === 'lines') return entry.lines.map(({ message }) => message)
  return [entry.kind === 'gap' ? `gap ${entry.event.reason}` : entry.event.state]
}

/** The same read, which ends well with that line, while its container runs. */
function endingWith(message: string, read: LogRead, onEnd: () => void): LogRead {
  return partOf(read, async function* (chunks) {
    for await (const chunk of chunks) {
      yield chunk
      if (!isLines(chunk) || !chunk.some((line) => line.message === message)) continue
      onEnd()
      return
    }
  })
}

/** The texts of the lines in its ring. */
function linesIn({ ring }: Feed): string[] {
  const texts: string[] = []
  for (let at = ring.start; at < ring.end; ) {
    const entry = ring.at(at)
    if (entry?.kind === 'lines') texts.push(...entry.lines.map(({ message }) => message))
    at += entry?.kind === 'lines' ? entry.lines.length : 1
  }
  return texts
}

const piece = (text: string, time: number): Piece => ({ time: at(time), text: `${text}\n` })

describe('a feed', () => {
  it.each([
    ['says that lines may be missing of a container that died and was removed two seconds', 2_000, false, true],
    ['says that lines may be missing of a container that died and was removed 400 ms', 400, false, true],
    ['takes a log for read to its end, as another read was, where its container was removed 400 ms', 400, true, false],
    ['takes a log for read to its end where its container was removed a moment', 10, false, false],
  ])('%s after its follow ended', async (_, laterMs, isConfirmed, hasGap) => {
    const engine = new MemoryEngine().add(container('web', OLD), [piece('one', 1)])
    const follow = engine.followLines.bind(engine)
    const { now } = performance
    let hasEnded = false
    const read = engine.readLines.bind(engine)
    let isGone = !isConfirmed
    // Asked after a follow has ended twice, to see whether it lacks lines.
    engine.readLines = (id, options) => {
      if (id !== OLD || !hasEnded) return read(id, options)
      isGone = true
      throw gone()
    }
    const gone = () => {
      vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + laterMs)
      engine.emit('happened', { key: 'web', id: OLD, state: 'died', at: at(3) })
      engine.remove('web', at(3))
      engine.add(container('web', NEW), [piece('three', 4)])
      return new EngineError('no-container', 'it is gone')
    }
    engine.followLines = async (id, options) => {
      if (id === OLD && hasEnded && !isGone) return read(id, options)
      if (id === OLD && hasEnded) throw gone()
      const first = await follow(id, options)
      const end = () => {
        hasEnded = true
      }
      return id === OLD ? endingWith('two', first, end) : first
    }
    const { until } = await watch(engine)
    engine.write(OLD, piece('two', 2))
    const told = await until('three')
    expect(told.slice(0, told.indexOf('three')).includes('gap removed')).toBe(hasGap)
    expect(told).toContain('two')
  })

  it('says that lines may be missing where a log was cut off, and was empty when it was read again: it was being removed', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), [piece('one', 1)])
    const { until } = await watch(engine)
    engine.write(OLD, piece('two', 2))
    await until('two')
    engine.truncate(OLD)
    engine.end(OLD)
    const { length } = engine.reads
    engine.cut()
    while (engine.reads.length === length) await new Promise(setImmediate)
    engine.remove('web', at(3))
    engine.add(container('web', NEW), [piece('three', 4)])
    const told = await until('three')
    expect(told.filter((word) => word !== 'removed')).toEqual(['two', 'gap removed', 'recreated', 'three'])
  })

  it('says no such thing where the log was read to its end before', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), [piece('one', 1)])
    const { until } = await watch(engine)
    engine.emit('happened', { key: 'web', id: OLD, state: 'died', at: at(3) })
    engine.write(OLD, piece('two', 2))
    engine.end(OLD)
    await until('two')
    while (engine.open > 0) await new Promise(setImmediate)
    engine.remove('web', at(4))
    engine.add(container('web', NEW), [piece('three', 5)])
    expect(await until('three')).not.toContain('gap removed')
  })

  it('says so where what it had read to the end was an earlier run of the container', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), [piece('one', 1)])
    const { until } = await watch(engine)
    engine.write(OLD, piece('two', 2))
    await until('two')
    // All of it is heard of in one moment: its follow ended with the first run, and the second is gone with its lines.
    const later = (ms: number) => new Date(Date.now() + ms).toISOString().replace('Z', '000000Z')
    for (const [state, ms] of [
      ['died', 10],
      ['started', 20],
      ['died', 30],
    ] as const)
      engine.emit('happened', { key: 'web', id: OLD, state, at: later(ms) })
    engine.end(OLD)
    engine.remove('web', later(40))
    engine.add(container('web', NEW), [piece('three', 5)])
    expect(await until('three')).toContain('gap removed')
  })

  it('reads the last lines, which a follow may lack, of a container that ended and lost its name in one moment', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), [piece('one', 1)])
    const { until } = await watch(engine)
    engine.write(OLD, piece('two', 2))
    await until('two')
    engine.emit('happened', { key: 'web', id: OLD, state: 'died', at: at(4) })
    engine.end(OLD, piece('last', 3))
    engine.rename('web', 'web-old', at(5))
    engine.add(container('web', NEW), [piece('three', 6)])
    const told = await until('three')
    expect(told).toEqual(['two', 'last', 'died', 'renamed', 'recreated', 'three'])
  })

  it('tells what happens to the one that has the name now after the lines of the one that lost it', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), [piece('one', 1)])
    const { until } = await watch(engine)
    engine.rename('web', 'web-old', at(3))
    engine.add(container('web', NEW))
    engine.emit('happened', { key: 'web', id: NEW, state: 'started', at: at(4) })
    await delay(400) // longer than an event waits for lines of its own container
    engine.write(OLD, piece('last', 2), piece('of another name', 5))
    engine.write(NEW, piece('two', 6))
    expect(await until('two')).toEqual(['renamed', 'last', 'recreated', 'started', 'two'])
  })

  it('goes on by one read where what it began with was written too fast to show how far back to look', async () => {
    const fast = Array.from({ length: 5_000 }, (_, index) => piece(`${index}`, index * 20_000)) // 50 000 a second
    const engine = new MemoryEngine().add(container('web', OLD), fast)
    const { until } = await watch(engine, 500)
    engine.write(OLD, piece('new', 200_000_000))
    await until('new')
    expect(engine.reads.map(({ follow }) => follow)).toEqual([false, true])
  })

  it('begins, where it waited for the name, with all of a container that is created with it', async () => {
    const engine = new MemoryEngine()
    const { until } = await watch(engine)
    engine.add(container('web', NEW), [piece('one', 1), piece('two', 2)])
    expect(await until('two')).toEqual(['one', 'two'])
  })

  it('goes on at once, and doubts nothing, with a container that was renamed away for a moment', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), [piece('one', 1)])
    const { told } = await watch(engine)
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate)
    engine.reads.length = 0
    engine.rename('web', 'away', at(2))
    engine.rename('away', 'web', at(3))
    engine.write(OLD, piece('two', 4))
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate) // less than a millisecond: nothing is waited for
    expect(told.filter((word) => word !== 'renamed')).toEqual(['two'])
    expect(engine.reads.filter(({ follow }) => !follow)).toEqual([])
  })

  it('begins, where it waited for the name, with what a container that is renamed into it writes from then on', async () => {
    const engine = new MemoryEngine().add(container('other', OLD), [piece('one', 1)])
    const { until } = await watch(engine)
    engine.rename('other', 'web', at(2))
    engine.write(OLD, piece('two', 3))
    expect((await until('two')).filter((word) => word !== 'renamed')).toEqual(['two'])
  })

  it('takes nothing in while it is not heard who has the name, and nothing of who has lost it meanwhile', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), [piece('one', 1)])
    const { until } = await watch(engine)
    engine.write(OLD, piece('two', 2))
    await until('two')
    engine.hears('connecting')
    engine.write(OLD, piece('of another name', 4))
    await new Promise(setImmediate)
    engine.rename('web', 'web-old', at(3))
    engine.add(container('web', NEW), [piece('three', 5)])
    engine.hears('connected')
    const told = await until('three')
    expect(told.filter((word) => word !== 'renamed')).toEqual(['two', 'recreated', 'three'])
  })

  it('begins with nothing that was written after the name was lost, while its end was read', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), [piece('one', 1), piece('two', 2)])
    const readLines = engine.readLines.bind(engine)
    engine.readLines = async (id, options) => {
      if (id === OLD && engine.find('web')?.id === OLD) {
        engine.rename('web', 'web-old', at(3))
        engine.write(OLD, piece('of another name', 4))
        engine.add(container('web', NEW), [piece('three', 5)])
      }
      return readLines(id, options)
    }
    const { feed, until } = await watch(engine, 10)
    await until('three')
    const lines = linesIn(feed)
    expect(lines).toEqual(['one', 'two', 'three'])
  })

  it('tells only what it wrote under the name of who lost it while what the one before had left was read', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), [piece('one', 1)])
    const { until } = await watch(engine)
    engine.write(OLD, piece('two', 2))
    await until('two')
    const readLines = engine.readLines.bind(engine)
    engine.readLines = async (id, options) => {
      if (id === OLD && engine.find('web')?.id === NEW) {
        engine.rename('web', 'web-new', at(7))
        engine.write(NEW, piece('of another name', 8))
      }
      return readLines(id, options)
    }
    engine.end(OLD, piece('last', 3))
    engine.rename('web', 'web-old', at(5))
    engine.add(container('web', NEW), [piece('three', 6)])
    engine.add(container('later', 'c'.repeat(64)), [])
    await until('three')
    engine.rename('later', 'web', at(9))
    engine.write('c'.repeat(64), piece('four', 10))
    const told = await until('four')
    expect(told.filter((word) => word !== 'renamed' && word !== 'recreated')).toEqual(['two', 'last', 'three', 'four'])
  })

  it('tells what it wrote under the name of who came and went while it was busy, though nobody has had it since', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), [piece('one', 1)]).add(container('next', NEW))
    const { until } = await watch(engine)
    engine.write(OLD, piece('two', 2))
    await until('two')
    engine.rename('web', 'web-old', at(3))
    engine.rename('next', 'web', at(4))
    engine.write(NEW, piece('three', 5))
    engine.rename('web', 'web-new', at(6))
    engine.write(NEW, piece('of another name', 7))
    const told = await until('three')
    expect(told.filter((word) => word !== 'renamed' && word !== 'recreated')).toEqual(['two', 'three'])
  })

  it('is ready with the one that follows where a container goes before its end was read', async () => {
    const engine = new MemoryEngine().add(container('web', OLD), [piece('one', 1)])
    const readLines = engine.readLines.bind(engine)
    engine.readLines = async (id, options) => {
      if (id === OLD && engine.find('web')?.id === OLD) {
        engine.remove('web', at(2))
        engine.add(container('web', NEW), [piece('two', 3)])
      }
      return readLines(id, options)
    }
    const { feed, until } = await watch(engine, 10)
    engine.write(NEW, piece('three', 4))
    await until('three')
    expect(linesIn(feed)).toEqual(['two', 'three'])
  })

  it('says what is missing of who had the name, and went before it could be read, while nobody else had it', async () => {
    const engine = new MemoryEngine()
    const { until } = await watch(engine)
    engine.add(container('web', OLD), [piece('one', 1)])
    engine.remove('web', at(2))
    engine.add(container('web', NEW), [piece('two', 3)])
    expect((await until('two')).filter((word) => word !== 'removed')).toEqual(['gap removed', 'two'])
  })
})
