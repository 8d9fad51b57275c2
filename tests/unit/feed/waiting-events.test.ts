/** Events stand where they happened among the lines, and no line waits for one. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WaitingEvents } from '../../../server/feed/waiting-events.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import type { StateEvent } from '../../../server/wire.ts'

const [OLD, BETWEEN, NEW, LATER] = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(12)) as [
  string,
  string,
  string,
  string,
]

let told: string[] = []
let events: WaitingEvents

beforeEach(() => {
  vi.useFakeTimers()
  told = []
  events = new WaitingEvents({
    lines: (_incarnation, lines) => told.push(...lines.map(({ message }) => message)),
    state: ({ state }) => told.push(`[${state}]`),
  })
})

afterEach(() => {
  events.close()
  vi.useRealTimers()
})

/** `10:00:00` and so many milliseconds. */
function at(ms: number): string {
  return `${new Date(Date.UTC(2026, 10, 22, 10) + ms).toISOString().slice(0, 23)}000000Z`
}

function line(ms: number): LogLine {
  return { time: at(ms), ordinal: 0, stream: 'stdout', level: undefined, message: String(ms), truncated: false }
}

function event(state: StateEvent['state'], ms: number, incarnation = OLD): StateEvent {
  return { container: 'web', state, incarnation, at: at(ms) }
}

it('an event goes before the first line that is later', () => {
  events.add(event('oom', 1_500), true)
  events.place(OLD, [line(1_000), line(1_500), line(2_000)])
  expect(told).toEqual(['1000', '1500', '[oom]', '2000'])
})

it('an event with no lines behind it is told after a moment', () => {
  events.add(event('paused', 1_500), true)
  events.place(OLD, [line(1_000)])
  expect(told).toEqual(['1000'])
  vi.advanceTimersByTime(150)
  expect(told).toEqual(['1000', '[paused]'])
})

it('a death waits longer for the last lines, while there is a read that may bring them', () => {
  events.add(event('died', 1_500), true)
  vi.advanceTimersByTime(1_000)
  events.place(OLD, [line(1_400)])
  events.settle()
  expect(told).toEqual(['1400', '[died]'])
})

it('a death is told in a moment where nothing is read', () => {
  events.add(event('died', 1_500), false)
  vi.advanceTimersByTime(150)
  expect(told).toEqual(['[died]'])
})

it('a start stands before the lines that Docker stamped just before it, and after the death before it', () => {
  events.add(event('died', 1_000), true)
  events.add(event('started', 1_200), true)
  events.place(OLD, [line(900), line(1_195), line(1_300)])
  expect(told).toEqual(['900', '[died]', '[started]', '1195', '1300'])
})

it('a re-creation stands between what happened to the two incarnations, however long the first takes', () => {
  events.add(event('died', 1_000, OLD), true)
  events.addOfNewcomer(event('started', 1_500, NEW))
  vi.advanceTimersByTime(5_000)
  events.place(OLD, [line(1_700)])
  expect(told).toEqual(['[died]', '1700'])
  events.settleBefore(event('recreated', 1_400, NEW), () => false)
  events.place(NEW, [line(1_600)])
  expect(told).toEqual(['[died]', '1700', '[recreated]', '[started]', '1600'])
})

it('before a re-creation stands what happened to those that came and went meanwhile, and nothing of who comes later', () => {
  events.addOfNewcomer(event('started', 1_000, BETWEEN))
  events.addOfNewcomer(event('started', 2_000, NEW))
  events.addOfNewcomer(event('paused', 3_000, LATER))
  events.addOfNewcomer(event('died', 4_000, NEW))
  events.settleBefore(event('recreated', 2_000, NEW), ({ incarnation }) => incarnation === LATER)
  vi.advanceTimersByTime(2_000)
  expect(told).toEqual(['[started]', '[recreated]', '[started]', '[died]'])
  events.settleBefore(event('recreated', 3_000, LATER), () => false)
  vi.advanceTimersByTime(150)
  expect(told.slice(4)).toEqual(['[recreated]', '[paused]'])
})

it('where nobody has the name, those are told of who are gone, and those wait who are heard of and not there yet', () => {
  events.add(event('died', 1_000, OLD), true)
  for (const state of ['started', 'removed'] as const) events.addOfNewcomer(event(state, 2_000, BETWEEN))
  events.addOfNewcomer(event('paused', 3_000, NEW))
  events.settleGone()
  expect(told).toEqual(['[died]', '[started]', '[removed]'])
  events.settleGone()
  vi.advanceTimersByTime(2_000)
  expect(told).toEqual(['[died]', '[started]', '[removed]'])
})

it('one that was gone under another name is told of as well, up to where it lost this one', () => {
  for (const state of ['started', 'renamed'] as const) events.addOfNewcomer(event(state, 2_000, BETWEEN))
  events.settleGone()
  expect(told).toEqual(['[started]', '[renamed]'])
})

it('every line goes out at once and in order, whatever waits, and every event in the end', () => {
  const step = fc.oneof(
    fc.record({ lines: fc.array(fc.nat(5_000), { maxLength: 5 }) }),
    fc.record({
      state: fc.constantFrom<StateEvent['state']>('started', 'died', 'oom', 'health'),
      ms: fc.nat(5_000),
    }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      told = []
      const written: string[] = []
      const happened: string[] = []
      for (const one of steps) {
        if ('lines' in one) {
          events.place(OLD, one.lines.map(line))
          written.push(...one.lines.map(String))
          expect(told.filter((part) => !part.startsWith('['))).toEqual(written)
        } else {
          events.add(event(one.state, one.ms), true)
          happened.push(`[${one.state}]`)
        }
      }
      events.settle()
      expect(told.filter((part) => part.startsWith('['))).toEqual(happened)
    }),
  )
})

describe('a line after a pause stands after the end of the pause', () => {
  it('that was told before', () => {
    events.add(event('paused', 1_000), true)
    events.place(OLD, [line(900), line(1_010)]) // written before the pause, read a moment later
    vi.advanceTimersByTime(150)
    events.add(event('unpaused', 5_004), true)
    events.place(OLD, [line(5_000)])
    expect(told).toEqual(['900', '[paused]', '1010', '[unpaused]', '5000'])
  })

  it('that is told a moment later, and then not again', () => {
    events.add(event('paused', 1_000), true)
    vi.advanceTimersByTime(150)
    events.place(OLD, [line(5_000), line(5_001)])
    events.add(event('unpaused', 5_004), true)
    events.place(OLD, [line(6_000)])
    vi.advanceTimersByTime(150)
    expect(told).toEqual(['[paused]', '[unpaused]', '5000', '5001', '6000'])
  })

  it('once, though the container’s health is told between', () => {
    events.add(event('paused', 1_000), true)
    vi.advanceTimersByTime(150)
    events.place(OLD, [line(5_000)])
    for (const [state, ms] of [
      ['health', 5_002],
      ['unpaused', 5_004],
    ] as const)
      events.add(event(state, ms), true)
    vi.advanceTimersByTime(150)
    expect(told).toEqual(['[paused]', '[unpaused]', '5000', '[health]'])
  })

  it('each time', () => {
    for (const from of [1_000, 11_000, 21_000]) {
      events.add(event('paused', from), true)
      vi.advanceTimersByTime(150)
      events.place(OLD, [line(from + 5_000)])
      events.add(event('unpaused', from + 5_001), true)
      vi.advanceTimersByTime(150)
    }
    expect(told).toEqual([6_000, 16_000, 26_000].flatMap((ms) => ['[paused]', '[unpaused]', `${ms}`]))
  })
})
