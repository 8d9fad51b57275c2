/** The whole of a long log as a file: how fast beside raw Docker, and what it costs the server's memory. */
import type { Container } from '../../engine/container.ts'
import type { Bed } from '../bed.ts'
import type { Part } from '../part.ts'
import { watchRss } from '../process-usage.ts'
import { FrameCounter, openRaw } from '../raw.ts'
import { JSON_LINE } from '../samples.ts'
import { median } from '../statistics.ts'

const WRITTEN = 1_000_000
const LINES = WRITTEN + 1 // the first says that the container runs
const PAIRS = 3
const NEWLINE = 0x0a

export const download: Part = {
  names: ['download.text', 'download.rss'],
  deadlineMs: 240_000,
  async run(bed) {
    const container = await bed.container()
    await container.pace({ lines: WRITTEN, template: JSON_LINE }).done
    await container.logged(`"n":${WRITTEN - 1},`, 100)
    const sluice = await bed.sluice()
    await sluice.knows(container.name)
    const url = `${sluice.origin}/api/containers/${container.name}/logs/download`
    const shares: number[] = []
    const raws: number[] = []
    let highest = 0
    for (let pair = 0; pair < PAIRS; pair++) {
      const raw = await rawSeconds(bed, container)
      const watch = watchRss(sluice.pid)
      const { seconds, bytes } = await downloaded(url).finally(() => {
        highest = Math.max(highest, watch.stop())
      })
      bed.say(`raw ${raw.toFixed(2)} s; Sluice ${seconds.toFixed(2)} s, ${(bytes / 1e6 / seconds).toFixed(1)} MB/s`)
      shares.push(raw / seconds)
      raws.push(LINES / raw)
    }
    return [
      { name: 'download.text', value: median(shares), reference: median(raws) },
      { name: 'download.rss', value: highest },
    ]
  },
}

async function rawSeconds(bed: Bed, container: Container): Promise<number> {
  const began = performance.now()
  const response = await openRaw(bed.engine, container, LINES)
  const counter = new FrameCounter()
  let frames = 0
  for await (const chunk of response) {
    frames += counter.push(chunk as Buffer)
    if (frames === LINES) break
  }
  return (performance.now() - began) / 1000
}

async function downloaded(url: string): Promise<{ seconds: number; bytes: number }> {
  const began = performance.now()
  const response = await fetch(url, { headers: { 'Accept-Encoding': 'identity' } })
  let lines = 0
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) lines++
  }
  if (lines !== LINES) throw new Error(`a download of ${lines} lines`)
  return { seconds: (performance.now() - began) / 1000, bytes }
}
