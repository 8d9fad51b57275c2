/**
 * A proxy on a unix socket between Sluice and an engine that does what networks, daemons and socket proxies do on bad days,
 * when a test says so; and that knows every request that came through, and which follows are open at the engine now.
 *
 * It passes HTTP, request by request, each client connection on an engine connection of its own, so that a close on one side
 * is a close on the other. Hijacked connections (attach, exec, BuildKit) are not passed: Sluice needs none.
 */
import { EventEmitter } from 'node:events'
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { Agent, createServer as createHttpServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { type Fault, GARBAGE, type Greeting, type Match, matches, Rule, type RuleOptions } from './faults.ts'
import { FrameDamage } from './frame-damage.ts'
import { Gate, type GateOptions } from './gate.ts'

/** One request, from its arrival to the end of its answer or connection. */
export interface Exchange {
  readonly method: string
  /** Path and query as sent. */
  readonly path: string
  /** Unix milliseconds. */
  readonly at: number
  /** What a rule did to it. */
  readonly fault?: Fault['kind']
  /** Whether the engine has seen it. */
  forwarded: boolean
  /** Of the answer, whoever gave it. */
  status?: number
  /** Bytes of the engine's body that went on to the client. */
  readonly bytes: number
  /** False from the end of the answer or the connection on. */
  open: boolean
}

/** How long `until` waits by default. */
const UNTIL_DEADLINE_MS = 10_000

const FOLLOW = /\/logs\?(.*&)?follow=(1|true)\b/i

export async function startFaultProxy(upstream: string): Promise<FaultProxy> {
  const proxy = new FaultProxy(upstream)
  await proxy.accept()
  return proxy
}

export class FaultProxy {
  /** The path of the socket to give to Sluice. */
  readonly socket: string
  /** Every request so far, in the order of arrival, whatever became of it. */
  readonly requests: readonly Exchange[]
  readonly #upstream: string
  readonly #dir = mkdtempSync(join(tmpdir(), 'sluice-proxy-'))
  readonly #exchanges: LiveExchange[] = []
  readonly #rules = new Set<Rule>()
  readonly #stalls = new Set<Stall>()
  readonly #clients = new Set<Socket>()
  readonly #changes = new EventEmitter().setMaxListeners(0)
  readonly #http = createHttpServer({ keepAliveTimeout: 0, requestTimeout: 0 })
  readonly #engines = new WeakMap<Socket, Agent>()
  readonly #paired = new WeakSet<Socket>()
  #listener: Server | undefined
  #greeting: Greeting | undefined

  constructor(upstream: string) {
    this.#upstream = upstream
    this.socket = join(this.#dir, 'engine.sock')
    this.requests = this.#exchanges
    this.#http.on('request', (incoming, outgoing) => void this.#serve(incoming, outgoing))
  }

  /** How many log follows the engine serves through here now. */
  get openFollows(): number {
    return this.#exchanges.filter(({ open, forwarded, path }) => open && forwarded && FOLLOW.test(path)).length
  }

  /** Connections of clients that are open now, busy or idle. */
  get connections(): number {
    return this.#clients.size
  }

  /** Until the condition holds; looked at whenever something here opens, is answered, truncated or closed. */
  async until(condition: (proxy: this) => boolean, deadlineMs = UNTIL_DEADLINE_MS): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: Error) => {
        clearTimeout(deadline)
        this.#changes.off('change', look)
        if (error) reject(error)
        else resolve()
      }
      const look = () => {
        if (condition(this)) settle()
      }
      const deadline = setTimeout(() => {
        const open = this.#exchanges.filter((one) => one.open).map(({ method, path }) => `${method} ${path}`)
        settle(new Error(`not so after ${deadlineMs} ms: ${condition}; open: ${open.join(', ') || 'nothing'}`))
      }, deadlineMs)
      this.#changes.on('change', look)
      look()
    })
  }

  /** From now on this befalls matching requests. The rule that was added first wins. */
  on(options: RuleOptions, fault: Fault): { readonly hits: number; remove: () => void } {
    const rule = new Rule(options, fault)
    this.#rules.add(rule)
    return {
      get hits() {
        return rule.hits
      },
      remove: () => this.#rules.delete(rule),
    }
  }

  /** Closes the connections of matching requests that are open, all at once; without a match also the idle connections. Says how many. */
  cut(match?: Match): number {
    const sockets = match ? new Set(this.#open(match).map(({ client }) => client)) : new Set(this.#clients)
    for (const socket of sockets) socket.destroy()
    return sockets.size
  }

  /**
   * Matching requests, open now or made later, stand still: their answers (`response`), their way to the engine (`request`), or
   * both. The connections stay open. The function it gives lets them go on, with everything that waited.
   */
  stall(match: Match = {}, direction: 'request' | 'response' | 'both' = 'both'): () => void {
    const stall: Stall = { match, direction, released: Promise.resolve(), release: () => {} }
    stall.released = new Promise((resolve) => {
      stall.release = resolve
    })
    this.#stalls.add(stall)
    for (const exchange of this.#open(match)) this.#applyStalls(exchange)
    return () => {
      if (!this.#stalls.delete(stall)) return
      stall.release()
      for (const exchange of this.#open(match)) this.#applyStalls(exchange)
    }
  }

  /** Sends these bytes in the answers of matching requests that are open, each at the next border of two lines. Says in how many. */
  insert(match: Match, bytes: string | Buffer): number {
    const open = this.#open(match).filter(({ gate }) => gate !== undefined)
    for (const { gate } of open) gate?.insert(Buffer.from(bytes))
    return open.length
  }

  /** From now on this befalls new connections, before any request; undefined: nothing does. Open ones go on. */
  greet(greeting: Greeting | undefined): void {
    this.#greeting = greeting
  }

  /** New connections fail: `refused` (ECONNREFUSED) as of a dead daemon, or `missing` (ENOENT) as of one never started. Open ones go on. */
  async refuse(how: 'refused' | 'missing' = 'refused'): Promise<void> {
    const listener = this.#listener
    this.#listener = undefined
    if (listener !== undefined) {
      // Closing removes the file it was made with. Kept under another name, and put back, it is a socket nobody listens on.
      const kept = `${this.socket}.kept`
      renameSync(this.socket, kept)
      // Not awaited: it closes for new connections now, and calls back only when the open ones have ended.
      listener.close()
      renameSync(kept, this.socket)
    }
    if (how === 'missing') rmSync(this.socket, { force: true })
  }

  /** Listens, at first and after `refuse()`. */
  async accept(): Promise<void> {
    if (this.#listener !== undefined) return
    if (existsSync(this.socket)) rmSync(this.socket)
    const listener = createServer((client) => this.#connect(client))
    this.#listener = listener
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject)
      listener.listen(this.socket, resolve)
    })
  }

  /** Ends every rule, stall and greeting: the proxy is a plain one again. What was cut stays cut. */
  async heal(): Promise<void> {
    this.#rules.clear()
    this.#greeting = undefined
    for (const stall of this.#stalls) stall.release()
    this.#stalls.clear()
    for (const exchange of this.#open({})) this.#applyStalls(exchange)
    await this.accept()
  }

  async close(): Promise<void> {
    await this.refuse('missing')
    this.cut()
    rmSync(this.#dir, { recursive: true, force: true })
  }

  #connect(client: Socket): void {
    this.#clients.add(client)
    client.on('error', () => {}) // The client went; 'close' follows.
    client.once('close', () => {
      this.#clients.delete(client)
      this.#engines.get(client)?.destroy()
      this.#changed()
    })
    const greeting = this.#greeting
    if (greeting === undefined) {
      // One engine connection at a time, kept as long as the client keeps its own.
      this.#engines.set(client, new Agent({ keepAlive: true, maxSockets: 1 }))
      this.#http.emit('connection', client)
    } else if (greeting.kind === 'cut') {
      client.destroy()
    } else {
      client.resume() // Else the client's close would not be seen behind its unread request.
      if (greeting.kind === 'garbage') client.end(greeting.bytes ?? GARBAGE)
    }
    this.#changed()
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', url: path = '' } = incoming
    const rule = [...this.#rules].find((one) => one.take({ method, path }))
    const fault = rule?.fault
    const exchange = new LiveExchange(incoming, rule)
    this.#exchanges.push(exchange)
    outgoing.once('close', () => {
      exchange.open = false
      this.#changed()
    })
    this.#changed()

    switch (fault?.kind) {
      case 'cut':
        exchange.client.destroy()
        return
      case 'hang':
        incoming.resume()
        return
      case 'garbage':
        exchange.client.end(fault.bytes ?? GARBAGE)
        return
      case 'answer':
        exchange.status = fault.status
        outgoing.writeHead(fault.status, fault.headers).end(fault.body)
        return
      case 'delay':
        await new Promise((resolve) => setTimeout(resolve, fault.ms))
    }
    await this.#requestStalls(exchange)
    if (exchange.open) this.#forward(exchange, incoming, outgoing)
  }

  async #requestStalls(exchange: LiveExchange): Promise<void> {
    const holds = (stall: Stall) => stall.direction !== 'response' && matches(stall.match, exchange)
    for (let stall = [...this.#stalls].find(holds); stall; stall = [...this.#stalls].find(holds)) await stall.released
  }

  #forward(exchange: LiveExchange, incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method, path, client } = exchange
    const agent = this.#engines.get(client)
    const engine = request({
      socketPath: this.#upstream,
      method,
      path,
      headers: incoming.rawHeaders,
      ...(agent ? { agent } : {}),
    })
    exchange.forwarded = true
    // No engine, or one that closes before it answers: seen from the client, a connection that closes.
    engine.on('error', () => client.destroy())
    engine.on('socket', (socket) => this.#closeTogether(socket, client))
    engine.on('response', (answer) => {
      if (exchange.applied?.kind === 'extend') void this.#extend(exchange, exchange.applied, answer, outgoing)
      else this.#answer(exchange, answer, outgoing)
    })
    outgoing.once('close', () => {
      if (!exchange.complete) engine.destroy()
      else if (engine.socket?.destroyed) client.destroySoon()
    })
    incoming.pipe(engine)
    this.#changed()
  }

  /** An engine that closes an idle connection closes the client's. In the middle of an answer, the answer goes first. */
  #closeTogether(engineSocket: Socket, client: Socket): void {
    if (this.#paired.has(engineSocket)) return
    this.#paired.add(engineSocket)
    engineSocket.once('close', () => {
      if (!this.#exchanges.some((exchange) => exchange.open && exchange.client === client)) client.destroySoon()
    })
  }

  #answer(exchange: LiveExchange, answer: IncomingMessage, outgoing: ServerResponse): void {
    const { client, applied, rule } = exchange
    const endEarly = () => {
      answer.unpipe(entry)
      entry.end()
    }
    const onLimit = () => {
      if (!gate.frozen) endEarly()
      this.#changed()
    }
    const gate = new Gate({ ...gateOptions(applied), onLimit })
    const isHealed = () => !rule || !this.#rules.has(rule)
    const damage = applied?.kind === 'damage' ? new FrameDamage(applied, isHealed, endEarly) : undefined
    damage?.pipe(gate)
    const entry = damage ?? gate
    exchange.gate = gate
    this.#applyStalls(exchange)

    exchange.status = answer.statusCode ?? 0
    outgoing.on('error', () => {}) // Written to after its client left; 'close' follows.
    outgoing.sendDate = false
    outgoing.writeHead(exchange.status, answer.statusMessage, answer.rawHeaders)
    outgoing.flushHeaders()
    this.#changed()

    answer.pipe(entry)
    answer.once('end', () => {
      exchange.complete = answer.complete
    })
    answer.once('error', () => entry.end()) // The engine's connection broke: what it had sent arrives, the answer's end does not.
    gate.pipe(outgoing, { end: false })
    gate.once('end', () => {
      const endsEarly = damage?.hasEnded || (applied?.kind === 'truncate' && applied.ending === 'end')
      if (exchange.complete || endsEarly) outgoing.end()
      else client.destroySoon()
    })
    outgoing.once('close', () => {
      damage?.destroy()
      gate.destroy()
    })
  }

  /** An answer that is no array goes on as it is. */
  async #extend(
    exchange: LiveExchange,
    { before = [], after = [] }: Extract<Fault, { kind: 'extend' }>,
    answer: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<void> {
    const body = await buffer(answer).catch(() => undefined)
    if (!body) return void exchange.client.destroy() // the engine's connection broke
    exchange.complete = true
    exchange.status = answer.statusCode ?? 0
    outgoing.on('error', () => {}) // Written to after its client left; 'close' follows.
    outgoing.setHeader('Content-Type', answer.headers['content-type'] ?? '')
    outgoing.writeHead(exchange.status)
    outgoing.end(extended(body, before, after))
  }

  #applyStalls(exchange: LiveExchange): void {
    const stalled = [...this.#stalls].some((stall) => stall.direction !== 'request' && matches(stall.match, exchange))
    if (stalled) exchange.gate?.stall()
    else exchange.gate?.unstall()
  }

  #open(match: Match): LiveExchange[] {
    return this.#exchanges.filter((exchange) => exchange.open && matches(match, exchange))
  }

  #changed(): void {
    this.#changes.emit('change')
  }
}

interface Stall {
  match: Match
  direction: 'request' | 'response' | 'both'
  released: Promise<void>
  release: () => void
}

class LiveExchange implements Exchange {
  readonly method: string
  readonly path: string
  readonly at = Date.now()
  readonly fault?: Fault['kind']
  readonly rule: Rule | undefined
  readonly client: Socket
  forwarded = false
  status?: number
  open = true
  gate: Gate | undefined
  /** Whether the engine's answer is here to its end. */
  complete = false

  constructor(incoming: IncomingMessage, rule: Rule | undefined) {
    this.method = incoming.method ?? ''
    this.path = incoming.url ?? ''
    this.client = incoming.socket
    this.rule = rule
    if (rule) this.fault = rule.fault.kind
  }

  get applied(): Fault | undefined {
    return this.rule?.fault
  }

  get bytes(): number {
    return this.gate?.passed ?? 0
  }
}

function extended(json: Buffer, before: readonly unknown[], after: readonly unknown[]): string | Buffer {
  try {
    const given: unknown = JSON.parse(json.toString())
    return Array.isArray(given) ? JSON.stringify([...before, ...given, ...after]) : json
  } catch {
    return json
  }
}

function gateOptions(fault: Fault | undefined): GateOptions {
  if (fault?.kind === 'trickle') return { trickle: { bytes: fault.bytes, ms: fault.ms } }
  if (fault?.kind !== 'truncate') return {}
  return { limit: fault.after, freeze: fault.ending === 'stall' }
}
