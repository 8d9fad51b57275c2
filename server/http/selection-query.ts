/** `container`, `project` and `label`: the parameters that select many containers. Each may be given more than once. */
import type { Engine } from '../engine/engine.ts'
import { nearest } from '../nearest.ts'
import { MAX_CONTAINERS, type Selection, selects } from '../sse/selection.ts'
import { findContainer, newcomer } from './containers.ts'
import { requireConnected } from './engine-problem.ts'
import { HttpProblem } from './problem.ts'
import { didYouMean, names, quote } from './query.ts'

/** To spread into `readQuery`'s shape; each of `REPEATABLE`. */
export const selectionShape = {
  container: names.meta({ description: 'Containers of these names.' }).optional(),
  project: names.meta({ description: 'Containers of these Compose projects.' }).optional(),
  label: names.meta({ description: 'Containers with one of these labels: `NAME` or `NAME=VALUE`.' }).optional(),
}

export const REPEATABLE = ['container', 'project', 'label'] as const

interface SelectionQuery {
  readonly container?: readonly string[] | undefined
  readonly project?: readonly string[] | undefined
  readonly label?: readonly string[] | undefined
}

export function selectionOf({ container, project = [], label = [] }: SelectionQuery): Selection {
  return { containers: [...new Set(container)], projects: project, labels: label }
}

/** Throws `HttpProblem` 404 for a part of the selection that names nothing, 503 while no engine can be asked. */
export async function findSelected(engine: Engine, { containers, projects, labels }: Selection): Promise<void> {
  requireConnected(engine)
  for (const key of containers) await findContainer(engine, key)
  for (const project of projects) {
    if (await newcomer(engine, () => engine.containers().find((container) => container.project === project))) continue
    const closest = nearest(project, [...new Set(engine.containers().flatMap((container) => container.project ?? []))])
    throw new HttpProblem(404, `No container in project ${quote(project)}.${didYouMean(closest)}`, { closest })
  }
  for (const label of labels) {
    const selection = { containers: [], projects: [], labels: [label] }
    if (await newcomer(engine, () => engine.containers().find((container) => selects(selection, container)))) continue
    throw new HttpProblem(404, `No container with label ${quote(label)}.`)
  }
}

/** The keys of what is selected, those that nobody carries included. Throws `HttpProblem` 400 where they are too many. */
export function selectedKeys(engine: Engine, selection: Selection): string[] {
  const keys = new Set(selection.containers)
  for (const container of engine.containers()) if (selects(selection, container)) keys.add(container.key)
  if (keys.size <= MAX_CONTAINERS) return [...keys]
  const detail = `${keys.size} containers are selected; the maximum is ${MAX_CONTAINERS}. Select fewer with container, project or label.`
  throw new HttpProblem(400, detail)
}
