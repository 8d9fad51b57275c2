/**
 * The better-sse channel of a container and a filter: what the feed brings and the filter admits, batched and written once
 * for all sessions that are at its head. A session that falls behind leaves the channel and comes back by itself
 * (`log-session.ts`).
 */
import { createChannel, type EventBuffer } from 'better-sse'
import type { Feed } from '../feed/feed.ts'
import type { Entry } from '../feed/ring.ts'
import { type Cursor, cursorOf, formatCursor } from '../logs/cursor.ts'
import type { Filter } from '../logs/filter.ts'
import { type LogLine, weightOf } from '../logs/line.ts'
import { betweenLines, idEvent, messageEvent } from './events.ts'
import { BATCH_BYTES, BATCH_LINES, FLUSH_MS, ID_EVERY_MS, pace } from './pace.ts'
import type { Session, Viewer } from './session.ts'

/** A session at the head. */
export interface Member {
  readonly viewer: Viewer
  /** It has too much unsent: it has left, and stands at `sequence`. */
  fellBehind(sequence: number): void
}

export class LogChannel {
  readonly feed: Feed
  readonly filter: Filter | undefined
  readonly #channel = createChannel<Record<string, never>, Record<string, never>>()
  readonly #members = new Map<Session, Member>()
  readonly #unsubscribe: () => void
  /** Lines that have not gone out: less than a batch, for less than a frame. */
  #pending: LogLine[] = []
  #pendingBytes = 0
  #incarnation = ''
  /** The sequence number after what was looked at, and after what has gone out of that. */
  #seen: number
  #sent: number
  #timer: NodeJS.Timeout | undefined
  /** The last line, where the filter hid it and no id has told of it. */
  #hidden: Cursor | undefined
  #idTimer: NodeJS.Timeout | undefined

  constructor(feed: Feed, filter?: Filter) {
    this.feed = feed
    this.filter = filter
    this.#seen = feed.ring.end
    this.#sent = feed.ring.end
    this.#unsubscribe = feed.subscribe(this.#receive)
    this.#channel.on('session-deregistered', (session) => this.#members.delete(session))
  }

  /** Everything goes out, so that `feed.ring.end` is where the channel stands. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#sent = this.#seen
    if (this.#pending.length === 0) return
    const lines = this.#pending
    this.#pending = []
    this.#pendingBytes = 0
    this.#broadcast(() => messageEvent(this.#incarnation, lines))
  }

  /** To be called right after `flush`, with a session that stands at `feed.ring.end`. */
  join(member: Member): void {
    this.#members.set(member.viewer.session, member)
    this.#channel.register(member.viewer.session)
  }

  close(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#idTimer)
    this.#unsubscribe()
  }

  #receive = (entry: Entry): void => {
    if (entry.kind !== 'lines') {
      this.flush()
      this.#sent = ++this.#seen
      this.#broadcast(() => betweenLines(entry))
      return
    }
    if (entry.incarnation !== this.#incarnation) this.flush()
    this.#incarnation = entry.incarnation
    const { admits } = this.filter ?? {}
    let admitted = 0
    for (const line of entry.lines) {
      this.#seen++
      if (admits && !admits(line)) continue
      admitted++
      this.#pending.push(line)
      this.#pendingBytes += weightOf(line)
      if (this.#pending.length >= BATCH_LINES || this.#pendingBytes >= BATCH_BYTES) this.flush()
    }
    if (admits) this.#noteHidden(entry, admits)
    const atOnce = pace.admits(admitted, this.#channel.sessionCount)
    if (this.#pending.length === 0) this.#sent = this.#seen
    else if (atOnce) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS)
  }

  #noteHidden({ incarnation, lines }: Extract<Entry, { kind: 'lines' }>, admits: Filter['admits']): void {
    const last = lines.at(-1)
    if (!last) return
    this.#hidden = admits(last) ? undefined : cursorOf(incarnation, last)
    if (this.#hidden) this.#idTimer ??= setTimeout(this.#tellId, ID_EVERY_MS)
  }

  #tellId = (): void => {
    this.#idTimer = undefined
    this.flush()
    const { activeSessions } = this.#channel
    if (!this.#hidden || activeSessions.length === 0) return
    const id = formatCursor(this.#hidden)
    this.#hidden = undefined
    this.#broadcast(() => idEvent(id))
  }

  #broadcast(write: () => EventBuffer): void {
    const { activeSessions } = this.#channel
    if (activeSessions.length === 0) return
    const event = write()
    for (const session of activeSessions) {
      const member = this.#members.get(session)
      if (!member) continue
      member.viewer.send(event)
      if (!member.viewer.isBehind) continue
      this.#channel.deregister(session)
      member.fellBehind(this.#sent)
    }
  }
}
