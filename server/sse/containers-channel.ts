/** The channel of `containers` events: a snapshot for each newcomer, then every change, the same for all. */
import { createChannel } from 'better-sse'
import type { Change, Engine } from '../engine/engine.ts'
import type { Container } from '../wire.ts'
import { containersEvent } from './events.ts'
import type { Viewer } from './session.ts'
import { wireContainer } from './wire-container.ts'

export class ContainersChannel {
  readonly #engine: Engine
  readonly #labels: readonly string[]
  readonly #channel = createChannel<Record<string, never>, Record<string, never>>()

  /** `labels`: names of those that each container is sent with. */
  constructor(engine: Engine, labels: readonly string[] = []) {
    this.#engine = engine
    this.#labels = labels
    engine.on('change', this.#broadcast)
  }

  join(viewer: Viewer): void {
    if (!viewer.connected) return
    const [hosts, containers] = [this.#engine.hosts(), this.#shown(this.#engine.containers())]
    viewer.send(containersEvent({ kind: 'snapshot', hosts, containers }))
    this.#channel.register(viewer.session)
  }

  close(): void {
    this.#engine.off('change', this.#broadcast)
  }

  // Without an id, so that the client's Last-Event-ID stays the cursor of the last line.
  #broadcast = (change: Change): void => {
    const sessions = this.#channel.activeSessions
    if (sessions.length === 0) return
    const { changed, ...rest } = change
    const event = containersEvent({ kind: 'change', ...rest, ...(changed && { changed: this.#shown(changed) }) })
    for (const session of sessions) void session.batch(event)
  }

  #shown(containers: readonly Container[]): Container[] {
    return containers.map((container) => wireContainer(container, this.#labels))
  }
}
