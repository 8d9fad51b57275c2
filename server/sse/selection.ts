/** Which containers a merged stream shows: what its URL says, asked again whenever a container appears. */
import type { Container } from '../wire.ts'

/** A container is shown if any part names it; with no part at all, every container is. */
export interface Selection {
  /** Keys. */
  readonly containers: readonly string[]
  /** Compose projects. */
  readonly projects: readonly string[]
  /** `name=value`, or `name` for any value. */
  readonly labels: readonly string[]
}

/** One event of a merged stream holds a cursor of some 36 characters for each container: see `MAX_PLACES_CHARS`. */
export const MAX_CONTAINERS = 200

export function selects({ containers, projects, labels }: Selection, container: Container): boolean {
  if (containers.length + projects.length + labels.length === 0) return true
  return (
    containers.includes(container.key) ||
    (container.project !== undefined && projects.includes(container.project)) ||
    labels.some((label) => hasLabel(container, label))
  )
}

function hasLabel({ labels = {}, group }: Container, label: string): boolean {
  const at = label.indexOf('=')
  if (at < 0) return Object.hasOwn(labels, label)
  const name = label.slice(0, at)
  // All that stand under a heading are selected by one label, whichever label put each there.
  if (name === 'sluice.group' && group !== undefined) return group === label.slice(at + 1)
  return Object.hasOwn(labels, name) && labels[name] === label.slice(at + 1)
}
