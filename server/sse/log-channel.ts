/**
 * The better-sse channel of a container: what its feed brings, batched and written once for all sessions that are at
 * its head. A session that falls behind leaves the channel and comes back by itself (`log-session.ts`).
 */
import { createChannel, type EventBuffer } from 'better-sse'
import type { Feed } from '../feed/feed.ts'
import type { Entry } from '../feed/ring.ts'
import { type LogLine, weightOf } from '../logs/line.ts'
import { betweenLines, messageEvent } from './events.ts'
import { BATCH_BYTES, BATCH_LINES, FLUSH_MS, pace } from './pace.ts'
import type { Session, Viewer } from './session.ts'

/** A session at the head. */
export interface Member {
  readonly viewer: Viewer
  /** It has too much unsent: it has left, and stands at `sequence`. */
  fellBehind(sequence: number): void
}

export class LogChannel {
  readonly feed: Feed
  readonly #channel = createChannel<Record<string, never>, Record<string, never>>()
  readonly #members = new Map<Session, Member>()
  readonly #unsubscribe: () => void
  /** Lines in the ring that have not gone out: less than a batch, for less than a frame. */
  #pending: LogLine[] = []
  #pendingBytes = 0
  #incarnation = ''
  /** The sequence number after what has gone out. */
  #sent: number
  #timer: NodeJS.Timeout | undefined

  constructor(feed: Feed) {
    this.feed = feed
    this.#sent = feed.ring.end
    this.#unsubscribe = feed.subscribe(this.#receive)
    this.#channel.on('session-deregistered', (session) => this.#members.delete(session))
  }

  /** Everything goes out, so that `feed.ring.end` is where the channel stands. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#pending.length === 0) return
    const lines = this.#pending
    this.#pending = []
    this.#pendingBytes = 0
    this.#sent += lines.length
    this.#broadcast(() => messageEvent(this.#incarnation, lines))
  }

  /** To be called right after `flush`, with a session that stands at `feed.ring.end`. */
  join(member: Member): void {
    this.#members.set(member.viewer.session, member)
    this.#channel.register(member.viewer.session)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#unsubscribe()
  }

  #receive = (entry: Entry): void => {
    if (entry.kind !== 'lines') {
      this.flush()
      this.#sent++
      this.#broadcast(() => betweenLines(entry))
      return
    }
    if (entry.incarnation !== this.#incarnation) this.flush()
    this.#incarnation = entry.incarnation
    for (const line of entry.lines) {
      this.#pending.push(line)
      this.#pendingBytes += weightOf(line)
      if (this.#pending.length >= BATCH_LINES || this.#pendingBytes >= BATCH_BYTES) this.flush()
    }
    const atOnce = pace.admits(entry.lines.length, this.#channel.sessionCount)
    if (this.#pending.length === 0) return
    if (atOnce) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS)
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
