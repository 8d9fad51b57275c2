/** Logs merged by time: complete, each in its own order, ordered between each other within the window, and never held longer. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Merge, PATIENCE_MS, Queue, type Source, WINDOW_MS } from '../../../server/logs/merge.ts'
import { fraction } from '../fraction.ts'
import { at } from './frames.ts'

interface Written {
  readonly log: number
  readonly number: number
  /** Nanoseconds. */
  readonly time: number
}

class Log implements Source<Written> {
  state: 'reading' | 'head' = 'head'
  readonly queue = new Queue<Written>(0)
}

interface Sent extends Written {
  readonly late: boolean
  readonly held: number
}

/** Lets each line arrive at its time, in ms, and takes out what may go out, when the merge says so. */
function play(count: number, arrivals: readonly (Written & { arrives: number })[]): Sent[] {
  const merge = new Merge<Log, Written>()
  const logs = Array.from({ length: count }, () => new Log())
  for (const log of logs) merge.sources.add(log)
  const sent: Sent[] = []
  const arrived = new Map<Written, number>()
  let now = 0
  const takeOut = (until: number) => {
    for (;;) {
      const next = merge.next(now)
      if (typeof next === 'object') {
        sent.push({ ...next.item, late: next.late, held: now - (arrived.get(next.item) ?? 0) })
      } else if (next !== undefined && now + next <= until) now += next
      else break
    }
    now = until
  }
  for (const line of [...arrivals].sort((a, b) => a.arrives - b.arrives)) {
    takeOut(line.arrives)
    arrived.set(line, now)
    logs[line.log]!.queue.push(line, at(line.time), now)
  }
  takeOut(now + 10 * PATIENCE_MS)
  return sent
}

/** Some logs' lines, each written at a time (steps back included) and arriving in its log's order, up to `lag` ms later. */
const arrivals = (lag: number) =>
  fc
    .array(
      fc.array(
        fc.record({
          step: fc.integer({ min: -3_000, max: 40_000_000 }),
          lag: fraction.map((part) => part * lag),
        }),
        { maxLength: 30 },
      ),
      { minLength: 1, maxLength: 5 },
    )
    .map((logs) =>
      logs.flatMap((lines, log) => {
        let time = 1_000_000
        let arrives = 0
        return lines.map(({ step, lag: late }, number) => {
          time = Math.max(0, time + step)
          arrives = Math.max(arrives, time / 1e6 + late)
          return { log, number, time, arrives }
        })
      }),
    )

/** The time that counts for a line: that of an earlier one of its log where that is later. */
function latestOf(lines: readonly Written[]): Map<string, number> {
  const latest = new Map<number, number>()
  const times = new Map<string, number>()
  for (const { log, number, time } of [...lines].sort((a, b) => a.number - b.number)) {
    latest.set(log, Math.max(time, latest.get(log) ?? 0))
    times.set(`${log} ${number}`, latest.get(log) ?? 0)
  }
  return times
}

describe('Merge', () => {
  it('gives every line once, each log in its own order, and marks what is out of order as late', () => {
    fc.assert(
      fc.property(arrivals(200), (lines) => {
        const sent = play(5, lines)
        expect(sent).toHaveLength(lines.length)
        const times = latestOf(lines)
        let latest = 0
        const next = new Map<number, number>()
        for (const { log, number, late } of sent) {
          expect(number).toBe(next.get(log) ?? 0)
          next.set(log, number + 1)
          const time = times.get(`${log} ${number}`) ?? 0
          expect(late).toBe(time < latest)
          latest = Math.max(latest, time)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('is ordered throughout where no line lags more than the window', () => {
    fc.assert(
      fc.property(arrivals(WINDOW_MS - 1), (lines) => {
        expect(play(5, lines).filter(({ late }) => late)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('holds no line longer than the window', () => {
    fc.assert(
      fc.property(arrivals(200), (lines) => {
        for (const { held } of play(5, lines)) expect(held).toBeLessThanOrEqual(WINDOW_MS + 0.001)
      }),
      { numRuns: 300 },
    )
  })

  it('waits for a log that is being read, and for one that brings nothing no longer than its patience', () => {
    const merge = new Merge<Log, Written>()
    const [web, db] = [new Log(), new Log()]
    db.state = 'reading'
    merge.sources.add(web).add(db)
    web.queue.push({ log: 0, number: 0, time: 5 }, at(5), 0)
    expect(merge.next(WINDOW_MS + 1)).toBe(PATIENCE_MS - WINDOW_MS - 1)
    db.queue.push({ log: 1, number: 0, time: 3 }, at(3), 100)
    expect(merge.next(100)).toMatchObject({ source: db, late: false })
    expect(merge.next(100)).toBe(PATIENCE_MS)
    expect(merge.next(100 + PATIENCE_MS)).toMatchObject({ source: web })
    expect(merge.next(100 + PATIENCE_MS)).toBeUndefined()
  })

  it('lets a single log’s lines out at once', () => {
    const merge = new Merge<Log, Written>()
    const web = new Log()
    merge.sources.add(web)
    web.queue.push({ log: 0, number: 0, time: 5 }, at(5), 0)
    expect(merge.next(0)).toMatchObject({ source: web, late: false })
  })
})
