/** Many lines at once into an open page: until the last is on screen, and how smoothly the page goes meanwhile. */
import type { Bed } from '../bed.ts'
import { followRaw } from '../follow.ts'
import { openLog } from '../open-log.ts'
import type { Part } from '../part.ts'
import { JSON_LINE } from '../samples.ts'
import type { Sluice } from '../sluice.ts'
import { median } from '../statistics.ts'

const LINES = 200_000
const PAIRS = 3
const DEADLINE_MS = 60_000

export const burst: Part = {
  names: ['burst.page', 'burst.page.frame'],
  deadlineMs: 240_000,
  async run(bed) {
    const sluice = await bed.sluice()
    const raws: number[] = []
    const multiples: number[] = []
    const frames: number[] = []
    for (let pair = 0; pair < PAIRS; pair++) {
      const raw = await rawMs(bed)
      const { ms, frame } = await pageMs(bed, sluice)
      bed.say(
        `raw ${(raw / 1000).toFixed(2)} s, page ${(ms / 1000).toFixed(2)} s (${(ms / raw).toFixed(3)}), ` +
          `longest frame ${frame.toFixed(0)} ms`,
      )
      raws.push(raw)
      multiples.push(ms / raw)
      frames.push(frame)
    }
    return [
      { name: 'burst.page', value: median(multiples), reference: median(raws) / 1000 },
      { name: 'burst.page.frame', value: median(frames) },
    ]
  },
}

async function rawMs(bed: Bed): Promise<number> {
  const container = await bed.container()
  const { arrivals, close } = await followRaw(bed, container)
  const began = performance.now()
  await container.pace({ lines: LINES, template: JSON_LINE }).done
  await container.write('stdout', 'mark-last;\n')
  const ended = await arrivals.complete(LINES + 2, DEADLINE_MS)
  close()
  await container.remove()
  return ended - began
}

async function pageMs(bed: Bed, sluice: Sluice): Promise<{ ms: number; frame: number }> {
  const { container, page } = await openLog(bed, sluice, DEADLINE_MS)
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
