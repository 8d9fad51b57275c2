/** Where each container of a merged stream goes on, by the cursors that the stream had reached. */
import type { Engine } from '../engine/engine.ts'
import type { Start } from '../feed/reader.ts'
import type { Succession } from '../feed/succession.ts'
import { type Cursor, formatCursor, incarnationOf, NOWHERE, originOf, type Place } from '../logs/cursor.ts'
import type { GapEvent } from '../wire.ts'
import { type Selection, selects } from './selection.ts'

export interface Beginning {
  readonly start: Start
  readonly since?: Since | undefined
}

/** What this incarnation wrote until then was shown under another name, or is going to be. RFC 3339 with nine digits. */
export interface Since {
  readonly incarnation: string
  readonly time: string
  /** But for what it wrote up to then, which the other name leaves to this one. */
  readonly from?: string | undefined
}

export interface Places {
  readonly starts: ReadonlyMap<string, Beginning>
  /** Names among them that nobody carries at the moment. */
  readonly away: readonly string[]
  /** What is known to be missing, before anything is read. */
  readonly gaps: readonly GapEvent[]
}

/**
 * All of it is new to the stream, from its first line on, but for what was selected under another name, and shown: up to
 * when it got this name, the last time if the stream was there, else the first.
 */
export function newcomer(
  engine: Engine,
  succession: Succession,
  selection: Selection,
  key: string,
  which: 'first' | 'last' = 'last',
): Beginning {
  const container = engine.find(key)
  if (!container) return { start: { after: NOWHERE } }
  const incarnation = incarnationOf(container.id)
  const start = { after: originOf(incarnation) }
  const time = isByName(selection) ? undefined : succession.renamedAt(container.id, key, which)
  return time === undefined ? { start } : { start, since: { incarnation, time } }
}

/**
 * What of a container is not to be shown under `key`, where the stream has come to `cursor` in its log under another name:
 * that goes on up to where the container lost it.
 */
export function shownElsewhere(succession: Succession, key: string, { incarnation, time }: Cursor): Since {
  const held = succession.heldAt(incarnation, time)
  return { incarnation, time: held && held.key !== key ? held.until : time }
}

/** `keys`: the containers that are selected now, by name. */
export function placesAfter(
  engine: Engine,
  succession: Succession,
  selection: Selection,
  keys: readonly string[],
  places: readonly Place[],
): Places {
  const starts = new Map<string, Beginning>()
  const away: string[] = []
  let left: readonly Cursor[] = []

  const beginning = (key: string) => {
    const { id = '' } = engine.find(key) ?? {}
    const its = places.map(({ cursor }) => cursor).filter(({ incarnation }) => id.startsWith(incarnation))
    const reached = its.sort((a, b) => (a.time > b.time ? -1 : 1))[0]
    const asNew = newcomer(engine, succession, selection, key, 'first')
    if (!reached || isByName(selection)) return asNew
    return { ...asNew, since: shownElsewhere(succession, key, reached) }
  }
  /** Of a name whose place the stream has. */
  const sinceOf = (key: string, { incarnation, time }: Cursor) => {
    const { since } = beginning(key)
    if (since?.incarnation !== incarnation) return since
    // What another name has told, or is going to. Where there is none the stream was shown it under this one.
    const isElsewhere = places.some((other) => other.cursor.incarnation === incarnation && other.key !== key)
    const held = succession.heldAt(incarnation, time)
    return isElsewhere && held && held.key !== key ? { incarnation, time: held.until } : undefined
  }

  // What the stream itself has named.
  for (const { cursor, key } of places) {
    if (cursor.incarnation === NOWHERE.incarnation) continue
    const isIts = key !== undefined && !starts.has(key) && succession.knows(key, cursor.incarnation)
    if (isIts && keys.includes(key)) starts.set(key, { start: { after: cursor }, since: sinceOf(key, cursor) })
    else if (key !== undefined && !starts.has(key) && isAway(engine, succession, selection, key, cursor)) {
      starts.set(key, { start: { after: cursor } })
      away.push(key)
    } else left = [...left, cursor]
  }
  const placed = new Set([...starts.values()].flatMap(({ start }) => ('after' in start ? start.after.incarnation : [])))
  left = left.filter(({ incarnation }) => !placed.has(incarnation))

  // There may be more of them, of another name that a container had: the latest counts, and those before it are done with.
  const take = (key: string, isIts: (cursor: Cursor) => boolean) => {
    if (starts.has(key)) return
    const rank = ({ incarnation }: Cursor) => succession.rank(key, incarnation)
    const its = left.filter(isIts).sort((a, b) => rank(b) - rank(a) || (a.time > b.time ? -1 : 1))
    const [after] = its
    if (!after) return
    const isDone = (cursor: Cursor) => its.includes(cursor) && rank(cursor) >= 0
    left = left.filter((cursor) => cursor.incarnation !== after.incarnation && !isDone(cursor))
    starts.set(key, { start: { after } })
  }
  const displaced = new Set(keys.filter((key) => isDisplaced(engine, key)))
  const others = keys.filter((key) => !displaced.has(key))
  for (const key of others) take(key, ({ incarnation, time }) => succession.holderAt(incarnation, time) === key)
  const holder = ({ incarnation, time }: Cursor) =>
    succession.holderAt(incarnation, time) ?? succession.nameOf(incarnation)
  for (const key of new Set(left.map(holder))) {
    if (key === undefined || starts.has(key)) continue
    take(key, (cursor) => holder(cursor) === key && isAway(engine, succession, selection, key, cursor))
    if (starts.has(key)) away.push(key)
  }
  for (const key of others) take(key, ({ incarnation }) => succession.knows(key, incarnation))
  for (const key of displaced) {
    take(key, ({ incarnation }) => engine.find(key)?.id.startsWith(incarnation) ?? false)
    if (!starts.has(key)) starts.set(key, { start: { tail: 0 } }) // it was shown under the name that it lost
  }
  const heirs = keys.filter((key) => !starts.has(key))
  for (const key of heirs) starts.set(key, beginning(key))
  const isStranger = (key: string) => !places.some(({ cursor }) => succession.carried(key, cursor.incarnation))
  return { starts, away, gaps: gapsOf(left, heirs.filter(isStranger)) }
}

/** Nothing is shown but what has a name that the URL gives. */
export function isByName({ containers, projects, labels }: Selection): boolean {
  return projects.length + labels.length === 0 && containers.length > 0
}

/** Compose gives a container that it replaces a name of this form, for a moment. */
function isDisplaced(engine: Engine, key: string): boolean {
  const container = engine.find(key)
  const own = container && `${incarnationOf(container.id)}_`
  return own !== undefined && key.startsWith(own) && engine.find(key.slice(own.length)) !== undefined
}

/** Whether the cursor holds the place of a name that nobody has at the moment. What it is of must be gone, or be selected. */
function isAway(
  engine: Engine,
  succession: Succession,
  selection: Selection,
  key: string,
  { incarnation }: Cursor,
): boolean {
  if (isByName(selection) || engine.find(key) || key.startsWith(`${incarnation}_`)) return false
  if (!succession.carried(key, incarnation)) return false
  const container = engine.containers().find(({ id }) => id.startsWith(incarnation))
  return !container || selects(selection, container)
}

/** Of cursors that are of nobody here any more: of those whose names are new to the stream, some may be their successors. */
function gapsOf([stray]: readonly Cursor[], heirs: readonly string[]): GapEvent[] {
  if (!stray) return []
  const gap = { from: formatCursor(stray), reason: 'unknown-cursor' } as const
  return heirs.length === 0 ? [gap] : heirs.map((container) => ({ container, ...gap }))
}
