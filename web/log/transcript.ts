/**
 * Turns a stream's events into rows of the store: lines as they come, a date row between days, dividers for what
 * happened to the container, gaps in their place.
 */
import type { GapEvent, Line, StateEvent } from '../../server/wire.ts'
import { gapDivider, stateDivider } from './dividers.ts'
import type { LineStore, RowKind } from './line-store.ts'
import { dayBounds, dayName, type LineTime, readTime } from './time.ts'

const STOPPED = new Set<StateEvent['state']>(['stopped', 'died', 'removed', 'renamed'])
const REMEMBERED = 64 // events; between two lines there are seldom more than three

export class Transcript {
  readonly #store: LineStore
  /** The local day of the last row, in seconds. At first today, so that only another day is announced. */
  #day: [start: number, end: number]
  /** The last row, when it says what the log waits for. */
  #waiting: { index: number; text: string } | undefined
  #lastState: StateEvent | undefined
  #oom = false
  readonly #told: string[] = []

  constructor(store: LineStore, now: Date) {
    this.#store = store
    this.#day = dayBounds(now.getTime() / 1000)
  }

  /** Takes in a batch. Returns how many lines the store took: all, unless it is full of what is being read. */
  lines(lines: readonly Line[]): number {
    let taken = 0
    for (const line of lines) {
      const time = readTime(line.time)
      if (!this.#append(line.stream, time, line.message, line.level, line.truncated === true)) break
      taken++
    }
    return taken
  }

  /** What happened to the container. What is told again, by a resumed stream or by Docker (`die`, `stop`), is told once. */
  state(event: StateEvent, oomKilled = false): void {
    const before = this.#lastState
    if (event.state === 'oom' || oomKilled) this.#oom = true
    const words = stateDivider(event, before !== undefined && STOPPED.has(before.state))
    if (words === undefined || this.#wasTold(`${event.state} ${event.incarnation} ${event.at}`)) return
    this.#lastState = event
    if (before !== undefined && before.incarnation === event.incarnation && sameKind(before, event)) return
    const text = this.#oom && isExit(event) ? `${words.text}, out of memory` : words.text
    if (STOPPED.has(event.state)) this.#oom = false
    if (!this.#append('state', readTime(event.at), words.waits ? `${text} · ${words.waits}` : text)) return
    if (words.waits) this.#waiting = { index: this.#store.end - 1, text }
  }

  gap(event: GapEvent): void {
    if (this.#wasTold(`${event.reason} ${event.from} ${event.to}`)) return
    const last = this.#store.row(this.#store.end - 1)
    const time = last ?? { seconds: Math.floor(Date.now() / 1000), nanos: 0 }
    this.#append('gap', { seconds: time.seconds, nanos: time.nanos }, gapDivider(event))
  }

  /** These events carry no cursor: a stream that resumes sends again those which came after its last line. */
  #wasTold(event: string): boolean {
    if (this.#told.includes(event)) return true
    this.#told.push(event)
    if (this.#told.length > REMEMBERED) this.#told.shift()
    return false
  }

  #append(kind: RowKind, time: LineTime, text: string, level?: Line['level'], truncated = false): boolean {
    if (this.#waiting !== undefined) {
      this.#store.reword(this.#waiting.index, this.#waiting.text)
      this.#waiting = undefined
    }
    if (time.seconds < this.#day[0] || time.seconds >= this.#day[1]) {
      this.#day = dayBounds(time.seconds)
      if (!this.#store.append({ kind: 'day', level: undefined, ...time, text: dayName(time), truncated: false }))
        return false
    }
    return this.#store.append({ kind, level, seconds: time.seconds, nanos: time.nanos, text, truncated })
  }
}

function sameKind(a: StateEvent, b: StateEvent): boolean {
  return a.state === b.state || (isExit(a) && isExit(b))
}

function isExit(event: StateEvent): boolean {
  return event.state === 'stopped' || event.state === 'died'
}
