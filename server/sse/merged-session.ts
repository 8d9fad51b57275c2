/**
 * One viewer of many containers' logs, merged by time. Each container has a reader of its own, which brings one piece of
 * its log after the other as they are taken; a container that appears and is selected joins in, from its first line on.
 */
import type { Change, Engine } from '../engine/engine.ts'
import { EntryFiltering, pastOfStream } from '../feed/entry-filtering.ts'
import type { Feed } from '../feed/feed.ts'
import { type Feeds, feedTail } from '../feed/feeds.ts'
import { containersKnown } from '../feed/known.ts'
import { Reader, type Start } from '../feed/reader.ts'
import { type Between, type Entry, positionAfter, type Ring } from '../feed/ring.ts'
import {
  type Cursor,
  cursorOf,
  formatCursor,
  incarnationOf,
  isAfter,
  MAX_PLACES_CHARS,
  type Place,
} from '../logs/cursor.ts'
import type { Filter } from '../logs/filter.ts'
import { type LogLine, weightOf } from '../logs/line.ts'
import { Merge, PATIENCE_MS, Queue, type Source } from '../logs/merge.ts'
import { slices } from '../slices.ts'
import type { Container, GapEvent } from '../wire.ts'
import { betweenLines, idEvent, liveEvent, type MergedLine, mergedMessageEvent, stateEvent } from './events.ts'
import { BATCH_BYTES, BATCH_LINES, ID_EVERY_MS } from './pace.ts'
import { isByName, newcomer, placesAfter } from './places.ts'
import { MAX_CONTAINERS, type Selection, selects } from './selection.ts'
import type { Viewer } from './session.ts'
import { stateNow } from './state-now.ts'
import { type Teller, Tellers } from './tellers.ts'

/** Where a merged stream begins: `tail` lines before each log's end, or just after the cursors of an earlier stream. */
export type MergedStart = { readonly tail: number } | { readonly after: readonly Place[] }

/** In place of when a queue became empty: nothing can be expected of it yet. */
const NOT_BEGUN = Number.POSITIVE_INFINITY

/** Why a member's reads end: one for all, as each that `abort` makes itself holds a stack. */
const LEFT = new Error('the viewer left, or the container is not selected any more')

/** A container that was selected by what it is, and is gone for so long, is forgotten. */
const FORGET_MS = 10_000
const MOST_TAKEN = 2_000 // lines a filter hides in one go: some milliseconds in which nobody else is served

type Item = { readonly incarnation: string; readonly line: LogLine; readonly isHidden: boolean } | Between

/** One of the containers: its reader, what that has brought, and what the viewer has got of it. */
class Member implements Source<Item>, Teller {
  readonly feed: Feed
  readonly reader: Reader
  readonly queue: Queue<Item>
  readonly gone = new AbortController()
  state: 'reading' | 'head' = 'reading'
  wasAtHead = false
  /** The latest time of its lines that were sent: one that is stamped a little earlier than one before it counts as of that. */
  shown = ''
  /** Ends the wait for the queue to be empty, or for the feed to have more. */
  wake: () => void = () => {}
  /** With how many lines before the end it began; undefined where it began after a line. */
  readonly tail: number | undefined
  isSilent = true
  /** Who had the name when it began, if somebody had. */
  readonly first: string | undefined
  #cursor: Cursor | undefined
  #id: string | undefined

  constructor(engine: Engine, feed: Feed, start: Start) {
    this.feed = feed
    this.tail = 'tail' in start ? start.tail : undefined
    const container = engine.find(feed.key)
    this.first = container && incarnationOf(container.id)
    this.queue = new Queue(NOT_BEGUN)
    if ('after' in start) this.#cursor = start.after
    this.reader = new Reader(engine, feed, start, this.gone.signal)
  }

  get key(): string {
    return this.feed.key
  }

  get ring(): Ring {
    return this.feed.ring
  }

  get begin(): Cursor | undefined {
    return this.reader.begin
  }

  get cursor(): Cursor | undefined {
    return this.#cursor
  }

  get incarnation(): string | undefined {
    return this.#cursor?.incarnation
  }

  /** Just after what the viewer got of it, as text; undefined until that is known. */
  get id(): string | undefined {
    this.#id ??= this.#cursor && formatCursor(this.#cursor)
    return this.#id
  }

  moveTo(cursor: Cursor | undefined): void {
    this.#cursor = cursor
    this.#id = undefined
  }

  woken(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve
    })
  }
}

export interface MergedSessionOptions {
  readonly feeds: Feeds
  readonly viewer: Viewer
  readonly selection: Selection
  readonly filter?: Filter
  readonly start: MergedStart
}

export class MergedSession {
  readonly #engine: Engine
  readonly #feeds: Feeds
  readonly #viewer: Viewer
  readonly #selection: Selection
  readonly #filter: Filter | undefined
  readonly #merge = new Merge<Member, Item>()
  readonly #start: MergedStart
  readonly #gone = new AbortController()
  readonly #members = new Map<string, Member>()
  readonly #forgetting = new Map<string, NodeJS.Timeout>()
  readonly #tellers: Tellers
  /** What is known to be missing before anything is read. */
  #gaps: readonly GapEvent[] = []
  /** The time of the latest line that was sent. */
  #latest = ''
  #live = false
  #wake: () => void = () => {}
  #isWoken = false
  /** When the viewer last got an id, and whether he has moved on since. */
  #idAt = performance.now()
  #idMoved = false

  constructor({ feeds, viewer, selection, filter, start }: MergedSessionOptions) {
    this.#engine = feeds.engine
    this.#feeds = feeds
    this.#viewer = viewer
    this.#selection = selection
    this.#filter = filter?.key ? filter : undefined
    this.#start = start
    this.#tellers = new Tellers(feeds.succession, this.#members)
    viewer.session.once('disconnected', () => this.#close())
  }

  /** Serves the viewer until he has gone. */
  async run(): Promise<void> {
    await containersKnown(this.#engine, this.#gone.signal).catch(() => {})
    await this.#turn()
    if (!this.#viewer.connected) return
    this.#begin(this.#start)
    for (const key of this.#members.keys()) this.#tellState(key)
    for (const event of this.#gaps) this.#viewer.send(betweenLines({ kind: 'gap', event }))
    while (this.#viewer.connected) {
      await this.#viewer.roomy()
      await this.#turn()
      const wait = this.#sendNext()
      if (wait === 0) continue
      this.#goLive()
      await this.#woken(this.#live && !this.#idMoved ? wait : Math.min(wait, PATIENCE_MS))
      this.#sendId()
    }
  }

  /** There are hundreds of viewers, each of hundreds of logs: what they do at once they do in slices. */
  #turn(): Promise<void> {
    return slices.turn(this.#viewer.client)
  }

  /** The others wait for a member that waits for its turn: it is not the one that is slow. */
  async #turnOf({ queue }: Member): Promise<void> {
    queue.emptySince = NOT_BEGUN
    await this.#turn()
    queue.emptySince = performance.now()
  }

  #begin(start: MergedStart): void {
    const { succession } = this.#feeds
    const selected = this.#engine.containers().filter((container) => selects(this.#selection, container))
    const keys = [...new Set([...this.#selection.containers, ...selected.map(({ key }) => key)])].sort()
    if ('tail' in start) {
      for (const key of keys) this.#add(key, start)
    } else {
      const { starts, away, gaps } = placesAfter(this.#engine, succession, this.#selection, keys, start.after)
      for (const place of start.after) this.#tellers.note(place)
      for (const [key, each] of starts) this.#add(key, each)
      for (const key of away) this.#forgetLater(key)
      this.#gaps = gaps
    }
    this.#engine.on('change', this.#onChange)
  }

  #add(key: string, start: Start): void {
    const feed = this.#feeds.acquire(key, feedTail(start))
    const member = new Member(this.#engine, feed, start)
    this.#members.set(key, member)
    this.#merge.sources.add(member)
    void this.#pump(member)
  }

  #remove(member: Member): void {
    this.#noteTold(member)
    this.#members.delete(member.key)
    this.#merge.sources.delete(member)
    member.gone.abort(LEFT)
    member.wake()
    this.#feeds.release(member.feed)
  }

  #close(): void {
    this.#gone.abort()
    this.#engine.off('change', this.#onChange)
    for (const timer of this.#forgetting.values()) clearTimeout(timer)
    slices.run(this.#viewer.client, () => {
      for (const member of this.#members.values()) this.#remove(member)
    })
    this.#wakeUp()
  }

  /** Brings one entry after the other into the member's queue, each when the one before has been taken. */
  async #pump(member: Member): Promise<void> {
    const { feed, reader, queue } = member
    const { signal } = member.gone
    const entries = this.#filter && new EntryFiltering(this.#filter, pastOfStream(feed.ring, this.#engine, signal))
    const unsubscribe = feed.subscribe(() => member.wake())
    await feed.begun
    queue.emptySince = performance.now()
    await feed.ready
    await this.#turnOf(member)
    while (!signal.aborted) {
      for await (const entry of reader.toHead()) {
        if (member.id === undefined) member.moveTo(reader.begin)
        const admitted = entry.kind === 'lines' ? await entries?.filter(entry.incarnation, entry.lines) : undefined
        if (entry.kind !== 'lines') entries?.meet(entry)
        enqueue(queue, entry, admitted)
        this.#wakeUp()
        while (queue.first && !signal.aborted) await member.woken()
        member.state = reader.isInRing ? 'head' : 'reading'
        if (!member.wasAtHead) await this.#turnOf(member)
      }
      if (signal.aborted) break
      if (!reader.isAtHead) continue
      if (member.id === undefined) member.moveTo(reader.cursor)
      member.state = 'head'
      member.wasAtHead = true
      this.#wakeUp()
      await member.woken()
      if (reader.isInRing) continue
      member.state = 'reading'
      queue.emptySince = performance.now()
    }
    unsubscribe()
  }

  /** Sends what may go out now, a batch at most. In how many ms there may be more; 0: at once. */
  #sendNext(): number {
    const now = performance.now()
    const lines: MergedLine[] = []
    let bytes = 0
    let taken = 0
    let wait = 0
    while (lines.length < BATCH_LINES && bytes < BATCH_BYTES && taken < MOST_TAKEN) {
      const next = this.#merge.next(now)
      if (next === undefined || typeof next === 'number') {
        wait = next ?? Number.POSITIVE_INFINITY
        break
      }
      taken++
      const { source: member, item } = next
      if (!member.queue.first) {
        // Known at once: if the pump had to find it out first, each log's last line would end a batch.
        if (member.reader.isAtHead) member.state = 'head'
        member.wake()
      }
      if ('kind' in item) {
        this.#sendLines(lines.splice(0))
        this.#sendBetween(member, item)
        continue
      }
      const { incarnation, line, isHidden } = item
      if (this.#isOthers(member, line, incarnation)) continue
      this.#move(member, cursorOf(incarnation, line))
      this.#idMoved = true
      member.isSilent = false
      if (isHidden) continue
      lines.push({ container: member.key, incarnation, line, late: this.#isLate(member, line.time) })
      bytes += weightOf(line)
    }
    this.#sendLines(lines)
    return taken > 0 ? 0 : wait
  }

  #move(member: Member, cursor: Cursor): void {
    if (member.incarnation !== cursor.incarnation) this.#noteTold(member)
    member.moveTo(cursor)
  }

  /** Whether it is told under another name. */
  #isOthers({ key }: Member, line: LogLine, incarnation: string): boolean {
    if (isByName(this.#selection) || !this.#feeds.succession.isRenamed(incarnation)) return false
    return this.#tellers.isOthers(key, incarnation, line)
  }

  /** How far that log was told, under whatever name the stream selects it. */
  #told = (incarnation: string): Cursor | undefined => {
    return isByName(this.#selection) ? undefined : this.#tellers.furthest(incarnation)
  }

  #noteTold({ key, cursor, isSilent }: Member): void {
    if (cursor && !isSilent) this.#tellers.note({ key, cursor })
  }

  /** Whether what should have come after the line has been sent. What a filter hides does not count. */
  #isLate(member: Member, time: string): boolean {
    if (time > member.shown) member.shown = time
    if (member.shown < this.#latest) return true
    this.#latest = member.shown
    return false
  }

  #sendLines(lines: readonly MergedLine[]): void {
    if (lines.length === 0) return
    this.#viewer.send(mergedMessageEvent(lines, this.#id()))
    this.#toldId()
  }

  #sendBetween(member: Member, entry: Between): void {
    const after = positionAfter(entry)
    // In a log that was told elsewhere it stands after a line of its own.
    const isElsewhere = after && after.incarnation !== member.incarnation && this.#told(after.incarnation)
    if (after && !isElsewhere) this.#move(member, after)
    this.#viewer.send(betweenLines(entry, after && this.#id()))
    if (after) this.#toldId()
  }

  /** The position in every log, joined by commas. */
  #id(): string {
    const ids: string[] = []
    const named: string[] = []
    for (const member of this.#members.values()) {
      const id = member.isSilent ? this.#idOfSilent(member) : member.id
      if (id === undefined) continue
      const { key, incarnation = '' } = member
      ids.push(id)
      named.push(this.#feeds.succession.isRenamed(incarnation) ? `${id}@${key}` : id)
    }
    const text = named.join(',')
    return text.length <= MAX_PLACES_CHARS ? text : ids.join(',')
  }

  /** Of one that has told nothing yet: where it stands, or how far those who told that log before have come. */
  #idOfSilent({ incarnation = '', cursor, id }: Member): string | undefined {
    const told = this.#tellers.furthestOfGone(incarnation)
    return told && cursor && isAfter(told, cursor) ? formatCursor(told) : id
  }

  #toldId(): void {
    this.#idMoved = false
    this.#idAt = performance.now()
  }

  /** What a filter hides moves the viewer on as well. */
  #sendId(): void {
    if (!this.#idMoved || performance.now() - this.#idAt < ID_EVERY_MS) return
    const id = this.#id()
    if (id !== '') this.#viewer.send(idEvent(id)) // an empty one would take the viewer's from him
    this.#toldId()
  }

  /** When the backlog of each is complete; one that cannot be read does not hold that up. */
  #goLive(): void {
    if (this.#live) return
    const lateSince = performance.now() - PATIENCE_MS
    for (const { wasAtHead, queue } of this.#members.values())
      if (!wasAtHead && (queue.first || queue.emptySince > lateSince)) return
    this.#live = true
    this.#viewer.send(liveEvent(this.#id() || undefined))
    this.#toldId()
  }

  #tellState(key: string): void {
    this.#viewer.send(stateEvent(stateNow(this.#engine, key)))
  }

  #onChange = ({ changed, removed }: Change): void => {
    for (const container of changed ?? []) {
      const { key } = container
      clearTimeout(this.#forgetting.get(key))
      const member = this.#members.get(key)
      const isSelected = selects(this.#selection, container)
      if (member && !isSelected) this.#remove(member)
      // After the event, if it is one that tells of a new name.
      if (!member && isSelected) queueMicrotask(() => this.#join(container))
    }
    for (const key of removed ?? []) {
      if (this.#members.has(key) && !this.#selection.containers.includes(key)) this.#forgetLater(key)
    }
  }

  #join({ key, id }: Container): void {
    if (this.#members.has(key) || !this.#viewer.connected) return
    if (this.#members.size < MAX_CONTAINERS) {
      const tail = isByName(this.#selection) ? undefined : this.#tellers.tailOf(incarnationOf(id))
      const isKnown = !isByName(this.#selection) && this.#tellers.showsFormerName(key, incarnationOf(id))
      this.#add(key, tail === undefined ? newcomer(this.#engine, key, this.#told) : { tail })
      const state = stateNow(this.#engine, key)
      // Compose renames a dead container for a moment: its death was sent under its own name.
      if (!(isKnown && state.state === 'died')) this.#viewer.send(stateEvent(state))
    } else this.#viewer.end() // the client comes back, and is told why that is too many
  }

  #forgetLater(key: string): void {
    clearTimeout(this.#forgetting.get(key))
    const forget = () => {
      this.#forgetting.delete(key)
      const member = this.#members.get(key)
      if (!member || this.#engine.find(key)) return
      if (member.state === 'head' && !member.queue.first) this.#remove(member)
      else this.#forgetLater(key) // there is more to tell of it
    }
    this.#forgetting.set(key, setTimeout(forget, FORGET_MS))
  }

  #wakeUp(): void {
    this.#isWoken = true
    this.#wake()
  }

  /** Resolves when something has come, at the latest after `ms`. */
  async #woken(ms: number): Promise<void> {
    if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        const timer = Number.isFinite(ms) ? setTimeout(resolve, ms) : undefined
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    this.#isWoken = false
  }
}

/** `admitted`: those of its lines that are shown; undefined: all. */
function enqueue(queue: Queue<Item>, entry: Entry, admitted: readonly LogLine[] | undefined): void {
  const now = performance.now()
  if (entry.kind !== 'lines') {
    queue.push(entry, undefined, now)
    return
  }
  const { incarnation, lines } = entry
  const shown = admitted && new Set(admitted)
  for (const line of lines) queue.push({ incarnation, line, isHidden: shown?.has(line) === false }, line.time, now)
}
