/**
 * Notices lines that an engine repeats: Docker's follow of a log that is rotated in quick succession can begin a file anew
 * (seen with 20.10). What looks like one is read once more, apart, where a log has no repetitions: what then comes
 * first is no repetition, however its time looks, as after a clock was set back.
 */
import type { LogLine } from '../logs/line.ts'
import { earlier } from '../logs/time.ts'

/** How far times may step back without anybody wondering: stdout and stderr are stamped apart, by microseconds. */
const STEP_BACK_MS = 10

export class Repeats {
  #latest: string
  #isFirst = true

  /** `after`: the time of the line after which the read begins; `''` if it begins anywhere. */
  constructor(after: string) {
    this.#latest = after
  }

  /** The index of the first of `lines`, which come next, that may be a repetition; -1 if none may. */
  find(lines: readonly LogLine[]): number {
    for (let index = 0; index < lines.length; index++) {
      const { time = '', ordinal = 0 } = lines[index] ?? {}
      const isBack = time < this.#latest && (ordinal > 0 || time < earlier(this.#latest, STEP_BACK_MS))
      if (isBack && !this.#isFirst) return index
      if (time > this.#latest || isBack) this.#latest = time
      this.#isFirst = false
    }
    return -1
  }
}
