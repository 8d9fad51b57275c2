/**
 * Takes in a stream's events without holding the page. Browsers hand over all events of a received piece in one task:
 * at 50 000 lines a second that is 150 ms in which nothing is drawn. So work is done at once while it is little, which is what
 * latency wants, and in slices between frames when it is much. Order is kept.
 */

const SLICE_MS = 6 // leaves a frame of 16 ms room to draw
const MAX_WAITING = 2000 // events, of at most 250 lines; beyond it they are worked off at once, and the page stutters

export class Inbox {
  readonly #now: () => number
  readonly #defer: (run: () => void) => void
  #waiting: (() => void)[] = []
  #next = 0
  /** Work done since the browser last had its turn, in ms. */
  #spent = 0
  #deferred = false

  /** `defer` runs its argument in a later task, after whatever the browser has to do before. */
  constructor(now: () => number, defer: (run: () => void) => void) {
    this.#now = now
    this.#defer = defer
  }

  put(work: () => void): void {
    this.#waiting.push(work)
    this.#run(this.#waiting.length - this.#next > MAX_WAITING)
  }

  /** Forgets what was not yet taken in. */
  clear(): void {
    this.#waiting = []
    this.#next = 0
  }

  #run(all: boolean): void {
    while (this.#next < this.#waiting.length && (all || this.#spent < SLICE_MS)) {
      const work = this.#waiting[this.#next++]
      const start = this.#now()
      work?.()
      this.#spent += this.#now() - start
    }
    if (this.#next >= this.#waiting.length) this.clear()
    if (this.#deferred) return
    this.#deferred = true
    this.#defer(() => {
      this.#deferred = false
      this.#spent = 0
      if (this.#waiting.length > 0) this.#run(false)
    })
  }
}
