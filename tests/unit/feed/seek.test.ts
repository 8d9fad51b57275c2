/** A line far back is reached by few windows, none of them much larger than what has to be read. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Seek } from '../../../server/feed/seek.ts'
import { timeFromNanoseconds } from '../../../server/logs/time.ts'

interface Reached {
  readonly windows: (number | 'all')[]
  /** Lines before the target that are read for nothing. */
  readonly needless: number
}

/** `times`: of a log's lines, in ms, oldest first. */
function seek(times: readonly number[], target: number, grown = 0): Reached {
  const text = (ms: number) => timeFromNanoseconds(BigInt(Math.round(ms * 1000)) * 1_000n)
  const search = new Seek(text(times[target] ?? 0))
  const windows: (number | 'all')[] = []
  for (;;) {
    const { tail } = search
    windows.push(tail)
    expect(windows.length).toBeLessThan(40)
    const begin = tail === 'all' ? 0 : Math.max(0, times.length + grown * windows.length - tail)
    if (search.accepts(text(times[begin] ?? 0))) return { windows, needless: target - begin }
  }
}

/** 1M lines whose rate changes by up to a third, every 50 000 lines. */
const million = fc
  .array(fc.double({ min: 0.003, max: 0.004, noNaN: true }), { minLength: 20, maxLength: 20 })
  .map((steps) => {
    let ms = 1_795_000_000_000
    return Array.from({ length: 1_000_000 }, (_, index) => {
      ms += steps[Math.floor(index / 50_000)] ?? 1
      return ms
    })
  })

describe('Seek', () => {
  it('begins before the line, wherever that is and however unevenly the log was written', () => {
    const gaps = fc.array(fc.constantFrom(0, 0.001, 1, 50, 60_000, 86_400_000), { minLength: 1, maxLength: 3_000 })
    fc.assert(
      fc.property(gaps, fc.nat(), fc.nat(40), (steps, place, grown) => {
        let ms = 1_795_000_000_000
        const times = steps.map((step) => (ms += step))
        expect(seek(times, place % times.length, grown).needless).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 300 },
    )
  })

  it('looks at two windows for a line some thousand lines back', () => {
    const times = Array.from({ length: 100_000 }, (_, index) => 1_795_000_000_000 + index)
    expect(seek(times, times.length - 100).windows).toEqual([256])
    expect(seek(times, times.length - 3_000).windows).toEqual([256, 4_096])
  })

  it('reaches a line in the middle of a million with two large windows, and reads some thousand lines for nothing', () => {
    const counts: number[] = []
    fc.assert(
      fc.property(million, fc.integer({ min: 200_000, max: 900_000 }), (times, target) => {
        const { windows, needless } = seek(times, target)
        const back = times.length - target
        const large = windows.filter((tail) => tail === 'all' || tail > 0.7 * back).length
        counts.push(large)
        expect(large).toBeLessThanOrEqual(4) // one of a thousand takes so many
        expect(windows.filter((tail) => tail === 'all' || tail > 1.4 * back)).toEqual([])
        expect(needless).toBeLessThan(0.1 * back + 5_000)
      }),
      { numRuns: 20 },
    )
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
    expect(mean).toBeLessThan(2.7)
  }, 30_000)

  it('does not creep up on a line where a log was written a thousand times faster at one time than at another', () => {
    let ms = 1_795_000_000_000
    const times = Array.from({ length: 1_000_000 }, (_, index) => {
      ms += [0.003, 3, 0.01, 0.5, 0.003][Math.floor(index / 200_000)] ?? 1
      return ms
    })
    const costs: number[] = []
    for (let target = 20_000; target < times.length; target += 20_000) {
      const { windows, needless } = seek(times, target)
      const looked = windows.reduce<number>((sum, tail) => sum + (tail === 'all' ? 0 : Math.min(tail, times.length)), 0)
      // In lines that are sent: to look through one costs a 25th of that.
      costs.push(needless + looked / 25)
    }
    expect(Math.max(...costs)).toBeLessThan(400_000)
    expect(costs.reduce((sum, cost) => sum + cost) / costs.length).toBeLessThan(150_000)
  })

  it('goes to the log’s start when larger windows begin no earlier', () => {
    const times = Array.from({ length: 100 }, (_, index) => 1_795_000_000_000 + index)
    expect(seek([...times.map((ms) => ms + 1_000)], 0).windows).toEqual([256, 4_096, 'all'])
  })
})
