/** The two ways to a container's lines, raw and through Sluice, ready to count: what is written from now on arrives at both. */
import type { Container } from '../engine/container.ts'
import { Arrivals } from './arrivals.ts'
import type { Bed } from './bed.ts'
import { FrameCounter, openRaw } from './raw.ts'
import type { Sluice } from './sluice.ts'
import { LineCounter } from './sse.ts'

const OPEN_MS = 10_000

export interface Follow {
  /** Counts the container's last line too, which was there before. */
  readonly arrivals: Arrivals
  close(): void
}

export async function followRaw(bed: Bed, container: Container): Promise<Follow> {
  const response = await openRaw(bed.engine, container, 1)
  const counter = new FrameCounter()
  const arrivals = new Arrivals()
  response.on('data', (chunk: Buffer) => arrivals.add(counter.push(chunk)))
  bed.defer(() => response.destroy())
  await arrivals.reached(1, OPEN_MS)
  return { arrivals, close: () => response.destroy() }
}

export async function followSluice(bed: Bed, sluice: Sluice, container: Container): Promise<Follow> {
  const counter = new LineCounter()
  const arrivals = new Arrivals()
  const response = await sluice.live(container.name, 1, (chunk) => arrivals.add(counter.push(chunk)))
  bed.defer(() => response.destroy())
  await arrivals.reached(1, OPEN_MS)
  return { arrivals, close: () => response.destroy() }
}
