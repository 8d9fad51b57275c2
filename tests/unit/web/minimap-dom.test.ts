/** The arithmetic of the map at the log's right edge. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { merge, paneOf, pathOf, sample, type Tick } from '../../../web/log/minimap-dom.ts'
import { fraction } from '../fraction.ts'

const kinds = fc.constantFrom('error', 'warn', 'match') as fc.Arbitrary<Tick['kind']>
const ticks = fc.array(fc.record({ position: fraction, kind: kinds }))
const BOX = { left: 2, width: 9 }

describe('ticks', () => {
  it('are at most one for each px and kind, and none is lost', () => {
    fc.assert(
      fc.property(ticks, fc.integer({ min: 1, max: 900 }), (ticks, height) => {
        const merged = merge(ticks, height)
        for (const kind of ['error', 'warn', 'match'] as const) {
          const rows = ticks
            .filter((tick) => tick.kind === kind)
            .map(({ position }) => Math.min(height - 1, Math.floor(position * height)))
          expect(merged[kind]).toEqual([...new Set(rows)].sort((a, b) => a - b))
        }
      }),
    )
  })

  it('are none on a map that has no height', () => {
    expect(merge([{ position: 0.5, kind: 'error' }], 0)).toEqual({ error: [], warn: [], match: [] })
  })

  it('are taken from a million rows by asking twice for each px', () => {
    const rows = 1_000_000
    let asked = 0
    const indexAt = (position: number) => Math.floor(position * rows)
    const every = [
      ...sample('match', 700, indexAt, (index) => (asked++ < 1e6 && index + 1 < rows ? index + 1 : undefined)),
    ]
    expect(asked).toBeLessThanOrEqual(701)
    expect(merge(every, 700).match).toHaveLength(700)
  })

  it('stand, sampled, on the px on which all of them would', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: -50, max: 449 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 300 }),
        (found, height) => {
          const indexAt = (position: number) => -50 + Math.floor(position * 500)
          const sorted = found.sort((a, b) => a - b)
          const next = (index: number) => sorted.find((one) => one > index)
          const sampled = merge(sample('match', height, indexAt, next), height).match
          // The px that holds the row's beginning, counted as `indexAt` does.
          const all = sorted.map((index) => {
            for (let y = 0; y < height; y++) if (index < indexAt((y + 1) / height)) return y
            return height - 1
          })
          expect(sampled).toEqual([...new Set(all)])
        },
      ),
    )
  })

  it('are 3 px high, and one outline where they touch', () => {
    expect(pathOf([10], BOX)).toBe('M2 9h9v3h-9z')
    expect(pathOf([10, 12, 20], BOX)).toBe('M2 9h9v5h-9zM2 19h9v3h-9z')
    expect(pathOf([0], BOX)).toBe('M2 0h9v3h-9z')
    expect(pathOf([], BOX)).toBe('')
  })

  it('are drawn in an outline that covers what each of them would', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 200 })), (rows) => {
        const sorted = rows.sort((a, b) => a - b)
        const boxes = [...pathOf(sorted, BOX).matchAll(/M2 (\d+)h9v(\d+)h-9z/g)].map(([, top, height]) => [
          Number(top),
          Number(top) + Number(height),
        ])
        const covered = boxes.flatMap(([top = 0, bottom = 0]) =>
          Array.from({ length: bottom - top }, (_, y) => top + y),
        )
        const each = sorted.flatMap((row) => [0, 1, 2].map((y) => Math.max(0, row - 1) + y))
        expect(covered).toEqual([...new Set(each)].sort((a, b) => a - b))
      }),
    )
  })
})

describe('the pane', () => {
  it('stands for the part that is seen, and is not there where all is', () => {
    expect(paneOf({ total: 1000, top: 500, height: 100 }, 500)).toEqual({ top: 250, height: 50 })
    expect(paneOf({ total: 80, top: 0, height: 100 }, 500)).toEqual({ top: 0, height: 0 })
  })

  it('is never too small to be seen, and never leaves the map', () => {
    const px = fc.oneof(
      fc.double({ min: 0, max: 2e7, noNaN: true }),
      fraction.map((part) => part * 2e7),
    )
    fc.assert(
      fc.property(px, px, px, fc.integer({ min: 0, max: 2000 }), (total, top, height, map) => {
        const pane = paneOf({ total, top, height }, map)
        if (total > height) expect(pane.height).toBeGreaterThanOrEqual(Math.min(8, map))
        else expect(pane.height).toBe(0)
        expect(pane.top).toBeGreaterThanOrEqual(0)
        expect(pane.top + pane.height).toBeLessThanOrEqual(map + 1e-6)
      }),
    )
  })
})
