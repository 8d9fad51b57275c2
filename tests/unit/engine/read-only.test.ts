/** The guard, before a real server that counts the bytes it gets: a GET or HEAD passes, nothing else does. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readOnlyAgent } from '../../../server/engine/read-only.ts'

/** A real server on a socket of its own, which counts the bytes that come and keeps the requests they make. */
class Recorder {
  readonly folder = mkdtempSync(join(tmpdir(), 'sluice-unit-'))
  readonly socketPath = join(this.folder, 'docker.sock')
  readonly requests: string[] = []
  readonly #open = new Set<net.Socket>()
  readonly #server = http.createServer((req, res) => {
    this.requests.push(`${req.method} ${req.url} ${req.headers.connection}`)
    res.end('ok')
  })
  #bytes = 0

  async listen(): Promise<void> {
    this.#server.on('connection', (socket) => {
      this.#open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#open.delete(socket)
        this.#bytes += socket.bytesRead
      })
    })
    this.#server.on('clientError', (_error, socket) => socket.destroy())
    this.#server.on('upgrade', (req, socket) => {
      this.requests.push(`upgrade ${req.url}`)
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
    })
    this.#server.listen(this.socketPath)
    await once(this.#server, 'listening')
  }

  /** How many bytes came, counted once every connection made so far is closed. */
  async bytes(): Promise<number> {
    const probe = net.connect(this.socketPath)
    await once(this.#server, 'connection') // connections are accepted in order
    probe.destroy()
    for (const socket of this.#open) await once(socket, 'close')
    return this.#bytes
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    rmSync(this.folder, { recursive: true })
  }
}

describe('the read-only agent', () => {
  let recorder: Recorder
  const agent = readOnlyAgent('http')

  beforeEach(async () => {
    recorder = new Recorder()
    await recorder.listen()
  })
  afterEach(() => recorder.close())

  const options = (method: string, headers: http.OutgoingHttpHeaders = {}) => ({
    socketPath: recorder.socketPath,
    path: '/containers/web/json',
    method,
    agent,
    headers,
  })

  /** Sends and resolves with what became of it. */
  function send(method: string, body?: string | Buffer, headers?: http.OutgoingHttpHeaders): Promise<string> {
    return new Promise((resolve) => {
      const request = http.request(options(method, headers), (res) => {
        res.resume().on('end', () => resolve(`answered ${res.statusCode}`))
      })
      request.on('upgrade', (_res, socket) => {
        socket.destroy()
        resolve('upgraded')
      })
      request.on('error', (error) => resolve(error.name))
      request.end(body)
    })
  }

  /** A guarded connection as the agent makes it, connected. */
  async function connect(): Promise<net.Socket> {
    const socket = agent.createConnection({ path: recorder.socketPath } as http.ClientRequestArgs) as net.Socket
    socket.on('error', () => {})
    await once(socket, 'connect')
    return socket
  }

  const GET = 'GET /info HTTP/1.1\r\nHost: docker\r\n\r\n'

  it.each(['GET', 'HEAD'])('lets a %s pass', async (method) => {
    expect(await send(method)).toBe('answered 200')
    expect(recorder.requests).toEqual([`${method} /containers/web/json close`])
  })

  it.each([
    ['POST', undefined],
    ['POST', '{"a":1}'],
    ['PUT', 'x'],
    ['PATCH', 'x'],
    ['DELETE', undefined],
    ['OPTIONS', undefined],
    ['GET', 'a body'],
    ['GET', Buffer.from('a body')],
    ['GET', Buffer.alloc(100_000, 'x')],
    ['HEAD', 'a body'],
  ])('stops a %s with the body %j before its first byte', async (method, body) => {
    expect(await send(method, body)).toBe('ReadOnlyError')
    expect(await recorder.bytes()).toBe(0)
  })

  it('stops a body that is written bit by bit', async () => {
    const request = http.request(options('GET', { 'Transfer-Encoding': 'chunked' }))
    const failed = once(request, 'error')
    request.write('{"Cmd":')
    request.write('["sh"]}')
    const [error] = (await failed) as [Error]
    expect(error.name).toBe('ReadOnlyError')
    expect(await recorder.bytes()).toBe(0)
  })

  it('stops a request to upgrade, which would open a way in', async () => {
    expect(await send('GET', undefined, { Connection: 'Upgrade', Upgrade: 'tcp' })).toBe('ReadOnlyError')
    expect(await recorder.bytes()).toBe(0)
  })

  it('stops a request that announces a body', async () => {
    expect(await send('GET', undefined, { 'Content-Length': '5' })).toBe('ReadOnlyError')
    expect(await recorder.bytes()).toBe(0)
  })

  it('stops a second request on the same connection', async () => {
    const socket = await connect()
    expect(socket.write(GET)).toBe(true)
    await once(socket, 'data')
    expect(socket.write('POST /containers/web/kill HTTP/1.1\r\nHost: docker\r\n\r\n')).toBe(false)
    expect(socket.destroyed).toBe(true)
    expect(recorder.requests).toEqual(['GET /info undefined'])
    expect(await recorder.bytes()).toBe(GET.length)
  })

  it.each([
    ['two requests in one', `${GET}POST /containers/web/kill HTTP/1.1\r\nHost: docker\r\n\r\n`],
    ['a request line that is cut', 'GET /info'],
    ['a head that is cut', 'GET /info HTTP/1.1\r\nHost: docker\r\n'],
    ['a line feed alone', 'GET /info HTTP/1.1\nX: y\r\n\r\n'],
    ['another protocol', 'GET /info HTTP/2.0\r\n\r\n'],
    ['a method in lower case', 'get /info HTTP/1.1\r\n\r\n'],
    ['nothing', ''],
  ])('stops %s', async (_name, bytes) => {
    const socket = await connect()
    expect(socket.write(bytes)).toBe(false)
    expect(socket.destroyed).toBe(true)
    expect(await recorder.bytes()).toBe(0)
  })

  it.each([
    ['bytes that are no Buffer', (socket: net.Socket) => socket.write(new Uint8Array([80, 79, 83, 84]))],
    ['bytes with the end', (socket: net.Socket) => socket.end('POST /containers/web/kill HTTP/1.1\r\n\r\n')],
    ['bytes with the end and their encoding', (socket: net.Socket) => socket.end('504f5354', 'hex')],
    [
      'a request in another encoding',
      (socket: net.Socket) => socket.write(Buffer.from('POST / HTTP/1.1\r\n\r\n').toString('base64'), 'base64'),
    ],
  ])('stops %s', async (_name, write) => {
    const socket = await connect()
    write(socket)
    expect(socket.destroyed).toBe(true)
    expect(await recorder.bytes()).toBe(0)
  })

  it('lets a connection be ended without a word', async () => {
    const socket = await connect()
    socket.end()
    expect(await recorder.bytes()).toBe(0)
  })

  it('keeps no connection for a second request', async () => {
    await send('GET')
    await send('GET')
    expect(recorder.requests).toEqual(Array(2).fill('GET /containers/web/json close'))
  })
})
