/** Half an hour of an ordinary load: whether memory stays as it is. Takes so long that it runs only where it is asked for. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Bed } from '../bed.ts'
import { NumberedLines } from '../numbered-lines.ts'
import type { Part } from '../part.ts'
import { cpuSeconds, rssMiB } from '../process-usage.ts'
import { JSON_LINE } from '../samples.ts'
import { openSse } from '../sse.ts'
import { median } from '../statistics.ts'

const MINUTES = 30
const CONTAINERS = 5
const PER_SECOND = 100 // of each container
const LINES = MINUTES * 60 * PER_SECOND
const PLAIN = 14
/** Two that filter, two that merge everything. */
const OTHERS = [
  '/api/containers/NAME/logs/stream?q=orders',
  '/api/containers/NAME/logs/stream?level=error',
  '/api/logs/stream',
  '/api/logs/stream?stream=stdout',
]
const SLOW = 2
const ROUND_MS = 10_000
const SETTLE_MS = 30_000

export const steady: Part = {
  names: ['steady.missing', 'steady.duplicated', 'steady.rss'],
  deadlineMs: (MINUTES + 3) * 60_000,
  onlyAsked: true,
  async run(bed) {
    const sluice = await bed.sluice()
    const containers = await Promise.all(Array.from({ length: CONTAINERS }, () => bed.container()))
    for (const { name } of containers) await sluice.knows(name)
    const nameOf = (at: number) => containers[at % CONTAINERS]?.name ?? ''
    const clients = await Promise.all(
      Array.from({ length: PLAIN + SLOW }, (_, at) => connected(bed, sluice.streamUrl(nameOf(at)))),
    )
    for (const [at, path] of OTHERS.entries()) {
      const response = await openSse(sluice.origin + path.replace('NAME', nameOf(at)))
      response.resume()
      bed.defer(() => response.destroy())
    }
    const began = cpuSeconds(sluice.pid)
    const paces = containers.map((each) => each.pace({ lines: LINES, perSecond: PER_SECOND, template: JSON_LINE }))
    const written = Promise.all(paces.map(({ done }) => done)).then(() => 'written')

    const samples: number[] = []
    for (let round = 0; ; round++) {
      if ((await Promise.race([written, delay(ROUND_MS)])) === 'written') break
      samples.push(rssMiB(sluice.pid))
      const leaver = clients[round % PLAIN]
      leaver?.cut()
      await leaver?.connect()
      for (const slow of clients.slice(PLAIN)) round % 6 === 5 ? slow.resume() : slow.pause()
    }
    for (const slow of clients.slice(PLAIN)) slow.resume()
    await Promise.all(clients.map((client) => client.settle(SETTLE_MS)))

    const quarters = [0, 1, 2, 3].map((at) => samples.slice((at * samples.length) / 4, ((at + 1) * samples.length) / 4))
    const [, second = 0, , last = 0] = quarters.map(median)
    for (const [at, quarter] of quarters.entries()) {
      const [middle, highest] = [median(quarter), Math.max(...quarter)].map((mib) => mib.toFixed(0))
      bed.say(`RSS in quarter ${at + 1}: median ${middle} MiB, highest ${highest} MiB`)
    }
    bed.say(`server CPU: ${(cpuSeconds(sluice.pid) - began).toFixed(0)} s`)
    const sum = (of: (client: NumberedLines) => number) => clients.reduce((all, client) => all + of(client), 0)
    const reference = LINES * clients.length
    return [
      { name: 'steady.missing', value: sum(({ missing }) => missing), reference },
      { name: 'steady.duplicated', value: sum(({ duplicated }) => duplicated), reference },
      { name: 'steady.rss', value: last / second, reference: last },
    ]
  },
}

async function connected(bed: Bed, url: string): Promise<NumberedLines> {
  const client = new NumberedLines(url, LINES)
  bed.defer(() => client.cut())
  await client.connect()
  return client
}
