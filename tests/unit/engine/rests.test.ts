/** When the thread rests: after short reads in quick succession, once for all sockets. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { beforeEach, expect, it, vi } from 'vitest'
import { Rests } from '../../../server/engine/rests.ts'

const SHORT = 1_000
const LONG = 64 * 1024

const wait = vi.spyOn(Atomics, 'wait')

beforeEach(() => void wait.mockClear())

it('rests after a short read that came soon after another, and then for less than a millisecond', async () => {
  const rests = new Rests()
  rests.after(SHORT, 10)
  rests.after(SHORT, 10.5)
  expect(wait).not.toHaveBeenCalled() // what was read is handled first
  await nextTurn()
  expect(wait).toHaveBeenCalledOnce()
  const [, , , ms] = wait.mock.lastCall ?? []
  expect(ms).toBeGreaterThan(0)
  expect(ms).toBeLessThan(1)
  rests.after(SHORT, 11)
  await nextTurn()
  expect(wait).toHaveBeenCalledTimes(2)
})

it('does not rest for a trickle, the first read of a socket, or a read that brought much', async () => {
  const [trickle, first, much] = [new Rests(), new Rests(), new Rests()]
  for (let at = 0; at < 50; at += 2) trickle.after(SHORT, at)
  first.after(SHORT, 0)
  for (let at = 0; at < 5; at += 0.1) much.after(LONG, at)
  await nextTurn()
  expect(wait).not.toHaveBeenCalled()
})

it('rests once in a turn of the event loop, however many sockets there are', async () => {
  for (let count = 0; count < 20; count++) {
    const rests = new Rests()
    for (let at = 0; at < 1; at += 0.1) rests.after(SHORT, at)
  }
  await nextTurn()
  expect(wait).toHaveBeenCalledOnce()
})
