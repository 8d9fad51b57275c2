/** A quiet follow is looked after: it is ended when the log has lines that do not come, and at no other time. */
import { setImmediate as nextTurn } from 'node:timers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { watchQuiet } from '../../../server/feed/watch-quiet.ts'
import { type Cursor, cursorOf, incarnationOf, originOf } from '../../../server/logs/cursor.ts'
import { at } from '../logs/frames.ts'
import { container, MemoryEngine } from '../memory-engine.ts'

const WEB = container('web')
const INCARNATION = incarnationOf(WEB.id)
const LOOK_MS = 15_000
const ON_ITS_WAY_MS = 2_000

let engine: MemoryEngine
let reading: AbortController
let position: Cursor | undefined
let watch: { end(): void }

beforeEach(() => {
  vi.useFakeTimers()
  engine = new MemoryEngine().add(WEB, [{ time: at(1), text: 'one\n' }])
  reading = new AbortController()
  position = cursorOf(INCARNATION, { time: at(1), ordinal: 0 })
  watch = watchQuiet(engine, WEB.id, () => position, reading)
})
afterEach(() => {
  watch.end()
  vi.useRealTimers()
})

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const arrives = (number: number) => {
  position = cursorOf(INCARNATION, { time: at(number), ordinal: 0 })
}

it('leaves a follow alone that has brought all there is, and reads one line each time it looks', async () => {
  await pass(10 * LOOK_MS)
  expect(reading.signal.aborted).toBe(false)
  expect(engine.reads).toEqual(Array.from({ length: 10 }, () => ({ follow: false, tail: 1 })))
})

it('ends a follow that does not bring what the log has', async () => {
  engine.write(WEB.id, { time: at(2), text: 'two\n' })
  await pass(LOOK_MS + ON_ITS_WAY_MS - 1)
  expect(reading.signal.aborted).toBe(false)
  await pass(1)
  expect(reading.signal.aborted).toBe(true)
})

it('leaves it alone when the line was only on its way, and looks again later', async () => {
  engine.write(WEB.id, { time: at(2), text: 'two\n' })
  await pass(LOOK_MS)
  arrives(2)
  await pass(ON_ITS_WAY_MS)
  expect(reading.signal.aborted).toBe(false)
  engine.write(WEB.id, { time: at(3), text: 'three\n' })
  await pass(LOOK_MS + ON_ITS_WAY_MS)
  expect(reading.signal.aborted).toBe(true)
})

it('does not look at all while lines come', async () => {
  for (let number = 2; number < 12; number++) {
    await pass(LOOK_MS / 2)
    arrives(number)
    await pass(LOOK_MS / 2)
  }
  expect(engine.reads).toEqual([])
  expect(reading.signal.aborted).toBe(false)
})

it('finds the first line of a log that was empty', async () => {
  position = originOf(INCARNATION)
  await pass(LOOK_MS) // it stood elsewhere when the wait began
  await pass(LOOK_MS + ON_ITS_WAY_MS)
  expect(reading.signal.aborted).toBe(true)
})

it('waits while nothing has been read yet', async () => {
  position = undefined
  await pass(3 * LOOK_MS)
  expect(engine.reads).toEqual([])
})

it('takes an engine in trouble for nothing to tell, and looks again', async () => {
  vi.spyOn(engine, 'readLines').mockRejectedValueOnce(new Error('cut'))
  engine.write(WEB.id, { time: at(2), text: 'two\n' })
  await pass(LOOK_MS + ON_ITS_WAY_MS)
  expect(reading.signal.aborted).toBe(false)
  await pass(LOOK_MS + ON_ITS_WAY_MS)
  expect(reading.signal.aborted).toBe(true)
})

it('does nothing more once it is over, also in the middle of a look', async () => {
  engine.write(WEB.id, { time: at(2), text: 'two\n' })
  await pass(LOOK_MS)
  watch.end()
  await pass(10 * LOOK_MS)
  expect(reading.signal.aborted).toBe(false)
  expect(engine.reads).toHaveLength(1)
  expect(vi.getTimerCount()).toBe(0)
})

it('looks after many that were quiet together in slices, so that others are served in between', async () => {
  watch.end()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  let looks = 0
  vi.spyOn(engine, 'readLines').mockImplementation(async () => {
    const began = performance.now()
    while (performance.now() - began < 2);
    looks++
    throw new Error('cut')
  })
  const watches = Array.from({ length: 20 }, () => watchQuiet(engine, WEB.id, () => position, reading))
  vi.advanceTimersByTime(LOOK_MS)
  let most = looks
  for (let before = looks; looks < watches.length; before = looks) {
    await new Promise((turned) => nextTurn(turned))
    most = Math.max(most, looks - before)
  }
  expect(most).toBeLessThan(watches.length / 2)
  for (const each of watches) each.end()
})
