/** The containers and hosts as the page knows them, and how they stand in the sidebar. Pure. */
import type { Container, ContainerState, ContainersEvent, Host } from '../../server/wire.ts'

export interface Roster {
  /** False until the first snapshot. */
  known: boolean
  hosts: readonly Host[]
  containers: ReadonlyMap<string, Container>
}

export const EMPTY_ROSTER: Roster = { known: false, hosts: [], containers: new Map() }

/** The roster after an event. A snapshot replaces everything: what was missed while away is repaired by it. */
export function applyEvent(roster: Roster, event: ContainersEvent): Roster {
  if (event.kind === 'snapshot') {
    return { known: true, hosts: event.hosts, containers: new Map(event.containers.map((c) => [c.key, c])) }
  }
  const hosts = event.hosts ?? roster.hosts
  if (event.changed === undefined && event.removed === undefined) return { ...roster, hosts }
  const containers = new Map(roster.containers)
  for (const key of event.removed ?? []) containers.delete(key)
  for (const container of event.changed ?? []) containers.set(container.key, container)
  return { ...roster, hosts, containers }
}

/** Whether any host answers; `connecting` until it is known. */
export function reachOf(hosts: readonly Host[]): Host['state'] {
  if (hosts.some((host) => host.state === 'connected')) return 'connected'
  return hosts.length > 0 && hosts.every((host) => host.state === 'unreachable') ? 'unreachable' : 'connecting'
}

const STOPPED: ReadonlySet<ContainerState> = new Set(['created', 'exited', 'dead', 'removing'])

export function isStopped(container: Container): boolean {
  return STOPPED.has(container.state)
}

export interface Group {
  /** The compose project; `other` for containers without one, `stopped` for those folded away. */
  name: string
  keys: string[]
}

export interface Grouping {
  /** Projects by name, then the rest. */
  groups: Group[]
  /** Keys of those that stopped a while ago, by name. */
  stopped: string[]
}

/** What has stopped just now is looked for where it stood, and most of it comes back: it is folded away only after this. */
const FOLD_AFTER_MS = 5 * 60_000

/**
 * Arranges the containers that match a filter. The one on screen (`current`) keeps its place whatever becomes of it.
 */
export function arrange(
  containers: Iterable<Container>,
  filter: string,
  current: string | undefined,
  now: number,
): Grouping {
  const projects = new Map<string, Container[]>()
  const other: Container[] = []
  const stopped: Container[] = []
  for (const container of containers) {
    if (!matches(container, filter)) continue
    if (container.key !== current && isFolded(container, now)) stopped.push(container)
    else if (container.project === undefined) other.push(container)
    else {
      const members = projects.get(container.project)
      if (members === undefined) projects.set(container.project, [container])
      else members.push(container)
    }
  }
  const groups = [...projects]
    .sort(([a], [b]) => compare(a, b))
    .map(([name, members]) => ({ name, keys: keysByName(members) }))
  if (other.length > 0) groups.push({ name: OTHER, keys: keysByName(other) })
  return { groups, stopped: keysByName(stopped) }
}

/** The group of those that are of no project. */
export const OTHER = 'other'

function isFolded(container: Container, now: number): boolean {
  if (!isStopped(container)) return false
  const at = Date.parse(container.finished ?? container.created)
  return !(now - at < FOLD_AFTER_MS)
}

/** Every word of the filter is found in the name, project, service or image, in any case. */
export function matches(container: Container, filter: string): boolean {
  const text = `${container.key} ${container.project ?? ''} ${container.service ?? ''} ${container.image}`.toLowerCase()
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

/** The neighbour of `current` in a list of keys, `step` away, round the ends; the first when `current` is not in it. */
export function neighbour(keys: readonly string[], current: string | undefined, step: 1 | -1): string | undefined {
  const at = current === undefined ? -1 : keys.indexOf(current)
  if (at < 0) return keys[step === 1 ? 0 : keys.length - 1]
  return keys[(at + step + keys.length) % keys.length]
}

/** Natural order: worker-2 before worker-10. By hand, since Intl.Collator costs ten ms before the first line is painted. */
function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.toLowerCase().match(/\d+|\D+/g) ?? [])
  for (const [i, part] of (left ?? []).entries()) {
    const other = right?.[i] ?? ''
    const difference = Number(part) - Number(other)
    if (part !== other && other !== '' && difference) return difference // NaN, when either is no number, is not taken
    if (part !== other) return part < other ? -1 : 1
  }
  return (left?.length ?? 0) - (right?.length ?? 0)
}

/** What the sidebar calls a container: its service within a project, when the name is compose's own `project-service-1`. */
export function shortName(container: Container): string {
  const { name, project } = container
  if (project === undefined || !name.startsWith(`${project}-`)) return name
  return name.slice(project.length + 1).replace(/-1$/, '')
}

function keysByName(containers: Container[]): string[] {
  return containers.sort((a, b) => compare(shortName(a), shortName(b)) || compare(a.key, b.key)).map((c) => c.key)
}
