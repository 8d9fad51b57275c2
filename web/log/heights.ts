/**
 * How high each loaded row is, and so where it is: sums by chunks, so that a million rows cost two bytes each, and finding
 * a row or a place some microseconds. Follows a store: `sync` takes in what came and went at its ends. Pure.
 */

/** What is asked of the store. */
export interface Rows {
  readonly first: number
  readonly end: number
}

/** A row, and how far below its top edge. */
export interface Place {
  readonly index: number
  readonly offset: number
}

const SHIFT = 9
const SIZE = 1 << SHIFT
const MAX_PX = 0xffff // a row's; a line of 64 KiB on a phone's width takes a third of it

class Chunk {
  readonly heights = new Uint16Array(SIZE)
  sum = 0
}

export class Heights {
  first = 0
  end = 0
  /** All rows, in px. */
  total = 0
  #chunks: Chunk[] = []
  readonly #rows: Rows
  readonly #heightOf: (index: number) => number

  /** `heightOf`: of a row that is new, in whole px; 0: it is not shown. */
  constructor(rows: Rows, heightOf: (index: number) => number) {
    this.#rows = rows
    this.#heightOf = heightOf
  }

  /** Takes in what the store has got and lost. */
  sync(): void {
    const { first, end } = this.#rows
    if (first >= this.end || end <= this.first) this.#clear(first)
    for (let index = this.first - 1; index >= first; index--) this.#add(index)
    this.first = Math.min(this.first, first)
    for (let index = this.end; index < end; index++) this.#add(index)
    this.end = Math.max(this.end, end)
    while (this.first < first) this.#dropFirst()
    while (this.end > end) this.#dropLast()
  }

  /** Asks for the heights of all rows again. */
  reset(): void {
    this.#clear(this.#rows.first)
    this.sync()
  }

  set(index: number, px: number): void {
    if (index >= this.first && index < this.end) this.#write(index, px)
  }

  heightOf(index: number): number {
    if (index < this.first || index >= this.end) return 0
    return this.#chunkOf(index)?.heights[index & (SIZE - 1)] ?? 0
  }

  /** Where a row begins, in px below the first row's top. */
  topOf(index: number): number {
    const base = this.first >> SHIFT
    const at = Math.min(Math.max(index, this.first), this.end)
    let top = 0
    for (let chunk = base; chunk < at >> SHIFT; chunk++) top += this.#chunks[chunk - base]?.sum ?? 0
    const heights = this.#chunks[(at >> SHIFT) - base]?.heights
    for (let slot = 0; slot < (at & (SIZE - 1)); slot++) top += heights?.[slot] ?? 0
    return top
  }

  /** What is so many px below the first row's top: the last row, if that is beyond it. */
  at(px: number): Place {
    const base = this.first >> SHIFT
    let left = Math.max(0, px)
    let chunk = 0
    while (chunk < this.#chunks.length - 1 && left >= (this.#chunks[chunk]?.sum ?? 0))
      left -= this.#chunks[chunk++]?.sum ?? 0
    let index = Math.max(this.first, (base + chunk) << SHIFT)
    const heights = this.#chunks[chunk]?.heights
    for (; index < this.end - 1; index++) {
      const height = heights?.[index & (SIZE - 1)] ?? 0
      if (left < height) break
      left -= height
    }
    return { index, offset: left }
  }

  /** The next row from `index` on that is shown; `end` if there is none. */
  shownFrom(index: number): number {
    let at = Math.max(index, this.first)
    while (at < this.end && this.heightOf(at) === 0)
      at = this.#chunkOf(at)?.sum === 0 ? ((at >> SHIFT) + 1) << SHIFT : at + 1
    return Math.min(at, this.end)
  }

  #clear(at: number): void {
    this.#chunks = []
    this.first = this.end = at
    this.total = 0
  }

  #add(index: number): void {
    if (this.#chunks.length === 0) {
      this.first = this.end = index
      this.#chunks.push(new Chunk())
    } else if (index >> SHIFT < this.first >> SHIFT) this.#chunks.unshift(new Chunk())
    else if ((index >> SHIFT) - (this.first >> SHIFT) >= this.#chunks.length) this.#chunks.push(new Chunk())
    this.first = Math.min(this.first, index)
    this.end = Math.max(this.end, index + 1)
    this.#write(index, this.#heightOf(index))
  }

  #write(index: number, px: number): void {
    const chunk = this.#chunkOf(index)
    if (!chunk) return
    const height = Math.min(Math.max(0, Math.round(px)), MAX_PX)
    const change = height - (chunk.heights[index & (SIZE - 1)] ?? 0)
    chunk.heights[index & (SIZE - 1)] = height
    chunk.sum += change
    this.total += change
  }

  #dropFirst(): void {
    this.#write(this.first, 0)
    this.first++
    if ((this.first & (SIZE - 1)) === 0) this.#chunks.shift()
  }

  #dropLast(): void {
    this.#write(this.end - 1, 0)
    this.end--
    if ((this.end & (SIZE - 1)) === 0) this.#chunks.pop()
  }

  #chunkOf(index: number): Chunk | undefined {
    return this.#chunks[(index >> SHIFT) - (this.first >> SHIFT)]
  }
}
