/**
 * The bytes of an answer's body as they come. Node's HTTP parser only passes them on, each read as a buffer and two streams'
 * events of its own, which is a twentieth of what a flood costs: once it has nothing left they come from the socket itself,
 * where that knows by the chunks where they end.
 */
import type { IncomingMessage } from 'node:http'
import { DechunkingSocket } from './dechunking-socket.ts'

export class Body {
  readonly #response: IncomingMessage
  readonly #socket: DechunkingSocket | undefined
  #isPaused = false

  /** `take` is given all of it, in order: after `pause` still what was under way. */
  constructor(response: IncomingMessage, take: (bytes: Buffer) => void) {
    const { socket } = response
    this.#response = response
    this.#socket = socket instanceof DechunkingSocket ? socket : undefined
    response.on('data', take)
    this.#socket?.divert((bytes) => {
      if (response.readableLength > 0) return undefined
      take(bytes)
      return !this.#isPaused
    })
  }

  pause(): void {
    this.#isPaused = true
    this.#response.pause()
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#response.resume()
    this.#socket?.readOn()
  }
}
