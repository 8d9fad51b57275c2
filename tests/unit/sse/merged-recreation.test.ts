/** What a merged stream says of containers that compose re-creates: each death and start once, whatever names it gives them meanwhile. */
import { EventEmitter } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EventBuffer } from 'better-sse'
import fc from 'fast-check'
import { pino } from 'pino'
import { describe, expect, it, vi } from 'vitest'
import { Feeds } from '../../../server/feed/feeds.ts'
import { MergedSession } from '../../../server/sse/merged-session.ts'
import type { Selection } from '../../../server/sse/selection.ts'
import type { Viewer } from '../../../server/sse/session.ts'
import type { Container, StateEvent } from '../../../server/wire.ts'
import { SseReader } from '../../soak/sse.ts'
import { at } from '../logs/frames.ts'
import { container, MemoryEngine } from '../memory-engine.ts'

const PROJECT: Selection = { containers: [], projects: ['shop'], labels: [] }
const idOf = (number: number) => number.toString(16).padStart(12, 'a').padEnd(64, '0')

class Stream {
  readonly states: StateEvent[] = []
  isLive = false
  readonly session = new EventEmitter()
  connected = true
  readonly #reader = new SseReader('')

  constructor(engine: MemoryEngine, selection: Selection) {
    const feeds = new Feeds(engine, pino({ level: 'silent' }))
    const viewer = this as unknown as Viewer
    void new MergedSession({ feeds, viewer, selection, start: { tail: 10 } }).run()
  }

  async roomy(): Promise<void> {}

  send(event: EventBuffer): void {
    for (const { type, data } of this.#reader.push(Buffer.from(event.read()))) {
      if (type === 'state') this.states.push(JSON.parse(data) as StateEvent)
      if (type === 'live') this.isLive = true
    }
  }

  end(): void {
    this.connected = false
    this.session.emit('disconnected')
  }

  /** `web died aaa1`: name, what happened, whose. */
  get told(): string[] {
    return this.states.map(({ container: name, state, incarnation }) => `${name} ${state} ${incarnation}`)
  }

  deaths(id: string): StateEvent[] {
    return this.states.filter(({ state, incarnation }) => state === 'died' && incarnation === id.slice(0, 12))
  }
}

/** Compose's own steps: stop, rename, create, start, remove. */
class Compose {
  readonly engine = new MemoryEngine()
  #time = 1
  #count = 0

  up(name: string): string {
    const id = idOf(++this.#count)
    const next: Container = { ...container(name, id), project: 'shop', service: name }
    this.engine.emit('happened', { key: name, id, state: 'created', at: this.now() })
    this.engine.add(next, [{ time: this.now(), text: `begin ${id.slice(0, 12)}\n` }])
    this.engine.emit('happened', { key: name, id, state: 'started', at: this.now() })
    return id
  }

  /** With a turn of the event loop between the steps, as the engine tells of each by itself. */
  async recreate(name: string): Promise<string> {
    const old = this.engine.find(name)!
    this.engine.end(old.id, { time: this.now(), text: 'bye\n' })
    const stopped = this.engine.find(name)!
    this.engine.emit('change', { changed: [stopped] })
    this.engine.emit('happened', { key: name, id: old.id, state: 'died', at: this.now(), exitCode: 0 })
    this.engine.emit('happened', { key: name, id: old.id, state: 'stopped', at: this.now() })
    const temporary = `${old.id.slice(0, 12)}_${name}`
    await nextTurn()
    this.engine.rename(name, temporary, this.now())
    await nextTurn()
    this.up(name)
    await nextTurn()
    this.engine.remove(temporary, this.now())
    return old.id
  }

  now(): string {
    return at(this.#time++)
  }
}

describe('a project’s stream while compose re-creates a container', () => {
  it('tells its death once, under the name that it had', async () => {
    const compose = new Compose()
    compose.up('web')
    const stream = new Stream(compose.engine, PROJECT)
    await vi.waitFor(() => expect(stream.isLive).toBe(true))
    const old = await compose.recreate('web')
    await vi.waitFor(() => expect(stream.told.some((told) => told.startsWith('web recreated'))).toBe(true))
    await vi.waitFor(() => expect(stream.told.some((told) => told.endsWith(`removed ${old.slice(0, 12)}`))).toBe(true))
    expect(stream.deaths(old).map((event) => event.container)).toEqual(['web'])
    stream.end()
  })

  it('tells its death once, too, where the list tells of the other name before the event does', async () => {
    const compose = new Compose()
    compose.up('web')
    const stream = new Stream(compose.engine, PROJECT)
    await vi.waitFor(() => expect(stream.isLive).toBe(true))
    const emit = compose.engine.emit.bind(compose.engine) as (name: string, event: unknown) => boolean
    const isRename = (event: unknown) => (event as { state?: string }).state === 'renamed'
    Object.assign(compose.engine, {
      emit: (name: string, event: unknown) =>
        name === 'happened' && isRename(event) ? setImmediate(emit, name, event) : emit(name, event),
    })
    const old = await compose.recreate('web')
    await vi.waitFor(() => expect(stream.told.some((told) => told.startsWith('web recreated'))).toBe(true))
    await vi.waitFor(() => expect(stream.told.some((told) => told.endsWith(`removed ${old.slice(0, 12)}`))).toBe(true))
    expect(stream.deaths(old).map((event) => event.container)).toEqual(['web'])
    stream.end()
  })

  it('tells a container’s state under each name that the stream gives it by name', async () => {
    const compose = new Compose()
    const id = compose.up('web')
    const temporary = `${id.slice(0, 12)}_web`
    const stream = new Stream(compose.engine, { containers: ['web', temporary], projects: [], labels: [] })
    await vi.waitFor(() => expect(stream.isLive).toBe(true))
    compose.engine.rename('web', temporary, compose.now())
    await vi.waitFor(() => expect(stream.told).toContain(`web renamed ${id.slice(0, 12)}`))
    expect(stream.told.filter((told) => told.startsWith(temporary))).toEqual([`${temporary} absent undefined`])
    stream.end()
  })

  it('tells every death once, whatever is re-created in whatever order', async () => {
    const names = ['web', 'db', 'cache'] as const
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 6 }), async (order) => {
        const compose = new Compose()
        for (const name of names) compose.up(name)
        const stream = new Stream(compose.engine, PROJECT)
        await vi.waitFor(() => expect(stream.isLive).toBe(true))
        const gone: string[] = []
        for (const name of order) {
          gone.push(await compose.recreate(name))
          const next = compose.engine.find(name)!.id.slice(0, 12)
          await vi.waitFor(() => expect(stream.told).toContain(`${name} recreated ${next}`), { timeout: 5_000 })
        }
        stream.end()
        expect(gone.map((id) => stream.deaths(id).map((event) => event.container))).toEqual(order.map((name) => [name]))
      }),
      { numRuns: 10 },
    )
  }, 60_000)
})
