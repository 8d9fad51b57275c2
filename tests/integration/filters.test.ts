/** A filtered stream: what Docker's log has, less what the filter hides, and exact wherever it is cut. */
import { afterAll, describe, expect, it } from 'vitest'
import { cursorOf, formatCursor, parseCursor } from '../../server/logs/cursor.ts'
import type { LogPage, Problem } from '../../server/wire.ts'
import type { Container } from '../engine/container.ts'
import { uniqueName } from '../engine/engine.ts'
import { startFaultProxy } from '../engine/fault-proxy.ts'
import { useEngine } from '../engine/use-engine.ts'
import { lastId, linesIn, RawStream } from '../sluice/raw-stream.ts'
import { search } from '../sluice/search.ts'
import { startSluice } from '../sluice/server.ts'
import { logOf, type Told } from '../sluice/story.ts'
import { addressOf, openStream } from '../sluice/stream.ts'

const engine = useEngine()
const proxy = await startFaultProxy(engine.socket)
afterAll(() => proxy.close())
const sluice = await startSluice({ engine: proxy.socket })

/** One of each kind; the last column is what the filters below are to think of it. */
const LINES: readonly (readonly [stream: 'stdout' | 'stderr', level: string, message: string])[] = [
  ['stdout', 'info', '[INFO] Checkout took 12 ms'],
  ['stderr', 'error', '[ERROR] checkout TIMEOUT after 30000 ms'],
  ['stdout', 'none', 'plain words of a checkout'],
  ['stderr', 'none', 'stack line at pay (pay.js:12:7)'],
  ['stdout', 'warn', '[WARN] slow query: 900 ms'],
  ['stdout', 'fatal', '{"level":60,"msg":"checkout is down"}'],
  ['stdout', 'debug', 'level=debug msg="cache miss" key=a+b'],
  ['stderr', 'info', '[INFO] \u001b[32mcheck\u001b[1mout\u001b[0m in colours'],
]
const LEVELS = new Map(LINES.map(([, level, message]) => [message, level]))
const levelOf = ({ message }: Told) => LEVELS.get(message)
/** As a person reads it: without its colours. */
const textOf = ({ message }: Told) =>
  message.replaceAll('\u001b[32m', '').replaceAll('\u001b[1m', '').replaceAll('\u001b[0m', '')

const FILTERS: readonly (readonly [query: string, admits: (line: Told) => boolean])[] = [
  ['stream=stdout', ({ stream }) => stream === 'stdout'],
  ['stream=stderr', ({ stream }) => stream === 'stderr'],
  ['level=error', (line) => levelOf(line) === 'error'],
  ['level=warn,error,fatal', (line) => ['warn', 'error', 'fatal'].includes(levelOf(line) ?? '')],
  ['level=none', (line) => levelOf(line) === 'none'],
  ['level=debug,none', (line) => ['debug', 'none'].includes(levelOf(line) ?? '')],
  ['q=checkout', (line) => textOf(line).toLowerCase().includes('checkout')],
  ['q=Checkout', (line) => textOf(line).includes('Checkout')],
  ['q=a%2Bb', (line) => textOf(line).includes('a+b')],
  [`re=${encodeURIComponent('\\d+ ms$')}`, (line) => /\d+ ms$/.test(textOf(line))],
  [`re=${encodeURIComponent('(?i)timeout|DOWN')}`, (line) => /timeout|down/i.test(textOf(line))],
  ['not=checkout', (line) => !textOf(line).toLowerCase().includes('checkout')],
  ['not=TIMEOUT', (line) => !textOf(line).includes('TIMEOUT')],
  ['q=checkout&not=timeout&stream=stderr', (line) => line.stream === 'stderr' && /in colours/.test(line.message)],
  ['level=info,none&q=checkout', (line) => /checkout/i.test(textOf(line)) && /info|none/.test(levelOf(line) ?? '')],
  [
    `stream=stdout&level=info,warn&re=${encodeURIComponent('\\b\\d{3} ms')}`,
    ({ message }) => message.includes('900 ms'),
  ],
]

/** Each kind of line once more, in Docker's log. */
async function sayAll(container: Container, lines = LINES): Promise<void> {
  const count = (await container.lines()).length
  for (const [stream, , message] of lines) await container.write(stream, `${message}\n`)
  await expect.poll(async () => (await container.lines()).length, { timeout: 20_000 }).toBe(count + lines.length)
}

describe('a filter', () => {
  it('shows of the backlog and of what is written now exactly the lines it admits', async () => {
    const container = await engine.run({ name: uniqueName() })
    await sayAll(container)
    const tails = [0, 3, LINES.length - 1, 500]
    const backlog = await logOf(container)
    const streams = await Promise.all(
      FILTERS.map(async ([query, admits], index) => {
        const tail = tails[index % tails.length] ?? 0
        const stream = await openStream(sluice, container.name, `tail=${tail}&${query}`).live()
        // The lines before the filter are counted, not those after it.
        const expected = backlog.slice(Math.max(0, backlog.length - tail)).filter(admits)
        expect([query, stream.messages]).toEqual([query, expected.map(({ message }) => message)])
        return { query, admits, stream, tail }
      }),
    )
    await sayAll(container)
    await sayAll(container)
    const log = await logOf(container)
    for (const { query, admits, stream, tail } of streams) {
      const expected = log.slice(Math.max(0, backlog.length - tail)).filter(admits)
      expect(expected.length).toBeGreaterThan(0)
      await stream.until(({ lines }) => lines.length >= expected.length, query)
      const got = stream.lines.map(({ time, stream: of, message }) => ({
        incarnation: container.id.slice(0, 12),
        time,
        stream: of,
        message,
      }))
      expect([query, got]).toEqual([query, expected])
      stream.close()
    }
  })

  it('that is written in another way is the same: both get the same events, and there is one follow', async () => {
    const container = await engine.run({ name: uniqueName() })
    const query = ['level=error,fatal&q=checkout&not=', 'q=checkout&level=%20FATAL,error,error']
    const streams = query.map((each) => new RawStream(addressOf(sluice, container.name, `tail=0&${each}`)))
    await Promise.all(streams.map((stream) => stream.live()))
    const plain = await openStream(sluice, container.name, 'tail=0').live()
    const before = streams.map(({ events }) => events.length)
    const pace = container.pace({ lines: 2_000, template: '[ERROR] checkout {n}' })
    await pace.done
    await container.write('stdout', '[ERROR] hidden\n[FATAL] the last checkout\n')
    await Promise.all(
      [...streams, plain].map((stream) =>
        stream instanceof RawStream ? stream.seen('the last') : stream.message('[FATAL] the last checkout'),
      ),
    )
    const [one = [], other] = streams.map(({ events }, index) => events.slice(before[index]))
    expect(other).toEqual(one)
    expect(linesIn(one).map(({ message }) => message)).toEqual(
      plain.messages.filter((message) => !message.includes('hidden')),
    )
    const follows = proxy.requests.filter(({ path }) => path.includes(container.id) && path.includes('follow=1'))
    expect(follows).toHaveLength(1)
    for (const stream of [...streams, plain]) stream.close()
  })
})

const TRACE = `2026-11-22 10:02:03.114 ERROR 1 --- [nio-8080-exec-1] c.e.Orders : Request failed with root cause

java.lang.IllegalStateException: no pool
\tat com.example.Pool.take(Pool.java:41)
Caused by: java.net.ConnectException: refused
\t... 12 more`

describe('an error', () => {
  it('has its stack trace with it by every way, from any line on', { timeout: 60_000 }, async () => {
    const container = await engine.run({ name: uniqueName() })
    const trace = TRACE.split('\n')
    await container.write('stdout', '2026-11-22 10:02:03.001  INFO 1 --- [main] c.e.App : ready\n')
    // The other stream writes in between.
    for (const text of trace) {
      await container.write('stdout', `${text}\n`)
      await container.write('stderr', '\tat nothing of it\n')
    }
    await container.write('stdout', 'GET /orders 200\n')
    await container.logged('GET /orders')
    const api = `${sluice.url}api/containers/${container.name}/logs`
    const { incarnation, lines } = (await (await fetch(`${api}?limit=100`)).json()) as LogPage
    const at = lines.map(({ stream, message }) => (stream === 'stdout' ? trace.indexOf(message) : -1))
    const from = (line: number) => trace.filter((_, index) => at.indexOf(index) >= line)

    const text = async (query: string) => (await (await fetch(`${api}${query}`)).text()).trimEnd().split('\n')
    expect(await text('?format=text&level=error')).toEqual(trace)
    expect(await text('/download?level=error')).toEqual(trace)
    const ndjson = await text('?format=ndjson&level=error')
    expect(ndjson.map((line) => (JSON.parse(line) as Told).message)).toEqual(trace)
    const found = await search(`${api}/search?level=error&context=1`)
    expect(found.matches.map(({ message, after }) => [message, after?.at(-1)?.message])).toEqual([
      [trace[0], trace.at(-1)],
    ])
    const entries = await search(`${api}/search?level=error&entries=true`)
    expect(entries.matches.map(({ message }) => message)).toEqual(trace.toReversed())

    const whole = await openStream(sluice, container.name, 'tail=500&level=error').live()
    expect(whole.messages).toEqual(trace)
    for (const [index, { time, ordinal = 0 }] of lines.entries()) {
      const cursor = formatCursor(cursorOf(incarnation, { time, ordinal }))
      const resumed = await openStream(sluice, container.name, `level=error&after=${cursor}`).live()
      expect([index, resumed.messages]).toEqual([index, from(index + 1)])
      resumed.close()
      const [before, after] = await Promise.all(
        ['before', 'after'].map(async (side) => {
          const page = (await (await fetch(`${api}?level=error&${side}=${cursor}`)).json()) as LogPage
          return page.lines.map(({ message }) => message)
        }),
      )
      expect([index, before, after]).toEqual([
        index,
        trace.slice(0, trace.length - from(index).length),
        from(index + 1),
      ])
    }
  })
})

describe('a stream whose filter hides nearly everything', () => {
  it('resumes exactly after every event, and its id moves on while thousands of hidden lines pass', {
    timeout: 90_000,
  }, async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.write('stdout', 'needle in the backlog\n')
    await container.logged('needle in the backlog\n')
    const query = 'q=needle'
    const stream = await new RawStream(addressOf(sluice, container.name, query)).live()
    const isIdOnly = ({ event, id }: { event?: string; id?: string }) => event === undefined && id !== undefined
    const idOnly = () => stream.events.filter(isIdOnly)
    const pace = container.pace({ lines: 1e6, perSecond: 1_500, streams: ['stdout', 'stderr'] })
    await stream.until((events) => events.filter(isIdOnly).length >= 2, 'two events that are ids only')
    await container.write('stdout', 'needle 1\n')
    await container.write('stderr', 'needle 2\n')
    await stream.until(
      (events) => linesIn(events).length >= 3 && isIdOnly(events.at(-1) ?? {}),
      'an id after the needles',
    )
    await pace.stop()
    await container.write('stdout', 'needle, the last\n')
    await container.write('stderr', 'needle, the last of errors\n')
    await stream.until((events) => linesIn(events).length >= 5, 'the last needles')
    stream.close()

    const log = await logOf(container)
    expect(log.length).toBeGreaterThan(5_000)
    const needles = log.filter(({ message }) => message.includes('needle'))
    const bare = (lines: readonly { time: string; message: string }[]) =>
      lines.map(({ time, message }) => [time, message])
    expect(bare(stream.lines)).toEqual(bare(needles))
    const ids = idOnly().map(({ id = '' }) => parseCursor(id)?.time)
    expect(ids).toEqual([...new Set(ids)].sort())

    // As many cuts as there are events: with the filter the rest of the needles, without it the rest of the log.
    const { events } = stream
    for (let cut = events.findIndex(({ id }) => id !== undefined) + 1; cut <= events.length; cut++) {
      const seen = events.slice(0, cut)
      const id = lastId(seen)
      const rest = needles.slice(linesIn(seen).length)
      const back = await new RawStream(addressOf(sluice, container.name, query), { 'Last-Event-ID': id }).live()
      expect(bare(back.lines)).toEqual(bare(rest))
      expect(back.gaps).toEqual([])
      back.close()
      if (!isIdOnly(events[cut - 1] ?? {})) continue
      const whole = await new RawStream(addressOf(sluice, container.name, `after=${id}`)).live()
      const at = log.findIndex(({ time }) => time === parseCursor(id)?.time)
      expect(at).toBeGreaterThanOrEqual(0)
      expect(bare(whole.lines)).toEqual(bare(log.slice(at + 1)))
      whole.close()
    }
  })

  it('loses nothing when it is cut again and again while the lines pass', { timeout: 90_000 }, async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.write('stdout', 'line 7 first\n')
    await container.logged('line 7 first\n')
    const query = `tail=10000&re=${encodeURIComponent('7( |$)')}`
    const lines: { time: string; message: string }[] = []
    let id = ''
    const next = () => new RawStream(addressOf(sluice, container.name, query), id ? { 'Last-Event-ID': id } : {})
    const pace = container.pace({ lines: 1e6, perSecond: 1_000, streams: ['stdout', 'stderr'] })
    for (let cut = 0; cut < 20; cut++) {
      const wanted = 1 + ((cut * 7) % 23)
      const stream = await next().until(
        (events) => events.filter((event) => event.id).length >= wanted,
        `${wanted} events`,
      )
      const seen = stream.events.slice(
        0,
        stream.events.findIndex(
          (_, index, all) => all.slice(0, index + 1).filter((event) => event.id).length === wanted,
        ) + 1,
      )
      lines.push(...linesIn(seen))
      id = lastId(seen)
      expect(stream.gaps).toEqual([])
      stream.close()
    }
    await pace.stop()
    await container.write('stdout', 'the end 7\n')
    const last = await next().seen('the end 7')
    lines.push(...last.lines)
    const expected = (await logOf(container)).filter(({ message }) => /7( |$)/.test(message))
    expect(lines.map(({ time, message }) => [time, message])).toEqual(
      expected.map(({ time, message }) => [time, message]),
    )
    last.close()
  })
})

describe('a filtered viewer that stops reading', () => {
  it('catches up exactly with what a flood brought meanwhile', { timeout: 120_000 }, async () => {
    const LINES = 60_000
    const container = await engine.run({ name: uniqueName() })
    const quick = await openStream(sluice, container.name, 'tail=0').live()
    const slow = new RawStream(addressOf(sluice, container.name, `tail=0&not=${encodeURIComponent('0 ')}`))
    await slow.live()
    slow.pause()
    const template = `{n} ${'.'.repeat(500)}`
    await container.pace({ lines: LINES, template }).done
    await container.write('stdout', 'the end\n')
    await quick.until(({ lines }) => lines.at(-1)?.message === 'the end', 'the end')
    slow.resume()
    await slow.seen('the end')
    const hidden = /0 /
    expect(slow.gaps).toEqual([])
    expect(quick.messages).toHaveLength(LINES + 1)
    const wanted = quick.messages.filter((message) => !hidden.test(message))
    const got = slow.lines.map(({ message }) => message)
    expect(got.length).toBe(wanted.length)
    expect(got.findIndex((message, index) => message !== wanted[index])).toBe(-1)
    slow.close()
    quick.close()
  })
})

describe('what is no filter', () => {
  const BAD: readonly (readonly [query: string, parameter: string])[] = [
    ['stream=stdin', 'stream'],
    ['stream=', 'stream'],
    ['stream=stdout&stream=stderr', 'stream'],
    ['level=', 'level'],
    ['level=loud', 'level'],
    ['level=error,', 'level'],
    [`q=${'x'.repeat(1_001)}`, 'q'],
    ['q=a%00b', 'q'],
    ['q=a&q=b', 'q'],
    [`not=${'x'.repeat(1_001)}`, 'not'],
    ['re=(', 're'],
    ['re=%5B', 're'],
    [`re=${encodeURIComponent('(?=x)')}`, 're'],
    [`re=${encodeURIComponent('(a)\\1')}`, 're'],
    ['regex=x', 'regex'],
  ]

  const shared = engine.run({ name: uniqueName() })

  it.each(BAD)('is 400 that names the parameter: %s', async (query, parameter) => {
    const container = await shared
    for (const address of [
      addressOf(sluice, container.name, query),
      `${sluice.url}api/logs/stream?container=${container.name}&${query}`,
    ]) {
      const answer = await fetch(address)
      expect(answer.status).toBe(400)
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json\b/)
      const problem = (await answer.json()) as Problem
      expect(problem.parameter).toBe(parameter)
      expect(problem.detail).toContain(parameter)
      expect(problem.detail.length).toBeLessThan(500)
    }
  })
})
