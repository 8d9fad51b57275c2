/**
 * When lines go out: at once while events are few, in batches while they are many. An event costs about as much as a
 * hundred lines inside one, on both ends; but waiting to fill one is delay that a viewer sees.
 */

/** Events a second, to all sessions together, up to which every line goes out at once. */
const EVENTS_PER_SECOND = 4_000
const BURST_EVENTS = 400

/** One frame of a 60 Hz screen: a batch that waits so long is not seen to wait. */
export const FLUSH_MS = 16
/** A batch is at most this long: one event of it parses and draws well within a frame. */
export const BATCH_LINES = 250
export const BATCH_BYTES = 256 * 1024

/** A token bucket of events. `clock` in milliseconds. */
export class Pace {
  readonly #clock: () => number
  #tokens = BURST_EVENTS
  #at: number

  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock
    this.#at = clock()
  }

  /** Whether there is room to send at once. */
  get free(): boolean {
    this.#refill()
    return this.#tokens > 0
  }

  /** Counts events that were sent. Batches are sent whatever the balance, so it can be below zero. */
  spend(events: number): void {
    this.#refill()
    this.#tokens = Math.max(-BURST_EVENTS, this.#tokens - events)
  }

  #refill(): void {
    const now = this.#clock()
    this.#tokens = Math.min(BURST_EVENTS, this.#tokens + ((now - this.#at) * EVENTS_PER_SECOND) / 1000)
    this.#at = now
  }
}

/** The process's own: what counts is all its events together. */
export const pace = new Pace()
