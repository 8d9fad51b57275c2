/**
 * The matches of a search, those of the loaded lines and those that the server found beyond them, as one list from the
 * oldest to the newest: how many there are, which one is where, which comes next. Pure.
 */

/** Those of the loaded lines, by row. */
export interface LoadedMatches {
  readonly count: number
  readonly isComplete: boolean
  next(index: number): number | undefined
  previous(index: number): number | undefined
  /** How many are at a row or before it. */
  position(index: number): number
}

/** Those of the whole log, or of what is before the loaded lines; the newest first. */
export interface FarMatches {
  readonly found: readonly { readonly cursor: string; readonly time: string }[]
  readonly isComplete: boolean
}

/** The times of the first line that is loaded and of the last, RFC 3339 with nine digits. */
export type Span = readonly [first: string, last: string]

/** Where a match is: a row that is loaded, or a line that has to be fetched. */
export type Spot = { readonly index: number } | { readonly cursor: string }

export class Matches {
  readonly #loaded: LoadedMatches
  readonly #far: FarMatches | undefined
  /** Of the far ones, [0, newer) come after what is loaded, and [older, …) before it. */
  readonly #newer: number
  readonly #older: number

  constructor(loaded: LoadedMatches, far: FarMatches | undefined, span: Span | undefined) {
    this.#loaded = loaded
    this.#far = far
    const found = far?.found ?? []
    const [first, last] = span ?? ['', '']
    this.#newer = span ? countWhile(found, ({ time }) => time > last) : 0
    this.#older = span ? countWhile(found, ({ time }) => time >= first) : found.length
  }

  get count(): number {
    return this.#newer + this.#loaded.count + this.#olderCount
  }

  /** Which one a row's is, from 1, the oldest; where it is none, how many there are before it. */
  position(index: number): number {
    return this.#olderCount + this.#loaded.position(index)
  }

  /** The match after a row, or before it. At an end it goes on at the other, once that is known; until then there is none. */
  step(index: number, by: 1 | -1): Spot | undefined {
    const near = by > 0 ? this.#loaded.next(index) : this.#loaded.previous(index)
    if (near !== undefined) return { index: near }
    const found = this.#far?.found ?? []
    const far = by > 0 ? found[this.#newer - 1] : found[this.#older]
    if (far) return { cursor: far.cursor }
    const isKnown = this.#loaded.isComplete && (this.#far?.isComplete ?? true)
    if (!isKnown || this.count === 0) return undefined
    const end = by > 0 ? (this.#olderCount > 0 ? found.at(-1) : undefined) : this.#newer > 0 ? found[0] : undefined
    if (end) return { cursor: end.cursor }
    const other = by > 0 ? this.#loaded.next(Number.NEGATIVE_INFINITY) : this.#loaded.previous(Number.POSITIVE_INFINITY)
    return other === undefined ? undefined : { index: other }
  }

  get #olderCount(): number {
    return (this.#far?.found.length ?? 0) - this.#older
  }
}

/** How many of a list are so, which begins with those that are. */
function countWhile<T>(list: readonly T[], isSo: (one: T) => boolean): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    const one = list[middle]
    if (one !== undefined && isSo(one)) low = middle + 1
    else high = middle
  }
  return low
}
