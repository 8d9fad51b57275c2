/**
 * The one shared follow of a container's log, however many people watch. It follows the name: through stops, starts,
 * re-creations and lost engines it goes on where it was, and puts what happened into its ring in place among the lines.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { BackOff } from '../engine/back-off.ts'
import { type Engine, EngineError, type Happening, isOfLog } from '../engine/engine.ts'
import { type Cursor, cursorOf, formatCursor, incarnationOf, isOrigin, nowhereAt, originOf } from '../logs/cursor.ts'
import { isLines, type LogChunk } from '../logs/damage.ts'
import type { LogLine } from '../logs/line.ts'
import { normalizeTime, timeNow } from '../logs/time.ts'
import { slices } from '../slices.ts'
import type { Container, GapEvent, StateEvent } from '../wire.ts'
import { readAfter, readLast, type Span, windowBefore } from './history.ts'
import { isConnected } from './known.ts'
import { isRefused, REFUSED_AGAIN_MS, RefusalPatience } from './refusal-patience.ts'
import { Repeats } from './repeats.ts'
import { type Entry, Ring } from './ring.ts'
import { ShownDamages } from './shown-damages.ts'
import { type Link, type Succession, upTo } from './succession.ts'
import { WaitingEvents } from './waiting-events.ts'
import { watchQuiet } from './watch-quiet.ts'

/** What a feed reads of the past at its start, at most: who wants more reads it apart, at his own pace. */
const MAX_FIRST_TAIL = 1_000
/** How long the last lines of a container that lost the name may be on their way. */
const GRACE_MS = 1_000
/** How soon after a follow ended the death of its container is heard of, where it ended because of that. */
const NEAR_MS = 250
/** The same where another read ended just there: daemons take up to a second, and it was no early end. */
const CONFIRMED_NEAR_MS = 1_000

/** A merged stream starts hundreds at once, and each read costs about a millisecond to begin. */
const startInTurn = () => slices.turn('feeds')

export type FeedListener = (entry: Entry) => void

export class Feed {
  readonly key: string
  readonly ring = new Ring()
  readonly succession: Succession
  /** Resolves when it is its turn to begin. */
  readonly begun: Promise<void>
  /** Settles when the backlog is in the ring, or there is none to wait for. Never rejects. */
  readonly ready: Promise<void>
  readonly #engine: Engine
  readonly #log: Logger
  readonly #tail: number
  readonly #closing = new AbortController()
  readonly #listeners = new Set<FeedListener>()
  #resolveReady: () => void = () => {}
  #wake: () => void = () => {}
  /** The incarnation that is followed. */
  #container: Container | undefined
  /** When it got the name from another, which nobody had: what it wrote before is not of this feed. */
  #since: string | undefined
  /** When it lost the name: what it writes later is not of this feed. */
  #until: string | undefined
  /** Just after the last line that was read; undefined until the log has been read for the first time. */
  #position: Cursor | undefined
  /** The last read came to the log's end, and that was not because of somebody else: `died` tells. */
  #ended = false
  #died = false
  /** When the read ended, and when the death was heard of, in ms of this process: between them lines may have been written. */
  #endedAt = 0
  #diedHeardAt = 0
  /** The read before that had ended there as well. */
  #isConfirmed = false
  /** When it died last, and before its last start: a read that was opened before that ended with an earlier run. */
  #diedAt = ''
  #restartedFrom = ''
  /** Told once for each incarnation, until it can be read. */
  #unreadable = false
  readonly #patience = new RefusalPatience()
  #reading: AbortController | undefined
  readonly #repeats = new Repeats()
  readonly #damages = new ShownDamages()
  /** The follow brought what may be a repetition: a read that does not follow tells. */
  #isInDoubt = false
  #graceTimer: NodeJS.Timeout | undefined
  readonly #waiting = new WaitingEvents({
    lines: (incarnation, lines) => this.#publishLines(incarnation, lines),
    state: (event) => this.#publish({ kind: 'state', event }),
  })

  constructor(engine: Engine, succession: Succession, key: string, tail: number, log: Logger) {
    this.#engine = engine
    this.succession = succession
    this.key = key
    this.#tail = Math.min(tail, MAX_FIRST_TAIL)
    this.#log = log
    this.ready = new Promise((resolve) => {
      this.#resolveReady = resolve
    })
    engine.on('change', this.#onChange)
    engine.on('happened', this.#onHappened)
    this.begun = startInTurn()
    // Who has the name now has it for this feed, also where it is lost before it is the feed's turn.
    const first = engine.find(key)
    void this.begun.then(() => this.#run(first))
  }

  subscribe(listener: FeedListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Just after the last line; before the first where there is none. Undefined until the log could be read. */
  get position(): Cursor | undefined {
    return this.#position
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

  async #run(first: Container | undefined): Promise<void> {
    const backOff = new BackOff()
    for (let next = first; !this.#closing.signal.aborted; next = undefined) {
      const container = next ?? this.#engine.find(this.key) ?? this.#passer()
      const connected = isConnected(this.#engine)
      if (!container || !connected) {
        if (connected) this.#waiting.settleGone()
        if (connected && !this.#container) this.#expectNewcomer()
        this.#resolveReady()
        await this.#changed()
        continue
      }
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
      if (failure === 'nothing') this.#patience.reset()
      else this.#report(container, failure)
      // A follow that brought nothing, and ended or was quiet though its container runs, may stand before a damage: a read tells.
      if (failure === 'nothing' && again?.state === 'running' && this.#position) this.#isInDoubt = true
      if (failure instanceof EngineError && isRefused(failure)) {
        await Promise.race([this.#passedOn(container), delay(REFUSED_AGAIN_MS, undefined, { ref: false })])
        continue
      }
      const patient = failure === 'nothing' ? again?.state !== 'running' : isGone(failure)
      await (patient ? this.#changed() : Promise.race([this.#changed(), delay(backOff.next())]))
    }
  }

  /** Reads until the log ends or is cut. `nothing`: it ended, and nothing came. */
  async #read(container: Container): Promise<'progress' | 'nothing'> {
    const before = this.ring.end
    if (container.id !== this.#container?.id) {
      await this.#leave(container)
      this.#begin(container)
    }
    const reading = new AbortController()
    const quiet = watchQuiet(this.#engine, container.id, () => this.#position, reading)
    this.#reading = reading
    // It may have lost the name while what its predecessor left was read.
    this.#until = this.succession.lostAt(this.key, container.id)
    this.#watchName()
    const ended = this.#ended
    const stood = this.#position
    const began = performance.now()
    const opened = timeNow()
    const { state } = container
    if (state === 'running' || state === 'paused') this.#died = false
    else this.#hearDeath()
    this.#ended &&= this.#died
    try {
      if (this.#position) await this.#readOn(container, this.#position, reading.signal)
      else await this.#readFirst(container, reading.signal)
      this.#ended = !reading.signal.aborted && this.#restartedFrom < opened
      this.#endedAt = performance.now()
      this.#isConfirmed = ended && this.#position === stood && this.#endedAt - began < GRACE_MS
    } catch (error) {
      // Removed, perhaps before anything was added to what was read: the death tells.
      if (isGone(error)) this.#ended = ended
      // Ended on purpose: the loop goes on, with another incarnation or with what it finds.
      if (!reading.signal.aborted && !isEmptied(error)) throw error
    } finally {
      quiet.end()
      this.#reading = undefined
      clearTimeout(this.#graceTimer)
      this.#graceTimer = undefined
    }
    return this.ring.end === before && !this.#isBack ? 'nothing' : 'progress'
  }

  /** Whether the container that is followed has the name, which it had lost when it was read. */
  get #isBack(): boolean {
    const { id } = this.#container ?? {}
    if (id === undefined || this.#until === undefined) return false
    return this.#engine.find(this.key)?.id === id && this.succession.lostAt(this.key, id) === undefined
  }

  /** Of a name that nobody has: who had it last, and lost it before he was read. */
  #passer(): Container | undefined {
    const later = this.#container ? this.succession.next(this.key, this.#container.id) : []
    const ids = later.flatMap((link) => ('id' in link ? link.id : []))
    return this.#engine.containers().find(({ id }) => id === ids.at(-1))
  }

  /** Of who takes a name that nobody carries everything is new, from its first line on. */
  #expectNewcomer(): void {
    if (this.#position) return
    this.#position = nowhereAt(timeNow())
    this.ring.begin = this.#position
  }

  #hasAnswered(): void {
    this.#unreadable = false
    this.#patience.reset()
  }

  /** Reads what is left of the incarnation that had the name, and of those between it and `successor`. */
  async #leave(successor: Container): Promise<void> {
    for (const link of this.#left()) {
      // Of a log that it could not read nothing is here: what is begins with who came next.
      if ('id' in link) this.ring.begin ??= link.after
      if ('gap' in link) {
        this.#gap({ reason: link.gap, ...this.#from() }, link.after)
        continue
      }
      if (link.id === successor.id) return
      try {
        await this.#readRest(link)
      } catch (error) {
        if (!isGone(error)) throw error
        if (link.id !== this.#container?.id || !this.#isComplete) this.#gap({ reason: 'removed', ...this.#from() })
      }
    }
  }

  /** What there is of the one it has followed, and of those after it. */
  #left(): Link[] {
    const { succession, key } = this
    if (!this.#container) return this.#position ? succession.after(key, this.#position) : []
    const { id } = this.#container
    const isThere = this.#engine.containers().some((container) => container.id === id)
    // Of one that it could not read at all readers have told the gap; what came between is the feed's to tell.
    if (!this.#position || (this.#isComplete && !isThere)) return succession.next(key, id)
    return succession.after(key, this.#position)
  }

  /**
   * Whether all of it was read. A follow that ends with its container may lack the last lines (seen with 20.10): a read
   * tells, while there is a log. One that ended long before its container died ended early.
   */
  get #isComplete(): boolean {
    const nearMs = this.#isConfirmed ? CONFIRMED_NEAR_MS : NEAR_MS
    return this.#ended && this.#died && this.#diedHeardAt - this.#endedAt < nearMs
  }

  #hearDeath(): void {
    if (!this.#died) this.#diedHeardAt = performance.now()
    this.#died = true
  }

  async #readRest({ id, after, until }: Exclude<Link, { gap: unknown }>): Promise<void> {
    const incarnation = incarnationOf(id)
    for await (const span of readAfter(this.#engine, id, after, false, this.#closing.signal)) {
      if ('gap' in span) {
        this.#take(incarnation, span)
        continue
      }
      const { own, over } = upTo(until, span.lines)
      this.#waiting.place(incarnation, own)
      if (over) break
    }
  }

  /** Another incarnation has the name. What was read of the one before stays where it is. */
  #begin(container: Container): void {
    const before = this.#container
    this.#container = container
    this.#hasAnswered()
    this.#ended = false
    this.#diedAt = this.#restartedFrom = ''
    const isNewcomer = !before && this.#position !== undefined
    this.#since = isNewcomer ? this.succession.renamedAt(container.id, this.key, 'last') : undefined
    if (before || isNewcomer) this.#position = originOf(incarnationOf(container.id))
    if (!before) return
    this.#resolveReady() // the one before may have gone while its backlog was read
    const recreated: StateEvent = {
      container: this.key,
      state: 'recreated',
      incarnation: incarnationOf(container.id),
      at: normalizeTime(container.created) ?? timeNow(),
      ...(before.image !== container.image && { images: [before.image, container.image] }),
    }
    this.#waiting.settleBefore(recreated, this.#comesLater)
  }

  /** The end of the log as it is, then what comes. Of a read that is cut nothing is kept: the next one brings it again. */
  async #readFirst(container: Container, signal: AbortSignal): Promise<void> {
    const incarnation = incarnationOf(container.id)
    let begin = originOf(incarnation)
    const backlog: LogChunk[] = []
    const read = readLast(this.#engine, container.id, this.#tail, signal, (before) => {
      if (before) begin = cursorOf(incarnation, before)
    })
    for await (const chunk of read) backlog.push(chunk)
    if (signal.aborted) return
    const { own } = upTo(this.#until, backlog.filter(isLines).flat())
    this.ring.begin = begin
    this.#position = begin
    this.#repeats.trust(own)
    this.#takeBacklog(incarnation, backlog)
    this.#resolveReady()
    await startInTurn() // those who waited for these lines get them before more is asked of the engine
    await this.#readOn(container, this.#position, signal, windowBefore(own, isOrigin(begin)))
  }

  #takeBacklog(incarnation: string, backlog: readonly LogChunk[]): void {
    for (const chunk of backlog) {
      if (!isLines(chunk)) {
        this.#damaged(chunk.detail)
        continue
      }
      const { own, over } = upTo(this.#until, chunk)
      this.#waiting.place(incarnation, own)
      if (over) return
    }
  }

  /** What comes after `cursor`; `first`: the window to try first. */
  async #readOn(container: Container, cursor: Cursor, signal: AbortSignal, first?: number | 'all'): Promise<void> {
    const incarnation = incarnationOf(container.id)
    let after = cursor
    if (this.#isInDoubt) {
      for await (const span of readAfter(this.#engine, container.id, cursor, false, signal)) {
        if ('lines' in span) this.#repeats.trust(span.lines)
        this.#take(incarnation, span)
      }
      this.#isInDoubt = false
      after = this.#position ?? cursor
    }
    for await (const span of readAfter(this.#engine, container.id, after, true, signal, first)) {
      if (signal.aborted) return
      // Of what it does not take a later read may bring more, and repeats nothing.
      const lines = 'lines' in span ? upTo(this.#until, span.lines).own : []
      const again = this.#repeats.find(lines)
      this.#take(incarnation, again < 0 ? span : { lines: lines.slice(0, again) })
      if (again < 0) continue
      this.#isInDoubt = true
      this.#reading?.abort()
    }
  }

  #take(incarnation: string, span: Span): void {
    if (this.#reading?.signal.aborted) return
    if ('lines' in span) {
      const { own, over } = upTo(this.#until, span.lines)
      const since = this.#since
      this.#waiting.place(incarnation, since === undefined ? own : own.filter(({ time }) => time > since))
      if (over) this.#reading?.abort()
    } else if (span.gap === 'damaged') {
      this.#damaged(span.detail ?? '')
    } else {
      const to = span.to && formatCursor(cursorOf(incarnation, span.to))
      this.#gap({ reason: span.gap, ...this.#from(), ...(to && { to }) })
    }
  }

  /** Each read from a place meets the damage that follows it. */
  #damaged(detail: string): void {
    const from = this.#from()
    if (this.#damages.isNew(from.from, detail)) this.#gap({ reason: 'damaged', ...from, detail })
  }

  #publishLines(incarnation: string, lines: readonly LogLine[]): void {
    const last = lines.at(-1)
    if (!last) return
    this.#hasAnswered()
    this.#position = cursorOf(incarnation, last)
    this.#publish({ kind: 'lines', incarnation, lines })
  }

  #publish(entry: Entry): void {
    this.ring.append(entry)
    for (const listener of this.#listeners) listener(entry)
  }

  #gap(gap: Omit<GapEvent, 'container'>, after?: Cursor): void {
    this.#publish({ kind: 'gap', event: { container: this.key, ...gap }, ...(after && { after }) })
  }

  #from(): { from?: string } {
    return this.#position ? { from: formatCursor(this.#position) } : {}
  }

  /** The log cannot be read, which the ring says in its place. */
  get isUnreadable(): boolean {
    return this.#unreadable
  }

  #report(container: Container, failure: unknown): void {
    const isOwn = failure instanceof EngineError && isOfLog(failure)
    if (!isOwn) this.#patience.reset() // a read that was cut had begun
    if (isOwn && this.#patience.isOver(failure)) {
      if (this.#unreadable) return
      this.#unreadable = true
      const { code, message: detail, driver = 'unknown' } = failure
      if (code === 'unreadable-driver') this.#gap({ reason: code, driver, detail })
      else this.#gap({ reason: 'damaged', ...this.#from(), detail })
    } else if (!isGone(failure)) {
      this.#log.warn(
        { container: container.name, error: describe(failure) },
        'a log read was cut; resuming after the last line',
      )
    }
  }

  // Bound, as listeners are taken off by identity.
  #onChange = (): void => {
    // What its container writes from now on may be under another name: when the engine is back it is known.
    if (!isConnected(this.#engine)) this.#reading?.abort()
    this.#watchName()
    this.#wake()
  }

  #watchName(): void {
    const now = this.#engine.find(this.key)
    const ofOther = this.#container && now?.id !== this.#container.id
    // The name is another's, or nobody's. A removed container's follow ends by itself, with its last lines; that of a
    // renamed one ends with the first line it writes after that.
    if (ofOther && this.#reading) this.#graceTimer ??= setTimeout(() => this.#reading?.abort(), GRACE_MS)
  }

  #onHappened = (happening: Happening): void => {
    if (happening.key !== this.key || happening.isPast) return
    const { id, state, at, exitCode, stopped, health } = happening
    if (id === this.#container?.id) {
      if (state === 'renamed') this.#until = at
      if (state === 'died') {
        this.#hearDeath()
        this.#diedAt = at
      }
      if (state === 'started') {
        this.#died = this.#ended = false
        this.#restartedFrom = this.#diedAt
      }
    }
    const recreation = state === 'created' && this.#container !== undefined
    if (recreation) return // told as `recreated`, with the images
    const event: StateEvent = {
      container: this.key,
      state,
      incarnation: incarnationOf(id),
      at,
      ...(exitCode !== undefined && { exitCode }),
      ...(stopped && { stopped }),
      ...(health && { health }),
    }
    if (this.#comesLater(event)) this.#waiting.addOfNewcomer(event)
    else this.#waiting.add(event, this.#reading !== undefined)
  }

  /** Whether that incarnation had the name after the one that is followed, which is read to its end first. */
  #comesLater = ({ incarnation = '' }: StateEvent): boolean => {
    if (!this.#container) return false
    const current = incarnationOf(this.#container.id)
    const { key, succession } = this
    return incarnation !== current && succession.rank(key, incarnation) > succession.rank(key, current)
  }

  /** Resolves when the name is another's, or the engine is lost: what it refused it may give when it is back. */
  async #passedOn({ id }: Container): Promise<void> {
    while (this.#engine.find(this.key)?.id === id && isConnected(this.#engine)) {
      await this.#changed()
      if (this.#closing.signal.aborted) return
    }
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

function isGone(failure: unknown): boolean {
  return isEmptied(failure) || (failure instanceof EngineError && failure.code === 'no-container')
}

function isEmptied(failure: unknown): boolean {
  return failure instanceof EngineError && failure.code === 'emptied'
}
