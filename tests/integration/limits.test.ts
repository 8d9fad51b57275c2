/**
 * What one client may cost the others, and what clients and engines may do without being an error: on a fake engine, as most
 * of it takes hundreds of containers or an engine that goes away at the right moment.
 */
import { once } from 'node:events'
import { type IncomingMessage, type RequestOptions, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Problem } from '../../server/wire.ts'
import { type FakeEngine, startFakeEngine } from '../engine/fake-engine.ts'
import { RawStream } from '../sluice/raw-stream.ts'
import { type Sluice, startSluice } from '../sluice/server.ts'
import { at, frame, stamped } from '../unit/logs/frames.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

function lines(count: number, text = (n: number) => `line ${n}`): Buffer[] {
  return Array.from({ length: count }, (_, n) => frame('stdout', stamped(at(n * 1_000), `${text(n)}\n`)))
}

async function started(
  fill: (fake: FakeEngine) => void,
  args: string[] = [],
): Promise<{ fake: FakeEngine; sluice: Sluice }> {
  const fake = await startFakeEngine()
  fill(fake)
  const sluice = await startSluice({ engine: fake.socket, args })
  await expect.poll(async () => (await fetch(`${sluice.url}api/containers`)).status).toBe(200)
  return { fake, sluice }
}

/** On a connection of its own, unread. `host`: the last part of the loopback address it comes from. */
async function ask(sluice: Sluice, path: string, options: RequestOptions = {}, host = 1): Promise<IncomingMessage> {
  const asked = request(new URL(path, sluice.url), { agent: false, localAddress: `127.0.0.${host}`, ...options })
  closing.push(() => asked.destroy())
  asked.on('error', () => {}).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  return response.pause().on('error', () => {})
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of response) text += chunk
  return text
}

/** Of many, each of another incarnation. */
const idOf = (n: number) => (n + 1).toString(16).padStart(12, '0').padEnd(64, 'a')

const LOGS = 'api/containers/web/logs'

/** Whatever reads a known container from the engine. */
const READS = [
  'api/containers',
  LOGS,
  `${LOGS}?format=text`,
  `${LOGS}?format=ndjson`,
  `${LOGS}?format=text&follow=true`,
  `${LOGS}/download`,
  `${LOGS}/download?format=zip`,
  'api/logs/download?container=web',
  'api/logs/download',
  `${LOGS}/search?q=line`,
  'api/logs/search?q=line',
]

const STREAMS = [`${LOGS}/stream`, 'api/logs/stream?container=web', 'api/logs/stream']

describe('while the engine is away', () => {
  it('what needs it answers 503 with what was tried and when to come back, a fresh stream too', async () => {
    const { fake, sluice } = await started((engine) => engine.add({ name: 'web', pieces: lines(3) }))
    for (const path of [...READS, ...STREAMS]) expect([path, (await ask(sluice, path)).statusCode]).toEqual([path, 200])
    fake.close()
    await expect.poll(async () => (await textOf(await ask(sluice, 'api/containers'))).includes(fake.socket)).toBe(true)
    for (const path of [...READS, ...STREAMS]) {
      const response = await ask(sluice, path)
      expect([path, response.statusCode, response.headers['retry-after']]).toEqual([path, 503, '2'])
      const { detail } = JSON.parse(await textOf(response)) as Problem
      expect(detail).toBe(
        `Can't reach Docker on fake. unix://${fake.socket}: No such socket. Is Docker running, and is its socket mounted?`,
      )
      expect([path, (await ask(sluice, path, { method: 'HEAD' })).statusCode]).toEqual([
        path,
        path.includes('stream') || path.includes('search') ? 200 : 503,
      ])
    }
    expect(sluice.log()).not.toMatch(/"level":[56]0/)
  })

  it('a stream that resumes opens and goes on when it is back, as one that waits does', async () => {
    const { fake, sluice } = await started((engine) => engine.add({ name: 'web', pieces: lines(3) }))
    const id = (await new RawStream(`${sluice.url}${LOGS}/stream`).live()).events.findLast((event) => event.id)!.id!
    fake.close()
    await expect.poll(async () => (await ask(sluice, LOGS)).statusCode).toBe(503)
    for (const path of STREAMS) {
      expect([path, (await ask(sluice, path, { headers: { 'Last-Event-ID': id } })).statusCode]).toEqual([path, 200])
      expect([path, (await ask(sluice, `${path}${path.includes('?') ? '&' : '?'}wait=true`)).statusCode]).toEqual([
        path,
        200,
      ])
    }
  })

  it('that was never there, all of it is 503 as well', async () => {
    const sluice = await startSluice({ engine: '/nowhere/docker.sock' })
    for (const path of [...READS, ...STREAMS]) {
      const response = await ask(sluice, path)
      expect([path, response.statusCode, response.headers['retry-after']]).toEqual([path, 503, '2'])
      expect((JSON.parse(await textOf(response)) as Problem).detail).toContain('unix:///nowhere/docker.sock: ')
    }
  })
})

describe('a stream as it is written', () => {
  /** What go-sse and httpx-sse dispatch: for any block that holds a field. */
  const blocksOf = (text: string) =>
    text.split('\n\n').map((block) => block.split('\n').filter((line) => !line.startsWith(':')))

  it.each([
    ['of a container', `${LOGS}/stream`, 'live'],
    ['of many', 'api/logs/stream', 'live'],
    ['of the containers', 'api/events', 'containers'],
    ['of a search', `${LOGS}/search?q=line`, 'done'],
  ])(
    '%s says when to come back in its first event and in its last, and in no block of its own',
    async (_what, path, until) => {
      const { sluice } = await started((engine) => engine.add({ name: 'web', pieces: lines(3) }))
      const response = (await ask(sluice, path)).resume()
      let text = ''
      response.on('data', (data) => {
        text += data
      })
      await expect.poll(() => text).toContain(`event:${until}\n`)
      await sluice.stop()
      await expect.poll(() => response.complete || response.destroyed).toBe(true)
      const blocks = blocksOf(text)
      expect(blocks.pop()).toEqual([''])
      expect(blocks[0]).toContain('retry:1000')
      expect(blocks[0]!.some((line) => line.startsWith('data:'))).toBe(true)
      expect(blocks.at(-1)).toContain('retry:500')
      expect(blocks.at(-1)).toContain(`event:${until === 'done' ? 'done' : 'end'}`)
      for (const block of blocks) expect(block.some((line) => /^(data|id):/.test(line))).toBe(true)
    },
  )
})

describe('a malformed Host header or target', () => {
  const PATHS = ['', 'containers/web', 'healthz', 'nowhere', 'api/openapi.json', 'api/events', ...READS, ...STREAMS]

  async function statusOf(sluice: Sluice, head: string): Promise<string> {
    const { hostname, port } = new URL(sluice.url)
    const socket = connect(Number(port), hostname).on('error', () => {})
    closing.push(() => socket.destroy())
    socket.write(head)
    const [data] = (await once(socket, 'data')) as [Buffer]
    socket.destroy()
    return String(data).split('\r\n')[0]!
  }

  it('is 400 on every route, and nothing in the log', async () => {
    const { sluice } = await started((engine) => engine.add({ name: 'web', pieces: lines(3) }))
    const hosts = [
      'a b',
      'x:y',
      '[::1',
      'x:99999',
      'user@x',
      'x/y',
      'x?y',
      'x#y',
      'x\\y',
      '%zz',
      'a\tb',
      '[',
      ':',
      '{}<>',
    ]
    for (const path of PATHS) {
      for (const host of hosts) {
        const head = `GET /${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
        expect([path, host, await statusOf(sluice, head)]).toEqual([path, host, 'HTTP/1.1 400 Bad Request'])
      }
      for (const [one, other] of [
        ['x', 'y'],
        ['x', 'x'],
        ['', 'x'],
        ['x', ''],
      ]) {
        const status = await statusOf(sluice, `GET /${path} HTTP/1.1\r\nHost: ${one}\r\nhost: ${other}\r\n\r\n`)
        expect([path, one, other, status]).toEqual([path, one, other, 'HTTP/1.1 400 Bad Request'])
      }
      for (const target of ['http://x:99999', 'http://user:secret@x']) {
        const status = await statusOf(sluice, `GET ${target}/${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
        expect([path, target, status]).toEqual([path, target, 'HTTP/1.1 400 Bad Request'])
      }
    }
    expect(sluice.log()).not.toMatch(/"level":[456]0|TypeError/)
  })

  it('is a header that decides twice: the length or the position to resume from, given once more', async () => {
    const { sluice } = await started((engine) => engine.add({ name: 'web', pieces: lines(3) }))
    const id = `${idOf(0).slice(0, 12)}.1795341723.000000000.0`
    const headers = [
      'Content-Length: 0\r\nContent-Length: 0',
      'Content-Length: 0\r\nTransfer-Encoding: chunked',
      `Last-Event-ID: ${id}\r\nLast-Event-ID: ${id}`,
    ]
    for (const more of headers)
      for (const path of STREAMS)
        expect(await statusOf(sluice, `GET /${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n\r\n`)).toBe(
          'HTTP/1.1 400 Bad Request',
        )
  })

  it.each(['localhost', 'x:8080', '[::1]:8080', 'logs.example.org', 'a_b.local', ''])(
    'is not one such as "%s"',
    async (host) => {
      const { sluice } = await started((engine) => engine.add({ name: 'web', pieces: lines(3) }))
      for (const path of ['healthz', 'api/events', `${LOGS}/stream`, `${LOGS}/search?q=line`]) {
        expect(await statusOf(sluice, `GET /${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).toBe('HTTP/1.1 200 OK')
      }
      expect(await statusOf(sluice, 'GET /api/events HTTP/1.0\r\n\r\n')).toBe('HTTP/1.1 200 OK')
    },
  )
})

describe('clients that leave early', () => {
  const LEAVE: Readonly<Record<string, (socket: Socket) => unknown>> = {
    'at once': () => {},
    'with the head': (socket) => once(socket, 'data'),
    'in the middle': async (socket) => {
      await once(socket, 'data')
      await once(socket, 'data')
    },
  }
  const HOW: Readonly<Record<string, (socket: Socket) => void>> = {
    close: (socket) => socket.destroy(),
    reset: (socket) => socket.resetAndDestroy(),
  }

  it('are no errors, on whichever route and however they leave', async () => {
    const big = lines(9_000, (n) => `line ${n} ${'x'.repeat(2_000)}`)
    const { fake, sluice } = await started((engine) =>
      engine.add({ name: 'web', pieces: big }).add({ name: 'db', pieces: big }),
    )
    const { hostname, port } = new URL(sluice.url)
    const zipped = 'Accept-Encoding: gzip\r\n'
    const paths = [
      ...READS,
      ...STREAMS,
      'api/events',
      `${LOGS}?limit=10000`,
      'api/openapi.json',
      'api/logs/stream?tail=10000',
    ]
    for (const path of paths) {
      for (const until of Object.values(LEAVE)) {
        for (const leave of Object.values(HOW)) {
          const socket = connect(Number(port), hostname).on('error', () => {})
          await once(socket, 'connect')
          const requests = fake.requests.length
          socket.write(`GET /${path} HTTP/1.1\r\nHost: x\r\n${path.includes('download') ? zipped : ''}\r\n`)
          // What has less to send than is waited for is done by then.
          await Promise.race([until(socket), once(socket, 'close'), until === LEAVE['at once'] || idle(fake, requests)])
          leave(socket)
        }
      }
    }
    for (let n = 0; n < 5; n++) expect((await ask(sluice, `${LOGS}?limit=1`)).statusCode).toBe(200)
    expect(sluice.log()).not.toMatch(/"level":[456]0/)
  })

  /** Resolves a good while after the engine was asked for the last time. */
  async function idle(fake: FakeEngine, since: number): Promise<void> {
    for (let before = since, quiet = 0; quiet < 5; before = fake.requests.length) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      quiet = fake.requests.length === before ? quiet + 1 : 0
    }
  }

  it('while the engine has not answered yet are none either', async () => {
    const { fake, sluice } = await started((engine) => engine.add({ name: 'web', pieces: lines(3) }))
    const held: (() => void)[] = []
    fake.answer(/\/logs/, (_request, response) => void held.push(() => response.destroy()))
    for (const path of READS.filter((each) => each !== 'api/containers')) {
      const asked = request(new URL(path, sluice.url), { agent: false })
        .on('error', () => {})
        .end()
      await expect.poll(() => held.length).toBeGreaterThan(0)
      await new Promise((resolve) => asked.once('close', resolve).destroy())
      for (const letGo of held.splice(0)) letGo()
    }
    expect((await ask(sluice, 'healthz')).statusCode).toBe(200)
    await sluice.stop()
    expect(sluice.log()).not.toMatch(/"level":[56]0/)
  })
})

describe('what one client asks for', () => {
  it('1 000 pages that it does not read: few are read at once, the rest waits or is refused, and another visitor gets its page', async () => {
    const wide = lines(3_000, (n) => `line ${n} ${'x'.repeat(8_000)}`)
    const { fake, sluice } = await started((engine) => engine.add({ name: 'web', pieces: wide }))
    let [reading, most] = [0, 0]
    fake.answer(/\/logs\?.*follow=0/, (_request, response) => {
      most = Math.max(most, ++reading)
      response.once('close', () => reading--)
      response.end(Buffer.concat(wide))
    })
    const statuses: (number | undefined)[] = []
    for (let n = 0; n < 1_000; n++)
      void ask(sluice, `${LOGS}?limit=10000`).then(
        ({ statusCode }) => statuses.push(statusCode),
        () => {},
      )
    await expect
      .poll(() => statuses.filter((status) => status === 429).length, { timeout: 20_000 })
      .toBeGreaterThan(300)
    for (let n = 0; n < 3; n++) {
      const page = JSON.parse(await textOf(await ask(sluice, `${LOGS}?limit=2`, {}, 2))) as { lines: unknown[] }
      expect(page.lines).toHaveLength(2)
    }
    expect(most).toBeLessThanOrEqual(9) // four of the one, as many that were slow, one of the other
    expect(statuses.filter((status) => status === 200).length).toBeLessThan(20)
    expect(sluice.log()).not.toMatch(/"level":[56]0/)
  })

  it('400 HEADs of downloads: the engine is asked for nothing', async () => {
    const { fake, sluice } = await started((engine) => {
      for (let n = 0; n < 200; n++) engine.add({ name: `many-${n}`, id: idOf(n), pieces: lines(2) })
    })
    const before = fake.count(/\/logs/)
    const heads = [
      'api/logs/download',
      'api/containers/many-7/logs/download',
      'api/containers/many-7/logs',
      'api/containers/many-7/logs?format=text',
      'api/containers/many-7/logs/download?format=zip',
    ]
    const asked = Array.from({ length: 400 }, (_, n) => ask(sluice, heads[n % heads.length]!, { method: 'HEAD' }))
    for (const { statusCode } of await Promise.all(asked)) expect([200, 429]).toContain(statusCode)
    const responses = await Promise.all(heads.map((path) => ask(sluice, path, { method: 'HEAD' })))
    expect(responses.map(({ statusCode, headers }) => [statusCode, headers['content-type']])).toEqual([
      [200, 'application/zip'],
      [200, 'text/plain; charset=utf-8'],
      [200, 'application/json; charset=utf-8'],
      [200, 'text/plain; charset=utf-8'],
      [200, 'application/zip'],
    ])
    expect(fake.count(/\/logs/)).toBe(before)
  })

  it('logs that the engine sends a byte a second: another container is read, and a search has what the others have', async () => {
    const { fake, sluice } = await started((engine) => {
      for (let n = 0; n < 5; n++) engine.add({ name: `slow-${n}`, id: idOf(n), pieces: lines(3) })
      engine.add({ name: 'web', pieces: lines(3) })
    })
    fake.answer(/\/0{11}[1-5]a+\/logs/, (_request, response) => {
      const log = Buffer.concat(lines(3))
      let sent = 0
      response.writeHead(200).flushHeaders()
      const timer = setInterval(() => response.write(log.subarray(sent, ++sent)), 1_000)
      response.once('close', () => clearInterval(timer))
    })
    const search = ask(sluice, 'api/logs/search?q=line', {}, 2).then(textOf)
    let answered = 0
    const slow = [0, 1, 2, 3, 4].map(async (n) => {
      const response = await ask(sluice, `api/containers/slow-${n}/logs`)
      answered++
      return response
    })
    const page = await ask(sluice, LOGS)
    expect((JSON.parse(await textOf(page)) as { lines: unknown[] }).lines).toHaveLength(3)
    expect(answered).toBe(0)
    for (const response of await Promise.all(slow)) {
      expect(response.statusCode).toBe(504)
      expect((JSON.parse(await textOf(response)) as Problem).detail).toMatch(
        /Docker sent only \d+ bytes of the log in 15 s/,
      )
    }
    const events = await search
    expect(events.match(/"message":"line \d"/g)).toHaveLength(3)
    expect(events.match(/^event: ?gap$/gm)).toHaveLength(5)
    expect(events.match(/"detail":"Docker sent only \d+ bytes of the log in 15 s"/g)).toHaveLength(5)
    expect(events).toMatch(/^event: ?done$/m)
  })

  it('merged streams of 200 containers: each brings every line once, and others are served while they open', async () => {
    const { sluice } = await started((engine) => {
      for (let n = 0; n < 200; n++)
        engine.add({
          name: `many-${n}`,
          id: idOf(n),
          pieces: lines(5, (line) => `${n}/${line}`),
        })
    })
    let open = 0
    const viewers = Array.from({ length: 20 }, () => new RawStream(`${sluice.url}api/logs/stream`))
    const lives = viewers.map((viewer) => viewer.live().then(() => open++))
    let served = 0
    while (open < viewers.length) {
      await Promise.race([ask(sluice, 'healthz', {}, 2).then(() => served++), Promise.all(lives)])
    }
    const all = Array.from({ length: 200 }, (_, n) => Array.from({ length: 5 }, (_, line) => `${n}/${line}`))
      .flat()
      .sort()
    for (const viewer of viewers) expect(viewer.lines.map(({ message }) => message).sort()).toEqual(all)
    expect(served).toBeGreaterThan(20)
    const ids = viewers.map((viewer) => viewer.events.findLast(({ id }) => id)!.id!)
    for (const viewer of viewers) viewer.close()
    const resumed = ids.map((id) => new RawStream(`${sluice.url}api/logs/stream`, { 'Last-Event-ID': id }))
    for (const viewer of resumed) {
      await viewer.live()
      expect(viewer.lines).toEqual([])
      expect(viewer.gaps).toEqual([])
    }
  })
})
