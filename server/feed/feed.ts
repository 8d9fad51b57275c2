/**
 * The one shared follow of a container's log, however many people watch. It follows the name: through stops, starts,
 * re-creations and lost engines it goes on where it was, and puts what happened into its ring in place among the lines.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { BackOff } from '../engine/back-off.ts'
import { type Engine, EngineError, type Happening } from '../engine/engine.ts'
import { type Cursor, cursorOf, formatCursor, incarnationOf } from '../logs/cursor.ts'
import type { LogLine } from '../logs/line.ts'
import { normalizeTime, timeNow } from '../logs/time.ts'
import type { Container, GapEvent, StateEvent } from '../wire.ts'
import { readFirst } from './first-read.ts'
import { readAfter } from './history.ts'
import { type Entry, Ring } from './ring.ts'
import { WaitingEvents } from './waiting-events.ts'

/** What a feed reads of the past at its start, at most: who wants more reads it apart, at his own pace. */
const MAX_FIRST_TAIL = 1_000
/** A follow of a container that lost the name or stopped ends by itself; one that has not by then is ended. */
const GRACE_MS = 1_000
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
  readonly #waiting = new WaitingEvents({
    lines: (incarnation, lines) => this.#publishLines(incarnation, lines),
    state: (event) => this.#publish({ kind: 'state', event }),
  })

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
    this.#waiting.close()
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
      this.#waiting.settle()
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
    this.#waiting.settleBefore({
      container: this.key,
      state: 'recreated',
      incarnation: incarnationOf(container.id),
      at: normalizeTime(container.created) ?? timeNow(),
      ...(before.image !== container.image && { images: [before.image, container.image] }),
    })
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
    await readFirst(this.#engine, container.id, this.#tail, signal, {
      backlog: (lines, whole) => {
        this.ring.reachesStart = whole
        this.#append(container, lines)
        this.#opened = true
        this.#resolveReady()
      },
      lines: (lines) => this.#append(container, lines),
    })
  }

  async #readOn(container: Container, cursor: Cursor, signal: AbortSignal): Promise<void> {
    for await (const span of readAfter(this.#engine, container.id, cursor, true, signal)) {
      if ('lines' in span) this.#append(container, span.lines)
      else
        this.#gap({
          reason: span.gap,
          from: formatCursor(cursor),
          to: formatCursor(cursorOf(incarnationOf(container.id), span.to)),
        })
    }
  }

  async #readWhole(container: Container, signal: AbortSignal): Promise<void> {
    const read = await this.#engine.followLines(container.id, { tail: 'all', signal })
    for await (const lines of read) this.#append(container, lines)
  }

  #append(container: Container, lines: readonly LogLine[]): void {
    this.#waiting.place(incarnationOf(container.id), lines)
  }

  #publishLines(incarnation: string, lines: readonly LogLine[]): void {
    const last = lines.at(-1)
    if (!last) return
    this.#last = cursorOf(incarnation, last)
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
    this.#waiting.add(event, this.#reading !== undefined)
  }

  /** Resolves with the next change to the engine's picture, or when the feed is closed. */
  #changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}

function describe(failure: unknown): string {
  const code = failure instanceof Error && 'code' in failure ? ` (${failure.code})` : ''
  return `${failure}${code}`
}

/** A failure that waiting does not mend: only a change to the container does. */
function isFinal(failure: unknown): boolean {
  return failure instanceof EngineError && (failure.code === 'unreadable-driver' || failure.code === 'no-container')
}
