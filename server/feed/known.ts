/** Whether it is known which containers there are. Before, a name that nobody carries means nothing. */
import { once } from 'node:events'
import type { Engine } from '../engine/engine.ts'

/** Resolves when an engine has been connected once: its picture stays while it is away. Rejects when `signal` is aborted. */
export async function containersKnown(engine: Engine, signal: AbortSignal): Promise<void> {
  while (!engine.hosts().some(({ state, version }) => state === 'connected' || version !== undefined)) {
    await once(engine, 'change', { signal })
  }
}
