/**
 * One viewer of one container's log, from where he asked to begin until he is at the head and in the channel, and again
 * whenever he fell behind. Where he stands is a sequence number of the feed's ring while the ring has what comes next,
 * else a cursor, from which a read of his own goes on, at his pace, until it meets the ring.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { BackOff } from '../engine/back-off.ts'
import { type Engine, EngineError } from '../engine/engine.ts'
import { readAfter, readLast, type Span } from '../feed/history.ts'
import type { Entry } from '../feed/ring.ts'
import { type Cursor, cursorOf, formatCursor, incarnationOf } from '../logs/cursor.ts'
import { type LogLine, weightOf } from '../logs/line.ts'
import { betweenLines, gapEvent, liveEvent, messageEvent } from './events.ts'
import type { LogChannel, Member } from './log-channel.ts'
import { BATCH_BYTES, BATCH_LINES } from './pace.ts'
import type { Viewer } from './session.ts'

/** Where a stream begins: `tail` lines before the end, or just after a line. */
export type Start = { readonly tail: number } | { readonly after: Cursor }

type Position = Start | { readonly sequence: number }

export class LogSession implements Member {
  readonly viewer: Viewer
  readonly #engine: Engine
  readonly #channel: LogChannel
  readonly #gone = new AbortController()
  #position: Position
  /** The last line sent. */
  #cursor: Cursor | undefined
  #live = false

  constructor(engine: Engine, channel: LogChannel, viewer: Viewer, start: Start) {
    this.#engine = engine
    this.#channel = channel
    this.viewer = viewer
    this.#position = start
    viewer.session.once('disconnected', () => this.#gone.abort())
  }

  /** Brings the viewer to the head and into the channel; resolves then, or when he has gone. */
  async run(): Promise<void> {
    const { feed } = this.#channel
    const backOff = new BackOff()
    await feed.ready
    while (this.viewer.connected) {
      await this.viewer.roomy()
      if (!('sequence' in this.#position)) {
        const before = this.#cursor
        await this.#locate(this.#position).catch((error: unknown) => this.#surrender(error))
        const stuck = !('sequence' in this.#position) && this.#cursor === before
        if (stuck) await delay(backOff.next(), undefined, { signal: this.#gone.signal }).catch(() => {})
        continue
      }
      this.#channel.flush()
      const { sequence } = this.#position
      if (sequence < feed.ring.start && this.#cursor) {
        this.#position = { after: this.#cursor }
        continue
      }
      const entry = feed.ring.at(Math.max(sequence, feed.ring.start))
      if (!entry) return this.#join()
      this.#position = { sequence: Math.max(sequence, feed.ring.start) + this.#send(entry) }
    }
  }

  fellBehind(sequence: number): void {
    const { ring } = this.#channel.feed
    const last = ring.lastLineBefore(sequence)
    if (last) this.#cursor = last
    this.#position = { sequence }
    void this.run()
  }

  #join(): void {
    if (!this.viewer.connected) return
    this.#channel.join(this)
    if (this.#live) return
    this.#live = true
    this.viewer.send(liveEvent(this.#cursor ? formatCursor(this.#cursor) : this.#channel.feed.cursor))
  }

  /** Finds the start in the ring, or reads from the engine up to the ring. */
  async #locate(start: Start): Promise<void> {
    const { feed } = this.#channel
    const { ring } = feed
    const container = this.#engine.find(feed.key)
    if ('tail' in start) {
      const { tail } = start
      if (tail === 0) this.#position = { sequence: ring.end }
      else if (ring.reachesStart || ring.lineCount >= tail || !container)
        this.#position = { sequence: ring.lastLines(tail) }
      else await this.#read(container.id, readLast(this.#engine, container.id, tail, this.#gone.signal))
      return
    }
    const { after } = start
    const found = ring.find(after)
    if (found !== undefined) {
      this.#cursor = after
      this.#position = { sequence: found + 1 }
      return
    }
    if (container && incarnationOf(container.id) === after.incarnation) {
      this.#cursor = after
      await this.#read(container.id, readAfter(this.#engine, container.id, after, false, this.#gone.signal))
      return
    }
    // Of another incarnation: what came after it there cannot be had any more; of this one, everything is new.
    this.viewer.send(gapEvent({ container: feed.key, from: formatCursor(after), reason: 'removed' }))
    this.#cursor = undefined
    this.#position = { sequence: ring.start }
    if (container && !ring.reachesStart) {
      await this.#read(
        container.id,
        await this.#engine.readLines(container.id, { tail: 'all', signal: this.#gone.signal }),
      )
    }
  }

  /** Sends what `source` brings until a line is one that the ring has. */
  async #read(id: string, source: AsyncIterable<Span | readonly LogLine[]>): Promise<void> {
    const incarnation = incarnationOf(id)
    const { ring } = this.#channel.feed
    for await (const span of source) {
      if ('gap' in span) {
        const to = formatCursor(cursorOf(incarnation, span.to))
        this.viewer.send(gapEvent({ container: this.#channel.feed.key, reason: span.gap, to, ...this.#from() }))
        continue
      }
      const lines = 'lines' in span ? span.lines : span
      const meeting = this.#meeting(incarnation, lines)
      await this.#sendAll(incarnation, meeting ? lines.slice(0, meeting.index) : lines)
      if (meeting) {
        this.#position = { sequence: meeting.sequence }
        return
      }
      if (!this.viewer.connected) return
    }
    this.#position = this.#cursor ? { after: this.#cursor } : { sequence: ring.start }
  }

  #from(): { from?: string } {
    return this.#cursor ? { from: formatCursor(this.#cursor) } : {}
  }

  #meeting(incarnation: string, lines: readonly LogLine[]): { index: number; sequence: number } | undefined {
    const { ring } = this.#channel.feed
    const last = lines.at(-1)
    if (!last || !ring.mayHold(incarnation, last.time)) return undefined
    for (const [index, line] of lines.entries()) {
      const sequence = ring.find(cursorOf(incarnation, line))
      if (sequence !== undefined) return { index, sequence }
    }
    return undefined
  }

  async #sendAll(incarnation: string, lines: readonly LogLine[]): Promise<void> {
    for (let rest = lines; rest.length > 0; ) {
      await this.viewer.roomy()
      if (!this.viewer.connected) return
      rest = rest.slice(this.#send({ kind: 'lines', incarnation, lines: rest }))
    }
  }

  /** Sends a batch of what `entry` holds; returns how many items that was. */
  #send(entry: Entry): number {
    if (entry.kind !== 'lines') {
      this.viewer.send(betweenLines(entry))
      return 1
    }
    const lines = entry.lines.slice(0, batchLength(entry.lines))
    const last = lines.at(-1)
    if (last) this.#cursor = cursorOf(entry.incarnation, last)
    this.viewer.send(messageEvent(entry.incarnation, lines))
    return lines.length
  }

  /** After a failed read. What is gone for good is a gap; the rest is tried again. */
  #surrender(error: unknown): void {
    if (
      !(error instanceof EngineError) ||
      error.code === 'timeout' ||
      error.code === 'cut' ||
      error.code === 'unreachable'
    ) {
      if (this.#cursor) this.#position = { after: this.#cursor }
      return
    }
    const { ring, key } = this.#channel.feed
    if (this.#cursor) this.viewer.send(gapEvent({ container: key, reason: 'removed', ...this.#from() }))
    this.#position = { sequence: ring.start }
  }
}

function batchLength(lines: readonly LogLine[]): number {
  let bytes = 0
  let count = 0
  for (const line of lines) {
    bytes += weightOf(line)
    if (count > 0 && (count >= BATCH_LINES || bytes > BATCH_BYTES)) break
    count++
  }
  return count
}
