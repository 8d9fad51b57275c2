/** What is said of each way in which an address is not an engine, met on real sockets. */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Connection } from '../../../server/engine/connection.ts'
import type { Endpoint } from '../../../server/engine/find.ts'
import { explain } from '../../../server/engine/problem.ts'
import type { EngineProblem } from '../../../server/wire.ts'

describe('explain', () => {
  let folder: string
  let socketPath: string
  const servers: net.Server[] = []
  const sockets = new Set<net.Socket>()

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-unit-'))
    socketPath = join(folder, 'docker.sock')
  })
  afterEach(async () => {
    vi.useRealTimers()
    for (const socket of sockets) socket.destroy()
    for (const server of servers.splice(0)) {
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    }
    rmSync(folder, { recursive: true })
  })

  async function listen(server: net.Server, at: string | { port: number; host: string } = socketPath): Promise<void> {
    servers.push(server)
    server.on('connection', (socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
    })
    server.listen(at)
    await once(server, 'listening')
  }

  const here = (): Endpoint => ({ address: `unix://${socketPath}`, socketPath })

  /** What is said of an endpoint that must fail. */
  async function problemOf(endpoint: Endpoint = here()): Promise<EngineProblem> {
    const error: unknown = await new Connection(endpoint).identify().then(
      () => new Error('it answered'),
      (failure: unknown) => failure,
    )
    const problem = await explain(endpoint, error)
    expect(problem.address).toBe(endpoint.address)
    expect(problem.detail).toMatch(/^[A-Z].*[.?]$/s)
    return problem
  }

  it('says that there is no socket', async () => {
    expect(await problemOf()).toMatchObject({ code: 'no-socket', detail: expect.stringContaining('No such socket') })
  })

  it('says that nobody listens on a socket that was left behind', async () => {
    const child = spawnSync(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(socketPath)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ])
    expect(child.signal).toBe('SIGKILL')
    expect(await problemOf()).toMatchObject({ code: 'refused', detail: expect.stringContaining('Nothing listens') })
  })

  it('says that nobody listens on a port', async () => {
    const server = net.createServer()
    await listen(server, { port: 0, host: '127.0.0.1' })
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const endpoint = { address: `tcp://127.0.0.1:${port}`, host: '127.0.0.1', port }
    expect(await problemOf(endpoint)).toMatchObject({ code: 'refused' })
  })

  it('says that a directory stands where the socket should be', async () => {
    mkdirSync(socketPath)
    expect(await problemOf()).toMatchObject({ code: 'not-docker', detail: expect.stringContaining('not a socket') })
  })

  it('says that a file is not a socket', async () => {
    writeFileSync(socketPath, '')
    expect(await problemOf()).toMatchObject({ code: 'not-docker', detail: expect.stringContaining('not a socket') })
  })

  it('says that what listens there does not speak HTTP', async () => {
    await listen(net.createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')))
    expect(await problemOf()).toMatchObject({ code: 'not-docker', detail: expect.stringContaining('HTTP') })
  })

  it.each([
    ['a page', (res: http.ServerResponse) => void res.setHeader('Content-Type', 'text/html').end('<h1>It works!</h1>')],
    [
      'JSON of its own',
      (res: http.ServerResponse) => void res.setHeader('Content-Type', 'application/json').end('{"a":1}'),
    ],
    ['null', (res: http.ServerResponse) => void res.setHeader('Content-Type', 'application/json').end('null')],
    ['404', (res: http.ServerResponse) => void res.writeHead(404).end('no such page')],
    ['a redirect', (res: http.ServerResponse) => void res.writeHead(301, { Location: '/login' }).end()],
  ])('says that what answers with %s is not an engine', async (_name, answer) => {
    await listen(http.createServer((_req, res) => answer(res)))
    expect(await problemOf()).toMatchObject({
      code: 'not-docker',
      detail: expect.stringContaining('is not Docker ('),
    })
  })

  it('gives the words of an engine that fails', async () => {
    await listen(http.createServer((_req, res) => void res.writeHead(500).end('{"message":"disk on fire"}')))
    expect(await problemOf()).toMatchObject({ code: 'failed', detail: expect.stringContaining('500') })
  })

  it.each([
    ['never answers', (_socket: net.Socket) => {}],
    [
      'stops in the middle of its answer',
      (socket: net.Socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{'),
    ],
  ])('says within five seconds that what listens there hangs when it %s', async (_name, serve) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const server = net.createServer((socket) => socket.once('data', () => serve(socket)))
    await listen(server)
    const connected = once(server, 'connection')
    const problem = problemOf()
    await connected
    vi.advanceTimersByTime(5_000)
    expect(await problem).toMatchObject({ code: 'timeout', detail: expect.stringContaining('does not answer') })
  })

  it('says that TLS failed, and where its certificates are looked for', async () => {
    const server = http.createServer()
    await listen(server, { port: 0, host: '127.0.0.1' })
    const { port } = server.address() as AddressInfo
    const endpoint = { address: `tcp://127.0.0.1:${port}`, host: '127.0.0.1', port, tls: {} }
    expect(await problemOf(endpoint)).toMatchObject({
      code: 'tls',
      detail: expect.stringContaining('DOCKER_CERT_PATH'),
    })
  })

  it('names who may not open the socket, whose it is, and what to do', async () => {
    writeFileSync(socketPath, '')
    const refused = Object.assign(new Error('connect EACCES'), { code: 'EACCES' })
    const { code, detail } = await explain(here(), refused)
    expect(code).toBe('permission')
    expect(detail).toContain(`uid ${process.getuid?.()}`)
    expect(detail).toContain(`gid ${process.getgid?.()}`)
    expect(detail).toContain(`--group-add ${process.getgid?.()}`)
  })

  it('says so of a folder that may not be entered', async () => {
    const hidden = { address: 'unix:///x', socketPath: join(folder, 'nowhere', 'docker.sock') }
    const refused = Object.assign(new Error('connect EACCES'), { code: 'EACCES' })
    expect((await explain(hidden, refused)).detail).toMatch(/may not enter the socket's folder\.$/)
  })

  it('gets EACCES from a socket that the user may not open, which is what these words are for', async () => {
    await listen(net.createServer())
    chmodSync(folder, 0o755)
    chmodSync(socketPath, 0o600)
    const root = process.getuid?.() === 0
    if (!root) chmodSync(socketPath, 0)
    const script = `require('net').connect(${JSON.stringify(socketPath)}).on('error', (e) => console.log(e.code))`
    const child = spawnSync(process.execPath, ['-e', script], {
      encoding: 'utf8',
      cwd: '/',
      ...(root && { uid: 65_534, gid: 65_534 }),
    })
    expect(child.stdout.trim()).toBe('EACCES')
  })

  it.each(['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])(
    'says for %s which host cannot be reached',
    async (code) => {
      const endpoint = { address: 'tcp://docker:2375', host: 'docker', port: 2375 }
      const problem = await explain(endpoint, Object.assign(new Error(code), { code }))
      expect(problem).toMatchObject({ code: 'refused', detail: expect.stringContaining("Can't reach docker") })
    },
  )

  it('has words for an error that nobody foresaw, and for what is no error', async () => {
    expect(await explain(here(), new Error('odd'))).toMatchObject({
      code: 'failed',
      detail: expect.stringContaining('odd'),
    })
    expect(await explain(here(), 'odd')).toMatchObject({ code: 'failed', detail: expect.stringContaining('odd') })
  })
})
