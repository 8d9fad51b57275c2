/**
 * The channel of `containers` events: a snapshot for each newcomer, then the changes, the same for all. One change goes out at
 * once; where many come, the latest of each container goes out in batches. A viewer that is behind gets what it missed, the
 * latest of each container, when it has caught up.
 */
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { EventBuffer } from 'better-sse'
import type { Change, Engine } from '../engine/engine.ts'
import type { Container, Host } from '../wire.ts'
import { snapshotJson } from './container-json.ts'
import { bufferOf, containersEvent } from './events.ts'
import type { Viewer } from './session.ts'
import { wireContainer } from './wire-container.ts'

const BATCH_MS = 50 // after a batch: a person does not see a state sooner, and an engine's inspections bring hundreds
const BATCH_CONTAINERS = 250
/** So many are made into a snapshot in one go; of more, others have their turn in between. */
const SMALL = 250

/** Changes that have not gone out, the latest of each key. Never more than there are names. */
class Pending {
  #hosts: Host[] | undefined
  /** By key; undefined: nobody has the name any more. */
  readonly #containers = new Map<string, Container | undefined>()

  get isEmpty(): boolean {
    return this.#hosts === undefined && this.#containers.size === 0
  }

  add({ hosts, changed, removed }: Change): void {
    if (hosts) this.#hosts = hosts
    for (const key of removed ?? []) this.#containers.set(key, undefined)
    for (const container of changed ?? []) this.#containers.set(container.key, container)
  }

  clear(): void {
    this.#hosts = undefined
    this.#containers.clear()
  }

  /** Some of them, which it has no more. */
  take(): Change {
    const hosts = this.#hosts
    const changed: Container[] = []
    const removed: string[] = []
    for (const [key, container] of this.#containers) {
      if (container) changed.push(container)
      else removed.push(key)
      this.#containers.delete(key)
      if (changed.length + removed.length === BATCH_CONTAINERS) break
    }
    this.#hosts = undefined
    return {
      ...(hosts && { hosts }),
      ...(changed.length > 0 && { changed }),
      ...(removed.length > 0 && { removed }),
    }
  }
}

export class ContainersChannel {
  readonly #engine: Engine
  /** With what each has missed: undefined for those that have everything. */
  readonly #viewers = new Map<Viewer, Pending | undefined>()
  readonly #pending = new Pending()
  #isSending = false
  /** The last snapshot that was begun, and the next, for those who come meanwhile. */
  #making: Promise<EventBuffer> | undefined
  #next: Promise<EventBuffer> | undefined
  readonly #labels: readonly string[]

  /** `labels`: names of those that each container is sent with. */
  constructor(engine: Engine, labels: readonly string[] = []) {
    this.#engine = engine
    this.#labels = labels
    engine.on('change', this.#onChange)
  }

  /** Sends a snapshot, and from then on the changes. Without an id, so that the client's Last-Event-ID stays that of a line. */
  join(viewer: Viewer): void {
    if (!viewer.connected) return
    viewer.session.once('disconnected', () => this.#viewers.delete(viewer))
    const containers = this.#engine.containers()
    if (containers.length <= SMALL) {
      viewer.send(
        containersEvent({ kind: 'snapshot', hosts: this.#engine.hosts(), containers: containers.map(this.#shown) }),
      )
      this.#viewers.set(viewer, undefined)
    } else {
      const missed = new Pending()
      this.#viewers.set(viewer, missed)
      void this.#snapshot().then((event) => {
        viewer.send(event)
        return this.#catchUp(viewer, missed)
      })
    }
  }

  close(): void {
    this.#engine.off('change', this.#onChange)
    this.#viewers.clear()
    this.#pending.clear()
  }

  /** Of everything as it is when it is begun, which is not before this is called. */
  #snapshot(): Promise<EventBuffer> {
    const make = async () => {
      this.#next = undefined
      const [hosts, containers] = [this.#engine.hosts(), this.#engine.containers()]
      const json = await snapshotJson({ hosts, containers }, this.#shown)
      return bufferOf().event('containers').data(json).dispatch()
    }
    this.#next ??= (this.#making ?? Promise.resolve()).then(() => {
      this.#making = make()
      return this.#making
    })
    return this.#next
  }

  #onChange = (change: Change): void => {
    if (this.#viewers.size > 0) this.#pending.add(change)
    else this.#pending.clear()
    if (!this.#isSending) void this.#sendBatches()
  }

  async #sendBatches(): Promise<void> {
    this.#isSending = true
    while (!this.#pending.isEmpty) {
      const change = this.#pending.take()
      const event = this.#changeEvent(change)
      for (const [viewer, missed] of this.#viewers) {
        if (missed) missed.add(change)
        else if (viewer.isBehind) this.#fallBehind(viewer, change)
        else viewer.send(event)
      }
      // What has come at once goes out in one go, but for the turns of others.
      if (this.#pending.isEmpty) await delay(BATCH_MS, undefined, { ref: false })
      else await nextTurn()
    }
    this.#isSending = false
  }

  #fallBehind(viewer: Viewer, change: Change): void {
    const missed = new Pending()
    missed.add(change)
    this.#viewers.set(viewer, missed)
    void this.#catchUp(viewer, missed)
  }

  async #catchUp(viewer: Viewer, missed: Pending): Promise<void> {
    while (viewer.connected && !missed.isEmpty) {
      await viewer.roomy()
      viewer.send(this.#changeEvent(missed.take()))
      await nextTurn()
    }
    if (this.#viewers.has(viewer)) this.#viewers.set(viewer, undefined)
  }

  #changeEvent({ changed, ...rest }: Change): EventBuffer {
    return containersEvent({ kind: 'change', ...rest, ...(changed && { changed: changed.map(this.#shown) }) })
  }

  #shown = (container: Container): Container => wireContainer(container, this.#labels)
}
