/** What is known of which containers there are, and of who has which name. */
import { once } from 'node:events'
import type { Engine } from '../engine/engine.ts'

/** Resolves when an engine has been connected once: its picture stays while it is away. Rejects when `signal` is aborted. */
export async function containersKnown(engine: Engine, signal: AbortSignal): Promise<void> {
  while (!engine.hosts().some(({ state, version }) => state === 'connected' || version !== undefined)) {
    await once(engine, 'change', { signal })
  }
}

export function isConnected(engine: Engine): boolean {
  return engine.hosts().some(({ state }) => state === 'connected')
}

/**
 * A signal that is aborted with `signal`, and while no engine is connected: what a name's container writes meanwhile may be
 * under another name, of which nobody has heard. `end` lets go of it.
 */
export function whileConnected(engine: Engine, signal: AbortSignal): { readonly signal: AbortSignal; end(): void } {
  const lost = new AbortController()
  const onChange = () => {
    if (!isConnected(engine)) lost.abort()
  }
  onChange()
  engine.on('change', onChange)
  return { signal: AbortSignal.any([signal, lost.signal]), end: () => engine.off('change', onChange) }
}
