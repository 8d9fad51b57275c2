/**
 * Which name tells a line. A merged stream that selects containers by what they are reads the log of each name, and of a
 * container that was renamed several read the same one. Each line of it is told once: under the name that the container had
 * when it wrote it, or, where the stream does not bring that, under the next that it had.
 */
import type { Ring } from '../feed/ring.ts'
import type { Succession } from '../feed/succession.ts'
import { type Cursor, cursorOf, isAfter, later, type Place } from '../logs/cursor.ts'
import type { LogLine } from '../logs/line.ts'

/** A name whose lines the stream shows. */
export interface Teller {
  readonly key: string
  readonly ring: Ring
  /** Just before the first line that it brings; undefined until that is known. */
  readonly begin: Cursor | undefined
  /** Who had the name when it began, if somebody had. */
  readonly first: string | undefined
  /** With how many lines before the end it began; undefined where it began after a line. */
  readonly tail: number | undefined
  /** Just after what it has told; undefined until that is known. */
  readonly cursor: Cursor | undefined
  /** It has told nothing yet, and may stand where others have come to. */
  readonly isSilent: boolean
}

/** Of so many logs, under so many names each. */
const MOST_NOTED = 1_000
const MOST_NAMES = 16

export class Tellers {
  readonly #succession: Succession
  readonly #members: ReadonlyMap<string, Teller>
  /** How far logs were told that are told no more: by incarnation, by name; `''`: it is not known under which. */
  readonly #told = new Map<string, Map<string, Cursor>>()

  constructor(succession: Succession, members: ReadonlyMap<string, Teller>) {
    this.#succession = succession
    this.#members = members
  }

  /** The log of `cursor` was told up to there under that name, and is no more. */
  note({ cursor, key = '' }: Place): void {
    const { incarnation } = cursor
    const told = this.#told.get(incarnation) ?? new Map<string, Cursor>()
    this.#told.delete(incarnation)
    this.#told.set(incarnation, told)
    const before = told.get(key)
    told.delete(key)
    told.set(key, later(before, cursor))
    forgetOldest(told, MOST_NAMES)
    forgetOldest(this.#told, MOST_NOTED)
  }

  /** How far the log was told, under whatever name; undefined: none of it was. */
  furthest(incarnation: string): Cursor | undefined {
    let last: Cursor | undefined
    for (const cursor of this.#told.get(incarnation)?.values() ?? []) last = later(last, cursor)
    for (const member of this.#members.values()) {
      if (member.cursor && standsIn(member, incarnation)) last = later(last, member.cursor)
    }
    return last
  }

  /** With how many lines before its end somebody begins in that log, who has not come to it yet. */
  tailOf(incarnation: string): number | undefined {
    for (const { first, cursor, tail } of this.#members.values()) if (first === incarnation && !cursor) return tail
    return undefined
  }

  /** How far it was told under names that are not in it any more. */
  furthestOfGone(incarnation: string): Cursor | undefined {
    let last: Cursor | undefined
    for (const [name, cursor] of this.#told.get(incarnation) ?? []) {
      if (this.#members.get(name)?.cursor?.incarnation !== incarnation) last = later(last, cursor)
    }
    return last
  }

  /** Whether the stream shows a name that the container had before `key`: what happened to it up to then was sent under that. */
  showsFormerName(key: string, incarnation: string): boolean {
    // The list may tell of the new name before the event does that says when the former one was lost.
    for (const name of this.#members.keys())
      if (name !== key && this.#succession.carried(name, incarnation)) return true
    return false
  }

  /** Whether a line that is brought under `key` was told under another name, or is going to be. */
  isOthers(key: string, incarnation: string, line: LogLine): boolean {
    const { time } = line
    const names = this.#succession.namesSince(incarnation, time)
    for (const name of names) {
      if (name === key) break
      const other = this.#members.get(name)
      if (other && this.#brings(other, incarnation, line)) return true
    }
    // Some of its last ones come before word of the new name does.
    if (!names.includes(key) && this.#succession.lostBefore(key, incarnation, time)) return true
    return names[0] === key ? this.#wasEarly(key, incarnation, time) : this.#wasTold(names, key, incarnation, time)
  }

  /** Whether that name brings the line as well, sooner or later. */
  #brings({ key, ring, begin, first, tail }: Teller, incarnation: string, line: LogLine): boolean {
    const cursor = cursorOf(incarnation, line)
    if (begin?.incarnation === incarnation) return isAfter(cursor, begin)
    const rank = this.#succession.rank(key, incarnation)
    const rankOfFirst = this.#succession.rank(key, begin?.incarnation ?? first ?? '')
    if (rankOfFirst < 0 ? this.#succession.isLast(key, rank) : rank > rankOfFirst) return true
    // With the end of its log it may bring what the feed kept of those before.
    return begin === undefined && (ring.find(cursor) ?? -1) >= ring.lastLines(tail ?? Number.POSITIVE_INFINITY)
  }

  /** Whether it was told in an earlier connection, or by who has left: that those after `key` got further says nothing of it. */
  #wasTold(names: readonly string[], key: string, incarnation: string, time: string): boolean {
    const own = names.indexOf(key)
    const isLater = (name: string) => own >= 0 && names.indexOf(name) >= own
    for (const [name, cursor] of this.#told.get(incarnation) ?? []) {
      if (cursor.time >= time && !isLater(name)) return true
    }
    return false
  }

  /** Lines may come before word of a new name does: they were told under the one before. */
  #wasEarly(key: string, incarnation: string, time: string): boolean {
    const wasTold = (name: string, cursor: Cursor) => {
      if (name === key || cursor.time < time) return false
      if (name === '') return this.#members.get(key)?.begin?.incarnation !== incarnation
      const lost = this.#succession.lostBefore(name, incarnation, cursor.time)
      return lost !== undefined && lost < time && this.#succession.holderAt(incarnation, cursor.time) !== name
    }
    for (const [name, cursor] of this.#told.get(incarnation) ?? []) if (wasTold(name, cursor)) return true
    for (const name of this.#succession.namesSince(incarnation, '')) {
      const member = this.#members.get(name)
      if (member?.cursor && standsIn(member, incarnation) && wasTold(name, member.cursor)) return true
    }
    return false
  }
}

function standsIn({ cursor, isSilent }: Teller, incarnation: string): boolean {
  return !isSilent && cursor?.incarnation === incarnation
}

function forgetOldest(map: Map<string, unknown>, most: number): void {
  const [oldest] = map.keys()
  if (map.size > most && oldest !== undefined) map.delete(oldest)
}
