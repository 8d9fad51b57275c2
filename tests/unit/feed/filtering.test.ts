/** Long work lets others go on, and comes to the same result. */
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Filtering } from '../../../server/feed/filtering.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import type { Work } from '../../../server/logs/program.ts'

function lineOf(message: string): LogLine {
  return { time: '', ordinal: 0, stream: 'stdout', level: undefined, message, truncated: false }
}

/** Work of so many milliseconds. */
function* busy<T>(ms: number, result: T, onStep: () => void = () => {}): Work<T> {
  for (let left = ms; left > 0; left -= 0.5) {
    const until = performance.now() + 0.5
    while (performance.now() < until);
    onStep()
    yield
  }
  return result
}

describe('filtering', () => {
  it('give short work its result at once, and long work a promise of it', async () => {
    const filtering = new Filtering()
    expect(filtering.run(busy(0, 'short'))).toBe('short')
    const long = filtering.run(busy(30, 'long'))
    expect(long).toBeInstanceOf(Promise)
    expect(await long).toBe('long')
  })

  it('let the event loop turn between them, however much work there is at a time', async () => {
    const filtering = new Filtering()
    const order: number[] = []
    const steps = [0, 0, 0, 0, 0]
    let turns = 0
    let isDone = false
    const counting = (async () => {
      for (; !isDone; turns++) await turn()
    })()
    const works = steps.map(async (_, index) => {
      const step = () => {
        steps[index] = (steps[index] ?? 0) + 1
        if (order.at(-1) !== index) order.push(index)
      }
      return filtering.run(busy(30, index, step))
    })
    expect(await Promise.all(works)).toEqual([0, 1, 2, 3, 4])
    isDone = true
    await counting
    expect(steps).toEqual([60, 60, 60, 60, 60])
    // 150 ms of work, of which a turn takes 4 and the last step of a slice: nobody had two filtering in a row.
    expect(turns).toBeGreaterThanOrEqual(20)
    expect(order.length).toBeGreaterThanOrEqual(20)
  })

  it('let a turn pass after work that took too long and could not stop', async () => {
    const filtering = new Filtering()
    const long = () => {
      const until = performance.now() + 15
      while (performance.now() < until);
    }
    // In order: what others did, a turn each, and what was long.
    const order: string[] = []
    let isDone = false
    const others = (async () => {
      for (; !isDone; order.push('turn')) await turn()
    })()
    const work = async () => {
      while (filtering.isOver) await filtering.next()
      long()
      order.push('long')
    }
    await Promise.all([work(), work(), work(), work()])
    isDone = true
    await others
    expect(order.filter((each) => each === 'long')).toHaveLength(4)
    expect(order.join(' ')).not.toContain('long long')
  })

  it('filter in order, with verdicts that take work and others', async () => {
    const filtering = new Filtering()
    const lines = Array.from({ length: 40 }, (_, index) => lineOf(`${index}`))
    const isEven = ({ message }: LogLine) => Number(message) % 2 === 0
    const test = (line: LogLine) => (Number(line.message) % 3 === 0 ? busy(3, isEven(line)) : isEven(line))
    expect(await filtering.filter(lines, test)).toEqual(lines.filter(isEven))
  })

  it('filter long lines one in a turn where each takes long, though the verdict comes at once', async () => {
    const filtering = new Filtering()
    const lines = Array.from({ length: 12 }, () => lineOf('x'.repeat(10_000)))
    let turns = 0
    let isDone = false
    const counting = (async () => {
      for (; !isDone; turns++) await turn()
    })()
    const passed = await filtering.filter(lines, () => {
      const until = performance.now() + 5
      while (performance.now() < until);
      return true
    })
    isDone = true
    await counting
    expect(passed).toEqual(lines)
    expect(turns).toBeGreaterThanOrEqual(lines.length - 1)
  })
})
