/**
 * `GET /api/logs/stream`: the live lines of many containers, merged by time, as SSE. `container`, `project` and `label` may
 * each be given more than once; a container is shown if any of them names it, every container if there is none.
 */
import type { RequestHandler } from 'express'
import type { Engine } from '../engine/engine.ts'
import { parsePlaces } from '../logs/cursor.ts'
import { MAX_CONTAINERS } from '../sse/selection.ts'
import type { Streams } from '../sse/streams.ts'
import { filterShape, readFilter } from './filter-query.ts'
import { lastEventId } from './last-event-id.ts'
import { DEFAULT_TAIL, places, readQuery, streamShape, tail } from './query.ts'
import { findSelected, REPEATABLE, selectedKeys, selectionOf, selectionShape } from './selection-query.ts'

export const mergedStreamQuery = {
  ...selectionShape,
  tail: tail.optional(),
  after: places.optional(),
  ...streamShape,
  ...filterShape,
}

export function mergedStreamRoute(engine: Engine, streams: Streams): RequestHandler {
  return async (req, res) => {
    const query = readQuery(req, mergedStreamQuery, REPEATABLE)
    const resumed = lastEventId(req, (id) => parsePlaces(id, MAX_CONTAINERS))
    await engine.ready
    const selection = selectionOf(query)
    if (!query.wait && !resumed) await findSelected(engine, selection)
    selectedKeys(engine, selection) // or there are too many
    const filter = await readFilter(query)
    const after = resumed ?? query.after
    const start = after ? { after } : { tail: query.tail ?? DEFAULT_TAIL }
    await streams.openMerged({ start, selection, filter, containers: query.containers ?? false }, req, res)
  }
}
