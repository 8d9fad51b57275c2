/**
 * What two listings of an engine's containers show to have happened between them, where no event tells: what a proxy that
 * forbids the event stream leaves. Pure.
 */
import { normalizeTime } from '../logs/time.ts'
import type { Container, ContainerState } from '../wire.ts'
import type { Happening } from './engine.ts'
import type { Known, Picture } from './picture.ts'

export interface Relisting {
  /** Every container that is listed now, with what an inspection told before. */
  readonly known: readonly Known[]
  /** Those of them that are new or differ from before. */
  readonly changed: readonly Known[]
  /** What is to be told at once, in order. */
  readonly happenings: readonly Happening[]
  /** What an inspection tells better; of these, how it was before, and what the listings alone show. */
  readonly expected: readonly { readonly before: Container; readonly implied: readonly Happening[] }[]
  /** Ids to inspect. */
  readonly stale: readonly string[]
}

const ALIVE: ReadonlySet<ContainerState> = new Set(['running', 'paused'])
/** The listing's words for a state change with each second or minute after it: `Up 3 seconds`, `Exited (1) 2 seconds ago`. */
const JUST_NOW = /second/i

/** `at`: when the newer listing was asked for, RFC 3339 with nine digits; what has no time of its own happened by then. */
export function compare(picture: Picture, listed: readonly Known[], at: string): Relisting {
  const known: Known[] = []
  const changed: Known[] = []
  const happenings: Happening[] = []
  const births: Happening[] = []
  const expected: { before: Container; implied: readonly Happening[] }[] = []
  const stale: string[] = []
  for (const fresh of listed) {
    const { container, status = '' } = fresh
    const { id } = container
    const old = picture.get(id)
    if (!old) {
      births.push({ key: container.key, id, state: 'created', at: normalizeTime(container.created) ?? at })
      expected.push({ before: container, implied: lifeBetween(undefined, container, at, status) })
      known.push(fresh)
      changed.push(fresh)
      stale.push(id)
      continue
    }
    const now = relisted(old, fresh)
    const differs = isOther(old.container, now.container)
    const isStale = differs || status !== old.status || JUST_NOW.test(status)
    known.push(differs ? now : status === old.status ? old : { ...old, status })
    if (differs) changed.push(now)
    if (isStale) stale.push(id)
    const life = lifeBetween(old.container, now.container, at, status)
    happenings.push(...otherwise(old.container, now.container, at))
    // Of one that was never inspected nobody knows since when it runs: an inspection would tell an old start as news.
    if (old.form === undefined) happenings.push(...life)
    else if (isStale) expected.push({ before: old.container, implied: life })
  }
  // Who lost a name comes before who has it now.
  return { known, changed, happenings: [...happenings, ...births], expected, stale }
}

/** What inspecting told stands until it tells anew, so that nothing blinks. */
export function relisted(old: Known, { container, status = '' }: Known): Known {
  const { exitCode, finished, oomKilled, started, stopped, ...rest } = old.container
  const { key, name, state, health } = container
  const isAnotherLife = ALIVE.has(state) && !ALIVE.has(old.container.state)
  const before = isAnotherLife ? rest : old.container
  return { ...old, status, container: { ...before, key, name, state, ...(health && { health }) } }
}

function lifeBetween(before: Container | undefined, after: Container, at: string, status = ''): Happening[] {
  const { key, id, state } = after
  const wasAlive = before !== undefined && ALIVE.has(before.state)
  if (ALIVE.has(state)) return wasAlive ? [] : [{ key, id, state: 'started', at }]
  const isOver = state === 'exited' || state === 'dead' || state === 'restarting'
  if (!isOver || (before !== undefined && !wasAlive)) return []
  const code = /^(?:Exited|Restarting) \((\d+)\)/.exec(status)?.[1]
  return [{ key, id, state: 'died', at, ...(code !== undefined && { exitCode: Number(code) }) }]
}

function otherwise(before: Container, after: Container, at: string): Happening[] {
  const { key, id, health } = after
  const happenings: Happening[] = []
  if (before.key !== key) happenings.push({ key: before.key, to: key, id, state: 'renamed', at })
  if (before.state === 'running' && after.state === 'paused') happenings.push({ key, id, state: 'paused', at })
  if (before.state === 'paused' && after.state === 'running') happenings.push({ key, id, state: 'unpaused', at })
  if (health && health !== before.health) happenings.push({ key, id, state: 'health', health, at })
  return happenings
}

function isOther(before: Container, after: Container): boolean {
  return before.key !== after.key || before.state !== after.state || before.health !== after.health
}
