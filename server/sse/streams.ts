/** The streams that Sluice serves: opens a viewer's session and joins it to what it asked for. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Feeds, feedTail } from '../feed/feeds.ts'
import type { Start } from '../feed/reader.ts'
import type { Filter } from '../logs/filter.ts'
import { ContainersChannel } from './containers-channel.ts'
import { stateEvent } from './events.ts'
import { LogChannel } from './log-channel.ts'
import { LogSession } from './log-session.ts'
import { MergedSession, type MergedStart } from './merged-session.ts'
import type { Selection } from './selection.ts'
import { Viewer } from './session.ts'
import { stateNow } from './state-now.ts'

export interface LogStreamOptions {
  readonly start: Start
  readonly filter?: Filter
  /** Adds the `containers` events. */
  readonly containers: boolean
}

export interface MergedStreamOptions {
  readonly start: MergedStart
  readonly selection: Selection
  readonly filter?: Filter
  readonly containers: boolean
}

interface Watched {
  readonly channel: LogChannel
  sessions: number
}

export class Streams {
  readonly #feeds: Feeds
  readonly #containers: ContainersChannel
  readonly #watched = new Map<string, Watched>()

  constructor(feeds: Feeds) {
    this.#feeds = feeds
    this.#containers = new ContainersChannel(feeds.engine)
  }

  /** `labels`: names of those that each container is sent with. */
  async openEvents(labels: readonly string[], req: IncomingMessage, res: ServerResponse): Promise<void> {
    const viewer = await Viewer.open(req, res)
    if (labels.length === 0 || !viewer.connected) return this.#containers.join(viewer)
    const channel = new ContainersChannel(this.#feeds.engine, labels)
    viewer.session.once('disconnected', () => channel.close())
    channel.join(viewer)
  }

  async openLog(key: string, options: LogStreamOptions, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { engine } = this.#feeds
    // Taken before the head is sent, so that the engine is already reading while it goes out.
    const { start, filter } = options
    const name = filter?.key ? `${key}?${filter.key}` : key
    const watched = this.#take(name, key, feedTail(start), filter)
    let held = true
    const release = () => {
      if (held) this.#release(name, watched)
      held = false
    }
    try {
      const viewer = await Viewer.open(req, res)
      viewer.session.once('disconnected', release)
      if (!viewer.connected) return release()
      if (options.containers) this.#containers.join(viewer)
      viewer.send(stateEvent(stateNow(engine, key)))
      await new LogSession(engine, watched.channel, viewer, start).run()
    } catch (error) {
      release()
      throw error
    }
  }

  async openMerged(options: MergedStreamOptions, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const viewer = await Viewer.open(req, res)
    if (!viewer.connected) return
    if (options.containers) this.#containers.join(viewer)
    await new MergedSession({ ...options, feeds: this.#feeds, viewer }).run()
  }

  close(): void {
    this.#containers.close()
    for (const { channel } of this.#watched.values()) channel.close()
    this.#watched.clear()
  }

  /** The channel `web`, or `web?level=error`: those who filter alike share one. */
  #take(name: string, key: string, tail: number, filter: Filter | undefined): Watched {
    const watched = this.#watched.get(name) ?? {
      channel: new LogChannel(this.#feeds.engine, this.#feeds.acquire(key, tail), filter?.key ? filter : undefined),
      sessions: 0,
    }
    this.#watched.set(name, watched)
    watched.sessions++
    return watched
  }

  #release(name: string, watched: Watched): void {
    watched.sessions--
    if (watched.sessions > 0) return
    this.#watched.delete(name)
    watched.channel.close()
    this.#feeds.release(watched.channel.feed)
  }
}
