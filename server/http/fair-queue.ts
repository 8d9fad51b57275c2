/**
 * Turns for work that costs the engine or memory: a few at once, fairly by client. A client that asks for more waits in a
 * line of its own, and clients with somebody waiting are served in rotation, so that however much one asks for, the others
 * wait no longer than for what runs already. What only waits for somebody else can step aside, to let the next one begin.
 */

export interface FairQueueOptions {
  /** Turns of all clients at a time. */
  readonly atOnce: number
  readonly atOncePerClient: number
  /** How many of one client may wait; one more is refused. */
  readonly waitingPerClient: number
  /** Turns that have stepped aside, beside those. */
  readonly aside: number
  readonly asidePerClient: number
}

export interface QueueTurn {
  /** Gives the turn back; again: nothing. */
  end(): void
  /** Lets the next one begin before this one ends. Nothing where enough have stepped aside. */
  stepAside(): void
}

/** The client has as many waiting as it may. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError'
}

interface Client {
  running: number
  aside: number
  readonly waiting: (() => void)[]
}

export class FairQueue {
  readonly #options: FairQueueOptions
  /** Those with a turn or somebody waiting; the one that was served longest ago first. */
  readonly #clients = new Map<string, Client>()
  #running = 0
  #aside = 0

  constructor(options: FairQueueOptions) {
    this.#options = options
  }

  /** Resolves when it is the client's turn. Rejects with `QueueFullError`, or with the signal's reason. */
  async take(name: string, signal: AbortSignal): Promise<QueueTurn> {
    signal.throwIfAborted()
    const client = this.#clients.get(name) ?? { running: 0, aside: 0, waiting: [] }
    this.#clients.set(name, client)
    const isFree = this.#running < this.#options.atOnce && client.running < this.#options.atOncePerClient
    if (isFree) this.#start(name, client)
    else await this.#wait(name, client, signal)
    let state: 'running' | 'aside' | 'ended' = 'running'
    return {
      end: () => {
        if (state !== 'ended') this.#end(name, client, state)
        state = 'ended'
      },
      stepAside: () => {
        const { aside, asidePerClient } = this.#options
        if (state !== 'running' || this.#aside >= aside || client.aside >= asidePerClient) return
        state = 'aside'
        this.#aside++
        client.aside++
        this.#end(name, client, 'running')
      },
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

  #end(name: string, client: Client, was: 'running' | 'aside'): void {
    if (was === 'running') {
      this.#running--
      client.running--
    } else {
      this.#aside--
      client.aside--
    }
    this.#forget(name, client)
    this.#next()
  }

  #forget(name: string, { running, aside, waiting }: Client): void {
    if (running + aside + waiting.length === 0) this.#clients.delete(name)
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
