/**
 * The inspections of an engine's containers: some at a time, those that somebody looks at or that just changed before the
 * others, and again with back-off where they fail. An answer that a change has overtaken is asked for once more before it is
 * believed.
 */
import { type Inspection, OddAnswer } from './answers.ts'
import { BackOff } from './back-off.ts'
import { EngineError } from './engine.ts'

const AT_ONCE = 8
/** Beside those: a container whose inspection hangs does not hold up what just changed. */
const URGENT_AT_ONCE = 8
/** So many failures one after the other mean the engine, not a container: the rest waits for the next attempt. */
const MOST_FAILURES = 8
/** Ids that are remembered as gone: more than one listing has. */
const MOST_GONE = 20_000
const CAP_MS = 30_000 // an event asks at once; without one, what failed for minutes can wait

export interface InspectionHandlers {
  inspect(id: string): Promise<Inspection>
  answered(id: string, inspection: Inspection): void
  /** There is no such container any more. */
  gone(id: string): void
  /** `isFinal`: only an event, or a look at everything, has it asked again. `isFirst`: it did not fail the last time. */
  failed(id: string, error: unknown, is: { readonly isFirst: boolean; readonly isFinal: boolean }): void
}

type Urgency = 'urgent' | 'usual'

export class Inspections {
  readonly #handlers: InspectionHandlers
  readonly #waiting = new Map<string, Urgency>()
  /** In the order they were asked; an id whose urgency in `#waiting` is another one, or none, is passed over. */
  readonly #queues = { urgent: new Queue(), usual: new Queue() }
  readonly #running = new Map<string, { again: boolean }>()
  /** Ids whose last inspection failed, and is going to be tried again. */
  readonly #failing = new Set<string>()
  /** Those that the engine does not know, though a listing may still have them; the oldest first. */
  readonly #gone = new Set<string>()
  readonly #backOff = new BackOff(CAP_MS)
  #failures = 0
  #timer: NodeJS.Timeout | undefined
  #isClosed = false
  #onIdle: (() => void)[] = []

  constructor(handlers: InspectionHandlers) {
    this.#handlers = handlers
  }

  /** Asks now, before those of `askAll`. */
  ask(id: string): void {
    this.#gone.delete(id)
    const running = this.#running.get(id)
    if (running) running.again = true
    else this.#wait(id, 'urgent')
    this.#go()
  }

  /** Whether the engine did not know that container when it was asked last: to ask again for each listing would not help. */
  isGone(id: string): boolean {
    return this.#gone.has(id)
  }

  /** Asks for one that waits before the others. */
  prefer(id: string): void {
    if (this.#waiting.get(id) === 'usual') this.ask(id)
  }

  /** Resolves when each was tried, and nothing else waits. */
  askAll(ids: Iterable<string>): Promise<void> {
    for (const id of ids) {
      const running = this.#running.get(id)
      if (running) running.again = true
      else if (!this.#waiting.has(id)) this.#wait(id, 'usual')
    }
    const idle = new Promise<void>((resolve) => this.#onIdle.push(resolve))
    this.#go()
    return idle
  }

  /** What an answer that is on its way tells of this container is passed over. */
  forget(id: string): void {
    this.#waiting.delete(id)
    this.#running.delete(id)
    this.#failing.delete(id)
  }

  /** No handler is called any more. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#waiting.clear()
    this.#running.clear()
    this.#settle()
  }

  #wait(id: string, urgency: Urgency): void {
    if (this.#waiting.get(id) === urgency) return
    this.#waiting.set(id, urgency)
    this.#queues[urgency].push(id)
  }

  #go(): void {
    if (this.#isClosed) return
    for (let id = this.#next(); id !== undefined; id = this.#next()) void this.#run(id)
    if (this.#failing.size > 0) this.#timer ??= setTimeout(this.#retry, this.#backOff.next()).unref()
    this.#settle()
  }

  #next(): string | undefined {
    const { size } = this.#running
    if (size < AT_ONCE + URGENT_AT_ONCE) {
      const id = this.#take('urgent')
      if (id !== undefined) return id
    }
    return size < AT_ONCE && !this.#isPaused ? this.#take('usual') : undefined
  }

  #take(urgency: Urgency): string | undefined {
    const queue = this.#queues[urgency]
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      if (this.#waiting.get(id) !== urgency) continue
      this.#waiting.delete(id)
      return id
    }
    return undefined
  }

  async #run(id: string): Promise<void> {
    const mine = { again: true }
    this.#running.set(id, mine)
    const isMine = () => !this.#isClosed && this.#running.get(id) === mine
    try {
      let inspection: Inspection | undefined
      while (mine.again) {
        mine.again = false
        inspection = await this.#handlers.inspect(id)
        if (!isMine()) return
      }
      this.#succeeded(id)
      if (inspection) this.#handlers.answered(id, inspection)
    } catch (error) {
      if (isMine()) this.#failed(id, error)
    } finally {
      if (isMine()) this.#running.delete(id)
      this.#go()
    }
  }

  #succeeded(id: string): void {
    this.#failures = 0
    this.#failing.delete(id)
    if (this.#failing.size === 0) this.#backOff.reset()
  }

  #failed(id: string, error: unknown): void {
    const isOver = error instanceof EngineError && error.code === 'no-container'
    const isFinal = error instanceof OddAnswer
    const isFirst = !this.#failing.has(id)
    if (isOver || isFinal) this.#succeeded(id)
    if (isOver) {
      this.#gone.add(id)
      if (this.#gone.size > MOST_GONE) this.#forgetOldest()
      this.#handlers.gone(id)
    } else this.#handlers.failed(id, error, { isFirst, isFinal })
    if (isOver || isFinal) return
    this.#failures++
    this.#failing.add(id)
    if (isFirst && !this.#isPaused) {
      this.#backOff.reset()
      clearTimeout(this.#timer)
      this.#timer = undefined
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#gone
    if (oldest !== undefined) this.#gone.delete(oldest)
  }

  get #isPaused(): boolean {
    return this.#failures >= MOST_FAILURES
  }

  /** Of those that wait, where nothing but failures came, else of those that failed, some are tried. */
  #retry = (): void => {
    this.#timer = undefined
    const some = this.#isPaused ? this.#takeSome() : []
    if (some.length === 0) some.push(...[...this.#failing].slice(0, AT_ONCE))
    for (const id of some) {
      // Behind the others the next time.
      if (this.#failing.delete(id)) this.#failing.add(id)
      if (!this.#running.has(id)) this.#wait(id, 'urgent')
    }
    this.#go()
  }

  #takeSome(): string[] {
    const some: string[] = []
    for (let id = this.#take('usual'); id !== undefined; id = this.#take('usual')) {
      some.push(id)
      if (some.length === AT_ONCE) break
    }
    return some
  }

  #settle(): void {
    const isIdle = this.#running.size + this.#waiting.size === 0 || this.#isPaused
    if (!isIdle && !this.#isClosed) return
    for (const resolve of this.#onIdle.splice(0)) resolve()
  }
}

/** First in, first out, each in constant time. */
class Queue {
  #items: string[] = []
  #at = 0

  push(item: string): void {
    this.#items.push(item)
  }

  shift(): string | undefined {
    const item = this.#items[this.#at]
    if (item === undefined) {
      this.#items = []
      this.#at = 0
    } else this.#at++
    return item
  }
}
