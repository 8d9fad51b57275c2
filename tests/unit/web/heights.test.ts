/** Where rows are, for any that come and go at both ends: as adding up all heights one by one gives it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Heights } from '../../../web/log/heights.ts'
import { fraction } from '../fraction.ts'

/** Rows of many heights, some of them hidden for longer than a chunk. */
const heightOf = (index: number) => (Math.abs(index) % 3000 < 1200 ? 0 : 20 + (Math.abs(index * 7919) % 5) * 20)

const change = fc.record({
  append: fc.integer({ min: 0, max: 1500 }),
  prepend: fc.integer({ min: 0, max: 1500 }),
  dropFirst: fc.integer({ min: 0, max: 1200 }),
  dropEnd: fc.integer({ min: 0, max: 1200 }),
})

function apply(
  rows: { first: number; end: number },
  step: { append: number; prepend: number; dropFirst: number; dropEnd: number },
) {
  rows.end += step.append
  rows.first -= step.prepend
  rows.first = Math.min(rows.end, rows.first + step.dropFirst)
  rows.end = Math.max(rows.first, rows.end - step.dropEnd)
}

describe('heights', () => {
  it('agree with adding them up, whatever comes and goes at the ends', () => {
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.array(fraction, { minLength: 5, maxLength: 5 }),
        (steps, parts) => {
          const rows = { first: 0, end: 0 }
          const heights = new Heights(rows, heightOf)
          for (const step of steps) {
            apply(rows, step)
            heights.sync()
          }
          const all: number[] = []
          for (let index = rows.first; index < rows.end; index++) all.push(heightOf(index))
          const total = all.reduce((sum, px) => sum + px, 0)
          expect([heights.first, heights.end, heights.total]).toEqual([rows.first, rows.end, total])
          for (const part of parts) {
            const count = Math.floor(part * all.length)
            const top = all.slice(0, count).reduce((sum, px) => sum + px, 0)
            expect(heights.topOf(rows.first + count)).toBe(top)
            if (total === 0) continue
            const px = Math.floor(part * (total - 1))
            const { index, offset } = heights.at(px)
            expect(heights.topOf(index) + offset).toBe(px)
            expect(offset).toBeLessThan(heightOf(index))
            const shown = heights.shownFrom(rows.first + count)
            expect(shown).toBe(
              rows.first +
                ((all.findIndex((height, at) => at >= count && height > 0) + all.length + 1) % (all.length + 1)),
            )
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('takes a row that turns out higher, and one that is hidden', () => {
    const rows = { first: -700, end: 700 }
    const heights = new Heights(rows, () => 20)
    heights.sync()
    heights.set(-650, 60)
    heights.set(3, 0)
    expect(heights.total).toBe(1400 * 20 + 40 - 20)
    expect(heights.topOf(0)).toBe(700 * 20 + 40)
    expect(heights.at(50 * 20 + 59)).toEqual({ index: -650, offset: 59 })
    expect(heights.shownFrom(3)).toBe(4)
  })
})
