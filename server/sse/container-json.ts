/** Containers as JSON, a slice at a time: however many there are, others have their turn in between. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Container, ContainersEvent } from '../wire.ts'

const SLICE = 50 // containers in one go: less than a millisecond, as several may be at it at once

/** What clients get of a container. */
export type Shown = (container: Container) => Container

/** `[{...},...]` in pieces. */
export async function* arrayJson(containers: readonly Container[], shown: Shown): AsyncGenerator<string, void, void> {
  for (let at = 0; at < containers.length || at === 0; at += SLICE) {
    if (at > 0) await nextTurn()
    const part = containers.slice(at, at + SLICE).map((container) => JSON.stringify(shown(container)))
    const isLast = at + SLICE >= containers.length
    yield `${at === 0 ? '[' : ','}${part.join(',')}${isLast ? ']' : ''}`
  }
}

/** The data of a `containers` event, as `JSON.stringify` would give it. */
export async function snapshotJson({ hosts, containers }: Snapshot, shown: Shown): Promise<string> {
  const parts = [`{"kind":"snapshot","hosts":${JSON.stringify(hosts)},"containers":`]
  for await (const part of arrayJson(containers, shown)) parts.push(part)
  return `${parts.join('')}}`
}

type Snapshot = Omit<Extract<ContainersEvent, { kind: 'snapshot' }>, 'kind'>
