/** Inspections: some at a time, those that matter first, and never at speed where they fail. */
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Inspection, OddAnswer } from '../../../server/engine/answers.ts'
import { EngineError } from '../../../server/engine/engine.ts'
import { Inspections } from '../../../server/engine/inspections.ts'

type Outcome = 'ok' | 'gone' | 'odd' | 'failed'

const ERRORS = {
  gone: () => new EngineError('no-container', 'gone'),
  odd: () => new OddAnswer('odd'),
  failed: () => new EngineError('failed', 'not now'),
}

/** An engine whose answers the test gives. */
class Bench {
  readonly asked: string[] = []
  readonly heard: string[] = []
  readonly #waiting: { id: string; answer: (outcome: Outcome) => void }[] = []
  most = 0
  readonly inspections = new Inspections({
    inspect: (id) => {
      this.asked.push(id)
      return new Promise((resolve, reject) => {
        const answer = (outcome: Outcome) =>
          outcome === 'ok' ? resolve({ Id: id } as Inspection) : reject(ERRORS[outcome]())
        this.#waiting.push({ id, answer })
        this.most = Math.max(this.most, this.#waiting.length)
      })
    },
    answered: (id) => this.heard.push(`${id} ok`),
    gone: (id) => this.heard.push(`${id} gone`),
    failed: (id, _error, { isFinal }) => this.heard.push(`${id} ${isFinal ? 'odd' : 'failed'}`),
  })

  constructor() {
    onTestFinished(() => this.inspections.close())
  }

  get open(): string[] {
    return this.#waiting.map(({ id }) => id)
  }

  async answer(outcome: Outcome, id = this.#waiting[0]?.id): Promise<void> {
    const at = this.#waiting.findIndex((one) => one.id === id)
    this.#waiting.splice(at, 1)[0]?.answer(outcome)
    await new Promise(setImmediate)
  }

  async answerAll(outcome: (id: string) => Outcome): Promise<void> {
    for (let [id] = this.open; id !== undefined; [id] = this.open) await this.answer(outcome(id), id)
  }
}

const ids = (count: number, name = 'c') => Array.from({ length: count }, (_, index) => `${name}${index}`)

describe('Inspections', () => {
  it('asks for eight at a time, each once, until all were tried', async () => {
    const bench = new Bench()
    const done = bench.inspections.askAll(ids(10_000))
    await bench.answerAll(() => 'ok')
    await done
    expect(bench.most).toBe(8)
    expect(bench.asked).toEqual(ids(10_000))
  })

  it('asks at once for what changed or is looked at, before thousands that wait', async () => {
    const bench = new Bench()
    void bench.inspections.askAll(ids(1_000))
    bench.inspections.prefer('c700')
    bench.inspections.ask('new')
    expect(bench.open.slice(8)).toEqual(['c700', 'new'])
    bench.inspections.prefer('unknown') // which nobody asked for
    await bench.answerAll(() => 'ok')
    expect(bench.asked.filter((id) => id === 'c700')).toHaveLength(1)
    expect(bench.asked).toHaveLength(1_001)
  })

  it('asks once more for what changed while the answer was on its way, and believes the last', async () => {
    const bench = new Bench()
    bench.inspections.ask('a')
    bench.inspections.ask('a')
    bench.inspections.ask('a')
    await bench.answer('ok')
    expect(bench.heard).toEqual([])
    await bench.answer('ok')
    expect([bench.asked, bench.heard]).toEqual([['a', 'a'], ['a ok']])
  })

  it('does not ask again for an odd one, nor for one that is gone, by itself', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const bench = new Bench()
    void bench.inspections.askAll(['a', 'b', 'c'])
    await bench.answer('odd', 'a')
    await bench.answer('gone', 'b')
    await bench.answer('ok', 'c')
    vi.advanceTimersByTime(3_600_000)
    expect(bench.asked).toEqual(['a', 'b', 'c'])
    bench.inspections.ask('a')
    expect(bench.asked).toEqual(['a', 'b', 'c', 'a'])
  })

  it('remembers which are gone, until something happens to them', async () => {
    const bench = new Bench()
    void bench.inspections.askAll(['a', 'b'])
    await bench.answer('gone', 'a')
    await bench.answer('ok', 'b')
    expect(['a', 'b'].map((id) => bench.inspections.isGone(id))).toEqual([true, false])
    bench.inspections.ask('a')
    expect([bench.asked, bench.inspections.isGone('a')]).toEqual([['a', 'b', 'a'], false])
  })

  it('goes on to the rest where the first ones are odd', async () => {
    const bench = new Bench()
    const done = bench.inspections.askAll(ids(100))
    await bench.answerAll((id) => (Number(id.slice(1)) < 50 ? 'odd' : 'ok'))
    await done
    expect(bench.heard).toHaveLength(100)
  })

  it.each(['failed', 'gone'] as const)(
    'asks ever less often where all are %s, and never for ever at speed',
    async (outcome) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
      onTestFinished(() => void vi.useRealTimers())
      const bench = new Bench()
      void bench.inspections.askAll(ids(1_000))
      for (let second = 0; second < 600; second++) {
        await bench.answerAll(() => outcome)
        vi.advanceTimersByTime(1_000)
      }
      // Every 15 to 30 s eight of them, once it is clear that the engine itself fails.
      if (outcome === 'failed') expect(bench.asked.length).toBeLessThan(500)
      else expect(bench.asked).toHaveLength(1_000)
    },
  )

  it('comes back to all of them when the engine does', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const bench = new Bench()
    void bench.inspections.askAll(ids(100))
    await bench.answerAll(() => 'failed')
    for (let minute = 0; minute < 20; minute++) {
      vi.advanceTimersByTime(60_000)
      await bench.answerAll(() => 'ok')
    }
    expect(new Set(bench.heard.filter((heard) => heard.endsWith('ok'))).size).toBe(100)
  })

  it('tries each at least once and answers for each, whatever happens in whatever order', async () => {
    const outcome = fc.constantFrom<Outcome>('ok', 'gone', 'odd')
    const act = fc.tuple(fc.constantFrom('ask', 'prefer', 'answer'), fc.nat(19), outcome)
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 40 }), fc.nat(20), async (acts, count) => {
        const bench = new Bench()
        const done = bench.inspections.askAll(ids(count))
        const wanted = new Set(ids(count))
        for (const [what, number, how] of acts) {
          if (what === 'answer') await bench.answer(how)
          else bench.inspections[what as 'ask' | 'prefer'](`c${number}`)
          if (what === 'ask') wanted.add(`c${number}`)
        }
        await bench.answerAll(() => 'ok')
        await done
        expect(new Set(bench.asked)).toEqual(wanted)
        expect(new Set(bench.heard.map((heard) => heard.split(' ')[0]))).toEqual(wanted)
        expect(bench.most).toBeLessThanOrEqual(16)
        bench.inspections.close()
      }),
    )
  })

  it('calls nobody once it is closed or has been told to forget', async () => {
    const bench = new Bench()
    bench.inspections.ask('a')
    bench.inspections.ask('b')
    bench.inspections.forget('a')
    await bench.answer('ok', 'a')
    bench.inspections.close()
    await bench.answer('ok', 'b')
    expect(bench.heard).toEqual([])
  })
})
