/**
 * Events of a container on their way to their place among its lines. An event is reported apart from the lines, sooner or
 * later than those written before it; it waits a moment for them. Lines never wait: one that is later goes out with the
 * event before it.
 */
import type { LogLine } from '../logs/line.ts'
import { earlier } from '../logs/time.ts'
import type { StateEvent } from '../wire.ts'

/** How long an event may wait for the lines that were written before it. */
const SETTLE_MS = 150
/** The same for a death: it stands after the last lines, which come until the follow ends. */
const SETTLE_DEATH_MS = 2_000
/** Docker reports a start some milliseconds after the container's first lines: it stands before lines this much older. */
const START_LEAD_MS = 500

interface Waiting {
  readonly event: StateEvent
  /** Lines stamped so or earlier come before it. */
  readonly after: string
}

export interface Publisher {
  lines(incarnation: string, lines: readonly LogLine[]): void
  state(event: StateEvent): void
}

export class WaitingEvents {
  readonly #publish: Publisher
  #waiting: Waiting[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(publish: Publisher) {
    this.#publish = publish
  }

  /** `reading`: whether lines may still come. */
  add(event: StateEvent, reading: boolean): void {
    this.#waiting.push({ event, after: event.state === 'started' ? earlier(event.at, START_LEAD_MS) : event.at })
    this.#settleLater(reading)
  }

  /** Publishes lines, and before each the events that happened before it was written. */
  place(incarnation: string, lines: readonly LogLine[]): void {
    let rest = lines
    for (let waiting = this.#waiting[0]; waiting; waiting = this.#waiting[0]) {
      const { event, after } = waiting
      const index = rest.findIndex((line) => line.time > after)
      if (index < 0) break
      this.#publish.lines(incarnation, rest.slice(0, index))
      rest = rest.slice(index)
      this.#waiting.shift()
      this.#publish.state(event)
    }
    this.#publish.lines(incarnation, rest)
  }

  /** No more lines come before what waits. */
  settle = (): void => {
    clearTimeout(this.#timer)
    for (const { event } of this.#waiting.splice(0)) this.#publish.state(event)
  }

  /** The same for the incarnations before this one; its own events go on waiting, behind `event`. */
  settleBefore(event: StateEvent): void {
    const isOfNewcomer = (waiting: Waiting) => waiting.event.incarnation === event.incarnation
    const newcomers = this.#waiting.filter(isOfNewcomer)
    this.#waiting = this.#waiting.filter((waiting) => !isOfNewcomer(waiting))
    this.settle()
    this.#publish.state(event)
    this.#waiting = newcomers
    if (newcomers.length > 0) this.#settleLater(true)
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #settleLater(reading: boolean): void {
    clearTimeout(this.#timer)
    const dying = reading && this.#waiting.some(({ event }) => event.state === 'died')
    this.#timer = setTimeout(this.settle, dying ? SETTLE_DEATH_MS : SETTLE_MS)
  }
}
