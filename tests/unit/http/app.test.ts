/** The HTTP interface as a client meets it, on a loopback port, with an engine in memory behind it. */
import { randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http, { type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { EngineError, type ReadOptions } from '../../../server/engine/engine.ts'
import { Feeds } from '../../../server/feed/feeds.ts'
import { createApp } from '../../../server/http/app.ts'
import { cursorOf, formatCursor } from '../../../server/logs/cursor.ts'
import { Streams } from '../../../server/sse/streams.ts'
import type { Container, Host, LogPage, Match, MergedLine, Problem, SearchDone } from '../../../server/wire.ts'
import { unzipped } from '../../sluice/unzipped.ts'
import { at } from '../logs/frames.ts'
import { container, MemoryEngine } from '../memory-engine.ts'

const log = pino({ level: 'silent' })
const WEB = container('web')
const CURSOR = '0123456789ab.1795341723.114000001.0'

interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

describe('the HTTP interface', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-unit-')) // its own, so that two runs at once do not meet
  const page = join(folder, 'page')
  let engine: MemoryEngine
  let stop: () => Promise<void>
  let port: number
  const open = new Set<http.ClientRequest>()

  beforeAll(() => {
    mkdirSync(join(page, 'assets'), { recursive: true })
    writeFileSync(join(page, 'index.html'), '<!doctype html><base href="/"><title>Sluice</title>')
    writeFileSync(join(page, 'assets', 'page-abc.js'), 'export {}')
    writeFileSync(join(folder, 'sluice-unit-outside'), 'outside the page')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  beforeEach(async () => {
    engine = new MemoryEngine()
      .add(
        WEB,
        [1, 2, 3].map((number) => ({ time: at(number), text: `line ${number}\n` })),
      )
      .add({ ...container('shop-web-1', '2'.repeat(64)) })
      .add({ ...container('db', '3'.repeat(64)) })
    stop = await serve('/')
  })
  afterEach(async () => {
    vi.useRealTimers()
    await stop()
  })

  async function serve(base: string, maxSessionsPerAddress = 200): Promise<() => Promise<void>> {
    const feeds = new Feeds(engine, log)
    const streams = new Streams(feeds)
    const server = http.createServer(
      createApp({ feeds, streams, log, base, page, maxSessions: 1_000, maxSessionsPerAddress }),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
    return async () => {
      for (const request of open) request.destroy()
      open.clear()
      streams.close()
      feeds.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }

  async function begin(path: string, options: http.RequestOptions = {}): Promise<IncomingMessage> {
    // `path` goes out as it is: a URL would tidy it up first.
    const request = http.request({ host: '127.0.0.1', port, path, agent: false, ...options })
    open.add(request)
    request.on('error', () => {})
    request.end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    return response
  }

  /** What has come so far. */
  function textOf(response: IncomingMessage): () => string {
    let text = ''
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    return () => text
  }

  /** Reads of these wait until they are let pass. */
  function holdReads(isHeld: (id: string, options: ReadOptions) => boolean): () => void {
    const gate = new AbortController()
    const passing = once(gate.signal, 'abort')
    const readLines = engine.readLines.bind(engine)
    engine.readLines = async (id, options) => {
      if (isHeld(id, options)) await passing
      return readLines(id, options)
    }
    return () => gate.abort()
  }

  async function ask(path: string, options?: http.RequestOptions): Promise<Answer> {
    const response = await begin(path, options)
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() }
  }

  /** The problem that is the answer, checked to be one of RFC 9457. */
  async function problemOf(path: string, options?: http.RequestOptions): Promise<Problem> {
    const { status, headers, body } = await ask(path, options)
    expect(headers['content-type']).toMatch(/^application\/problem\+json\b/)
    expect(headers['cache-control']).toBe('no-store')
    const problem = JSON.parse(body) as Problem
    expect(problem).toMatchObject({
      type: 'about:blank',
      title: expect.any(String),
      status,
      detail: expect.any(String),
    })
    expect(problem.detail.length).toBeLessThan(500)
    expect(body).not.toMatch(/node_modules|at .*\.ts:/)
    return problem
  }

  /** The events of a stream up to and with the first of `type`. */
  async function eventsUntil(type: string, path: string, options?: http.RequestOptions) {
    const response = await begin(path, options)
    expect(response.statusCode).toBe(200)
    expect(response.headers['content-type']).toMatch(/^text\/event-stream/)
    const events: { event: string; data: unknown; id?: string }[] = []
    let text = ''
    for await (const chunk of response) {
      text += String(chunk)
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const fields = Object.fromEntries(
          text
            .slice(0, end)
            .split('\n')
            .map((line) => line.split(/: ?(.*)/s).slice(0, 2)),
        )
        text = text.slice(end + 2)
        if (!fields.event) continue
        events.push({ event: fields.event, data: JSON.parse(fields.data), ...(fields.id && { id: fields.id }) })
        if (fields.event === type) return events
      }
    }
    throw new Error(`the stream ended before "${type}": ${JSON.stringify(events)}`)
  }

  const stream = (key: string, query = '') => `/api/containers/${key}/logs/stream${query}`

  describe('headers', () => {
    const EVERYWHERE = [
      '/',
      '/containers/web',
      '/api/containers',
      '/healthz',
      '/nowhere',
      stream('nobody'),
      '/assets/page-abc.js',
    ]

    it.each(EVERYWHERE)('of %s allow nothing inline, nothing from elsewhere, and no frames', async (path) => {
      const { headers } = await ask(path)
      const policy = String(headers['content-security-policy'])
      expect(policy).not.toMatch(/unsafe|\*|data:|blob:|https?:|upgrade-insecure-requests/)
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("script-src 'self'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(headers).not.toHaveProperty('strict-transport-security')
      expect(headers).not.toHaveProperty('x-powered-by')
      expect(headers).not.toHaveProperty('access-control-allow-origin')
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['referrer-policy']).toBe('no-referrer')
    })

    it('keep hashed files for good, and the page and what the engine says never', async () => {
      expect((await ask('/assets/page-abc.js')).headers['cache-control']).toBe('public, max-age=31536000, immutable')
      expect((await ask('/')).headers['cache-control']).toBe('no-cache')
      expect((await ask('/api/containers')).headers['cache-control']).toBe('no-store')
    })
  })

  describe('errors', () => {
    it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('answer %s with 405 and what is allowed', async (method) => {
      const { headers } = await ask('/api/containers', { method })
      expect(headers['allow']).toBe('GET, HEAD')
      expect(await problemOf(stream('web'), { method })).toMatchObject({ status: 405, title: 'Method Not Allowed' })
    })

    it.each([
      '/nowhere',
      '/api',
      '/api/',
      '/api/nowhere',
      '/containers/web/x',
      '/api/containers/web',
      '/assets/none.js',
    ])('answer %s with 404', async (path) => {
      expect(await problemOf(path)).toMatchObject({ status: 404, title: 'Not Found' })
    })

    it('name the closest containers for an unknown one', async () => {
      const problem = await problemOf(stream('wbe'))
      expect(problem).toMatchObject({ status: 404, closest: ['web'] })
      expect(problem.detail).toContain('"wbe"')
      expect(problem.detail).toContain('web')
    })

    it.each([
      ['tail=-1', 'tail'],
      ['tail=x', 'tail'],
      ['tail=1e9', 'tail'],
      ['tail=10001', 'tail'],
      ['tail=', 'tail'],
      ['tail=1&tail=2', 'tail'],
      ['tail=%31.5', 'tail'],
      ['tail[a]=1', 'tail[a]'],
      ['after=x', 'after'],
      [`after=${CURSOR}x`, 'after'],
      ['wait=yes', 'wait'],
      ['containers=1', 'containers'],
      ['tial=5', 'tial'],
      ['__proto__=1', '__proto__'],
      ['constructor=1', 'constructor'],
      ['hasOwnProperty=1', 'hasOwnProperty'],
      ['=1', ''],
    ])('answer ?%s with 400 and name the parameter', async (query, parameter) => {
      const problem = await problemOf(stream('web', `?${query}`))
      expect(problem).toMatchObject({ status: 400, title: 'Bad Request', parameter })
      expect(problem.detail).toContain(parameter)
    })

    it('name the nearest parameter for an unknown one', async () => {
      expect((await problemOf(stream('web', '?tial=5'))).detail).toContain('Did you mean "tail"?')
    })

    it('refuse parameters where none are known', async () => {
      expect(await problemOf('/api/containers?all=1')).toMatchObject({ status: 400, parameter: 'all' })
      expect(await problemOf('/api/events?x=1')).toMatchObject({ status: 400, parameter: 'x' })
    })

    it('refuse a Last-Event-ID that is no cursor', async () => {
      const headers = { 'Last-Event-ID': '../../etc' }
      expect(await problemOf(stream('web'), { headers })).toMatchObject({ status: 400, parameter: 'Last-Event-ID' })
    })

    it('say with 503, and when to come back, that no engine is connected, and what was tried', async () => {
      const problems: Host['problems'] = [
        { code: 'no-socket', address: 'unix:///x.sock', detail: 'There is no such socket.' },
      ]
      engine.host = { name: 'here', state: 'unreachable', problems }
      const problem = await problemOf('/api/containers')
      expect(problem).toMatchObject({ status: 503, title: 'Service Unavailable' })
      expect(problem.detail).toContain('unix:///x.sock: There is no such socket.')
      expect((await ask('/api/containers')).headers['retry-after']).toBe('2')
      expect(await problemOf(stream('nobody'))).toMatchObject({ status: 503 })
      expect((await ask('/healthz')).status).toBe(200)
    })

    it('tell nothing of a failure inside', async () => {
      engine.containers = () => {
        throw new Error('secret detail')
      }
      const problem = await problemOf('/api/containers')
      expect(problem).toMatchObject({ status: 500, title: 'Internal Server Error' })
      expect(JSON.stringify(problem)).not.toContain('secret')
    })
  })

  describe('hostile keys', () => {
    it.each([
      ['a way up', '..%2f..%2fetc%2fpasswd', 404],
      ['dots', '%2e%2e', 404],
      ['a slash', 'a%2fb', 404],
      ['NUL', 'web%00', 404],
      ['line breaks', 'web%0d%0aX-Evil:%201', 404],
      ['markup', '%3Cscript%3Ealert(1)%3C%2Fscript%3E', 404],
      ['unicode', encodeURIComponent('wéb🐳\u202e'), 404],
      ['10 kB', 'w'.repeat(10_000), 404],
      ['the name of an object’s own', '__proto__', 404],
      ['a cut escape', '%e0%a4', 400],
      ['a malformed escape', '%zz', 400],
      ['a lone percent', '%', 400],
    ])('with %s get a problem, no header of theirs and no file', async (_name, key, status) => {
      const path = stream(key)
      const problem = await problemOf(path)
      expect(problem.status).toBe(status)
      const { headers } = await ask(path)
      expect(headers).not.toHaveProperty('x-evil')
      expect(engine.reads).toEqual([])
    })

    it('are quoted, and not at any length', async () => {
      expect((await problemOf(stream('a%0ab'))).detail).toContain('"a\\nb"')
      expect((await problemOf(stream('w'.repeat(10_000)))).detail.length).toBeLessThan(300)
    })

    it.each([
      '/../sluice-unit-outside',
      '/..%2fsluice-unit-outside',
      '/%2e%2e/sluice-unit-outside',
      '/assets/..%2f..%2fsluice-unit-outside',
      '/%00',
      '/%zz',
      '//evil.example/',
    ])('in the page’s place (%s) get no file from outside it and no redirect', async (path) => {
      const { status, headers, body } = await ask(path)
      expect([200, 400, 404]).toContain(status)
      expect(body).not.toContain('outside the page')
      expect(headers).not.toHaveProperty('location')
    })
  })

  describe('answers', () => {
    it('with the containers there are', async () => {
      const { status, headers, body } = await ask('/api/containers')
      expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8'])
      expect((JSON.parse(body) as Container[]).map(({ key }) => key)).toEqual(['db', 'shop-web-1', 'web'])
    })

    it('HEAD like GET, without a body, also for streams', async () => {
      const head = await ask(stream('web'), { method: 'HEAD' })
      expect([head.status, head.body]).toEqual([200, ''])
      expect(head.headers['content-type']).toMatch(/^text\/event-stream/)
      expect((await ask('/api/containers', { method: 'HEAD' })).status).toBe(200)
      expect(engine.reads).toEqual([])
    })

    it('with the page for the page’s own addresses, in what encoding the client takes', async () => {
      for (const path of ['/', '/containers/web', '/containers/..%2fx']) {
        const { status, headers, body } = await ask(path)
        expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
        expect(headers).not.toHaveProperty('content-encoding')
        expect(body).toContain('<title>Sluice</title>')
      }
      for (const [accepted, encoding] of [
        ['br, gzip', 'gzip'],
        ['br', undefined],
      ] as const) {
        const { headers } = await ask('/', { headers: { 'Accept-Encoding': accepted } })
        expect(headers['content-encoding']).toBe(encoding)
        expect(headers['vary']).toContain('Accept-Encoding')
      }
    })

    it('a stream with the state, the backlog with its cursor, and then that it is live', async () => {
      const events = await eventsUntil('live', stream('web', '?tail=2'))
      expect(events).toEqual([
        { event: 'state', data: expect.objectContaining({ container: 'web', state: 'started' }) },
        {
          event: 'message',
          id: '0123456789ab.1795341723.114000003.0',
          data: [
            { time: at(2), stream: 'stdout', message: 'line 2' },
            { time: at(3), stream: 'stdout', message: 'line 3' },
          ],
        },
        { event: 'live', id: '0123456789ab.1795341723.114000003.0', data: {} },
      ])
    })

    it('a stream that goes on after the line that Last-Event-ID names, rather than the URL’s own', async () => {
      const headers = { 'Last-Event-ID': '0123456789ab.1795341723.114000002.0' }
      const events = await eventsUntil('live', stream('web', `?after=${CURSOR}`), { headers })
      expect(events.filter(({ event }) => event === 'message').map(({ data }) => data)).toEqual([
        [{ time: at(3), stream: 'stdout', message: 'line 3' }],
      ])
    })

    it('a stream of a container that does not exist yet, when asked to wait', async () => {
      const events = await eventsUntil('state', stream('wbe', '?wait=true'))
      expect(events).toEqual([
        { event: 'state', data: { container: 'wbe', state: 'absent', at: expect.any(String), closest: ['web'] } },
      ])
    })

    it('a merged stream that goes on with a container’s lines under the name that another has taken since', async () => {
      const incarnation = WEB.id.slice(0, 12)
      engine.add(container('next', '4'.repeat(64)), [{ time: at(5), text: 'of the next\n' }])
      engine.rename('web', 'web-old', at(9))
      engine.rename('next', 'web', at(10))
      const after = `${formatCursor(cursorOf(incarnation, { time: at(1), ordinal: 0 }))}@web`
      const events = await eventsUntil('live', `/api/logs/stream?after=${after}`)
      const lines = events.flatMap(({ event, data }) => (event === 'message' ? (data as MergedLine[]) : []))
      const ofIt = lines.filter((line) => line.incarnation === incarnation)
      expect(ofIt.map((line) => [line.container, line.message])).toEqual([
        ['web', 'line 2'],
        ['web', 'line 3'],
      ])
    })

    it.each([
      ['nothing', []],
      ['a line', [3_035]],
    ] as const)(
      'a merged stream with every line of one that came to a name, and was away from it before the stream had come to him, where it wrote %s',
      async (_, meanwhile) => {
        const next = container('next', '4'.repeat(64))
        const numbered = (first: number, last: number) =>
          Array.from({ length: last - first + 1 }, (_, index) => ({
            time: at(first + index),
            text: `line ${first + index}\n`,
          }))
        engine.add(WEB, numbered(1, 2_000)).add(next, numbered(3_001, 3_003))
        engine.rename('web', 'web-old', at(3_010))
        engine.rename('next', 'web', at(3_011))
        engine.write(next.id, ...numbered(3_020, 3_023))
        // The way through the log of who had the name before takes a while.
        const letPass = holdReads((id, { tail }) => id === WEB.id && tail !== 'all' && tail > 1_000)
        const after = `${formatCursor(cursorOf(WEB.id.slice(0, 12), { time: at(1), ordinal: 0 }))}@web`
        const response = await begin(`/api/logs/stream?after=${after}`)
        const text = textOf(response)
        await expect.poll(text).toContain('event:state')
        engine.rename('web', 'away', at(3_030))
        await expect.poll(text).toContain('"away"')
        for (const number of meanwhile) engine.write(next.id, ...numbered(number, number))
        await new Promise((resolve) => setTimeout(resolve, 1_500)) // longer than the others wait for a log that is being read
        for (const number of meanwhile) expect(text()).toContain(`line ${number}`)
        engine.rename('away', 'web', at(3_040))
        letPass()
        engine.write(next.id, ...numbered(3_050, 3_050))
        await expect.poll(text, { timeout: 4_000 }).toContain('line 3050')
        const told = [...text().matchAll(/"message":"line (3\d{3})"/g)].map(([, number]) => Number(number))
        expect(told.sort()).toEqual([3_001, 3_002, 3_003, 3_020, 3_021, 3_022, 3_023, ...meanwhile, 3_050])
      },
      10_000,
    )

    it('a merged stream with no more than was asked for of one that gets another name while its end is read', async () => {
      const letPass = holdReads(() => true)
      const response = await begin('/api/logs/stream?tail=2')
      const text = textOf(response)
      await expect.poll(text).toContain('event:state')
      engine.rename('web', 'away', at(9))
      await expect.poll(text).toContain('"away"')
      letPass()
      await expect.poll(text, { timeout: 4_000 }).toContain('line 3')
      engine.write(WEB.id, { time: at(10), text: 'line 4\n' })
      await expect.poll(text, { timeout: 4_000 }).toContain('line 4')
      const told = [...text().matchAll(/"message":"(line \d)"/g)].map(([, line]) => line)
      expect(told.sort()).toEqual(['line 2', 'line 3', 'line 4'])
    })

    it('a merged stream that goes on with each line once where a container’s names take turns', async () => {
      const next = container('next', '4'.repeat(64))
      const line = (number: number) => ({ time: at(number), text: `line ${number}\n` })
      engine.add(next, [1, 2, 3].map(line))
      engine.rename('web', 'web-old', at(10))
      engine.rename('next', 'web', at(11))
      engine.write(next.id, ...[20, 21, 22, 23].map(line))
      engine.rename('web', 'away', at(30))
      engine.write(next.id, ...[35, 36].map(line))
      engine.rename('away', 'web', at(40))
      engine.write(next.id, line(50))
      const cursorAt = (number: number) => formatCursor(cursorOf('4'.repeat(12), { time: at(number), ordinal: 0 }))
      const told = async (after: string) => {
        const events = await eventsUntil('live', `/api/logs/stream?after=${after}`)
        return events
          .flatMap(({ event, data }) => (event === 'message' ? (data as MergedLine[]) : []))
          .filter(({ incarnation }) => incarnation === '4'.repeat(12))
          .map(({ container, message }) => `${container} ${message}`)
      }
      const both = [`${cursorAt(21)}@web`, `${cursorAt(35)}@away`]
      const expected = ['web line 22', 'web line 23', 'away line 36', 'web line 50']
      expect(await told(both.join())).toEqual(expected)
      expect(await told(both.toReversed().join())).toEqual(expected)
    })

    it('the containers’ events with a snapshot first', async () => {
      const [snapshot] = await eventsUntil('containers', '/api/events')
      const containers = engine.containers().map(({ labels, ...shown }) => shown)
      expect(snapshot?.data).toMatchObject({ kind: 'snapshot', hosts: [engine.host], containers })
    })
  })

  describe('pages of a log', () => {
    const LOGS = '/api/containers/web/logs'
    const pageOf = async (query: string) => JSON.parse((await ask(`${LOGS}?${query}`)).body) as LogPage
    const texts = ({ lines }: LogPage) => lines.map(({ message }) => message)
    const cursorAt = (number: number) => formatCursor(cursorOf(WEB.id.slice(0, 12), { time: at(number), ordinal: 0 }))

    it('give the newest lines, and lead to those before and after by cursors', async () => {
      const newest = await pageOf('limit=2')
      expect(newest).toMatchObject({ container: 'web', incarnation: WEB.id.slice(0, 12), atStart: false, atEnd: true })
      expect(newest.lines).toEqual([
        { time: at(2), stream: 'stdout', message: 'line 2' },
        { time: at(3), stream: 'stdout', message: 'line 3' },
      ])
      const before = await pageOf(`limit=2&before=${newest.before}`)
      expect([texts(before), before.atStart, before.atEnd]).toEqual([['line 1'], true, false])
      const after = await pageOf(`limit=1&after=${before.after}`)
      expect([texts(after), after.atStart, after.atEnd]).toEqual([['line 2'], false, false])
      const end = await pageOf(`after=${newest.after}`)
      expect([texts(end), end.after, end.atEnd]).toEqual([[], newest.after, true])
    })

    it('are of the times that are asked for, each included', async () => {
      expect(texts(await pageOf(`since=${at(2)}`))).toEqual(['line 2', 'line 3'])
      expect(await pageOf(`until=${at(2)}&limit=1`)).toMatchObject({
        lines: [{ message: 'line 2' }],
        atStart: false,
        atEnd: false,
      })
      expect(await pageOf(`since=${at(2)}&until=${at(2)}`)).toMatchObject({
        lines: [{ message: 'line 2' }],
        atStart: false,
        atEnd: true,
      })
      expect(texts(await pageOf(`around=${at(2)}&limit=2`))).toEqual(['line 1', 'line 2'])
      const { after } = await pageOf('limit=1')
      expect(await pageOf(`before=${after}&since=${at(2)}`)).toMatchObject({
        lines: [{ message: 'line 2' }],
        atStart: true,
      })
      expect(texts(await pageOf('since=1h'))).toEqual([])
    })

    it('are empty, with a gap, where the cursor is of a container that is not known here', async () => {
      const stranger = CURSOR.replace('0123456789ab', 'ba9876543210')
      expect(await pageOf(`before=${stranger}`)).toMatchObject({ lines: [], gap: 'unknown-cursor', before: stranger })
      expect(await pageOf(`after=${stranger}`)).toMatchObject({ gap: 'unknown-cursor' })
    })

    it('take the filters that streams take, and lead on from how far they looked', async () => {
      engine.write(
        WEB.id,
        { time: at(4), text: 'ERROR one\n', stream: 'stderr' },
        { time: at(5), text: 'ERROR two\n' },
        { time: at(6), text: 'fine\n' },
      )
      expect(texts(await pageOf('level=error'))).toEqual(['ERROR one', 'ERROR two'])
      expect(texts(await pageOf('level=%20ERROR,error,fatal%20'))).toEqual(['ERROR one', 'ERROR two'])
      expect(texts(await pageOf('level=error&stream=stderr'))).toEqual(['ERROR one'])
      expect(texts(await pageOf('q=error&not=two'))).toEqual(['ERROR one'])
      expect(texts(await pageOf('re=%5E%28line%20%5B12%5D%7Cfine%29'))).toEqual(['line 1', 'line 2', 'fine'])
      expect(texts(await pageOf(`around=${at(5)}&limit=2&q=e`))).toEqual(['ERROR one', 'ERROR two'])
      const newest = await pageOf('level=error&limit=1')
      expect(newest).toMatchObject({ atStart: false, atEnd: true, lines: [{ message: 'ERROR two' }] })
      expect(newest.after).toBe(cursorAt(6))
      const before = await pageOf(`level=error&limit=1&before=${newest.before}`)
      expect(before).toMatchObject({
        atStart: true,
        atEnd: false,
        before: cursorAt(1),
        lines: [{ message: 'ERROR one' }],
      })
      expect(await pageOf('level=fatal')).toMatchObject({
        lines: [],
        before: cursorAt(1),
        after: cursorAt(6),
        atStart: true,
      })
      expect(await pageOf('level=none,fatal&limit=2')).toMatchObject({
        lines: [{ message: 'line 3' }, { message: 'fine' }],
      })
    })

    it('look a container up before they compile a pattern', async () => {
      expect(await problemOf('/api/containers/wep/logs?re=%28')).toMatchObject({ status: 404, closest: ['web'] })
      for (const path of ['stream', 'search', 'download']) {
        expect(await problemOf(`/api/containers/wep/logs/${path}?re=%28`)).toMatchObject({ status: 404 })
      }
      for (const path of ['stream', 'search', 'download']) {
        expect(await problemOf(`/api/logs/${path}?container=wep&re=%28`)).toMatchObject({ status: 404 })
      }
    })

    it('of an empty log have no cursors', async () => {
      const empty = JSON.parse((await ask('/api/containers/db/logs')).body)
      expect(empty).toMatchObject({ lines: [], before: null, after: null, atStart: true, atEnd: true })
    })

    it.each([
      ['before', `before=${CURSOR}x`],
      ['after', `before=${CURSOR}&after=${CURSOR}`],
      ['around', `after=${CURSOR}&around=10m`],
      ['around', 'around=noon'],
      ['since', 'since=2026-13-01'],
      ['until', 'until='],
      ['limit', 'limit=0'],
      ['limit', 'limit=10001'],
      ['limit', 'limit=1e9'],
      ['tail', 'tail=5'],
      ['level', 'level=loud'],
      ['re', 're=%28'],
      ['q', 'q=%00'],
      ['not', `not=${'x'.repeat(1001)}`],
      ['stream', 'stream='],
    ])('refuse a wrong %s: %s', async (parameter, query) => {
      expect(await problemOf(`${LOGS}?${query}`)).toMatchObject({ status: 400, parameter })
    })

    it('of a log that cannot be read say why, with what Docker answers', async () => {
      engine.readLines = async () => {
        throw new EngineError('unreadable-driver', 'configured logging driver does not support reading')
      }
      expect(await problemOf(LOGS)).toMatchObject({ status: 501, detail: expect.stringContaining('does not support') })
    })

    it('end their read at the engine when the client leaves', async () => {
      const reads = new EventEmitter()
      engine.readLines = async (_id, { signal }) => {
        reads.emit('read', signal)
        await once(signal, 'abort')
        throw signal.reason
      }
      const request = http.request({ host: '127.0.0.1', port, path: LOGS, agent: false })
      request.on('error', () => {})
      request.end()
      const [signal] = (await once(reads, 'read')) as [AbortSignal]
      const ended = once(signal, 'abort')
      request.destroy()
      await ended
    })
  })

  describe('lines of a log', () => {
    const LOGS = '/api/containers/web/logs'
    const ALL = 'line 1\nline 2\nline 3\n'
    const accepting = (Accept: string) => ({ headers: { Accept } })

    it.each([
      ['*/*', 'application/json; charset=utf-8'],
      ['text/html, */*;q=0.8', 'application/json; charset=utf-8'],
      ['text/plain', 'text/plain; charset=utf-8'],
      ['text/*', 'text/plain; charset=utf-8'],
      ['application/x-ndjson', 'application/x-ndjson'],
      ['application/json;q=0.5, text/plain', 'text/plain; charset=utf-8'],
      ['text/plain, application/x-ndjson', 'text/plain; charset=utf-8'],
    ])('come as a client that accepts %s likes them best', async (accept, type) => {
      const { status, headers } = await ask(LOGS, accepting(accept))
      expect([status, headers['content-type']]).toEqual([200, type])
      expect(headers.vary).toMatch(/^Accept\b/)
    })

    it('come as the address says, whatever the client accepts', async () => {
      expect((await ask(`${LOGS}?format=text`, accepting('application/json'))).body).toBe(ALL)
      const { body } = await ask(`${LOGS}?format=ndjson&tail=1`)
      const incarnation = WEB.id.slice(0, 12)
      expect(JSON.parse(body)).toEqual({
        time: at(3),
        stream: 'stdout',
        message: 'line 3',
        container: 'web',
        incarnation,
      })
    })

    it('are of no other form', async () => {
      expect(await problemOf(LOGS, accepting('image/png'))).toMatchObject({ status: 406 })
      expect(await problemOf(`${LOGS}?format=xml`)).toMatchObject({ status: 400, parameter: 'format' })
      expect(await problemOf(`${LOGS}?format=text&format=json`)).toMatchObject({ status: 400, parameter: 'format' })
    })

    it.each([
      ['tail', 'tail=-1'],
      ['tail', 'tail=10001'],
      ['limit', 'limit=5'],
      ['before', `before=${CURSOR}`],
      ['since', 'since=noon'],
      ['follow', 'follow=yes'],
      ['re', 're=%28'],
      ['q', 'q=%00'],
    ])('refuse a wrong %s: %s', async (parameter, query) => {
      expect(await problemOf(`${LOGS}?format=text&${query}`)).toMatchObject({ status: 400, parameter })
    })

    it('have the head that a HEAD asks for, and nothing is read for it but one line', async () => {
      for (const query of ['', '&follow=true']) {
        const { status, headers, body } = await ask(`${LOGS}?format=text${query}`, { method: 'HEAD' })
        expect([status, headers['content-type'], body]).toEqual([200, 'text/plain; charset=utf-8', ''])
      }
      expect(engine.open).toBe(0)
    })

    it('of an unknown container, or of one whose log cannot be read, are a problem', async () => {
      expect(await problemOf('/api/containers/wep/logs?format=text')).toMatchObject({ status: 404, closest: ['web'] })
      engine.readLines = async () => {
        throw new EngineError('unreadable-driver', 'configured logging driver does not support reading')
      }
      expect(await problemOf(`${LOGS}?format=text&follow=true`)).toMatchObject({ status: 501 })
    })

    it('after a line that is gone are a problem, since they would not be all', async () => {
      const gone = `${CURSOR.slice(0, 12)}.${Math.floor(Date.parse(at(1)) / 1_000) - 60}.000000000.0`
      expect(await problemOf(`${LOGS}?format=text&after=${gone}`)).toMatchObject({ status: 410 })
    })

    /** The first read of the whole log is cut in the middle of its 3 000 lines, and the next one begins later. */
    function loseLines(): () => boolean {
      const lines = Array.from({ length: 3_000 }, (_, number) => ({ time: at(number), text: `${number}\n` }))
      engine.add(WEB, lines)
      const readLines = engine.readLines.bind(engine)
      let wasCut = false
      engine.readLines = async (id, options) => {
        const read = await readLines(id, options)
        if (options.tail !== 'all' || wasCut) return read
        wasCut = true
        async function* cutShort() {
          for await (const some of read) {
            yield some
            engine.add(WEB, lines.slice(1_500))
            engine.cut()
          }
        }
        return { pieces: 0, passed: 0, close: () => read.close(), [Symbol.asyncIterator]: cutShort }
      }
      return () => wasCut
    }

    it.each([
      ['text', `${LOGS}?format=text`],
      ['a file', `${LOGS}/download`],
    ])('as %s are cut off where lines are lost in the middle', async (_form, path) => {
      const wasCut = loseLines()
      const response = await begin(path)
      const chunks: string[] = []
      const reading = (async () => {
        for await (const chunk of response) chunks.push(String(chunk))
      })()
      await expect(reading).rejects.toThrow('aborted')
      expect(chunks.join('')).toMatch(/^0\n1\n/)
      expect(wasCut()).toBe(true)
    })

    it.each([`${LOGS}/download?format=zip`, '/api/logs/download'])(
      'as a zip have a note beside them where lines are lost in the middle: %s',
      async (path) => {
        const wasCut = loseLines()
        const files = await unzipped(await begin(path))
        expect(wasCut()).toBe(true)
        expect(files['web.log']).toMatch(/^0\n1\n(?:\d+\n)+2998\n2999\n$/)
        expect(files['web.log.INCOMPLETE.txt']).toMatch(
          /^web.log is incomplete.\nLines are missing after 20\S+Z: Docker rotated them away.\n$/,
        )
        if (path === '/api/logs/download') expect([files['db.log'], files['shop-web-1.log']]).toEqual(['', ''])
      },
    )

    it('as a zip have both sides of what the engine cannot read, and a note that says why', async () => {
      const lines = Array.from({ length: 3_000 }, (_, number) => ({ time: at(number), text: `${number}\n` }))
      engine.add(WEB, lines).damage(WEB.id, { at: 1_500, error: 'Error grabbing logs: EOF' })
      const files = await unzipped(await begin('/api/logs/download'))
      expect(files['web.log']?.split('\n')).toHaveLength(3_001)
      expect(files['web.log.INCOMPLETE.txt']).toBe(
        `web.log is incomplete.\nLines are missing after ${at(1_499)}: Docker can't read the log here: Error grabbing logs: EOF.\n`,
      )
    })

    it('as a zip have what came before the engine hung, a note that says so, and the files of the others', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      const lines = Array.from({ length: 3_000 }, (_, number) => ({ time: at(number), text: `${number}\n` }))
      engine.add(WEB, lines)
      const readLines = engine.readLines.bind(engine)
      engine.readLines = async (id, options) => {
        const read = await readLines(id, options)
        if (options.tail !== 'all') return read
        async function* hangs() {
          for await (const some of read) {
            yield some
            setImmediate(() => vi.advanceTimersByTime(60_000))
            await once(options.signal, 'abort')
            throw options.signal.reason
          }
        }
        return { pieces: 0, passed: 0, close: () => read.close(), [Symbol.asyncIterator]: hangs }
      }
      const files = await unzipped(await begin('/api/logs/download'))
      expect(files['web.log']).toMatch(/^0\n1\n/)
      expect(files['web.log.INCOMPLETE.txt']).toMatch(
        /^web.log is incomplete.\nThe end is missing: .*Docker sent no more of the log/,
      )
      expect(Object.keys(files).sort()).toEqual(['db.log', 'shop-web-1.log', 'web.log', 'web.log.INCOMPLETE.txt'])
    })

    it.each([
      ['text', /\n--- Sluice: lines are missing here: Docker rotated them away\. ---\n/],
      ['ndjson', /\n\{"gap":\{"container":"web","reason":"rotated","from":"[^"]+"[^\n]*\}\}\n/],
    ])('that are followed as %s say in its place that lines are lost', async (format, said) => {
      loseLines()
      const text = textOf(await begin(`${LOGS}?format=${format}&follow=true`))
      await expect.poll(text).toMatch(/\b2999\b/)
      expect(text()).toMatch(said)
      expect(text().match(new RegExp(said, 'g'))).toHaveLength(1)
    })

    describe('while the container writes faster than anybody reads', () => {
      let writing: NodeJS.Timeout

      beforeEach(() => {
        let number = 1_000
        const readLines = engine.readLines.bind(engine)
        engine.readLines = async (id, options) => {
          await new Promise((resolve) => setTimeout(resolve, 5)) // in which lines are written
          return readLines(id, options)
        }
        writing = setInterval(() => {
          for (let n = 0; n < 20; n++) engine.write(WEB.id, { time: at(number), text: `line ${number++}\n` })
        }, 1)
      })
      afterEach(() => clearInterval(writing))

      it.each(['tail=1', 'tail=3', 'since=2999-01-01T00:00:00Z', `since=${at(1)}`, ''])('end: %s', async (query) => {
        await expect.poll(() => engine.lines(WEB.id).length).toBeGreaterThan(100)
        const { status, body } = await ask(`${LOGS}?format=text&${query}`)
        expect(status).toBe(200)
        const count = body.split('\n').length - 1
        if (query.startsWith('tail=')) expect(count).toBe(Number(query.slice(5)))
        else if (query.startsWith('since=2999')) expect(count).toBe(0)
        else expect(count).toBeGreaterThan(100)
      })
    })

    it('after a line of who had the name before are its rest, though the one that has it now has written nothing', async () => {
      engine.rename('web', 'web-old', at(9))
      engine.add(container('web', '5'.repeat(64)))
      const after = formatCursor(cursorOf(WEB.id.slice(0, 12), { time: at(1), ordinal: 0 }))
      expect((await ask(`${LOGS}?format=text&after=${after}`)).body).toBe('line 2\nline 3\n')
      expect((await ask(`${LOGS}?format=text`)).body).toBe('')
    })

    it('that nobody takes any more cost nothing at the engine', async () => {
      const text = () => `${randomBytes(3_000).toString('base64')}\n` // that a zip makes little smaller
      const big = Array.from({ length: 9_000 }, (_, number) => ({ time: at(number), text: text() }))
      engine.add(WEB, big)
      for (const path of [`${LOGS}?format=text`, `${LOGS}?format=text&follow=true`, `${LOGS}/download?format=zip`]) {
        const response = await begin(path)
        await once(response, 'readable')
        response.destroy()
      }
      await expect.poll(() => engine.open, { timeout: 11_000 }).toBe(0)
    }, 15_000)

    it('are a file, named after the container and the time', async () => {
      const name = /^attachment; filename="web_\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.(log|ndjson|zip)"$/
      for (const [format, type] of [
        ['text', 'text/plain; charset=utf-8'],
        ['ndjson', 'application/x-ndjson'],
        ['zip', 'application/zip'],
      ]) {
        for (const method of ['GET', 'HEAD']) {
          const { status, headers } = await ask(`${LOGS}/download?format=${format}`, { method })
          expect([status, headers['content-type']]).toEqual([200, type])
          expect(headers['content-disposition']).toMatch(name)
        }
      }
      expect((await ask(`${LOGS}/download`)).body).toBe(ALL)
      expect((await ask(`${LOGS}/download?q=2`)).body).toBe('line 2\n')
    })

    it('are no file where they cannot be had', async () => {
      expect(await problemOf('/api/containers/wep/logs/download')).toMatchObject({ status: 404, closest: ['web'] })
      expect((await ask('/api/containers/wep/logs/download')).headers['content-disposition']).toBeUndefined()
      expect(await problemOf(`${LOGS}/download?format=tar`)).toMatchObject({ status: 400, parameter: 'format' })
      expect(await problemOf(`${LOGS}/download?follow=true`)).toMatchObject({ status: 400, parameter: 'follow' })
      expect(await problemOf('/api/logs/download?container=nobody')).toMatchObject({ status: 404 })
      expect(await problemOf('/api/logs/download?format=zip')).toMatchObject({ status: 400, parameter: 'format' })
      engine.readLines = async () => {
        throw new EngineError('unreadable-driver', 'configured logging driver does not support reading')
      }
      for (const format of ['text', 'zip'])
        expect(await problemOf(`${LOGS}/download?format=${format}`)).toMatchObject({ status: 501 })
    })

    it('that are followed end with the client, and their reads with them', async () => {
      const response = await begin(`${LOGS}?format=text&follow=true`)
      const [first] = (await once(response, 'data')) as [Buffer]
      expect(ALL.startsWith(String(first))).toBe(true)
      response.destroy()
      await stop()
      await expect.poll(() => engine.open).toBe(0)
      stop = await serve('/')
    })

    it('are counted among the streams that one address may have', async () => {
      await stop()
      stop = await serve('/', 1)
      await begin(`${LOGS}?format=text&follow=true`)
      expect(await problemOf(`${LOGS}?format=ndjson`)).toMatchObject({ status: 429 })
      expect((await ask(LOGS)).status).toBe(200)
    })
  })

  describe('search of a log', () => {
    const SEARCH = '/api/containers/web/logs/search'
    const incarnation = WEB.id.slice(0, 12)
    const cursorAt = (number: number) => formatCursor(cursorOf(incarnation, { time: at(number), ordinal: 0 }))

    it('gives what it finds, the newest first, with where and between what, and says that it is done', async () => {
      const line = (number: number) => ({ time: at(number), stream: 'stdout', message: `line ${number}` })
      expect(await eventsUntil('done', `${SEARCH}?re=%5B13%5D&context=1`)).toEqual([
        {
          event: 'message',
          id: `${incarnation}.0.000000000.0`,
          data: [
            { ...line(3), cursor: cursorAt(3), ranges: [[5, 6]], before: [line(2)], after: [] },
            { ...line(1), cursor: cursorAt(1), ranges: [[5, 6]], before: [], after: [line(2)] },
          ],
        },
        { event: 'done', id: 'done', data: { complete: true, next: null, lines: 3, matches: 2 } },
      ])
    })

    it('goes forward, too, and on from a line either way', async () => {
      const found = async (query: string, options?: http.RequestOptions) => {
        const events = await eventsUntil('done', `${SEARCH}?q=line&${query}`, options)
        const messages = events.filter(({ event }) => event === 'message')
        return {
          lines: messages.flatMap(({ data }) => (data as Match[]).map(({ message }) => message)),
          done: events.at(-1)?.data,
        }
      }
      const [one, two, three] = ['line 1', 'line 2', 'line 3']
      expect((await found('direction=forward')).lines).toEqual([one, two, three])
      expect(await found('limit=2')).toEqual({
        lines: [three, two],
        done: { complete: false, next: cursorAt(2), lines: 3, matches: 2 },
      })
      expect(await found('limit=2&direction=forward')).toEqual({
        lines: [one, two],
        done: { complete: false, next: cursorAt(2), lines: 3, matches: 2 },
      })
      expect((await found(`before=${cursorAt(2)}`)).lines).toEqual([one])
      expect((await found(`after=${cursorAt(2)}`)).lines).toEqual([three])
      const resumed = { headers: { 'Last-Event-ID': cursorAt(2) } }
      expect((await found(`before=${cursorAt(3)}`, resumed)).lines).toEqual([one])
      expect((await found('direction=forward', resumed)).lines).toEqual([three])
      expect((await found(`since=${at(2)}`)).lines).toEqual([three, two])
      expect((await found(`until=${at(2)}`)).lines).toEqual([two, one])
      expect((await found(`since=${at(2)}&until=${at(2)}&direction=forward`)).lines).toEqual([two])
    })

    it.each(['', 'q=&', 'level=trace,debug,info,warn,error,fatal,none&'])(
      'finds every line where nothing is looked for: %s',
      async (query) => {
        const [message] = await eventsUntil('done', `${SEARCH}?${query}limit=2`)
        expect(((message?.data ?? []) as Match[]).map(({ message, ranges }) => [message, ranges])).toEqual([
          ['line 3', []],
          ['line 2', []],
        ])
      },
    )

    it('has nothing more for an EventSource that comes back after it is done', async () => {
      const { status, body } = await ask(`${SEARCH}?q=line`, { headers: { 'Last-Event-ID': 'done' } })
      expect([status, body]).toEqual([204, ''])
    })

    it.each([
      ['q', 'q=%00'],
      ['q', `q=${'x'.repeat(1001)}`],
      ['re', 're=%28'],
      ['re', `re=${'%28a%2B%29%2B'.repeat(150)}%7B2%7D`],
      ['context', 'q=a&context=1e9'],
      ['context', 'q=a&context=101'],
      ['limit', 'q=a&limit=0'],
      ['limit', 'q=a&limit=10001'],
      ['direction', 'q=a&direction=up'],
      ['since', 'q=a&since=noon'],
      ['before', 'q=a&before=yesterday'],
      ['after', `q=a&before=${CURSOR}&after=${CURSOR}`],
      ['before', `q=a&before=${CURSOR}&direction=forward`],
      ['after', `q=a&after=${CURSOR}&direction=backward`],
      ['tail', 'q=a&tail=10'],
    ])('refuses a wrong %s: %s', async (parameter, query) => {
      const problem = await problemOf(`${SEARCH}?${query}`)
      expect(problem).toMatchObject({ status: 400, parameter })
    })

    it('takes a pattern that would keep a backtracking engine busy for ever', async () => {
      const events = await eventsUntil('done', `${SEARCH}?re=${encodeURIComponent('(a+)+$')}`)
      expect(events.at(-1)?.data).toMatchObject({ complete: true, matches: 0 })
    })

    it('says where a pattern is wrong', async () => {
      expect((await problemOf(`${SEARCH}?re=ab%5Bc`)).detail).toMatch(/at character 3/)
    })

    it('of an unknown container, of a log that cannot be read, and before a line that is gone is a problem', async () => {
      expect(await problemOf('/api/containers/wbe/logs/search?q=a')).toMatchObject({ status: 404, closest: ['web'] })
      const gone = formatCursor(cursorOf('f'.repeat(12), { time: at(1), ordinal: 0 }))
      expect(await problemOf(`${SEARCH}?q=a&before=${gone}`)).toMatchObject({ status: 410 })
      engine.readLines = () =>
        Promise.reject(new EngineError('unreadable-driver', 'configured logging driver does not support reading'))
      expect(await problemOf(`${SEARCH}?q=a`)).toMatchObject({ status: 501 })
    })

    it('of an empty log finds nothing', async () => {
      const events = await eventsUntil('done', '/api/containers/db/logs/search?q=a')
      expect(events).toEqual([
        { event: 'done', id: 'done', data: { complete: true, next: null, lines: 0, matches: 0 } },
      ])
    })

    it('breaks off where the engine does, with the place to go on from as the last id', async () => {
      const many = Array.from({ length: 20_000 }, (_, index) => ({ time: at(index * 1_000), text: `line ${index}\n` }))
      engine.add(WEB, many)
      const readLines = engine.readLines.bind(engine)
      let windows = 0
      engine.readLines = async (id, options) => {
        if (++windows > 4) throw new EngineError('cut', 'the engine closed the connection')
        return readLines(id, options)
      }
      const { body: text } = await ask(`${SEARCH}?q=00&limit=1000`)
      expect(text).not.toContain('event:done')
      const matches = (body: string) =>
        [...body.matchAll(/^data: ?(\[.*)$/gm)].flatMap(([, data]) => JSON.parse(data!) as Match[])
      const [, id] = [...text.matchAll(/^id: ?(.*)$/gm)].at(-1)!
      engine.readLines = readLines
      const rest = await ask(`${SEARCH}?q=00&limit=1000`, { headers: { 'Last-Event-ID': id } })
      const all = [...matches(text), ...matches(rest.body)].map(({ message }) => message)
      expect(matches(text).length).toBeGreaterThan(0)
      expect(all).toEqual(
        many
          .map(({ text }) => text.trim())
          .filter((line) => line.includes('00'))
          .reverse(),
      )
    })

    it('ends its reads at the engine when the client leaves, and counts as a stream until then', async () => {
      await stop()
      stop = await serve('/', 1)
      const endless = vi.fn(() => new Promise<never>(() => {}))
      const signals: AbortSignal[] = []
      engine.readLines = (_id, { signal }) => {
        signals.push(signal)
        return endless()
      }
      const request = http.request({ host: '127.0.0.1', port, path: `${SEARCH}?q=a`, agent: false })
      request.on('error', () => {})
      request.end()
      await expect.poll(() => signals.length).toBe(1)
      expect(await problemOf(`${SEARCH}?q=a`)).toMatchObject({ status: 429 })
      request.destroy()
      await expect.poll(() => signals[0]?.aborted).toBe(true)
    })

    describe('of many containers', () => {
      const DB = container('db', '3'.repeat(64))
      const found = async (query: string) => {
        const events = await eventsUntil('done', `/api/logs/search?q=line&${query}`)
        return {
          lines: events
            .filter(({ event }) => event === 'message')
            .flatMap(({ data }) => (data as Match[]).map((match) => `${match.container} ${match.message}`)),
          done: events.at(-1)?.data as SearchDone,
        }
      }

      beforeEach(() => {
        const written = Array.from({ length: 6_000 }, (_, index) => ({
          time: at(index * 1_000 + 500),
          text: index % 3 === 0 ? `line ${index}\n` : 'no\n',
        }))
        engine.add(DB, written)
        engine.add(
          WEB,
          Array.from({ length: 3_000 }, (_, index) => ({ time: at(index * 2_000), text: `line ${index}\n` })),
        )
      })

      const byTime = [
        ...Array.from({ length: 2_000 }, (_, index) => ({ at: index * 3_000 + 500, text: `db line ${index * 3}` })),
        ...Array.from({ length: 3_000 }, (_, index) => ({ at: index * 2_000, text: `web line ${index}` })),
      ]
        .sort((a, b) => a.at - b.at)
        .map(({ text }) => text)

      it('merges them by time, backward and forward', async () => {
        expect((await found('limit=10000')).lines).toEqual(byTime.toReversed())
        expect((await found('limit=10000&direction=forward')).lines).toEqual(byTime)
        expect((await found('limit=10000&container=db')).lines).toEqual(
          byTime.filter((line) => line.startsWith('db')).reverse(),
        )
      })

      it.each([
        ['backward', 'before'],
        ['forward', 'after'],
      ])('goes on %s from where it stopped, as often as there is more', async (direction, parameter) => {
        const lines: string[] = []
        for (let more = ''; ; ) {
          const { lines: some, done } = await found(`limit=700&direction=${direction}${more}`)
          lines.push(...some)
          if (done.complete) break
          more = `&${parameter}=${done.next}`
        }
        expect(lines).toEqual(direction === 'forward' ? byTime : byTime.toReversed())
      })
    })
  })

  describe('under a base', () => {
    beforeEach(async () => {
      await stop()
      stop = await serve('/logs')
    })

    it('serves everything there and nothing elsewhere', async () => {
      expect((await ask('/logs/healthz')).body).toBe('{"status":"ok"}')
      expect((await ask('/logs/containers/web')).body).toContain('<base href="../"')
      expect((await ask('/logs/assets/page-abc.js')).status).toBe(200)
      expect(await problemOf('/healthz')).toMatchObject({ status: 404 })
      expect(await problemOf('/logsx/healthz')).toMatchObject({ status: 404 })
    })
  })
})
