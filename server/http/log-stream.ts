/**
 * `GET /api/containers/:key/logs/stream`: a container's live lines as SSE. The key is a name, so the address stays good
 * when the container is re-created; `Last-Event-ID` or `after=` goes on after the line it names.
 */
import type { Request, RequestHandler } from 'express'
import type { Engine } from '../engine/engine.ts'
import type { Start } from '../feed/reader.ts'
import { parseCursor } from '../logs/cursor.ts'
import type { Streams } from '../sse/streams.ts'
import { findContainer } from './containers.ts'
import { HttpProblem } from './problem.ts'
import { cursor, DEFAULT_TAIL, flag, readQuery, tail } from './query.ts'

export function logStreamRoute(engine: Engine, streams: Streams): RequestHandler<{ key: string }> {
  return async (req, res) => {
    const { key } = req.params
    const query = readQuery(req as Request, {
      tail: tail.optional(),
      after: cursor.optional(),
      wait: flag.optional(),
      containers: flag.optional(),
    })
    await engine.ready
    if (!query.wait) await findContainer(engine, key)
    // A browser that reconnects sends the header with the URL it had, so the header is the newer of the two.
    const after = lastEventId(req as Request) ?? query.after
    const start: Start = after ? { after } : { tail: query.tail ?? DEFAULT_TAIL }
    await streams.openLog(key, { start, containers: query.containers ?? false }, req, res)
  }
}

function lastEventId(req: Request) {
  const id = req.get('Last-Event-ID')
  if (!id) return undefined
  const after = parseCursor(id)
  if (!after) throw new HttpProblem(400, 'The header Last-Event-ID is not a cursor.', { parameter: 'Last-Event-ID' })
  return after
}
