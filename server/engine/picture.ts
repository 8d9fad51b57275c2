/**
 * The picture of an engine's containers: what listing, inspecting and events tell, put together. Pure but for its own
 * state; `docker-engine.ts` feeds it.
 */
import type { ContainerInfo, ContainerInspectInfo } from 'dockerode'
import type { Container, ContainerState, Health } from '../wire.ts'
import type { Happening } from './engine.ts'
import { listedAs } from './labels.ts'
import { keptBytes } from './rotation.ts'

/** What is known of one container. Until it has been inspected, `form` is missing. */
export interface Known {
  readonly container: Container
  /** How its log is to be read. */
  readonly form?: { readonly tty: boolean; readonly driver: string; readonly keptBytes?: number }
}

const STATES: readonly string[] = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']
const HEALTHS: readonly string[] = ['starting', 'healthy', 'unhealthy']
const NEVER = '0001-01-01'

export class Picture {
  readonly host: string
  readonly #known = new Map<string, Known>()
  #byKey = new Map<string, Known>()

  constructor(host: string) {
    this.host = host
  }

  /** Ordered by name. */
  containers(): Container[] {
    const containers = [...this.#known.values()].map(({ container }) => container)
    return containers.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  get(id: string): Known | undefined {
    return this.#known.get(id)
  }

  find(key: string): Known | undefined {
    return this.#byKey.get(key)
  }

  set(known: Known): void {
    this.#known.set(known.container.id, known)
    this.#index()
  }

  delete(id: string): void {
    this.#known.delete(id)
    this.#index()
  }

  #index(): void {
    // When two carry a name for a moment, as in a re-creation, the newer one is meant.
    const age = ({ container }: Known) => Date.parse(container.created)
    const byAge = [...this.#known.values()].sort((a, b) => age(a) - age(b))
    this.#byKey = new Map(byAge.map((known) => [known.container.key, known]))
  }
}

/** Engine API, "List containers": all there is before a container is inspected. */
export function fromListing(info: ContainerInfo, host: string): Known {
  const names = info.Names ?? [] // null where a removal failed half way
  const name = names.find((candidate) => !candidate.slice(1).includes('/')) ?? names[0] ?? info.Id
  const health = /\((?:health: )?(starting|healthy|unhealthy)\)/.exec(info.Status ?? '')?.[1]
  return {
    container: {
      ...common(info.Id, name.replace(/^\//, ''), host, info.Labels),
      image: info.Image,
      state: stateOf(info.State),
      ...healthOf(health),
      created: new Date(info.Created * 1000).toISOString(),
    },
  }
}

/** Engine API, "Inspect a container". The environment is never read: it holds secrets. */
export function fromInspection(info: ContainerInspectInfo, host: string): Known {
  const { State, Config, HostConfig } = info
  const kept = keptBytes(HostConfig.LogConfig ?? {})
  const stopped = !State.Running && !State.Restarting
  return {
    container: {
      ...common(info.Id, info.Name.replace(/^\//, ''), host, Config.Labels),
      image: Config.Image,
      state: stateOf(State.Status),
      ...healthOf(State.Health?.Status),
      created: info.Created,
      ...timeOf('started', State.StartedAt),
      ...timeOf('finished', State.FinishedAt),
      ...(stopped && State.Status !== 'created' && { exitCode: State.ExitCode }),
      ...(stopped && State.OOMKilled && { oomKilled: true as const }),
    },
    form: {
      tty: Config.Tty === true,
      driver: HostConfig.LogConfig?.Type ?? 'unknown',
      ...(kept !== undefined && { keptBytes: kept }),
    },
  }
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

function timeOf<K extends string>(key: K, time: string | undefined): { [P in K]?: string } {
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
