/** When lines may go out at once: while they are few, and again soon after any rush. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Pace } from '../../../server/sse/pace.ts'

const PER_MS = 4
const BURST = 400

function paced() {
  let now = 1_000
  const pace = new Pace(() => now)
  const pass = (ms: number) => {
    now += ms
  }
  return { pace, pass }
}

describe('Pace', () => {
  it('admits every line at less than the rate, for as long as that lasts', () => {
    const { pace, pass } = paced()
    for (let count = 0; count < 10_000; count++) {
      expect(pace.admits(1, 1)).toBe(true)
      pass(0.26)
    }
  })

  it('counts a line for as many sessions as it goes to', () => {
    const { pace, pass } = paced()
    const admitted = Array.from({ length: 100 }, () => {
      pass(10)
      return pace.admits(1, 100)
    })
    expect(admitted.slice(0, 4)).toEqual([true, true, true, true])
    expect(admitted.slice(50)).not.toContain(true)
  })

  it('does not admit the line after a rush of any size, and does after a fifth of a second at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: BURST, max: 1_000_000 }), fc.nat(5), (lines, times) => {
        const { pace, pass } = paced()
        for (let time = 0; time <= times; time++) pace.admits(lines, 1)
        expect(pace.admits(0, 1)).toBe(false)
        pass(201)
        expect(pace.admits(1, 1)).toBe(true)
      }),
    )
  })

  it('never admits more than the burst and the rate allow, over any stretch of time', () => {
    const moves = fc.array(fc.record({ ms: fc.nat(40), sessions: fc.integer({ min: 1, max: 60 }) }), { maxLength: 200 })
    fc.assert(
      fc.property(moves, (all) => {
        const { pace, pass } = paced()
        let admitted = 0
        let elapsed = 0
        for (const { ms, sessions } of all) {
          pass(ms)
          elapsed += ms
          if (!pace.admits(1, sessions)) continue
          admitted += sessions
          expect(admitted).toBeLessThanOrEqual(BURST + PER_MS * elapsed + 60)
        }
      }),
    )
  })
})
