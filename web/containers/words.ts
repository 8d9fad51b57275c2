/** A container's state in words for a person. Pure. */
import type { Container } from '../../server/wire.ts'

/** When a container was last heard of. */
export interface Heard {
  /** In ms since 1970. */
  readonly at: number
  /** Its host does not answer: how it is now is not known. */
  readonly isAway: boolean
}

/** A container that was restarted lately, at least so often, is in a crash loop. */
const LOOP_RESTARTS = 2
/** The engine waits a minute at most between two tries. */
const LOOP_MS = 5 * 60_000

/** `up 3 h, 2 restarts`, `exited 137, out of memory, 2 min ago`, `restarting, exited 1, 14 restarts`. */
export function stateWords(container: Container, heard: Heard): string {
  return heard.isAway ? `${wordsAt(container, heard.at)} when last seen` : wordsAt(container, heard.at)
}

function wordsAt(container: Container, now: number): string {
  const ended = container.finished === undefined ? '' : `, ${ago(now - Date.parse(container.finished))}`
  const code = container.exitCode === undefined ? '' : ` ${container.exitCode}`
  const memory = container.oomKilled ? ', out of memory' : ''
  const restarts = container.restarts === undefined ? '' : `, ${restartsWords(container.restarts)}`
  switch (container.state) {
    case 'running':
      return `up ${upTime(container, now)}${healthWords(container)}${restarts}`
    case 'paused':
      return 'paused'
    case 'restarting':
      return code === '' ? `restarting${restarts}` : `restarting, exited${code}${memory}${restarts}`
    case 'created':
      return 'created, never started'
    case 'removing':
      return 'being removed'
    case 'dead':
      return `dead${ended}`
    case 'exited':
      return `${container.stopped ? 'stopped, ' : ''}exited${code}${memory}${ended}`
  }
}

function upTime(container: Container, now: number): string {
  return container.started === undefined ? '' : duration(now - Date.parse(container.started))
}

function healthWords(container: Container): string {
  if (container.health === 'unhealthy') return ', unhealthy'
  return container.health === 'starting' ? ', starting' : ''
}

function restartsWords(count: number): string {
  return count === 1 ? '1 restart' : `${count} restarts`
}

/** The one fact that a row of the sidebar has room for; empty when all is well. */
export function quietFact(container: Container, { at }: Heard): string {
  if (isInCrashLoop(container, at)) return restartsWords(container.restarts ?? 0)
  switch (container.state) {
    case 'running':
      return container.health === 'unhealthy' ? 'unhealthy' : ''
    case 'exited':
      if (container.oomKilled) return 'out of memory'
      return container.exitCode !== 0 && wasStopped(container)
        ? 'stopped'
        : `exited ${container.exitCode ?? ''}`.trimEnd()
    default:
      return container.state
  }
}

/** Which of the sidebar's marks a container gets; each has a shape of its own. */
export type Mark = 'up' | 'unwell' | 'restarting' | 'paused' | 'stopped' | 'failed' | 'unknown'

export function mark(container: Container, { at, isAway }: Heard): Mark {
  if (isAway) return 'unknown'
  if (isInCrashLoop(container, at)) return 'restarting'
  switch (container.state) {
    case 'running':
      return container.health === 'unhealthy' ? 'unwell' : 'up'
    case 'paused':
    case 'restarting':
      return container.state
    case 'dead':
      return 'failed'
    case 'exited':
      return hasFailed(container) ? 'failed' : 'stopped'
    default:
      return 'stopped'
  }
}

/** Its last run ended by itself, and not well. */
export function hasFailed(container: Container): boolean {
  if (container.state === 'dead') return true
  if (container.state !== 'exited' || (container.exitCode ?? 0) === 0) return false
  return container.oomKilled === true || !wasStopped(container)
}

/** 128 + SIGKILL, 128 + SIGTERM: how programs end that `docker stop` stops. */
const STOP_CODES: ReadonlySet<number | undefined> = new Set([137, 143])

/** Whether somebody stopped it. Where no event told, its exit code is taken for the answer: an old stop is no alarm. */
function wasStopped({ stopped, exitCode }: Container): boolean {
  return stopped ?? STOP_CODES.has(exitCode)
}

/** It was started again and again by its restart policy, and lately. */
function isInCrashLoop({ restarts = 0, state, started = '' }: Container, now: number): boolean {
  if (restarts < LOOP_RESTARTS) return false
  return state === 'restarting' || (state === 'running' && now - Date.parse(started) < LOOP_MS)
}

const UNITS: readonly [name: string, ms: number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
]

/** `3 h`, `2 min`, in whole units of the largest kind; below a minute `12 s`. */
export function duration(ms: number): string {
  const [name, size] = UNITS.find(([, unit]) => ms >= unit) ?? ['s', 1000]
  return `${Math.max(0, Math.floor(ms / size))}\u00a0${name}`
}

/** `2 min ago`; `just now` within ten seconds, and for clocks that disagree. */
export function ago(ms: number): string {
  return ms < 10_000 || Number.isNaN(ms) ? 'just now' : `${duration(ms)} ago`
}

/** The image without the parts that say nothing: the default registry, and most of a digest. */
export function imageName(image: string): string {
  return image
    .replace(/^(?:docker\.io\/)?(?:library\/)?/, '')
    .replace(/@?(sha256:[0-9a-f]{12})[0-9a-f]{52}$/, '@$1')
    .replace(/^@/, '')
}

/** What lists call a container: by its labels, or its service within a project, when the name is compose's own `project-service-1`. */
export function shortName(container: Container): string {
  const { name, project, group, displayName } = container
  if (displayName !== undefined) return displayName
  if (project === undefined || group !== undefined || !name.startsWith(`${project}-`)) return name
  return name.slice(project.length + 1).replace(/-1$/, '')
}

/**
 * What a container is called beside its lines in a merged log: its Compose service, with its number if there are several;
 * else its name without the project's.
 */
export function serviceName(container: Container): string {
  const { name, project, service, displayName } = container
  if (displayName !== undefined || project === undefined || service === undefined) return shortName(container)
  const number = /[-_](\d+)$/.exec(name)?.[1]
  const isComposeName =
    number !== undefined && name.replaceAll('_', '-') === `${project}-${service}-${number}`.replaceAll('_', '-')
  return isComposeName && number !== '1' ? `${service}-${number}` : service
}

/** `payments-r…-worker-2`: the ends of a name tell it from its like. */
export function cutInMiddle(name: string, most: number): string {
  if (name.length <= most) return name
  const end = Math.floor((most - 1) / 2)
  return `${name.slice(0, most - 1 - end)}…${name.slice(-end)}`
}
