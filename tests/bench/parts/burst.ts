/**
 * Many lines at once into an open page: until the last is on screen, and how smoothly the page goes meanwhile. With all on
 * the same cores, where the engine alone takes most of two; and with the browser apart, as it mostly is.
 */
import { dirname } from 'node:path'
import { processesOf } from '../../engine/processes.ts'
import type { Bed } from '../bed.ts'
import { allowedCores, keepOn, split } from '../cores.ts'
import { followRaw } from '../follow.ts'
import type { Measured } from '../goals.ts'
import { openLog } from '../open-log.ts'
import type { Part } from '../part.ts'
import { JSON_LINE } from '../samples.ts'
import type { Sluice } from '../sluice.ts'
import { median } from '../statistics.ts'

const LINES = 200_000
const PAIRS = 3
const DEADLINE_MS = 60_000

export const burst: Part = {
  names: ['burst.page', 'burst.page.frame', 'burst.page.apart', 'burst.page.apart.frame'],
  deadlineMs: 480_000,
  async run(bed) {
    const sluice = await bed.sluice()
    const all = allowedCores()
    bed.defer(() => place(bed, [all, all])) // the engine is the next part's too
    const together = await pairs(bed, sluice, [all, all], 'burst.page')
    return [...together, ...(await pairs(bed, sluice, split(all), 'burst.page.apart'))]
  },
}

/** On which cores the engine, Sluice and the bench run, and on which the browser. */
type Cores = readonly [servers: string, browser: string]

async function pairs(bed: Bed, sluice: Sluice, cores: Cores, name: 'burst.page' | 'burst.page.apart') {
  const raws: number[] = []
  const multiples: number[] = []
  const frames: number[] = []
  for (let pair = 0; pair < PAIRS; pair++) {
    const raw = await rawMs(bed, cores)
    const { ms, frame } = await pageMs(bed, sluice, cores)
    bed.say(
      `${name}: raw ${(raw / 1000).toFixed(2)} s, page ${(ms / 1000).toFixed(2)} s (${(ms / raw).toFixed(3)}), ` +
        `longest frame ${frame.toFixed(0)} ms`,
    )
    raws.push(raw)
    multiples.push(ms / raw)
    frames.push(frame)
  }
  return [
    { name, value: median(multiples), reference: median(raws) / 1000 },
    { name: `${name}.frame`, value: median(frames) },
  ] satisfies Measured[]
}

async function rawMs(bed: Bed, cores: Cores): Promise<number> {
  const container = await bed.container()
  const { arrivals, close } = await followRaw(bed, container)
  place(bed, cores)
  const began = performance.now()
  await container.pace({ lines: LINES, template: JSON_LINE }).done
  await container.write('stdout', 'mark-last;\n')
  const ended = await arrivals.complete(LINES + 2, DEADLINE_MS)
  close()
  await container.remove()
  return ended - began
}

async function pageMs(bed: Bed, sluice: Sluice, cores: Cores): Promise<{ ms: number; frame: number }> {
  const { container, page } = await openLog(bed, sluice, DEADLINE_MS)
  place(bed, cores, sluice, await page.pids())
  const offset = await page.clockOffset()
  await page.startFrames()
  const began = performance.now()
  await container.pace({ lines: LINES, template: JSON_LINE }).done
  await container.write('stdout', 'mark-last;\n')
  const ended = (await page.paintOf('last', DEADLINE_MS)) + offset
  const frame = await page.longestFrame()
  await page.close()
  await container.remove()
  return { ms: ended - began, frame }
}

/** To be called when all of them are there: each new container has processes of its own, and each page. */
function place(bed: Bed, [servers, browser]: Cores, sluice?: Sluice, pids: readonly number[] = []): void {
  keepOn(servers, [process.pid, ...processesOf(dirname(bed.engine.socket)), ...(sluice ? [sluice.pid] : [])])
  keepOn(browser, pids)
}
