/**
 * `GET /api/logs/stream`: the live lines of many containers, merged by time, as SSE. `container`, `project` and `label` may
 * each be given more than once; a container is shown if any of them names it, every container if there is none.
 */
import type { RequestHandler } from 'express'
import type { Engine } from '../engine/engine.ts'
import { parsePlaces } from '../logs/cursor.ts'
import { nearest } from '../nearest.ts'
import { MAX_CONTAINERS, type Selection, selects } from '../sse/selection.ts'
import type { Streams } from '../sse/streams.ts'
import { findContainer, newcomer } from './containers.ts'
import { filterShape, readFilter } from './filter-query.ts'
import { lastEventId } from './last-event-id.ts'
import { HttpProblem } from './problem.ts'
import { DEFAULT_TAIL, flag, names, places, quote, readQuery, tail } from './query.ts'

export function mergedStreamRoute(engine: Engine, streams: Streams): RequestHandler {
  return async (req, res) => {
    const query = readQuery(
      req,
      {
        container: names.optional(),
        project: names.optional(),
        label: names.optional(),
        tail: tail.optional(),
        after: places.optional(),
        wait: flag.optional(),
        containers: flag.optional(),
        ...filterShape,
      },
      ['container', 'project', 'label'],
    )
    const filter = await readFilter(query)
    const resumed = lastEventId(req, (id) => parsePlaces(id, MAX_CONTAINERS))
    await engine.ready
    const selection = {
      containers: [...new Set(query.container)],
      projects: query.project ?? [],
      labels: query.label ?? [],
    }
    if (!query.wait && !resumed) await findSelected(engine, selection)
    checkCount(engine, selection)
    const after = resumed ?? query.after
    const start = after ? { after } : { tail: query.tail ?? DEFAULT_TAIL }
    await streams.openMerged({ start, selection, filter, containers: query.containers ?? false }, req, res)
  }
}

/** Throws `HttpProblem` 404 for a part of the selection that names nothing, 503 while no engine can be asked. */
async function findSelected(engine: Engine, { containers, projects, labels }: Selection): Promise<void> {
  for (const key of containers) await findContainer(engine, key)
  for (const project of projects) {
    if (await newcomer(engine, () => engine.containers().find((container) => container.project === project))) continue
    const closest = nearest(project, [...new Set(engine.containers().flatMap((container) => container.project ?? []))])
    const hint = closest.length > 0 ? ` The closest: ${closest.join(', ')}.` : ''
    throw new HttpProblem(404, `No container is of the project ${quote(project)}.${hint}`, { closest })
  }
  for (const label of labels) {
    const selection = { containers: [], projects: [], labels: [label] }
    if (await newcomer(engine, () => engine.containers().find((container) => selects(selection, container)))) continue
    throw new HttpProblem(404, `No container has the label ${quote(label)}.`)
  }
}

function checkCount(engine: Engine, selection: Selection): void {
  const keys = new Set(selection.containers)
  for (const container of engine.containers()) if (selects(selection, container)) keys.add(container.key)
  if (keys.size <= MAX_CONTAINERS) return
  const detail = `A stream holds ${MAX_CONTAINERS} containers at most, and ${keys.size} are selected; name fewer with container=, project= or label=.`
  throw new HttpProblem(400, detail)
}
