/** Logs as reads of history meet them. */
import fc from 'fast-check'
import { at } from '../logs/frames.ts'
import type { Piece } from '../memory-engine.ts'

/**
 * Times as two streams are stamped: a few equal ones in a row, and a few that come up to four lines late. All of it
 * within what the reads have to make up for: 16 lines.
 */
export const logs: fc.Arbitrary<Piece[]> = fc
  .record({
    steps: fc.array(
      fc.record({ step: fc.constantFrom(1, 1_000, 150_000, 1_000_000), equal: fc.integer({ min: 1, max: 4 }) }),
      {
        maxLength: 260,
      },
    ),
    swaps: fc.array(fc.record({ place: fc.nat(), by: fc.integer({ min: 1, max: 4 }) }), { maxLength: 40 }),
  })
  .map(({ steps, swaps }) => {
    let time = 0
    const times = steps.flatMap(({ step, equal }) => {
      time += step
      return Array.from({ length: equal }, () => time)
    })
    const moved = new Set<number>()
    for (const { place, by } of swaps) {
      const from = place % Math.max(1, times.length)
      const to = from + by
      if (to >= times.length || moved.has(from) || moved.has(to)) continue
      moved.add(from).add(to)
      ;[times[from], times[to]] = [times[to]!, times[from]!]
    }
    return times.map((each, index) => ({
      time: at(each),
      stream: index % 3 === 0 ? ('stderr' as const) : ('stdout' as const),
      text: `${index}\n`,
    }))
  })
