/**
 * The lines of a name from somewhere on, as one reader gets them at his own pace: up to a line that is known to be there, or
 * on and on as they are written, through restarts and re-creations.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type Engine, EngineError } from '../engine/engine.ts'
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
  /** With `end`: how long nothing may come that is asked for; by default a minute. */
  readonly quietMs?: number
}

/** Several reads that stalled, or an engine that is away for longer than to restart. */
const QUIET_MS = 60_000
/** How long a line that the engine has may be on its way here. */
const PATIENCE_MS = 10_000
const LONGEST_MS = 2 ** 31 - 1 // that a timer can wait

/** Throws `EngineError` where the last line does not come. */
export async function* readNameLines(
  feeds: Feeds,
  key: string,
  { start, end, signal, quietMs = QUIET_MS }: NameLinesOptions,
): AsyncGenerator<NameEntry> {
  if (end && 'after' in start && isSame(start.after, end)) return
  const feed = feeds.acquire(key, feedTail(start))
  const quiet = new AbortController()
  const reader = new Reader(feeds.engine, feed, start, AbortSignal.any([signal, quiet.signal]))
  const isQuiet = () => quiet.abort(new EngineError('timeout', 'Docker sent no more of the log'))
  let news = new AbortController()
  const unsubscribe = feed.subscribe(() => news.abort())
  try {
    for (;;) {
      news = new AbortController()
      const entries = reader.toHead()
      for await (const entry of end ? watched(entries, quietMs, isQuiet) : entries) {
        const last = end && entry.kind === 'lines' ? indexIn(entry, end) : -1
        if (end && isOrigin(end) && entry.kind === 'lines' && entry.incarnation === end.incarnation) return
        if (last < 0 || entry.kind !== 'lines') yield entry
        else return yield { ...entry, lines: entry.lines.slice(0, last + 1) }
      }
      signal.throwIfAborted()
      quiet.signal.throwIfAborted()
      if (!reader.isAtHead) continue
      if (end && (isOrigin(end) || isPassed(feed, end))) return
      if (!end) yield { kind: 'head' }
      const either = AbortSignal.any([signal, news.signal])
      await delay(end ? PATIENCE_MS : LONGEST_MS, undefined, { signal: either, ref: false }).catch(() => {})
      if (end && !either.aborted) throw new EngineError('failed', 'Docker sent no more of the log')
    }
  } finally {
    unsubscribe()
    feeds.release(feed)
  }
}

/** Yields what `source` does. Calls `onQuiet` if the next item takes longer than `ms`; the consumer's own time does not count. */
async function* watched<T>(source: AsyncGenerator<T, void, void>, ms: number, onQuiet: () => void): AsyncGenerator<T> {
  try {
    for (;;) {
      const timer = setTimeout(onQuiet, ms)
      const next = await source.next().finally(() => clearTimeout(timer))
      if (next.done) return
      yield next.value
    }
  } finally {
    await source.return()
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
