/** Matches near and far as one list: stepping through it visits each once, whatever part of the log is loaded. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Matches, type Spot } from '../../../web/log/matches.ts'

const timeOf = (n: number) => `2026-11-22T10:00:00.${String(n).padStart(9, '0')}Z`

/** A log whose line `n` is row `n` where it is loaded. */
function matchesIn(lines: readonly number[], first: number, end: number, isComplete = true) {
  const here = lines.filter((n) => n >= first && n < end)
  const loaded = {
    count: here.length,
    isComplete: true,
    next: (index: number) => here.find((n) => n > index),
    previous: (index: number) => here.findLast((n) => n < index),
    position: (index: number) => here.filter((n) => n <= index).length,
  }
  const found = lines.map((n) => ({ cursor: `c${n}`, time: timeOf(n) })).reverse()
  return new Matches(loaded, { found, isComplete }, end > first ? [timeOf(first), timeOf(end - 1)] : undefined)
}

const lineOf = (spot: Spot | undefined) =>
  spot === undefined ? undefined : 'index' in spot ? spot.index : Number(spot.cursor.slice(1))

describe('matches', () => {
  it('are counted once, and each step goes to the neighbour or around the end', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(200), { maxLength: 30 }),
        fc.nat(200),
        fc.nat(200),
        fc.nat(200),
        (some, a, b, at) => {
          const lines = some.sort((x, y) => x - y)
          const [first, end] = a < b ? [a, b] : [b, a + 1]
          const index = Math.min(end - 1, Math.max(first, at))
          const matches = matchesIn(lines, first, end)
          expect(matches.count).toBe(lines.length)
          expect(matches.position(index)).toBe(lines.filter((n) => n <= index).length)
          expect(lineOf(matches.step(index, 1))).toBe(lines.find((n) => n > index) ?? lines[0])
          expect(lineOf(matches.step(index, -1))).toBe(lines.findLast((n) => n < index) ?? lines.at(-1))
        },
      ),
    )
  })

  it('go around no end that is not known yet', () => {
    const matches = matchesIn([50, 60], 40, 100, false)
    expect(matches.step(50, -1)).toBeUndefined()
    expect(matches.step(60, 1)).toBeUndefined()
    expect(matches.step(60, -1)).toEqual({ index: 50 })
  })

  it('far ones are named by cursor, near ones by row', () => {
    const matches = matchesIn([10, 50, 150], 40, 100)
    expect(matches.step(50, -1)).toEqual({ cursor: 'c10' })
    expect(matches.step(50, 1)).toEqual({ cursor: 'c150' })
    expect(matches.step(45, 1)).toEqual({ index: 50 })
    expect([matches.count, matches.position(50)]).toEqual([3, 2])
  })
})
