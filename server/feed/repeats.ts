/**
 * Notices lines that an engine repeats: Docker's follow of a log that is rotated can bring the last line once more, and in
 * quick succession begin a whole file anew (seen with 20.10). A read that does not follow has no repetitions: what looks
 * like one, as after a clock was set back, is to be read so, and trusted.
 */
import type { LogLine } from '../logs/line.ts'
import type { Stream } from '../wire.ts'

const WHOLE_SECOND = '.000000000Z' // Podman's, where equal lines of equal time mean nothing

export class Repeats {
  /** stdout and stderr are stamped apart, so times step back between them; within one they do not. */
  readonly #last: Record<Stream, LogLine | undefined> = { stdout: undefined, stderr: undefined }
  /** Equal lines of equal time were found to be in the log: its clock is coarse. */
  #hasEqual = false

  /** The index of the first of a follow's `lines`, which come next, that may be a repetition; -1 if none may. */
  find(lines: readonly LogLine[]): number {
    for (let index = 0; index < lines.length; index++) {
      const line = lines[index]
      if (!line) continue
      const last = this.#last[line.stream]
      if (last && line.time <= last.time && (line.time < last.time || this.#isEqual(line, last))) return index
      this.#last[line.stream] = line
    }
    return -1
  }

  /** Takes in lines that come next for certain. */
  trust(lines: readonly LogLine[]): void {
    for (const line of lines) {
      const last = this.#last[line.stream]
      if (last && this.#isEqual(line, last)) this.#hasEqual = true
      this.#last[line.stream] = line
    }
  }

  // Its ordinal does not tell: it counts among the lines of a while only.
  #isEqual({ time, message }: LogLine, last: LogLine): boolean {
    return time === last.time && message === last.message && !this.#hasEqual && !time.endsWith(WHOLE_SECOND)
  }
}
