/**
 * Reads of a log up to, or from, a known line. All by `tail=`, which the engine serves from the log's end at millions
 * of lines a second, where `since=` would have it read from the start.
 */
import { type Engine, EngineError, type LogRead } from '../engine/engine.ts'
import { type Cursor, cursorOf, incarnationOf, isOrigin, originOf } from '../logs/cursor.ts'
import { type Damage, isLines, type LogChunk } from '../logs/damage.ts'
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

/** `to`: the first line after the gap, where it is known. `detail`: why a log that is damaged could not be read there. */
export type Span =
  | { readonly lines: readonly LogLine[] }
  | { readonly gap: GapEvent['reason']; readonly to?: LogLine; readonly detail?: string }

function damaged({ detail }: Damage): Span {
  return { gap: 'damaged', detail }
}

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
): AsyncGenerator<LogChunk> {
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
      if ('lines' in span) yield [...span.lines]
      else if (span.gap === 'damaged') yield { detail: span.detail ?? '' }
      else if (before) throw new EngineError('cut', 'the log was rotated during the read')
    }
    return
  }
}

async function* lastOf(
  read: LogRead,
  count: number,
  margin: number,
  onBegin: (before: Position | undefined) => void,
): AsyncGenerator<LogChunk, 'done' | 'too-few' | { readonly before: Position | undefined }> {
  const enough = count + 1 + margin
  // Only at its end is it known whether the log has more than was asked for, and so where `count` begins.
  let head: Head | undefined = new Head()
  let large: LargeBacklog | undefined
  const begin = new WindowStart()
  for await (const chunk of read) {
    if (large) {
      if (isLines(chunk)) large.push(chunk)
    } else if (head) {
      head.push(chunk)
    } else {
      if (isLines(chunk) && begin.restIn(chunk) >= 0) throw restOfLine()
      yield chunk
      continue
    }
    if (read.pieces < enough) {
      if (head && head.weight >= MAX_HELD_BYTES) {
        large = new LargeBacklog(count, head.lines)
        head = undefined
      }
      continue
    }
    if (large) return large.begin(false)
    const lines = head?.lines ?? []
    const certain = certainLines(lines, false)
    if (certain.length <= count) return 'too-few'
    begin.restIn(lines)
    onBegin(lines[lines.length - count - 1])
    yield* head?.last(count) ?? []
    head = undefined
  }
  if (large) return large.begin(true)
  if (head) {
    onBegin(head.lines.at(-count - 1))
    yield* head.last(count)
  }
  return 'done'
}

/** What is held of a window while it is not known where the wanted lines begin. */
class Head {
  readonly lines: LogLine[] = []
  weight = 0
  readonly #damages: { readonly at: number; readonly damage: Damage }[] = []

  push(chunk: LogChunk): void {
    if (!isLines(chunk)) {
      this.#damages.push({ at: this.lines.length, damage: chunk })
      return
    }
    this.lines.push(...chunk)
    for (const line of chunk) this.weight += weightOf(line)
  }

  /** The last `count` lines, and what is damaged among and just before them. */
  *last(count: number): Generator<LogChunk> {
    let from = Math.max(0, this.lines.length - count)
    for (const { at, damage } of this.#damages) {
      if (at < from) continue
      if (at > from) yield this.lines.slice(from, at)
      yield damage
      from = at
    }
    if (from < this.lines.length) yield this.lines.slice(from)
  }
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
  const after = isOrigin(cursor) ? undefined : cursor.time
  const open = (tail: number | 'all') =>
    follow ? engine.followLines(id, { tail, after, signal }) : engine.readLines(id, { tail, signal })
  if (isOrigin(cursor)) {
    let isFirst = true
    for await (const chunk of await open('all')) {
      if (!isLines(chunk)) {
        yield damaged(chunk)
        continue
      }
      const [first] = chunk
      if (isFirst && first && (await lacksBeginning(engine, id, first, signal))) yield { gap: 'rotated', to: first }
      isFirst = false
      yield { lines: chunk }
    }
    return
  }
  let from = cursor
  // Just before a window there may be lines of the time it begins with, which its ordinals then do not count.
  const seekFor = ({ time }: Cursor, window?: number | 'all') => new Seek(earlier(time, STEP_BACK_MS), window)
  let seek = seekFor(cursor, first)
  let isGone = false
  // If the newest line is earlier than these, the clock was set back: times do not tell what comes after the cursor.
  const isInOrder = async ({ time }: LogLine) => ((await newestLine(engine, id, signal))?.time ?? '') >= time
  for (let isLost = false; ; ) {
    const outcome = yield* afterLine(await open(seek.tail), from, seek, follow, isGone ? async () => true : isInOrder)
    if (outcome === 'done') return
    if (outcome === 'another-window') continue
    if (outcome === 'gone') {
      isGone = true
      continue
    }
    if (outcome !== 'lost' && outcome !== 'ended') {
      from = cursorOf(cursor.incarnation, outcome)
      continue
    }
    // A read that ends tells whether the line is gone, or stands behind a place where the follow stopped.
    if (isLost && outcome === 'ended') return
    if (isLost) throw new EngineError('cut', 'Docker did not resume at the last line')
    isLost = true
    for await (const span of readAfter(engine, id, from, false, signal)) {
      yield span
      const last = 'lines' in span ? span.lines.at(-1) : undefined
      if (!last) continue
      from = cursorOf(cursor.incarnation, last)
      isLost = false
    }
    seek = seekFor(from)
  }
}

/** The last line of the log's last `tail` pieces; undefined if there is none. Throws `EngineError`. */
export async function newestLine(
  engine: Engine,
  id: string,
  signal: AbortSignal,
  tail = 1,
): Promise<LogLine | undefined> {
  let newest: LogLine | undefined
  for await (const chunk of await engine.readLines(id, { tail, signal })) if (isLines(chunk)) newest = chunk.at(-1)
  return newest
}

/**
 * Resolves with the last line told when what comes after it has to be read from a larger window. `lost`: a follow has come to
 * a standstill or to later lines, and not to the cursor's line; `ended`: to its end, and to nothing that is later; `gone`: the
 * cursor's line is not there, and too many later ones are to be held. `isInOrder`: asked of such a line, whether times tell that.
 */
async function* afterLine(
  read: LogRead,
  cursor: Cursor,
  seek: Seek,
  follow: boolean,
  isInOrder: (line: LogLine) => Promise<boolean>,
): AsyncGenerator<Span, 'done' | 'another-window' | 'lost' | 'ended' | 'gone' | LogLine> {
  const whole = seek.tail === 'all'
  const limit = new Date(Date.parse(cursor.time) + LATE_MS).toISOString().slice(0, 23)
  let state: 'start' | 'seeking' | 'found' = 'start'
  let begins = ''
  let told: LogLine | undefined
  const begin = new WindowStart()
  const held = new Held()
  const standstill = new Standstill(read, follow)
  try {
    for await (const chunk of read) {
      if (!isLines(chunk)) {
        if (state === 'found') yield damaged(chunk)
        else held.pushDamage(chunk)
        continue
      }
      let lines: readonly LogLine[] = chunk
      const [first] = lines
      if (!first) continue
      if (state === 'start') {
        begins = first.time
        held.beginsEarlier = begins < cursor.time
        if (!seek.accepts(begins)) return 'another-window'
        state = 'seeking'
      }
      const rest = whole ? -1 : begin.restIn(lines)
      if (rest >= 0) lines = lines.slice(0, rest)
      if (state === 'seeking') {
        standstill.watch()
        const index = lines.findIndex((line) => line.time === cursor.time && line.ordinal === cursor.ordinal)
        if (index >= 0) {
          state = 'found'
          lines = lines.slice(index + 1)
        } else {
          held.pushLines(lines, cursor.time)
          if (follow && held.last && (held.isFull || held.last.time > limit)) return 'lost'
          if (held.last && held.isFull && !held.isGivenUp) {
            if (await isInOrder(held.last)) {
              state = 'found'
              yield* held.spans()
              lines = []
              told = held.last
            } else held.giveUp()
          }
        }
        if (state === 'found') standstill.end()
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
  } finally {
    standstill.end()
  }
  if (standstill.isOver) return 'lost'
  if (follow && state === 'seeking' && held.count === 0 && !held.hasDamage) return 'ended'
  if (state === 'found') return 'done'
  if (held.isGivenUp) return 'gone'
  if (state === 'start' && !held.hasDamage) throw new EngineError('emptied', 'the log had lines and is empty now')
  yield* held.spans()
  return 'done'
}

/** What comes after the cursor's time while its line has not come: either that is still to come, or these lines follow a gap. */
class Held {
  beginsEarlier = false
  count = 0
  last: LogLine | undefined
  hasDamage = false
  /** Nothing is held any more. */
  isGivenUp = false
  #weight = 0
  #first: LogLine | undefined
  /** Before the first line there is damage alone. */
  #spans: Span[] = []

  get isFull(): boolean {
    return this.count > MAX_HELD_LINES || this.#weight > MAX_HELD_BYTES
  }

  giveUp(): void {
    this.isGivenUp = true
    this.#spans = []
  }

  pushDamage(damage: Damage): void {
    this.hasDamage = true
    if (!this.isGivenUp) this.#spans.push(damaged(damage))
  }

  /** Of these it holds those that are later than the cursor's time. */
  pushLines(lines: readonly LogLine[], cursorTime: string): void {
    if (this.isGivenUp) return
    const late = lines.filter(({ time }) => time > cursorTime)
    if (!this.#first && late.length < lines.length) this.#spans = [] // it was before a line that is before the cursor's
    if (late.length === 0) return
    this.#first ??= late[0]
    this.last = late.at(-1)
    this.count += late.length
    for (const line of late) this.#weight += weightOf(line)
    this.#spans.push({ lines: late })
  }

  /** The lines, and before them why the cursor's is not there. */
  *spans(): Generator<Span> {
    const [before] = this.#spans
    const isDamagedBefore = before !== undefined && 'gap' in before
    if (this.#first && !isDamagedBefore)
      yield { gap: this.beginsEarlier ? 'unknown-cursor' : 'rotated', to: this.#first }
    yield* this.#spans
  }
}

/** A follow that brings nothing more before it has come to its place would wait there for ever. */
class Standstill {
  isOver = false
  readonly #read: LogRead
  readonly #isFollow: boolean
  #timer: NodeJS.Timeout | undefined

  constructor(read: LogRead, isFollow: boolean) {
    this.#read = read
    this.#isFollow = isFollow
  }

  /** From now on; again with each piece. */
  watch(): void {
    this.end()
    if (!this.#isFollow) return
    this.#timer = setTimeout(() => {
      this.isOver = true
      this.#read.close()
    }, LATE_MS)
  }

  end(): void {
    clearTimeout(this.#timer)
  }
}
