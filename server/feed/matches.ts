/**
 * What a search picks out of lines that come one after the other: the matches, each with the lines around it. Of many it
 * keeps the last ones, as many as are wanted and no more bytes than it may.
 */
import type { Verdict } from '../logs/filter.ts'
import { type LogLine, weightOf } from '../logs/line.ts'
import { unsharedLine } from '../logs/unshared.ts'
import { Clock, filtering } from './filtering.ts'

export interface Match {
  readonly line: LogLine
  /** The lines just before it and just after it, in the engine's order. */
  readonly before: readonly LogLine[]
  readonly after: readonly LogLine[]
}

/** Matches of one incarnation's log, in the order that they were looked for in. */
export interface Found {
  readonly incarnation: string
  readonly matches: readonly Match[]
}

export interface Wanted {
  readonly isMatch: (line: LogLine) => Verdict
  /** Lines on each side of a match. */
  readonly context: number
  /** Matches, and what they may weigh with their neighbours, in bytes; one is kept whatever it weighs. */
  readonly count: number
  readonly bytes: number
}

interface Kept extends Match {
  readonly after: LogLine[]
  weight: number
}

export class Matches {
  /** Matches that were let go of, as there were too many: the first ones. */
  dropped = 0
  readonly #wanted: Wanted
  #found: Kept[] = []
  #first = 0
  #weight = 0
  /** The last `context` lines, at its end. */
  #recent: LogLine[] = []
  /** The first `context` lines. */
  readonly #head: LogLine[] = []
  /** Matches from there on have not all the lines that come after them. */
  #open = 0
  readonly #clock = new Clock()
  readonly #copies = new WeakMap<LogLine, LogLine>()

  constructor(wanted: Wanted) {
    this.#wanted = wanted
  }

  get context(): number {
    return this.#wanted.context
  }

  get #count(): number {
    return this.#found.length - this.#first
  }

  /** A line that is not looked at, and stands before one that is. */
  pass(line: LogLine): void {
    const { context } = this.#wanted
    if (context === 0) return
    this.#recent.push(line)
    if (this.#recent.length > 4 * context + 64) this.#recent = this.#recent.slice(-context)
  }

  /** Looks at lines in their order, and lets others go on meanwhile: there are patterns that take milliseconds a line. */
  async look(lines: readonly LogLine[]): Promise<void> {
    const { context, isMatch } = this.#wanted
    filtering.begin()
    for (const line of lines) {
      if (context > 0) this.#append(line)
      const verdict = isMatch(line)
      if (typeof verdict === 'boolean' ? verdict : await filtering.run(verdict)) this.#keep(line)
      this.pass(line)
      if (this.#clock.isDue(line) && filtering.isOver) await filtering.next()
    }
  }

  /** What comes after the last line: the matches that stand there need it. */
  close(next: readonly LogLine[]): void {
    for (const line of next) this.#complete(line)
    this.#head.push(...next.slice(0, this.#wanted.context - this.#head.length))
  }

  /** The first lines of all that were pushed, and then of what came after: the context of what stands before. */
  get head(): readonly LogLine[] {
    return this.#head
  }

  /** In the order of the log. */
  take(): readonly Match[] {
    return this.#found.slice(this.#first).map(({ line, before, after }) => ({ line, before, after }))
  }

  /** Those that have all the lines around them, in the order of the log; they are let go of. */
  takeWhole(): readonly Match[] {
    const at = this.#found.findIndex(({ after }) => after.length < this.#wanted.context)
    const whole = this.#found.splice(0, at < 0 ? this.#found.length : at)
    this.#open = 0
    return whole
  }

  /** Whether there are matches that have not all the lines around them. */
  get areOpen(): boolean {
    return this.#found.some(({ after }) => after.length < this.#wanted.context)
  }

  #append(line: LogLine): void {
    if (this.#head.length < this.#wanted.context) this.#head.push(this.#kept(line))
    this.#complete(line)
  }

  #complete(line: LogLine): void {
    const { context } = this.#wanted
    for (let at = Math.max(this.#open, this.#first); at < this.#found.length; at++) {
      const match = this.#found[at] as Kept
      if (match.after.length === context) {
        this.#open = at + 1
        continue
      }
      match.after.push(this.#kept(line))
      this.#weigh(match, line)
    }
    this.#trim()
  }

  #keep(line: LogLine): void {
    const { context } = this.#wanted
    const before = context > 0 ? this.#recent.slice(-context).map((each) => this.#kept(each)) : []
    const match: Kept = { line: this.#kept(line), before, after: [], weight: 0 }
    this.#found.push(match)
    for (const each of [line, ...before]) this.#weigh(match, each)
    this.#trim()
  }

  /** The line as it is kept, one for all who need it. */
  #kept(line: LogLine): LogLine {
    const kept = this.#copies.get(line) ?? unsharedLine(line)
    this.#copies.set(line, kept)
    return kept
  }

  #weigh(match: Kept, line: LogLine): void {
    const weight = weightOf(line)
    match.weight += weight
    this.#weight += weight
  }

  #trim(): void {
    const { count, bytes } = this.#wanted
    while (this.#count > 1 && (this.#count > count || this.#weight > bytes)) {
      this.#weight -= this.#found[this.#first]?.weight ?? 0
      this.#first++
      this.dropped++
    }
    if (this.#first <= count || this.#first * 2 <= this.#found.length) return
    this.#found = this.#found.slice(this.#first)
    this.#open = Math.max(0, this.#open - this.#first)
    this.#first = 0
  }
}
