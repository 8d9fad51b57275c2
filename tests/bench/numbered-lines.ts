/** A client that reads numbered lines to the full, and keeps account of which came, how often and in which order. */
import type { IncomingMessage } from 'node:http'
import type { Line } from '../../server/wire.ts'
import { numberOf } from './samples.ts'
import { EventReader, openSse } from './sse.ts'

export class NumberedLines {
  readonly #url: string
  readonly #seen: Uint8Array
  #distinct = 0
  #duplicated = 0
  #latest = -1
  #cursor: string | undefined
  #response: IncomingMessage | undefined
  #whenAll: () => void = () => {}
  #whenLive: () => void = () => {}
  #fail: (error: unknown) => void = () => {}
  /** Rejects when lines come as they must not. */
  readonly #failure = new Promise<never>((_, reject) => {
    this.#fail = reject
  })

  /** `lines`: how many will be written, numbered from 0. */
  constructor(url: string, lines: number) {
    this.#url = url
    this.#seen = new Uint8Array(lines)
    this.#failure.catch(() => {}) // whoever waits for lines is told
  }

  get missing(): number {
    return this.#seen.length - this.#distinct
  }

  get duplicated(): number {
    return this.#duplicated
  }

  /** Opens the stream, from the last event's id if there is one; resolves when it is live. */
  async connect(): Promise<void> {
    const response = await openSse(this.#url, this.#cursor)
    this.#response = response
    const reader = new EventReader()
    const live = new Promise<void>((resolve) => {
      this.#whenLive = resolve
    })
    response.on('data', (chunk: Buffer) => {
      try {
        for (const { type, id, data } of reader.push(chunk)) this.#take(type, id, data)
      } catch (error) {
        this.#fail(error)
      }
    })
    await Promise.race([live, this.#failure])
  }

  /** Ends the connection as a network does: what is on its way is lost. */
  cut(): void {
    this.#response?.destroy()
  }

  /** Stops reading, as a browser does that has no time. */
  pause(): void {
    this.#response?.pause()
  }

  resume(): void {
    this.#response?.resume()
  }

  /** Until no line is missing, or for `deadlineMs`. */
  async settle(deadlineMs: number): Promise<void> {
    const all = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, deadlineMs)
      this.#whenAll = () => {
        clearTimeout(timer)
        resolve()
      }
      if (this.missing === 0) this.#whenAll()
    })
    await Promise.race([all, this.#failure])
  }

  #take(type: string, id: string, data: string): void {
    if (id !== '') this.#cursor = id
    if (type === 'gap') throw new Error(`there is a gap: ${data}`)
    if (type === 'live') this.#whenLive()
    if (type !== 'message' || data === '') return // without data it is no event: it carried the id, or a retry
    for (const { message } of JSON.parse(data) as Line[]) {
      const n = numberOf(message)
      if (n !== undefined) this.#count(n)
    }
    if (this.missing === 0) this.#whenAll()
  }

  #count(n: number): void {
    if (this.#seen[n] !== 0) {
      this.#duplicated++
      return
    }
    if (n < this.#latest) throw new Error(`line ${n} came after line ${this.#latest}`)
    this.#latest = n
    this.#seen[n] = 1
    this.#distinct++
  }
}
