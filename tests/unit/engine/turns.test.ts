/** Reads of history take turns at an engine: two at a time, first come first served, and nobody can keep his for long. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Turns } from '../../../server/engine/turns.ts'

const { signal } = new AbortController()

describe('Turns', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('has two at a time, in the order they asked', async () => {
    const turns = new Turns()
    const order: number[] = []
    const asked = Array.from({ length: 6 }, (_, number) =>
      turns.take(signal).then((turn) => {
        order.push(number)
        return turn
      }),
    )
    await asked[1]
    expect(order).toEqual([0, 1])
    for (let number = 0; number < 4; number++) {
      ;(await asked[number])?.give()
      await asked[number + 2]
      expect(order).toEqual(Array.from({ length: number + 3 }, (_, index) => index))
    }
  })

  it('passes a turn on once, however often it is given', async () => {
    const turns = new Turns()
    const first = await turns.take(signal)
    await turns.take(signal)
    const third = turns.take(signal)
    const fourth = turns.take(signal)
    first.give()
    first.give()
    await third
    let isIn = false
    void fourth.then(() => {
      isIn = true
    })
    await Promise.resolve()
    expect(isIn).toBe(false)
  })

  it('takes a turn away after a second: an answer that does not come holds nobody up', async () => {
    const turns = new Turns()
    await turns.take(signal)
    await turns.take(signal)
    const waiting = turns.take(signal)
    vi.advanceTimersByTime(1_000)
    await expect(waiting).resolves.toBeDefined()
  })

  it('forgets who leaves the queue', async () => {
    const turns = new Turns()
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
