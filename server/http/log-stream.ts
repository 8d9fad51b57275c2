/**
 * `GET /api/containers/:key/logs/stream`: a container's live lines as SSE. The key is a name, so the address stays good
 * when the container is re-created; `Last-Event-ID` or `after=` goes on after the line it names.
 */
import type { Request, RequestHandler } from 'express'
import type { Engine } from '../engine/engine.ts'
import { parseCursor } from '../logs/cursor.ts'
import type { Streams } from '../sse/streams.ts'
import { findContainer } from './containers.ts'
import { filterShape, readFilter } from './filter-query.ts'
import { lastEventId } from './last-event-id.ts'
import { cursor, DEFAULT_TAIL, readQuery, streamShape, tail } from './query.ts'

export const logStreamQuery = {
  tail: tail.optional(),
  after: cursor.optional(),
  ...streamShape,
  ...filterShape,
}

export function logStreamRoute(engine: Engine, streams: Streams): RequestHandler<{ key: string }> {
  return async (req, res) => {
    const { key } = req.params
    const query = readQuery(req as Request, logStreamQuery)
    const resumed = lastEventId(req as Request, parseCursor)
    await engine.ready
    const found = query.wait ? undefined : findContainer(engine, key)
    // Who resumes was here before, and an EventSource that is told 404 would never come back.
    await (resumed ? found?.catch(() => {}) : found)
    const filter = await readFilter(query)
    // A browser that reconnects sends the header with the URL it had, so the header is the newer of the two.
    const after = resumed ?? query.after
    const start = after ? { after } : { tail: query.tail ?? DEFAULT_TAIL }
    await streams.openLog(key, { start, filter, containers: query.containers ?? false }, req, res)
  }
}
