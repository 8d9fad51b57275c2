/**
 * The better-sse channel of a container and a filter: what the feed brings and the filter admits, batched and written once
 * for all sessions that are at its head. A session that falls behind leaves the channel and comes back by itself
 * (`log-session.ts`). Where a filter takes long the channel itself is behind the feed, and reads on from the ring.
 */
import { createChannel, type EventBuffer } from 'better-sse'
import type { Engine } from '../engine/engine.ts'
import { EntryFiltering, pastOfStream } from '../feed/entry-filtering.ts'
import type { Feed } from '../feed/feed.ts'
import { Clock, filtering } from '../feed/filtering.ts'
import { type Between, type Entry, positionAfter } from '../feed/ring.ts'
import { type Cursor, cursorOf, formatCursor } from '../logs/cursor.ts'
import type { Filter, Verdict } from '../logs/filter.ts'
import { type LogLine, weightOf } from '../logs/line.ts'
import { betweenLines, idEvent, messageEvent } from './events.ts'
import { BATCH_BYTES, BATCH_LINES, FLUSH_MS, ID_EVERY_MS, pace } from './pace.ts'
import type { Session, Viewer } from './session.ts'

/** A session at the head. */
export interface Member {
  readonly viewer: Viewer
  /** It has left, and stands there; undefined: where it stood when it joined. */
  fellBehind(at: Stand | undefined): void
}

/** A place in the feed's ring, and the position before it, as the ring may lose that place. */
export interface Stand {
  readonly sequence: number
  readonly cursor: Cursor | undefined
}

export class LogChannel {
  readonly feed: Feed
  readonly filter: Filter | undefined
  readonly #entries: EntryFiltering | undefined
  readonly #gone = new AbortController()
  readonly #channel = createChannel<Record<string, never>, Record<string, never>>()
  readonly #members = new Map<Session, Member>()
  /** Sessions that stand where the channel has not come yet, in the order of these places. */
  #ahead: { readonly member: Member; readonly sequence: number }[] = []
  readonly #unsubscribe: () => void
  /** Lines that have not gone out: less than a batch, for less than a frame. */
  #pending: LogLine[] = []
  #pendingBytes = 0
  #incarnation = ''
  /** The last line that was looked at since the last flush. */
  #last: LogLine | undefined
  /** The sequence number after what was looked at, and after what has gone out of that. */
  #seen: number
  #sent: number
  /** Just after what has gone out. */
  #position: Cursor | undefined
  /** It is looking at what the feed has brought, and comes to what that brings meanwhile. */
  #isLooking = false
  #isClosed = false
  readonly #clock = new Clock()
  #timer: NodeJS.Timeout | undefined
  /** The filter hid the last line, and no id has told of it. */
  #isHidden = false
  #idTimer: NodeJS.Timeout | undefined

  constructor(engine: Engine, feed: Feed, filter?: Filter) {
    this.feed = feed
    this.filter = filter
    this.#entries = filter && new EntryFiltering(filter, pastOfStream(feed.ring, engine, this.#gone.signal))
    this.#seen = feed.ring.end
    this.#sent = feed.ring.end
    this.#position = feed.ring.positionBefore(this.#sent)
    this.#unsubscribe = feed.subscribe(this.#receive)
    this.#channel.on('session-deregistered', (session) => this.#members.delete(session))
  }

  /** What was admitted so far goes out. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#sent = this.#seen
    if (this.#last) this.#position = cursorOf(this.#incarnation, this.#last)
    this.#last = undefined
    if (this.#pending.length === 0) return
    const lines = this.#pending
    this.#pending = []
    this.#pendingBytes = 0
    this.#broadcast(() => messageEvent(this.#incarnation, lines))
  }

  /** From that sequence number on, which is `feed.ring.end`, the member gets what the channel sends. */
  join(member: Member, sequence: number): void {
    if (sequence > this.#seen) this.#ahead.push({ member, sequence })
    else {
      this.flush()
      this.#register(member)
    }
  }

  #register(member: Member): void {
    this.#members.set(member.viewer.session, member)
    this.#channel.register(member.viewer.session)
  }

  close(): void {
    this.#isClosed = true
    this.#gone.abort()
    this.#ahead = []
    clearTimeout(this.#timer)
    clearTimeout(this.#idTimer)
    this.#unsubscribe()
  }

  #receive = (entry: Entry): void => {
    if (!this.#isLooking) void this.#look(entry)
  }

  /** Looks at an entry, in this very turn if the filter has time for it, and at what has come meanwhile. */
  async #look(entry: Entry): Promise<void> {
    const { ring } = this.feed
    this.#isLooking = true
    if (this.filter) filtering.begin()
    // Many channels may have patterns, and are told of an entry in the same turn.
    if (this.filter?.isCostly && filtering.isOver) await filtering.next()
    for (let next: Entry | undefined = entry; next; next = ring.at(this.#seen)) {
      if (next.kind !== 'lines') this.#pass(next)
      else {
        const { incarnation } = next
        if (incarnation !== this.#incarnation) this.flush()
        this.#incarnation = incarnation
        const prepared = this.#entries?.prepare(incarnation, next.lines)
        if (prepared) {
          this.flush()
          await prepared
          if (this.#isClosed) return
        }
        let admitted = 0
        let verdict: Verdict = true
        for (const line of next.lines) {
          this.#meet()
          verdict = this.#entries?.admits(line) ?? true
          if (typeof verdict !== 'boolean') {
            this.flush()
            verdict = await filtering.run(verdict)
          }
          if (this.#isClosed) return
          this.#seen++
          this.#last = line
          if (verdict) {
            admitted++
            this.#push(line)
          }
          const isDue = this.filter && (this.filter.isCostly || this.#clock.isDue(line))
          if (!isDue || !filtering.isOver || line === next.lines.at(-1)) continue
          this.flush()
          await filtering.next()
          if (this.#isClosed) return
        }
        this.#entries?.settle()
        this.#isHidden = !verdict
        if (this.#isHidden) this.#idTimer ??= setTimeout(this.#tellId, ID_EVERY_MS)
        const atOnce = pace.admits(admitted, this.#channel.sessionCount)
        if (atOnce || this.#pending.length === 0) this.flush()
        else this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS)
      }
      this.#meet()
      if (this.#seen < ring.start) this.#skip()
    }
    this.#isLooking = false
  }

  #pass(entry: Between): void {
    this.flush()
    this.#entries?.meet(entry)
    this.#sent = ++this.#seen
    this.#position = positionAfter(entry) ?? this.#position
    this.#broadcast(() => betweenLines(entry))
  }

  #push(line: LogLine): void {
    this.#pending.push(line)
    this.#pendingBytes += weightOf(line)
    if (this.#pending.length >= BATCH_LINES || this.#pendingBytes >= BATCH_BYTES) this.flush()
  }

  /** Takes in who stands where the channel has come. */
  #meet(): void {
    for (let [first] = this.#ahead; first && first.sequence <= this.#seen; [first] = this.#ahead) {
      this.#ahead.shift()
      this.flush()
      if (first.member.viewer.connected) this.#register(first.member)
    }
  }

  /** The ring has lost what comes next: each session reads on by itself, and the channel goes on at the ring's end. */
  #skip(): void {
    this.flush()
    for (const [session, member] of this.#members) {
      this.#channel.deregister(session)
      member.fellBehind({ sequence: this.#sent, cursor: this.#position })
    }
    for (const { member } of this.#ahead.splice(0)) member.fellBehind(undefined)
    this.#seen = this.#sent = this.feed.ring.end
    this.#position = this.feed.position
    this.#entries?.reset()
  }

  #tellId = (): void => {
    this.#idTimer = undefined
    this.flush()
    const { activeSessions } = this.#channel
    if (!this.#isHidden || !this.#position || activeSessions.length === 0) return
    const id = formatCursor(this.#position)
    this.#isHidden = false
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
      member.fellBehind({ sequence: this.#sent, cursor: this.#position })
    }
  }
}
