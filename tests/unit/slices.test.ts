/** Jobs in slices: some milliseconds of them in each turn of the event loop, in rotation by client. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Slices } from '../../server/slices.ts'

/** Counts the turns of the event loop. */
function loopTurns(): { readonly count: number; end(): void } {
  let count = 0
  let timer = setImmediate(next)
  function next() {
    count++
    timer = setImmediate(next)
  }
  return {
    get count() {
      return count
    },
    end: () => clearImmediate(timer),
  }
}

describe('slices', () => {
  it('are never longer than a job beyond their time, serve each client in its order and everybody in the end', async () => {
    const job = fc.record({ client: fc.constantFrom('a', 'b', 'c'), ms: fc.integer({ min: 0, max: 9 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(job, { maxLength: 40 }), async (jobs) => {
        let now = 0
        const slices = new Slices(() => now)
        const loop = loopTurns()
        const spent = new Map<number, number[]>()
        const done: Record<string, number[]> = { a: [], b: [], c: [] }
        await Promise.all(
          jobs.map(async ({ client, ms }, index) => {
            await slices.turn(client)
            now += ms
            done[client]!.push(index)
            spent.set(loop.count, [...(spent.get(loop.count) ?? []), ms])
          }),
        )
        loop.end()
        for (const times of spent.values()) {
          const before = times.slice(0, -1).reduce((sum, ms) => sum + ms, 0)
          expect(before).toBeLessThan(4)
        }
        for (const numbers of Object.values(done)) expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
        expect(Object.values(done).flat()).toHaveLength(jobs.length)
      }),
      { numRuns: 100 },
    )
  })

  it('serve clients in rotation, so that one with much to do does not come before all others', async () => {
    let now = 0
    const slices = new Slices(() => now)
    const done: string[] = []
    const ask = (client: string) =>
      slices.turn(client).then(() => {
        now += 5 // a slice each
        done.push(client)
      })
    await Promise.all([...'aaaaa', 'b', 'c'].map(ask))
    expect(done.indexOf('b')).toBeLessThanOrEqual(2)
    expect(done.indexOf('c')).toBeLessThanOrEqual(3)
    expect(done).toHaveLength(7)
  })

  it('leave short turns of the loop while they are held, and go on however long that is asked for', async () => {
    let now = 0
    const slices = new Slices(() => now)
    let turns = 0
    const holding = () => {
      turns++
      slices.hold()
      timer = setImmediate(holding)
    }
    let timer = setImmediate(holding)
    const ask = () =>
      slices.turn('a').then(() => {
        now += 5
      })
    await Promise.all([ask(), ask(), ask()])
    clearImmediate(timer)
    expect(turns).toBeGreaterThan(2 * 40)
  })

  it('run a job at once where nobody waits', () => {
    let hasRun = false
    new Slices().run('a', () => {
      hasRun = true
    })
    expect(hasRun).toBe(true)
  })
})
