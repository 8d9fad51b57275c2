/** Many lines at once: how fast they go through one follow, raw and through Sluice by turns, and what that costs. */

import type { Container } from '../../engine/container.ts'
import type { Bed } from '../bed.ts'
import { type Follow, followRaw, followSluice } from '../follow.ts'
import type { Part } from '../part.ts'
import { cpuSeconds } from '../process-usage.ts'
import { JSON_LINE } from '../samples.ts'
import { median } from '../statistics.ts'

const LINES = 300_000
const PAIRS = 15 // one alone may be off by a tenth
const WARM_UPS = 2 // while V8 still compiles, for half a million lines, each costs half as much again
const DEADLINE_MS = 60_000

export const throughput: Part = {
  names: ['throughput.one', 'throughput.cpu'],
  deadlineMs: 300_000,
  async run(bed) {
    const sluice = await bed.sluice()
    const raws: Passage[] = []
    const ours: Passage[] = []
    const passOurs = () => pass(bed, (container) => followSluice(bed, sluice, container), sluice.pid)
    for (let n = 0; n < WARM_UPS; n++) {
      const { linesPerSecond, cpuPerMillion } = await passOurs()
      bed.say(`new, not counted: ${linesPerSecond.toFixed(0)} lines/s, CPU a million ${cpuPerMillion.toFixed(2)} s`)
    }
    for (let pair = 0; pair < PAIRS; pair++) {
      const raw = await pass(bed, (container) => followRaw(bed, container), bed.enginePid)
      const our = await passOurs()
      const share = our.linesPerSecond / raw.linesPerSecond
      bed.say(
        `raw ${raw.linesPerSecond.toFixed(0)} lines/s, Sluice ${our.linesPerSecond.toFixed(0)} (${share.toFixed(3)}), ` +
          `CPU a million: server ${our.cpuPerMillion.toFixed(2)} s, dockerd ${raw.cpuPerMillion.toFixed(2)} s`,
      )
      raws.push(raw)
      ours.push(our)
    }
    const shares = ours.map(({ linesPerSecond }, pair) => linesPerSecond / (raws[pair]?.linesPerSecond ?? Number.NaN))
    return [
      { name: 'throughput.one', value: median(shares), reference: median(raws.map((raw) => raw.linesPerSecond)) },
      {
        name: 'throughput.cpu',
        value: median(ours.map((our) => our.cpuPerMillion)),
        reference: median(raws.map((raw) => raw.cpuPerMillion)),
      },
    ]
  },
}

interface Passage {
  readonly linesPerSecond: number
  /** Of the process `pid`. */
  readonly cpuPerMillion: number
}

async function pass(bed: Bed, open: (container: Container) => Promise<Follow>, pid: number): Promise<Passage> {
  const container = await bed.container()
  const { arrivals, close } = await open(container)
  const [began, before] = [performance.now(), cpuSeconds(pid)]
  const pace = container.pace({ lines: LINES, template: JSON_LINE })
  const ended = await arrivals.complete(LINES + 1, DEADLINE_MS)
  const cpu = cpuSeconds(pid) - before
  await pace.done
  close()
  await container.remove()
  return { linesPerSecond: (1000 * LINES) / (ended - began), cpuPerMillion: (cpu * 1e6) / LINES }
}
