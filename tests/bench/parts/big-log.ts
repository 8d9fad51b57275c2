/** A container with a long log: how soon a line of it is there, at the log's end and far before it, by stream and by page. */
import { setTimeout as delay } from 'node:timers/promises'
import { type Cursor, cursorOf, formatCursor, incarnationOf } from '../../../server/logs/cursor.ts'
import type { LogPage } from '../../../server/wire.ts'
import type { Container } from '../../engine/container.ts'
import type { Bed } from '../bed.ts'
import type { Part } from '../part.ts'
import { openRaw, openRawSince } from '../raw.ts'
import { JSON_LINE } from '../samples.ts'
import { LINE_START, openSse } from '../sse.ts'
import { listed, median } from '../statistics.ts'
import { until } from '../until.ts'

const LINES = 1_000_000
const PER_SECOND = 50_000 // what an engine logs while somebody follows
const RUNS = 5
const TAIL = 500 // what a stream has by default
const FAR = 500_000
const WARM_UPS = 10
const SETTLE_MS = 300 // until what they left to the compiler is done
const PAGE = 1_000

const FRAME_HEADER_BYTES = 8
const TIME_CHARS = 30

export const bigLog: Part = {
  names: ['open.big', 'resume.far', 'resume.far.flood', 'history.page', 'history.around'],
  deadlineMs: 300_000,
  async run(bed) {
    const small = await Promise.all(Array.from({ length: WARM_UPS }, () => shortLog(bed)))
    const flood = await logged(bed, Number.POSITIVE_INFINITY)
    const big = await logged(bed, PER_SECOND)

    const open = await byTurns(bed, big, small, TAIL, LINE_START)
    bed.say(`at the end: raw ${listed(open.raws, 1)} ms; Sluice ${listed(open.ours, 1)} ms`)
    const far = await resumed(bed, big, small)
    const farOfFlood = await resumed(bed, flood, small)
    const { page, around } = await pages(bed, big)
    return [
      { name: 'open.big', value: median(open.ours), reference: median(open.raws) },
      { name: 'resume.far', value: median(far.ours), reference: median(far.raws) },
      { name: 'resume.far.flood', value: median(farOfFlood.ours), reference: median(farOfFlood.raws) },
      { name: 'history.page', value: median(page.ours), reference: median(page.raws) },
      { name: 'history.around', value: median(around.ours), reference: median(around.raws) },
    ]
  },
}

async function shortLog(bed: Bed): Promise<Container> {
  const container = await bed.container()
  await container.pace({ lines: TAIL, template: JSON_LINE }).done
  await container.logged(`"n":${TAIL - 1},`)
  return container
}

/** A container with the long log, written at that rate. */
async function logged(bed: Bed, perSecond: number): Promise<Container> {
  const container = await bed.container()
  await container.pace({ lines: LINES, perSecond, template: JSON_LINE }).done
  await container.logged(`"n":${LINES - 1},`, 100)
  return container
}

async function resumed(bed: Bed, big: Container, small: readonly Container[]) {
  const cursor = formatCursor(await cursorBefore(bed, big, FAR))
  const next = Buffer.from(`\\"n\\":${LINES - FAR},`)
  const far = await byTurns(bed, big, small, FAR, next, cursor)
  bed.say(`${FAR} lines before it: raw ${listed(far.raws, 1)} ms; Sluice ${listed(far.ours, 1)} ms`)
  return far
}

/**
 * Milliseconds for the whole page before a line far back, and around its time. Raw: until the page's last line, by the
 * cheapest request there is; until its first, by the usual one.
 */
async function pages(bed: Bed, big: Container) {
  const [page, around] = [measured(), measured()]
  const cursor = await cursorBefore(bed, big, FAR)
  const last = Buffer.from(`"n":${LINES - FAR - 1},`)
  const sluice = await bed.sluice()
  await sluice.knows(big.name)
  const url = `${sluice.origin}/api/containers/${big.name}/logs?limit=${PAGE}`
  for (let run = 0; run < RUNS; run++) {
    page.raws.push(await until(last, () => openRaw(bed.engine, big, FAR + PAGE + 1)))
    page.ours.push(await whole(`${url}&before=${formatCursor(cursor)}`))
    around.raws.push(await until(Buffer.from('"n":'), () => openRawSince(bed.engine, big, unixOf(cursor.time))))
    around.ours.push(await whole(`${url}&around=${cursor.time}`))
  }
  bed.say(`a page before it: raw ${listed(page.raws, 1)} ms; Sluice ${listed(page.ours, 1)} ms`)
  bed.say(`a page around its time: raw ${listed(around.raws, 1)} ms; Sluice ${listed(around.ours, 1)} ms`)
  return { page, around }
}

/** Milliseconds until the page is here. */
async function whole(url: string): Promise<number> {
  const began = performance.now()
  const response = await fetch(url)
  const { lines } = (await response.json()) as LogPage
  const ms = performance.now() - began
  if (lines.length !== PAGE) throw new Error(`a page of ${lines.length} lines`)
  return ms
}

/** Seconds with nine decimals, as the engine's `since` takes them. */
function unixOf(time: string): string {
  return `${Date.parse(`${time.slice(0, 19)}Z`) / 1000}${time.slice(19, 29)}`
}

function measured(): { raws: number[]; ours: number[] } {
  return { raws: [], ours: [] }
}

/** Milliseconds until raw Docker's first line, and until `needle` in Sluice's stream: of the end, or from `cursor`. */
async function byTurns(
  bed: Bed,
  big: Container,
  small: readonly Container[],
  tail: number,
  needle: string | Buffer,
  cursor?: string,
) {
  const { raws, ours } = measured()
  for (let run = 0; run < RUNS; run++) {
    raws.push(await until(Buffer.from('"n":'), () => openRaw(bed.engine, big, tail)))
    // A server of its own, since a feed stays for a while; one that has opened other logs before, as servers have.
    const sluice = await bed.sluice()
    await sluice.knows(big.name)
    for (const { name } of small) (await sluice.live(name, TAIL, () => {})).destroy()
    await delay(SETTLE_MS)
    ours.push(await until(needle, () => openSse(sluice.streamUrl(big.name), cursor)))
    await sluice.stop()
  }
  return { raws, ours }
}

/** The cursor of the line that stands `count` lines before the log's end. */
async function cursorBefore(bed: Bed, container: Container, count: number): Promise<Cursor> {
  const response = await openRaw(bed.engine, container, count + 1)
  for await (const chunk of response) {
    const time = (chunk as Buffer).toString('latin1', FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + TIME_CHARS)
    return cursorOf(incarnationOf(container.id), { time, ordinal: 0 })
  }
  throw new Error('the log is empty')
}
