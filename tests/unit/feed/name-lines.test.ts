/** The lines of a name up to one that is there: they come, or the reader hears that they do not. */
import { pino } from 'pino'
import { describe, expect, it, onTestFinished } from 'vitest'
import { EngineError } from '../../../server/engine/engine.ts'
import { Feeds } from '../../../server/feed/feeds.ts'
import { rangeOf, readNameLines } from '../../../server/feed/name-lines.ts'
import { at } from '../logs/frames.ts'
import { container, MemoryEngine } from '../memory-engine.ts'

const WEB = container('web')
const { signal } = new AbortController()

describe('readNameLines', () => {
  it('gives up where the engine stops in the middle of the log each time', async () => {
    const lines = Array.from({ length: 100 }, (_, number) => ({ time: at(number), text: `${number}\n` }))
    const engine = new MemoryEngine().add(WEB, lines)
    const feeds = new Feeds(engine, pino({ level: 'silent' }))
    onTestFinished(() => feeds.close())
    const { start, end } = await rangeOf(engine, WEB.id, {}, signal)
    const readLines = engine.readLines.bind(engine)
    engine.readLines = async (id, options) => {
      const read = await readLines(id, options)
      async function* stalling() {
        for await (const some of read) {
          yield some
          throw new EngineError('timeout', 'too slow')
        }
      }
      return { pieces: 0, passed: 0, close: () => read.close(), [Symbol.asyncIterator]: stalling }
    }
    engine.followLines = async () => {
      throw new EngineError('timeout', 'too slow')
    }
    let count = 0
    const reading = (async () => {
      for await (const entry of readNameLines(feeds, 'web', { start, end, signal, quietMs: 500 }))
        if (entry.kind === 'lines') count += entry.lines.length
    })()
    await expect(reading).rejects.toMatchObject({ name: 'EngineError', code: 'timeout' })
    expect(count).toBeGreaterThan(0)
    expect(engine.open).toBe(0)
  })
})
