/** What is not done each time it is asked for. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { later, seldom } from '../../../web/log/seldom.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('later', () => {
  it('runs once for all that ask within its time, after it', () => {
    const run = vi.fn()
    const ask = later(100, run)
    ask()
    vi.advanceTimersByTime(60)
    ask()
    expect(run).not.toHaveBeenCalled()
    vi.advanceTimersByTime(40)
    expect(run).toHaveBeenCalledTimes(1)
    ask()
    ask.cancel()
    vi.advanceTimersByTime(1000)
    expect(run).toHaveBeenCalledTimes(1)
  })
})

describe('seldom', () => {
  it('runs at once, then for all that ask meanwhile when it has rested', () => {
    const run = vi.fn()
    const ask = seldom(100, run)
    ask()
    expect(run).toHaveBeenCalledTimes(1)
    ask()
    ask()
    vi.advanceTimersByTime(99)
    expect(run).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(1)
    expect(run).toHaveBeenCalledTimes(2)
    vi.advanceTimersByTime(1000)
    expect(run).toHaveBeenCalledTimes(2)
    ask()
    expect(run).toHaveBeenCalledTimes(3)
  })
})
