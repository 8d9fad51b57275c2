/** Waits between attempts: growing, capped, spread, and small again after a success. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { BackOff } from '../../../server/engine/back-off.ts'

describe('BackOff', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it.each([
    ['at most', 0.999_999, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]],
    ['at least', 0, [50, 100, 200, 400, 800, 1_600, 2_500, 2_500]],
  ])('waits %s so long', (_name, random, expected) => {
    vi.spyOn(Math, 'random').mockReturnValue(random)
    const backOff = new BackOff()
    expect(expected.map(() => Math.round(backOff.next()))).toEqual(expected)
  })

  it('stays between half the cap and the cap for ever', () => {
    const backOff = new BackOff()
    for (let attempt = 0; attempt < 10; attempt++) backOff.next()
    for (let attempt = 0; attempt < 5_000; attempt++) {
      const ms = backOff.next()
      expect(ms).toBeGreaterThanOrEqual(2_500)
      expect(ms).toBeLessThanOrEqual(5_000)
    }
  })

  it('starts small again after a success', () => {
    const backOff = new BackOff()
    for (let attempt = 0; attempt < 10; attempt++) backOff.next()
    backOff.reset()
    expect(backOff.next()).toBeLessThanOrEqual(100)
  })

  it('does not send many waiters back at once', () => {
    const waits = Array.from({ length: 100 }, () => new BackOff().next())
    expect(new Set(waits).size).toBeGreaterThan(90)
  })
})
