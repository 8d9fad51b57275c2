/** A service that writes text, line upon line: how long each takes to an SSE client. */
import type { IncomingMessage } from 'node:http'
import type { Container } from '../../engine/container.ts'
import type { Bed } from '../bed.ts'
import type { Part } from '../part.ts'
import { openRaw } from '../raw.ts'
import { percentile } from '../statistics.ts'

const PER_SECOND = 200
const SECONDS = 8
const DEADLINE_MS = 20_000
const TEMPLATE = '[INFO] request {n} was served, written at {us};'
const STAMP = /written at (\d+);/g

export const latencyText: Part = {
  names: ['latency.text.p95'],
  deadlineMs: 90_000,
  async run(bed) {
    const sluice = await bed.sluice()
    const raw = await delays(bed, (container) => openRaw(bed.engine, container, 1))
    const ours = await delays(bed, (container) => sluice.live(container.name, 1, () => {}))
    for (const [who, list] of [['raw', raw] as const, ['Sluice', ours] as const]) {
      bed.say(`${who}: p50 ${percentile(list, 50).toFixed(1)} ms, p95 ${percentile(list, 95).toFixed(1)} ms`)
    }
    return [{ name: 'latency.text.p95', value: percentile(ours, 95), reference: percentile(raw, 95) }]
  },
}

/** For each line, the milliseconds from its writing until the client had it. */
export async function delays(bed: Bed, open: (container: Container) => Promise<IncomingMessage>): Promise<number[]> {
  const container = await bed.container()
  const response = await open(container)
  bed.defer(() => response.destroy())
  const lines = PER_SECOND * SECONDS
  const delays: number[] = []
  const all = new Promise<void>((resolve, reject) => {
    let rest = ''
    response.on('data', (chunk: Buffer) => {
      const now = performance.timeOrigin + performance.now()
      const text = rest + chunk.toString('latin1')
      let end = 0
      for (const match of text.matchAll(STAMP)) {
        delays.push(now - Number(match[1]) / 1000)
        end = match.index + match[0].length
      }
      rest = text.slice(end)
      if (delays.length >= lines) resolve()
    })
    setTimeout(() => reject(new Error(`lines are missing: ${delays.length} of ${lines}`)), DEADLINE_MS).unref()
  })
  const pace = container.pace({ lines, perSecond: PER_SECOND, template: TEMPLATE })
  await all
  await pace.done
  response.destroy()
  await container.remove()
  return delays
}
