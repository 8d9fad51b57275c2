/**
 * The picture of an engine's containers: what listing, inspecting and events tell, put together. Pure but for its own
 * state; `docker-engine.ts` feeds it.
 */
import { incarnationOf } from '../logs/cursor.ts'
import { normalizeTime } from '../logs/time.ts'
import type { Container, ContainerState, Health } from '../wire.ts'
import type { Inspection, ListEntry } from './answers.ts'
import type { Happening } from './engine.ts'
import { listedAs } from './labels.ts'
import { keptBytes } from './rotation.ts'

/** What is known of one container. Until it has been inspected, `form` is missing. */
export interface Known {
  readonly container: Container
  /** How its log is to be read. */
  readonly form?: { readonly tty: boolean; readonly driver: string; readonly keptBytes?: number }
  /** The listing's words for its state, such as `Up 3 minutes (healthy)`. */
  readonly status?: string
}

const STATES: readonly string[] = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']
const HEALTHS: readonly string[] = ['starting', 'healthy', 'unhealthy']
const NEVER = '0001-01-01'
/** Of a container whose inspection has no time of its creation. */
const NEVER_CREATED = '1970-01-01T00:00:00Z'

export class Picture {
  readonly host: string
  readonly #known = new Map<string, Known>()
  readonly #byIncarnation = new Map<string, Known>()
  /** Those that carry a name: one, but for a moment of a re-creation; the one that is meant comes first. */
  readonly #byKey = new Map<string, Known[]>()
  /** Ordered; undefined until somebody asks for it. */
  #sorted: Container[] | undefined
  /** Somebody has `#sorted`: it must not change any more. */
  #isShared = false

  constructor(host: string) {
    this.host = host
  }

  get size(): number {
    return this.#known.size
  }

  /** In no order. */
  *all(): Generator<Container, void, void> {
    for (const { container } of this.#known.values()) yield container
  }

  /** Ordered by name. */
  containers(): Container[] {
    this.#sorted ??= this.#sort()
    this.#isShared = true
    return this.#sorted
  }

  /** By its id, or by the first 12 digits of it. */
  get(id: string): Known | undefined {
    return this.#known.get(id) ?? this.#byIncarnation.get(id)
  }

  find(key: string): Known | undefined {
    return this.#byKey.get(key)?.[0]
  }

  set(known: Known): void {
    const { container } = known
    const before = this.#known.get(container.id)
    this.#known.set(container.id, known)
    this.#byIncarnation.set(incarnationOf(container.id), known)
    if (before) this.#unname(before)
    this.#name(known)
    if (before?.container.name === container.name) this.#edit((all) => all.splice(rank(all, container), 1, container))
    else {
      if (before) this.#edit((all) => all.splice(rank(all, before.container), 1))
      this.#edit((all) => all.splice(rank(all, container), 0, container))
    }
  }

  delete(id: string): void {
    const known = this.#known.get(id)
    if (!known) return
    this.#known.delete(id)
    if (this.#byIncarnation.get(incarnationOf(id)) === known) this.#byIncarnation.delete(incarnationOf(id))
    this.#unname(known)
    this.#edit((all) => all.splice(rank(all, known.container), 1))
  }

  /** When two carry a name for a moment, as in a re-creation, the newer one is meant. */
  #name(known: Known): void {
    const { key, created } = known.container
    const carriers = this.#byKey.get(key) ?? []
    const isNewer = (other: Known) => moment(created) >= moment(other.container.created)
    const at = carriers.findIndex(isNewer)
    carriers.splice(at < 0 ? carriers.length : at, 0, known)
    this.#byKey.set(key, carriers)
  }

  #unname({ container: { key, id } }: Known): void {
    const carriers = this.#byKey.get(key)?.filter(({ container }) => container.id !== id) ?? []
    if (carriers.length > 0) this.#byKey.set(key, carriers)
    else this.#byKey.delete(key)
  }

  #sort(): Container[] {
    return [...this.#known.values()].map(({ container }) => container).sort(compare)
  }

  #edit(edit: (all: Container[]) => void): void {
    if (!this.#sorted) return
    if (this.#isShared) this.#sorted = this.#sorted.slice()
    this.#isShared = false
    edit(this.#sorted)
  }
}

function compare(a: Container, b: Container): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

/** Where it stands, or would stand, among those that are ordered. */
function rank(all: readonly Container[], container: Container): number {
  let [from, to] = [0, all.length]
  while (from < to) {
    const middle = (from + to) >> 1
    const other = all[middle]
    if (other && compare(other, container) < 0) from = middle + 1
    else to = middle
  }
  return from
}

/** Comparable with others, to the nanosecond. */
function moment(created: string): string {
  return normalizeTime(created) ?? ''
}

/** Engine API, "List containers": all there is before a container is inspected. */
export function fromListing(info: ListEntry, host: string): Known {
  const names = info.Names ?? [] // null where a removal failed half way
  const name = (names.find((candidate) => !candidate.slice(1).includes('/')) ?? names[0])?.replace(/^\//, '')
  const health = /\((?:health: )?(starting|healthy|unhealthy)\)/.exec(info.Status ?? '')?.[1]
  return {
    container: {
      ...common(info.Id, flat(name || info.Id), host, info.Labels),
      image: info.Image ?? '',
      state: stateOf(info.State ?? ''),
      ...healthOf(health),
      created: new Date(info.Created * 1000).toISOString(),
    },
    status: info.Status ?? '',
  }
}

/** Engine API, "Inspect a container". The environment is never read: it holds secrets. `before`: what is known so far. */
export function fromInspection(info: Inspection, host: string, before?: Known): Known & Required<Pick<Known, 'form'>> {
  const { State, Config, HostConfig } = info
  const logConfig = HostConfig?.LogConfig
  const kept = keptBytes({ Type: logConfig?.Type ?? '', Config: logConfig?.Config ?? {} })
  const isDown = !State.Running || State.Status === 'restarting'
  const restarts = info.RestartCount ?? 0
  return {
    container: {
      ...common(info.Id, flat(info.Name.replace(/^\//, '') || info.Id), host, Config.Labels),
      image: Config.Image ?? '',
      state: stateOf(State.Status),
      ...healthOf(State.Health?.Status ?? undefined),
      created: info.Created ?? before?.container.created ?? NEVER_CREATED,
      ...timeOf('started', State.StartedAt),
      ...timeOf('finished', State.FinishedAt),
      ...(isDown && State.Status !== 'created' && isCode(State.ExitCode) && { exitCode: State.ExitCode }),
      ...(isDown && State.OOMKilled && { oomKilled: true as const }),
      ...(restarts > 0 && { restarts }),
    },
    form: {
      tty: Config.Tty === true,
      driver: logConfig?.Type ?? 'unknown',
      ...(kept !== undefined && { keptBytes: kept }),
    },
    ...(before?.status !== undefined && { status: before.status }),
  }
}

/** The same text on its own: V8 keeps a slice as a reference into the whole, and compares such five times slower. */
function flat(text: string): string {
  return Buffer.from(text).toString()
}

function common(id: string, name: string, host: string, given: Record<string, string> | undefined | null) {
  const labels = given ?? {}
  return { key: name, name, host, id, labels, ...listedAs(labels) }
}

function stateOf(state: string): ContainerState {
  return STATES.includes(state) ? (state as ContainerState) : state === 'stopped' ? 'exited' : 'created'
}

export function healthOf(health: string | undefined): { health?: Health } {
  return health && HEALTHS.includes(health) ? { health: health as Health } : {}
}

function isCode(code: number | null | undefined): code is number {
  return typeof code === 'number'
}

function timeOf<K extends string>(key: K, time: string | null | undefined): { [P in K]?: string } {
  return time && !time.startsWith(NEVER) ? ({ [key]: time } as { [P in K]: string }) : {}
}

/**
 * What must have happened to one container between two looks at it, for events that were missed while away.
 * `at` is the engine's own record of the moment, in the lines' form.
 */
export function happenedBetween(before: Container, after: Container, normalize: (time: string) => string): Happening[] {
  const { key, id } = after
  const happenings: Happening[] = []
  const restarted = before.started !== after.started && after.started !== undefined
  if (after.finished !== undefined && after.finished !== before.finished) {
    const exitCode = after.exitCode
    const died: Happening = {
      key,
      id,
      state: 'died',
      at: normalize(after.finished),
      ...(exitCode !== undefined && { exitCode }),
    }
    happenings.push(died)
  }
  if (restarted && after.started) happenings.push({ key, id, state: 'started', at: normalize(after.started) })
  return happenings.sort((a, b) => (a.at < b.at ? -1 : 1))
}
