/**
 * Row indexes in ascending order, which come and go at both ends: what a search that reads to both sides has found. Eight
 * bytes each in one array with room at its ends; adding one costs O(1) on average.
 */

const MIN_ROOM = 64

export class SortedRows {
  // Doubles: indexes are negative for history, and pass 2^31 within a day of 50 000 lines a second.
  #values = new Float64Array(MIN_ROOM)
  #start = MIN_ROOM / 2
  #end = MIN_ROOM / 2

  get length(): number {
    return this.#end - this.#start
  }

  /** The value at a place, from 0. */
  at(place: number): number | undefined {
    return place >= 0 && place < this.length ? this.#values[this.#start + place] : undefined
  }

  /** How many are less than `index`. */
  countBelow(index: number): number {
    let low = this.#start
    let high = this.#end
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#values[middle] ?? 0) < index) low = middle + 1
      else high = middle
    }
    return low - this.#start
  }

  /** Those in [from, to), without copying: good until the next change. */
  within(from: number, to: number): Float64Array {
    return this.#values.subarray(this.#start + this.countBelow(from), this.#start + this.countBelow(Math.max(from, to)))
  }

  /** Adds one that is greater than all. */
  push(index: number): void {
    if (this.#end === this.#values.length) this.#makeRoom()
    this.#values[this.#end++] = index
  }

  /** Adds one that is less than all. */
  unshift(index: number): void {
    if (this.#start === 0) this.#makeRoom()
    this.#values[--this.#start] = index
  }

  /** Forgets those outside [from, to). */
  keep(from: number, to: number): void {
    const below = this.countBelow(from)
    this.#end = this.#start + this.countBelow(Math.max(from, to))
    this.#start += below
  }

  clear(): void {
    this.#values = new Float64Array(MIN_ROOM)
    this.#start = this.#end = MIN_ROOM / 2
  }

  #makeRoom(): void {
    const { length } = this
    const values = new Float64Array(Math.max(MIN_ROOM, 2 * length))
    const start = (values.length - length) >>> 1
    values.set(this.#values.subarray(this.#start, this.#end), start)
    this.#values = values
    this.#start = start
    this.#end = start + length
  }
}
