/**
 * The lines of a name from somewhere on, as one reader gets them at his own pace: up to a line that is known to be there, or
 * on and on as they are written, through restarts and re-creations.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Engine } from '../engine/engine.ts'
import { type Cursor, cursorOf, incarnationOf, isOrigin, isSame, originOf } from '../logs/cursor.ts'
import type { Feed } from './feed.ts'
import { type Feeds, feedTail } from './feeds.ts'
import { type Page, type Place, readPage } from './page.ts'
import { Reader, type Start } from './reader.ts'
import type { Entry } from './ring.ts'

/** `head`: all that there is has been handed out, and what is written from now on will be. */
export type NameEntry = Entry | { readonly kind: 'head' }

export interface NameLinesOptions {
  readonly start: Start
  /** The last line that is wanted, or the beginning of a log that has none; without it they never end. */
  readonly end?: Cursor | undefined
  /** Ends it, and the engine's work for it. */
  readonly signal: AbortSignal
}

/** How long a line that the engine has may be on its way here. */
const PATIENCE_MS = 10_000
const LONGEST_MS = 2 ** 31 - 1 // that a timer can wait

/** Throws where the last line does not come. */
export async function* readNameLines(
  feeds: Feeds,
  key: string,
  { start, end, signal }: NameLinesOptions,
): AsyncGenerator<NameEntry> {
  if (end && 'after' in start && isSame(start.after, end)) return
  const feed = feeds.acquire(key, feedTail(start))
  const reader = new Reader(feeds.engine, feed, start, signal)
  let news = new AbortController()
  const unsubscribe = feed.subscribe(() => news.abort())
  try {
    for (;;) {
      news = new AbortController()
      for await (const entry of reader.toHead()) {
        const last = end && entry.kind === 'lines' ? indexIn(entry, end) : -1
        if (end && isOrigin(end) && entry.kind === 'lines' && entry.incarnation === end.incarnation) return
        if (last < 0 || entry.kind !== 'lines') yield entry
        else return yield { ...entry, lines: entry.lines.slice(0, last + 1) }
      }
      signal.throwIfAborted()
      if (!reader.isAtHead) continue
      if (end && (isOrigin(end) || isPassed(feed, end))) return
      if (!end) yield { kind: 'head' }
      const either = AbortSignal.any([signal, news.signal])
      await delay(end ? PATIENCE_MS : LONGEST_MS, undefined, { signal: either, ref: false }).catch(() => {})
      if (end && !either.aborted) throw new Error('the log could not be read to its end')
    }
  } finally {
    unsubscribe()
    feeds.release(feed)
  }
}

/** Whether the feed has had that line: who is at its head, and did not get it, began after it. */
function isPassed({ ring, position }: Feed, end: Cursor): boolean {
  return (position !== undefined && isSame(position, end)) || ring.find(end) !== undefined
}

/** What to begin with: `tail` lines, what comes after a line, what was written since a time; else everything. */
export interface Wanted {
  readonly tail?: number | undefined
  readonly after?: Cursor | undefined
  readonly since?: string | undefined
}

export interface LineRange {
  readonly start: Start
  /** The last line there is; where there is none, the log's beginning. */
  readonly end: Cursor
  /** Why the log cannot be read after that. */
  readonly damage: string | undefined
}

/** Finds where the lines begin, and then the last, which is so never before that. Rejects with `EngineError`. */
export async function rangeOf(
  engine: Engine,
  id: string,
  { tail, after, since }: Wanted,
  signal: AbortSignal,
): Promise<LineRange> {
  const origin = originOf(incarnationOf(id))
  const pageAt = (place: Place) => readPage(engine, id, place, { before: 1, after: 0 }, signal)
  const lastOf = ({ lines: [line] }: Page) => (line ? cursorOf(origin.incarnation, line) : origin)
  const startOf = async (): Promise<Start> => {
    if (after) return { after }
    if (tail !== undefined) return { tail }
    return { after: since === undefined ? origin : lastOf(await pageAt({ from: since })) }
  }
  const start = await startOf()
  const page = await pageAt('end')
  const damage = page.damages.find(({ at }) => at === page.lines.length)?.detail
  return { start, end: lastOf(page), damage }
}

function indexIn({ incarnation, lines }: Extract<Entry, { kind: 'lines' }>, cursor: Cursor): number {
  if (incarnation !== cursor.incarnation) return -1
  return lines.findIndex(({ time, ordinal }) => time === cursor.time && ordinal === cursor.ordinal)
}
