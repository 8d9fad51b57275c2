/**
 * One reader's way through the log of a name: from where he begins, at his own pace, to the head of the feed, and again
 * whenever he fell behind. Where he stands is a sequence number of the feed's ring while the ring has what comes next, else
 * a cursor, from which a read of his own goes on until it meets the ring.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { BackOff } from '../engine/back-off.ts'
import { type Engine, EngineError, isOfLog } from '../engine/engine.ts'
import { type Cursor, cursorOf, formatCursor, incarnationOf, isSame, originOf } from '../logs/cursor.ts'
import { isLines } from '../logs/damage.ts'
import type { LogLine } from '../logs/line.ts'
import type { GapEvent } from '../wire.ts'
import type { Feed } from './feed.ts'
import { readAfter, readLast } from './history.ts'
import { containersKnown, whileConnected } from './known.ts'
import { REFUSED_AGAIN_MS, RefusalPatience } from './refusal-patience.ts'
import { type Entry, positionAfter } from './ring.ts'
import { ShownDamages } from './shown-damages.ts'
import { type Link, upTo } from './succession.ts'

/** Where a reader begins: `tail` lines before the end, or just after a line. */
export type Start = { readonly tail: number } | { readonly after: Cursor }

/** A place in the ring; `isWhole`: nothing is missing before it of what Docker has no more. */
interface Kept {
  readonly sequence: number
  readonly isWhole: boolean
}

type Position = Start | { readonly sequence: number }

export class Reader {
  readonly #feed: Feed
  readonly #engine: Engine
  readonly #signal: AbortSignal
  readonly #backOff = new BackOff()
  readonly #damages = new ShownDamages()
  readonly #refusals = new RefusalPatience()
  /** The log cannot be read, by the feed neither: the next lines that it reads are waited for. */
  #isRefused = false
  #position: Position
  /** Just after what was handed out so far; undefined where that is not known yet. */
  #cursor: Cursor | undefined
  /** Just before what was handed out first; undefined where that is not known. */
  begin: Cursor | undefined

  /** `signal`: ends its reads, and with them `toHead`. */
  constructor(engine: Engine, feed: Feed, start: Start, signal: AbortSignal) {
    this.#engine = engine
    this.#feed = feed
    this.#position = start
    this.begin = 'after' in start ? start.after : undefined
    this.#cursor = this.begin
    this.#signal = signal
  }

  get cursor(): Cursor | undefined {
    return this.#cursor
  }

  /** What comes next is in the ring, or will be. */
  get isInRing(): boolean {
    return 'sequence' in this.#position && this.#position.sequence >= this.#feed.ring.start
  }

  /** Stands at the very end of the ring: what comes next comes from the feed. */
  get isAtHead(): boolean {
    return 'sequence' in this.#position && this.#position.sequence === this.#feed.ring.end
  }

  /** Goes on from there: what came before was handed out by others. `cursor`: the position before it, where that is known. */
  standAt(sequence: number, cursor?: Cursor): void {
    this.#cursor = cursor ?? this.#feed.ring.positionBefore(sequence) ?? this.#cursor
    this.#position = { sequence }
  }

  /** What comes next, up to the head; ends there. Waits, and tries again, while the engine fails. */
  async *toHead(): AsyncGenerator<Entry, void, void> {
    const { ring, ready } = this.#feed
    await ready
    while (!this.#signal.aborted) {
      if (!('sequence' in this.#position)) {
        yield* this.#locate(this.#position)
        continue
      }
      const { sequence } = this.#position
      if (sequence < ring.start && this.#cursor) {
        this.#position = { after: this.#cursor }
        continue
      }
      const at = Math.max(sequence, ring.start)
      const entry = ring.at(at)
      if (!entry) {
        this.#cursor ??= this.#feed.position
        return
      }
      this.#position = { sequence: at + (entry.kind === 'lines' ? entry.lines.length : 1) }
      yield this.#handOut(entry)
    }
  }

  /** Finds the start in the ring, or reads from the engine up to the ring. */
  async *#locate(start: Start): AsyncGenerator<Entry, void, void> {
    const before = this.#cursor
    let connected: ReturnType<typeof whileConnected> | undefined
    try {
      await containersKnown(this.#engine, this.#signal)
      connected = whileConnected(this.#engine, this.#signal)
      if ('tail' in start) yield* this.#readTail(start.tail, connected.signal)
      else yield* this.#readAfter(start.after, connected.signal)
    } catch (error) {
      if (this.#signal.aborted) return
      if (error instanceof EngineError && isOfLog(error)) yield* this.#passOver(error)
      else this.#refusals.reset()
      if (!('sequence' in this.#position) && this.#cursor && this.#cursor !== before)
        this.#position = { after: this.#cursor }
    } finally {
      connected?.end()
    }
    if ('sequence' in this.#position || this.#cursor !== before) {
      this.#backOff.reset()
      this.#refusals.reset()
    } else await this.#patience()
  }

  /** The log cannot be read: the ring comes next. If it has lines, a gap says that some may be missing before them. */
  *#passOver(error: EngineError): Generator<Entry> {
    const { ring, isUnreadable, position } = this.#feed
    const start = this.#position
    const isSaid = error.code === 'unreadable-driver'
    if (!isUnreadable && !this.#refusals.isOver(error)) return
    if (!isSaid && this.#isFeedBehind) {
      yield* this.#damaged(error.message)
      this.#isRefused = true
      return
    }
    // A feed that has not read it yet says so itself, or reads it: one gap is enough.
    if (!isUnreadable && !position) return
    this.#refusals.reset()
    if (!isSaid && (!isUnreadable || ring.lineCount > 0)) yield* this.#damaged(error.message)
    const sequence = 'after' in start ? ring.placeAfter(start.after) : undefined
    this.#position = { sequence: sequence ?? ring.start }
  }

  /**
   * Whether the feed, when it can read the log, will bring lines that this reader has had: it stands before this reader's line, or
   * has not begun. The reader then reads the log itself.
   */
  get #isFeedBehind(): boolean {
    const { position } = this.#feed
    if (!('after' in this.#position)) return false
    const { incarnation, time } = this.#position.after
    return !position || (position.incarnation === incarnation && position.time < time)
  }

  /** Until the feed has news, at the latest until it is time to try again. */
  async #patience(): Promise<void> {
    const news = new AbortController()
    const unsubscribe = this.#feed.subscribe(() => news.abort())
    const signal = AbortSignal.any([this.#signal, news.signal])
    // While the gap was handed out the feed may have come to the log; its news end the wait.
    const isRefused = this.#isRefused && this.#isFeedBehind
    const ms = isRefused ? REFUSED_AGAIN_MS : this.#backOff.next()
    this.#isRefused = false
    await delay(ms, undefined, { signal }).catch(() => {})
    unsubscribe()
  }

  async *#readTail(tail: number, signal: AbortSignal): AsyncGenerator<Entry, void, void> {
    const { ring, key, position, succession } = this.#feed
    const container = this.#engine.find(key)
    if (tail === 0) {
      this.#beginAt(position)
      this.#position = { sequence: ring.end }
    } else if (!container || ring.reachesStart || ring.lineCount >= tail) {
      const sequence = ring.lastLines(tail)
      this.#beginAt(ring.positionBefore(sequence))
      this.#position = { sequence }
    } else {
      const incarnation = incarnationOf(container.id)
      const source = readLast(this.#engine, container.id, tail, signal, (before) => {
        this.#beginAt(before ? cursorOf(incarnation, before) : originOf(incarnation))
      })
      for await (const chunk of source) {
        if (!isLines(chunk)) {
          yield* this.#damaged(chunk.detail)
          continue
        }
        const { own, over } = upTo(succession.lostAt(key, container.id), chunk)
        if (yield* this.#untilMet(incarnation, own)) return
        if (over) break
      }
      this.#position = this.#cursor ? { after: this.#cursor } : { sequence: ring.start }
    }
  }

  #beginAt(cursor: Cursor | undefined): void {
    this.begin = cursor
    this.#cursor = cursor
  }

  async *#readAfter(after: Cursor, signal: AbortSignal): AsyncGenerator<Entry, void, void> {
    const { ring, key, succession, position } = this.#feed
    const sequence = position && isSame(position, after) ? ring.end : ring.next(after)
    if (sequence !== undefined) {
      this.#position = { sequence }
      return
    }
    const { end } = ring
    const current = this.#engine.find(key)
    let hasRead = false
    let endsInGap = false
    for (const link of succession.after(key, after)) {
      if ('gap' in link) {
        // Both have read that log to its end, or are about to: the feed tells what comes next.
        if (hasRead && this.#cursor?.incarnation === this.#feed.position?.incarnation) return
        const kept = (hasRead ? undefined : this.#keptOfTheGone(after)) ?? this.#keptOf(link.gone ?? [])
        if (hasRead && kept?.isWhole) {
          this.#position = { sequence: kept.sequence }
          return
        }
        // Of a name that nobody has, the old position says more: whose successor is waited for.
        const next = link.after ?? (current ? position : undefined)
        endsInGap = true
        yield this.#gap({ reason: link.gap, ...this.#from() }, kept === undefined ? next : undefined)
        if (kept === undefined) continue
        this.#position = { sequence: kept.sequence }
        return
      }
      try {
        if (yield* this.#readLink(link, signal)) return
      } catch (error) {
        if (!this.#isTruncated(link.id, error)) throw error
        const isCurrent = link.id === current?.id
        const place = isCurrent ? ring.placeAfter(after) : undefined
        const next = place === undefined ? position : ring.positionBefore(place)
        yield this.#gap({ reason: 'rotated', ...this.#from() }, isCurrent ? next : undefined)
        if (!isCurrent) continue
        this.#position = { sequence: place ?? ring.end }
        return
      }
      if (link.id === current?.id) return // read to its end, without meeting the ring: the feed is not there yet
      hasRead = true
      endsInGap = false
    }
    // Where he has read to the end of a log, the feed may not have, and would tell it once more: he waits for it to come there.
    if (endsInGap || !hasRead) this.#position = { sequence: end }
  }

  /** Whether that container is there, and its log empty. */
  #isTruncated(id: string, error: unknown): boolean {
    const isThere = this.#engine.containers().some((container) => container.id === id)
    return isThere && error instanceof EngineError && error.code === 'emptied'
  }

  /** Where the ring goes on after a cursor of an incarnation that cannot be had any more from the engine. */
  #keptOfTheGone(after: Cursor): Kept | undefined {
    const isGone = !this.#engine.containers().some(({ id }) => incarnationOf(id) === after.incarnation)
    const sequence = isGone ? this.#feed.ring.placeAfter(after) : undefined
    return sequence === undefined ? undefined : { sequence, isWhole: false }
  }

  /** Where the ring goes on with the first of these, who are gone, all of whose lines it has, or will have. */
  #keptOf(gone: readonly string[]): Kept | undefined {
    const { ring, key, succession, position } = this.#feed
    for (const [index, id] of gone.entries()) {
      const incarnation = incarnationOf(id)
      if (incarnation === this.#cursor?.incarnation || !succession.hadOnce(key, id)) continue
      const isBegun = position !== undefined && isSame(position, originOf(incarnation)) // no line of it was told yet
      const place = ring.placeOf(incarnation, succession.renamedAt(id, key, 'first'))
      const sequence = place ?? (isBegun ? ring.end : undefined)
      if (sequence !== undefined) return { sequence, isWhole: index === 0 }
    }
    return undefined
  }

  /** Whether it met the ring. */
  async *#readLink(
    { id, after }: Exclude<Link, { gap: unknown }>,
    signal: AbortSignal,
  ): AsyncGenerator<Entry, boolean, void> {
    const incarnation = incarnationOf(id)
    this.#moveTo(after)
    for await (const span of readAfter(this.#engine, id, after, false, signal)) {
      if ('gap' in span) {
        const to = span.to && formatCursor(cursorOf(incarnation, span.to))
        if (span.gap === 'damaged') yield* this.#damaged(span.detail ?? '')
        else yield this.#gap({ reason: span.gap, ...this.#from(), ...(to && { to }) })
        continue
      }
      // Asked each time: the name may be lost while a slow viewer reads, and the log goes on.
      const { own, over } = upTo(this.#feed.succession.lostAt(this.#feed.key, id), span.lines)
      if (yield* this.#untilMet(incarnation, own)) return true
      if (over) break
    }
    return false
  }

  /** Hands the lines out up to the first that the ring has as well. Whether there was one. */
  async *#untilMet(incarnation: string, lines: readonly LogLine[]): AsyncGenerator<Entry, boolean, void> {
    const met = this.#meeting(incarnation, lines)
    const news = met ? lines.slice(0, met.index) : lines
    if (news.length > 0) yield this.#handOut({ kind: 'lines', incarnation, lines: news })
    if (met) this.#position = { sequence: met.sequence }
    else if (this.#cursor) this.#position = { after: this.#cursor }
    return met !== undefined
  }

  #meeting(incarnation: string, lines: readonly LogLine[]): { index: number; sequence: number } | undefined {
    const { ring } = this.#feed
    const last = lines.at(-1)
    if (!last || !ring.mayHold(incarnation, last.time)) return undefined
    for (const [index, line] of lines.entries()) {
      const sequence = ring.find(cursorOf(incarnation, line))
      if (sequence !== undefined) return { index, sequence }
    }
    return undefined
  }

  #handOut(entry: Entry): Entry {
    if (entry.kind === 'lines') {
      const last = entry.lines.at(-1)
      if (last) this.#cursor = cursorOf(entry.incarnation, last)
    } else {
      this.#cursor = positionAfter(entry) ?? this.#cursor
    }
    return entry
  }

  /** Another incarnation's log begins: its first line comes next. */
  #moveTo(after: Cursor): void {
    this.#cursor = after
    this.#position = { after }
  }

  #gap(gap: Omit<GapEvent, 'container'>, after?: Cursor): Entry {
    return this.#handOut({ kind: 'gap', event: { container: this.#feed.key, ...gap }, ...(after && { after }) })
  }

  /** Each read from a place meets the damage that follows it. */
  *#damaged(detail: string): Generator<Entry> {
    const from = this.#from()
    if (this.#damages.isNew(from.from, detail)) yield this.#gap({ reason: 'damaged', ...from, detail })
  }

  #from(): { from?: string } {
    return this.#cursor ? { from: formatCursor(this.#cursor) } : {}
  }
}
