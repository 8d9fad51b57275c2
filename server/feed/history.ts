/**
 * Reads of a log up to, or from, a known line. All by `tail=`, which the engine serves from the log's end at millions
 * of lines a second, where `since=` would have it read from the start.
 */
import { type Engine, EngineError, type LogRead } from '../engine/engine.ts'
import { type Cursor, cursorOf, incarnationOf, isOrigin, originOf } from '../logs/cursor.ts'
import { type LogLine, weightOf } from '../logs/line.ts'
import { earlier } from '../logs/time.ts'
import { unshared } from '../logs/unshared.ts'
import type { GapEvent } from '../wire.ts'
import { lacksBeginning } from './rotated.ts'
import { Seek } from './seek.ts'

/**
 * Pieces asked for beyond what is wanted, tried one after the other. A window may begin inside a line, or among lines of
 * equal time, whose ordinals cannot be known then; the lines of its first time are dropped for that, and these make up
 * for them. Docker's times are nanoseconds, so the first does; older Podman's are seconds, which may hold thousands.
 */
export const MARGINS = [16, 4_096, 65_536, Number.POSITIVE_INFINITY] as const

/** How far times may step back: stdout and stderr are stamped apart, by microseconds. */
export const STEP_BACK_MS = 10
/** How far past the cursor's time its line may still come: clocks step, and the streams are stamped apart. */
export const LATE_MS = 1_000
const LEAST_WINDOW = 64
const MAX_HELD_LINES = 10_000
/**
 * What is held of a backlog until it is known where it begins: 500 lines of 300 characters. Of a larger one only positions
 * are kept, and it is read again from there: every viewer may have one, and take it as slowly as he likes.
 */
const MAX_HELD_BYTES = 512 * 1024
/** Pieces asked for beyond these when it is read again: the log has grown meanwhile. */
const GROWN = 1_024

export type Span = { readonly lines: readonly LogLine[] } | { readonly gap: GapEvent['reason']; readonly to: LogLine }

/** The lines of `window` whose cursors are certain: all if it holds the whole log, else those after its first time. */
export function certainLines(window: readonly LogLine[], whole: boolean): readonly LogLine[] {
  if (whole) return window
  const first = window[0]?.time
  const at = window.findIndex((line) => line.time !== first)
  if (at < 0) return []
  return window.slice(Math.max(at, new WindowStart().restIn(window) + 1))
}

/**
 * Tells the rest of a line over 16 KiB in whose middle a window began. If the other stream wrote meanwhile it stands
 * further down: it is the first line of its stream, and begun before the window.
 */
export class WindowStart {
  #first: Pick<LogLine, 'stream' | 'time'> | undefined
  #metOther = false

  /** Which of the lines that come next in the window is; -1 if none is. */
  restIn(lines: readonly LogLine[]): number {
    return this.#metOther ? -1 : lines.findIndex((line) => this.isRest(line))
  }

  /** To be asked of each line of the window, in order. */
  isRest(line: LogLine): boolean {
    this.#first ??= { stream: line.stream, time: unshared(line.time) }
    if (this.#metOther || line.stream === this.#first.stream) return false
    this.#metOther = true
    return line.time <= this.#first.time
  }
}

/** Ends a read that goes on after its last line by another window. */
export function restOfLine(): EngineError {
  return new EngineError('cut', 'the window began inside a line')
}

/** The window that reaches just before the last of these lines, which are the log's last; `whole`: they are all it has. */
export function windowBefore(lines: readonly LogLine[], whole: boolean): number | 'all' | undefined {
  const last = lines.at(-1)
  if (!last) return undefined
  const limit = earlier(last.time, STEP_BACK_MS)
  const index = lines.findLastIndex(({ time }) => time < limit)
  if (index >= 0) return Math.max(LEAST_WINDOW, 2 * (lines.length - index))
  return whole ? 'all' : 4 * Math.max(LEAST_WINDOW, lines.length) // written faster than that: further back than all of them
}

/** What to ask for to get `count` lines with that margin. */
export function tailOf(count: number, margin: number): number | 'all' {
  return Number.isFinite(count + margin) ? count + margin : 'all'
}

type Position = Pick<LogLine, 'time' | 'ordinal'>

/**
 * The last `count` lines of a log. Yields as it reads, so its bound is the reader's. `onBegin` hears, before the first of
 * them, which line stands before it; undefined: it is the log's first.
 */
export async function* readLast(
  engine: Engine,
  id: string,
  count: number,
  signal: AbortSignal,
  onBegin: (before: Position | undefined) => void = () => {},
): AsyncGenerator<readonly LogLine[]> {
  for (const margin of MARGINS) {
    const tail = tailOf(count + 1, margin)
    const read = await engine.readLines(id, { tail, signal })
    const outcome = yield* lastOf(read, count, margin, onBegin)
    if (outcome === 'done') return
    if (outcome === 'too-few') continue
    const { before } = outcome
    onBegin(before)
    const incarnation = incarnationOf(id)
    const after = before ? cursorOf(incarnation, before) : originOf(incarnation)
    const window = typeof tail === 'number' ? tail + GROWN : tail
    for await (const span of readAfter(engine, id, after, false, signal, window)) {
      if ('lines' in span) yield span.lines
      else if (before) throw new EngineError('cut', 'the log was rotated while it was read')
    }
    return
  }
}

async function* lastOf(
  read: LogRead,
  count: number,
  margin: number,
  onBegin: (before: Position | undefined) => void,
): AsyncGenerator<readonly LogLine[], 'done' | 'too-few' | { readonly before: Position | undefined }> {
  const enough = count + 1 + margin
  // Only at its end is it known whether the log has more than was asked for, and so where `count` begins.
  let head: LogLine[] | undefined = []
  let large: LargeBacklog | undefined
  let weight = 0
  const begin = new WindowStart()
  for await (const lines of read) {
    if (large) large.push(lines)
    else if (head) {
      head.push(...lines)
      for (const line of lines) weight += weightOf(line)
    } else {
      if (begin.restIn(lines) >= 0) throw restOfLine()
      yield lines
      continue
    }
    if (read.pieces < enough) {
      if (head && weight >= MAX_HELD_BYTES) {
        large = new LargeBacklog(count, head)
        head = undefined
      }
      continue
    }
    if (large) return large.begin(false)
    const certain = certainLines(head ?? [], false)
    if (certain.length <= count) return 'too-few'
    const at = certain.length - count
    begin.restIn(head ?? [])
    onBegin(certain[at - 1])
    if (count > 0) yield certain.slice(at)
    head = undefined
  }
  if (large) return large.begin(true)
  if (head) {
    onBegin(head.at(-count - 1))
    if (count > 0) yield head.slice(-count)
  }
  return 'done'
}

/** A backlog that is not held: how many lines it has, and where the last of them stand. */
class LargeBacklog {
  readonly #wanted: number
  #count = 0
  /** How many of them are not certain. */
  #uncertain = 0
  /** Of the last lines: those that are wanted, and the one before. */
  readonly #positions: Position[] = []
  readonly #start = new WindowStart()
  #first: string | undefined

  constructor(wanted: number, lines: readonly LogLine[]) {
    this.#wanted = wanted
    this.push(lines)
  }

  push(lines: readonly LogLine[]): void {
    for (const line of lines) {
      const { time, ordinal } = line
      this.#first ??= time
      const isUncertain = this.#uncertain === this.#count && time === this.#first
      this.#positions[this.#count % (this.#wanted + 1)] = { time: unshared(time), ordinal }
      this.#count++
      if (this.#start.isRest(line) || isUncertain) this.#uncertain = this.#count
    }
  }

  /** What stands before the wanted lines; `isWhole`: these are all that the log has. */
  begin(isWhole: boolean): 'too-few' | { readonly before: Position | undefined } {
    const at = this.#count - this.#wanted - 1
    if (!isWhole && at < this.#uncertain) return 'too-few'
    return { before: at < 0 ? undefined : this.#positions[at % (this.#wanted + 1)] }
  }
}

/**
 * What comes after the line that `cursor` names, in the engine's order; with `follow`, as it is written. Where that
 * line is not in the log any more, says so first and goes on with what is later. Throws `EngineError` `emptied` where the log
 * ends without any line. `first`: the window to try first, where more is known than that most cursors are recent.
 */
export async function* readAfter(
  engine: Engine,
  id: string,
  cursor: Cursor,
  follow: boolean,
  signal: AbortSignal,
  first?: number | 'all',
): AsyncGenerator<Span> {
  const open = (tail: number | 'all') =>
    follow ? engine.followLines(id, { tail, signal }) : engine.readLines(id, { tail, signal })
  if (isOrigin(cursor)) {
    let isFirst = true
    for await (const lines of await open('all')) {
      const [first] = lines
      if (isFirst && first && (await lacksBeginning(engine, id, first, signal))) yield { gap: 'rotated', to: first }
      isFirst = false
      yield { lines }
    }
    return
  }
  let after = cursor
  // Just before a window there may be lines of the time it begins with, which its ordinals then do not count.
  const seek = new Seek(earlier(cursor.time, STEP_BACK_MS), first)
  for (;;) {
    const outcome = yield* afterLine(await open(seek.tail), after, seek)
    if (outcome === 'done') return
    if (outcome !== 'another-window') after = cursorOf(cursor.incarnation, outcome)
  }
}

/** Resolves with the last line told when what comes after it has to be read from a larger window. */
async function* afterLine(
  read: LogRead,
  cursor: Cursor,
  seek: Seek,
): AsyncGenerator<Span, 'done' | 'another-window' | LogLine> {
  const whole = seek.tail === 'all'
  const limit = new Date(Date.parse(cursor.time) + LATE_MS).toISOString().slice(0, 23)
  let state: 'start' | 'seeking' | 'found' = 'start'
  let beginsEarlier = false
  let begins = ''
  let told: LogLine | undefined
  const begin = new WindowStart()
  const held: LogLine[] = []
  const gap = (to: LogLine): Span => ({ gap: beginsEarlier ? 'unknown-cursor' : 'rotated', to })
  for await (const window of read) {
    let lines: readonly LogLine[] = window
    const [first] = lines
    if (!first) continue
    if (state === 'start') {
      begins = first.time
      beginsEarlier = begins < cursor.time
      if (!seek.accepts(begins)) return 'another-window'
      state = 'seeking'
    }
    const rest = whole ? -1 : begin.restIn(lines)
    if (rest >= 0) lines = lines.slice(0, rest)
    if (state === 'seeking') {
      const index = lines.findIndex((line) => line.time === cursor.time && line.ordinal === cursor.ordinal)
      if (index >= 0) {
        state = 'found'
        lines = lines.slice(index + 1)
      } else {
        for (const line of lines) if (line.time > cursor.time) held.push(line)
        const last = lines.at(-1)
        const [to] = held
        if (to && last && (last.time > limit || held.length > MAX_HELD_LINES)) {
          state = 'found'
          yield gap(to)
          lines = held
        }
      }
    }
    if (state === 'found' && lines.length > 0) {
      yield { lines }
      told = lines.at(-1)
    }
    if (rest >= 0) {
      seek.refuse(begins)
      return told ?? 'another-window'
    }
  }
  if (state === 'start') throw new EngineError('emptied', 'the log has nothing of what it had')
  const [to] = held
  if (state === 'seeking' && to) {
    yield gap(to)
    yield { lines: held }
  }
  return 'done'
}
