/** How a container is at the moment a stream opens, as the event that says so. */
import type { Engine } from '../engine/engine.ts'
import { incarnationOf } from '../logs/cursor.ts'
import { normalizeTime, timeNow } from '../logs/time.ts'
import { nearest } from '../nearest.ts'
import type { Container, StateEvent } from '../wire.ts'

const STATE_NOW: Record<Container['state'], StateEvent['state']> = {
  created: 'created',
  running: 'started',
  paused: 'paused',
  restarting: 'restarting',
  removing: 'died',
  exited: 'died',
  dead: 'died',
}

export function stateNow(engine: Engine, key: string): StateEvent {
  const container = engine.find(key)
  if (!container) {
    const closest = nearest(
      key,
      engine.containers().map((other) => other.key),
    )
    return { container: key, state: 'absent', at: timeNow(), closest }
  }
  const { id, state, started, finished, created, exitCode, stopped, health } = container
  const runs = engine.runs(id)
  const run = runs.at(-1)
  // As the events told it, if they did: the runs have the same times.
  const ended = run?.finished ?? finished
  const since = STATE_NOW[state] === 'died' ? ended : state === 'created' ? created : (run?.started ?? started)
  return {
    container: key,
    state: STATE_NOW[state],
    incarnation: incarnationOf(id),
    at: normalizeTime(since ?? created) ?? timeNow(),
    ...(exitCode !== undefined && { exitCode }),
    ...(stopped && { stopped }),
    ...(health && { health }),
    ...(runs.length > 0 && { runs }),
  }
}
