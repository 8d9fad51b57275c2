/** A container's page, opened for the first time: how much it transfers, and how soon it shows a line. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Bed } from '../bed.ts'
import type { Part } from '../part.ts'
import { JSON_LINE } from '../samples.ts'
import { median } from '../statistics.ts'

const LOADS = 7
const BACKLOG = 500
const PAINT_MS = 10_000
const LATE_MS = 500 // what a page might fetch after its first lines counts too
const MARK = 'last'

export const pageLoad: Part = {
  names: ['page.bytes', 'page.js', 'page.line'],
  deadlineMs: 120_000,
  async run(bed) {
    const sluice = await bed.sluice()
    const bare = await serveBarePage(bed)
    const [lines, bares]: [number[], number[]] = [[], []]
    let transferred: Transferred = { all: 0, scripts: 0 }
    for (let load = 0; load < LOADS; load++) {
      // A container for each load: its feed starts as cold as the browser.
      const container = await bed.container()
      await container.pace({ lines: BACKLOG, template: JSON_LINE }).done
      await container.write('stdout', `mark-${MARK};\n`)
      await container.logged(`mark-${MARK};`, 10)
      await sluice.knows(container.name)
      bares.push(await firstPaint(bed, bare))
      const url = `${sluice.origin}/containers/${container.name}`
      lines.push(await firstPaint(bed, url))
      if (load === 0) transferred = await transfer(bed, url)
      await container.remove()
    }
    bed.say(`bare ${list(bares)} ms; container ${list(lines)} ms`)
    return [
      { name: 'page.bytes', value: transferred.all / 1000 },
      { name: 'page.js', value: transferred.scripts / 1000 },
      { name: 'page.line', value: median(lines), reference: median(bares) },
    ]
  },
}

/** In bytes, heads included, as they came over the network. */
interface Transferred {
  all: number
  scripts: number
}

/** Milliseconds from the navigation until the marked line is painted, with nothing cached. */
async function firstPaint(bed: Bed, url: string): Promise<number> {
  const page = await bed.page()
  await page.page.goto(url)
  const paintedMs = await page.paintOf(MARK, PAINT_MS)
  await page.close()
  return paintedMs
}

/** What that transfers, until all is fetched. */
async function transfer(bed: Bed, url: string): Promise<Transferred> {
  const watched = await bed.page()
  const { page } = watched
  const transferred: Transferred = { all: 0, scripts: 0 }
  const types = new Map<string, string>()
  page.on<{ requestId: string; type: string }>('Network.responseReceived', ({ requestId, type }) =>
    types.set(requestId, type),
  )
  // An event stream never finishes, so it does not count.
  page.on<{ requestId: string; encodedDataLength: number }>(
    'Network.loadingFinished',
    ({ requestId, encodedDataLength }) => {
      transferred.all += encodedDataLength
      if (types.get(requestId) === 'Script') transferred.scripts += encodedDataLength
    },
  )
  await page.send('Network.enable')
  await page.goto(url)
  await watched.paintOf(MARK, PAINT_MS)
  await delay(LATE_MS)
  await watched.close()
  return transferred
}

/** The least that shows a line: what the browser itself takes. */
async function serveBarePage(bed: Bed): Promise<string> {
  const html = `<!doctype html><title>bare</title><div role="log"><div>mark-${MARK};</div></div>`
  const server = createServer((_req, res) => res.setHeader('Content-Type', 'text/html').end(html))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  bed.defer(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

function list(times: readonly number[]): string {
  return times.map((ms) => ms.toFixed(0)).join(', ')
}
