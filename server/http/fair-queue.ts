/**
 * Turns for work that costs the engine or memory: a few at once, fairly by client. A client that asks for more waits in a
 * line of its own, and clients with somebody waiting are served in rotation, so that however much one asks for, the others
 * wait no longer than for what runs already.
 */

export interface FairQueueOptions {
  /** Turns of all clients at a time. */
  readonly atOnce: number
  readonly atOncePerClient: number
  /** How many of one client may wait; one more is refused. */
  readonly waitingPerClient: number
}

/** The client has as many waiting as it may. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError'
}

interface Client {
  running: number
  readonly waiting: (() => void)[]
}

export class FairQueue {
  readonly #options: FairQueueOptions
  /** Those with a turn or somebody waiting; the one that was served longest ago first. */
  readonly #clients = new Map<string, Client>()
  #running = 0

  constructor(options: FairQueueOptions) {
    this.#options = options
  }

  /**
   * Resolves when it is the client's turn, with what gives the turn back; calling that again does nothing. Rejects with
   * `QueueFullError`, or with the signal's reason.
   */
  async take(client: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    const own = this.#clients.get(client) ?? { running: 0, waiting: [] }
    this.#clients.set(client, own)
    const isFree = this.#running < this.#options.atOnce && own.running < this.#options.atOncePerClient
    if (isFree) this.#start(client, own)
    else await this.#wait(client, own, signal)
    let isHeld = true
    return () => {
      if (isHeld) this.#end(client, own)
      isHeld = false
    }
  }

  #wait(name: string, client: Client, signal: AbortSignal): Promise<void> {
    const { waiting } = client
    if (waiting.length >= this.#options.waitingPerClient) throw new QueueFullError('too many of one client wait')
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiting.splice(waiting.indexOf(go), 1)
        this.#forget(name, client)
        reject(signal.reason)
      }
      const go = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      signal.addEventListener('abort', leave, { once: true })
      waiting.push(go)
    })
  }

  #start(name: string, client: Client): void {
    this.#running++
    client.running++
    this.#clients.delete(name)
    this.#clients.set(name, client)
  }

  #end(name: string, client: Client): void {
    this.#running--
    client.running--
    this.#forget(name, client)
    this.#next()
  }

  #forget(name: string, { running, waiting }: Client): void {
    if (running === 0 && waiting.length === 0) this.#clients.delete(name)
  }

  #next(): void {
    for (const [name, client] of this.#clients) {
      if (this.#running >= this.#options.atOnce) return
      if (client.running >= this.#options.atOncePerClient) continue
      const go = client.waiting.shift()
      if (!go) continue
      this.#start(name, client)
      go()
    }
  }
}
