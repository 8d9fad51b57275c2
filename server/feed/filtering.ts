/**
 * Filtering that may take long, as of long lines under slow patterns: all of it together gets a few milliseconds of each turn
 * of the event loop, and whoever has not finished by then waits in line for another turn.
 */
import { setImmediate } from 'node:timers'
import type { Verdict } from '../logs/filter.ts'
import type { LogLine } from '../logs/line.ts'
import type { Work } from '../logs/program.ts'

/** A quarter of a frame. */
const SLICE_MS = 4
/** Characters between two looks at the clock, each of which takes 50 ns; a line counts as some. */
const CLOCK_EVERY = { characters: 1_000, ofLine: 250 }

/** Tells after which lines it is worth a look at the clock. */
export class Clock {
  #characters = 0

  isDue({ message }: LogLine): boolean {
    this.#characters += message.length + CLOCK_EVERY.ofLine
    if (this.#characters < CLOCK_EVERY.characters) return false
    this.#characters = 0
    return true
  }
}

export class Filtering {
  /** When the time for such work in this turn of the event loop is over; 0: none has begun. */
  #until = 0
  readonly #waiting: (() => void)[] = []
  #isScheduled = false

  /** Such work begins in this turn, if none has yet. */
  begin(): void {
    if (this.#until > 0) return
    this.#until = performance.now() + SLICE_MS
    this.#schedule()
  }

  /** Whether this turn's time is over: who has more to do waits for `next`. */
  get isOver(): boolean {
    this.begin()
    return performance.now() >= this.#until
  }

  /** Resolves in a later turn, first come first served: one waiter a turn. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#schedule()
    })
  }

  /** The result at once if this turn has time for all of the work, else a promise of it. */
  run<T>(work: Work<T>): T | Promise<T> {
    for (;;) {
      const { done, value } = work.next()
      if (done) return value
      if (this.isOver) return this.#finish(work)
    }
  }

  /** The lines that pass, in order. */
  async filter(lines: readonly LogLine[], test: (line: LogLine) => Verdict): Promise<LogLine[]> {
    const passed: LogLine[] = []
    const clock = new Clock()
    this.begin()
    for (const line of lines) {
      const verdict = test(line)
      if (typeof verdict === 'boolean' ? verdict : await this.run(verdict)) passed.push(line)
      if (clock.isDue(line) && this.isOver) await this.next()
    }
    return passed
  }

  async #finish<T>(work: Work<T>): Promise<T> {
    for (;;) {
      if (this.isOver) await this.next()
      const { done, value } = work.next()
      if (done) return value
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(this.#turn)
  }

  #turn = (): void => {
    this.#isScheduled = false
    const now = performance.now()
    if (this.#waiting.length > 0 && this.#until > 0 && now - this.#until > SLICE_MS) {
      // What cannot stop, such as compiling a pattern, has taken the time of two: everybody else comes first.
      this.#until = now
      this.#schedule()
      return
    }
    const resolve = this.#waiting.shift()
    this.#until = resolve ? now + SLICE_MS : 0
    if (!resolve) return
    this.#schedule()
    resolve()
  }
}

/** The process's own: what counts is all such work together. */
export const filtering = new Filtering()
