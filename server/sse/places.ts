/** Where each container of a merged stream goes on, by the cursors that the stream had reached. */
import type { Engine } from '../engine/engine.ts'
import type { Start } from '../feed/reader.ts'
import type { Succession } from '../feed/succession.ts'
import { type Cursor, formatCursor, incarnationOf, NOWHERE, originOf } from '../logs/cursor.ts'
import type { GapEvent } from '../wire.ts'
import { type Selection, selects } from './selection.ts'

export interface Places {
  readonly starts: ReadonlyMap<string, Start>
  /** Names among them that nobody carries at the moment. */
  readonly away: readonly string[]
  /** What is known to be missing, before anything is read. */
  readonly gaps: readonly GapEvent[]
}

/** All of it is new to the stream, from its first line on. */
export function newcomer(engine: Engine, key: string): Start {
  const container = engine.find(key)
  return { after: container ? originOf(incarnationOf(container.id)) : NOWHERE }
}

/** `keys`: the containers that are selected now, by name. */
export function placesAfter(
  engine: Engine,
  succession: Succession,
  selection: Selection,
  keys: readonly string[],
  cursors: readonly Cursor[],
): Places {
  const left = new Set(cursors.filter(({ incarnation }) => incarnation !== NOWHERE.incarnation))
  const starts = new Map<string, Start>()
  // Of a container that was renamed there may be one more, of its other name: the latest counts.
  const take = (key: string, isIts: (cursor: Cursor) => boolean) => {
    const its = [...left].filter(isIts).sort((a, b) => (a.time < b.time ? -1 : 1))
    const after = its.at(-1)
    if (!after) return
    for (const cursor of left) if (cursor.incarnation === after.incarnation) left.delete(cursor)
    starts.set(key, { after })
  }
  const displaced = new Set(keys.filter((key) => isDisplaced(engine, key)))
  const others = keys.filter((key) => !displaced.has(key))
  for (const key of others) take(key, ({ incarnation, time }) => succession.holderAt(incarnation, time) === key)
  for (const key of others) if (!starts.has(key)) take(key, ({ incarnation }) => succession.knows(key, incarnation))
  for (const key of displaced) {
    take(key, ({ incarnation }) => engine.find(key)?.id.startsWith(incarnation) ?? false)
    if (!starts.has(key)) starts.set(key, { tail: 0 }) // it was shown under the name that it lost
  }
  const away: string[] = []
  for (const cursor of left) {
    const key = awayName(engine, succession, selection, cursor)
    if (key === undefined || starts.has(key)) continue
    left.delete(cursor)
    starts.set(key, { after: cursor })
    away.push(key)
  }
  const heirs = keys.filter((key) => !starts.has(key))
  for (const key of heirs) starts.set(key, newcomer(engine, key))
  return { starts, away, gaps: gapsOf([...left], heirs) }
}

/** Compose gives a container that it replaces a name of this form, for a moment. */
function isDisplaced(engine: Engine, key: string): boolean {
  const container = engine.find(key)
  const own = container && `${incarnationOf(container.id)}_`
  return own !== undefined && key.startsWith(own) && engine.find(key.slice(own.length)) !== undefined
}

/** The name that nobody has at the moment, whose place the cursor holds. What it is of must be gone, or be selected. */
function awayName(
  engine: Engine,
  succession: Succession,
  selection: Selection,
  { incarnation }: Cursor,
): string | undefined {
  const isByName = selection.projects.length + selection.labels.length === 0 && selection.containers.length > 0
  const key = isByName ? undefined : succession.nameOf(incarnation)
  if (key === undefined || engine.find(key) || key.startsWith(`${incarnation}_`)) return undefined
  const container = engine.containers().find(({ id }) => id.startsWith(incarnation))
  return !container || selects(selection, container) ? key : undefined
}

/** Of cursors that are of nobody here any more: of those who are new, some may be their successors. */
function gapsOf([stray]: readonly Cursor[], heirs: readonly string[]): GapEvent[] {
  if (!stray) return []
  const gap = { from: formatCursor(stray), reason: 'unknown-cursor' } as const
  return heirs.length === 0 ? [gap] : heirs.map((container) => ({ container, ...gap }))
}
