/** What was missed while the engine was away: told once, in order, whether a look or an event told it first. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CatchUp } from '../../../server/engine/catch-up.ts'
import type { Happening } from '../../../server/engine/engine.ts'
import type { Container } from '../../../server/wire.ts'
import { container } from '../memory-engine.ts'

const WEB = container('web')
const STARTED = 'started'
const DIED = 'died'

/** A time `seconds` into the story. */
function at(seconds: number): string {
  return `2026-11-22T10:00:${seconds.toFixed(9).padStart(12, '0')}Z`
}

function running(started: number): Container {
  return { ...WEB, state: 'running', started: at(started) }
}

function rerun(started: number, finished: number): Container {
  return { ...running(started), finished: at(finished) }
}

function dead(started: number, finished: number): Container {
  return { ...rerun(started, finished), state: 'exited', exitCode: 137 }
}

function event(state: Happening['state'], seconds: number): Happening {
  return { key: WEB.key, id: WEB.id, state, at: at(seconds) }
}

function brief(happenings: readonly Happening[]): string[] {
  return happenings.map((one) => `${one.state} ${Number(one.at.slice(17, -1))}`)
}

describe('CatchUp', () => {
  it('tells an event at once of a container that is not waited for, and nothing of a look', () => {
    const catchUp = new CatchUp()
    expect(brief(catchUp.event(event('died', 5)))).toEqual(['died 5'])
    expect(catchUp.look(dead(1, 5))).toEqual([])
  })

  it('tells from a look what no event has told', () => {
    const catchUp = new CatchUp()
    catchUp.expect(running(1))
    expect(catchUp.look(dead(1, 5))).toMatchObject([{ state: 'died', at: at(5), exitCode: 137 }])
    catchUp.expect(running(1))
    expect(brief(catchUp.look(rerun(6, 5)))).toEqual(['died 5', 'started 6'])
    catchUp.expect(running(1))
    expect(catchUp.look(running(1))).toEqual([])
  })

  it('tells a new name at once, whether a look is waited for or not', () => {
    const catchUp = new CatchUp()
    catchUp.expect(running(1))
    expect(catchUp.event(event('died', 5))).toEqual([])
    expect(brief(catchUp.event(event('renamed', 6)))).toEqual(['renamed 6'])
    expect(brief(catchUp.look(dead(1, 5)))).toEqual(['died 5'])
  })

  it('has events wait for the look, and tells a start once that both know, after the death that only one does', () => {
    const catchUp = new CatchUp()
    catchUp.expect(running(1))
    expect(catchUp.event(event('started', 6.1))).toEqual([])
    expect(brief(catchUp.look(rerun(6, 5)))).toEqual(['died 5', 'started 6'])
    expect(brief(catchUp.event(event('died', 9)))).toEqual(['died 9'])
  })

  it('tells a death once that its event told before the engine went away, with a later time than a look finds', () => {
    const catchUp = new CatchUp()
    catchUp.expect(dead(1, 5.2))
    expect(brief(catchUp.look(rerun(6, 5)))).toEqual(['started 6'])
  })

  it('passes over the event of what a look was earlier to tell', () => {
    const catchUp = new CatchUp()
    catchUp.expect(running(1))
    expect(brief(catchUp.look(rerun(6, 5)))).toEqual(['died 5', 'started 6'])
    expect(catchUp.event(event('died', 5.1))).toEqual([])
    expect(catchUp.event(event('started', 6.1))).toEqual([])
    expect(brief(catchUp.event(event('died', 7)))).toEqual(['died 7'])
  })

  it('tells what else waited, in its place, and all of it of a container that cannot be looked at', () => {
    const catchUp = new CatchUp()
    for (const end of [() => catchUp.look(rerun(6, 5)), () => catchUp.release(WEB.id)]) {
      catchUp.expect(running(1))
      catchUp.event(event('stopped', 5.5))
      catchUp.event(event('started', 6.1))
      catchUp.event(event('paused', 7))
      const told = brief(end())
      expect(told.filter((one) => /stopped|paused/.test(one))).toEqual(['stopped 5.5', 'paused 7'])
      expect(told.filter((one) => one.startsWith('started'))).toHaveLength(1)
    }
  })

  it('tells what the engine remembers, with its exit codes, and from a look what it does not', () => {
    const catchUp = new CatchUp()
    const died = { ...event('died', 2), exitCode: 4 }
    catchUp.expect(running(1), { remembered: [died, event('started', 3), { ...event('died', 5.2), exitCode: 5 }] })
    const told = catchUp.look(rerun(6, 5))
    expect(brief(told)).toEqual(['died 2', 'started 3', 'died 5.2', 'started 6'])
    expect(told.flatMap(({ exitCode }) => exitCode ?? [])).toEqual([4, 5])
    // The stream brings them once more.
    for (const one of [died, event('started', 3), event('died', 5.2), event('started', 6.1)])
      expect(catchUp.event(one)).toEqual([])
    expect(brief(catchUp.event(event('died', 9)))).toEqual(['died 9'])
  })

  it('tells what listings show only of a container that cannot be looked at, before what came since', () => {
    const catchUp = new CatchUp()
    const waits = () => {
      catchUp.expect(running(1), { implied: [event('died', 2), event('started', 3)] })
      catchUp.event(event('died', 8))
    }
    waits()
    expect(brief(catchUp.release(WEB.id))).toEqual(['died 2', 'started 3', 'died 8'])
    waits()
    expect(brief(catchUp.look(rerun(6, 5)))).toEqual(['died 5', 'started 6', 'died 8'])
  })

  it('tells each death and start once, in order, and leaves out only what nobody can know any more', () => {
    const moments = fc.record({
      restarts: fc.nat(4),
      missed: fc.nat(8),
      look: fc.nat(8),
      lag: fc.nat(2),
      memory: fc.boolean(),
    })
    fc.assert(
      fc.property(moments, ({ restarts, missed, look, lag, memory }) => {
        // Deaths and starts by turns, one each 5 s; the event of each 1 s after what a look finds of it.
        const life = Array.from({ length: restarts * 2 }, (_, n) => (n % 2 ? STARTED : DIED))
        const time = (n: number) => n * 5 + 5
        const events = life.map((state, n) => event(state, time(n) + 1))
        const gone = Math.min(missed, life.length)
        const looked = Math.max(gone, Math.min(look, life.length))
        const [start, death] = (['started', 'died'] as const).map((state) => life.slice(0, looked).lastIndexOf(state))
        const after = { ...running(start! < 0 ? 1 : time(start!)), ...(death! >= 0 && { finished: at(time(death!)) }) }

        const catchUp = new CatchUp()
        catchUp.expect(running(1), memory ? { remembered: events.slice(0, gone) } : {})
        const inTime = Math.max(gone, looked - lag) // the last events before the look may come after it
        const told = [
          ...events.slice(gone, inTime).flatMap((one) => catchUp.event(one)),
          ...catchUp.look(after),
          ...events.slice(inTime).flatMap((one) => catchUp.event(one)),
        ]
        const known = life.map((_, n) => n).filter((n) => memory || n >= gone || n === start || n === death)
        expect(told.map((one) => Math.floor(Number(one.at.slice(17, -1)) / 5) - 1)).toEqual(known)
        expect(told.map(({ state }) => state)).toEqual(known.map((n) => life[n]))
      }),
    )
  })
})
