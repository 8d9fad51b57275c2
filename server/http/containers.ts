/** `GET /api/containers`: what containers there are. */
import { once } from 'node:events'
import type { RequestHandler } from 'express'
import type { Engine } from '../engine/engine.ts'
import { nearest } from '../nearest.ts'
import { arrayJson } from '../sse/container-json.ts'
import { wireContainer } from '../sse/wire-container.ts'
import type { Container } from '../wire.ts'
import { requireConnected } from './engine-problem.ts'
import { HttpProblem } from './problem.ts'
import { didYouMean, labelNames, quote, readQuery } from './query.ts'
import { sendParts } from './send-texts.ts'

export const containersQuery = { labels: labelNames.optional() }

export function containersRoute(engine: Engine): RequestHandler {
  return async (req, res) => {
    const { labels = [] } = readQuery(req, containersQuery)
    await engine.ready
    requireConnected(engine)
    res.set('Cache-Control', 'no-store').type('json')
    // In slices, as thousands would keep the process from serving others.
    const shown = (container: Container) => wireContainer(container, labels)
    await sendParts(arrayJson(engine.containers(), shown), res)
  }
}

/** A container that was started just now is known once its event has come, and it has been inspected. */
const NEWCOMER_MS = 500

/** The container of a URL. Throws `HttpProblem` 404 with the closest names, 503 while no engine can be asked. */
export async function findContainer(engine: Engine, key: string): Promise<Container> {
  requireConnected(engine)
  const container = await newcomer(engine, () => engine.find(key))
  if (container) return container
  requireConnected(engine)
  const closest = nearest(
    key,
    engine.containers().map((other) => other.key),
  )
  throw new HttpProblem(404, `No container named ${quote(key)}.${didYouMean(closest)}`, { closest })
}

/** What `find` gives, at once or as soon as a container that was just started is known; undefined after a moment. */
export async function newcomer<T>(engine: Engine, find: () => T | undefined): Promise<T | undefined> {
  const signal = AbortSignal.timeout(NEWCOMER_MS)
  let found = find()
  while (!found && !signal.aborted) {
    await once(engine, 'change', { signal }).catch(() => {})
    found = find()
  }
  return found
}
