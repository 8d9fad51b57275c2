/** How far back the windows of a search reach, each further than the one before. Pure. */
import { millisecondsOf } from '../logs/time.ts'
import { MARGINS } from './history.ts'
import { MAX_PIECES } from './seek.ts'

export interface Window {
  /** From the log's end on, in pieces. */
  readonly tail: number | 'all'
  /** How far the window before it reaches. */
  readonly before: number
  /** Lines after which it is given up, as it has more than there were to be left; undefined: never. */
  readonly most?: number | undefined
}

export interface WindowsOptions {
  /** What is searched already: when the first line of it was written, and in which window. */
  readonly begin: string
  readonly tail: number | 'all'
  /** When the first line was written that is to be searched; empty if it is not known. */
  readonly oldest: string
  /** The window that begins there; undefined: it is the log's first line. */
  readonly all: number | undefined
  /** Lines on each side of a match. */
  readonly context: number
}

/** A window reaches so many times as far back as the one before. */
const GROWTH = 2
/**
 * Of a log that is left with at most so many times what was searched, the next window takes a share and the last one the
 * rest, from the log's start: no engine has to look for that, and the two end at about the same time.
 */
const LAST = { times: 3, share: 0.6 }
/** The last window is given up after so many times what was searched. */
const PATIENCE = 2
/** Of the window that reaches all that is wanted: the log grows meanwhile. */
const MARGIN = { share: 1.05, pieces: 1_000 }

export class Windows {
  readonly first: Window
  readonly #options: WindowsOptions
  readonly #most: number
  /** Lines come evenly, so that times tell how many are left. */
  #isEven = true

  constructor(options: WindowsOptions) {
    this.#options = options
    const { all = Number.POSITIVE_INFINITY } = options
    this.#most = Math.ceil(all * MARGIN.share) + MARGIN.pieces
    this.first = this.beyond({ tail: options.tail, before: 0 })
  }

  /** The next one after that window, which begins with a line of that time; undefined: it is not known. */
  beyond({ tail, before }: Window, begin?: string): Window {
    if (tail === 'all') return { tail, before }
    const left = begin === undefined ? Number.POSITIVE_INFINITY : this.#left(tail, begin)
    const isLast = left <= tail
    if (isLast && this.#options.all === undefined) return { tail: 'all', before: tail, most: PATIENCE * tail }
    const further = isLast || left > LAST.times * tail ? tail * GROWTH : tail + left * LAST.share
    const next = Math.ceil(further + this.#options.context + MARGINS[0])
    const window = tail < this.#most ? Math.min(next, this.#most) : next
    return { tail: window > MAX_PIECES ? 'all' : window, before: tail }
  }

  /** The one instead of one that was given up. */
  insteadOf({ before }: Window): Window {
    this.#isEven = false
    return this.beyond({ tail: before, before: 0 })
  }

  /** The rest of a log that a window has most likely reached the start of. */
  rest({ tail, before }: Window): Window {
    return { tail: 'all', before: tail === 'all' ? before : tail }
  }

  /** About how many pieces are before the window. */
  #left(tail: number, begin: string): number {
    const { begin: end, tail: first, oldest } = this.#options
    if (!this.#isEven || first === 'all' || oldest === '') return Number.POSITIVE_INFINITY
    const pieces = tail - first
    return (extrapolated(pieces, end, begin, oldest) ?? Number.POSITIVE_INFINITY) - pieces
  }
}

/** About how many lines there are from `start` to `end`, if all were written at the rate of those up to `reached`; undefined: unknown. */
export function extrapolated(lines: number, start: string, reached: string, end: string): number | undefined {
  const [from, at, to] = [start, reached, end].map(millisecondsOf) as [number, number, number]
  const share = (at - from) / (to - from)
  return share > 0 && share <= 1 ? Math.round(lines / share) : undefined
}
