/** A stand-in for the browser's EventSource. */
import type { Source } from '../../../web/api/stream.ts'

export class FakeSource implements Source {
  readyState = 0
  readonly address: string
  readonly #listeners = new Map<string, (event: { data: string; lastEventId: string }) => void>()

  constructor(address: string) {
    this.address = address
  }

  get url(): URL {
    return new URL(this.address, 'http://sluice/')
  }

  addEventListener(type: string, listener: (event: { data: string; lastEventId: string }) => void): void {
    this.#listeners.set(type, listener)
  }

  close(): void {
    this.readyState = 2
  }

  fire(type: string, data: unknown = null, lastEventId = ''): void {
    this.#listeners.get(type)?.({ data: JSON.stringify(data), lastEventId })
  }
}
