/** The live stream of a container with a long log: how soon its first line is there. */
import type { IncomingMessage } from 'node:http'
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
const WARM_UPS = 10

export const openBig: Part = {
  names: ['open.big'],
  deadlineMs: 180_000,
  async run(bed) {
    const [big, small] = [await bed.container(), await bed.container()]
    await big.pace({ lines: LINES, template: JSON_LINE }).done
    await big.logged(`"n":${LINES - 1},`, 100)
    await small.pace({ lines: TAIL, template: JSON_LINE }).done
    await small.logged(`"n":${TAIL - 1},`)

    const raws: number[] = []
    const ours: number[] = []
    for (let run = 0; run < RUNS; run++) {
      raws.push(await until(Buffer.from('"n":'), () => openRaw(bed.engine, big, TAIL)))
      ours.push(await openedBySluice(bed, big, small))
    }
    bed.say(`raw ${list(raws)} ms; Sluice ${list(ours)} ms`)
    return [{ name: 'open.big', value: median(ours), reference: median(raws) }]
  },
}

/** By a server of its own, since a feed stays for a while; one that has run its code before, as servers have. */
async function openedBySluice(bed: Bed, big: Container, small: Container): Promise<number> {
  const sluice = await bed.sluice()
  await sluice.knows(big.name)
  await sluice.knows(small.name)
  for (let n = 0; n < WARM_UPS; n++) await until(LINE_START, () => openSse(sluice.streamUrl(small.name, TAIL)))
  const ms = await until(LINE_START, () => openSse(sluice.streamUrl(big.name, TAIL)))
  await sluice.stop()
  return ms
}

/** Milliseconds from the request until its answer holds `needle`. */
async function until(needle: Buffer, open: () => Promise<IncomingMessage>): Promise<number> {
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
