/** A stream with a filter has the same lines of entries wherever it begins or is resumed, read back or live, alone or merged. */
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Feeds } from '../../../server/feed/feeds.ts'
import { cursorOf, incarnationOf } from '../../../server/logs/cursor.ts'
import { compileFilter, type Filter, NO_FILTER } from '../../../server/logs/filter.ts'
import { Streams } from '../../../server/sse/streams.ts'
import type { Line } from '../../../server/wire.ts'
import { entryLines, filterSpec, passesByDefinition, passingLine } from '../logs/entry-logs.ts'
import { at } from '../logs/frames.ts'
import { container, MemoryEngine } from '../memory-engine.ts'

const WEB = container('web')

type Open = (streams: Streams, req: http.IncomingMessage, res: http.ServerResponse) => void

describe('a stream with a filter', () => {
  let server: http.Server
  let answer: http.RequestListener

  beforeAll(async () => {
    server = http.createServer((req, res) => answer(req, res)).listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterAll(() => void server.close())

  /** What a viewer gets. */
  async function viewer(streams: Streams, open: Open) {
    answer = (req, res) => open(streams, req, res)
    const request = http.get({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, agent: false })
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    const got: string[] = []
    let text = ''
    let isLive = false
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      const events = text.split('\n\n')
      text = events.pop() ?? ''
      for (const event of events) {
        isLive ||= /^event: ?live$/m.test(event)
        const data = /^data: ?(\[.*)$/m.exec(event)?.[1]
        if (data) got.push(...(JSON.parse(data) as Line[]).map(({ message }) => message))
      }
    })
    const until = async (isSo: () => boolean) => {
      while (!isSo()) await once(response, 'data')
    }
    return { got, until, live: () => until(() => isLive), close: () => request.destroy() }
  }

  const opens: readonly (readonly [name: string, open: (filter: Filter, start: never) => Open])[] = [
    [
      'of one log',
      (filter, start) => (streams, req, res) =>
        void streams.openLog('web', { start, filter, containers: false }, req, res),
    ],
    [
      'of merged logs',
      (filter, start) => (streams, req, res) => {
        const selection = { containers: ['web'], projects: [], labels: [] }
        const merged = 'tail' in start ? start : { after: [{ cursor: start['after'] }] }
        void streams.openMerged({ start: merged as never, selection, filter, containers: false }, req, res)
      },
    ],
  ]

  it.each(opens)('%s brings what passes in the whole log, from any line on', async (_, openWith) => {
    await fc.assert(
      fc.asyncProperty(
        entryLines,
        filterSpec,
        fc.nat(),
        fc.nat(),
        fc.boolean(),
        fc.boolean(),
        async (lines, spec, a, b, isTail, isFirst) => {
          const pieces = [...lines, passingLine(spec)].map(([text, stream], index) => ({
            time: at(index * 1_000_000),
            stream,
            text: `${text}\n`,
          }))
          fc.pre(pieces.length > 3)
          const filter = await compileFilter(spec)
          const whole = new MemoryEngine().add(WEB, pieces).lines(WEB.id)
          const passing = new Set(passesByDefinition(filter, whole))
          // So many lines are there when the streams begin, after one of them; the others come while they are open.
          const there = 2 + (a % (pieces.length - 2))
          const from = 1 + (b % (there - 1))
          const engine = new MemoryEngine().add(WEB, pieces.slice(0, there))
          const feeds = new Feeds(engine, pino({ level: 'silent' }))
          const streams = new Streams(feeds)
          try {
            const start = isTail ? { tail: there - from } : { after: cursorOf(incarnationOf(WEB.id), whole[from - 1]!) }
            // Unless the late one is the first with that filter, the two share a channel.
            const early = await viewer(streams, openWith(isFirst ? NO_FILTER : filter, start as never))
            await early.live()
            const late = await viewer(streams, openWith(filter, { tail: 0 } as never))
            await late.live()
            engine.write(WEB.id, ...pieces.slice(there))
            for (const [{ got, until, close }, first, all] of [
              [early, from, isFirst],
              [late, there, false],
            ] as const) {
              const expected = whole.slice(first).filter((line) => all || passing.has(line))
              await until(() => got.length >= expected.length)
              expect(got).toEqual(expected.map(({ message }) => message))
              close()
            }
          } finally {
            streams.close()
            feeds.close()
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})
