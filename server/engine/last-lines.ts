/**
 * The last lines that a read has brought, to tell whether a line comes after them. Times alone do not tell: stdout and stderr are
 * stamped apart, clocks are set back, and Podman's times are whole seconds.
 */
import type { LogLine } from '../logs/line.ts'
import { unshared } from '../logs/unshared.ts'

/** Enough to find most lines that stand shortly before a damage, and to be compared in no time. */
const KEPT_LINES = 64
/** A shorter line with times of nanoseconds came in one piece: Docker cuts at 16 KiB, which may be as few characters. */
const LEAST_CUT_CHARS = 4_096
/** Podman's times, with which pieces of any length come. */
const WHOLE_SECOND = '.000000000Z'

export class LastLines {
  /** The latest time of all; empty where there is none. */
  latest = ''
  /** How many came. */
  count = 0
  #chunks: LogLine[][] = []
  #kept = 0

  /** A copy that can take more lines. */
  copy(): LastLines {
    const copy = new LastLines()
    copy.latest = this.latest
    copy.count = this.count
    copy.#chunks = [...this.#chunks]
    copy.#kept = this.#kept
    return copy
  }

  push(lines: LogLine[]): void {
    for (const { time } of lines) if (time > this.latest) this.latest = time
    this.#chunks.push(lines)
    this.count += lines.length
    this.#kept += lines.length
    for (let first = this.#chunks[0]; first && this.#kept - first.length >= KEPT_LINES; first = this.#chunks[0]) {
      this.#chunks.shift()
      this.#kept -= first.length
    }
  }

  /** Whether it is later than all of them. */
  areEarlierThan(line: LogLine): boolean {
    return line.time > this.latest
  }

  /** Whether it is one of the last 64, or the rest of one. */
  has(line: LogLine): boolean {
    return this.#chunks.some((chunk) => chunk.some((one) => isSame(one, line)))
  }

  /** Whether it is the very last, or the rest of that. */
  endWith(line: LogLine): boolean {
    const last = this.#chunks.at(-1)?.at(-1)
    return last !== undefined && isSame(last, line)
  }

  /** Numbers lines that come after them, from a read that has counted those of equal time from its own beginning. */
  renumbering(): (lines: LogLine[]) => LogLine[] {
    const latest = unshared(this.latest)
    const kept = this.#chunks.flat()
    const counts = new Map(kept.map(({ time, ordinal }) => [unshared(time), ordinal + 1]))
    return (lines) => {
      if (!lines.some(({ time }) => time <= latest)) return lines
      return lines.map((line) => ({ ...line, ordinal: line.ordinal + (counts.get(line.time) ?? 0) }))
    }
  }
}

/** Or the rest of it, where a read begins inside a long line. */
function isSame(one: LogLine, other: LogLine): boolean {
  if (one.time !== other.time || one.stream !== other.stream) return false
  return one.message === other.message || isRestOf(one, other)
}

function isRestOf(whole: LogLine, { message }: LogLine): boolean {
  if (whole.message.length < LEAST_CUT_CHARS && !whole.time.endsWith(WHOLE_SECOND)) return false
  // A character that was cut is another one in the rest.
  return whole.truncated || (message.length < whole.message.length && whole.message.endsWith(message.slice(3)))
}
