/** Turns by client: never more than there are, each client in its own order, and nobody behind all that another asks for. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FairQueue, QueueFullError, type QueueTurn } from '../../../server/http/fair-queue.ts'

const NONE_ASIDE = { aside: 0, asidePerClient: 0 }

const never = () => new AbortController().signal
const settled = () => new Promise(setImmediate)

describe('a fair queue', () => {
  it('keeps its bounds, serves each client in order and everybody in the end, whatever is asked for, given back and given up', async () => {
    const options = fc.record({
      atOnce: fc.integer({ min: 1, max: 4 }),
      atOncePerClient: fc.integer({ min: 1, max: 3 }),
      waitingPerClient: fc.integer({ min: 0, max: 4 }),
      aside: fc.integer({ min: 0, max: 3 }),
      asidePerClient: fc.integer({ min: 0, max: 2 }),
    })
    const step = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('take' as const), client: fc.constantFrom('a', 'b', 'c') }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constantFrom('give' as const, 'leave' as const, 'step aside' as const),
          which: fc.nat(),
        }),
      },
    )
    await fc.assert(
      fc.asyncProperty(options, fc.array(step, { maxLength: 60 }), async (bounds, steps) => {
        const queue = new FairQueue(bounds)
        const running: { client: string; number: number; turn: QueueTurn }[] = []
        const aside: typeof running = []
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
              (turn) => {
                drop()
                begun[each.client]!.push(mine.number)
                running.push({ ...mine, turn })
              },
              (error: unknown) => {
                drop()
                if (error instanceof QueueFullError) expect(before).toBe(bounds.waitingPerClient)
                else expect(mine.leave.signal.aborted).toBe(true)
              },
            )
          } else if (each.kind === 'give') {
            const from = each.which % 2 === 0 || aside.length === 0 ? running : aside
            from.splice(each.which % Math.max(1, from.length), 1)[0]?.turn.end()
          } else if (each.kind === 'step aside') {
            const one = running[each.which % Math.max(1, running.length)]
            const own = aside.filter(({ client }) => client === one?.client).length
            one?.turn.stepAside()
            one?.turn.stepAside() // once more is nothing
            if (one && aside.length < bounds.aside && own < bounds.asidePerClient)
              aside.push(...running.splice(running.indexOf(one), 1))
          } else waiting[each.which % Math.max(1, waiting.length)]?.leave.abort()
          await settled()
          check()
        }
        while (running.length + aside.length > 0) {
          const { turn } = (running.shift() ?? aside.shift())!
          turn.end()
          turn.end() // once more gives nothing back
          turn.stepAside()
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
    const queue = new FairQueue({ ...NONE_ASIDE, atOnce: 2, atOncePerClient: 2, waitingPerClient: 1_000 })
    const turns = [await queue.take('greedy', never()), await queue.take('greedy', never())]
    const served: string[] = []
    for (let n = 0; n < 1_000; n++) void queue.take('greedy', never()).then(() => served.push('greedy'))
    void queue.take('other', never()).then(() => served.push('other'))
    for (const turn of turns) turn.end()
    await settled()
    expect(served).toEqual(['greedy', 'other'])
  })

  it('forgets clients that want nothing any more', async () => {
    const queue = new FairQueue({ ...NONE_ASIDE, atOnce: 1, atOncePerClient: 1, waitingPerClient: 1 })
    const turn = await queue.take('a', never())
    const leaving = new AbortController()
    const left = queue.take('b', leaving.signal)
    leaving.abort()
    await expect(left).rejects.toThrow()
    turn.end()
    const next = await queue.take('b', never())
    await expect(Promise.race([queue.take('b', never()), settled().then(() => 'waits')])).resolves.toBe('waits')
    next.end()
  })
})
