/** Where each container of a merged stream goes on, by the cursors that the stream had reached. */
import type { Engine } from '../engine/engine.ts'
import type { Start } from '../feed/reader.ts'
import type { Succession } from '../feed/succession.ts'
import {
  type Cursor,
  formatCursor,
  incarnationOf,
  isAfter,
  isNowhere,
  later,
  nowhereAt,
  originOf,
  type Place,
} from '../logs/cursor.ts'
import { timeNow } from '../logs/time.ts'
import type { GapEvent } from '../wire.ts'
import { type Selection, selects } from './selection.ts'

export interface Places {
  readonly starts: ReadonlyMap<string, Start>
  /** Names among them that nobody carries at the moment. */
  readonly away: readonly string[]
  /** What is known to be missing, before anything is read. */
  readonly gaps: readonly GapEvent[]
}

/** Of a container that is new to the stream, all of it; of one that it has told under another name, what comes after. */
export function newcomer(engine: Engine, key: string, told: (incarnation: string) => Cursor | undefined): Start {
  const container = engine.find(key)
  if (!container) return { after: nowhereAt(timeNow()) }
  const incarnation = incarnationOf(container.id)
  return { after: told(incarnation) ?? originOf(incarnation) }
}

/** `keys`: the containers that are selected now, by name. */
export function placesAfter(
  engine: Engine,
  succession: Succession,
  selection: Selection,
  keys: readonly string[],
  places: readonly Place[],
): Places {
  const starts = new Map<string, Start>()
  const away: string[] = []
  let left: readonly Cursor[] = []

  const cursors = places.map(({ cursor }) => cursor)
  const reached = (incarnation: string) =>
    cursors.filter((cursor) => cursor.incarnation === incarnation).reduce<Cursor | undefined>(later, undefined)

  /** `cursor`, or what was told further of its log under a name that it was not seen to have here: that was before. */
  const reachedBefore = (cursor: Cursor) =>
    places
      .filter(({ cursor: { incarnation } }) => incarnation === cursor.incarnation)
      .filter(({ key }) => key === undefined || !succession.carried(key, cursor.incarnation))
      .reduce((last, place) => later(last, place.cursor), cursor)

  // What the stream itself has named.
  for (const { cursor, key } of places) {
    if (isNowhere(cursor)) continue
    const isIts = key !== undefined && !starts.has(key) && succession.knows(key, cursor.incarnation)
    if (isIts && keys.includes(key)) starts.set(key, { after: reachedBefore(cursor) })
    else if (key !== undefined && !starts.has(key) && isAway(engine, succession, selection, key, cursor)) {
      starts.set(key, { after: cursor })
      away.push(key)
    } else left = [...left, cursor]
  }
  const placed = new Set([...starts.values()].flatMap((start) => ('after' in start ? start.after.incarnation : [])))
  left = left.filter(({ incarnation }) => !placed.has(incarnation))

  // There may be more of them, of another name that a container had: the latest counts, and those before it are done with.
  const take = (key: string, isIts: (cursor: Cursor) => boolean) => {
    if (starts.has(key)) return
    const rank = ({ incarnation }: Cursor) => succession.rank(key, incarnation)
    const its = left.filter(isIts).sort((a, b) => rank(b) - rank(a) || (isAfter(a, b) ? -1 : 1))
    const [after] = its
    if (!after) return
    const isDone = (cursor: Cursor) => its.includes(cursor) && rank(cursor) >= 0
    left = left.filter((cursor) => cursor.incarnation !== after.incarnation && !isDone(cursor))
    starts.set(key, { after })
  }
  const displaced = new Set(keys.filter((key) => isDisplaced(engine, key)))
  const others = keys.filter((key) => !displaced.has(key))
  const holders = new Map(left.map((cursor) => [cursor, succession.holderAt(cursor.incarnation, cursor.time)]))
  const holder = (cursor: Cursor) => holders.get(cursor)
  for (const key of others) take(key, (cursor) => holder(cursor) === key)
  for (const key of new Set(left.map(holder))) {
    if (key === undefined || starts.has(key)) continue
    take(key, (cursor) => holder(cursor) === key && isAway(engine, succession, selection, key, cursor))
    if (starts.has(key)) away.push(key)
  }
  // Hundreds of names and as many cursors: of a log that is gone only a name that was seen to have it needs to be asked.
  const here = new Set(engine.containers().map(({ id }) => incarnationOf(id)))
  const knows = (key: string, { incarnation }: Cursor) =>
    here.has(incarnation) ? succession.knows(key, incarnation) : succession.carried(key, incarnation)
  for (const key of others) take(key, (cursor) => knows(key, cursor))
  for (const key of displaced) {
    const own = incarnationOf(engine.find(key)?.id ?? '')
    take(key, ({ incarnation }) => incarnation === own)
    // It was shown under the name that it lost, and nobody saw when that was.
    if (!starts.has(key) && !succession.isRenamed(own)) starts.set(key, { tail: 0 })
  }
  const heirs = keys.filter((key) => !starts.has(key))
  const told = isByName(selection) ? () => undefined : reached
  // Of names that nobody had, the earliest time of which that is known.
  const [nowhere] = isByName(selection) ? cursors.filter(isNowhere).sort((a, b) => (isAfter(a, b) ? 1 : -1)) : []
  for (const key of heirs) starts.set(key, nowhere ? { after: nowhere } : newcomer(engine, key, told))
  const isStranger = (key: string) => !places.some(({ cursor }) => succession.carried(key, cursor.incarnation))
  // Named by the stream, and passed on before this process began: it may not have told all that was written under it.
  const isUnseen = ({ cursor: { incarnation }, key }: Place) => key !== undefined && !succession.knows(key, incarnation)
  const unseen = places.filter((place) => isUnseen(place) && keys.includes(place.key ?? ''))
  const gaps = [...unseen.map(gapAfter), ...gapsOf(left, heirs.filter(isStranger))]
  return {
    starts,
    away,
    gaps: gaps.filter((gap, index) => gaps.findIndex((each) => each.container === gap.container) === index),
  }
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
  const container = engine.get(incarnation)
  return !container || selects(selection, container)
}

/** Of cursors that are of nobody here any more: of those whose names are new to the stream, some may be their successors. */
function gapsOf([stray]: readonly Cursor[], heirs: readonly string[]): GapEvent[] {
  if (!stray) return []
  return heirs.length === 0 ? [gapAfter({ cursor: stray })] : heirs.map((key) => gapAfter({ cursor: stray, key }))
}

function gapAfter({ cursor, key }: Place): GapEvent {
  return { ...(key !== undefined && { container: key }), from: formatCursor(cursor), reason: 'unknown-cursor' }
}
