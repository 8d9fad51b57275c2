/**
 * One viewer of one container's log: reads by himself until he is at the head of the feed, then is in the channel, and
 * reads again whenever he fell behind.
 */
import type { Engine } from '../engine/engine.ts'
import { EntryFiltering, pastOfStream } from '../feed/entry-filtering.ts'
import { Reader, type Start } from '../feed/reader.ts'
import type { Entry } from '../feed/ring.ts'
import { type Cursor, cursorOf, formatCursor } from '../logs/cursor.ts'
import { betweenLines, idEvent, liveEvent, messageEvent } from './events.ts'
import type { LogChannel, Member, Stand } from './log-channel.ts'
import { batchLength, ID_EVERY_MS } from './pace.ts'
import type { Viewer } from './session.ts'

export class LogSession implements Member {
  readonly viewer: Viewer
  readonly #channel: LogChannel
  readonly #entries: EntryFiltering | undefined
  readonly #reader: Reader
  #live = false
  /** When the viewer last got an id. */
  #idAt = performance.now()

  constructor(engine: Engine, channel: LogChannel, viewer: Viewer, start: Start) {
    this.#channel = channel
    this.viewer = viewer
    const gone = new AbortController()
    const { filter, feed } = channel
    this.#entries = filter && new EntryFiltering(filter, pastOfStream(feed.ring, engine, gone.signal))
    viewer.session.once('disconnected', () => gone.abort())
    this.#reader = new Reader(engine, feed, start, gone.signal)
  }

  /** Brings the viewer to the head and into the channel; resolves then, or when he has gone. */
  async run(): Promise<void> {
    while (this.viewer.connected) {
      for await (const entry of this.#reader.toHead()) await this.#send(entry)
      if (!this.viewer.connected) return
      if (!this.viewer.isBehind && this.#reader.isAtHead) return this.#join()
      await this.viewer.roomy()
    }
  }

  fellBehind(at: Stand | undefined): void {
    if (at) this.#reader.standAt(at.sequence, at.cursor)
    this.#entries?.reset()
    void this.run()
  }

  #join(): void {
    this.#channel.join(this, this.#channel.feed.ring.end)
    if (this.#live) return
    this.#live = true
    const { cursor } = this.#reader
    this.viewer.send(liveEvent(cursor && formatCursor(cursor)))
  }

  async #send(entry: Entry): Promise<void> {
    await this.viewer.roomy()
    const entries = this.#entries
    if (entry.kind !== 'lines') {
      entries?.meet(entry)
      return this.viewer.send(betweenLines(entry))
    }
    const { incarnation, lines } = entry
    for (let rest = entries ? await entries.filter(incarnation, lines) : lines; rest.length > 0; ) {
      await this.viewer.roomy()
      const batch = rest.slice(0, batchLength(rest))
      rest = rest.slice(batch.length)
      this.viewer.send(messageEvent(incarnation, batch))
      this.#idAt = performance.now()
    }
    const last = lines.at(-1)
    if (entries && last) this.#sendId(cursorOf(incarnation, last))
  }

  /** What a long way through lines that the filter hides has reached. */
  #sendId(reached: Cursor): void {
    const now = performance.now()
    if (now - this.#idAt < ID_EVERY_MS) return
    this.#idAt = now
    this.viewer.send(idEvent(formatCursor(reached)))
  }
}
