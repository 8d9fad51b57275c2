/** The stream of a container with a long log: how soon its first line is there, at the log's end and far before it. */
import type { IncomingMessage } from 'node:http'
import { cursorOf, formatCursor, incarnationOf } from '../../../server/logs/cursor.ts'
import type { Container } from '../../engine/container.ts'
import type { Bed } from '../bed.ts'
import type { Part } from '../part.ts'
import { openRaw } from '../raw.ts'
import { JSON_LINE } from '../samples.ts'
import { LINE_START, openSse } from '../sse.ts'
import { median } from '../statistics.ts'

const LINES = 1_000_000
const RUNS = 5
const TAIL = 500 // what a stream has by default
const FAR = 500_000
const WARM_UPS = 10

const FRAME_HEADER_BYTES = 8
const TIME_CHARS = 30

export const bigLog: Part = {
  names: ['open.big', 'resume.far'],
  deadlineMs: 240_000,
  async run(bed) {
    const [big, small] = [await bed.container(), await bed.container()]
    await big.pace({ lines: LINES, template: JSON_LINE }).done
    await big.logged(`"n":${LINES - 1},`, 100)
    await small.pace({ lines: TAIL, template: JSON_LINE }).done
    await small.logged(`"n":${TAIL - 1},`)

    const open = await byTurns(bed, big, small, TAIL, LINE_START)
    bed.say(`at the end: raw ${list(open.raws)} ms; Sluice ${list(open.ours)} ms`)
    const cursor = await cursorBefore(bed, big, FAR)
    const next = Buffer.from(`\\"n\\":${LINES - FAR},`)
    const far = await byTurns(bed, big, small, FAR, next, cursor)
    bed.say(`${FAR} lines before it: raw ${list(far.raws)} ms; Sluice ${list(far.ours)} ms`)
    return [
      { name: 'open.big', value: median(open.ours), reference: median(open.raws) },
      { name: 'resume.far', value: median(far.ours), reference: median(far.raws) },
    ]
  },
}

/** Milliseconds until raw Docker's first line, and until `needle` in Sluice's stream: of the end, or from `cursor`. */
async function byTurns(
  bed: Bed,
  big: Container,
  small: Container,
  tail: number,
  needle: string | Buffer,
  cursor?: string,
) {
  const raws: number[] = []
  const ours: number[] = []
  for (let run = 0; run < RUNS; run++) {
    raws.push(await until(Buffer.from('"n":'), () => openRaw(bed.engine, big, tail)))
    // A server of its own, since a feed stays for a while; one that has run its code before, as servers have.
    const sluice = await bed.sluice()
    await sluice.knows(big.name)
    await sluice.knows(small.name)
    for (let n = 0; n < WARM_UPS; n++) await until(LINE_START, () => openSse(sluice.streamUrl(small.name, TAIL)))
    ours.push(await until(needle, () => openSse(sluice.streamUrl(big.name), cursor)))
    await sluice.stop()
  }
  return { raws, ours }
}

/** The cursor of the line that stands `count` lines before the log's end. */
async function cursorBefore(bed: Bed, container: Container, count: number): Promise<string> {
  const response = await openRaw(bed.engine, container, count + 1)
  for await (const chunk of response) {
    const time = (chunk as Buffer).toString('latin1', FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + TIME_CHARS)
    return formatCursor(cursorOf(incarnationOf(container.id), { time, ordinal: 0 }))
  }
  throw new Error('the log is empty')
}

/** Milliseconds from the request until its answer holds `needle`. */
async function until(needle: string | Buffer, open: () => Promise<IncomingMessage>): Promise<number> {
  const began = performance.now()
  const response = await open()
  let kept = Buffer.alloc(0)
  for await (const chunk of response) {
    kept = Buffer.concat([kept, chunk as Buffer])
    if (!kept.includes(needle)) continue
    const ms = performance.now() - began
    response.destroy()
    return ms
  }
  throw new Error('a stream ended before its first line')
}

function list(times: readonly number[]): string {
  return times.map((ms) => ms.toFixed(1)).join(', ')
}
