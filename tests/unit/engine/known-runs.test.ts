/** Between which times a run of a container may have begun: what decides whether a time in a TTY's row is the engine's. */
import { expect, it } from 'vitest'
import { KnownRuns } from '../../../server/engine/known-runs.ts'
import { earlier, timeNow } from '../../../server/logs/time.ts'
import { at } from '../logs/frames.ts'
import { container } from '../memory-engine.ts'

const SECOND = 1_000_000_000
const ID = container('web').id
const seen = (started: number, finished?: number) => {
  const { started: _, ...web } = container('web')
  return { ...web, started: at(started * SECOND), ...(finished !== undefined && { finished: at(finished * SECOND) }) }
}
const may = (runs: KnownRuns, after: number, until: number) =>
  runs.mayHaveStarted(ID, at(after * SECOND), at(until * SECOND))

it('knows of no other run of a container that never stopped', () => {
  const runs = new KnownRuns()
  runs.see(seen(10))
  expect(may(runs, 11, 20)).toBe(false)
  expect(may(runs, 5, 7)).toBe(false)
})

it('knows the starts that it has heard of, and that first lines are stamped a little earlier', () => {
  const runs = new KnownRuns()
  runs.see(seen(10))
  runs.add(ID, at(30 * SECOND))
  runs.see(seen(30)) // as an event leaves it, which knows no end
  expect(may(runs, 11, 29)).toBe(false)
  expect(may(runs, 11, 30)).toBe(true)
  expect(runs.mayHaveStarted(ID, at(29 * SECOND), earlier(at(30 * SECOND), 400))).toBe(true)
  expect(runs.mayHaveStarted(ID, at(29 * SECOND), earlier(at(30 * SECOND), 600))).toBe(false)
  expect(may(runs, 31, 40)).toBe(false)
})

it('allows for runs before those that it knows of, where the container had stopped', () => {
  const runs = new KnownRuns()
  runs.see(seen(30, 20))
  expect(may(runs, 11, 15)).toBe(true)
  expect(may(runs, 11, 40)).toBe(true)
  expect(may(runs, 31, 40)).toBe(false)
})

it('takes no run for begun that would begin later than now, whatever the engine’s clock', () => {
  const runs = new KnownRuns()
  expect(runs.mayHaveStarted(ID, at(0), earlier(timeNow(), -30_000))).toBe(true)
  expect(runs.mayHaveStarted(ID, at(0), earlier(timeNow(), -120_000))).toBe(false)
})

it('remembers the latest starts, and so many', () => {
  const runs = new KnownRuns()
  for (let start = 0; start < 1_000; start++) runs.add(ID, at(start * SECOND))
  expect(may(runs, 998, 999)).toBe(true)
  runs.delete(ID)
  expect(may(runs, 998, 999)).toBe(true) // nothing is known
})
