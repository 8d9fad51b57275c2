/** How long the server takes from its start until it says that it is healthy. */

import type { Part } from '../part.ts'
import { median } from '../statistics.ts'

const RUNS = 5

export const start: Part = {
  names: ['start'],
  deadlineMs: 60_000,
  async run(bed) {
    const times: number[] = []
    for (let run = 0; run < RUNS; run++) {
      const sluice = await bed.sluice()
      times.push(sluice.startedInMs)
      await sluice.stop()
    }
    bed.say(`${times.map((ms) => ms.toFixed(0)).join(', ')} ms`)
    return [{ name: 'start', value: median(times) }]
  },
}
