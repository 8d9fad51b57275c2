/**
 * When the containers of a log started and ended, as far as it is known, in order of time: for dividers between lines that
 * were written before one looked. Pure.
 */
import type { Run, StateEvent } from '../../server/wire.ts'
import { compareTimes, type LineTime, readTime } from './time.ts'

/** Events kept, the latest: a crash loop never ends. */
const MAX_EVENTS = 2_000
/** A program's first lines may be stamped so much before its start is (`START_LEAD_MS` of the server). */
const LEAD_NS = 500_000_000
/** Two starts without an end between them are one, told twice: by an event, and by the engine's own record of it. */
const SAME_S = 2

export interface PastState {
  readonly event: StateEvent
  /** Lines that were written later than this stand behind it. */
  readonly place: LineTime
  readonly oomKilled?: true | undefined
  /** A start that is not the first. */
  readonly isAgain?: boolean
}

export class StateHistory {
  readonly #past: PastState[] = []

  /** Takes in the runs of a stream's opening event; the end that its container has come to only `withEnd`, as the event tells it. */
  add({ container, runs = [], state }: StateEvent, withEnd = false): void {
    for (const [index, run] of runs.entries()) {
      const { started, finished } = run
      const before = runs[index - 1]?.finished
      if (started !== undefined) {
        const lead = earlier(readTime(started), LEAD_NS)
        const end = before === undefined ? undefined : later(readTime(before))
        const place = end !== undefined && compareTimes(end, lead) > 0 ? end : lead
        this.#insert({ event: eventOf(container, 'started', run, started), place, isAgain: index > 0 })
      }
      const isTold = !withEnd && index === runs.length - 1 && (state === 'died' || state === 'stopped')
      if (finished !== undefined && !isTold)
        this.#insert({
          event: eventOf(container, 'died', run, finished),
          place: readTime(finished),
          oomKilled: run.oomKilled,
        })
    }
  }

  /** Takes in what has just happened. */
  note(event: StateEvent): void {
    if (event.state === 'started' || event.state === 'died') this.#insert({ event, place: readTime(event.at) })
  }

  /** Those that stand behind a row of the one time, and before one of the other; oldest first. */
  between(from: LineTime, to: LineTime, isBehindState = false): PastState[] {
    const first = this.#firstFrom(isBehindState ? later(from) : from)
    return this.#past.slice(first, Math.max(first, this.#firstFrom(to)))
  }

  /** The last one before that time. */
  before(time: LineTime): PastState | undefined {
    return this.#past[this.#firstFrom(time) - 1]
  }

  /** The first one behind that time. */
  behind(time: LineTime): PastState | undefined {
    return this.#past[this.#firstFrom(later(time))]
  }

  #insert(past: PastState): void {
    const index = this.#firstFrom(past.place)
    if ([this.#past[index - 1], this.#past[index]].some((other) => other && isSame(other.event, past.event))) return
    this.#past.splice(index, 0, past)
    if (this.#past.length > MAX_EVENTS) this.#past.shift()
  }

  #firstFrom(time: LineTime): number {
    let [from, to] = [0, this.#past.length]
    while (from < to) {
      const middle = (from + to) >> 1
      const past = this.#past[middle]
      if (past && compareTimes(past.place, time) < 0) from = middle + 1
      else to = middle
    }
    return from
  }
}

function eventOf(container: string, state: 'started' | 'died', run: Run, at: string): StateEvent {
  const { incarnation, exitCode, stopped } = run
  if (state === 'started') return { container, state, incarnation, at }
  return {
    container,
    state,
    incarnation,
    at,
    ...(exitCode !== undefined && { exitCode }),
    ...(stopped && { stopped }),
  }
}

function isSame(a: StateEvent, b: StateEvent): boolean {
  if (a.incarnation !== b.incarnation || a.state !== b.state) return false
  return Math.abs(readTime(a.at).seconds - readTime(b.at).seconds) <= SAME_S
}

function earlier({ seconds, nanos }: LineTime, by: number): LineTime {
  return nanos >= by ? { seconds, nanos: nanos - by } : { seconds: seconds - 1, nanos: nanos + 1e9 - by }
}

function later(time: LineTime): LineTime {
  return earlier(time, -1)
}
