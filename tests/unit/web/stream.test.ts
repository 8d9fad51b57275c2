/** The one EventSource, kept open. */
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { Inbox } from '../../../web/api/inbox.ts'
import { createStream, retryDelay, type StreamState } from '../../../web/api/stream.ts'
import { fraction } from '../fraction.ts'
import { FakeSource } from './fake-source.ts'

function setUp() {
  const sources: FakeSource[] = []
  const states: StreamState[] = []
  const received: [unknown, string][] = []
  let cursor = 'tail=500'
  const stream = createStream({
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
  stream.open()
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

  it('goes on from the cursor when the browser has given up', async () => {
    vi.useFakeTimers()
    const { sources } = setUp()
    sources[0]?.fire('message', [], 'c7')
    if (sources[0]) sources[0].readyState = 2
    sources[0]?.fire('error')
    await vi.advanceTimersByTimeAsync(1000)
    expect(sources.map((source) => source.address)).toEqual(['stream?tail=500', 'stream?after=c7'])
    vi.useRealTimers()
  })

  describe('refused', () => {
    const problem = (status: number, body: unknown) =>
      new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/problem+json' } })
    const html = (status: number) =>
      new Response('<h1>Sign in</h1>', { status, headers: { 'Content-Type': 'text/html' } })
    const stream = () =>
      new Response(new ReadableStream(), { headers: { 'Content-Type': 'text/event-stream; charset=utf-8' } })
    /** As browsers give it for `redirect: 'manual'`. */
    const redirect = () => Object.defineProperty(Response.error(), 'type', { value: 'opaqueredirect' })

    /** Opens a stream that each of these answers refuses in turn, the last one for good. */
    async function refuse(...answers: (() => Response | Promise<Response>)[]) {
      vi.useFakeTimers()
      const asked: RequestInit[] = []
      const refused: string[] = []
      const shown: (string | undefined)[] = []
      const sources: FakeSource[] = []
      const { open, close } = createStream({
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
        onState: (state, refusal) => {
          const words =
            state === 'lost' ? (refusal?.words ?? 'nothing') + (refusal?.signIn ? ', and signs in' : '') : state
          if (words !== shown.at(-1)) shown.push(words)
        },
        onRefused: (why) => refused.push(why),
        fetch: async (_, init = {}) => {
          asked.push(init)
          const aborted = new Promise<never>((_, reject) => init.signal?.addEventListener('abort', reject))
          return Promise.race([(answers[asked.length - 1] ?? answers.at(-1) ?? stream)(), aborted])
        },
        events: {},
      })
      open()
      await vi.advanceTimersByTimeAsync(100_000)
      const attempts = sources.length
      const settled = asked.slice(0, -1) // the last one may still be on its way
      sources.at(-1)?.fire('open')
      sources.at(-1)?.fire('error') // why it is lost this time is not known yet
      close()
      vi.useRealTimers()
      return { asked: settled, refused, shown, attempts }
    }

    it.each([
      ['a redirect', redirect, 'You have been signed out. Sign in to resume., and signs in'],
      ['a page in its place', () => html(200), 'You have been signed out. Sign in to resume., and signs in'],
      ['401', () => html(401), 'You have been signed out. Sign in to resume., and signs in'],
      ['403', () => html(403), 'Access denied (403). You may need to sign in again., and signs in'],
      ['502', () => html(502), 'The proxy can’t reach Sluice (502). Retrying.'],
      ['503', () => html(503), 'The proxy can’t reach Sluice (503). Retrying.'],
      ['504', () => new Response(null, { status: 504 }), 'The proxy can’t reach Sluice (504). Retrying.'],
      ['404', () => html(404), 'HTTP 404 instead of logs. Check the proxy; retrying.'],
      ['a proxy’s 400', () => html(400), 'HTTP 400 instead of logs. Check the proxy; retrying.'],
      ['a problem without words', () => problem(400, null), 'HTTP 400 instead of logs. Check the proxy; retrying.'],
      ['429', () => problem(429, { detail: '200 streams are open.' }), '200 streams are open.'],
      ['a broken problem', () => new Response('{', problem(503, 0)), 'nothing'],
      ['a stream after all', stream, 'nothing'],
      ['no network', () => Promise.reject(new TypeError('Failed to fetch')), 'nothing'],
      ['silence', () => new Promise<Response>(() => {}), 'nothing'],
    ])('says in words what %s means, tries again, and is silent once it is open', async (_, answer, words) => {
      const { asked, refused, shown, attempts } = await refuse(answer)
      expect(shown).toEqual(['connecting', ...new Set(['nothing', words]), 'open', 'nothing'])
      expect(refused).toEqual([])
      expect(attempts).toBeGreaterThan(5)
      expect(asked.every(({ redirect, signal }) => redirect === 'manual' && signal?.aborted)).toBe(true)
    })

    it('hands on Sluice’s own words for an address that it does not serve', async () => {
      const detail = 'There may be 200 containers at most, and 201 are selected.'
      const { refused } = await refuse(() => problem(400, { detail }))
      expect(new Set(refused)).toEqual(new Set([detail]))
    })

    it('says what holds now: signed out, then a proxy without Sluice, then no network', async () => {
      const { shown } = await refuse(
        redirect,
        () => html(502),
        () => Promise.reject(new TypeError('Failed to fetch')),
      )
      const words = [
        'You have been signed out. Sign in to resume., and signs in',
        'The proxy can’t reach Sluice (502). Retrying.',
      ]
      expect(shown).toEqual(['connecting', 'nothing', ...words, 'nothing', 'open', 'nothing'])
    })
  })

  it('hears nothing more from a connection it has left', () => {
    const { stream, sources, received } = setUp()
    stream.open()
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
