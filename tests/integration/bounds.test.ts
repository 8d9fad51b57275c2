/** What a client may ask for without end has a bound, and a client that meets it is told; nobody else notices. */
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Problem } from '../../server/wire.ts'
import { uniqueName } from '../engine/engine.ts'
import { startFaultProxy } from '../engine/fault-proxy.ts'
import { useEngine } from '../engine/use-engine.ts'
import { type Sluice, startSluice } from '../sluice/server.ts'

const engine = useEngine()

const open = new Set<ClientRequest>()
afterEach(() => {
  for (const one of open) one.destroy()
  open.clear()
})

/** Asks on a connection of its own; its place is free again when it is destroyed. */
function begin(sluice: Sluice, path: string, headers: Record<string, string> = {}): ClientRequest {
  const one = request(new URL(path, sluice.url), { agent: false, headers })
  open.add(one)
  one.on('error', () => {})
  return one.end()
}

async function ask(sluice: Sluice, path: string, headers?: Record<string, string>): Promise<IncomingMessage> {
  const [response] = (await once(begin(sluice, path, headers), 'response')) as [IncomingMessage]
  return response.on('error', () => {})
}

/** A stream that is admitted as soon as there is a place: a client that has left is known to have when its connection is closed. */
async function admitted(sluice: Sluice, path: string): Promise<IncomingMessage> {
  let response: IncomingMessage | undefined
  const status = async () => {
    response = await ask(sluice, path)
    if (response.statusCode !== 200) response.destroy()
    return response.statusCode
  }
  await expect.poll(status, { timeout: 10_000, interval: 20 }).toBe(200)
  return response!
}

async function problemOf(response: IncomingMessage): Promise<Problem> {
  let body = ''
  for await (const chunk of response) body += chunk
  return JSON.parse(body) as Problem
}

/** Until the stream has brought this text. */
async function receives(response: IncomingMessage, text: string): Promise<void> {
  response.setEncoding('utf8')
  for (let seen = ''; !seen.includes(text); ) [seen] = [seen + (await once(response, 'data'))[0]]
}

const logs = (name: string) => `/api/containers/${name}/logs/stream`

describe('streams', () => {
  it('of one address are 200: the next is refused until one leaves, and the others go on', async () => {
    const sluice = await startSluice({ engine: engine.socket })
    const container = await engine.run({ name: uniqueName() })
    const streams = await Promise.all(Array.from({ length: 200 }, () => ask(sluice, logs(container.name))))
    expect(streams.map(({ statusCode }) => statusCode)).toEqual(streams.map(() => 200))

    for (const path of [logs(container.name), '/api/events']) {
      const refused = await ask(sluice, path, { 'X-Forwarded-For': '10.9.9.9' })
      expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '5'])
      expect(refused.headers['content-type']).toMatch(/^application\/problem\+json\b/)
      expect(await problemOf(refused)).toMatchObject({
        status: 429,
        detail: expect.stringMatching(/the maximum is 200\./),
      })
    }
    const received = streams.map((stream) => receives(stream, 'to all 200'))
    await container.write('stdout', 'to all 200\n')
    await Promise.all(received)

    streams[0]!.destroy()
    const next = await admitted(sluice, logs(container.name))
    await receives(next, 'to all 200')
    expect((await ask(sluice, '/api/events')).statusCode).toBe(429)
    expect((await ask(sluice, '/healthz')).statusCode).toBe(200)
  })

  it('of all addresses have a bound as well', async () => {
    const sluice = await startSluice({ engine: engine.socket, args: ['--max-sessions', '3'] })
    for (let n = 0; n < 3; n++) expect((await ask(sluice, '/api/events')).statusCode).toBe(200)
    const refused = await ask(sluice, '/api/events')
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '5'])
    expect((await problemOf(refused)).detail).toContain('--max-sessions')
    const head = request(new URL('/api/events', sluice.url), { agent: false, method: 'HEAD' }).end()
    expect(((await once(head, 'response')) as [IncomingMessage])[0].statusCode).toBe(200)
  })

  it('that were opened and killed, 500 of them at any moment of theirs, leave every place free', async () => {
    const env = { SLUICE_MAX_SESSIONS_PER_ADDRESS: '20' }
    const sluice = await startSluice({ engine: engine.socket, env })
    const { name } = await engine.run({ name: uniqueName() })
    const paths = [logs(name), '/api/events', logs(`${name}-absent`), `${logs(name)}?tail=x`, logs(name)]
    for (let wave = 0; wave < 50; wave++) {
      const ten = Array.from({ length: 10 }, (_, n) => begin(sluice, paths[n % paths.length]!))
      // Killed when one of them is connected, sent, answered or has had data: the others are anywhere before or after that.
      const witness = ten[wave % 2]!
      if (wave % 5 === 0) await once(witness, 'socket')
      else if (wave % 5 === 1) await once(witness, 'finish')
      else {
        const [response] = (await once(witness, 'response')) as [IncomingMessage]
        if (wave % 5 === 3) await once(response, 'data')
      }
      for (const one of ten) one.destroy()
    }
    for (let n = 0; n < 20; n++) await admitted(sluice, logs(name))
    expect((await ask(sluice, logs(name))).statusCode).toBe(429)
  })

  it('pipelined behind a stream, which can never be answered, leave nothing behind at the engine or at the door', async () => {
    const proxy = await startFaultProxy(engine.socket)
    const sluice = await startSluice({ engine: proxy.socket, args: ['--max-sessions-per-address', '5'] })
    const [first, second] = [await engine.run({ name: uniqueName() }), await engine.run({ name: uniqueName() })]
    const { hostname, port } = new URL(sluice.url)
    const client = connect(Number(port), hostname)
    client.write(
      [first, second, second, second, second]
        .map(({ name }) => `GET ${logs(name)} HTTP/1.1\r\nHost: x\r\n\r\n`)
        .join(''),
    )
    await once(client, 'data')
    client.destroy()
    for (let n = 0; n < 5; n++) await admitted(sluice, '/api/events')
    expect(proxy.requests.filter(({ path }) => path.includes(second.id) && path.includes('follow'))).toEqual([])
    await proxy.close()
  })
})

describe('a request line and headers', () => {
  /** The status line of the answer to these bytes; `reset` where the server, closing while we wrote, cut its answer off. */
  async function statusOf(sluice: Sluice, bytes: string): Promise<string> {
    const { hostname, port } = new URL(sluice.url)
    const client = connect(Number(port), hostname).setEncoding('utf8')
    const text = await new Promise<string>((resolve) => {
      client.once('data', (data) => resolve(String(data)))
      client.on('error', () => resolve('reset'))
      client.write(bytes)
    })
    client.destroy()
    return text.split('\r\n')[0]!
  }

  it('above 16 KiB are answered 431, as often as they are sent, and the streams that are open go on', async () => {
    // Whoever starts it may have raised Node's own limit: it is Sluice's that counts.
    const sluice = await startSluice({ engine: engine.socket, env: { NODE_OPTIONS: '--max-http-header-size=1000000' } })
    const container = await engine.run({ name: uniqueName() })
    const stream = await ask(sluice, logs(container.name))
    const long = 'x'.repeat(17 * 1024)
    const requests = [
      `GET /${long} HTTP/1.1\r\nHost: x\r\n\r\n`,
      `GET /api/events?x=${long} HTTP/1.1\r\nHost: x\r\n\r\n`,
      `GET /api/events HTTP/1.1\r\nHost: x\r\nX-Long: ${long}\r\n\r\n`,
      `GET /api/events HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(9_000)}\r\n`,
      `GET /api/events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: ${long.repeat(60)}`, // never ends, nor has to
    ]
    for (const bytes of requests) {
      const statuses = new Set<string>()
      for (let round = 0; round < 20; round++) statuses.add(await statusOf(sluice, bytes))
      statuses.delete('reset')
      expect([...statuses]).toEqual(['HTTP/1.1 431 Request Header Fields Too Large'])
    }
    expect(await statusOf(sluice, `GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ${long.slice(2_048)}\r\n\r\n`)).toBe(
      'HTTP/1.1 200 OK',
    )
    const received = receives(stream, 'still here')
    await container.write('stdout', 'still here\n')
    await received
    expect(sluice.log()).not.toMatch(/error|warn/i)
  })
})
