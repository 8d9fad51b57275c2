/** One window of a search: the lines from somewhere before a line up to it, read once. */
import type { Engine } from '../engine/engine.ts'
import { isLines } from '../logs/damage.ts'
import { type LogLine, weightOf } from '../logs/line.ts'
import { earlier } from '../logs/time.ts'
import { unshared, unsharedLine } from '../logs/unshared.ts'
import { certainLines, LATE_MS, MARGINS, WindowStart } from './history.ts'
import type { Matches } from './matches.ts'
import type { Window } from './windows.ts'

export interface ScanOptions {
  readonly window: Window
  /** What the window is read up to. */
  readonly end: LogLine
  /** Its first lines, of which no more than what they are is wanted. */
  readonly before: number
  /** Is given the window's lines. */
  readonly matches: Matches
  /** Whether a match may be in a text with many lines; undefined: each has to be looked at. */
  readonly mayMatch?: ((text: string) => boolean) | undefined
  readonly signal: AbortSignal
}

/** Lines by which a container that writes to both streams has done so, as a rule. */
const HEAD_LINES = 256
/** What is held of a window, in bytes, for that, and until it is known for certain where it begins. */
const HEAD_BYTES = { usual: 1024 * 1024, most: 8 * 1024 * 1024 }

export class Scan {
  readonly window: Window
  readonly end: LogLine
  readonly matches: Matches
  /** Resolves when it is known where it begins. */
  readonly begun: Promise<void>
  /**
   * Whether all of it was read. If not, it was too small: it began after its end, or inside a line. Or it is too long.
   * Rejects with `EngineError`.
   */
  readonly isRead: Promise<boolean>
  /** The first of its lines; undefined if it is the whole log. */
  begin: LogLine | undefined
  /** The time of the first line that was read, which may be none of them. */
  first = ''
  /** How many were looked at. */
  lines = 0
  /** Why a part of it could not be read. */
  damage: string | undefined
  /** It was given up, as it has more lines than its window may. */
  isTooLong = false
  readonly #engine: Engine
  readonly #before: number
  readonly #mayMatch: ((text: string) => boolean) | undefined
  readonly #id: string
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  /** What was read while it is not known where it begins. */
  #head: LogLine[] | undefined
  #headBytes = 0
  readonly #start = new WindowStart()

  constructor(engine: Engine, id: string, { window, end, before, matches, mayMatch, signal }: ScanOptions) {
    this.#engine = engine
    this.#before = before
    this.#id = id
    this.window = window
    this.end = end
    this.matches = matches
    this.#mayMatch = mayMatch
    this.#head = window.tail === 'all' ? undefined : []
    this.#signal = AbortSignal.any([signal, this.#stop.signal])
    let begun = () => {}
    this.begun = new Promise((resolve) => {
      begun = resolve
    })
    this.isRead = this.#read(begun).finally(begun)
    this.isRead.catch(() => {}) // whoever awaits it is told; of one that is stopped nobody is
  }

  stop(): void {
    this.#stop.abort()
  }

  async #read(begun: () => void): Promise<boolean> {
    const { end } = this
    const { tail, most = Number.POSITIVE_INFINITY } = this.window
    const [near, late] = [LATE_MS, -LATE_MS].map((ms) => earlier(end.time, ms)) as [string, string]
    const mayMatch = this.#mayMatch
    const mayHaveWanted = mayMatch && ((text: string) => !!this.#head || text.includes(end.time) || mayMatch(text))
    const read = await this.#engine.readLines(this.#id, { tail, mayHaveWanted, signal: this.#signal })
    let passed = 0
    for await (const lines of read) {
      if (!isLines(lines)) {
        this.damage ??= lines.detail
        continue
      }
      this.lines += read.passed - passed
      passed = read.passed
      if (this.first === '') this.first = unshared(lines[0]?.time ?? '')
      const last = lines.at(-1)?.time ?? ''
      const isFar = last < near && (lines[0]?.time ?? '') < near // a clock may have been set back between them
      const at = isFar ? -1 : lines.findIndex(({ time, ordinal }) => time === end.time && ordinal === end.ordinal)
      const own = at < 0 ? lines : lines.slice(0, at)
      const isInside = tail !== 'all' && this.#start.restIn(own) >= 0
      if (!this.#head) {
        if (isInside) return false
        await this.#look(own)
      } else if (!(await this.#begin(own, at >= 0))) return false
      if (!this.#head) begun()
      if (at >= 0) return true
      if (last > late) return false
      this.isTooLong = this.lines > most
      if (this.isTooLong) return false
    }
    return false
  }

  /** Holds lines until it is certain where the window begins. Whether it can be, or still may become. */
  async #begin(lines: readonly LogLine[], isEnd: boolean): Promise<boolean> {
    const head = this.#head ?? []
    for (const line of lines) this.#headBytes += weightOf(line)
    head.push(...lines)
    const isFull = head.length >= HEAD_LINES || this.#headBytes >= HEAD_BYTES.usual
    if (!isEnd && !isFull) return true
    const certain = certainLines(head, false)
    const before = this.#before + MARGINS[0]
    const begin = certain[before]
    if (!begin) return !isEnd && this.#headBytes < HEAD_BYTES.most
    this.begin = unsharedLine(begin)
    this.#head = undefined
    for (const line of certain.slice(0, before)) this.matches.pass(line)
    await this.#look(certain.slice(before))
    return true
  }

  #look(lines: readonly LogLine[]): Promise<void> {
    this.lines += lines.length
    return this.matches.look(lines)
  }
}
