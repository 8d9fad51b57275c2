/**
 * Which windows to try so that a line far back in a log is reached with little reading. An engine finds a window's
 * beginning at millions of lines a second and sends lines at a hundred thousand, so a far line's place is guessed from
 * the times that other windows begin with, looked at, and guessed again while that is cheaper than reading on from there.
 */
import { millisecondsOf } from '../logs/time.ts'

/** Most resumes are of a second or two. */
const FIRST_PIECES = 256
/** How much larger the next window is, at least, and where nothing tells how far back a time is. */
const GROWTH = { least: 1.05, usual: 16 }
/** A guess at a window this many times larger is not worth much: a look on the way tells the rate of more of the log. */
const FAR = { times: 32, onTheWay: 16 }
/** Beyond it a log is read from its start, which no engine has to look for. */
export const MAX_PIECES = 16_777_216
/** Aimed so far before the line: the log grows meanwhile, and lines do not come evenly. */
const AIM = { share: 0.01, pieces: 128 }
/**
 * Pieces to read through for nothing that cost as much as another look: engines look 25 times faster than they send, and
 * what is looked at next is no sure hit.
 */
const WORTH = { share: 1 / 16, pieces: 4_096 }
const MAX_LOOKS = 16 // by then the smallest window that begins early enough is read, however early

/** A window of `tail` pieces, and when its first line was written, in ms after the time that is looked for. */
interface Look {
  readonly tail: number
  readonly at: number
}

export class Seek {
  /** The window to try. */
  tail: number | 'all'
  readonly #target: number
  #looks = 0
  /** The largest window that begins at or after that time, the one before it, and the smallest that begins before. */
  #short: Look | undefined
  #shorter: Look | undefined
  #long: Look | undefined
  #last: 'short' | 'long' | undefined

  /** `time`: the window that is looked for begins before it, and not long before. `first`: the first to try. */
  constructor(time: string, first: number | 'all' = FIRST_PIECES) {
    this.tail = first
    this.#target = millisecondsOf(time)
  }

  /** Whether the window, which begins with a line of this time, is to be read. If not, `tail` is another one. */
  accepts(first: string): boolean {
    if (this.tail === 'all') return true
    const look = { tail: this.tail, at: millisecondsOf(first) - this.#target }
    this.#looks++
    if (look.at >= 0) {
      this.#widen(look)
      return false
    }
    if (this.#last === 'long' && this.#short) this.#short = halved(this.#short)
    this.#last = 'long'
    this.#long = look
    const aim = this.#between(look)
    const needless = look.tail - aim
    if (this.#looks >= MAX_LOOKS || needless < Math.max(WORTH.pieces, look.tail * WORTH.share)) return true
    this.tail = aim
    return false
  }

  /** The window began early enough, and turned out too small for another reason. */
  refuse(first: string): void {
    if (this.tail !== 'all') this.#widen({ tail: this.tail, at: millisecondsOf(first) - this.#target })
  }

  #widen(short: Look): void {
    this.#shorter = this.#short
    if (this.#last === 'short' && this.#long) this.#long = halved(this.#long)
    this.#last = 'short'
    this.#short = short
    if (this.#long && this.#long.tail <= short.tail) this.#long = undefined // the log has grown
    if (!this.#long) this.tail = this.#beyond(short)
    else this.tail = this.#looks < MAX_LOOKS ? Math.max(this.#between(this.#long), short.tail + 1) : this.#long.tail
  }

  /** From the rate between the two windows that begin later: how large a window reaches the time. */
  #beyond(short: Look): number | 'all' {
    const ms = this.#shorter ? this.#shorter.at - short.at : -1
    if (ms === 0 || this.#looks >= 2 * MAX_LOOKS) return 'all' // two that begin alike: most likely with the log's first line
    const pieces = this.#shorter ? short.tail - this.#shorter.tail : 0
    const guess = ms > 0 ? aimed(short.tail + (short.at * pieces) / ms) : short.tail * GROWTH.usual
    const isFar = guess > short.tail * FAR.times
    const tail = Math.max(isFar ? short.tail * FAR.onTheWay : guess, short.tail * GROWTH.least)
    return tail > MAX_PIECES ? 'all' : Math.ceil(tail)
  }

  /** Between the window that begins later and one that begins before. */
  #between(long: Look): number {
    const { tail, at } = this.#short ?? { tail: 0, at: 0 }
    const ms = at - long.at
    const share = ms > 0 ? Math.max(0, at / ms) : 0.5
    return Math.min(long.tail, Math.ceil(aimed(tail + share * (long.tail - tail))))
  }
}

/** One end of a range whose other end moves for the second time: where times are uneven it would hardly move again. */
function halved({ tail, at }: Look): Look {
  return { tail, at: at / 2 }
}

function aimed(pieces: number): number {
  return pieces * (1 + AIM.share) + AIM.pieces
}
