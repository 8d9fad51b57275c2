/** The one EventSource, kept open. */
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { Inbox } from '../../../web/api/inbox.ts'
import { openStream, retryDelay, type StreamState } from '../../../web/api/stream.ts'
import { fraction } from '../fraction.ts'
import { FakeSource } from './fake-source.ts'

function setUp() {
  const sources: FakeSource[] = []
  const states: StreamState[] = []
  const received: [unknown, string][] = []
  let cursor = 'tail=500'
  const stream = openStream({
    address: () => `stream?${cursor}`,
    connect: (address) => {
      const source = new FakeSource(address)
      sources.push(source)
      return source
    },
    inbox: new Inbox(
      () => 0,
      () => {},
    ),
    onState: (state) => states.push(state),
    events: {
      message: (data, id) => {
        cursor = `after=${id}`
        received.push([data, id])
      },
    },
  })
  return { stream, sources, states, received }
}

describe('stream', () => {
  it('hands on events with the id reached', () => {
    const { sources, received, states } = setUp()
    sources[0]?.fire('open')
    sources[0]?.fire('message', [{ message: 'a' }], 'c1')
    expect(received).toEqual([[[{ message: 'a' }], 'c1']])
    expect(states).toEqual(['connecting', 'open'])
  })

  it('leaves reconnecting to the browser while the browser does it', () => {
    vi.useFakeTimers()
    const { sources, states } = setUp()
    sources[0]?.fire('error')
    vi.advanceTimersByTime(60_000)
    expect(sources).toHaveLength(1)
    expect(states.at(-1)).toBe('lost')
    vi.useRealTimers()
  })

  it('goes on from the cursor when the browser has given up', () => {
    vi.useFakeTimers()
    const { sources } = setUp()
    sources[0]?.fire('message', [], 'c7')
    if (sources[0]) sources[0].readyState = 2
    sources[0]?.fire('error')
    vi.advanceTimersByTime(1000)
    expect(sources.map((source) => source.address)).toEqual(['stream?tail=500', 'stream?after=c7'])
    vi.useRealTimers()
  })

  describe('refused by the server', () => {
    const problem = (status: number, body: unknown) => async () =>
      new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/problem+json' } })
    const refuse = async (fetch: typeof globalThis.fetch) => {
      vi.useFakeTimers()
      const [asked, said]: [string[], string[]] = [[], []]
      const sources: FakeSource[] = []
      const stream = openStream({
        address: () => 'api/logs/stream?container=a',
        connect: (address) => {
          const source = new FakeSource(address)
          sources.push(source)
          queueMicrotask(() => {
            source.readyState = 2
            source.fire('error')
          })
          return source
        },
        inbox: new Inbox(
          () => 0,
          () => {},
        ),
        onState: () => {},
        onRefused: (why) => said.push(why),
        fetch: (address, init) => {
          asked.push(String(address))
          return fetch(address, init)
        },
        events: {},
      })
      await vi.advanceTimersByTimeAsync(100_000)
      stream.close()
      vi.useRealTimers()
      return { asked, said, attempts: sources.length }
    }

    it('asks once why, says it in the server’s words, and tries again', async () => {
      const detail = 'There may be 200 containers at most, and 201 are selected.'
      const { asked, said, attempts } = await refuse(problem(400, { detail }))
      expect(said).toEqual([detail])
      expect(asked).toEqual(['api/logs/stream?container=a'])
      expect(attempts).toBeGreaterThan(5)
    })

    it.each([
      ['429', problem(429, { detail: 'Too many.' })],
      ['503', problem(503, { detail: 'No engine.' })],
      ['a proxy’s page', async () => new Response('<h1>400</h1>', { status: 400 })],
      ['null', problem(400, null)],
      ['an answer that is there after all', async () => new Response(new ReadableStream(), { status: 200 })],
      ['no network', () => Promise.reject(new TypeError('Failed to fetch'))],
    ])('says nothing where the answer is %s', async (_, fetch) => {
      const { said, attempts } = await refuse(fetch)
      expect(said).toEqual([])
      expect(attempts).toBeGreaterThan(5)
    })
  })

  it('hears nothing more from a connection it has left', () => {
    const { stream, sources, received } = setUp()
    stream.reopen()
    sources[0]?.fire('message', [], 'late')
    expect(received).toEqual([])
    stream.close()
    sources[1]?.fire('message', [], 'later')
    expect(received).toEqual([])
    expect(sources.every((source) => source.readyState === 2)).toBe(true)
  })

  it('waits longer each time, never longer than 15 s, never in step with others', () => {
    fc.assert(
      fc.property(fc.nat(1000), fraction, (attempt, random) => {
        const delay = retryDelay(attempt, random)
        expect(delay).toBeGreaterThanOrEqual(250)
        expect(delay).toBeLessThanOrEqual(15_000)
      }),
    )
    expect(retryDelay(0, 1)).toBeLessThan(retryDelay(1, 1))
    expect(retryDelay(3, 0)).toBeLessThan(retryDelay(3, 1))
  })
})

describe('inbox', () => {
  function inbox() {
    let time = 0
    const later: (() => void)[] = []
    const done: number[] = []
    const it = new Inbox(
      () => time,
      (run) => later.push(run),
    )
    const put = (n: number, ms: number) =>
      it.put(() => {
        time += ms
        done.push(n)
      })
    return { it, put, later, done, spent: () => time }
  }

  it('does little work at once', () => {
    const { put, done } = inbox()
    put(1, 1)
    expect(done).toEqual([1])
  })

  it('spreads much work over tasks of a few ms, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 300 }), (costs) => {
        const { put, later, done, spent } = inbox()
        for (const [n, cost] of costs.entries()) put(n, cost)
        expect(spent()).toBeLessThanOrEqual(11)
        for (let run = later.shift(); run !== undefined; run = later.shift()) {
          const before = spent()
          run()
          expect(spent() - before).toBeLessThanOrEqual(11)
        }
        expect(done).toEqual(costs.map((_, n) => n))
      }),
    )
  })

  it('never holds more than its bound', () => {
    const { put, done } = inbox()
    for (let n = 0; n < 2100; n++) put(n, 10)
    expect(done.length).toBeGreaterThan(2000)
    expect(done).toEqual(done.map((_, n) => n))
  })

  it('forgets what was not taken in', () => {
    const { it: box, put, later, done } = inbox()
    put(1, 100)
    put(2, 1)
    box.clear()
    later.shift()?.()
    expect(done).toEqual([1])
  })
})
