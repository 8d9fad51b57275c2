/**
 * Work of many clients on the process's one thread, in slices of some milliseconds: between two of them the event loop turns,
 * so that whoever waits for it, for a timer, a socket or a line that was written, waits for one slice and not for all the
 * work. Clients are served in rotation.
 */
import { setImmediate } from 'node:timers'

/** How much is done in one turn of the loop. A turn of the loop itself costs some microseconds. */
const SLICE_MS = 4

/**
 * Turns of the loop without work, one after the other, while connections come. libuv accepts one connection in each (since
 * 1.45), so that behind a thousand of one client anybody else's waits for a thousand turns: they had better be short.
 */
const MOST_EMPTY_TURNS = 50

export class Slices {
  readonly #clock: () => number
  /** Jobs by client; the client that was served longest ago first. */
  readonly #waiting = new Map<string, (() => void)[]>()
  /** When the slice of this turn of the loop began; undefined: it has none yet; long ago: it is to have none. */
  #began: number | undefined
  /** A job of this slice is under way. */
  #isRunning = false
  #isHeld = false
  #emptyTurns = 0

  /** `clock` in milliseconds. */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock
  }

  /** The next turn of the loop is to be a short one. */
  hold(): void {
    this.#isHeld = true
  }

  /**
   * Runs it at once where no other runs and the slice is not used up, else when it is the client's turn. A job that throws
   * ends the process.
   */
  run(client: string, job: () => void): void {
    const own = this.#waiting.get(client)
    if (own) own.push(job)
    else this.#waiting.set(client, [job])
    if (this.#isRunning || this.#isOver) return
    this.#begin()
    this.#next()
  }

  /** Resolves when it is the client's turn. What follows is its job, up to the next `await` of what is not there yet. */
  turn(client: string): Promise<void> {
    return new Promise((resolve) => this.run(client, resolve))
  }

  get #isOver(): boolean {
    return this.#began !== undefined && this.#clock() - this.#began >= SLICE_MS
  }

  #begin(): void {
    this.#isRunning = true
    if (this.#began !== undefined) return
    this.#began = this.#clock()
    setImmediate(this.#turnLoop)
  }

  /** The loop has turned. */
  #turnLoop = (): void => {
    this.#began = undefined
    const isHeld = this.#isHeld && this.#emptyTurns < MOST_EMPTY_TURNS
    this.#isHeld = false
    this.#emptyTurns = isHeld ? this.#emptyTurns + 1 : 0
    if (this.#waiting.size === 0) return
    if (isHeld) {
      this.#began = Number.NEGATIVE_INFINITY
      setImmediate(this.#turnLoop)
      return
    }
    this.#begin()
    this.#next()
  }

  /** One job, and what follows it in microtasks; then the next, until the slice is over. */
  #next = (): void => {
    const [first] = this.#waiting
    this.#isRunning = first !== undefined && !this.#isOver
    if (!first || !this.#isRunning) return
    const [client, jobs] = first
    const job = jobs.shift()
    this.#waiting.delete(client)
    if (jobs.length > 0) this.#waiting.set(client, jobs)
    queueMicrotask(() => queueMicrotask(this.#next))
    job?.()
  }
}

/** The process's own. */
export const slices = new Slices()
