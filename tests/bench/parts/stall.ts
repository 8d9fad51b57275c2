/** What one client may cost the others: how long the server's event loop stands still while somebody asks for much. */
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { type FakeContainer, startFakeEngine } from '../../engine/fake-engine.ts'
import { at, frame, stamped } from '../../unit/logs/frames.ts'
import type { Bed } from '../bed.ts'
import { type Crowd, measureCrowd } from '../crowd.ts'
import type { GoalName } from '../goals.ts'
import { LOOP_PRELOAD, LoopWatch, type Watched } from '../loop-watch.ts'
import type { Part } from '../part.ts'
import { rssMiB, watchRss } from '../process-usage.ts'
import type { Sluice } from '../sluice.ts'
import { EventReader, openSse } from '../sse.ts'
import { median } from '../statistics.ts'

const CONTAINERS = 200
const LINES = 20
const VIEWERS = 100
const PAGES = 1_000
const HEADS = 400
const UNREAD_FOR_MS = 5_000
const LEAVING_MS = 1_000 // in which the server sees that they have left

interface Stage {
  readonly bed: Bed
  readonly sluice: Sluice
  readonly watch: LoopWatch
}

/** A part whose value is the longest delay of the server's event loop during any of the runs that it watches. */
function stallPart(
  name: GoalName,
  containers: readonly FakeContainer[],
  run: (stage: Stage) => Promise<Watched[]>,
): Part {
  return {
    names: [name],
    deadlineMs: 120_000,
    async run(bed) {
      const engine = await startFakeEngine()
      bed.defer(() => engine.close())
      for (const container of containers) engine.add(container)
      const sluice = await bed.sluice(engine.socket, LOOP_PRELOAD)
      for (const { name } of containers) await sluice.knows(name)
      const watched = await run({ bed, sluice, watch: await LoopWatch.of(bed, sluice) })
      const longest = (side: keyof Watched) => Math.max(...watched.map((each) => each[side].loopMs))
      return [{ name, value: longest('server'), reference: longest('control') }]
    },
  }
}

const MANY = Array.from({ length: CONTAINERS }, (_, number) => containerOf(`many-${number}`, LINES, number))

export const stallPages = stallPart('stall.pages', [containerOf('long', 10_000, 0)], async ({ bed, sluice, watch }) => {
  const path = '/api/containers/long/logs?limit=10000'
  const before = rssMiB(sluice.pid)
  const rss = watchRss(sluice.pid)
  const asked: ClientRequest[] = []
  const result = await watch.during(`${PAGES} pages that nobody reads`, async () => {
    for (let n = 0; n < PAGES; n++) asked.push(begin(sluice, path))
    // Those that wait for their turn behind the unread ones are not answered at all.
    await Promise.race([Promise.all(asked.map(begun)), delay(UNREAD_FOR_MS)])
  })
  bed.say(`RSS ${before.toFixed(0)} MiB before, ${rss.stop().toFixed(0)} at its highest`)
  for (const one of asked) one.destroy()
  return [result]
})

export const stallHeads = stallPart('stall.heads', MANY, async ({ sluice, watch }) => [
  await watch.during(`${HEADS} HEADs of a download of ${CONTAINERS} containers`, async () => {
    const asked = Array.from({ length: HEADS }, () => begin(sluice, '/api/logs/download', 'HEAD'))
    await Promise.all(asked.map(closed))
  }),
])

export const stallMerged = stallPart('stall.merged', MANY, async ({ sluice, watch }) => {
  const url = `${sluice.origin}/api/logs/stream`
  let viewers: Viewer[] = []
  const open = async (resumed: readonly string[]) => {
    viewers = await Promise.all(Array.from({ length: VIEWERS }, (_, n) => viewer(url, resumed[n])))
  }
  const leave = async () => {
    const left = viewers.map(({ response }) => response.destroy().closed || closed(response))
    await Promise.all(left)
    await delay(LEAVING_MS)
  }
  const opened = await watch.during(`${VIEWERS} viewers open`, () => open([]))
  const ids = viewers.map(({ id }) => id)
  const gone = await watch.during(`${VIEWERS} viewers leave`, leave)
  const resumed = await watch.during(`${VIEWERS} viewers resume`, () => open(ids))
  return [opened, gone, resumed]
})

/** Some are refused before they are compiled, the last are admitted. */
const PATTERNS = [
  `(?i)[${'B-\u{10FFFF}'.repeat(248)}]`,
  `(?i)${'[B-\u{10ffff}]'.repeat(166)}`,
  `[${'\\pL'.repeat(330)}]`,
  'x.*y|x',
  `(?:x|y?)*${'[xyz]{9}'.repeat(9)}!`,
]

const longLines = Array.from({ length: 60 }, (_, n) =>
  frame('stdout', stamped(at(n * 1_000), `${'x'.repeat(65_000)}\n`)),
)

export const stallPattern = stallPart(
  'stall.pattern',
  [{ ...containerOf('wide', 0, 0), pieces: longLines }],
  async ({ sluice, watch }) => {
    const ask = (path: string, method: string) => closed(begin(sluice, path, method))
    return [
      await watch.during(`${PATTERNS.length} patterns in streams, searches and HEADs, four times`, async () => {
        const asked = PATTERNS.flatMap((pattern) => {
          const query = `re=${encodeURIComponent(pattern)}`
          const path = `/api/containers/wide/logs/`
          return Array.from({ length: 4 }, () => [
            ask(`${path}search?${query}`, 'GET'),
            ask(`${path}stream?${query}`, 'HEAD'),
            ask(`${path}download?${query}`, 'HEAD'),
          ]).flat()
        })
        await Promise.race([Promise.all(asked), delay(UNREAD_FOR_MS)])
      }),
    ]
  },
)

const CROWD = 10_000
const CROWDS = 3

export const stallContainers: Part = {
  names: ['stall.containers', 'stall.containers.listed'],
  deadlineMs: 300_000,
  async run(bed) {
    const crowds: Crowd[] = []
    for (let n = 0; n < CROWDS; n++) crowds.push(await measureCrowd(bed.bundle, CROWD))
    for (const crowd of crowds)
      bed.say(JSON.stringify(crowd, (_, value) => (typeof value === 'number' ? Math.round(value) : value)))
    const stalls = crowds.map((crowd) => Math.max(crowd.listingStallMs, crowd.inspectingStallMs, crowd.readingStallMs))
    return [
      {
        name: 'stall.containers',
        value: median(stalls),
        reference: median(crowds.map(({ controlStallMs }) => controlStallMs)),
      },
      { name: 'stall.containers.listed', value: median(crowds.map(({ listedMs }) => listedMs)) },
    ]
  },
}

function containerOf(name: string, lines: number, number: number): FakeContainer {
  const text = (n: number) =>
    `{"level":"info","msg":"request served","n":${n},"path":"/api/orders/81723","service":"${name}"}\n`
  const pieces = Array.from({ length: lines }, (_, n) => frame('stdout', stamped(at(n * 1_000 + number), text(n))))
  return { name, id: number.toString(16).padStart(4, '0').padEnd(64, 'a'), pieces }
}

interface Viewer {
  readonly response: IncomingMessage
  readonly id: string
}

/** A merged stream's viewer, from when it is live. */
async function viewer(url: string, lastEventId?: string): Promise<Viewer> {
  const response = await openSse(url, lastEventId)
  const reader = new EventReader()
  return new Promise((resolve, reject) => {
    response.once('close', () => reject(new Error('a stream ended before it was live')))
    response.on('data', (chunk: Buffer) => {
      const live = reader.push(chunk).find(({ type }) => type === 'live')
      if (live) resolve({ response, id: live.id })
    })
  })
}

function begin(sluice: Sluice, path: string, method = 'GET'): ClientRequest {
  const one = request(`${sluice.origin}${path}`, { agent: false, method })
  one.on('error', () => {})
  return one.end()
}

/** Its head has come, of which nobody reads the body, or none will. */
function begun(one: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    one.once('response', (response) => void response.pause().on('error', () => {}))
    one.once('response', () => resolve()).once('close', () => resolve())
  })
}

function closed(one: ClientRequest | IncomingMessage): Promise<void> {
  return new Promise((resolve) => void one.once('close', () => resolve()))
}
