/** A log that its engine refuses is called unreadable at once where nothing mends that, else after a while. */
import { expect, it } from 'vitest'
import { EngineError, type EngineErrorCode } from '../../../server/engine/engine.ts'
import { RefusalPatience } from '../../../server/feed/refusal-patience.ts'

const failure = (code: EngineErrorCode) => new EngineError(code, 'on fire')

it.each(['unreadable-driver', 'forbidden'] as const)('has none with %s', (code) => {
  expect(new RefusalPatience(() => 0).isOver(failure(code))).toBe(true)
})

it('has five seconds with others, from the first failure since the log could be read', () => {
  let now = 100
  const patience = new RefusalPatience(() => now)
  expect(patience.isOver(failure('failed'))).toBe(false)
  now += 4_999
  expect(patience.isOver(failure('garbled'))).toBe(false)
  now += 1
  expect(patience.isOver(failure('failed'))).toBe(true)
  patience.reset()
  expect(patience.isOver(failure('failed'))).toBe(false)
  now += 5_000
  expect(patience.isOver(failure('failed'))).toBe(true)
})
