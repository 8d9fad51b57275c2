/**
 * One container's log, as long as the page shows it: what the stream sends and what is fetched of the past, kept in order in
 * the store, and the cursor from which the stream can be resumed exactly. While the newest lines are loaded the stream adds
 * to them; while the reader is in the past, more of which is loaded than fits, it only tells how many there are.
 */
import type { GapEvent, Line, MergedLine, StateEvent } from '../../server/wire.ts'
import { cursorOf, cursorOfLine, wireTime } from './cursor.ts'
import type { History, HistoryReader } from './history.ts'
import { LineStore, type Row, type StoreBounds } from './line-store.ts'
import { StateHistory } from './state-history.ts'
import { compareTimes, cursorTime, readTime } from './time.ts'
import { Transcript } from './transcript.ts'

/** Loaded when it is first needed: the first lines are the stream's. */
export const loadHistory = () => import('./history.ts')

const BACKLOG_LINES = 500 // ten screens; history beyond it is fetched when somebody scrolls there
const RETRY_MS = 2_000 // after history could not be had

export interface SessionStatus {
  /** `opening` until the stream first speaks, `backlog` until it says that all of it is here. */
  phase: 'opening' | 'backlog' | 'live'
  /** The latest state event. */
  state?: StateEvent
  /** The gap that says that Docker cannot read this container's log at all. */
  unreadable?: GapEvent | undefined
  /** Whether there is no line, nor a gap where lines are missing. */
  empty: boolean
  /** All that was written before is loaded, as far as Docker has it. */
  atStart: boolean
  /** Of merged logs: there is a container of theirs. */
  peopled?: boolean
  /** What is being fetched of the past. */
  loading?: 'start' | 'end' | 'place' | undefined
  /** Why the server does not serve the stream. */
  refused?: string | undefined
  /** The line that was asked for cannot be had any more: others around its time are shown. */
  lost?: boolean | undefined
}

/** Where to be in a log: a cursor or an RFC 3339 time (the line at it or, with `before`, the last one before it), its first line, or its end. */
export type Target = { readonly at: string; readonly side?: 'before' | 'after' } | 'start' | 'end'

export interface SessionOptions {
  /** Which lines, as query parameters; empty: all. */
  filter?: string
  /** Many logs merged into one, as query parameters; without it the session is of the container `key`. */
  selection?: string
  /** {@link LogSession.go} says where to begin: the stream brings no backlog. */
  elsewhere?: boolean
  bounds?: StoreBounds
  fetch?: typeof fetch
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
  /** Called when what was asked for by {@link go} is loaded: its row; undefined: the end. */
  onPlace: (index: number | undefined) => void = () => {}

  /** Its lines are of many containers. */
  readonly isMerged: boolean
  readonly #logs: string
  readonly #selection: string
  readonly #filter: string
  readonly #via: typeof fetch | undefined
  #history: HistoryReader | undefined
  /** Of merged logs: the time up to which the past was fetched. What the stream brings of before may be loaded by then. */
  #pastTo = ''
  /** Of merged logs: the times between which all that is loaded was written. Lines come late: its first row is not the earliest. */
  #earliest = ''
  #latest = ''
  readonly #now: Date
  readonly #past = new StateHistory()
  #transcript: Transcript
  #status: SessionStatus = { phase: 'opening', empty: true, atStart: false }
  /** From where the stream goes on. */
  #cursor = ''
  /** The lines that come next after those that are loaded are not the stream's. */
  #isDetached = false
  /** Where history goes on, before what is loaded; undefined: before the first line. */
  #before: string | undefined
  /** And after it, while detached. */
  #after: string | undefined
  /** The first state event of a connection tells how things are, not what happened. */
  #stateIsFirst = true
  #opening: StateEvent | undefined
  /** Of merged logs each tells how it is, until all are there. */
  #isOpening = true
  /** What is loaded goes when the stream first speaks. */
  #isStale = false
  /** Lines that came of the backlog that was asked for; undefined: none was. */
  #backlog: number | undefined
  #fetching: AbortController | undefined
  readonly #closing = new AbortController()
  #retryAt = 0

  constructor(key: string, now: Date, options: SessionOptions = {}) {
    const { filter = '', selection = '', elsewhere = false, bounds, fetch } = options
    this.key = key
    this.store = new LineStore(bounds)
    this.#now = now
    this.isMerged = selection !== ''
    this.#transcript = this.#newTranscript()
    this.#logs = this.isMerged ? 'api/logs' : `api/containers/${encodeURIComponent(key)}/logs`
    this.#selection = selection
    this.#filter = filter
    this.#isDetached = elsewhere
    this.#via = fetch
  }

  #newTranscript(): Transcript {
    return new Transcript(this.store, this.#now, this.#past, this.isMerged ? '' : this.key)
  }

  /** Where the log is searched, relative to the page's base: an address that takes further parameters. */
  get searchAddress(): string {
    return `${this.#logs}/search?${this.#selection}`
  }

  /** Another reader of its past, with a filter of its own. */
  async historyOf(filter: string): Promise<HistoryReader> {
    const { HistoryReader } = await loadHistory()
    return new HistoryReader({ logs: this.#logs, selection: this.#selection, filter }, this.#via)
  }

  /** Some of its lines are left out. */
  get isFiltered(): boolean {
    return this.#filter !== ''
  }

  /** The lines before and after one in its container's whole log, at most so many each. Rejects where they cannot be had. */
  async around(row: Row, most: number): Promise<{ readonly before: Line[]; readonly after: Line[] }> {
    const { HistoryReader } = await loadHistory()
    const logs = `api/containers/${encodeURIComponent(row.source || this.key)}/logs`
    const whole = new HistoryReader({ logs, selection: '', filter: '' }, this.#via)
    const { signal } = this.#closing
    const sides = [whole.before(cursorOf(row), signal, most), whole.after(cursorOf(row), signal, most)] as const
    const [before, after] = await Promise.all(sides)
    return { before: linesOf(before), after: linesOf(after) }
  }

  async #reader(): Promise<HistoryReader> {
    // With stack traces whole, as the stream has them.
    this.#history ??= await this.historyOf(this.#filter && `${this.#filter}&entries=true`)
    return this.#history
  }

  /** The stream's address: the backlog at first, later what follows the last line taken. */
  address(): string {
    // So many lines of each log would reach back to as many different times: of merged logs the past is history from the start.
    const tail = this.#isDetached || this.isMerged ? 0 : BACKLOG_LINES
    const from = this.#cursor === '' ? `tail=${tail}` : `after=${encodeURIComponent(this.#cursor)}`
    this.#backlog = this.#cursor === '' && tail > 0 ? 0 : undefined
    const which = [this.#selection, this.#filter].filter((part) => part !== '').map((part) => `&${part}`)
    return `${this.#logs}/stream?containers=true&wait=true&${from}${which.join('')}`
  }

  get status(): SessionStatus {
    return this.#status
  }

  /** Whether the newest lines are loaded, and new ones added. */
  get isAttached(): boolean {
    return !this.#isDetached
  }

  /** A connection is there; what it sends first is its opening state. */
  connected(): void {
    this.#stateIsFirst = true
    this.#isOpening = true
  }

  /** The server does not serve the stream, and says why. It stays so: another selection is another session. */
  refused(why: string): void {
    this.#change({ refused: why })
  }

  /** Takes in a `message` event: lines, and the cursor of the last of them. */
  message(lines: Line[], id: string): void {
    this.#freshen()
    if (this.#isDetached) {
      this.store.appended += lines.length
      this.#cursor = id || this.#cursor
      this.onRows()
      return
    }
    if (this.isMerged && this.#status.peopled !== true) this.#change({ peopled: true })
    if (this.#backlog !== undefined) this.#backlog += lines.length
    const news = this.isMerged ? lines.filter((line) => !this.#isLoaded(line as MergedLine)) : lines
    const taken = this.#transcript.lines(news, id.slice(0, 12))
    this.#canReadFrom(this.#status.unreadable)
    this.#noteTimes(news)
    if (taken === news.length) this.#cursor = id || this.#cursor
    else {
      // All that is loaded is being read: what comes now is left to be fetched.
      this.store.appended += news.length - taken
      this.#detach()
    }
    this.#rowsCame()
  }

  /** Lines have come of a log that Docker could not read: only what is before them is damaged. */
  #canReadFrom(gap: GapEvent | undefined): void {
    if (gap?.reason !== 'damaged') return
    this.#transcript.damage(gap.detail ?? '', 'before')
    this.#change({ unreadable: undefined })
  }

  state(event: StateEvent): void {
    this.#freshen()
    const before = this.#status.state
    const isOpening = this.isMerged ? this.#isOpening : this.#stateIsFirst
    if (isOpening) this.#past.add(event, this.isMerged)
    else this.#past.note(event)
    if (this.isMerged) {
      if (!isOpening && this.isAttached) this.#transcript.state(event)
    } else if (this.#stateIsFirst) {
      this.#stateIsFirst = false
      this.#opening = event
      const startedMeanwhile = before !== undefined && isStop(before) && event.state === 'started'
      if (startedMeanwhile && this.isAttached) this.#transcript.state(event)
    } else if (this.isAttached) this.#transcript.state(event)
    this.#change({
      ...(this.isMerged ? event.state !== 'absent' && { peopled: true } : { state: event }),
      phase: this.#status.phase === 'opening' ? 'backlog' : this.#status.phase,
    })
    this.#rowsCame()
  }

  gap(event: GapEvent, id: string): void {
    this.#freshen()
    if (id !== '') this.#cursor = id
    const isWhole = event.reason === 'damaged' && this.store.isEmpty
    if (event.reason === 'unreadable-driver' || isWhole) {
      this.#change({ unreadable: event })
      if (this.store.isEmpty) return
    }
    if (this.isAttached) this.#transcript.gap(event)
    this.#rowsCame()
  }

  /** The backlog is complete. A container that stood still from the start says so here, after its last line. */
  live(id: string, oomKilled: boolean): void {
    this.#freshen()
    this.#isOpening = false
    const isShort = this.#backlog !== undefined && this.#backlog < BACKLOG_LINES && this.#filter === ''
    if (isShort && this.isAttached && !this.#status.atStart) this.#foundStart()
    this.#backlog = undefined
    if (id !== '') this.#cursor = id
    const opening = this.#opening
    this.#opening = undefined
    if (this.isAttached) this.#transcript.caughtUp()
    const still = opening !== undefined && opening === this.#status.state && isStop(opening)
    if (still && this.isAttached && !this.store.isEmpty) this.#transcript.state(opening, oomKilled)
    this.#change({ phase: 'live' })
    this.#rowsCame()
  }

  /** Goes to another place of the log: what is loaded stays until that is here. */
  async go(target: Target): Promise<void> {
    this.#fetching?.abort()
    this.#fetching = undefined
    if (target === 'end') {
      if (this.isAttached && this.#status.loading === undefined) return this.onPlace(undefined)
      this.#isDetached = false
      this.#isStale = true
      this.#cursor = ''
      this.#change({ loading: undefined, lost: undefined, phase: 'backlog' })
      this.onReopen()
      return this.onPlace(undefined)
    }
    const cursor = target === 'start' ? undefined : cursorIn(target.at)
    const time = target === 'start' ? '1970-01-02T00:00:00Z' : cursor ? timeOf(cursor) : target.at
    const loaded = cursor === undefined ? undefined : this.store.find(cursor)
    if (loaded !== undefined) return this.onPlace(loaded)
    await this.#fetch('place', async (signal) => {
      const history = await (await this.#reader()).around(time, signal)
      const { appended } = this.store
      this.store.clear()
      this.#transcript = this.#newTranscript()
      this.#earliest = this.#latest = ''
      for (const { incarnation, lines, damage } of history.stretches) {
        if (damage !== undefined) this.#transcript.damage(damage, 'after')
        this.#transcript.lines(lines, incarnation)
        this.#noteTimes(lines)
      }
      this.store.appended = appended // none of them is new
      this.#before = history.before
      this.#change({ atStart: false, empty: this.#isEmpty, lost: undefined })
      if (history.atStart) this.#foundStart()
      const found = cursor === undefined ? undefined : this.store.find(cursor)
      // A line that the filter leaves out is not lost.
      this.#change({ lost: cursor !== undefined && found === undefined && this.#filter === '' })
      if (!this.store.isEmpty) this.onPlace(found ?? this.#rowAt(time, target !== 'start' && target.side === 'before'))
      this.#went(history)
    })
  }

  /** The reader comes near an end of what is loaded. */
  near(end: 'start' | 'end'): void {
    if (this.#fetching || this.#isStale || this.#status.phase === 'opening' || Date.now() < this.#retryAt) return
    if (this.#backlog !== undefined && this.isAttached) return // its beginning is near for a moment, while it comes
    if (end === 'start') void this.#earlier()
    else if (this.#isDetached) void this.#later()
  }

  /** Nothing is fetched any more. */
  close(): void {
    this.#fetching?.abort()
    this.#closing.abort()
    this.onReopen = () => {}
  }

  async #earlier(): Promise<void> {
    const before = this.#before ?? this.edge('first') ?? (this.isMerged ? tomorrow() : this.#head())
    // Of a project without a container there is none, and the server says so with an error.
    const isOfNone = this.isMerged && this.#status.peopled !== true
    if (this.#status.atStart || isOfNone || before === undefined) return
    await this.#fetch('start', async (signal) => {
      const history = this.#unknown(await (await this.#reader()).before(before, signal))
      const { end, isEmpty } = this.store
      let isWhole = true
      for (const { incarnation, lines, damage } of [...history.stretches].reverse()) {
        isWhole &&= this.#transcript.history(lines, incarnation) === lines.length
        if (damage !== undefined && isWhole) this.#transcript.damage(damage, 'before')
        for (const { time } of lines) if (time > this.#pastTo) this.#pastTo = time
        this.#noteTimes(lines)
      }
      if (this.store.end < end) this.#detach()
      if (isEmpty && this.isAttached) this.#transcript.caughtUp()
      this.#before = isWhole ? history.before : undefined
      // A search that found nothing, and went as far as it could in one go, goes on from where it came to.
      if (history.atStart && isWhole) this.#foundStart()
      else if (history.stretches.length === 0 && history.before === before) this.#foundStart()
      this.#rowsCame()
    })
  }

  /** Where the stream stands, of whose backlog the filter has left nothing; undefined where it was not filtered. */
  #head(): string | undefined {
    return this.#filter !== '' && this.#cursor !== '' ? this.#cursor : undefined
  }

  async #later(): Promise<void> {
    const after = this.#after ?? this.edge('last')
    if (after === undefined) return
    await this.#fetch('end', async (signal) => {
      const history = this.#unknown(await (await this.#reader()).after(after, signal))
      let isWhole = true
      for (const { incarnation, lines, damage } of history.stretches) {
        const { appended } = this.store
        if (damage !== undefined && isWhole) this.#transcript.damage(damage, 'after')
        isWhole &&= this.#transcript.lines(lines, incarnation) === lines.length
        this.store.appended = appended // the stream has counted them
        this.#noteTimes(lines)
      }
      this.#after = isWhole ? history.after : undefined
      if (isWhole) this.#went(history)
      // What cannot be attached to is asked for now and then.
      if (this.#isDetached && history.atEnd) this.#retryAt = Date.now() + RETRY_MS
      this.#rowsCame()
    })
  }

  /** What follows what is loaded now: nothing yet, and so what the stream brings; or more history. */
  #went(history: History): void {
    this.#after = history.after
    const wasAttached = this.isAttached
    this.#isDetached = !history.atEnd || history.after === undefined
    if (this.#isDetached && !wasAttached) return
    this.#cursor = this.#isDetached ? '' : (history.after ?? '')
    this.onReopen()
  }

  /** The rows that follow are not loaded. */
  #detach(): void {
    if (this.#isDetached) return
    this.#isDetached = true
    this.#after = undefined
    this.#cursor = ''
    this.onReopen()
  }

  /** The cursor of the first line that is loaded, or of the last. */
  #edgeCursor(edge: 'first' | 'last'): string | undefined {
    const { store } = this
    const step = edge === 'first' ? 1 : -1
    for (let at = edge === 'first' ? store.first : store.end - 1; at >= store.first && at < store.end; at += step) {
      const cursor = store.cursor(at)
      if (cursor !== undefined) return cursor
    }
    return undefined
  }

  /** What names a row's place: its line's cursor; of merged logs its time. */
  placeOf(index: number): string | undefined {
    const cursor = this.store.cursor(index)
    return cursor !== undefined && this.isMerged ? timeOf(cursor) : cursor
  }

  /** From where history goes on: of merged logs the place in each is not known, but a time, of which some lines are loaded. */
  edge(edge: 'first' | 'last'): string | undefined {
    const cursor = this.#edgeCursor(edge)
    return cursor !== undefined && this.isMerged ? timeOf(cursor) : cursor
  }

  /** When, beyond what is loaded, a container last started or ended, or next did. */
  stateBeyond(by: 1 | -1): string | undefined {
    const row = this.store.row(by > 0 ? this.store.end - 1 : this.store.first)
    if (row === undefined) return undefined
    const past = by > 0 ? this.#past.behind(row) : this.#past.before(row)
    return past && wireTime(past.place)
  }

  #isLoaded(line: MergedLine): boolean {
    return line.time <= this.#pastTo && this.store.find(cursorOfLine(line.incarnation, line)) !== undefined
  }

  /** Without the lines that are loaded: those are looked for only among the times of what is. */
  #unknown(history: History): History {
    if (!this.isMerged) return history
    const stretches = history.stretches.map(({ incarnation, lines }) => {
      const isBeyond = ({ time }: Line) => time < this.#earliest || time > this.#latest
      const isUnknown = (line: Line) => isBeyond(line) || this.store.find(cursorOfLine(incarnation, line)) === undefined
      return { incarnation, lines: lines.filter(isUnknown) }
    })
    return { ...history, stretches: stretches.filter(({ lines }) => lines.length > 0) }
  }

  #noteTimes(lines: readonly Line[]): void {
    if (!this.isMerged) return
    for (const { time } of lines) {
      if (this.#earliest === '' || time < this.#earliest) this.#earliest = time
      if (time > this.#latest) this.#latest = time
    }
  }

  /** The first line that was written at that time or later; the last if there is none. Or the last one before that time. */
  #rowAt(time: string, isBefore = false): number {
    const wanted = readTime(time)
    let before = this.store.first
    for (let at = this.store.first; at < this.store.end; at++) {
      const row = this.store.isLine(at) ? this.store.row(at) : undefined
      if (row === undefined) continue
      if (compareTimes(row, wanted) >= 0) return isBefore ? before : at
      before = at
    }
    return isBefore ? before : this.store.end - 1
  }

  async #fetch(loading: SessionStatus['loading'], run: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const fetching = new AbortController()
    this.#fetching = fetching
    this.#change({ loading })
    try {
      await run(fetching.signal)
    } catch (error) {
      // The stream says what is wrong with the server or the engine. What was asked for is asked for again.
      if (!fetching.signal.aborted) {
        this.#retryAt = Date.now() + RETRY_MS
        if (error instanceof TypeError) this.onReopen() // without an answer of Sluice's, an open stream may not know yet
      }
    }
    if (this.#fetching !== fetching) return
    this.#fetching = undefined
    this.#change({ loading: undefined })
    this.onRows()
  }

  #foundStart(): void {
    this.#transcript.beginning()
    this.#change({ atStart: true })
  }

  /** The stream was opened anew, and brings its end of the log: what was loaded before is of elsewhere. */
  #freshen(): void {
    if (!this.#isStale) return
    this.#isStale = false
    this.store.clear()
    this.#transcript = this.#newTranscript()
    this.#before = this.#after = undefined
    this.#pastTo = this.#earliest = this.#latest = ''
    this.#change({ atStart: false })
  }

  get #isEmpty(): boolean {
    return this.store.lines === 0 && !this.#transcript.hasGap
  }

  #rowsCame(): void {
    if (this.#status.empty !== this.#isEmpty) this.#change({ empty: this.#isEmpty })
    this.onRows()
  }

  #change(changes: Partial<SessionStatus>): void {
    this.#status = { ...this.#status, ...changes }
    this.onStatus(this.#status)
  }
}

function linesOf({ stretches }: History): Line[] {
  return stretches.flatMap(({ lines }) => lines)
}

/** Later than any line, whoever's clock is wrong. */
function tomorrow(): string {
  return new Date(Date.now() + 86_400_000).toISOString()
}

function isStop(event: StateEvent): boolean {
  return event.state === 'stopped' || event.state === 'died'
}

function cursorIn(text: string): string | undefined {
  return /^[0-9a-f]{12}\.\d{1,12}\.\d{9}\.\d{1,9}$/.test(text) ? text : undefined
}

/** The time of a cursor, as the interface takes it. */
function timeOf(cursor: string): string {
  return wireTime(cursorTime(cursor) ?? { seconds: 0, nanos: 0 })
}
