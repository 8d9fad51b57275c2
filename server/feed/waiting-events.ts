/**
 * Events of a container on their way to their place among its lines. An event is reported apart from the lines, sooner or
 * later than those written before it; it waits a moment for them. Lines never wait: one that is later goes out with the
 * event before it.
 */
import type { LogLine } from '../logs/line.ts'
import { START_LEAD_MS } from '../logs/start-lead.ts'
import { earlier } from '../logs/time.ts'
import type { StateEvent } from '../wire.ts'

/** How long an event may wait for the lines that were written before it. */
const SETTLE_MS = 150
/** The same for a death: it stands after the last lines, which come until the follow ends. */
const SETTLE_DEATH_MS = 2_000
/** What a container wrote before it was paused is stamped so much later than that at most. */
const PAUSE_LAG_MS = 50

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
  #ofNewcomers: StateEvent[] = []
  /** The event that paused the container, as long as it is paused. */
  #paused: StateEvent | undefined
  /** The end of a pause was told because a line came; its own event is still to come, and is passed over. */
  #isUnpauseTold = false
  #timer: NodeJS.Timeout | undefined

  constructor(publish: Publisher) {
    this.#publish = publish
  }

  /** `reading`: whether lines may still come. */
  add(event: StateEvent, reading: boolean): void {
    if (event.state === 'paused' || event.state === 'unpaused') {
      const wasTold = event.state === 'unpaused' && this.#isUnpauseTold
      this.#isUnpauseTold = false
      if (wasTold) return
    }
    this.#waiting.push(waiting(event))
    this.#settleLater(reading)
  }

  /** Of an incarnation whose turn comes when those before it were read. */
  addOfNewcomer(event: StateEvent): void {
    this.#ofNewcomers.push(event)
  }

  /** Publishes lines, and before each the events that happened before it was written. */
  place(incarnation: string, lines: readonly LogLine[]): void {
    let rest = lines
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const { event, after } = next
      const index = rest.findIndex((line) => line.time > after)
      if (index < 0) break
      this.#publish.lines(incarnation, rest.slice(0, index))
      rest = rest.slice(index)
      this.#waiting.shift()
      this.#tell(event)
    }
    if (this.#paused) this.#placeUnpaused(this.#paused, incarnation, rest)
    else this.#publish.lines(incarnation, rest)
  }

  #tell(event: StateEvent): void {
    if (event.state !== 'health') this.#paused = event.state === 'paused' ? event : undefined
    this.#publish.state(event)
  }

  /** A paused container writes nothing: the first line after a pause comes after its end, though Docker has yet to tell of that. */
  #placeUnpaused(paused: StateEvent, incarnation: string, lines: readonly LogLine[]): void {
    const until = earlier(paused.at, -PAUSE_LAG_MS)
    const index = lines.findIndex(({ time }) => time > until)
    const first = lines[index]
    this.#publish.lines(incarnation, first ? lines.slice(0, index) : lines)
    if (!first) return
    this.#isUnpauseTold = true
    this.#tell({ ...paused, state: 'unpaused', at: first.time })
    this.#publish.lines(incarnation, lines.slice(index))
  }

  /** No more lines come before what waits. */
  settle = (): void => {
    clearTimeout(this.#timer)
    for (const { event } of this.#waiting.splice(0)) this.#tell(event)
  }

  /** Of newcomers that lost the name, and were gone, before their turn came. */
  settleGone(): void {
    const gone = this.#ofNewcomers.findLastIndex(({ state }) => state === 'removed' || state === 'renamed') + 1
    if (gone > 0) this.settle()
    for (const event of this.#ofNewcomers.splice(0, gone)) this.#tell(event)
  }

  /** The same for the incarnations before that of `event`. Its own wait behind it, those that come later for their turn. */
  settleBefore(event: StateEvent, comesLater: (newcomer: StateEvent) => boolean): void {
    this.settle()
    const isOwn = ({ incarnation }: StateEvent) => incarnation === event.incarnation
    const due = this.#ofNewcomers.filter((newcomer) => !comesLater(newcomer))
    this.#ofNewcomers = this.#ofNewcomers.filter(comesLater)
    for (const other of due) if (!isOwn(other)) this.#tell(other)
    this.#tell(event)
    this.#waiting = due.filter(isOwn).map(waiting)
    if (this.#waiting.length > 0) this.#settleLater(true)
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

function waiting(event: StateEvent): Waiting {
  const hasLead = event.state === 'started' || event.state === 'unpaused'
  return { event, after: hasLead ? earlier(event.at, START_LEAD_MS) : event.at }
}
