/** Viewport arithmetic, for logs from empty to many times what a browser can lay out. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as viewport from '../../../web/log/viewport.ts'
import { fraction } from '../fraction.ts'

const geometry = fc.record({
  rows: fc.integer({ min: 0, max: 100_000_000 }),
  height: fc.integer({ min: 100, max: 4000 }),
})

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
    const all = { rows: 20_000_000, height: 828 }
    expect(viewport.topAt(12_345, all)).toBe(12_345)
    expect(viewport.topAt(viewport.maxScroll(all) - 12_345, all)).toBe(viewport.maxTop(all) - 12_345)
  })

  it('reaches the very top and the very bottom', () => {
    fc.assert(
      fc.property(geometry, (all) => {
        expect(viewport.topAt(0, all)).toBe(0)
        expect(viewport.topAt(viewport.maxScroll(all), all)).toBeCloseTo(viewport.maxTop(all), 6)
      }),
    )
  })
})
