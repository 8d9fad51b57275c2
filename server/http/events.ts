/** `GET /api/events`: the containers and what changes about them, as SSE. */
import type { RequestHandler } from 'express'
import type { Engine } from '../engine/engine.ts'
import type { Streams } from '../sse/streams.ts'
import { labelNames, readQuery } from './query.ts'

export const eventsQuery = { labels: labelNames.optional() }

export function eventsRoute(engine: Engine, streams: Streams): RequestHandler {
  return async (req, res) => {
    const { labels } = readQuery(req, eventsQuery)
    await engine.ready
    await streams.openEvents(labels ?? [], req, res)
  }
}
