/** One container's log: what is drawn of its stream, and from where it is resumed. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Line, StateEvent } from '../../../server/wire.ts'
import { LogSession } from '../../../web/log/session.ts'

const ID = 'a1b2c3d4e5f6'
const NOW = new Date('2026-11-22T10:00:00Z')
const START = 1_795_341_600

/** Line `n` of a log that writes three lines in each millisecond, so that ordinals matter. */
const line = (n: number): Line => ({
  time: new Date(START * 1000 + Math.floor(n / 3)).toISOString().replace('Z', '000000Z'),
  stream: 'stdout',
  message: `line ${n}`,
  ...(n % 3 === 0 ? {} : { ordinal: n % 3 }),
})
const cursor = (n: number) => {
  const ms = START * 1000 + Math.floor(n / 3)
  return `${ID}.${Math.floor(ms / 1000)}.${String((ms % 1000) * 1e6).padStart(9, '0')}.${n % 3}`
}
const state = (name: StateEvent['state'], more: Partial<StateEvent> = {}): StateEvent => ({
  container: 'web',
  state: name,
  incarnation: ID,
  at: '2026-11-22T09:59:00Z',
  ...more,
})
const texts = (session: LogSession) => {
  const { first, end } = session.store
  return Array.from({ length: end - first }, (_, i) => session.store.row(first + i)?.text ?? '')
}

describe('log session', () => {
  it('asks for the backlog first, and for what follows the last line afterwards', () => {
    const session = new LogSession('web@vm 1/x', NOW)
    expect(session.address()).toBe('api/containers/web%40vm%201%2Fx/logs/stream?containers=true&wait=true&tail=500')
    session.message([line(0), line(1)], cursor(1))
    expect(session.address()).toContain(`&after=${cursor(1)}`)
    session.live(cursor(5), false)
    expect(session.address()).toContain(`&after=${cursor(5)}`)
  })

  it('draws what happened, but not the state that opens a connection', () => {
    const session = new LogSession('web', NOW)
    session.connected()
    session.state(state('started'))
    session.message([line(0)], cursor(0))
    session.live(cursor(0), false)
    expect(texts(session)).toEqual(['line 0'])
    session.state(state('paused'))
    expect(texts(session)).toHaveLength(2)
    session.connected()
    session.state(state('paused'))
    expect(texts(session)).toHaveLength(2)
  })

  it('ends the lines of a stopped container with why it stopped, once', () => {
    const session = new LogSession('web', NOW)
    for (let connection = 0; connection < 2; connection++) {
      session.connected()
      session.state(state('died', { exitCode: 137 }))
      if (connection === 0) session.message([line(0)], cursor(0))
      session.live(cursor(0), true)
    }
    expect(texts(session)).toHaveLength(2)
    expect(texts(session)[1]).toMatch(/^web exited · .* · code 137, out of memory · waiting for it to start again$/)
  })

  it('tells of a start that was missed while the connection was away', () => {
    const session = new LogSession('web', NOW)
    session.message([line(0)], cursor(0))
    session.connected()
    session.state(state('died', { exitCode: 0 }))
    session.live(cursor(0), false)
    session.connected()
    session.state(state('started'))
    expect(texts(session).at(-1)).toMatch(/^web started again/)
  })

  it('stays without a row when the driver cannot be read: the page says so in words', () => {
    const session = new LogSession('web', NOW)
    session.gap({ container: 'web', reason: 'unreadable-driver', driver: 'syslog' }, '')
    expect(texts(session)).toEqual([])
    expect(session.status.unreadable?.driver).toBe('syslog')
    expect(session.status.empty).toBe(true)
  })

  it('loses nothing and doubles nothing when it is full of what is being read', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 250 }), fc.integer({ min: 0, max: 511 }), (batch, readAt) => {
        const session = new LogSession('web', NOW, { rows: 1024, bytes: 1e9 })
        let reopened = false
        session.onReopen = () => {
          reopened = true
        }
        const send = (from: number, to: number) => {
          for (let n = from; n < to; n += batch) {
            const last = Math.min(n + batch, to) - 1
            session.message(
              Array.from({ length: last - n + 1 }, (_, i) => line(n + i)),
              cursor(last),
            )
          }
        }
        session.store.pinned = readAt
        send(0, 3000)
        expect(texts(session)).toEqual(Array.from({ length: 1024 }, (_, n) => `line ${n}`))
        session.store.pinned = Number.POSITIVE_INFINITY
        session.release()
        expect(reopened).toBe(true)
        expect(session.address()).toContain(`&after=${cursor(1023)}`)
        send(1024, 3000)
        expect(texts(session).at(-1)).toBe('line 2999')
        expect(session.store.appended).toBe(3000)
      }),
      { numRuns: 25 },
    )
  })
})
