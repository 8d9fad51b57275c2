/**
 * What a search picks out of lines that come one after the other: the matches, each with the lines around it. Of many it
 * keeps the last ones, as many as are wanted and no more bytes than it may.
 */
import { ENTRY, EntryHeads } from '../logs/entry-heads.ts'
import type { Verdict } from '../logs/filter.ts'
import { type LogLine, weightOf } from '../logs/line.ts'
import { unsharedLine } from '../logs/unshared.ts'
import { Clock, filtering } from './filtering.ts'

export interface Match {
  readonly line: LogLine
  /** The lines just before it and just after it, in the engine's order; up to the end of its entry at least. */
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
  /** Is given the lines that are not looked at, each in its place. */
  readonly meet?: ((line: LogLine) => void) | undefined
  /** Lines on each side of a match; with any, what continues it is among them. */
  readonly context: number
  /** Matches, and what they may weigh with their neighbours, in bytes; one is kept whatever it weighs. */
  readonly count: number
  readonly bytes: number
}

interface Kept extends Match {
  after: LogLine[]
  /** How many of these belong to it: its context, and what continues it. */
  own: number
  chars: number
  /** Nothing continues it any more. */
  isEnded: boolean
  /** It has all the lines that come after it. */
  isWhole: boolean
  weight: number
}

/** Lines that may have to be read after a match. */
export function linesAhead(context: number): number {
  return context === 0 ? 0 : Math.max(context, ENTRY.lines)
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
  /** The first lines, as many as a match before them may need. */
  readonly #head: LogLine[] = []
  #headChars = 0
  /** Matches from there on have not all the lines that come after them. */
  #open = 0
  /** Tells what continues the matches that are open; undefined: none is. */
  #entries: EntryHeads | undefined
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
    this.#wanted.meet?.(line)
    this.#remember(line)
  }

  #remember(line: LogLine): void {
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
      this.#remember(line)
      if (this.#clock.isDue(line) && filtering.isOver) await filtering.next()
    }
  }

  /** What comes after the last line: the matches that stand there need it. */
  close(next: readonly LogLine[]): void {
    for (const line of next) {
      this.#complete(line)
      if (this.#hasRoomInHead) this.#pushHead(line)
    }
  }

  /** The first lines of all that were pushed, and then of what came after: the context of what stands before. */
  get head(): readonly LogLine[] {
    return this.#head
  }

  /** In the order of the log. */
  take(): readonly Match[] {
    return this.#found.slice(this.#first).map(matchOf)
  }

  /** Those that have all the lines around them, in the order of the log; they are let go of. */
  takeWhole(): readonly Match[] {
    const at = this.#found.findIndex(({ isWhole }) => !isWhole)
    const whole = this.#found.splice(0, at < 0 ? this.#found.length : at)
    this.#open = 0
    return whole.map(matchOf)
  }

  /** Whether there are matches that have not all the lines around them. */
  get areOpen(): boolean {
    return this.#found.some(({ isWhole }) => !isWhole)
  }

  #append(line: LogLine): void {
    if (this.#hasRoomInHead) this.#pushHead(this.#kept(line))
    this.#complete(line)
  }

  get #hasRoomInHead(): boolean {
    const { context } = this.#wanted
    const { length } = this.#head
    return length < context || (length < linesAhead(context) && this.#headChars <= ENTRY.chars)
  }

  #pushHead(line: LogLine): void {
    this.#head.push(line)
    this.#headChars += line.message.length
  }

  #complete(line: LogLine): void {
    const from = Math.max(this.#open, this.#first)
    this.#open = this.#found.length
    if (from >= this.#open) {
      this.#entries = undefined
      return
    }
    this.#entries?.next(line)
    for (let at = this.#found.length - 1; at >= from; at--) {
      const match = this.#found[at] as Kept
      if (!match.isWhole) this.#add(match, line)
      if (!match.isWhole) this.#open = at
    }
    this.#trim()
  }

  #add(match: Kept, line: LogLine): void {
    const { context } = this.#wanted
    const { after } = match
    after.push(this.#kept(line))
    this.#weigh(match, line)
    match.chars += line.message.length
    if (after.length <= context) match.own = after.length
    if (line.stream === match.line.stream && !match.isEnded) {
      if (this.#entries?.isContinued) match.own = after.length
      else match.isEnded = true
    }
    match.isEnded ||= after.length >= ENTRY.lines || match.chars > ENTRY.chars
    match.isWhole = match.isEnded && after.length >= context
    if (!match.isWhole) return
    for (const each of after.slice(match.own)) this.#weigh(match, each, -1)
    match.after = after.slice(0, match.own)
  }

  #keep(line: LogLine): void {
    const { context } = this.#wanted
    const before = context > 0 ? this.#recent.slice(-context).map((each) => this.#kept(each)) : []
    const kept = this.#kept(line)
    const isWhole = context === 0
    const match: Kept = { line: kept, before, after: [], own: 0, chars: 0, isEnded: isWhole, isWhole, weight: 0 }
    this.#found.push(match)
    if (!isWhole && !this.#entries) {
      this.#entries = new EntryHeads()
      this.#entries.next(line)
    }
    for (const each of [line, ...before]) this.#weigh(match, each)
    this.#trim()
  }

  /** The line as it is kept, one for all who need it. */
  #kept(line: LogLine): LogLine {
    const kept = this.#copies.get(line) ?? unsharedLine(line)
    this.#copies.set(line, kept)
    return kept
  }

  #weigh(match: Kept, line: LogLine, times = 1): void {
    const weight = times * weightOf(line)
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

function matchOf({ line, before, after, own }: Kept): Match {
  return { line, before, after: after.slice(0, own) }
}
