/**
 * A fake engine on a unix socket that sends exactly the bytes a test gives it: for what a real engine sends only on bad
 * days, such as a damaged log, a listing with a `null` in it, or a proxy's 403. What a test does not say is answered as
 * Docker would.
 *
 *     const fake = await startFakeEngine()
 *     fake.add({ name: 'web', pieces: [frame('stdout', stamped(at(0), 'one\n')), frame(3, 'Error grabbing logs: EOF')] })
 *     fake.answer(/^\/events/, { status: 403, body: '<h1>403 Forbidden</h1>' })
 *     const sluice = await startSluice({ engine: fake.socket })
 */
import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

export interface FakeContainer {
  readonly name: string
  /** 64 hex digits; by default its own for each name. */
  readonly id?: string
  readonly tty?: boolean
  readonly running?: boolean
  readonly labels?: Readonly<Record<string, string>>
  /** Merged into the answer of "Inspect a container". */
  readonly inspection?: Readonly<Record<string, unknown>>
  /** The log: pieces as `tail=` counts them, each whole as it is sent. */
  readonly pieces?: readonly Piece[]
  /** Where a read of the log ends early; a follow goes on with what is written later. */
  readonly damage?: Damage
}

/** A read that begins before piece `at` ends there, after it has sent `error`, if there is one; a shorter one is whole. */
export interface Damage {
  readonly at: number
  readonly error?: Buffer
}

export type Piece = Buffer | DamagedRecord

/** No read gets past it: it sends `error`, if there is one, and ends; or it is a follow that `hangs`, and brings nothing more. */
export interface DamagedRecord {
  readonly error?: Buffer
  readonly hangs?: true
}

/** What is sent instead of Docker's answer. A function writes it itself, and may go on for ever. */
export type FakeAnswer =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body: string | Buffer }
  | ((request: IncomingMessage, response: ServerResponse) => void)

interface FakeRequest {
  readonly path: string
  /** Unix milliseconds. */
  readonly at: number
}

interface Log {
  readonly container: FakeContainer
  readonly id: string
  pieces: Piece[]
  damage: Damage | undefined
}

/** RFC 3339, of all containers. */
const CREATED = '2026-11-22T10:00:00.000000000Z'

/** Starts one; it is ended with the test file at the latest. */
export async function startFakeEngine(): Promise<FakeEngine> {
  const engine = new FakeEngine()
  await engine.listen()
  running.add(engine)
  return engine
}

const running = new Set<FakeEngine>()

/** The bench uses it too, and closes its own. */
if (process.env['VITEST'])
  afterAll(() => {
    for (const engine of running) engine.close()
  })

/** An id for a name, as good as Docker's. */
export function fakeId(name: string): string {
  return Buffer.from(`${name}-0123456789abcdef0123456789abcdef`).toString('hex').slice(0, 64)
}

export class FakeEngine {
  readonly #dir = mkdtempSync(join(tmpdir(), 'sluice-fake-'))
  /** The path of the socket to give to Sluice. */
  readonly socket = join(this.#dir, 'engine.sock')
  /** Every request so far, in the order of arrival. */
  readonly requests: FakeRequest[] = []
  readonly #logs = new Map<string, Log>()
  readonly #answers: { path: RegExp; answer: FakeAnswer }[] = []
  readonly #events = new Set<ServerResponse>()
  readonly #written = new EventEmitter().setMaxListeners(0)
  readonly #server = createServer((request, response) => this.#serve(request, response))

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.socket, resolve)
    })
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
    rmSync(this.#dir, { recursive: true, force: true })
    running.delete(this)
  }

  /** Adds a container, or puts it in the place of the one of that id; tells of it as of one that starts. */
  add(container: FakeContainer): this {
    const id = container.id ?? fakeId(container.name)
    this.#logs.set(id, { container, id, pieces: [...(container.pieces ?? [])], damage: container.damage })
    this.event({ Action: 'start', id, name: container.name })
    return this
  }

  /** From now on this is the answer to requests whose path and query match; the latest that matches wins. */
  answer(path: RegExp, answer: FakeAnswer): { remove(): void } {
    const rule = { path, answer }
    this.#answers.unshift(rule)
    return { remove: () => this.#answers.splice(this.#answers.indexOf(rule), 1) }
  }

  /** Sends an event to whoever listens: as Docker sends them, or these bytes. */
  event(event: { Action: string; id: string; name: string; attributes?: Record<string, string> } | Buffer): void {
    for (const response of this.#events) response.write(Buffer.isBuffer(event) ? event : eventBytes(event))
  }

  /** Appends to a log; follows bring it. */
  write(name: string, ...pieces: Piece[]): void {
    this.#log(name).pieces.push(...pieces)
    this.#written.emit(name)
  }

  /** From now on the log has this instead; open follows bring what is behind what they have brought. */
  replace(name: string, pieces: readonly Piece[], damage?: Damage): void {
    Object.assign(this.#log(name), { pieces: [...pieces], damage })
    this.#written.emit(name)
  }

  /** How many requests so far have a path and query that match. */
  count(path: RegExp): number {
    return this.requests.filter((request) => path.test(request.path)).length
  }

  /** The ids of all containers that have had the name. */
  idsOf(name: string): string[] {
    return [...this.#logs.values()].flatMap((log) => (log.container.name === name ? log.id : []))
  }

  #log(nameOrId: string): Log {
    const ofName = () => [...this.#logs.values()].find(({ container }) => container.name === nameOrId)
    const log = this.#logs.get(nameOrId) ?? ofName()
    if (!log) throw new Error(`the fake engine has no container ${nameOrId}`)
    return log
  }

  #serve(request: IncomingMessage, response: ServerResponse): unknown {
    const { url = '' } = request
    this.requests.push({ path: url, at: Date.now() })
    response.on('error', () => {}) // the client left
    const rule = this.#answers.find(({ path }) => path.test(url))
    if (typeof rule?.answer === 'function') return rule.answer(request, response)
    if (!rule) return this.serve(request, response)
    const { status = 200, headers = {}, body } = rule.answer
    return response.writeHead(status, headers).end(body)
  }

  /** Answers as Docker would. */
  serve(request: IncomingMessage, response: ServerResponse): unknown {
    const { url = '' } = request
    const { pathname, searchParams } = new URL(url, 'http://engine')
    const [, id = '', what] = /^\/containers\/([^/]+)\/(json|logs)$/.exec(pathname) ?? []
    const json = (value: unknown) =>
      void response.setHeader('Content-Type', 'application/json').end(JSON.stringify(value))
    if (pathname === '/_ping') return void response.end('OK')
    if (pathname === '/version')
      return json({ Version: '28.2.2', ApiVersion: '1.50', Components: [{ Name: 'Engine' }] })
    if (pathname === '/info') return json({ Name: 'fake' })
    if (pathname === '/events') return this.#openEvents(searchParams, response)
    if (pathname === '/containers/json') return json([...this.#logs.values()].map(listed))
    if (!this.#logs.has(id)) return void response.writeHead(404).end('{"message":"No such container"}')
    if (what === 'json') return json(inspected(this.#log(id)))
    return this.#openLog(this.#log(id), searchParams, response)
  }

  #openEvents(query: URLSearchParams, response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'application/json' }).flushHeaders()
    if (query.has('until')) return void response.end()
    this.#events.add(response)
    response.once('close', () => this.#events.delete(response))
  }

  #openLog(log: Log, query: URLSearchParams, response: ServerResponse): void {
    const { container } = log
    const tail = query.get('tail') ?? 'all'
    const follow = query.get('follow') === '1' && (container.running ?? true)
    const { pieces, damage } = log
    const start = tail === 'all' ? 0 : Math.max(0, pieces.length - Number(tail))
    const isCut = damage !== undefined && start < damage.at
    response.writeHead(200, { 'Content-Type': 'application/vnd.docker.multiplexed-stream' }).flushHeaders()
    const isOver = this.#send(response, pieces.slice(start, isCut ? damage.at : pieces.length), follow)
    if (isOver) return
    if (isCut && damage.error) return void response.end(damage.error)
    if (!follow) return void response.end()
    let sent = pieces.length
    const send = () => {
      const more = log.pieces.slice(sent)
      sent = log.pieces.length
      if (this.#send(response, more, true)) this.#written.off(container.name, send)
    }
    this.#written.on(container.name, send)
    response.once('close', () => this.#written.off(container.name, send))
  }

  /** Whether that is all that the read brings. */
  #send(response: ServerResponse, pieces: readonly Piece[], follow: boolean): boolean {
    const damaged = pieces.find((piece): piece is DamagedRecord => !Buffer.isBuffer(piece))
    const readable = pieces.filter(Buffer.isBuffer).slice(0, damaged ? pieces.indexOf(damaged) : undefined)
    if (readable.length > 0) response.write(Buffer.concat(readable)) // nothing, as a chunk, would be the end
    if (damaged && !(damaged.hangs && follow)) response.end(damaged.error)
    return damaged !== undefined
  }
}

function eventBytes({
  Action,
  id,
  name,
  attributes,
}: {
  Action: string
  id: string
  name: string
  attributes?: object
}) {
  const now = Date.now()
  const event = {
    Type: 'container',
    Action,
    Actor: { ID: id, Attributes: { name, ...attributes } },
    time: Math.floor(now / 1000),
  }
  return `${JSON.stringify(event).slice(0, -1)},"timeNano":${now}000000}\n`
}

function listed({ container, id }: Log): unknown {
  const State = (container.running ?? true) ? 'running' : 'exited'
  const Labels = container.labels ?? {}
  return {
    Id: id,
    Names: [`/${container.name}`],
    Image: 'fake',
    Command: 'fake',
    Created: Date.parse(CREATED) / 1000,
    State,
    Labels,
  }
}

function inspected({ container, id }: Log): unknown {
  const { name, tty = false, running = true, labels = {}, inspection } = container
  const State = {
    Status: running ? 'running' : 'exited',
    Running: running,
    ExitCode: 0,
    StartedAt: CREATED,
    FinishedAt: running ? '0001-01-01T00:00:00Z' : '2026-11-22T11:00:00.000000000Z',
  }
  const Config = { Tty: tty, Labels: labels, Image: 'fake' }
  const HostConfig = { LogConfig: { Type: 'json-file', Config: {} } }
  return {
    Id: id,
    Name: `/${name}`,
    Created: CREATED,
    Path: 'fake',
    Args: [],
    State,
    Config,
    HostConfig,
    ...inspection,
  }
}
