/** A filtered stream whose pattern takes longer than its lines take to come: every line once, in order, and nobody else waits. */
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Feeds } from '../../../server/feed/feeds.ts'
import { compileFilter, type Filter } from '../../../server/logs/filter.ts'
import { Streams } from '../../../server/sse/streams.ts'
import type { Line } from '../../../server/wire.ts'
import { at } from '../logs/frames.ts'
import { container, MemoryEngine } from '../memory-engine.ts'

const WEB = container('web')
/** Takes 0.2 s and more for each line of these, and admits those that have an end. */
const SLOW = '[xy]*x[xy]{300}(?: end)$'
const LONG = 'x'.repeat(60_000)

const textOf = (index: number) => `${index} ${LONG}${index % 3 === 0 ? ' end' : ''}`
const written = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ({
    time: at((from + index) * 1_000),
    text: `${textOf(from + index)}\n`,
  }))
const admitted = (to: number) => Array.from({ length: to }, (_, index) => index).filter((index) => index % 3 === 0)

describe('a stream with a slow pattern', () => {
  let engine: MemoryEngine
  let streams: Streams
  let feeds: Feeds
  let server: http.Server
  let filter: Filter

  beforeEach(async () => {
    engine = new MemoryEngine().add(WEB)
    feeds = new Feeds(engine, pino({ level: 'silent' }))
    streams = new Streams(feeds)
    filter = await compileFilter({ re: SLOW })
    server = http.createServer((req, res) => {
      void streams.openLog('web', { start: { tail: 100 }, filter, containers: false }, req, res)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterEach(async () => {
    streams.close()
    feeds.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  /** A viewer, and the numbers of the lines it has got. */
  async function viewer() {
    const got: number[] = []
    let isLive = false
    const request = http.get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, agent: false })
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    let text = ''
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      const events = text.split('\n\n')
      text = events.pop() ?? ''
      for (const event of events) {
        if (event.includes('event: live') || event.includes('event:live')) isLive = true
        const data = /^data: ?(\[.*)$/m.exec(event)?.[1]
        if (data) got.push(...(JSON.parse(data) as Line[]).map(({ message }) => Number.parseInt(message, 10)))
      }
    })
    return {
      got,
      isLive: () => isLive,
      until: async (isSo: () => boolean) => {
        while (!isSo()) await once(response, 'data')
      },
    }
  }

  /** How often the event loop turned until that resolved. */
  async function turnsUntil(done: Promise<unknown>): Promise<number> {
    let turns = 0
    let isDone = false
    void done.then(() => {
      isDone = true
    })
    for (; !isDone; turns++) await turn()
    return turns
  }

  it('lets others go on while it looks at a burst of long lines, and brings each that passes once and in order', async () => {
    const first = await viewer()
    await first.until(first.isLive)
    engine.write(WEB.id, ...written(0, 12))
    const turns = await turnsUntil(first.until(() => first.got.length === 4))
    expect(first.got).toEqual(admitted(12))
    expect(turns).toBeGreaterThan(100) // each takes 4 ms of them at most
  })

  it('takes in who comes while it is behind the feed', async () => {
    const first = await viewer()
    await first.until(first.isLive)
    engine.write(WEB.id, ...written(0, 2))
    const second = await viewer()
    engine.write(WEB.id, ...written(2, 4))
    const third = await viewer()
    engine.write(WEB.id, ...written(4, 6))
    for (const each of [first, second, third]) {
      await each.until(() => each.got.length === 2)
      expect(each.got).toEqual(admitted(6))
    }
  })

  it('loses nothing where the feed keeps less than it is behind by', async () => {
    const first = await viewer()
    await first.until(first.isLive)
    // One that is slow, and then more than the ring holds: 8 MiB.
    engine.write(WEB.id, ...written(0, 1))
    const quick = Array.from({ length: 200 }, (_, index) => {
      const number = index + 1
      return {
        time: at(number * 1_000),
        text: `${number} ${'z'.repeat(60_000)}${number % 3 === 0 ? `${LONG.slice(0, 302)} end` : ''}\n`,
      }
    })
    engine.write(WEB.id, ...quick)
    await first.until(() => first.got.length === admitted(201).length)
    expect(first.got).toEqual(admitted(201))
  })
})
