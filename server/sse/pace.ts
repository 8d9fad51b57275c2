/**
 * When lines go out: at once while events are few, in batches while they are many. An event costs about as much as a
 * hundred lines inside one, on both ends; but waiting to fill one is delay that a viewer sees.
 */

import { type LogLine, weightOf } from '../logs/line.ts'

/** Lines a second, times the sessions they go to, up to which each goes out at once, in an event of its own. */
const EVENTS_PER_SECOND = 4_000
const BURST_EVENTS = 400

/** One frame of a 60 Hz screen: a batch that waits so long is not seen to wait. */
export const FLUSH_MS = 16
/**
 * A batch is at most this long: one event of it parses and draws well within a frame, and goes to the socket in one piece.
 * Of longer ones a flood costs more.
 */
export const BATCH_LINES = 128
export const BATCH_BYTES = 256 * 1024

/** How often a viewer gets an id at least, where its filter hides what passes. */
export const ID_EVERY_MS = 2_000

/** How many of `lines` go out in one event; at least one. */
export function batchLength(lines: readonly LogLine[]): number {
  let bytes = 0
  let count = 0
  for (const line of lines) {
    bytes += weightOf(line)
    if (count > 0 && (count >= BATCH_LINES || bytes > BATCH_BYTES)) break
    count++
  }
  return count
}

/** A token bucket of what events there would be if every line went out at once. `clock` in milliseconds. */
export class Pace {
  readonly #clock: () => number
  #tokens = BURST_EVENTS
  #at: number

  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock
    this.#at = clock()
  }

  /** Whether `lines` for `sessions` may go out at once. Counts them in any case: it is the demand that is measured. */
  admits(lines: number, sessions: number): boolean {
    const now = this.#clock()
    this.#tokens = Math.min(BURST_EVENTS, this.#tokens + ((now - this.#at) * EVENTS_PER_SECOND) / 1000)
    this.#at = now
    const free = this.#tokens > 0
    this.#tokens = Math.max(-BURST_EVENTS, this.#tokens - lines * sessions)
    return free
  }
}

/** The process's own: what counts is all its sessions together. */
export const pace = new Pace()
