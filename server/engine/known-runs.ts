/**
 * When the runs of containers began, as far as the engine has said. In the raw log of a TTY only a new run puts the engine's
 * time in the middle of a row: a time there that no run can have written is the program's own text.
 */
import { START_LEAD_MS } from '../logs/start-lead.ts'
import { earlier, normalizeTime, timeNow } from '../logs/time.ts'
import type { Container } from '../wire.ts'

/** How far the engine's clock may be ahead of this one. */
const CLOCK_AHEAD_MS = 60_000
/** Starts that are remembered of a container, the latest. */
const MAX_STARTS = 64

interface Runs {
  /** RFC 3339 with nine digits. */
  readonly starts: string[]
  /** There was no run before these: the container had never stopped when it was first seen. */
  readonly isComplete: boolean
}

export class KnownRuns {
  readonly #runs = new Map<string, Runs>()

  /** A look at a container, which tells of its latest start. */
  see({ id, started, finished }: Container): void {
    if (started === undefined) return
    if (!this.#runs.has(id)) this.#runs.set(id, { starts: [], isComplete: finished === undefined })
    this.add(id, started)
  }

  add(id: string, started: string): void {
    const time = normalizeTime(started)
    const { starts } = this.#of(id)
    if (time === undefined || starts.includes(time)) return
    starts.push(time)
    starts.sort()
    if (starts.length > MAX_STARTS) starts.shift()
  }

  delete(id: string): void {
    this.#runs.delete(id)
  }

  /** Whether a run may have begun after the one time whose first line has the other. Both with nine digits. */
  mayHaveStarted(id: string, after: string, until: string): boolean {
    if (until > earlier(timeNow(), -CLOCK_AHEAD_MS)) return false
    const { starts, isComplete } = this.#of(id)
    const hasBegun = (start: string) => until >= earlier(start, START_LEAD_MS)
    if (starts.some((start) => after < start && hasBegun(start))) return true
    const [first] = starts
    return !isComplete && (first === undefined || !hasBegun(first))
  }

  #of(id: string): Runs {
    const runs = this.#runs.get(id) ?? { starts: [], isComplete: false }
    this.#runs.set(id, runs)
    return runs
  }
}
