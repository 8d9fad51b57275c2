/**
 * A page of what a name has: picks the incarnation that a place is in, and goes on from one to the next. What a cursor may
 * name is what a stream that resumes with it would read (`succession.ts`).
 */
import { type Engine, EngineError } from '../engine/engine.ts'
import { type Cursor, incarnationOf } from '../logs/cursor.ts'
import type { GapEvent } from '../wire.ts'
import { type Extent, type Page, type Place, readPage } from './page.ts'
import { type Succession, upTo } from './succession.ts'

export interface NamePage extends Omit<Page, 'before' | 'tail'> {
  /** That of all of its lines; of an empty page, where it was looked for. */
  readonly incarnation: string
}

/** Throws `EngineError`, `no-container` where nobody has the name and the place names no other. */
export async function readNamePage(
  engine: Engine,
  succession: Succession,
  key: string,
  place: Place,
  extent: Extent,
  signal: AbortSignal,
): Promise<NamePage> {
  if (place !== 'end' && 'after' in place) return pageAfter(engine, succession, key, place.after, extent.after, signal)
  const log = logBefore(engine, succession, key, place)
  const { incarnation } = log
  if ('gap' in log) return { lines: [], damages: [], atStart: true, atEnd: false, incarnation, gap: log.gap }
  const page = await readPage(engine, log.id, place, extent, signal)
  return { ...page, incarnation, atEnd: page.atEnd && log.isCurrent }
}

/** The log that a place is in, or why it cannot be had. Throws `EngineError` `no-container` where nobody has the name. */
export function logBefore(
  engine: Engine,
  succession: Succession,
  key: string,
  place: Exclude<Place, { after: unknown }>,
): { incarnation: string } & ({ id: string; isCurrent: boolean } | { gap: GapEvent['reason'] }) {
  const named = place !== 'end' && 'before' in place ? place.before.incarnation : undefined
  const current = engine.find(key)
  const incarnation = named ?? (current && incarnationOf(current.id))
  if (incarnation === undefined) throw new EngineError('no-container', 'no container has that name')
  const container = engine.containers().find(({ id }) => incarnationOf(id) === incarnation)
  const isCurrent = container?.id === current?.id
  if (container && (isCurrent || succession.knows(key, incarnation)))
    return { incarnation, id: container.id, isCurrent }
  return { incarnation, gap: succession.carried(key, incarnation) ? 'removed' : 'unknown-cursor' }
}

/** The first lines after a cursor, of its incarnation or of the first after it that has any. */
async function pageAfter(
  engine: Engine,
  succession: Succession,
  key: string,
  cursor: Cursor,
  count: number,
  signal: AbortSignal,
): Promise<NamePage> {
  const links = succession.after(key, cursor)
  let gap: GapEvent['reason'] | undefined
  for (const [index, link] of links.entries()) {
    if ('gap' in link) {
      gap ??= link.gap
      continue
    }
    const { id, after, until } = link
    const page = await readPage(engine, id, { after }, { before: 0, after: count }, signal).catch(unlessGone)
    gap ??= page ? page.gap : 'removed'
    if (!page) continue
    const { own, over } = upTo(until, page.lines)
    const isLast = index === links.length - 1
    if (own.length === 0 && !isLast) continue
    const atEnd = isLast && (page.atEnd || over)
    const damages = over ? page.damages.filter(({ at }) => at < own.length) : page.damages
    return { ...page, lines: own, damages, atEnd, incarnation: incarnationOf(id), ...(gap && { gap }) }
  }
  return {
    lines: [],
    damages: [],
    atStart: false,
    atEnd: true,
    incarnation: cursor.incarnation,
    ...(gap && { gap }),
  }
}

function unlessGone(error: unknown): undefined {
  if (error instanceof EngineError && error.code === 'no-container') return undefined
  throw error
}
