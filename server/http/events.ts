/** `GET /api/events`: the containers and what changes about them, as SSE. */
import type { RequestHandler } from 'express'
import type { Streams } from '../sse/streams.ts'
import { readQuery } from './query.ts'

export function eventsRoute(streams: Streams): RequestHandler {
  return async (req, res) => {
    readQuery(req, {})
    await streams.openEvents(req, res)
  }
}
