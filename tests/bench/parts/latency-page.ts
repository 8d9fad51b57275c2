/** From a line's writing until it is painted, one line at a time; alone, and among many others. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Container } from '../../engine/container.ts'
import type { Bed } from '../bed.ts'
import type { Part } from '../part.ts'
import { openRaw } from '../raw.ts'
import { JSON_LINE } from '../samples.ts'
import { percentile } from '../statistics.ts'

const LINES = 60
const PAUSE_MS = { least: 50, most: 150 } // random, so that lines come at every point of a frame
const BACKLOG = 500
const BUSY_PER_SECOND = 500
const PAINT_MS = 10_000

export const latencyIdle: Part = {
  names: ['latency.idle.p50', 'latency.idle.p95'],
  deadlineMs: 90_000,
  async run(bed) {
    const { raw, page } = await measure(bed, 0)
    return [
      { name: 'latency.idle.p50', value: percentile(page, 50), reference: percentile(raw, 50) },
      { name: 'latency.idle.p95', value: percentile(page, 95), reference: percentile(raw, 95) },
    ]
  },
}

export const latencyBusy: Part = {
  names: ['latency.busy.p95', 'latency.busy.missed'],
  deadlineMs: 90_000,
  async run(bed) {
    const { raw, page } = await measure(bed, BUSY_PER_SECOND)
    return [
      { name: 'latency.busy.p95', value: percentile(page, 95), reference: percentile(raw, 95) },
      { name: 'latency.busy.missed', value: LINES - page.length },
    ]
  },
}

/** The delay of each line that arrived, in ms: at a raw follower, then on the page. */
async function measure(bed: Bed, othersPerSecond: number): Promise<{ raw: number[]; page: number[] }> {
  const sluice = await bed.sluice()
  const container = await bed.container()
  await container.pace({ lines: BACKLOG, template: JSON_LINE }).done
  const raw = await among(container, othersPerSecond, () => rawDelays(bed, container))
  bed.say(`raw: p50 ${percentile(raw, 50).toFixed(1)} ms, p95 ${percentile(raw, 95).toFixed(1)} ms`)
  await sluice.knows(container.name)
  const page = await pageDelays(bed, `${sluice.origin}/containers/${container.name}`, container, othersPerSecond)
  bed.say(
    `page: p50 ${percentile(page, 50).toFixed(1)} ms, p95 ${percentile(page, 95).toFixed(1)} ms, ` +
      `longest ${Math.max(...page).toFixed(1)} ms`,
  )
  return { raw, page }
}

async function rawDelays(bed: Bed, container: Container): Promise<number[]> {
  const arrived = new Map<string, number>()
  const response = await openRaw(bed.engine, container, 1)
  response.on('data', (chunk: Buffer) => {
    const now = performance.now()
    for (const [, mark = ''] of chunk.toString('latin1').matchAll(/mark-(\w+);/g)) arrived.set(mark, now)
  })
  const written = await writeMarks(container, 'raw')
  await delay(PAUSE_MS.most)
  response.destroy()
  const delays = delaysOf(written, (mark) => arrived.get(mark))
  if (delays.length < LINES) throw new Error(`raw lines are missing: ${delays.length} of ${LINES}`)
  return delays
}

async function pageDelays(bed: Bed, url: string, container: Container, othersPerSecond: number): Promise<number[]> {
  const page = await bed.page()
  await page.page.goto(url)
  // The first line to be painted live shows that the backlog is behind us.
  await container.write('stdout', 'mark-first;\n')
  await page.paintOf('first', PAINT_MS)
  const written = await among(container, othersPerSecond, () => writeMarks(container, 'page'))
  const painted = await page.painted([...written.keys()], PAINT_MS)
  const offset = await page.clockOffset()
  await page.close()
  return delaysOf(written, (mark) => {
    const at = painted[mark]
    return at === undefined ? undefined : at + offset
  })
}

/** Does something while the container writes other lines. */
async function among<T>(container: Container, perSecond: number, act: () => Promise<T>): Promise<T> {
  if (perSecond === 0) return act()
  const pace = container.pace({ lines: Number.MAX_SAFE_INTEGER, perSecond, template: JSON_LINE })
  try {
    return await act()
  } finally {
    await pace.stop()
  }
}

/** Writes marked lines one at a time; returns when each was written, by `performance.now()`. */
async function writeMarks(container: Container, stem: string): Promise<Map<string, number>> {
  const written = new Map<string, number>()
  for (let n = 0; n < LINES; n++) {
    await delay(PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least))
    const mark = `${stem}${n}`
    written.set(mark, performance.now())
    await container.write('stdout', `{"level":"info","msg":"GET /api/orders mark-${mark}; served","status":200}\n`)
  }
  return written
}

function delaysOf(written: Map<string, number>, arrivalOf: (mark: string) => number | undefined): number[] {
  return [...written].flatMap(([mark, at]) => {
    const arrived = arrivalOf(mark)
    return arrived === undefined ? [] : [arrived - at]
  })
}
