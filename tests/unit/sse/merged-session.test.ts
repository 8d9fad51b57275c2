/** A merged stream while names pass from one container to another. */
import { expect, it } from 'vitest'
import { Random } from '../../soak/random.ts'
import { NAMES, type Outcome, Town } from './renamings.ts'

/** More of them, or others, are looked at with `TOWNS=2000 SEED=1001`. */
const TOWNS = Number(process.env['TOWNS'] ?? 80)
const FIRST_SEED = Number(process.env['SEED'] ?? 1)
const AT_ONCE = 40

it.each([
  ['of everything', []],
  ['of some by name', NAMES],
] as const)(
  '%s: each line is told once, in order, whatever names its container had and whenever the viewer was away',
  async (_, names) => {
    const failed: ({ seed: number } & Outcome)[] = []
    let seed = FIRST_SEED
    const liveOneByOne = async () => {
      while (seed < FIRST_SEED + TOWNS) {
        const own = seed++
        const outcome = await new Town(new Random(own), names).live()
        if (outcome.wrong.length > 0) failed.push({ seed: own, ...outcome })
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, liveOneByOne))
    expect(failed).toEqual([])
  },
  60_000 + TOWNS * 200,
)
