/**
 * Reads of history take turns at an engine: two at a time, one beside a follow, first come first served, and nobody can
 * keep his for long.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Turns } from '../../../server/engine/turns.ts'

const { signal } = new AbortController()
const never = () => false

/** Who has had a turn, in order: `count` of them ask for one. */
function asking(turns: Turns, count: number) {
  const order: number[] = []
  const asked = Array.from({ length: count }, (_, number) =>
    turns.take(signal).then((turn) => {
      order.push(number)
      return turn
    }),
  )
  return { order, asked }
}

/** Whatever has been promised by now. */
const settled = () => new Promise(setImmediate)

describe('Turns', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('has two at a time, in the order they asked', async () => {
    const { order, asked } = asking(new Turns(never), 6)
    await settled()
    expect(order).toEqual([0, 1])
    for (let number = 0; number < 4; number++) {
      ;(await asked[number])?.give()
      await settled()
      expect(order).toEqual(Array.from({ length: number + 3 }, (_, index) => index))
    }
  })

  it('has one at a time beside a follow, and leaves the engine two milliseconds after each', async () => {
    const { order, asked } = asking(new Turns(() => true), 3)
    for (let number = 0; number < 2; number++) {
      await settled()
      expect(order).toHaveLength(number + 1)
      ;(await asked[number])?.give()
      vi.advanceTimersByTime(1)
      await settled()
      expect(order).toHaveLength(number + 1)
      vi.advanceTimersByTime(1)
    }
    await settled()
    expect(order).toEqual([0, 1, 2])
  })

  it('has one less when a log begins to be followed, and one more when none is any longer', async () => {
    let isFollowed = false
    const { order, asked } = asking(new Turns(() => isFollowed), 6)
    const give = async (number: number) => {
      ;(await asked[number])?.give()
      vi.advanceTimersByTime(2)
      await settled()
    }
    await settled()
    isFollowed = true
    await give(0)
    expect(order).toEqual([0, 1])
    await give(1)
    expect(order).toEqual([0, 1, 2])
    isFollowed = false
    await give(2)
    expect(order).toEqual([0, 1, 2, 3, 4])
  })

  it('passes a turn on once, however often it is given', async () => {
    const { order, asked } = asking(new Turns(never), 4)
    const first = await asked[0]
    first?.give()
    first?.give()
    await settled()
    expect(order).toEqual([0, 1, 2])
  })

  it('takes a turn away after a second: an answer that does not come holds nobody up', async () => {
    const { order } = asking(new Turns(never), 3)
    await settled()
    vi.advanceTimersByTime(999)
    await settled()
    expect(order).toEqual([0, 1])
    vi.advanceTimersByTime(1)
    await settled()
    expect(order).toEqual([0, 1, 2])
  })

  it('takes it away five milliseconds after the first piece, whether more come or not', async () => {
    const { order, asked } = asking(new Turns(never), 4)
    const [slow, quick] = [await asked[0], await asked[1]]
    vi.advanceTimersByTime(900)
    slow?.arrived()
    for (let ms = 0; ms < 5; ms++) {
      expect([slow?.isOver, quick?.isOver]).toEqual([false, false])
      quick?.arrived()
      vi.advanceTimersByTime(1)
    }
    await settled()
    expect([slow?.isOver, quick?.isOver]).toEqual([true, true])
    expect(order).toEqual([0, 1, 2, 3])
  })

  it('forgets who leaves the queue', async () => {
    const turns = new Turns(never)
    const first = await turns.take(signal)
    await turns.take(signal)
    const leaving = new AbortController()
    const left = turns.take(leaving.signal)
    const stayed = turns.take(signal)
    leaving.abort(new Error('gone'))
    await expect(left).rejects.toThrow('gone')
    first.give()
    await expect(stayed).resolves.toBeDefined()
    await expect(turns.take(leaving.signal)).rejects.toThrow('gone')
  })
})
