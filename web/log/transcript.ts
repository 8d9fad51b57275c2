/**
 * Turns a stream's events and pages of history into rows of the store: lines as they come, a date row between days,
 * dividers for what happened to the container, gaps in their place.
 */
import type { GapEvent, Line, MergedLine, StateEvent } from '../../server/wire.ts'
import { damageDivider, gapDivider, recreationDivider, stateDivider } from './dividers.ts'
import type { LineStore, Row, RowKind } from './line-store.ts'
import type { PastState, StateHistory } from './state-history.ts'
import { compareTimes, dayBounds, dayName, type LineTime, readTime } from './time.ts'

const STOPPED = new Set<StateEvent['state']>(['stopped', 'died', 'removed', 'renamed'])
const REMEMBERED = 64 // events; between two lines there are seldom more than three
const FIRST_LINE_S = 10 // a program that writes its first line later has most often lost earlier ones to rotation
/** Of so many dividers without a line between them, the first and the last two are shown. */
const MOST_DIVIDERS = 6

type Day = readonly [start: number, end: number]

export class Transcript {
  readonly #store: LineStore
  /** Today, as the page was opened: a log that begins on it need not say so. */
  readonly #today: Day
  /** The local day of the last row, in seconds; undefined before the first. */
  #day: Day | undefined
  /** The last row, when it says what the log waits for. */
  #waiting: { index: number; text: string } | undefined
  #lastState: StateEvent | undefined
  #oom = false
  readonly #told: string[] = []
  #hasGap = false
  /** What happened before one looked. */
  readonly #past: StateHistory
  /** The container's; empty in merged logs. */
  readonly #name: string

  constructor(store: LineStore, now: Date, past: StateHistory, name = '') {
    this.#store = store
    this.#past = past
    this.#name = name
    this.#today = dayBounds(now.getTime() / 1000)
  }

  /** Whether it says somewhere that lines are missing. */
  get hasGap(): boolean {
    return this.#hasGap
  }

  /** Takes in a batch of one incarnation. Returns how many lines the store took: all, unless it is full of what is being read. */
  lines(lines: readonly Line[], incarnation: string): number {
    const last = this.#store.row(this.#store.end - 1)
    const states = this.#statesBetween(last ?? timeIn(lines[0]), timeIn(lines.at(-1)), isStateRow(last))
    let taken = 0
    for (const line of lines) {
      const row = rowOf(line, incarnation)
      if (states.length > 0 && !this.#drawStates(takeWhile(states, ({ place }) => compareTimes(place, row) < 0))) break
      if (!this.#append(row)) break
      taken++
    }
    return taken
  }

  /** Takes in lines that come before all that are here. Returns how many, of the last of them. */
  history(lines: readonly Line[], incarnation: string): number {
    const first = this.#store.row(this.#store.first)
    const states = this.#statesBetween(timeIn(lines[0]), first ?? timeIn(lines.at(-1))).reverse()
    let taken = 0
    for (let at = lines.length - 1; at >= 0; at--) {
      const line = lines[at]
      if (!line) continue
      const row = rowOf(line, incarnation)
      if (states.length > 0 && !this.#prependStates(takeWhile(states, ({ place }) => compareTimes(place, row) >= 0)))
        break
      if (taken === 0 && !this.#prependRecreation(incarnation, first)) break
      if (!this.#prepend(row)) break
      taken++
    }
    return taken
  }

  /** The first line here is the log's first: its day is said, unless it is today, and the start that it followed. */
  beginning(): void {
    const first = this.#store.row(this.#store.first)
    if (!first || first.kind === 'day') return
    const past = this.#past.before(first)
    const isItsStart = past?.event.state === 'started' && first.seconds - past.place.seconds < FIRST_LINE_S
    if (isItsStart && !isStateRow(first)) this.#prepend(rowOfState(past, past.isAgain))
    if (!isWithin(first.seconds, this.#today)) this.#store.prepend(dayRow(first))
  }

  /** All lines are here that were written until now: what happened since the last of them is drawn behind it. */
  caughtUp(): void {
    this.#catchUpTo({ seconds: Number.POSITIVE_INFINITY, nanos: 0 })
  }

  #catchUpTo(time: LineTime): void {
    const last = this.#store.row(this.#store.end - 1)
    if (last) this.#drawStates(this.#statesBetween(last, time, isStateRow(last)))
  }

  /** What happened to the container. What is told again, by a resumed stream or by Docker (`die`, `stop`), is told once. */
  state(event: StateEvent, oomKilled = false): void {
    this.#catchUpTo(readTime(event.at))
    const before = this.#lastState
    if (event.state === 'oom' || oomKilled) this.#oom = true
    const words = stateDivider(event, before !== undefined && STOPPED.has(before.state))
    if (words === undefined || this.#wasTold(keyOf(event))) return
    this.#lastState = event
    if (before !== undefined && before.incarnation === event.incarnation && sameKind(before, event)) return
    const text = this.#oom && isExit(event) ? `${words.text}, out of memory` : words.text
    if (STOPPED.has(event.state)) this.#oom = false
    if (!this.#append(divider(kindOf(event), readTime(event.at), words.waits ? `${text} · ${words.waits}` : text)))
      return
    if (words.waits) this.#waiting = { index: this.#store.end - 1, text }
  }

  gap(event: GapEvent): void {
    if (this.#wasTold(`${event.reason} ${event.from} ${event.to} ${event.detail}`)) return
    this.#hasGap = true
    this.#append(divider('gap', this.#timeAt(this.#store.end - 1), gapDivider(event)))
  }

  /** Docker cannot read what stands just before all that is here, or just after it. */
  damage(detail: string, side: 'before' | 'after'): void {
    const words = damageDivider(detail)
    this.#hasGap = true
    if (side === 'after') this.#append(divider('gap', this.#timeAt(this.#store.end - 1), words))
    else this.#store.prepend(divider('gap', this.#timeAt(this.#store.first), words))
  }

  /** That of a row, to stand beside it; now where there is none. */
  #timeAt(index: number): LineTime {
    const { seconds, nanos } = this.#store.row(index) ?? { seconds: Math.floor(Date.now() / 1000), nanos: 0 }
    return { seconds, nanos }
  }

  /** These events carry no cursor: a stream that resumes sends again those which came after its last line. */
  #wasTold(event: string): boolean {
    if (this.#told.includes(event)) return true
    this.#told.push(event)
    if (this.#told.length > REMEMBERED) this.#told.shift()
    return false
  }

  #statesBetween(from: LineTime | undefined, to: LineTime | undefined, isBehindState = false): PastState[] {
    return from && to ? this.#past.between(from, to, isBehindState) : []
  }

  /** False: the store is full. */
  #drawStates(states: readonly PastState[]): boolean {
    if (states.length === 0) return true
    const news = states.filter(({ event }) => !this.#wasTold(keyOf(event)))
    this.#lastState = states.at(-1)?.event
    return dividersOf(news).every((row) => this.#append(row))
  }

  /** Latest first. False: the store is full. */
  #prependStates(states: readonly PastState[]): boolean {
    if (states.length === 0) return true
    const rows = dividersOf(states.toReversed()).reverse()
    return rows.every((row) => this.#prepend(row))
  }

  /** Says that the container was re-created, where what is here first is of another incarnation than what comes before it. */
  #prependRecreation(incarnation: string, first: Row | undefined): boolean {
    if (this.#name === '' || !first?.incarnation || first.incarnation === incarnation) return true
    return this.#prepend(divider('run', first, recreationDivider(this.#name, first)))
  }

  #prepend(row: Row): boolean {
    return this.#announceNext(row.seconds) && this.#store.prepend(row)
  }

  #append(row: Row): boolean {
    if (this.#waiting !== undefined) {
      this.#store.reword(this.#waiting.index, this.#waiting.text)
      this.#waiting = undefined
    }
    if (!this.#day || !isWithin(row.seconds, this.#day)) {
      const isFirst = this.#day === undefined
      this.#day = dayBounds(row.seconds)
      if (!isFirst && !this.#store.append(dayRow(row))) return false
    }
    return this.#store.append(row)
  }

  /** Says the day of what is here first, if what comes before it was written on another. */
  #announceNext(seconds: number): boolean {
    const next = this.#store.row(this.#store.first)
    if (!next) {
      this.#day = dayBounds(seconds) // of what is the last line now
      return true
    }
    const isOther = next.kind !== 'day' && !isWithin(seconds, this.#boundsOf(next.seconds))
    return !isOther || this.#store.prepend(dayRow(next))
  }

  #firstDay: Day | undefined

  /** Asked for each line of history, and seldom another. */
  #boundsOf(seconds: number): Day {
    if (!this.#firstDay || !isWithin(seconds, this.#firstDay)) this.#firstDay = dayBounds(seconds)
    return this.#firstDay
  }
}

function rowOf(line: Line & Partial<MergedLine>, incarnation: string): Row {
  const { seconds, nanos } = readTime(line.time)
  return {
    kind: line.stream,
    level: line.level,
    seconds,
    nanos,
    ordinal: line.ordinal ?? 0,
    incarnation: line.incarnation ?? incarnation,
    source: line.container ?? '',
    text: line.message,
    truncated: line.truncated === true,
  }
}

const BETWEEN_RUNS = new Set<StateEvent['state']>(['started', 'stopped', 'died', 'recreated', 'removed', 'renamed'])

function kindOf({ state }: StateEvent): RowKind {
  return BETWEEN_RUNS.has(state) ? 'run' : 'state'
}

function isStateRow(row: Row | undefined): boolean {
  return row?.kind === 'state' || row?.kind === 'run'
}

function timeIn(line: Line | undefined): LineTime | undefined {
  return line && readTime(line.time)
}

/** What tells one event from another. */
function keyOf({ state, incarnation, at }: StateEvent): string {
  return `${state} ${incarnation} ${at}`
}

function rowOfState({ event, place, oomKilled }: PastState, isAgain = true): Row {
  const text = stateDivider(event, isAgain)?.text ?? ''
  return divider('run', place, oomKilled ? `${text}, out of memory` : text)
}

/** Takes the first ones for which that is so out of the array, and returns them. Asked for each line: mostly there are none. */
function takeWhile<T>(all: T[], isSo: (one: T) => boolean): readonly T[] {
  let count = 0
  while (count < all.length && isSo(all[count] as T)) count++
  return count === 0 ? NONE : all.splice(0, count)
}

const NONE: readonly never[] = []

/** The dividers for what happened between two lines: of a crash loop that wrote nothing meanwhile, not each run. */
function dividersOf(states: readonly PastState[]): Row[] {
  const rows = states.map((state) => rowOfState(state))
  if (rows.length <= MOST_DIVIDERS) return rows
  const left = states.slice(2, -2)
  const runs = left.filter(({ event }) => event.state === 'started').length
  const [first = rows[0]] = rows.slice(2)
  return [
    ...rows.slice(0, 2),
    ...(first ? [{ ...first, text: `${runs} more runs without a line` }] : []),
    ...rows.slice(-2),
  ]
}

function divider(kind: RowKind, { seconds, nanos }: LineTime, text: string): Row {
  return { kind, level: undefined, seconds, nanos, ordinal: 0, incarnation: '', source: '', text, truncated: false }
}

function dayRow(time: LineTime): Row {
  return divider('day', time, dayName(time))
}

function isWithin(seconds: number, [start, end]: Day): boolean {
  return seconds >= start && seconds < end
}

function sameKind(a: StateEvent, b: StateEvent): boolean {
  return a.state === b.state || (isExit(a) && isExit(b))
}

function isExit(event: StateEvent): boolean {
  return event.state === 'stopped' || event.state === 'died'
}
