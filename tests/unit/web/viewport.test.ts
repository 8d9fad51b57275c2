/** Viewport arithmetic, for logs from empty to many times what a browser can lay out. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as viewport from '../../../web/log/viewport.ts'

const geometry = fc.record({
  rows: fc.integer({ min: 0, max: 5_000_000 }),
  height: fc.integer({ min: 100, max: 4000 }),
})
const fraction = fc.double({ min: 0, max: 1, noNaN: true })

describe('viewport', () => {
  it('never asks for a spacer above 10M px', () => {
    fc.assert(fc.property(geometry, (all) => viewport.spacerPx(all) <= 10_000_000))
  })

  it('comes back to a position through its scrollTop', () => {
    fc.assert(
      fc.property(geometry, fraction, (all, part) => {
        const top = part * viewport.maxTop(all)
        expect(viewport.topAt(viewport.scrollAt(top, all), all)).toBeCloseTo(top, 3)
      }),
    )
  })

  it('moves down the log whenever the scrollbar moves down', () => {
    fc.assert(
      fc.property(geometry, fraction, fraction, (all, a, b) => {
        const last = viewport.maxScroll(all)
        const [low, high] = a < b ? [a, b] : [b, a]
        return viewport.topAt(low * last, all) <= viewport.topAt(high * last, all)
      }),
    )
  })

  it('scrolls px for px near both ends, however long the log', () => {
    const all = { rows: 1_000_000, height: 828 }
    expect(viewport.topAt(12_345, all)).toBe(12_345)
    expect(viewport.topAt(viewport.maxScroll(all) - 12_345, all)).toBe(viewport.maxTop(all) - 12_345)
  })

  it('reaches the first row at the top and the last row at the bottom', () => {
    fc.assert(
      fc.property(geometry, (all) => {
        expect(viewport.rowsAt(viewport.topAt(0, all), all, 0)[0]).toBe(0)
        expect(viewport.rowsAt(viewport.topAt(viewport.maxScroll(all), all), all, 0)[1]).toBe(all.rows)
      }),
    )
  })

  it('draws every row that touches the screen, and no more than screen and margins hold', () => {
    fc.assert(
      fc.property(geometry, fraction, fc.integer({ min: 0, max: 40 }), (all, part, margin) => {
        const top = part * viewport.maxTop(all)
        const [from, to] = viewport.rowsAt(top, all, margin)
        if (from > 0) expect(viewport.rowTop(from + margin)).toBeLessThanOrEqual(top)
        if (to < all.rows) expect(viewport.rowTop(to - margin)).toBeGreaterThanOrEqual(top + all.height)
        expect(to - from).toBeLessThanOrEqual(Math.ceil(all.height / viewport.ROW_PX) + 1 + 2 * margin)
      }),
    )
  })
})
