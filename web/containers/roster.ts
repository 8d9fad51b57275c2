/** The containers and hosts as the page knows them, and how they stand in the sidebar. Pure. */
import type { Container, ContainerState, ContainersEvent, Host } from '../../server/wire.ts'
import type { Selection } from '../frame/place.ts'
import { hasFailed, shortName } from './words.ts'

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
    const sorted = event.containers.toSorted(byName) // so that each later sorting is of what is sorted, and linear
    return { known: true, hosts: event.hosts, containers: new Map(sorted.map((c) => [c.key, c])) }
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

/** Ids of the groups that have no name of their own, which no label can hold. */
export const OTHER = ''
export const STOPPED_GROUP = ' '

export interface Group {
  /** `OTHER`, `STOPPED_GROUP`, or its name. */
  id: string
  /** The group that labels name, or the compose project. */
  name: string
  keys: string[]
  /** What selects the logs of all of them. */
  selection?: Selection
}

export interface Grouping {
  /** By name, then those of no group. */
  groups: Group[]
  /** Keys of those that stopped a while ago, by name. */
  stopped: string[]
}

/** A container that has just stopped is looked for where it stood, and most come back: it is folded away after this time. One that failed never is. */
const FOLD_AFTER_MS = 5 * 60_000

/**
 * Arranges the containers that match a filter, but for hidden ones. The one on screen (`current`) keeps its place whatever
 * becomes of it.
 */
export function arrange(
  containers: Iterable<Container>,
  filter: string,
  current: string | undefined,
  now: number,
): Grouping {
  const named = new Map<string, Container[]>()
  const other: Container[] = []
  const stopped: Container[] = []
  for (const container of containers) {
    if (container.hidden || !matches(container, filter)) continue
    const name = headingOf(container)
    if (container.key !== current && isFolded(container, now)) stopped.push(container)
    else if (name === undefined) other.push(container)
    else {
      const members = named.get(name)
      if (members === undefined) named.set(name, [container])
      else members.push(container)
    }
  }
  const groups: Group[] = [...named]
    .sort(([a], [b]) => compare(a.toLowerCase(), b.toLowerCase()))
    .map(([name, members]) => ({ id: name, name, keys: keysByName(members), selection: selectionOf(name, members) }))
  if (other.length > 0) groups.push({ id: OTHER, name: 'other', keys: keysByName(other) })
  return { groups, stopped: keysByName(stopped) }
}

function headingOf({ group, project }: Container): string | undefined {
  return group ?? project
}

/** A project and a group of labels may have one name, and then one heading. */
function selectionOf(name: string, members: readonly Container[]): Selection {
  const isGroup = members.some(({ group }) => group !== undefined)
  const isProject = members.some(({ group }) => group === undefined)
  return { containers: [], projects: isProject ? [name] : [], labels: isGroup ? [`sluice.group=${name}`] : [] }
}

function isFolded(container: Container, now: number): boolean {
  if (!isStopped(container)) return false
  if (hasFailed(container)) return false
  const at = Date.parse(container.finished ?? container.created)
  return !(now - at < FOLD_AFTER_MS)
}

/**
 * Every word of the filter is found in one of its names, in its project, service, image or state, in any case; or its
 * letters are in its name, in their order: `shpwb` for shop-web.
 */
export function matches(container: Container, filter: string): boolean {
  if (filter === '') return true
  const words = filter.toLowerCase().split(/\s+/)
  const { sought, name } = textsOf(container)
  return words.every((word) => sought.includes(word) || isWithin(word, name))
}

/** Of two letters, almost every name has both. */
const LEAST_LETTERS = 3

function isWithin(letters: string, name: string): boolean {
  if (letters.length < LEAST_LETTERS || letters[0] !== name[0]) return false
  let at = 0
  for (const letter of letters) {
    at = name.indexOf(letter, at) + 1
    if (at === 0) return false
  }
  return true
}

/** In lower case: what is sorted by, and what is filtered by. Made once for each container, not for each change of another. */
interface Texts {
  name: string
  sought: string
}

const texts = new WeakMap<Container, Texts>()

function textsOf(container: Container): Texts {
  const known = texts.get(container)
  if (known !== undefined) return known
  const { key, displayName = '', group = '', project = '', service = '', image } = container
  const made = {
    name: shortName(container).toLowerCase(),
    sought: `${key} ${displayName} ${group} ${project} ${service} ${image} ${stateText(container)}`.toLowerCase(),
  }
  texts.set(container, made)
  return made
}

/** What people call its state. */
function stateText(container: Container): string {
  const { state, health = '', exitCode, oomKilled } = container
  const words = [state, health, exitCode !== undefined && `exited ${exitCode}`, oomKilled && 'out of memory oom']
  return [...words, hasFailed(container) && 'failed', isStopped(container) && 'stopped'].filter(Boolean).join(' ')
}

/** The neighbour of `current` in a list of keys, `step` away, round the ends; the first when `current` is not in it. */
export function neighbour(keys: readonly string[], current: string | undefined, step: 1 | -1): string | undefined {
  const at = current === undefined ? -1 : keys.indexOf(current)
  if (at < 0) return keys[step === 1 ? 0 : keys.length - 1]
  return keys[(at + step + keys.length) % keys.length]
}

/**
 * Natural order of texts in lower case: worker-2 before worker-10. By hand, since Intl.Collator costs ten ms before the first line is painted, and
 * without arrays, since ten thousand names are compared some hundred thousand times.
 */
function compare(left: string, right: string): number {
  if (left === right) return 0
  let at = 0
  while (at < left.length && left[at] === right[at]) at++
  while (isDigit(left[at - 1])) at-- // both begin their numbers there
  const difference = numberAt(left, at) - numberAt(right, at)
  return difference || (left < right ? -1 : Number(left > right)) // NaN, when either has no number there, is not taken
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9'
}

function numberAt(text: string, at: number): number {
  let end = at
  while (isDigit(text[end])) end++
  return end > at ? Number(text.slice(at, end)) : Number.NaN
}

function keysByName(containers: Container[]): string[] {
  return containers.sort(byName).map((c) => c.key)
}

function byName(a: Container, b: Container): number {
  return compare(textsOf(a).name, textsOf(b).name) || compare(a.key, b.key)
}

export function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((key, i) => key === b[i])
}
