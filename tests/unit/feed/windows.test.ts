/** Windows reach ever further back, and the last ones share what is left. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Window, Windows } from '../../../server/feed/windows.ts'
import { at } from '../logs/frames.ts'

/** The windows of a log with a line each second, `lines` of them, as a search asks for them. */
function walk(lines: number, more: { all?: number; context?: number; first?: number } = {}): Window[] {
  const { all, context = 0, first = 1_016 } = more
  const begin = (tail: number) => at((lines - tail) * 1_000_000_000)
  const windows = new Windows({ begin: begin(first), tail: first, oldest: begin(all ?? lines), all, context })
  const walked = [windows.first]
  for (let last = windows.first; last.tail !== 'all' && last.tail < (all ?? lines); walked.push(last)) {
    last = windows.beyond(last, begin(last.tail))
  }
  return walked
}

const sizes = (windows: readonly Window[]) =>
  windows.map(({ tail, before }) => (tail === 'all' ? Number.POSITIVE_INFINITY : tail - before))

describe('the windows of a search', () => {
  it('double, and leave two of about the same size for the end', () => {
    const walked = walk(1_000_000)
    expect(walked.map(({ tail }) => tail)).toEqual([
      2048,
      4112,
      8240,
      16496,
      33008,
      66032,
      132080,
      264176,
      705687,
      'all',
    ])
    expect(walked.at(-1)).toEqual({ tail: 'all', before: 705_687, most: 1_411_374 })
  })

  it('grow by a few times at most, and reach the start of any log', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_020, max: 40_000_000 }), fc.nat(50), (lines, context) => {
        const walked = walk(lines, { context })
        for (const { tail, before } of walked) if (tail !== 'all') expect(tail).toBeLessThanOrEqual(3 * before + 100)
        expect(Math.min(...sizes(walked))).toBeGreaterThan(0)
        const last = walked.at(-1)?.tail
        expect(last === 'all' || Number(last) >= lines).toBe(true)
      }),
    )
  })

  it('read no more of a log than is wanted', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_020, max: 10_000_000 }), (all) => {
        const walked = walk(20_000_000, { all })
        for (const { tail } of walked) expect(tail).toBeLessThanOrEqual(all * 1.05 + 1_001)
        expect(walked.length).toBeLessThan(20)
      }),
    )
  })

  it('double on once the last one was longer than the times had told', () => {
    const windows = new Windows({ begin: at(9e9), tail: 1_016, oldest: at(0), all: undefined, context: 0 })
    const last = windows.beyond(windows.first, at(1e9))
    expect(last).toEqual({ tail: 'all', before: 2_048, most: 4_096 })
    const instead = windows.insteadOf(last)
    expect(instead.tail).toBe(4_112)
    expect(windows.beyond(instead, at(1e9)).tail).toBe(8_240)
    expect(windows.rest(instead)).toEqual({ tail: 'all', before: 4_112 })
  })
})
