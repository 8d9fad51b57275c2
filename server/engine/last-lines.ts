/**
 * The last lines that a read has brought, to tell whether a line comes after them. Times alone do not tell: stdout and stderr are
 * stamped apart, so times step back.
 */
import type { LogLine } from '../logs/line.ts'

/** Enough for steps back of microseconds, and to be compared in no time. */
const KEPT_LINES = 64

export class LastLines {
  /** The latest time of all; empty where there is none. */
  latest: string
  #chunks: LogLine[][] = []
  #count = 0

  /** `latest`: of lines that are not known. */
  constructor(latest = '') {
    this.latest = latest
  }

  push(lines: LogLine[]): void {
    for (const { time } of lines) if (time > this.latest) this.latest = time
    this.#chunks.push(lines)
    this.#count += lines.length
    for (let first = this.#chunks[0]; first && this.#count - first.length >= KEPT_LINES; first = this.#chunks[0]) {
      this.#chunks.shift()
      this.#count -= first.length
    }
  }

  /** Whether it comes after them. One that is none of them, and no later than the older half, is taken for one before. */
  areBefore(line: LogLine): boolean {
    if (line.time > this.latest) return true
    const kept = this.#chunks.flat().slice(-KEPT_LINES)
    const older = kept.slice(0, Math.ceil(kept.length / 2))
    const isNear = older.length > 0 && older.every(({ time }) => time < line.time)
    return isNear && !kept.some((one) => isSame(one, line))
  }
}

/** Or the rest of it, where a read begins inside a long line. */
function isSame(one: LogLine, other: LogLine): boolean {
  return one.time === other.time && one.stream === other.stream
}
