/**
 * The one shared follow of a container's log, however many people watch. It follows the name: through stops, starts,
 * re-creations and lost engines it goes on where it was, and puts what happened into its ring in place among the lines.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { BackOff } from '../engine/back-off.ts'
import { type Engine, EngineError, type Happening } from '../engine/engine.ts'
import { type Cursor, formatCursor, incarnationOf } from '../logs/cursor.ts'
import type { LogLine } from '../logs/line.ts'
import { earlier, normalizeTime, timeNow } from '../logs/time.ts'
import type { Container, GapEvent, StateEvent } from '../wire.ts'
import { certainLines, cursorOf, MARGINS, readAfter, tailOf } from './history.ts'
import { type Entry, Ring } from './ring.ts'

/** What a feed reads of the past at its start, at most: who wants more reads it apart, at his own pace. */
const MAX_FIRST_TAIL = 1_000
/** How long an event may wait for the lines that were written before it. Lines never wait. */
const SETTLE_MS = 150
/** The same for a death: it stands after the last lines, which come until the follow ends. */
const SETTLE_DEATH_MS = 2_000
/** A follow of a container that lost the name or stopped ends by itself; one that has not by then is ended. */
const GRACE_MS = 1_000
/** How long a follow is quiet before its backlog counts as complete although its last line was not recognised. */
const QUIET_MS = 300

/** Docker reports a start some milliseconds after the container's first lines: it stands before lines this much older. */
const START_LEAD_MS = 500

/** An event that may still have lines to come before it: those stamped `before` or earlier. */
interface Waiting {
  readonly event: StateEvent
  readonly before: string
}

export type FeedListener = (entry: Entry) => void

export class Feed {
  readonly key: string
  readonly ring = new Ring()
  /** Settles when the backlog is in the ring, or there is none to wait for. Never rejects. */
  readonly ready: Promise<void>
  readonly #engine: Engine
  readonly #log: Logger
  readonly #tail: number
  readonly #closing = new AbortController()
  readonly #listeners = new Set<FeedListener>()
  #resolveReady: () => void = () => {}
  #wake: () => void = () => {}
  /** The incarnation that is followed, and the end of what was read of it. */
  #container: Container | undefined
  #opened = false
  /** Told once for each incarnation. */
  #unreadable = false
  #last: Cursor | undefined
  #reading: AbortController | undefined
  #graceTimer: NodeJS.Timeout | undefined
  #waiting: Waiting[] = []
  #settleTimer: NodeJS.Timeout | undefined

  constructor(engine: Engine, key: string, tail: number, log: Logger) {
    this.#engine = engine
    this.key = key
    this.#tail = Math.min(tail, MAX_FIRST_TAIL)
    this.#log = log
    this.ready = new Promise((resolve) => {
      this.#resolveReady = resolve
    })
    engine.on('change', this.#onChange)
    engine.on('happened', this.#onHappened)
    void this.#run()
  }

  subscribe(listener: FeedListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The newest position: just after the last line, `''` before any. */
  get cursor(): string {
    return this.#last ? formatCursor(this.#last) : ''
  }

  close(): void {
    this.#closing.abort()
    this.#reading?.abort()
    this.#engine.off('change', this.#onChange)
    this.#engine.off('happened', this.#onHappened)
    clearTimeout(this.#graceTimer)
    clearTimeout(this.#settleTimer)
    this.#resolveReady()
    this.#wake()
  }

  async #run(): Promise<void> {
    const backOff = new BackOff()
    while (!this.#closing.signal.aborted) {
      const container = this.#engine.find(this.key)
      if (!container || this.#engine.hosts().every(({ state }) => state !== 'connected')) {
        this.#resolveReady()
        await this.#changed()
        continue
      }
      if (container.id !== this.#container?.id) this.#begin(container)
      const failure = await this.#read(container).catch((error: unknown) => error ?? new Error('failed'))
      if (this.#closing.signal.aborted) return
      if (failure === 'progress') {
        backOff.reset()
        continue
      }
      // Nothing more to read: it has stopped, or the read failed. An event says when to look again, at the latest the clock.
      const again = this.#engine.find(this.key)
      if (again && again.id !== container.id) continue
      this.#settleNow()
      this.#resolveReady()
      if (failure !== 'nothing') this.#report(container, failure)
      const patient = failure === 'nothing' ? again?.state !== 'running' : isFinal(failure)
      await (patient ? this.#changed() : Promise.race([this.#changed(), delay(backOff.next())]))
    }
  }

  /** Another incarnation has the name. What was read of the one before stays where it is. */
  #begin(container: Container): void {
    const before = this.#container
    this.#container = container
    this.#last = undefined
    this.#unreadable = false
    if (!before) return
    this.#opened = true // of a newcomer everything is new, from its first line on
    const incarnation = incarnationOf(container.id)
    const ofNewcomer = this.#waiting.filter((waiting) => waiting.event.incarnation === incarnation)
    this.#waiting = this.#waiting.filter((waiting) => !ofNewcomer.includes(waiting))
    this.#settleNow()
    const event: StateEvent = {
      container: this.key,
      state: 'recreated',
      incarnation,
      at: normalizeTime(container.created) ?? timeNow(),
      ...(before.image !== container.image && { images: [before.image, container.image] }),
    }
    this.#publish({ kind: 'state', event })
    this.#waiting = ofNewcomer
    if (ofNewcomer.length > 0) this.#settleLater()
  }

  /** Reads until the log ends or is cut. `nothing`: it ended, and nothing came. */
  async #read(container: Container): Promise<'progress' | 'nothing'> {
    const reading = new AbortController()
    this.#reading = reading
    const before = this.ring.end
    try {
      if (!this.#opened) await this.#readFirst(container, reading.signal)
      else if (this.#last) await this.#readOn(container, this.#last, reading.signal)
      else await this.#readWhole(container, reading.signal)
    } catch (error) {
      // Ended on purpose, because another incarnation has the name: the loop goes on with that.
      if (!reading.signal.aborted) throw error
    } finally {
      this.#reading = undefined
      clearTimeout(this.#graceTimer)
      this.#graceTimer = undefined
    }
    return this.ring.end === before ? 'nothing' : 'progress'
  }

  async #readFirst(container: Container, signal: AbortSignal): Promise<void> {
    for (const margin of MARGINS) {
      if ((await this.#readFirstWithin(container, margin, signal)) === 'ended') return
    }
  }

  /** The backlog that the first viewer asked for, and what follows, in one read: nothing can be lost between them. */
  async #readFirstWithin(container: Container, margin: number, signal: AbortSignal): Promise<'ended' | 'too-few'> {
    const read = await this.#engine.followLines(container.id, { tail: tailOf(this.#tail, margin), signal })
    const end = this.#lastLine(container, signal)
    let window: LogLine[] | undefined = []
    let tooFew = false
    let quiet: NodeJS.Timeout | undefined
    const complete = () => {
      if (!window || signal.aborted) return
      clearTimeout(quiet)
      const whole = read.pieces < this.#tail + margin
      const certain = certainLines(window, whole)
      window = undefined
      if (certain.length < this.#tail && !whole) {
        tooFew = true
        read.close()
        return
      }
      this.ring.reachesStart = whole
      this.#append(container, certain)
      this.#opened = true
      this.#resolveReady()
    }
    const completeIfPassed = async () => {
      const last = await end
      if (!window) return
      clearTimeout(quiet)
      if (last === 'none' || (last !== 'unknown' && window.some((line) => isAtOrAfter(line, last)))) complete()
      else quiet = setTimeout(complete, QUIET_MS)
    }
    void completeIfPassed()
    try {
      for await (const lines of read) {
        if (tooFew) break
        if (window) {
          window.push(...lines)
          void completeIfPassed()
        } else this.#append(container, lines)
      }
      complete()
    } finally {
      clearTimeout(quiet)
      window = undefined // of a read that was cut nothing is kept: the next one brings it again
    }
    return tooFew ? 'too-few' : 'ended'
  }

  /** The last line when asked: where the backlog ends and live begins. A follow itself does not tell. */
  async #lastLine(container: Container, signal: AbortSignal): Promise<LogLine | 'none' | 'unknown'> {
    let last: LogLine | undefined
    try {
      for await (const lines of await this.#engine.readLines(container.id, { tail: 1, signal })) last = lines.at(-1)
    } catch {
      return 'unknown' // the follow meets the same trouble, and reports it
    }
    return last ?? 'none'
  }

  async #readOn(container: Container, cursor: Cursor, signal: AbortSignal): Promise<void> {
    for await (const span of readAfter(this.#engine, container.id, cursor, true, signal)) {
      if ('lines' in span) this.#append(container, span.lines)
      else
        this.#gap({ reason: span.gap, from: formatCursor(cursor), to: formatCursor(cursorOf(container.id, span.to)) })
    }
  }

  async #readWhole(container: Container, signal: AbortSignal): Promise<void> {
    const read = await this.#engine.followLines(container.id, { tail: 'all', signal })
    for await (const lines of read) this.#append(container, lines)
  }

  /** Puts lines into the ring, and before each the events that happened before it was written. */
  #append(container: Container, lines: readonly LogLine[]): void {
    const incarnation = incarnationOf(container.id)
    let rest = lines
    for (let waiting = this.#waiting[0]; waiting; waiting = this.#waiting[0]) {
      const { event, before } = waiting
      const index = rest.findIndex((line) => line.time > before)
      if (index < 0) break
      this.#publishLines(incarnation, rest.slice(0, index))
      rest = rest.slice(index)
      this.#waiting.shift()
      this.#publish({ kind: 'state', event })
    }
    this.#publishLines(incarnation, rest)
  }

  #publishLines(incarnation: string, lines: readonly LogLine[]): void {
    const last = lines.at(-1)
    if (!last) return
    this.#last = { incarnation, time: last.time, ordinal: last.ordinal }
    this.#publish({ kind: 'lines', incarnation, lines })
  }

  #publish(entry: Entry): void {
    this.ring.append(entry)
    for (const listener of this.#listeners) listener(entry)
  }

  #gap(gap: Omit<GapEvent, 'container'>): void {
    this.#publish({ kind: 'gap', event: { container: this.key, ...gap } })
  }

  #report(container: Container, failure: unknown): void {
    if (failure instanceof EngineError && failure.code === 'unreadable-driver') {
      if (this.#unreadable) return
      this.#unreadable = true
      this.#gap({ reason: 'unreadable-driver', driver: failure.driver ?? 'unknown', detail: failure.message })
    } else if (!(failure instanceof EngineError && failure.code === 'no-container')) {
      this.#log.warn(
        { container: container.name, error: describe(failure) },
        'a log read was cut; it goes on after the last line',
      )
    }
  }

  // Bound, as listeners are taken off by identity.
  #onChange = (): void => {
    const now = this.#engine.find(this.key)
    const ofOther = this.#container && now?.id !== this.#container.id
    // The name is another's, or nobody's. A removed container's follow ends by itself, with its last lines.
    if (ofOther && this.#reading) {
      const renamed = this.#engine.containers().some(({ id }) => id === this.#container?.id)
      this.#graceTimer ??= setTimeout(() => this.#reading?.abort(), renamed ? 0 : GRACE_MS)
    }
    this.#wake()
  }

  #onHappened = (happening: Happening): void => {
    if (happening.key !== this.key) return
    const { id, state, at, exitCode, health } = happening
    const recreation = state === 'created' && this.#container !== undefined
    if (recreation) return // told as `recreated`, with the images
    const event: StateEvent = {
      container: this.key,
      state,
      incarnation: incarnationOf(id),
      at,
      ...(exitCode !== undefined && { exitCode }),
      ...(health && { health }),
    }
    this.#waiting.push({ event, before: state === 'started' ? earlier(at, START_LEAD_MS) : at })
    this.#settleLater()
  }

  #settleLater(): void {
    clearTimeout(this.#settleTimer)
    const dying = this.#reading !== undefined && this.#waiting.some(({ event }) => event.state === 'died')
    this.#settleTimer = setTimeout(this.#settleNow, dying ? SETTLE_DEATH_MS : SETTLE_MS)
  }

  #settleNow = (): void => {
    clearTimeout(this.#settleTimer)
    for (const { event } of this.#waiting.splice(0)) this.#publish({ kind: 'state', event })
  }

  /** Resolves with the next change to the engine's picture, or when the feed is closed. */
  #changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}

/** Whether `line` is `last` or later. Times of whole seconds (Podman's) say so only when they are past. */
function isAtOrAfter(line: LogLine, last: LogLine): boolean {
  if (line.time !== last.time) return line.time > last.time
  return !line.time.endsWith('.000000000Z') && line.stream === last.stream
}

function describe(failure: unknown): string {
  const code = failure instanceof Error && 'code' in failure ? ` (${failure.code})` : ''
  return `${failure}${code}`
}

/** A failure that waiting does not mend: only a change to the container does. */
function isFinal(failure: unknown): boolean {
  return failure instanceof EngineError && (failure.code === 'unreadable-driver' || failure.code === 'no-container')
}
