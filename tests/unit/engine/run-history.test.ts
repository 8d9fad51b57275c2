/** The runs of containers, from events and inspections, in whichever order they come. */
import { describe, expect, it } from 'vitest'
import { RunHistory } from '../../../server/engine/run-history.ts'
import type { Container } from '../../../server/wire.ts'
import { at } from '../logs/frames.ts'
import { container } from '../memory-engine.ts'

const ID = 'a'.repeat(64)
const INCARNATION = 'a'.repeat(12)
/** RFC 3339, so many ms after the tests' first moment. */
const ms = (n: number) => at(n * 1e6)

function history() {
  const runs = new RunHistory()
  const event = (action: string, time: number, attributes: Record<string, string> = {}) =>
    runs.event({ id: ID, action, attributes, at: ms(time) })
  const see = (more: Partial<Container>) => {
    const { started: _, ...rest } = container('web', ID)
    runs.see({ ...rest, ...more })
  }
  return { runs, event, see, all: () => runs.of(ID, INCARNATION) }
}

describe('runs', () => {
  it('begin and end with events, and have their exit codes', () => {
    const { event, all, runs } = history()
    event('start', 0)
    event('die', 5_000, { exitCode: '1' })
    event('start', 6_000)
    expect(all()).toEqual([
      { incarnation: INCARNATION, started: ms(0), finished: ms(5_000), exitCode: 1, stopped: false },
      { incarnation: INCARNATION, started: ms(6_000) },
    ])
    expect(runs.wasStopped(ID)).toBe(false)
  })

  it('of a loop that restarts every 100 ms are each told', () => {
    const { event, all } = history()
    for (let n = 0; n < 10; n++) {
      event('start', n * 100)
      event('die', n * 100 + 50, { exitCode: '1' })
    }
    expect(all().map(({ started, finished }) => [started, finished])).toEqual(
      Array.from({ length: 10 }, (_, n) => [ms(n * 100), ms(n * 100 + 50)]),
    )
  })

  it('are bounded', () => {
    const { event, all } = history()
    for (let n = 0; n < 500; n++) event('start', n * 10_000)
    expect(all()).toHaveLength(50)
    expect(all().at(-1)?.started).toBe(ms(499 * 10_000))
  })

  it.each([
    ['an inspection before its event', ['see', 'start']],
    ['an event before its inspection', ['start', 'see']],
  ])('are one for %s', (_, order) => {
    const { event, see, all } = history()
    for (const what of order) {
      if (what === 'see') see({ started: ms(0) })
      else event('start', 40)
    }
    expect(all()).toEqual([{ incarnation: INCARNATION, started: ms(40) }])
  })

  it.each([
    ['before', ['see', 'start', 'see']],
    ['after', ['start', 'see', 'start']],
  ])('are one where an inspection %s the event has the later time', (_, order) => {
    const { event, see, all } = history()
    event('start', -30_000)
    event('die', -10_000, { exitCode: '1' })
    for (const what of order) {
      if (what === 'see') see({ started: ms(0.2), finished: ms(-9_999.8) })
      else event('start', 0)
    }
    expect(all().map(({ started }) => started)).toEqual([ms(-30_000), ms(0)])
  })

  it.each([
    ['an inspection before its event', ['see', 'die']],
    ['an event before its inspection', ['die', 'see']],
  ])('end once for %s', (_, order) => {
    const { event, see, all } = history()
    event('start', 0)
    for (const what of order) {
      if (what === 'see') see({ state: 'exited', started: ms(-30), finished: ms(9_960), exitCode: 2 })
      else event('die', 10_000, { exitCode: '2' })
    }
    expect(all()).toMatchObject([{ started: ms(0), exitCode: 2 }])
  })

  it('are known from an inspection alone: the last start, and the end before it', () => {
    const { see, all, runs } = history()
    see({ started: ms(60_000), finished: ms(50_000) })
    expect(all()).toEqual([
      { incarnation: INCARNATION, finished: ms(50_000) },
      { incarnation: INCARNATION, started: ms(60_000) },
    ])
    expect(runs.wasStopped(ID)).toBeUndefined()
  })

  it('of a container that stands still have the exit code that an inspection tells', () => {
    const { see, all } = history()
    see({ state: 'exited', started: ms(0), finished: ms(50_000), exitCode: 137, oomKilled: true })
    expect(all()).toEqual([
      { incarnation: INCARNATION, started: ms(0), finished: ms(50_000), exitCode: 137, oomKilled: true },
    ])
  })

  it.each([
    [
      'docker stop',
      [
        ['kill', 0, '15'],
        ['kill', 10_000, '9'],
        ['die', 10_100],
        ['stop', 10_110],
      ],
      true,
    ],
    [
      'docker stop, by the stop event alone',
      [
        ['die', 10_100],
        ['stop', 10_110],
      ],
      true,
    ],
    [
      'docker stop with a signal of the image (WINCH)',
      [
        ['kill', 0, '28'],
        ['die', 100],
        ['stop', 110],
      ],
      true,
    ],
    [
      'docker kill',
      [
        ['kill', 0, '9'],
        ['die', 100],
      ],
      true,
    ],
    [
      'Podman, which names signals',
      [
        ['kill', 0, 'SIGTERM'],
        ['died', 100],
      ],
      true,
    ],
    ['a program that ends by itself', [['die', 100]], false],
    [
      'a signal that ends nothing',
      [
        ['kill', 0, '1'],
        ['die', 100],
      ],
      false,
    ],
    [
      'a signal that did not end it',
      [
        ['kill', 0, '15'],
        ['die', 60_000],
      ],
      false,
    ],
    [
      'a death long after it was stopped and started',
      [
        ['die', 0],
        ['stop', 5],
        ['start', 10],
        ['die', 60_000],
      ],
      false,
    ],
    [
      'a stop while it waits to be restarted',
      [
        ['die', 0],
        ['stop', 1_500],
      ],
      false,
    ],
    [
      'a death soon after it was killed and started',
      [
        ['kill', 0, '9'],
        ['die', 5],
        ['start', 10],
        ['die', 60],
      ],
      false,
    ],
  ] as const)('were stopped by somebody or not: %s', (_, events, stopped) => {
    const { event, runs } = history()
    event('start', -100_000)
    for (const [action, time, signal] of events) event(action, time, signal === undefined ? {} : { signal })
    expect(runs.wasStopped(ID)).toBe(stopped)
  })

  it('that memory ended say so', () => {
    const { event, all } = history()
    event('start', 0)
    event('oom', 900)
    event('die', 1_000, { exitCode: '137' })
    event('start', 2_000)
    event('die', 3_000, { exitCode: '1' })
    expect(all().map(({ oomKilled }) => oomKilled)).toEqual([true, undefined])
  })

  it('of containers that are gone are forgotten', () => {
    const { event, all, runs } = history()
    event('start', 0)
    runs.keep(new Set(['b'.repeat(64)]))
    expect(all()).toEqual([])
  })
})
