/**
 * Lets an engine get ahead of who reads its logs. Docker writes them line by line, and each line wakes whoever waits at the
 * socket: who is as fast as the engine gets a dozen lines a read, and the waking costs both more than the lines do. After
 * a rest there are a hundred, and a search costs the server a quarter less CPU.
 */

/** A read that brought less came too early, if it came so soon after the one before: of a trickle nothing would gather. */
const SHORT_BYTES = 16 * 1024
const SOON_MS = 1
/** Docker's socket holds some 150 lines: it is not full so soon. And nobody sees a line come so much later. */
const REST_MS = 0.3

const never = new Int32Array(new SharedArrayBuffer(4))
let isDue = false

/** The whole thread rests, as no timer of Node's is so short; whatever else has come by then is for the next turn of its loop. */
function rest(): void {
  Atomics.wait(never, 0, 0, REST_MS)
  isDue = false
}

/** Of one socket. */
export class Rests {
  #last = Number.NEGATIVE_INFINITY

  /** To be told of each read; `now` in milliseconds. The rest is at the end of this turn of the event loop, one for all sockets. */
  after(bytes: number, now = performance.now()): void {
    const isSoon = now - this.#last < SOON_MS
    this.#last = now
    if (!isSoon || bytes >= SHORT_BYTES || isDue) return
    isDue = true
    setImmediate(rest)
  }
}
