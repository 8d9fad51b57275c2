/**
 * Which containers carried a name, one after the other, as far as this process has seen. It says what there is to read
 * for a reader who was away while the name passed on, and keeps him from reading, by a cursor he made up, the log of a
 * container that the address does not name.
 */
import type { Change, Engine, Happening } from '../engine/engine.ts'
import { BEFORE_TIME, type Cursor, incarnationOf, isNowhere, isOrigin, originOf } from '../logs/cursor.ts'
import type { LogLine } from '../logs/line.ts'
import { normalizeTime, timeNow } from '../logs/time.ts'
import type { Container, GapEvent } from '../wire.ts'

/** A part of what comes after a cursor: an incarnation's log after a line, or what cannot be had. */
export type Link =
  | {
      readonly id: string
      readonly after: Cursor
      /** It lost the name then: what it wrote later belongs to another name. RFC 3339 with nine digits. */
      readonly until?: string
    }
  /** `after`: where what there is goes on; undefined: with what is written from now on. `gone`: whose logs are missing. */
  | { readonly gap: GapEvent['reason']; readonly after: Cursor | undefined; readonly gone?: readonly string[] }

/** What of `lines` was written before the name was lost, and whether later ones were among them. */
export function upTo(until: string | undefined, lines: readonly LogLine[]): { own: readonly LogLine[]; over: boolean } {
  const end = until === undefined ? -1 : lines.findIndex(({ time }) => time > until)
  return end < 0 ? { own: lines, over: false } : { own: lines.slice(0, end), over: true }
}

interface Tenure {
  readonly id: string
  /** When it was heard of. */
  readonly since: string
  /** It was heard of, and not looked at yet. */
  isExpected: boolean
  until?: string
}

interface Loss {
  readonly key: string
  readonly until: string
}

/** The names of an incarnation: those it has lost, in the order in which it did, and the one it was last seen to have. */
interface Names {
  readonly losses: readonly Loss[]
  readonly last: string | undefined
}

const MAX_TENURES = 16 // a name that was passed on more often while somebody was away has a gap
const MAX_NAMES = 4_096

export class Succession {
  readonly #engine: Engine
  /** Oldest first; of the names, the one that changed longest ago. */
  readonly #tenures = new Map<string, Tenure[]>()
  /** The names in `#tenures` of each incarnation. */
  readonly #keys = new Map<string, Set<string>>()
  readonly #renamed = new Set<string>()
  /** Of incarnations that were asked for, until a name changes hands. */
  readonly #names = new Map<string, Names>()

  constructor(engine: Engine) {
    this.#engine = engine
    for (const container of engine.containers()) this.#note(container, false)
    engine.on('change', this.#onChange)
    engine.on('happened', this.#onHappened)
  }

  close(): void {
    this.#engine.off('change', this.#onChange)
    this.#engine.off('happened', this.#onHappened)
  }

  /** What to read of a name after `cursor`, in order. Ends with the container that has the name, if there is more of it. */
  after(key: string, cursor: Cursor): Link[] {
    const current = this.#engine.find(key)
    const { incarnation } = cursor
    if (isNowhere(cursor)) return this.#afterNobody(key, cursor.time)
    if (current && incarnationOf(current.id) === incarnation) return [{ id: current.id, after: cursor }]

    const tenures = this.#tenures.get(key) ?? []
    const seen = tenures.findLastIndex(({ id }) => incarnationOf(id) === incarnation)
    if (seen >= 0) {
      return this.#chain(tenures.slice(seen), cursor)
    }

    const other = this.#containerOf(incarnation)
    if (other && current && isSameService(other, current)) return [{ id: other.id, after: cursor }, whole(current.id)]
    // Never seen here. Of a container that was made after the cursor's line its reader has nothing yet.
    const isNewer = current !== undefined && (isOrigin(cursor) || (normalizeTime(current.created) ?? '') > cursor.time)
    if (!isNewer) return [{ gap: 'unknown-cursor', after: undefined }]
    return [{ gap: 'unknown-cursor', after: originOf(incarnationOf(current.id)) }, whole(current.id)]
  }

  /** What there is of those who have had a name that nobody had at that time. */
  #afterNobody(key: string, time: string): Link[] {
    const current = this.#engine.find(key)
    const tenures = this.#tenures.get(key) ?? []
    const first = time === BEFORE_TIME ? -1 : tenures.findIndex(({ since }) => since >= time)
    if (first >= 0) return this.#chain(tenures.slice(first), undefined)
    return current ? [whole(current.id)] : []
  }

  /** What to read of a name after a container whose log was read to its end. */
  next(key: string, id: string): Link[] {
    const tenures = this.#tenures.get(key) ?? []
    const seen = tenures.findLastIndex((tenure) => tenure.id === id)
    return seen < 0 ? [] : this.#chain(tenures.slice(seen + 1), undefined)
  }

  /** The logs of these, each from its start, the first from `cursor` on. One gap for those in a row that are gone. */
  #chain(tenures: readonly Tenure[], cursor: Cursor | undefined): Link[] {
    const links: Link[] = []
    let gone: string[] = []
    for (const [index, { id, until, isExpected }] of tenures.entries()) {
      if (tenures.findLastIndex((tenure) => tenure.id === id) > index) continue // it has the name again, and is read then
      if (!this.#exists(id)) {
        if (isExpected && index === tenures.length - 1) break // nothing is known to be missing yet
        gone.push(id)
        continue
      }
      const link = {
        ...(index === 0 && cursor ? { id, after: cursor } : whole(id)),
        ...(until !== undefined && { until }),
      }
      if (gone.length > 0) links.push({ gap: 'removed', after: link.after, gone })
      links.push(link)
      gone = []
    }
    if (gone.length > 0) links.push({ gap: 'removed', after: undefined, gone })
    return links
  }

  /** Whether a cursor of that incarnation is one of this name. */
  knows(key: string, incarnation: string): boolean {
    if (this.carried(key, incarnation)) return true
    const current = this.#engine.find(key)
    const other = this.#containerOf(incarnation)
    return current !== undefined && other !== undefined && (other.id === current.id || isSameService(other, current))
  }

  /** Whether an incarnation was seen under several names, so that its cursors do not tell whose place they are. */
  isRenamed(incarnation: string): boolean {
    return this.#renamed.has(incarnation)
  }

  /** Whether an incarnation was seen to carry that name. */
  carried(key: string, incarnation: string): boolean {
    return this.#tenures.get(key)?.some(({ id }) => incarnationOf(id) === incarnation) ?? false
  }

  /** When a container lost that name, which it has not had again; undefined where that was not seen. */
  lostAt(key: string, id: string): string | undefined {
    return this.#tenures.get(key)?.findLast((tenure) => tenure.id === id)?.until
  }

  /** How late an incarnation had that name, compared with others that had it; -1 for one that was not seen to have it. */
  rank(key: string, incarnation: string): number {
    return this.#tenures.get(key)?.findLastIndex(({ id }) => incarnationOf(id) === incarnation) ?? -1
  }

  /** Whether nobody has had the name after the one of that rank. */
  isLast(key: string, rank: number): boolean {
    return rank >= 0 && rank === (this.#tenures.get(key)?.length ?? 0) - 1
  }

  /** The name that an incarnation carried when a line of that time was written, as far as was seen; of one that is gone, its last. */
  holderAt(incarnation: string, time: string): string | undefined {
    return this.namesSince(incarnation, time)[0]
  }

  /** The names that an incarnation has had, from the one when a line of that time was written on. */
  namesSince(incarnation: string, time: string): string[] {
    const { losses, last } = this.#namesOf(incarnation)
    const names = losses.flatMap(({ key, until }) => (until >= time ? key : []))
    return last === undefined ? names : [...names, last]
  }

  /** When an incarnation last lost that name before a time; undefined where that was not seen. */
  lostBefore(key: string, incarnation: string, time: string): string | undefined {
    return this.#namesOf(incarnation).losses.findLast((loss) => loss.key === key && loss.until < time)?.until
  }

  /**
   * When a container lost the name it had before `key`, the last time or the first; undefined if it was not seen to have
   * had one.
   */
  renamedAt(id: string, key: string, which: 'first' | 'last'): string | undefined {
    const { losses } = this.#namesOf(incarnationOf(id))
    const lost = which === 'first' ? losses.find((loss) => loss.key === key)?.until : undefined
    return losses.findLast((loss) => loss.key !== key && (lost === undefined || loss.until < lost))?.until
  }

  /** Whether it has, or had, that name once and no more. */
  hadOnce(key: string, id: string): boolean {
    return this.#tenures.get(key)?.filter((tenure) => tenure.id === id).length === 1
  }

  #namesOf(incarnation: string): Names {
    const known = this.#names.get(incarnation)
    if (known) return known
    const losses: Loss[] = []
    let last: string | undefined
    for (const key of this.#keysOf(incarnation)) {
      for (const { id, until } of this.#tenures.get(key) ?? []) {
        if (incarnationOf(id) !== incarnation) continue
        if (until === undefined) last = key
        else losses.push({ key, until })
      }
    }
    losses.sort((a, b) => (a.until < b.until ? -1 : 1))
    const names = { losses, last: this.#containerOf(incarnation)?.key ?? last ?? losses.at(-1)?.key }
    if (losses.length > 0) this.#names.set(incarnation, names)
    return names
  }

  #containerOf(incarnation: string): Container | undefined {
    for (const key of this.#keys.get(incarnation) ?? []) {
      const container = this.#engine.find(key)
      if (container && incarnationOf(container.id) === incarnation) return container
    }
    return this.#engine.containers().find(({ id }) => incarnationOf(id) === incarnation)
  }

  #exists(id: string): boolean {
    return this.#containerOf(incarnationOf(id))?.id === id
  }

  #note({ key, id }: Pick<Container, 'key' | 'id'>, isExpected: boolean): void {
    const before = this.#tenures.get(key) ?? []
    const last = before.at(-1)
    if (last?.id === id && last.until === undefined) {
      last.isExpected &&= isExpected
      return
    }
    this.#names.clear()
    if (this.#keysOf(incarnationOf(id)).some((name) => name !== key)) this.#renamed.add(incarnationOf(id))
    // One that has the name again had it before, up to when it lost it.
    const others = before.filter((tenure) => tenure.id !== id || tenure.until !== undefined)
    this.#set(key, [...others, { id, since: timeNow(), isExpected }].slice(-MAX_TENURES))
    const [oldest] = this.#tenures.keys()
    if (this.#tenures.size > MAX_NAMES && oldest !== undefined) this.#set(oldest, [])
    const [first] = this.#renamed
    if (this.#renamed.size > MAX_NAMES && first !== undefined) this.#renamed.delete(first)
  }

  /** The name's tenures from now on; none: it is forgotten. */
  #set(key: string, tenures: Tenure[]): void {
    for (const { id } of this.#tenures.get(key) ?? []) {
      const keys = this.#keys.get(incarnationOf(id))
      keys?.delete(key)
      if (keys?.size === 0) this.#keys.delete(incarnationOf(id))
    }
    this.#tenures.delete(key)
    if (tenures.length > 0) this.#tenures.set(key, tenures)
    for (const { id } of tenures) {
      const keys = this.#keys.get(incarnationOf(id)) ?? new Set()
      this.#keys.set(incarnationOf(id), keys.add(key))
    }
  }

  /** The names that an incarnation was seen to have; the one that changed longest ago first. */
  #keysOf(incarnation: string): string[] {
    const keys = this.#keys.get(incarnation)
    // Of most there is one. The order of several is that of all names.
    if (keys === undefined || keys.size < 2) return [...(keys ?? [])]
    return [...this.#tenures.keys()].filter((key) => keys.has(key))
  }

  #onChange = ({ changed }: Change): void => {
    for (const container of changed ?? []) this.#note(container, false)
  }

  #onHappened = ({ key, to, id, state, at, isPast = false }: Happening): void => {
    // A start may be told after the loss of the name that it came before.
    const lostAt = this.lostAt(key, id)
    const isBefore = lostAt !== undefined && at <= lostAt
    // Of one that was removed before it could be looked at, this is all there is.
    if ((state === 'created' || state === 'started' || isPast) && !isBefore) this.#note({ key, id }, !isPast)
    const tenure = this.#tenures.get(key)?.findLast((candidate) => candidate.id === id)
    if (tenure && state === 'renamed') {
      tenure.until = at
      this.#names.clear()
    }
    if (to !== undefined) this.#note({ key: to, id }, !isPast)
    if (tenure && state === 'removed') tenure.isExpected = false
  }
}

function whole(id: string) {
  return { id, after: originOf(incarnationOf(id)) }
}

function isSameService(a: Container, b: Container): boolean {
  return a.service !== undefined && a.project === b.project && a.service === b.service && a.host === b.host
}
