/** A viewer, for tests: a standard EventSource on a stream's address, which keeps all that arrived and can wait for more. */
import { EventEmitter, once } from 'node:events'
import { EventSource } from 'eventsource'
import { afterAll } from 'vitest'
import type { ContainersEvent, GapEvent, Line, StateEvent } from '../../server/wire.ts'

/** An event in the order of arrival; `lines` for `message`. */
export type Arrival =
  | { readonly kind: 'lines'; readonly lines: readonly Line[]; readonly id: string }
  | { readonly kind: 'state'; readonly event: StateEvent }
  | { readonly kind: 'gap'; readonly event: GapEvent }
  | { readonly kind: 'live'; readonly id: string }
  | { readonly kind: 'containers'; readonly event: ContainersEvent }

const DEADLINE_MS = 20_000

export class Stream {
  readonly arrivals: Arrival[] = []
  readonly lines: Line[] = []
  /** How often the connection was opened. */
  opened = 0
  /** The last id that arrived, with which another stream can go on. */
  cursor = ''
  readonly #source: EventSource
  readonly #changes = new EventEmitter().setMaxListeners(0)

  constructor(url: string, headers: Record<string, string> = {}) {
    this.#source = new EventSource(url, {
      fetch: (input, init) => fetch(input, { ...init, headers: { ...headers, ...init.headers } }), // its own newer Last-Event-ID wins
    })
    this.#source.addEventListener('open', () => {
      this.opened++
      this.#changes.emit('change')
    })
    this.#listen('message', (data, id) => {
      const lines = JSON.parse(data) as Line[]
      this.lines.push(...lines)
      return { kind: 'lines', lines, id }
    })
    this.#listen('state', (data) => ({ kind: 'state', event: JSON.parse(data) as StateEvent }))
    this.#listen('gap', (data) => ({ kind: 'gap', event: JSON.parse(data) as GapEvent }))
    this.#listen('live', (_data, id) => ({ kind: 'live', id }))
    this.#listen('containers', (data) => ({ kind: 'containers', event: JSON.parse(data) as ContainersEvent }))
    open.add(this)
  }

  get messages(): string[] {
    return this.lines.map(({ message }) => message)
  }

  get states(): StateEvent[] {
    return this.arrivals.flatMap((arrival) => (arrival.kind === 'state' ? [arrival.event] : []))
  }

  get gaps(): GapEvent[] {
    return this.arrivals.flatMap((arrival) => (arrival.kind === 'gap' ? [arrival.event] : []))
  }

  /** Until the condition holds, looked at with every arrival. */
  async until(condition: (stream: this) => boolean, what = condition.toString()): Promise<this> {
    const late = AbortSignal.timeout(DEADLINE_MS)
    while (!condition(this)) {
      await once(this.#changes, 'change', { signal: late }).catch(() => {
        const recent = JSON.stringify(this.arrivals.slice(-5)).slice(0, 2_000)
        throw new Error(`not so after ${DEADLINE_MS} ms: ${what}; ${this.lines.length} lines; at last: ${recent}`)
      })
    }
    return this
  }

  /** Until the backlog is complete. */
  live(): Promise<this> {
    return this.until(({ arrivals }) => arrivals.some(({ kind }) => kind === 'live'), 'live')
  }

  /** Until this message has arrived. */
  message(text: string): Promise<this> {
    return this.until(({ lines }) => lines.some(({ message }) => message === text), `the message ${text}`)
  }

  close(): void {
    this.#source.close()
    open.delete(this)
  }

  #listen(event: string, read: (data: string, id: string) => Arrival): void {
    this.#source.addEventListener(event, ({ data, lastEventId }) => {
      this.arrivals.push(read(String(data), lastEventId))
      this.cursor = lastEventId
      this.#changes.emit('change')
    })
  }
}

const open = new Set<Stream>()

afterAll(() => {
  for (const stream of open) stream.close()
})

/** A container's stream. `query` without its question mark. */
export function openStream(sluice: { readonly url: string }, key: string, query = ''): Stream {
  return new Stream(addressOf(sluice, key, query))
}

/** As a client does that was cut: the same address, with the last id in the header. */
export function resumeStream(sluice: { readonly url: string }, key: string, cursor: string): Stream {
  return new Stream(addressOf(sluice, key, ''), { 'Last-Event-ID': cursor })
}

/** The stream of many containers. `query` without its question mark. */
export function openMerged(
  { url }: { readonly url: string },
  query = '',
  headers: Record<string, string> = {},
): Stream {
  return new Stream(`${url}api/logs/stream?${query}`, headers)
}

export function addressOf({ url }: { readonly url: string }, key: string, query: string): string {
  return `${url}api/containers/${encodeURIComponent(key)}/logs/stream?${query}`
}
