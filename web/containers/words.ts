/** A container's state in words for a person. Pure: `now` is in ms since 1970. */
import type { Container } from '../../server/wire.ts'

/** `up 3 h`, `exited 137, out of memory, 2 min ago`, `restarting, exited 1`. */
export function stateWords(container: Container, now: number): string {
  const ended = container.finished === undefined ? '' : `, ${ago(now - Date.parse(container.finished))}`
  const code = container.exitCode === undefined ? '' : ` ${container.exitCode}`
  const memory = container.oomKilled ? ', out of memory' : ''
  switch (container.state) {
    case 'running':
      return `up ${upTime(container, now)}${healthWords(container)}`
    case 'paused':
      return 'paused'
    case 'restarting':
      return code === '' ? 'restarting' : `restarting, exited${code}${memory}`
    case 'created':
      return 'created, never started'
    case 'removing':
      return 'being removed'
    case 'dead':
      return `dead${ended}`
    case 'exited':
      return `exited${code}${memory}${ended}`
  }
}

function upTime(container: Container, now: number): string {
  return container.started === undefined ? '' : duration(now - Date.parse(container.started))
}

function healthWords(container: Container): string {
  if (container.health === 'unhealthy') return ', unhealthy'
  return container.health === 'starting' ? ', starting' : ''
}

/** The one fact that a row of the sidebar has room for; empty when all is well. */
export function quietFact(container: Container): string {
  switch (container.state) {
    case 'running':
      return container.health === 'unhealthy' ? 'unhealthy' : ''
    case 'exited':
      return container.oomKilled ? 'out of memory' : `exited ${container.exitCode ?? ''}`.trimEnd()
    default:
      return container.state
  }
}

/** Which of the sidebar's marks a container gets; each has a shape of its own. */
export type Mark = 'up' | 'unwell' | 'restarting' | 'paused' | 'stopped' | 'failed'

export function mark(container: Container): Mark {
  switch (container.state) {
    case 'running':
      return container.health === 'unhealthy' ? 'unwell' : 'up'
    case 'paused':
    case 'restarting':
      return container.state
    case 'dead':
      return 'failed'
    case 'exited':
      return container.exitCode === 0 || container.exitCode === undefined ? 'stopped' : 'failed'
    default:
      return 'stopped'
  }
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
