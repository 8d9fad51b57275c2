/** The rows that match, whatever comes and goes while they are looked for. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findIn } from '../../../web/log/find-batch.ts'
import { Finder, type Rows } from '../../../web/log/finder.ts'
import type { Matcher } from '../../../web/log/matcher.ts'
import { compile, type Pattern, type Wanted } from '../../../web/log/pattern.ts'

/** A log that grows and shrinks at both ends. A text of `''` is a divider. */
class Log implements Rows {
  first = 0
  texts: string[]

  constructor(texts: string[] = []) {
    this.texts = texts
  }

  get end(): number {
    return this.first + this.texts.length
  }

  text(index: number): string | undefined {
    const text = this.texts[index - this.first]
    return text === '' ? 'a divider that says error' : text
  }

  isLine(index: number): boolean {
    return this.texts[index - this.first] !== ''
  }

  append(texts: string[]): void {
    this.texts.push(...texts)
  }

  prepend(texts: string[]): void {
    this.texts.unshift(...texts)
    this.first -= texts.length
  }

  dropOldest(count: number): void {
    this.first += this.texts.splice(0, count).length
  }

  dropNewest(count: number): void {
    this.texts.splice(Math.max(0, this.texts.length - count))
  }
}

/** Runs one deferred task at a time, when told to. */
class Tasks {
  readonly waiting: (() => void)[] = []
  readonly defer = (run: () => void): void => void this.waiting.push(run)

  run(count: number): void {
    for (; count > 0; count--) this.waiting.shift()?.()
  }

  runAll(): void {
    while (this.waiting.length > 0) this.run(1)
  }
}

/** Answers when it is told to. */
class SlowMatcher implements Matcher {
  readonly asked: { texts: readonly string[]; answer(): void; fail(words: string): void }[] = []
  closed = 0

  matching(wanted: Wanted, texts: readonly string[]): Promise<readonly number[]> {
    return new Promise((resolve, reject) => {
      const answer = () => resolve(findIn({ wanted, texts, asks: 'matching' }) as number[])
      this.asked.push({ texts, answer, fail: (words) => reject(new Error(words)) })
    })
  }

  ranges(): Promise<never> {
    throw new Error('not asked here')
  }

  close(): void {
    this.closed++
    this.asked.length = 0
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

function pattern(text: string, regex = false): Pattern {
  const compiled = compile({ text, regex, matchCase: false, word: false })
  if ('error' in compiled) throw new Error(compiled.error)
  return compiled
}

/** Every look at it is 1 ms later: few rows of a thousand characters make a slice. */
function clock(): () => number {
  let now = 0
  return () => now++
}

const longLine = (text: string) => text.padEnd(9000)

const naive = (log: Log): number[] =>
  log.texts.flatMap((text, place) => (text.includes('error') ? log.first + place : []))

function expectAll(finder: Finder, log: Log): void {
  const all = naive(log)
  expect(finder.isComplete).toBe(true)
  expect(finder.count).toBe(all.length)
  expect([...finder.within(log.first, log.end)]).toEqual(all)
  for (let index = log.first - 2; index < log.end + 2; index++) {
    expect(finder.next(index)).toBe(all.find((match) => match > index))
    expect(finder.previous(index)).toBe(all.findLast((match) => match < index))
    expect(finder.position(index)).toBe(all.filter((match) => match <= index).length)
    expect([...finder.within(index, log.end - 3)]).toEqual(all.filter((match) => match >= index && match < log.end - 3))
  }
}

const texts = fc.array(fc.constantFrom('an error', 'fine', 'error', '', longLine('error'), longLine('fine')), {
  maxLength: 20,
})
const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constantFrom('append' as const, 'prepend' as const), texts }),
    fc.record({
      do: fc.constantFrom('dropOldest' as const, 'dropNewest' as const),
      count: fc.nat({ max: 30 }),
    }),
    fc.record({ do: fc.constant('run' as const), tasks: fc.nat({ max: 30 }) }),
    fc.record({ do: fc.constant('look' as const), from: fc.integer({ min: -30, max: 60 }) }),
    fc.record({ do: fc.constant('refresh' as const) }),
  ),
  { maxLength: 30 },
)

describe('the finder', () => {
  it('finds what a filter of all rows finds, whatever is added, dropped and refreshed meanwhile', () => {
    fc.assert(
      fc.property(texts, steps, (loaded, steps) => {
        const log = new Log(loaded.slice())
        const tasks = new Tasks()
        const finder = new Finder(log, tasks.defer, { now: clock(), matcher: new SlowMatcher() })
        finder.look(pattern('error'))
        for (const step of steps) {
          if (step.do === 'prepend') finder.refresh()
          if ('texts' in step) log[step.do](step.texts)
          else if (step.do === 'look') finder.look(pattern('error'), step.from)
          else if (step.do === 'run') tasks.run(step.tasks)
          else if ('count' in step) log[step.do](step.count)
          // Other rows may get the indexes of those that went: that they went is told before.
          if (step.do === 'refresh' || step.do === 'dropNewest') finder.refresh()
        }
        finder.refresh()
        tasks.runAll()
        expectAll(finder, log)
      }),
      { numRuns: 1000 },
    )
  })

  it('finds the same with a worker, whenever that answers', async () => {
    await fc.assert(
      fc.asyncProperty(texts, steps, async (loaded, steps) => {
        const log = new Log(loaded.slice())
        const tasks = new Tasks()
        const matcher = new SlowMatcher()
        const finder = new Finder(log, tasks.defer, { now: clock(), matcher })
        finder.look(pattern('err.r', true))
        for (const step of steps) {
          if (step.do === 'prepend') finder.refresh()
          if ('texts' in step) log[step.do](step.texts)
          else if (step.do === 'look') finder.look(pattern('err.r', true), step.from)
          else if (step.do === 'run') {
            tasks.run(step.tasks)
            matcher.asked.shift()?.answer()
            await settled()
          } else if ('count' in step) log[step.do](step.count)
          if (step.do === 'refresh' || step.do === 'dropNewest') finder.refresh()
          expect(matcher.asked.length).toBeLessThanOrEqual(1)
        }
        finder.refresh()
        while (!finder.isComplete) {
          tasks.runAll()
          matcher.asked.shift()?.answer()
          await settled()
        }
        expectAll(finder, log)
      }),
      { numRuns: 300 },
    )
  })

  it('has a match nearby at once, and looks at older rows before newer ones', () => {
    const log = new Log(Array.from({ length: 1000 }, (_, row) => longLine(row % 100 === 0 ? 'error' : 'fine')))
    const finder = new Finder(log, new Tasks().defer, { now: clock(), matcher: new SlowMatcher() })
    finder.look(pattern('error'), 505)
    expect(finder.previous(506)).toBe(500)
    expect(finder.next(505)).toBeUndefined()
    expect(finder.isComplete).toBe(false)
  })

  it('works for 5 ms at a time, and tells of changes once a slice', () => {
    const log = new Log(Array.from({ length: 1000 }, () => longLine('error')))
    const tasks = new Tasks()
    let now = 0
    const finder = new Finder(log, tasks.defer, { now: () => now++, matcher: new SlowMatcher() })
    const counts: number[] = []
    finder.onChange = () => counts.push(finder.count)
    finder.look(pattern('error'))
    for (let slices = 1; !finder.isComplete; slices++) {
      const before = now
      tasks.run(1)
      expect(now - before).toBeLessThanOrEqual(6)
      expect(counts).toHaveLength(slices)
    }
    expect(counts.at(-1)).toBe(1000)
    expect(counts.length).toBeGreaterThan(50)
    expect(tasks.waiting).toEqual([])
  })

  it('looks only at the rows that are new', () => {
    const log = new Log(['error', 'fine'])
    const tasks = new Tasks()
    const finder = new Finder(log, tasks.defer, { matcher: new SlowMatcher() })
    const tested: string[] = []
    const wanted = pattern('error')
    finder.look({ ...wanted, test: (text) => tested.push(text) > 0 && wanted.test(text) })
    log.append(['new error'])
    log.prepend(['old error'])
    finder.refresh()
    tasks.runAll()
    expect(tested).toEqual(['fine', 'error', 'new error', 'old error'])
    expect(finder.count).toBe(3)
  })

  it('forgets rows that were dropped at once', () => {
    const log = new Log(['error', 'error', 'error'])
    const finder = new Finder(log, new Tasks().defer, { matcher: new SlowMatcher() })
    finder.look(pattern('error'))
    log.dropOldest(2)
    finder.refresh()
    expect(finder.count).toBe(1)
    expect(finder.previous(2)).toBeUndefined()
  })

  it('looks for nothing when there is nothing to look for', () => {
    const tasks = new Tasks()
    const finder = new Finder(new Log(['error']), tasks.defer, { matcher: new SlowMatcher() })
    finder.look(pattern('error'))
    finder.look(undefined)
    finder.refresh()
    expect([finder.count, finder.isComplete, tasks.waiting.length]).toEqual([0, true, 0])
  })

  it('may be told to look for something else when it tells of a change', () => {
    const log = new Log(Array.from({ length: 200 }, () => longLine('error')))
    const tasks = new Tasks()
    const finder = new Finder(log, tasks.defer, { now: clock(), matcher: new SlowMatcher() })
    finder.onChange = () => finder.look(undefined)
    finder.look(pattern('error'))
    tasks.runAll()
    expect([finder.count, finder.isComplete]).toEqual([0, true])
  })

  it('keeps a million matches', () => {
    const rows: Rows = { first: -500_000, end: 500_000, text: () => 'error', isLine: () => true }
    const tasks = new Tasks()
    const finder = new Finder(rows, tasks.defer, { matcher: new SlowMatcher() })
    finder.look(pattern('error'), 0)
    tasks.runAll()
    expect(finder.count).toBe(1_000_000)
    expect(finder.position(0)).toBe(500_001)
    expect(finder.next(123_456)).toBe(123_457)
    expect(finder.previous(-499_999)).toBe(-500_000)
  })
})

describe('a pattern that might stall', () => {
  it('is never run on the page, and one that stalled is told of and stops the search', async () => {
    const log = new Log(['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', 'fine'])
    const tasks = new Tasks()
    const matcher = new SlowMatcher()
    const finder = new Finder(log, tasks.defer, { matcher })
    const slow = pattern('(a+)+$', true)
    finder.look({ ...slow, test: () => expect.unreachable('run on the page') })
    expect(matcher.asked[0]?.texts).toEqual(['fine', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'])
    matcher.asked.shift()?.fail('It takes too long.')
    await settled()
    expect(finder.stalled).toBe('It takes too long.')
    log.append(['more'])
    finder.refresh()
    tasks.runAll()
    expect(matcher.asked).toEqual([])
    finder.look(pattern('fine'))
    expect([finder.stalled, finder.count]).toEqual([undefined, 1])
  })

  it('is ended when something else is looked for', async () => {
    const matcher = new SlowMatcher()
    const finder = new Finder(new Log(['error']), new Tasks().defer, { matcher })
    finder.look(pattern('err.r', true))
    const [late] = matcher.asked
    finder.look(pattern('e.x', true))
    expect(matcher.closed).toBe(1)
    late?.answer()
    await settled()
    expect(finder.count).toBe(0)
    matcher.asked.shift()?.answer()
    await settled()
    expect(finder.count).toBe(0)
    expect(finder.isComplete).toBe(true)
  })

  it('is given to the worker in batches that are copied without notice', () => {
    const matcher = new SlowMatcher()
    const short = new Finder(new Log(Array(10_000).fill('error')), new Tasks().defer, { matcher })
    short.look(pattern('err.r', true))
    expect(matcher.asked[0]?.texts).toHaveLength(4000)
    const long = new Finder(new Log(Array(100).fill('x'.repeat(65_536))), new Tasks().defer, { matcher })
    long.look(pattern('err.r', true))
    expect(matcher.asked[1]?.texts).toHaveLength(8)
  })
})
