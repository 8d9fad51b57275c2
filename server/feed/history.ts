/**
 * Reads of a log up to, or from, a known line. All by `tail=`, which the engine serves from the log's end at millions
 * of lines a second, where `since=` would have it read from the start.
 */
import type { Engine, LogRead } from '../engine/engine.ts'
import type { Cursor } from '../logs/cursor.ts'
import { type LogLine, weightOf } from '../logs/line.ts'
import { earlier } from '../logs/time.ts'
import type { GapEvent } from '../wire.ts'

/**
 * Pieces asked for beyond what is wanted, tried one after the other. A window may begin inside a line, or among lines of
 * equal time, whose ordinals cannot be known then; the lines of its first time are dropped for that, and these make up
 * for them. Docker's times are nanoseconds, so the first does; older Podman's are seconds, which may hold thousands.
 */
export const MARGINS = [16, 4_096, 65_536, Number.POSITIVE_INFINITY] as const

/** Windows tried until one begins before the cursor. Most resumes are of a second or two. */
const WINDOWS = [256, 4_096, 65_536, 1_048_576, 'all'] as const

/** How far times may step back: stdout and stderr are stamped apart, by microseconds. */
const STEP_BACK_MS = 10
/** How far past the cursor's time its line may still come: clocks step, and the streams are stamped apart. */
const LATE_MS = 1_000
const MAX_HELD_LINES = 10_000
const MAX_HELD_BYTES = 4 * 1024 * 1024 // beyond it a backlog begins up to a margin early

export type Span = { readonly lines: readonly LogLine[] } | { readonly gap: GapEvent['reason']; readonly to: LogLine }

/** The lines of `window` whose cursors are certain: all if it holds the whole log, else those after its first time. */
export function certainLines(window: readonly LogLine[], whole: boolean): readonly LogLine[] {
  if (whole) return window
  const first = window[0]?.time
  const at = window.findIndex((line) => line.time !== first)
  return at < 0 ? [] : window.slice(at)
}

/** What to ask for to get `count` lines with that margin. */
export function tailOf(count: number, margin: number): number | 'all' {
  return Number.isFinite(count + margin) ? count + margin : 'all'
}

/** The last `count` lines of a log. Yields as it reads, so its bound is the reader's. */
export async function* readLast(
  engine: Engine,
  id: string,
  count: number,
  signal: AbortSignal,
): AsyncGenerator<readonly LogLine[]> {
  for (const margin of MARGINS) {
    const outcome = yield* lastOf(await engine.readLines(id, { tail: tailOf(count, margin), signal }), count, margin)
    if (outcome === 'done') return
  }
}

async function* lastOf(
  read: LogRead,
  count: number,
  margin: number,
): AsyncGenerator<readonly LogLine[], 'done' | 'too-few'> {
  // Only at its end is it known whether the log has more than was asked for, and so where `count` begins.
  let head: LogLine[] | undefined = []
  let weight = 0
  for await (const lines of read) {
    if (!head) {
      yield lines
      continue
    }
    for (const line of lines) weight += weightOf(line)
    head.push(...lines)
    if (read.pieces < count + margin && weight < MAX_HELD_BYTES) continue
    const certain = certainLines(head, false)
    if (certain.length < count && weight < MAX_HELD_BYTES) return 'too-few'
    yield certain.slice(Math.max(0, certain.length - count))
    head = undefined
  }
  if (head && count > 0) yield head.slice(-count)
  return 'done'
}

/**
 * What comes after the line that `cursor` names, in the engine's order; with `follow`, as it is written. Where that
 * line is not in the log any more, says so first and goes on with what is later.
 */
export async function* readAfter(
  engine: Engine,
  id: string,
  cursor: Cursor,
  follow: boolean,
  signal: AbortSignal,
): AsyncGenerator<Span> {
  for (const tail of WINDOWS) {
    const options = { tail, signal }
    const read = await (follow ? engine.followLines(id, options) : engine.readLines(id, options))
    const outcome = yield* afterLine(read, cursor, tail === 'all')
    if (outcome === 'done') return
  }
}

async function* afterLine(
  read: LogRead,
  cursor: Cursor,
  whole: boolean,
): AsyncGenerator<Span, 'done' | 'begins-later'> {
  const limit = new Date(Date.parse(cursor.time) + LATE_MS).toISOString().slice(0, 23)
  let state: 'start' | 'seeking' | 'found' = 'start'
  let beginsEarlier = false
  const held: LogLine[] = []
  const gap = (to: LogLine): Span => ({ gap: beginsEarlier ? 'unknown-cursor' : 'rotated', to })
  for await (const lines of read) {
    if (state === 'found') {
      yield { lines }
      continue
    }
    const [first] = lines
    if (!first) continue
    if (state === 'start') {
      beginsEarlier = first.time < cursor.time
      // Just before the window there may be lines of the cursor's time, which its ordinals then do not count.
      if (!whole && first.time >= earlier(cursor.time, STEP_BACK_MS)) return 'begins-later'
      state = 'seeking'
    }
    const index = lines.findIndex((line) => line.time === cursor.time && line.ordinal === cursor.ordinal)
    if (index >= 0) {
      state = 'found'
      if (index + 1 < lines.length) yield { lines: lines.slice(index + 1) }
      continue
    }
    for (const line of lines) if (line.time > cursor.time) held.push(line)
    const last = lines.at(-1)
    const [to] = held
    if (to && last && (last.time > limit || held.length > MAX_HELD_LINES)) {
      state = 'found'
      yield gap(to)
      yield { lines: held }
    }
  }
  const [to] = held
  if (state === 'seeking' && to) {
    yield gap(to)
    yield { lines: held }
  }
  return 'done'
}
