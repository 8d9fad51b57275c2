/** Waits between attempts: doubling up to a cap, with jitter, so that many waiters do not return at once. */

const FIRST_MS = 100
const CAP_MS = 5_000 // a person who has just mended something should not wait longer than this

export class BackOff {
  readonly #capMs: number
  #attempts = 0

  constructor(capMs: number = CAP_MS) {
    this.#capMs = capMs
  }

  /** Milliseconds until the next attempt: between half and the whole of 100, 200, 400, ... up to the cap. */
  next(): number {
    const whole = Math.min(this.#capMs, FIRST_MS * 2 ** this.#attempts)
    this.#attempts = Math.min(this.#attempts + 1, 16)
    return whole / 2 + Math.random() * (whole / 2)
  }

  /** After a success: the next failure starts small again. */
  reset(): void {
    this.#attempts = 0
  }
}
