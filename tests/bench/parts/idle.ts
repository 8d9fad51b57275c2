/** What the server costs while nobody looks. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Part } from '../part.ts'
import { cpuSeconds, rssMiB } from '../process-usage.ts'

const CONTAINERS = 3
const SETTLE_MS = 15_000 // some ten seconds after the start V8 collects what that left: idle is what comes then
const WATCHED_MS = 20_000

export const idle: Part = {
  names: ['idle.rss', 'idle.cpu'],
  deadlineMs: 60_000,
  async run(bed) {
    const containers = await Promise.all(Array.from({ length: CONTAINERS }, () => bed.container()))
    const sluice = await bed.sluice()
    for (const { name } of containers) await sluice.knows(name)
    await delay(SETTLE_MS)
    const rss = rssMiB(sluice.pid)
    const [began, before] = [performance.now(), cpuSeconds(sluice.pid)]
    await delay(WATCHED_MS)
    const used = cpuSeconds(sluice.pid) - before
    return [
      { name: 'idle.rss', value: rss },
      { name: 'idle.cpu', value: (100_000 * used) / (performance.now() - began) },
    ]
  },
}
