/** `GET /api/events`: the containers and what changes about them, as SSE. */
import type { RequestHandler } from 'express'
import type { Engine } from '../engine/engine.ts'
import type { Streams } from '../sse/streams.ts'
import { readQuery } from './query.ts'

export function eventsRoute(engine: Engine, streams: Streams): RequestHandler {
  return async (req, res) => {
    readQuery(req, {})
    await engine.ready
    await streams.openEvents(req, res)
  }
}
