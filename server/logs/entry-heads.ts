/**
 * Finds the head of each line's entry while the lines of one log are read in order: the line that began it. stdout and
 * stderr have entries of their own. Which head a line has depends on the lines just before it alone (`REACH`), so that a
 * read from the middle of a log finds the same one as a read from its beginning.
 */
import { continues, isBlank, type PlainLine } from './entries.ts'
import type { LogLine } from './line.ts'
import { mayContinue } from './may-continue.ts'
import { plainText } from './plain-text.ts'
import { unsharedLine } from './unshared.ts'

/**
 * From an entry's head to its last line, and from a line to the one that it continues, in lines of both streams, and in
 * characters of these. A line further down is judged by itself.
 */
export const ENTRY = { lines: 200, chars: 64 * 1024 }
/** Lines that tell which entry the next one is in: as many as it may have, and as many before its head. */
export const REACH = 2 * ENTRY.lines

/** The head of an entry, and what is found of it once for all of its lines. */
export class Head {
  line: LogLine
  /** Undefined until a filter has judged it. */
  passes: boolean | undefined
  isExcluded: boolean | undefined
  /** Where it stands in the log, if that matters: how many lines and characters are before it. */
  readonly at: number
  readonly chars: number

  constructor(line: LogLine, at = 0, chars = 0) {
    this.line = line
    this.passes = undefined
    this.isExcluded = undefined
    this.at = at
    this.chars = chars
  }
}

/** What is known of a stream after a line of it. Written over line by line: a filter looks at each that a feed brings. */
class Last {
  line: LogLine
  at = 0
  chars = 0
  /** `line` is blank, or a blank line has come after it. */
  isBlank = false
  isApart = false
  /** Undefined: the entry has become too long. */
  head: Head | undefined

  constructor(line: LogLine) {
    this.line = line
  }
}

export class EntryHeads {
  /** Whether the line that was read last continues the one before it, however long their entry is. */
  isContinued = false
  #at = 0
  #chars = 0
  #stdout: Last | undefined
  #stderr: Last | undefined

  /** Whether only lines before the first that was read tell the head of the next line, which begins its stream here. */
  isUnsure(line: LogLine): boolean {
    if (this.#at >= REACH || this.#lastOf(line) !== undefined) return false
    return mayContinue(plain(line))
  }

  /** The head of the next line's entry, which may be the line itself. */
  next(line: LogLine): Head {
    const at = this.#at++
    const chars = this.#chars
    this.#chars += line.message.length
    const last = this.#lastOf(line) ?? this.#begin(line)
    const isNext = last.line !== line && isNear(last, at, chars)
    const { level } = line
    let isEmpty = false
    let head: Head | undefined
    this.isContinued = false
    // Most lines name a level and begin an entry; of the others only a traceback may be named an error by itself.
    if (level === undefined || level === 'error' || level === 'fatal') {
      const text = plain(line)
      isEmpty = !(text.text.charCodeAt(0) > 32) && isBlank(text)
      if (isNext && mayContinue(text) && continues(text, plain(last.line), last.isApart)) {
        this.isContinued = true
        const { head: before } = last
        if (before && isNear(before, at, chars)) head = before
        last.head = head
        head ??= new Head(line)
      }
    }
    if (head === undefined) {
      head = new Head(line, at, chars)
      last.head = head
    }
    const isApart = isEmpty && isNext && !last.isBlank && !last.isApart
    if (!isApart) {
      last.line = line
      last.at = at
      last.chars = chars
      last.isBlank = isEmpty
    }
    last.isApart = isApart
    return head
  }

  /** What is kept of lines until the next one comes is a copy: a line is a part of the text that it was read with. */
  settle(): void {
    for (const last of [this.#stdout, this.#stderr]) {
      if (!last) continue
      const { head } = last
      const isHead = head?.line === last.line
      last.line = settled(last.line)
      if (head) head.line = isHead ? last.line : settled(head.line)
    }
  }

  #lastOf({ stream }: LogLine): Last | undefined {
    return stream === 'stdout' ? this.#stdout : this.#stderr
  }

  #begin(line: LogLine): Last {
    const last = new Last(line)
    if (line.stream === 'stdout') this.#stdout = last
    else this.#stderr = last
    return last
  }
}

/** Whether a line is near enough to what is there to be of one entry with it. */
function isNear(from: { readonly at: number; readonly chars: number }, at: number, chars: number): boolean {
  return at - from.at <= ENTRY.lines && chars - from.chars <= ENTRY.chars
}

function plain({ message, level }: LogLine): PlainLine {
  return { text: plainText(message), level }
}

const copies = new WeakSet<LogLine>()

function settled(line: LogLine): LogLine {
  if (copies.has(line)) return line
  const copy = unsharedLine(line)
  copies.add(copy)
  return copy
}
