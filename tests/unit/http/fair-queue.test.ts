/** Turns by client: never more than there are, each client in its own order, and nobody behind all that another asks for. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FairQueue, QueueFullError } from '../../../server/http/fair-queue.ts'

const never = () => new AbortController().signal
const settled = () => new Promise(setImmediate)

describe('a fair queue', () => {
  it('keeps its bounds, serves each client in order and everybody in the end, whatever is asked for, given back and given up', async () => {
    const options = fc.record({
      atOnce: fc.integer({ min: 1, max: 4 }),
      atOncePerClient: fc.integer({ min: 1, max: 3 }),
      waitingPerClient: fc.integer({ min: 0, max: 4 }),
    })
    const step = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('take' as const), client: fc.constantFrom('a', 'b', 'c') }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constantFrom('give' as const, 'leave' as const), which: fc.nat() }),
      },
    )
    await fc.assert(
      fc.asyncProperty(options, fc.array(step, { maxLength: 60 }), async (bounds, steps) => {
        const queue = new FairQueue(bounds)
        const running: { client: string; number: number; release: () => void }[] = []
        const waiting: { client: string; number: number; leave: AbortController }[] = []
        const begun: Record<string, number[]> = { a: [], b: [], c: [] }
        let number = 0
        const check = () => {
          expect(running.length).toBeLessThanOrEqual(bounds.atOnce)
          for (const client of 'abc') {
            const own = running.filter((each) => each.client === client).length
            expect(own).toBeLessThanOrEqual(bounds.atOncePerClient)
            // Nobody waits while there is a turn to be had.
            const waits = waiting.some((each) => each.client === client)
            if (waits && running.length < bounds.atOnce) expect(own).toBe(bounds.atOncePerClient)
          }
        }
        for (const each of steps) {
          if (each.kind === 'take') {
            const mine = { client: each.client, number: number++, leave: new AbortController() }
            const before = waiting.filter(({ client }) => client === each.client).length
            waiting.push(mine)
            const drop = () => waiting.splice(waiting.indexOf(mine), 1)
            queue.take(each.client, mine.leave.signal).then(
              (release) => {
                drop()
                begun[each.client]!.push(mine.number)
                running.push({ ...mine, release })
              },
              (error: unknown) => {
                drop()
                if (error instanceof QueueFullError) expect(before).toBe(bounds.waitingPerClient)
                else expect(mine.leave.signal.aborted).toBe(true)
              },
            )
          } else if (each.kind === 'give') running.splice(each.which % Math.max(1, running.length), 1)[0]?.release()
          else waiting[each.which % Math.max(1, waiting.length)]?.leave.abort()
          await settled()
          check()
        }
        while (running.length > 0) {
          const { release } = running.shift()!
          release()
          release() // once more gives nothing back
          await settled()
          check()
        }
        expect(waiting).toEqual([])
        for (const numbers of Object.values(begun)) expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
      }),
      { numRuns: 200 },
    )
  })

  it('lets a newcomer begin with the next turn that ends, however many of another client wait', async () => {
    const queue = new FairQueue({ atOnce: 2, atOncePerClient: 2, waitingPerClient: 1_000 })
    const releases = [await queue.take('greedy', never()), await queue.take('greedy', never())]
    const served: string[] = []
    for (let n = 0; n < 1_000; n++) void queue.take('greedy', never()).then(() => served.push('greedy'))
    void queue.take('other', never()).then(() => served.push('other'))
    for (const release of releases) release()
    await settled()
    expect(served).toEqual(['greedy', 'other'])
  })

  it('forgets clients that want nothing any more', async () => {
    const queue = new FairQueue({ atOnce: 1, atOncePerClient: 1, waitingPerClient: 1 })
    const release = await queue.take('a', never())
    const leaving = new AbortController()
    const left = queue.take('b', leaving.signal)
    leaving.abort()
    await expect(left).rejects.toThrow()
    release()
    const next = await queue.take('b', never())
    await expect(Promise.race([queue.take('b', never()), settled().then(() => 'waits')])).resolves.toBe('waits')
    next()
  })
})
