/** How well the level rules do on programs that they were not written with. */
import { describe, expect, it } from 'vitest'
import { judge } from './corpus.ts'
import { HELD_OUT } from './held-out.ts'
import { WRITTEN_WITH } from './written-with.ts'

/** Of the lines that have a level. */
const NAMED_AT_LEAST = 0.85
/** Of all lines; a level where there is none is wrong too. */
const WRONG_AT_MOST = 0.002

describe.each([
  ['programs that the rules were not written with', HELD_OUT],
  ['programs that the rules were written with', WRITTEN_WITH],
])('of the lines of %s', (_name, programs) => {
  it('85 % of those with a level are named rightly, and at most 0.2 % wrongly', () => {
    const { named, wrong, example } = judge(programs)
    expect(named).toBeGreaterThanOrEqual(NAMED_AT_LEAST)
    expect(wrong, JSON.stringify(example)).toBeLessThanOrEqual(WRONG_AT_MOST)
  })
})
