/** The channel of `containers` events: a snapshot for each newcomer, then every change, the same for all. */
import { createChannel } from 'better-sse'
import type { Change, Engine } from '../engine/engine.ts'
import { containersEvent } from './events.ts'
import type { Viewer } from './session.ts'

export class ContainersChannel {
  readonly #engine: Engine
  readonly #channel = createChannel<Record<string, never>, Record<string, never>>()

  constructor(engine: Engine) {
    this.#engine = engine
    engine.on('change', this.#broadcast)
  }

  join(viewer: Viewer): void {
    if (!viewer.connected) return
    const [hosts, containers] = [this.#engine.hosts(), this.#engine.containers()]
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
    const event = containersEvent({ kind: 'change', ...change })
    for (const session of sessions) void session.batch(event)
  }
}
