/** The `containers` events: one change at once, thousands in batches, and whoever is behind ends with the same picture. */
import { EventEmitter } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EventBuffer } from 'better-sse'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ContainersChannel } from '../../../server/sse/containers-channel.ts'
import type { Viewer } from '../../../server/sse/session.ts'
import { wireContainer } from '../../../server/sse/wire-container.ts'
import type { Container, ContainersEvent } from '../../../server/wire.ts'
import { SseReader } from '../../soak/sse.ts'
import { container, MemoryEngine } from '../memory-engine.ts'

/** A client that keeps the list as the page does. */
class Client {
  readonly session = new EventEmitter()
  readonly events: ContainersEvent[] = []
  readonly containers = new Map<string, Container>()
  connected = true
  isBehind = false
  #wake: () => void = () => {}
  readonly #reader = new SseReader('')

  get viewer(): Viewer {
    return this as unknown as Viewer
  }

  async roomy(): Promise<void> {
    while (this.isBehind) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  drain(): void {
    this.isBehind = false
    this.#wake()
  }

  send(buffer: EventBuffer): void {
    for (const { data } of this.#reader.push(Buffer.from(buffer.read()))) {
      const event = JSON.parse(data) as ContainersEvent
      this.events.push(event)
      if (event.kind === 'snapshot') this.containers.clear()
      const changed = event.kind === 'snapshot' ? event.containers : (event.changed ?? [])
      for (const each of changed) this.containers.set(each.key, each)
      for (const key of event.kind === 'change' ? (event.removed ?? []) : []) this.containers.delete(key)
    }
  }

  leave(): void {
    this.connected = false
    this.session.emit('disconnected')
  }
}

function open(count: number) {
  const engine = new MemoryEngine()
  for (let index = 0; index < count; index++) engine.add(named(index))
  const channel = new ContainersChannel(engine)
  onTestFinished(() => channel.close())
  const join = () => {
    const client = new Client()
    channel.join(client.viewer)
    return client
  }
  return { engine, channel, join }
}

function named(index: number, state: Container['state'] = 'running'): Container {
  return { ...container(`web-${index}`, index.toString(16).padStart(12, '0').padEnd(64, 'a')), state }
}

const settled = (client: Client, engine: MemoryEngine) =>
  vi.waitFor(() =>
    expect([...client.containers.values()].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual(
      engine.containers().map((container) => wireContainer(container, [])),
    ),
  )

describe('ContainersChannel', () => {
  it('sends one change at once', () => {
    const { engine, join } = open(1)
    const client = join()
    engine.add(named(0, 'exited'))
    expect(client.events.map(({ kind }) => kind)).toEqual(['snapshot', 'change'])
    expect(client.containers.get('web-0')?.state).toBe('exited')
  })

  it('sends thousands of changes, one by one as inspections bring them, in few events', async () => {
    const { engine, join } = open(3_000)
    const client = join()
    await settled(client, engine)
    const before = client.events.length
    for (let index = 0; index < 3_000; index++) {
      engine.add(named(index, 'exited'))
      if (index % 100 === 0) await nextTurn()
    }
    await settled(client, engine)
    expect(client.events.length - before).toBeLessThan(60)
  })

  it('sends what comes at once in parts, of which none is large', async () => {
    const { engine, join } = open(0)
    const client = join()
    engine.emit('change', {
      hosts: engine.hosts(),
      changed: Array.from({ length: 10_000 }, (_, index) => named(index)),
    })
    await vi.waitFor(() => expect(client.containers.size).toBe(10_000))
    for (const event of client.events)
      if (event.kind === 'change') expect(event.changed?.length).toBeLessThanOrEqual(250)
  })

  it('makes one snapshot for all that come while it is made', async () => {
    const { engine, join } = open(2_000)
    const stringify = vi.spyOn(JSON, 'stringify')
    onTestFinished(() => stringify.mockRestore())
    const clients = Array.from({ length: 20 }, join)
    await Promise.all(clients.map((client) => settled(client, engine)))
    const made = stringify.mock.calls.filter(([value]) => (value as Container).key !== undefined).length
    expect(made).toBe(2_000)
    for (const { events } of clients) expect(events.map(({ kind }) => kind)).toEqual(['snapshot'])
  })

  it('sends one that is behind the latest of each when it has caught up, and nothing before', async () => {
    const { engine, join } = open(400)
    const [client, other] = [join(), join()]
    await Promise.all([settled(client, engine), settled(other, engine)])
    client.isBehind = true
    const before = client.events.length
    for (const state of ['paused', 'exited', 'running', 'exited'] as const) {
      for (let index = 0; index < 400; index++) engine.add(named(index, state))
      await settled(other, engine)
    }
    expect(client.events).toHaveLength(before)
    client.drain()
    await settled(client, engine)
    expect(client.events.length - before).toBeLessThanOrEqual(3)
  })

  it('leaves every client with the engine’s list, whatever changes while it comes, goes or is behind', async () => {
    const act = fc.tuple(
      fc.constantFrom('set', 'set', 'remove', 'join', 'behind', 'drain', 'leave', 'turn'),
      fc.nat(399),
      fc.constantFrom<Container['state']>('running', 'exited', 'paused'),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 60 }), fc.constantFrom(5, 300), async (acts, count) => {
        const { engine, channel, join } = open(count)
        const clients = [join()]
        for (const [what, index, state] of acts) {
          const client = clients[index % clients.length]!
          if (what === 'set') engine.add(named(index, state))
          if (what === 'remove' && engine.find(`web-${index}`)) engine.remove(`web-${index}`, '')
          if (what === 'join') clients.push(join())
          if (what === 'behind') client.isBehind = true
          if (what === 'drain') client.drain()
          if (what === 'leave' && clients.length > 1) clients.splice(clients.indexOf(client), 1)[0]?.leave()
          if (what === 'turn') await nextTurn()
        }
        for (const client of clients) client.drain()
        await Promise.all(clients.map((client) => settled(client, engine)))
        channel.close()
      }),
      { numRuns: 40 },
    )
  }, 60_000)
})
