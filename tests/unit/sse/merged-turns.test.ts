/** Many viewers of one log that are woken together. */
import { EventEmitter, once } from 'node:events'
import type { EventBuffer } from 'better-sse'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { Feeds } from '../../../server/feed/feeds.ts'
import { MergedSession } from '../../../server/sse/merged-session.ts'
import type { Selection } from '../../../server/sse/selection.ts'
import type { Viewer } from '../../../server/sse/session.ts'
import { at } from '../logs/frames.ts'
import { container, MemoryEngine } from '../memory-engine.ts'

const VIEWERS = 20
const SEND_MS = 2
const EVERYTHING: Selection = { containers: [], projects: [], labels: [] }

/** Events of type `type` take long to send: of these it counts how many went out in one turn of the event loop. */
class SlowSends extends EventEmitter {
  readonly perTurn = [0]
  sent = 0
  #timer = setImmediate(() => this.#turn())

  #turn(): void {
    this.perTurn.push(0)
    this.#timer = setImmediate(() => this.#turn())
  }

  send(event: EventBuffer): void {
    const [, type = ''] = /^event:\s*(\S+)/m.exec(event.read()) ?? []
    if (type === 'message') {
      const began = performance.now()
      while (performance.now() - began < SEND_MS);
      this.perTurn.push((this.perTurn.pop() ?? 0) + 1)
      this.sent++
    }
    this.emit(type)
  }

  end(): void {
    clearImmediate(this.#timer)
  }
}

it('are served in slices, so that others are served in between', async () => {
  const web = container('web')
  const engine = new MemoryEngine().add(web)
  const feeds = new Feeds(engine, pino({ level: 'silent' }))
  const sends = new SlowSends()
  const sessions: EventEmitter[] = []
  for (let n = 0; n < VIEWERS; n++) {
    const session = new EventEmitter()
    sessions.push(session)
    const viewer = {
      session,
      client: 'a',
      connected: true,
      roomy: async () => {},
      send: (event: EventBuffer) => sends.send(event),
    } as unknown as Viewer
    const live = once(sends, 'live')
    void new MergedSession({ feeds, viewer, selection: EVERYTHING, start: { tail: 0 } }).run()
    await live
  }
  const now = sends.perTurn.length - 1
  engine.write(web.id, { time: at(1), text: 'one\n' })
  while (sends.sent < VIEWERS) await once(sends, 'message')
  sends.end()
  expect(Math.max(...sends.perTurn.slice(now))).toBeLessThanOrEqual(3)
  for (const session of sessions) session.emit('disconnected')
  feeds.close()
})
