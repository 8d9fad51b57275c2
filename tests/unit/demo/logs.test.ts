/** The demo engine's logs: framing, ranges, follows, and that they are the same whenever they are read. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Demo, frames, NOON, readUntil, whole } from './harness.ts'

let demo: Demo
beforeAll(async () => {
  demo = await Demo.start()
})
afterAll(() => demo.close())

const ALL = '/logs?stdout=1&stderr=1&timestamps=1'
const TIMED = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z) (.*)$/
const timeOf = (text: string) => TIMED.exec(text)?.[1] ?? ''
const unix = (time: string) => `${Date.parse(time.slice(0, 19).concat('Z')) / 1000}.${time.slice(20, 29)}`

describe('a log', () => {
  it('has a history when the engine starts, in the order of its times and none of them to come', async () => {
    for (const { Names } of await demo.json('/containers/json?all=1')) {
      if (Names[0] === '/storefront-dev') continue
      const lines = await demo.logs(Names[0].slice(1), '&tail=3000')
      expect(lines.length, Names[0]).toBeGreaterThan(100)
      const times = lines.map(({ text }) => timeOf(text))
      expect(times).not.toContain('')
      expect(times).toEqual([...times].sort())
      expect(times.at(-1)! <= new Date(NOON).toISOString().replace('Z', '000000Z')).toBe(true)
    }
  })

  it('begins, where all of it is kept, with what the program said when it started', async () => {
    const { State } = await demo.json('/containers/shop-postgres-1/json')
    const [first] = await demo.logs('shop-postgres-1')
    expect(first!.text).toMatch(/starting PostgreSQL/)
    expect(timeOf(first!.text) > State.StartedAt).toBe(true)
  })

  it('has the stream of each line in its frame, and gives only the streams that are asked for', async () => {
    const both = await demo.logs('shop-api-1', '&tail=2000')
    expect(new Set(both.map(({ stream }) => stream))).toEqual(new Set(['stdout', 'stderr']))
    for (const stream of ['stdout', 'stderr'] as const) {
      const only = await demo.get(`/containers/shop-api-1/logs?${stream}=1&timestamps=1&tail=2000`)
      expect(only.headers['content-type']).toBe('application/vnd.docker.multiplexed-stream')
      expect(frames(only.body)).toEqual(both.filter((frame) => frame.stream === stream))
    }
  })

  it('is without times unless they are asked for', async () => {
    const [timed] = await demo.logs('traefik', '&tail=1')
    const [plain] = frames((await demo.get('/containers/traefik/logs?stdout=1&tail=1')).body)
    expect(plain!.text).toBe(TIMED.exec(timed!.text)?.[2])
  })

  it('is raw, with carriage returns and colours, where the container has a TTY', async () => {
    const { headers, body } = await demo.get('/containers/storefront-dev/logs?stdout=1&stderr=1&timestamps=1&tail=20')
    expect(headers['content-type']).toBe('application/vnd.docker.raw-stream')
    const lines = body.toString().split('\r\n')
    expect(lines).toHaveLength(21)
    expect(lines.pop()).toBe('')
    for (const line of lines) expect(line).toMatch(TIMED)
    expect(body.toString()).toContain('\x1b[32m')
  })

  it('has stack traces and tracebacks over several lines', async () => {
    const api = (await demo.logs('shop-api-1')).map(({ text }) => text.slice(31))
    const trace = api.findIndex((text) => text.startsWith('PaymentTimeout: '))
    expect(trace).toBeGreaterThan(-1)
    expect(api[trace + 1]).toMatch(/^ {4}at Timeout\.onDeadline/)
    const worker = (await demo.logs('shop-worker-1')).map(({ text }) => text.slice(31))
    expect(worker[worker.indexOf('Traceback (most recent call last):') - 1]).toMatch(/ \| ERROR {4}\| /)
  })

  it('refuses a request for no stream, and a time that is none', async () => {
    expect((await demo.get('/containers/traefik/logs')).status).toBe(400)
    expect((await demo.get('/containers/traefik/logs?stdout=1&since=yesterday')).status).toBe(400)
  })
})

describe('a part of a log', () => {
  it('with tail=N is its last N lines, for any N', async () => {
    const all = await demo.logs('shop-web-1')
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: all.length + 10 }), async (count) => {
        const part = await demo.logs('shop-web-1', `&tail=${count}`)
        expect(part).toEqual(count === 0 ? [] : all.slice(-count))
      }),
      { numRuns: 12, examples: [[0], [1], [all.length], [all.length + 1]] },
    )
  })

  it('with since and until has both the lines that they name, to the nanosecond', async () => {
    const all = await demo.logs('shop-api-1')
    await fc.assert(
      fc.asyncProperty(fc.nat(all.length - 1), fc.nat(200), async (from, length) => {
        const to = Math.min(all.length - 1, from + length)
        const [since, until] = [timeOf(all[from]!.text), timeOf(all[to]!.text)]
        const part = await demo.logs('shop-api-1', `&since=${unix(since)}&until=${unix(until)}`)
        expect(part).toEqual(all.filter(({ text }) => timeOf(text) >= since && timeOf(text) <= until))
      }),
      { numRuns: 12 },
    )
  })

  it('counts tail from the end of the log, before until is applied', async () => {
    const last = await demo.logs('shop-web-1', '&tail=10')
    const part = await demo.logs('shop-web-1', `&tail=10&until=${unix(timeOf(last[3]!.text))}`)
    expect(part).toEqual(last.slice(0, 4))
  })

  it('is everything where tail is not a number', async () => {
    expect(await demo.logs('shop-redis-1', '&tail=all')).toEqual(await demo.logs('shop-redis-1'))
    expect(await demo.logs('shop-redis-1', '&tail=-3')).toEqual(await demo.logs('shop-redis-1'))
  })
})

describe('a log that is read again', () => {
  it('is the same from the same seed, in another engine too, and another from another seed', async () => {
    const [same, other] = [await Demo.start(), await Demo.start({ seed: 8 })]
    const here = await demo.logs('shop-worker-1')
    expect(await same.logs('shop-worker-1')).toEqual(here)
    expect(await other.logs('shop-worker-1')).not.toEqual(here)
    await Promise.all([same.close(), other.close()])
  })

  it('has the lines it had, and new ones after them', async () => {
    const other = await Demo.start()
    const before = await other.logs('shop-web-1')
    other.clock.advance(90_000)
    const after = await other.logs('shop-web-1')
    expect(after.slice(0, before.length)).toEqual(before)
    expect(after.length).toBeGreaterThan(before.length + 20)
    await other.close()
  })

  it('has lost its oldest lines after hours, as by rotation, but not those of a stopped container', async () => {
    const other = await Demo.start()
    const stopped = await other.logs('image-resizer')
    other.clock.advance(5 * 3_600_000)
    const [first] = await other.logs('shop-redis-1')
    expect(timeOf(first!.text) > '2026-11-22T13:55').toBe(true)
    expect(await other.logs('image-resizer')).toEqual(stopped)
    await other.close()
  })
})

describe('a follow', () => {
  it('sends what was, then what comes, each line once and in order', async () => {
    const other = await Demo.start()
    const res = await other.open(`/containers/firehose${ALL}&follow=1&tail=100`)
    const enough = (lines: number) => (body: Buffer) => body.toString().split('\n').length > lines
    let body = await readUntil(res, enough(100))
    for (let second = 1; second <= 3; second++) {
      other.clock.advance(1000)
      body = Buffer.concat([body, await readUntil(res, enough(200))])
    }
    res.destroy()
    expect(frames(body)).toEqual(await other.logs('firehose', '&tail=700'))
    await other.idle()
    await other.close()
  })

  it('ends when the container stops, after its last line, and the log goes on with the next run', async () => {
    const other = await Demo.start()
    const res = await other.open(`/containers/cron-sync${ALL}&follow=1&tail=0`)
    const followed = whole(res)
    other.clock.advance(24_000)
    const lines = frames(await followed)
    expect(lines.at(-1)!.text).toMatch(/ ERROR: price list is incomplete/)
    const restarting = await other.open(`/containers/cron-sync${ALL}&follow=1&tail=1`)
    expect(frames(await whole(restarting))).toEqual(lines.slice(-1))
    other.clock.advance(8000)
    const next = await other.logs('cron-sync', `&since=${unix(timeOf(lines.at(-1)!.text))}`)
    expect(next[0]).toEqual(lines.at(-1))
    expect(next[1]!.text).toMatch(/fetching/)
    await other.close()
  })

  it('of a stopped container sends its log and ends', async () => {
    const res = await demo.open(`/containers/image-resizer${ALL}&follow=1&tail=5`)
    expect(frames(await whole(res))).toEqual(await demo.logs('image-resizer', '&tail=5'))
  })

  it('ends at until', async () => {
    const other = await Demo.start()
    const until = NOON / 1000 + 30
    const followed = whole(await other.open(`/containers/traefik${ALL}&follow=1&tail=0&until=${until}`))
    other.clock.advance(31_000)
    expect(frames(await followed)).toEqual(await other.logs('traefik', `&since=${NOON / 1000}&until=${until}`))
    await other.close()
  })

  it('leaves nothing running when its client goes', async () => {
    const other = await Demo.start()
    const res = await other.open(`/containers/firehose${ALL}&follow=1&tail=10`)
    await readUntil(res, (body) => body.length > 0)
    res.destroy()
    await other.idle()
    expect(other.clock.waiting).toBe(0)
    await other.close()
  })

  it('waits for a client that does not read, and loses nothing by it', async () => {
    const res = await demo.open(`/containers/firehose${ALL}`)
    for (let round = 0; round < 50; round++) await demo.get('/_ping')
    expect(res.socket.bytesRead).toBeLessThan(1_500_000)
    const lines = frames(await whole(res))
    expect(lines).toHaveLength(60_000)
    expect(lines.slice(-1000)).toEqual(await demo.logs('firehose', '&tail=1000'))
  })
})
