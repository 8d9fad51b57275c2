/**
 * One container's log, as long as the page shows it: what the stream sends, kept in order in the store, and the cursor
 * from which it can be resumed exactly.
 */
import type { GapEvent, Line, StateEvent } from '../../server/wire.ts'
import { LineStore, type StoreBounds } from './line-store.ts'
import { readTime } from './time.ts'
import { Transcript } from './transcript.ts'

const BACKLOG_LINES = 500 // ten screens; history beyond it is fetched when somebody scrolls there

export interface SessionStatus {
  /** `opening` until the stream first speaks, `backlog` until it says that all of it is here. */
  phase: 'opening' | 'backlog' | 'live'
  /** The latest state event. */
  state?: StateEvent
  /** The gap that says that Docker cannot read this container's log at all. */
  unreadable?: GapEvent
  /** Whether anything, line or divider, is there to be drawn. */
  empty: boolean
}

export class LogSession {
  readonly key: string
  readonly store: LineStore
  /** Called after each event that brought rows. Must be cheap: it schedules a frame. */
  onRows: () => void = () => {}
  /** Called when the status has changed: seldom, never per line. */
  onStatus: (status: SessionStatus) => void = () => {}
  /** Called when the stream has to be opened again, from {@link address}. */
  onReopen: () => void = () => {}

  readonly #transcript: Transcript
  #status: SessionStatus = { phase: 'opening', empty: true }
  #cursor = ''
  /** The first state event of a connection tells how things are, not what happened. */
  #stateIsFirst = true
  #opening: StateEvent | undefined
  /** The store is full of what is being read: what comes now is left to be fetched again, from the cursor. */
  #full = false

  constructor(key: string, now: Date, bounds?: StoreBounds) {
    this.key = key
    this.store = new LineStore(bounds)
    this.#transcript = new Transcript(this.store, now)
  }

  /** The stream's address, relative to the page's base: the backlog at first, later what follows the last line taken. */
  address(): string {
    const from = this.#cursor === '' ? `tail=${BACKLOG_LINES}` : `after=${encodeURIComponent(this.#cursor)}`
    return `api/containers/${encodeURIComponent(this.key)}/logs/stream?containers=true&wait=true&${from}`
  }

  get status(): SessionStatus {
    return this.#status
  }

  /** A connection is there; what it sends first is its opening state. */
  connected(): void {
    this.#stateIsFirst = true
  }

  /** Takes in a `message` event: lines, and the cursor of the last of them. */
  message(lines: Line[], id: string): void {
    if (this.#full) return
    const taken = this.#transcript.lines(lines)
    const last = lines[taken - 1]
    if (taken === lines.length) this.#cursor = id || this.#cursor
    else {
      this.#full = true
      if (last !== undefined) this.#cursor = cursorOf(last, id)
    }
    this.#rowsCame()
  }

  state(event: StateEvent): void {
    if (this.#full) return
    const before = this.#status.state
    if (this.#stateIsFirst) {
      this.#stateIsFirst = false
      this.#opening = event
      const startedMeanwhile = before !== undefined && isStop(before) && event.state === 'started'
      if (startedMeanwhile) this.#transcript.state(event)
    } else this.#transcript.state(event)
    this.#change({ state: event, phase: this.#status.phase === 'opening' ? 'backlog' : this.#status.phase })
    this.#rowsCame()
  }

  gap(event: GapEvent, id: string): void {
    if (this.#full) return
    if (id !== '') this.#cursor = id
    if (event.reason === 'unreadable-driver') {
      this.#change({ unreadable: event })
      if (this.store.end === this.store.first) return
    }
    this.#transcript.gap(event)
    this.#rowsCame()
  }

  /** The backlog is complete. A container that stood still from the start says so here, after its last line. */
  live(id: string, oomKilled: boolean): void {
    if (this.#full) return
    if (id !== '') this.#cursor = id
    const opening = this.#opening
    this.#opening = undefined
    const still = opening !== undefined && opening === this.#status.state && isStop(opening)
    if (still && this.store.end > this.store.first) this.#transcript.state(opening, oomKilled)
    this.#change({ phase: 'live' })
    this.#rowsCame()
  }

  /** Nothing is being read any more: a store that was full takes lines again, from where it stopped. */
  release(): void {
    if (!this.#full) return
    this.#full = false
    this.onReopen()
  }

  #rowsCame(): void {
    if (this.#status.empty && this.store.end > 0) this.#change({ empty: false })
    this.onRows()
  }

  #change(changes: Partial<SessionStatus>): void {
    this.#status = { ...this.#status, ...changes }
    this.onStatus(this.#status)
  }
}

function isStop(event: StateEvent): boolean {
  return event.state === 'stopped' || event.state === 'died'
}

/** The cursor of a line of a batch: the batch's incarnation, the line's time and ordinal. */
function cursorOf(line: Line, batchId: string): string {
  const { seconds, nanos } = readTime(line.time)
  return `${batchId.slice(0, 12)}.${seconds}.${String(nanos).padStart(9, '0')}.${line.ordinal ?? 0}`
}
