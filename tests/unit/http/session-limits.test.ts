/** How many streams there may be: counted at the door, given back however an answer ends. */
import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import express from 'express'
import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { HttpProblem } from '../../../server/http/problem.ts'
import { problemHandler } from '../../../server/http/problem-handler.ts'
import { type SessionLimits, sessionLimits } from '../../../server/http/session-limits.ts'
import { clientOf } from '../../../server/sse/client-of.ts'
import type { Problem } from '../../../server/wire.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/**
 * A server with an endless `/stream`, a `/broken` one that throws, a `/late` one that is refused after a while, and `/quick`.
 * The header X-Address stands in for the connection's address.
 */
async function serve(limits: SessionLimits) {
  const app = express()
  const state = { open: 0 }
  app.use((req, res, next) => {
    const address = req.get('X-Address')
    if (address) Object.defineProperty(req.socket, 'remoteAddress', { value: address, configurable: true })
    res.once('close', () => server.emit('left'))
    req.once('close', () => server.emit('left'))
    next()
  })
  app.get('/quick', (_req, res) => void res.send('quick'))
  app.use('/limited', sessionLimits(limits))
  app.get('/limited/stream', (req, res) => {
    if (req.method === 'HEAD') return void res.end()
    state.open++
    res.once('close', () => state.open--)
    res.flushHeaders()
  })
  app.get('/limited/broken', () => {
    throw new HttpProblem(400, 'broken')
  })
  app.get('/limited/late', async () => {
    await new Promise(setImmediate)
    throw new HttpProblem(404, 'late')
  })
  app.use(problemHandler(pino({ level: 'silent' })))
  const server = http.createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })

  const ask = async (path = '/limited/stream', options: http.RequestOptions = {}): Promise<IncomingMessage> => {
    const request = http.request({ host: '127.0.0.1', port, path, agent: false, ...options }).end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.on('error', () => {})
    return response
  }
  const from = (address: string) => ask('/limited/stream', { headers: { 'X-Address': address } })
  /** Leaves as a closed tab does, and waits until the server knows. */
  const leave = async (response: IncomingMessage) => {
    const open = state.open
    response.destroy()
    while (state.open === open) await once(server, 'left')
  }
  return { ask, from, leave, state, port, server }
}

async function problemOf(response: IncomingMessage): Promise<Problem> {
  let body = ''
  for await (const chunk of response) body += chunk
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json\b/)
  return JSON.parse(body) as Problem
}

const FEW = { maxSessions: 3, maxSessionsPerAddress: 2 }

describe('session limits', () => {
  it('answer 429 to one more of an address, saying what the limit is and how to change it', async () => {
    const { ask } = await serve(FEW)
    await ask()
    await ask()
    const refused = await ask()
    expect(refused.statusCode).toBe(429)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    const { title, detail } = await problemOf(refused)
    expect(title).toBe('Too Many Requests')
    expect(detail).toMatch(
      /^Too many streams from your address; the maximum is 2\. .*--max-sessions-per-address.*SLUICE_MAX_SESSIONS_PER_ADDRESS.*proxy/,
    )
  })

  it('answer 503 to one more of anybody, saying what the limit is and how to change it', async () => {
    const { from } = await serve(FEW)
    for (const address of ['10.0.0.1', '10.0.0.1', '10.0.0.2']) expect((await from(address)).statusCode).toBe(200)
    const refused = await from('10.0.0.3')
    expect(refused.statusCode).toBe(503)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect((await problemOf(refused)).detail).toMatch(
      /^Too many streams; the maximum is 3\. .*--max-sessions \(SLUICE_MAX_SESSIONS\)/,
    )
  })

  it('admit the next when one has left, and no more than that', async () => {
    const { ask, leave } = await serve(FEW)
    const first = await ask()
    await ask()
    for (let last = first, round = 0; round < 20; round++) {
      expect((await ask()).statusCode).toBe(429)
      await leave(last)
      last = await ask()
      expect(last.statusCode).toBe(200)
    }
  })

  it('count none that was refused by a route, at once or later', async () => {
    const { ask, server } = await serve(FEW)
    for (const path of ['/limited/broken', '/limited/late', '/limited/nowhere']) {
      for (let round = 0; round < 5; round++) {
        const left = once(server, 'left')
        const response = (await ask(path)).resume()
        expect([400, 404]).toContain(response.statusCode)
        await left
      }
    }
    expect((await ask()).statusCode).toBe(200)
    expect((await ask()).statusCode).toBe(200)
  })

  it('do not count HEAD', async () => {
    const { ask } = await serve(FEW)
    await ask()
    await ask()
    expect((await ask('/limited/stream', { method: 'HEAD' })).statusCode).toBe(200)
  })

  it('are not evaded by what a header says', async () => {
    const { ask } = await serve(FEW)
    await ask()
    await ask()
    for (const name of ['X-Forwarded-For', 'Forwarded', 'X-Real-IP']) {
      expect((await ask('/limited/stream', { headers: { [name]: '10.9.9.9' } })).statusCode).toBe(429)
    }
  })

  it('count the addresses of one IPv6 network as one client', async () => {
    const { from } = await serve(FEW)
    await from('2001:db8:1:2::1')
    await from('2001:db8:1:2:ffff::2')
    expect((await from('2001:db8:1:2:abcd:1234:5678:9')).statusCode).toBe(429)
    expect((await from('2001:db8:1:3::1')).statusCode).toBe(200)
  })

  it('give back what was pipelined behind a stream and never began', async () => {
    const { ask, state, port, server } = await serve({ maxSessions: 4, maxSessionsPerAddress: 4 })
    const client = connect(port, '127.0.0.1')
    client.write('GET /limited/stream HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(4))
    await once(client, 'data')
    expect((await ask()).statusCode).toBe(429)
    expect(state.open).toBe(1)
    client.destroy()
    while (state.open > 0) await once(server, 'left')
    await new Promise(setImmediate) // the four requests are closed one after the other
    for (let n = 0; n < 4; n++) expect((await ask()).statusCode).toBe(200)
  })

  it('let a stream begin that was pipelined behind an answer that is complete', async () => {
    const { port } = await serve(FEW)
    const client = connect(port, '127.0.0.1').setEncoding('utf8')
    client.write('GET /quick HTTP/1.1\r\nHost: x\r\n\r\nGET /limited/stream HTTP/1.1\r\nHost: x\r\n\r\n')
    let text = ''
    for await (const chunk of client) {
      text += chunk
      if (text.split('HTTP/1.1 200 OK').length === 3) return
    }
    throw new Error(`the connection ended: ${text}`)
  })
})

describe('clientOf', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::FFFF:10.1.2.3', '10.1.2.3'],
    ['::1', '0:0:0:0::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:3:4:5::', '2001:db8:1:2::/64'],
    ['2001::4:5:6', '2001:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
  ])('of %s is %s', (address, client) => {
    expect(clientOf(address)).toBe(client)
  })
})
