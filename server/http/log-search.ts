/**
 * `GET /api/containers/:key/logs/search` and `GET /api/logs/search`: the lines of one log, or of many merged by time, that a
 * filter admits, as SSE: the newest first, or forward from a time or a line. Stops when the client goes.
 */
import type { Request, RequestHandler, Response } from 'express'
import * as z from 'zod'
import { EngineError } from '../engine/engine.ts'
import type { Feeds } from '../feed/feeds.ts'
import { ForwardSearch } from '../feed/forward-search.ts'
import { type Direction, MergedSearch } from '../feed/merged-search.ts'
import { logBefore } from '../feed/name-page.ts'
import { type LogSearch, Search, type SearchOptions } from '../feed/search.ts'
import { type Cursor, incarnationOf, type Place, parseCursor, parsePlaces } from '../logs/cursor.ts'
import type { Filter } from '../logs/filter.ts'
import { DONE_ID, SearchSession } from '../sse/search-session.ts'
import { MAX_CONTAINERS } from '../sse/selection.ts'
import { Viewer } from '../sse/session.ts'
import { clientGone } from './client-gone.ts'
import { findContainer } from './containers.ts'
import { rethrow } from './engine-problem.ts'
import { filterShape, readFilter } from './filter-query.ts'
import { lastEventId } from './last-event-id.ts'
import { HttpProblem } from './problem.ts'
import { cursor, flag, instant, limit, lineCount, places, readQuery } from './query.ts'
import { endTurn } from './request-turns.ts'
import { findSelected, REPEATABLE, selectedKeys, selectionOf, selectionShape } from './selection-query.ts'

const DEFAULT_LIMIT = 500
const MAX_CONTEXT = 100

/** What the matches of one window may weigh with their neighbours, of all logs together. */
const MAX_BYTES = 4 * 1024 * 1024

const shape = {
  ...filterShape,
  direction: z
    .enum(['backward', 'forward'], { error: 'must be backward or forward' })
    .meta({ description: 'The newest first, or in the order that lines were written.' })
    .optional(),
  since: instant.meta({ description: 'Only lines from that time on.' }).optional(),
  until: instant.meta({ description: 'Only lines up to that time.' }).optional(),
  context: lineCount(0, MAX_CONTEXT)
    .meta({ description: 'Lines on each side of a match, and the rest of its stack trace.' })
    .optional(),
  entries: flag
    .meta({ description: 'Lines that continue a match, such as its stack trace, are matches too.' })
    .optional(),
  limit: limit.optional(),
}

export const logSearchQuery = { ...shape, before: cursor.optional(), after: cursor.optional() }

export const searchQuery = { ...selectionShape, ...shape, before: places.optional(), after: places.optional() }

type SearchQuery = z.infer<z.ZodObject<typeof shape>>

/** Without anything to look for it finds every line: so the past of merged logs is read, page by page. */
interface Wanted extends SearchQuery {
  readonly direction: Direction
  readonly filter: Filter
}

export function logSearchRoute(feeds: Feeds): RequestHandler<{ key: string }> {
  return async (req, res) => {
    const { key } = req.params
    const { before, after, ...query } = readQuery(req as Request, logSearchQuery)
    const direction = directionOf(query, { before, after })
    if (isDone(req as Request)) return void res.status(204).end()
    const resumed = lastEventId(req as Request, parseCursor)
    await feeds.engine.ready
    await findContainer(feeds.engine, key)
    const wanted = { ...query, direction, filter: await readFilter(query) }
    const searches = () => [[key, searchOf(feeds, key, wanted, resumed ?? before ?? after, MAX_BYTES)]] as const
    await answer(searches, wanted, false, req as Request, res)
  }
}

export function searchRoute(feeds: Feeds): RequestHandler {
  return async (req, res) => {
    const { container, project, label, before, after, ...query } = readQuery(req, searchQuery, REPEATABLE)
    const direction = directionOf(query, { before, after })
    if (isDone(req)) return void res.status(204).end()
    const resumed = lastEventId(req, (id) => parsePlaces(id, MAX_CONTAINERS))
    const { engine } = feeds
    await engine.ready
    const selection = selectionOf({ container, project, label })
    await findSelected(engine, selection)
    const keys = selectedKeys(engine, selection)
    const wanted = { ...query, direction, filter: await readFilter(query) }
    const positions = byKey(feeds, keys, resumed ?? before ?? after ?? [])
    const bytes = MAX_BYTES / Math.max(1, keys.length)
    const searches = () => keys.map((key) => [key, searchOf(feeds, key, wanted, positions.get(key), bytes)] as const)
    await answer(searches, wanted, true, req, res)
  }
}

/** Throws `HttpProblem` 400 for what does not go together. */
function directionOf(query: SearchQuery, { before, after }: { before?: unknown; after?: unknown }): Direction {
  if (before && after) throw new HttpProblem(400, 'Use either before or after, not both.', { parameter: 'after' })
  const direction = query.direction ?? (after ? 'forward' : 'backward')
  if (before && direction === 'forward')
    throw new HttpProblem(400, 'Use after with direction=forward, not before.', { parameter: 'before' })
  if (after && direction === 'backward')
    throw new HttpProblem(400, 'Use before with direction=backward, not after.', { parameter: 'after' })
  return direction
}

/** An EventSource that comes back after `done`. */
function isDone(req: Request): boolean {
  return req.get('Last-Event-ID') === DONE_ID
}

/** Which of the positions is whose. Those of containers that are not searched are nobody's. */
function byKey({ engine }: Feeds, keys: readonly string[], positions: readonly Place[]): Map<string, Cursor> {
  const found = new Map<string, Cursor>()
  for (const { cursor, key: shown } of positions) {
    const key = shown ?? engine.containers().find(({ id }) => incarnationOf(id) === cursor.incarnation)?.key
    if (key !== undefined && keys.includes(key)) found.set(key, cursor)
  }
  return found
}

function searchOf(feeds: Feeds, key: string, wanted: Wanted, position: Cursor | undefined, bytes: number): LogSearch {
  const { engine, succession } = feeds
  const { direction, filter, since, until, context = 0, limit: count = DEFAULT_LIMIT, entries: withEntries } = wanted
  const { admits, excludes, mayAdmit } = filter
  const lines = { admits, excludes, since, until, withEntries, context, count }
  const current = engine.find(key)
  if (direction === 'forward') {
    if (!current) throw new EngineError('no-container', 'no container has that name')
    if (position && !succession.after(key, position).some((link) => 'id' in link)) throw goneProblem('after')
    return new ForwardSearch(feeds, key, current.id, { after: position, ...lines })
  }
  const place: SearchOptions['place'] = position ? { before: position } : until ? { past: until } : 'end'
  const log = logBefore(engine, succession, key, place)
  if ('gap' in log) throw goneProblem('before')
  return new Search(engine, log.id, { place, mayAdmit, bytes, ...lines })
}

function goneProblem(side: 'before' | 'after'): HttpProblem {
  return new HttpProblem(
    410,
    `Can't read the lines ${side} that position: its container is gone or never had this name.`,
  )
}

async function answer(
  searches: () => readonly (readonly [key: string, search: LogSearch])[],
  { direction, filter, context = 0, limit = DEFAULT_LIMIT }: Wanted,
  isMany: boolean,
  req: Request,
  res: Response,
): Promise<void> {
  const gone = clientGone(res)
  try {
    const search = new MergedSearch(searches(), direction, limit)
    const matches = search.run(gone)
    const first = await matches.next() // what cannot be had at all is a problem, not a stream
    const viewer = await Viewer.open(req, res)
    endTurn(res)
    const shown = { context: context > 0, container: isMany }
    await new SearchSession({ search, matches: chained(first, matches), filter, shown, viewer }).run()
  } catch (error) {
    if (!gone.aborted) rethrow(error)
  }
}

async function* chained<T>(first: IteratorResult<T>, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  if (!first.done) yield first.value
  yield* rest
}
