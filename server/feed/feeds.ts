/** The feeds there are: one for each container that somebody watches, and for a while after. */
import type { Logger } from 'pino'
import type { Engine } from '../engine/engine.ts'
import { Feed } from './feed.ts'
import { Succession } from './succession.ts'

/** A page that is reloaded, or a stream that reconnects, finds its feed as it was. */
const LINGER_MS = 8_000 // under the 10 s after which none may be left at the engine

/** What a feed begins with where its first reader goes on from somewhere: what most readers ask for. */
const USUAL_TAIL = 500

/** The backlog for the feed of a reader who begins so. */
export function feedTail(start: { readonly tail: number } | { readonly after: unknown }): number {
  return 'tail' in start ? start.tail : USUAL_TAIL
}

interface Shared {
  readonly feed: Feed
  holders: number
  linger: NodeJS.Timeout | undefined
}

export class Feeds {
  readonly engine: Engine
  readonly succession: Succession
  readonly #log: Logger
  readonly #shared = new Map<string, Shared>()

  constructor(engine: Engine, log: Logger) {
    this.engine = engine
    this.succession = new Succession(engine)
    this.#log = log
  }

  /** The container's feed, started with a backlog of `tail` lines if there is none. Each call needs a `release`. */
  acquire(key: string, tail: number): Feed {
    const shared = this.#shared.get(key) ?? {
      feed: new Feed(this.engine, this.succession, key, tail, this.#log),
      holders: 0,
      linger: undefined,
    }
    this.#shared.set(key, shared)
    clearTimeout(shared.linger)
    shared.holders++
    return shared.feed
  }

  release(feed: Feed): void {
    const shared = this.#shared.get(feed.key)
    if (shared?.feed !== feed) return
    shared.holders--
    if (shared.holders > 0) return
    shared.linger = setTimeout(() => {
      this.#shared.delete(feed.key)
      feed.close()
    }, LINGER_MS)
  }

  close(): void {
    for (const { feed, linger } of this.#shared.values()) {
      clearTimeout(linger)
      feed.close()
    }
    this.#shared.clear()
    this.succession.close()
  }
}
