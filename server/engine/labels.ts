/** What a container's labels say of its place in lists: Compose's, Sluice's own, and Dozzle's for people who come from there. */
import type { Container } from '../wire.ts'

export type Labels = Readonly<Record<string, string>>

/** In order: the first that has a value counts. */
const DISPLAY_NAME = ['sluice.name', 'dev.dozzle.name'] as const
const GROUP = ['sluice.group', 'dev.dozzle.group'] as const
const HIDE = 'sluice.hide'

const MAX_NAME_CHARS = 100 // no list has room for more
/** Line breaks and other controls, and what makes text read in another direction than it is written. */
const UNSHOWN = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu

type Listed = Pick<Container, 'project' | 'service' | 'displayName' | 'group' | 'hidden'>

export function listedAs(labels: Labels): Listed {
  const project = labels['com.docker.compose.project']
  const service = labels['com.docker.compose.service']
  const displayName = nameIn(labels, DISPLAY_NAME)
  const group = nameIn(labels, GROUP)
  const isHidden = labels[HIDE]?.trim().toLowerCase() === 'true'
  return {
    ...(project && { project }),
    ...(service && { service }),
    ...(displayName && { displayName }),
    ...(group && { group }),
    ...(isHidden && { hidden: true as const }),
  }
}

function nameIn(labels: Labels, names: readonly string[]): string | undefined {
  return names.map((name) => shown(labels[name] ?? '')).find((text) => text !== '')
}

function shown(text: string): string {
  const start = text.slice(0, 4 * MAX_NAME_CHARS).replace(UNSHOWN, ' ')
  return [...start.trim()].slice(0, MAX_NAME_CHARS).join('').trim()
}
