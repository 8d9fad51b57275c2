/** Parts of the page that its first lines do not wait for. */
import { type Accessor, createSignal } from 'solid-js'
import { say } from './log-controls.ts'

const BEGINNINGS = ['pointermove', 'pointerdown', 'keydown'] as const

const awaited = new Set<() => void>()

/**
 * Loads a part when a person begins to use the page: each is there when it is asked for then, though the network is slow,
 * or another version of Sluice serves by then, which has it no more. The function that is returned resolves with it;
 * with undefined where it cannot be had, which is said.
 */
export function onDemand<Part>(load: () => Promise<Part>): () => Promise<Part | undefined> {
  let part: Promise<Part> | undefined
  const loaded = () => {
    part ??= load()
    part.catch(() => {
      part = undefined
    })
    return part
  }
  awaited.add(() => loaded().catch(() => {}))
  return () =>
    loaded().catch(() => {
      say('Could not be loaded. Reload the page.')
      return undefined
    })
}

/** The same for a part that is drawn: `part` is undefined until `load` was called and has brought it. */
export function drawnOnDemand<Part>(load: () => Promise<Part>): [part: Accessor<Part | undefined>, load: () => void] {
  const [part, setPart] = createSignal<Part>()
  const loaded = onDemand(load)
  return [part, () => void loaded().then((it) => setPart(() => it))]
}

function begin(): void {
  for (const type of BEGINNINGS) removeEventListener(type, begin, true)
  for (const load of awaited) load()
}

for (const type of BEGINNINGS) addEventListener(type, begin, { capture: true, passive: true })
