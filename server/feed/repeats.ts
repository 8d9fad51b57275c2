/**
 * Notices lines that an engine repeats: Docker's follow of a log that is rotated can bring the last line once more, and in
 * quick succession begin a whole file anew (seen with 20.10). What looks like that is read again, apart, where a log has
 * no repetitions: what then comes first is none, however its time looks, as after a clock was set back.
 */
import type { LogLine } from '../logs/line.ts'
import { earlier } from '../logs/time.ts'

/** How far times may step back without anybody wondering: stdout and stderr are stamped apart, by microseconds. */
const STEP_BACK_MS = 10
const WHOLE_SECOND = '.000000000Z' // Podman's, where equal lines of equal time mean nothing

export class Repeats {
  #latest = ''
  #last: LogLine | undefined
  #isFirst = true
  /** Equal lines of equal time were found to be in the log: its clock is coarse. */
  #hasEqual = false

  /** A read begins after the line of that time; `''`: anywhere. */
  begin(after: string): void {
    this.#latest = after
    this.#isFirst = true
  }

  /** The index of the first of `lines`, which come next, that may be a repetition; -1 if none may. */
  find(lines: readonly LogLine[]): number {
    for (let index = 0; index < lines.length; index++) {
      const line = lines[index]
      if (!line) continue
      const isBack = this.#isBack(line)
      const isEqual = this.#isEqual(line)
      if ((isBack || isEqual) && !this.#isFirst) return index
      if (isEqual) this.#hasEqual = true
      if (line.time > this.#latest || isBack) this.#latest = line.time
      this.#isFirst = false
      this.#last = line
    }
    return -1
  }

  #isBack({ time, ordinal }: LogLine): boolean {
    return time < this.#latest && (ordinal > 0 || time < earlier(this.#latest, STEP_BACK_MS))
  }

  #isEqual({ time, ordinal, stream, message }: LogLine): boolean {
    if (ordinal === 0 || this.#hasEqual || time !== this.#last?.time || time.endsWith(WHOLE_SECOND)) return false
    return stream === this.#last.stream && message === this.#last.message
  }
}
