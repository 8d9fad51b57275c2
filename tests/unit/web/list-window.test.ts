/** Which rows of a long list are drawn. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { topOf, windowOf } from '../../../web/containers/list-window.ts'

const METRICS = { row: 26, heading: 32 }
const sizes = fc.array(fc.nat(50), { maxLength: 20 })

/** Where each row of each group begins, added up one by one. */
function layout(groups: readonly number[]): { rows: { group: number; row: number; top: number }[]; height: number } {
  const rows: { group: number; row: number; top: number }[] = []
  let y = 0
  for (const [group, size] of groups.entries()) {
    y += METRICS.heading
    for (let row = 0; row < size; row++, y += METRICS.row) rows.push({ group, row, top: y })
  }
  return { rows, height: y }
}

describe('windowOf', () => {
  it('draws every row that is on screen, and as little else as a row at each edge', () => {
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: -500, max: 20_000 }),
        fc.integer({ min: 1, max: 2_000 }),
        (all, top, high) => {
          const bottom = top + high
          const { slices } = windowOf(all, METRICS, top, bottom)
          const isDrawn = ({ group, row }: { group: number; row: number }) =>
            slices.some((slice) => slice.group === group && row >= slice.from && row < slice.to)
          for (const row of layout(all).rows) {
            if (row.top < bottom && row.top + METRICS.row > top) expect(isDrawn(row)).toBe(true)
            if (row.top >= bottom + METRICS.row || row.top + 2 * METRICS.row <= top) expect(isDrawn(row)).toBe(false)
          }
        },
      ),
    )
  })

  it('leaves the list as high as it is, wherever one looks', () => {
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: -500, max: 20_000 }),
        fc.integer({ min: 1, max: 2_000 }),
        (all, top, high) => {
          const { before, after, slices } = windowOf(all, METRICS, top, top + high)
          const drawn = slices.reduce((sum, { group }) => sum + METRICS.heading + (all[group] ?? 0) * METRICS.row, 0)
          expect(before + drawn + after).toBe(layout(all).height)
          for (const { group, from, to } of slices) {
            expect(from).toBeGreaterThanOrEqual(0)
            expect(to).toBeLessThanOrEqual(all[group] ?? 0)
          }
        },
      ),
    )
  })

  it('draws some sixty of ten thousand rows on a screen, in one group or in thousands', () => {
    for (const all of [[10_000], Array.from({ length: 5_000 }, () => 2)]) {
      const { slices } = windowOf(all, METRICS, 100_000, 101_300)
      expect(slices.reduce((sum, { from, to }) => sum + to - from, 0)).toBeLessThan(60)
    }
  })
})

describe('topOf', () => {
  it('is where the row is drawn', () => {
    fc.assert(
      fc.property(sizes, (all) => {
        for (const [index, { top }] of layout(all).rows.entries()) expect(topOf(all, METRICS, index)).toBe(top)
      }),
    )
  })
})
