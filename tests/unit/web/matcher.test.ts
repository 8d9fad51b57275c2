/** Patterns that might stall, in a worker that is ended when one does. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Batch, findIn } from '../../../web/log/find-batch.ts'
import { type Matcher, PATIENCE_MS, type WorkerLike, WorkerMatcher } from '../../../web/log/matcher.ts'
import type { Range, Wanted } from '../../../web/log/pattern.ts'
import { WorkerRanges } from '../../../web/log/worker-ranges.ts'

const wanted: Wanted = { text: 'er+', regex: true, matchCase: false, word: false }

class FakeWorker implements WorkerLike {
  onmessage: WorkerLike['onmessage'] = null
  onerror: WorkerLike['onerror'] = null
  batches: Batch[] = []
  ended = false

  postMessage(batch: Batch): void {
    this.batches.push(batch)
  }

  terminate(): void {
    this.ended = true
  }

  answer(): void {
    const batch = this.batches.shift()
    if (batch) this.onmessage?.({ data: findIn(structuredClone(batch)) } as MessageEvent)
  }
}

describe('a matcher', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function setUp() {
    const workers: FakeWorker[] = []
    const matcher = new WorkerMatcher(() => {
      const worker = new FakeWorker()
      workers.push(worker)
      return worker
    })
    return { workers, matcher }
  }

  it('answers with the places that match, and with ranges, from one worker', async () => {
    const { workers, matcher } = setUp()
    const matching = matcher.matching(wanted, ['fine', 'Error', 'over'])
    workers[0]?.answer()
    expect(await matching).toEqual([1, 2])
    const ranges = matcher.ranges(wanted, ['fine', 'over Error'])
    workers[0]?.answer()
    expect(await ranges).toEqual([
      [],
      [
        [2, 4],
        [5, 8],
      ],
    ])
    expect(workers).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ends the worker when a batch takes too long, says so in words, and starts another for what comes next', async () => {
    const { workers, matcher } = setUp()
    const stalled = matcher.matching(wanted, ['x'])
    vi.advanceTimersByTime(PATIENCE_MS - 1)
    expect(workers[0]?.ended).toBe(false)
    vi.advanceTimersByTime(1)
    expect(workers[0]?.ended).toBe(true)
    await expect(stalled).rejects.toThrow('This pattern takes too long')
    const next = matcher.matching(wanted, ['error'])
    workers[1]?.answer()
    expect(await next).toEqual([0])
  })

  it('says so when the browser cannot start a worker', async () => {
    const { workers, matcher } = setUp()
    const failed = matcher.matching(wanted, ['x'])
    workers[0]?.onerror?.({} as ErrorEvent)
    await expect(failed).rejects.toThrow('could not start')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves nothing running when it is closed', () => {
    const { workers, matcher } = setUp()
    void matcher.matching(wanted, ['x'])
    matcher.close()
    expect(workers[0]?.ended).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('ranges by a worker', () => {
  class FakeMatcher implements Matcher {
    asked: (readonly string[])[] = []
    fails = false
    matching = (): Promise<never> => expect.unreachable('not asked here')
    close = () => {}

    async ranges(wanted: Wanted, texts: readonly string[]): Promise<readonly (readonly Range[])[]> {
      this.asked.push(texts)
      if (this.fails) throw new Error('It takes too long.')
      return findIn({ wanted, texts, asks: 'ranges' }) as Range[][]
    }
  }

  const settled = () => new Promise((resolve) => setImmediate(resolve))

  it('are known a moment after they were asked for, all of a screen in one batch', async () => {
    const matcher = new FakeMatcher()
    const known = vi.fn()
    const ranges = new WorkerRanges(wanted, known, matcher)
    expect(['fine', 'over', 'over'].map((text) => ranges.ranges(text))).toEqual([undefined, undefined, undefined])
    await settled()
    expect(matcher.asked).toEqual([['fine', 'over']])
    expect(known).toHaveBeenCalledOnce()
    expect(ranges.ranges('over')).toEqual([[2, 4]])
    expect(ranges.ranges('fine')).toEqual([])
    await settled()
    expect(matcher.asked).toHaveLength(1)
  })

  it('are not asked for again once the pattern has stalled', async () => {
    const matcher = new FakeMatcher()
    matcher.fails = true
    const known = vi.fn()
    const ranges = new WorkerRanges(wanted, known, matcher)
    ranges.ranges('over')
    await settled()
    expect(ranges.ranges('over')).toBeUndefined()
    await settled()
    expect(matcher.asked).toHaveLength(1)
    expect(known).not.toHaveBeenCalled()
  })

  it('are remembered of the last few thousand lines', async () => {
    const matcher = new FakeMatcher()
    const ranges = new WorkerRanges(wanted, () => {}, matcher)
    ranges.ranges('the first: error')
    await settled()
    for (let i = 0; i < 4000; i++) ranges.ranges(`error ${i}`)
    await settled()
    expect(ranges.ranges('error 3999')).toEqual([[0, 3]])
    expect(ranges.ranges('the first: error')).toBeUndefined()
  })
})
