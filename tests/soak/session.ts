/**
 * A viewer of the soak: reads a stream fast, haltingly or by crumbs, is cut off anywhere, by itself too, and goes on with
 * the id of the last event whose end it has seen.
 */
import { get, type IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { Inbox, positionOf } from './inbox.ts'
import { Lines } from './lines.ts'
import type { Random } from './random.ts'
import { type SseEvent, SseReader } from './sse.ts'

export type Kind = 'plain' | 'slow' | 'filtered' | 'merged'

export interface SessionPlan {
  readonly kind: Kind
  /** Path and query of its stream. */
  readonly path: string
  /** The container names it is about. Of a merged stream that is asked for by label, lines of others are left aside. */
  readonly names: readonly string[]
  /** The bit of its filter; 0 for none. */
  readonly filter: number
  /** A merged stream that names a project or a label. */
  readonly bySelection?: boolean
}

/** Where Sluice is now, without a slash at its end; it can move. */
export interface Address {
  readonly url: string
  /** When it was started; Unix ms. */
  readonly since?: number
}

/** One connection, for a report. */
interface Connection {
  readonly at: number
  readonly url: string
  readonly from: string
  until?: number
  ended?: string
  lines: number
}

interface WireLine {
  time: string
  ordinal?: number
  stream: 'stdout' | 'stderr'
  message: string
  truncated?: boolean
  container?: string
  incarnation?: string
  late?: boolean
}

export class Session {
  readonly name: string
  readonly plan: SessionPlan
  readonly inboxes: ReadonlyMap<string, Inbox>
  readonly connections: Connection[] = []
  /** What the protocol forbids, in words. */
  readonly offences: string[] = []
  /** Lines that came under a name that no inbox is for, by incarnation. */
  readonly elsewhere = new Map<string, Lines>()
  /** Connections that went on after an id. */
  resumes = 0
  /** In the present connection the backlog is complete. */
  live = false
  readonly #address: Address
  readonly #random: Random
  #lastEventId = ''
  #response: IncomingMessage | undefined
  #calm = false
  #left = false
  #hurry = new AbortController()
  #ended: Promise<void> = Promise.resolve()
  /** Of the merged order: the latest time of a line that was not late, and of each container. */
  #latest = ''
  readonly #latestOf = new Map<string, string>()

  constructor(name: string, plan: SessionPlan, address: Address, random: Random) {
    this.name = name
    this.plan = plan
    this.#address = address
    this.#random = random
    this.inboxes = new Map(plan.names.map((container) => [container, new Inbox()]))
  }

  get received(): number {
    return [...this.inboxes.values()].reduce((sum, { lines }) => sum + lines.length, 0)
  }

  start(): void {
    this.#ended = this.#run()
  }

  /** From now on it reads as fast as it can, stays, and comes back at once. */
  calm(): void {
    this.#calm = true
    this.#response?.resume()
    this.#hurry.abort()
  }

  async leave(): Promise<void> {
    this.#left = true
    this.#hurry.abort()
    this.#response?.destroy()
    await this.#ended
  }

  async #run(): Promise<void> {
    while (!this.#left) {
      const ended = await this.#connect()
      const connection = this.connections.at(-1)
      if (connection) Object.assign(connection, { ended, until: Date.now() })
      this.live = false
      await this.#wait(this.#awayMs())
    }
  }

  #awayMs(): number {
    if (this.#calm) return this.#random.between(50, 300)
    return this.#random.chance(0.1) ? this.#random.between(2_000, 12_000) : this.#random.magnitude(1, 1_000)
  }

  /** Sooner if there is reason to hurry. */
  async #wait(ms: number): Promise<void> {
    if (this.#hurry.signal.aborted && this.#calm) this.#hurry = new AbortController()
    await delay(ms, undefined, { signal: this.#hurry.signal }).catch(() => {})
  }

  /** Resolves with how the connection ended. */
  #connect(): Promise<string> {
    const from = this.#lastEventId
    const asked = from !== '' && this.plan.kind !== 'merged' && this.#random.chance(0.2)
    const headers: Record<string, string> = { Accept: 'text/event-stream' }
    if (from !== '' && !asked) headers['Last-Event-ID'] = from
    const url = `${this.#address.url}${this.plan.path}${asked ? `&after=${from}` : ''}`
    this.connections.push({ at: Date.now(), url, from, lines: 0 })
    if (from !== '') this.resumes++
    return new Promise((resolve) => {
      const request = get(url, { headers, agent: false })
      request.once('error', (error) => resolve(`not connected: ${error.message}`))
      request.once('response', (response) => {
        this.#response = response
        if (this.#left) response.destroy()
        if (response.statusCode === 200) void this.#read(response).then(resolve)
        else void this.#refused(response).then(resolve)
      })
    })
  }

  /** The engine may be away (5xx); that a request is wrong is never right. */
  async #refused(response: IncomingMessage): Promise<string> {
    let body = ''
    for await (const chunk of response) body += String(chunk)
    const status = response.statusCode ?? 0
    if (status < 500) this.offences.push(`${status} to ${this.plan.path} after "${this.#lastEventId}": ${body}`)
    return `answered ${status}`
  }

  #read(response: IncomingMessage): Promise<string> {
    const reader = new SseReader(this.#lastEventId)
    const random = this.#random
    let left = !this.#calm && random.chance(0.5) ? random.magnitude(1, 5_000_000) : Number.POSITIVE_INFINITY
    let how = 'cut'
    this.#latest = ''
    this.#latestOf.clear()
    const cut = (why: string) => {
      how = why
      response.destroy()
    }
    const timer = random.chance(0.5)
      ? setTimeout(() => this.#calm || cut('left'), random.magnitude(50, 40_000))
      : undefined
    response.on('data', (chunk: Buffer) => {
      if (left <= 0) return
      const taken = this.#calm ? chunk : chunk.subarray(0, left)
      if (!this.#calm) left -= taken.length
      for (const event of reader.push(taken)) this.#take(event)
      this.#lastEventId = reader.lastEventId
      if (left <= 0) cut('left in the middle')
      else if (this.plan.kind === 'slow' && !this.#calm) this.#halt(response)
    })
    response.once('end', () => {
      how = 'ended by Sluice'
    })
    response.on('error', () => {}) // 'close' follows.
    return new Promise((resolve) => {
      response.once('close', () => {
        clearTimeout(timer)
        resolve(how)
      })
    })
  }

  /** By crumbs, and now and then not at all for so long that Sluice has more unsent than it will hold. */
  #halt(response: IncomingMessage): void {
    response.pause()
    const ms = this.#random.chance(0.02) ? this.#random.between(3_000, 20_000) : this.#random.magnitude(1, 300)
    setTimeout(() => response.resume(), ms).unref()
  }

  #take({ type, data, id }: SseEvent): void {
    const positions = id === '' ? [] : id.split(',').map(positionOf)
    if (positions.includes(undefined)) this.offences.push(`an event ${type} has the id "${id}"`)
    if (type === 'message' && data !== '') this.#takeLines(JSON.parse(data) as WireLine[], id)
    else if (type === 'gap') this.#takeGap(JSON.parse(data) as { container: string; reason: string })
    else if (type === 'live') this.live = true
    const [position] = positions
    if (position && this.plan.kind !== 'merged') this.#only()?.stands(position)
  }

  #takeLines(lines: readonly WireLine[], id: string): void {
    const incarnation = id.slice(0, 12)
    for (const { ordinal = 0, truncated = false, time, stream, message, ...more } of lines) {
      const line = { time, ordinal, stream, truncated, message }
      if (this.plan.kind !== 'merged') this.#only()?.line(incarnation, line)
      else {
        const { container = '', incarnation: its = '', late = false } = more
        const inbox = this.inboxes.get(container)
        if (inbox) inbox.line(its, line)
        else this.#elsewhere(its).push(line)
        this.#order(container, time, late)
      }
    }
    const connection = this.connections.at(-1)
    if (connection) connection.lines += lines.length
    const last = lines.at(-1)
    if (this.plan.kind === 'merged' || !last) return
    const position = positionOf(id)
    // A filtered batch's id may be of a later line, which the filter has left out.
    const same = position?.time === last.time && position.ordinal === (last.ordinal ?? 0)
    if (!same && this.plan.filter === 0) this.offences.push(`a batch that ends with ${last.time} has the id "${id}"`)
  }

  #elsewhere(incarnation: string): Lines {
    const lines = this.elsewhere.get(incarnation) ?? new Lines()
    this.elsewhere.set(incarnation, lines)
    return lines
  }

  /** Across containers lines come by time; within one, Docker's order counts, in which times may step back. */
  #order(container: string, time: string, late: boolean): void {
    const before = this.#latestOf.get(container) ?? ''
    const reached = time > before ? time : before
    this.#latestOf.set(container, reached)
    if (late) return
    if (reached < this.#latest)
      this.offences.push(`a line of ${container}, ${time}, comes after one of ${this.#latest} and is not marked late`)
    else this.#latest = reached
  }

  #takeGap({ container, reason }: { container?: string; reason: string }): void {
    // One without a name is of any container that nobody knows any more.
    const named = this.plan.kind === 'merged' ? this.inboxes.get(container ?? '') : this.#only()
    const inboxes = container === undefined ? [...this.inboxes.values()] : named ? [named] : []
    for (const inbox of inboxes) inbox.gap(reason, this.#address.since, container === undefined)
  }

  #only(): Inbox | undefined {
    const [name = ''] = this.plan.names
    return this.inboxes.get(name)
  }
}
