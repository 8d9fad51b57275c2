/**
 * What happened to containers while the engine was away. A look at each of them tells of its last death and start, and
 * events that came since the engine is back may tell of the same ones: a container's events wait for the look, and each
 * is told once, in the order of its life. Pure.
 */
import { earlier, normalizeTime, timeNow } from '../logs/time.ts'
import type { Container } from '../wire.ts'
import type { Happening } from './engine.ts'
import { happenedBetween } from './picture.ts'

interface Expected {
  /** How it was when it was last heard of: all that led there has been told. */
  readonly before: Container
  /** What listings show of the time nothing was heard: told where no look does, which is right where this is rough. */
  readonly implied: readonly Happening[]
  /** What the engine remembers of that time, as events: a look tells the end of it, with less. */
  readonly remembered: readonly Happening[]
  readonly events: Happening[]
}

export class CatchUp {
  readonly #expected = new Map<string, Expected>()
  /** Told from a look, in order, while the events may still be on their way. */
  readonly #early = new Map<string, Happening[]>()

  /** From now on this container's events wait for `look` or `release`. */
  expect(
    before: Container,
    { implied = [], remembered = [] }: { implied?: readonly Happening[]; remembered?: readonly Happening[] } = {},
  ): void {
    const expected = this.#expected.get(before.id)
    this.#expected.set(before.id, {
      before: expected?.before ?? before,
      implied: [...(expected?.implied ?? []), ...implied],
      remembered: [...(expected?.remembered ?? []), ...remembered],
      events: expected?.events ?? [],
    })
  }

  /** Takes an event in; returns what is to be told now. */
  event(happening: Happening): Happening[] {
    const expected = this.#expected.get(happening.id)
    // No look tells of a new name, and whose a line is depends on it: who hears late gives lines to the wrong one.
    if (!expected || happening.state === 'renamed') return this.#isNews(happening) ? [happening] : []
    expected.events.push(happening)
    return []
  }

  /** What is to be told of a container that has been looked at. */
  look(after: Container): Happening[] {
    const expected = this.#expected.get(after.id)
    if (!expected) return []
    const { before, remembered, events } = expected
    // An event comes after what it tells of: a look at that finds it once more, with an earlier time.
    const known = [before.started, before.finished].map((time) => normalizeTime(time ?? '') ?? '').sort()[1] ?? ''
    const seen = happenedBetween(before, after, (time) => normalizeTime(time) ?? timeNow())
    const missed = withSeen(
      remembered.filter(({ at }) => at > known),
      seen.filter(({ at }) => at > known),
    )
    this.#expected.delete(after.id)
    if (missed.length > 0) this.#early.set(after.id, missed)
    const news = events.filter((happening) => this.#isNews(happening))
    return [...missed, ...news].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
  }

  /** What is to be told of a container that will not be looked at: what the engine remembers, and then what waited. */
  release(id: string): Happening[] {
    const { implied = [], remembered = [], events = [] } = this.#expected.get(id) ?? {}
    this.#expected.delete(id)
    this.#early.delete(id)
    return [...implied, ...remembered, ...events]
  }

  #isNews({ id, state, at }: Happening): boolean {
    const early = this.#early.get(id)
    if (!early || (state !== 'started' && state !== 'died')) return true
    const index = early.findLastIndex((other) => other.at <= at)
    const rest = early.slice(index + 1)
    if (rest.length > 0) this.#early.set(id, rest)
    else this.#early.delete(id)
    return early[index]?.state !== state
  }
}

/** How much later than its moment the event of the last death or start may be: loaded engines are slow to report. */
const LAST_EVENT_LAG_MS = 10_000

/** What the engine remembers, and what a look has seen besides: its last death and start, unless their events are among it. */
function withSeen(remembered: readonly Happening[], seen: readonly Happening[]): Happening[] {
  const isRemembered = ({ state, at }: Happening) => {
    const last = remembered.findLast((event) => event.state === state)
    return last !== undefined && last.at >= at && earlier(last.at, LAST_EVENT_LAG_MS) <= at
  }
  const news = seen.filter((one) => !isRemembered(one))
  return [...remembered, ...news].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}
