/** A hundred viewers of one container: what they cost the server, and that they cost the engine no more than one. */
import type { Bed } from '../bed.ts'
import { followSluice } from '../follow.ts'
import type { Part } from '../part.ts'
import { cpuSeconds } from '../process-usage.ts'
import { JSON_LINE } from '../samples.ts'
import type { Sluice } from '../sluice.ts'

const LINES_PER_SECOND = 2_000
const SECONDS = 6
const CLIENTS = 100
const DEADLINE_MS = 60_000

export const fanout: Part = {
  names: ['fanout.100.cpu', 'fanout.100.engine'],
  deadlineMs: 120_000,
  async run(bed) {
    const sluice = await bed.sluice()
    const one = await watched(bed, sluice, 1)
    const hundred = await watched(bed, sluice, CLIENTS)
    return [
      { name: 'fanout.100.cpu', value: hundred.server, reference: one.server },
      { name: 'fanout.100.engine', value: hundred.engine / one.engine, reference: one.engine },
    ]
  },
}

/** CPU seconds of both while the lines pass. */
async function watched(bed: Bed, sluice: Sluice, clients: number): Promise<{ server: number; engine: number }> {
  const container = await bed.container()
  const follows = await Promise.all(Array.from({ length: clients }, () => followSluice(bed, sluice, container)))
  const before = { server: cpuSeconds(sluice.pid), engine: cpuSeconds(bed.enginePid) }
  const lines = LINES_PER_SECOND * SECONDS
  const { behindMs } = await container.pace({ lines, perSecond: LINES_PER_SECOND, template: JSON_LINE }).done
  await Promise.all(follows.map(({ arrivals }) => arrivals.complete(lines + 1, DEADLINE_MS)))
  const server = cpuSeconds(sluice.pid) - before.server
  const engine = cpuSeconds(bed.enginePid) - before.engine
  bed.say(
    `${clients} client(s): server ${server.toFixed(2)} s, dockerd ${engine.toFixed(2)} s ` +
      `(the writer was at most ${behindMs.toFixed(0)} ms late)`,
  )
  for (const { close } of follows) close()
  await container.remove()
  return { server, engine }
}
