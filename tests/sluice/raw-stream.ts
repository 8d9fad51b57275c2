/**
 * A viewer that sees the stream as it is written: every event with its id, also those that are nothing but an id, which no
 * EventSource hands out. It can stop reading, and resume where it was cut.
 */
import { EventEmitter, once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { afterAll } from 'vitest'
import type { GapEvent, MergedLine } from '../../server/wire.ts'

export interface RawEvent {
  /** Absent of an event that is an id only. */
  readonly event?: string
  readonly data?: string
  readonly id?: string
}

const DEADLINE_MS = 45_000

export class RawStream {
  readonly events: RawEvent[] = []
  readonly #request: ClientRequest
  readonly #changes = new EventEmitter().setMaxListeners(0)
  #response: IncomingMessage | undefined
  #paused = false
  #rest = ''

  constructor(url: string, headers: Record<string, string> = {}) {
    this.#request = request(url, { headers, agent: false }, (response) => this.#receive(response))
    this.#request.on('error', () => {})
    this.#request.end()
    open.add(this)
  }

  get status(): number | undefined {
    return this.#response?.statusCode
  }

  get lines(): MergedLine[] {
    return linesIn(this.events)
  }

  get gaps(): GapEvent[] {
    return this.events.flatMap(({ event, data }) => (event === 'gap' ? [JSON.parse(data ?? '') as GapEvent] : []))
  }

  /** Until the condition holds, looked at with every piece that arrives. */
  async until(condition: (events: readonly RawEvent[]) => boolean, what = condition.toString()): Promise<this> {
    const late = AbortSignal.timeout(DEADLINE_MS)
    while (!condition(this.events)) {
      if ((this.status ?? 200) !== 200) throw new Error(`answered ${this.status}`)
      await once(this.#changes, 'change', { signal: late }).catch(() => {
        const recent = JSON.stringify(this.events.slice(-5)).slice(0, 2_000)
        throw new Error(`not so after ${DEADLINE_MS} ms: ${what}; ${this.events.length} events; at last: ${recent}`)
      })
    }
    return this
  }

  live(): Promise<this> {
    return this.until((events) => events.some(({ event }) => event === 'live'), 'live')
  }

  /** Until an event holds this text. */
  seen(text: string): Promise<this> {
    let looked = 0
    const isIn = ({ data }: RawEvent) => data?.includes(text) ?? false
    return this.until((events) => {
      const found = events.slice(looked).some(isIn)
      looked = events.length
      return found
    }, text)
  }

  /** Takes nothing from its socket until `resume`. */
  pause(): void {
    this.#paused = true
    this.#response?.pause()
  }

  resume(): void {
    this.#paused = false
    this.#response?.resume()
  }

  close(): void {
    this.#request.destroy()
    open.delete(this)
  }

  #receive(response: IncomingMessage): void {
    this.#response = response
    response.setEncoding('utf8')
    response.on('error', () => {})
    response.on('data', (chunk: string) => {
      const blocks = (this.#rest + chunk).split('\n\n')
      this.#rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const event = Object.fromEntries(
          block.split('\n').flatMap((line) => {
            const [, field, value] = /^(event|data|id): ?(.*)$/.exec(line) ?? []
            return field === undefined ? [] : [[field, value]]
          }),
        ) as RawEvent
        if (Object.keys(event).length > 0) this.events.push(event)
      }
      this.#changes.emit('change')
    })
    if (this.#paused) response.pause()
    this.#changes.emit('change')
  }
}

export function linesIn(events: readonly RawEvent[]): MergedLine[] {
  return events.flatMap(({ event, data }) => (event === 'message' ? (JSON.parse(data ?? '') as MergedLine[]) : []))
}

/** What a client that has seen these events resumes with. */
export function lastId(events: readonly RawEvent[]): string {
  return events.findLast(({ id }) => id !== undefined)?.id ?? ''
}

const open = new Set<RawStream>()

afterAll(() => {
  for (const stream of open) stream.close()
})
