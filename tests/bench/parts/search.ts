/** A search of a long log: how soon a recent match is there, how long the whole takes, and what many at once cost. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Container } from '../../engine/container.ts'
import type { Bed } from '../bed.ts'
import type { Part } from '../part.ts'
import { watchRss } from '../process-usage.ts'
import { openRaw } from '../raw.ts'
import { JSON_LINE } from '../samples.ts'
import type { Sluice } from '../sluice.ts'
import { openSse } from '../sse.ts'
import { listed, median, percentile } from '../statistics.ts'
import { until } from '../until.ts'
import { delays } from './latency-text.ts'

const LINES = 1_000_000
const BACK = 1_000
const RUNS = 5
const PAIRS = 3
/** In one line of a thousand. */
const SOUGHT = '000,"method"'
const MATCHES = LINES / 1_000 - 1 // not in that of number 0
const AT_ONCE = 10

export const search: Part = {
  names: ['search.newest', 'search.whole', 'search.live.p95', 'search.rss'],
  deadlineMs: 600_000,
  async run(bed) {
    const container = await bed.container()
    await container.pace({ lines: LINES, template: JSON_LINE }).done
    await container.logged(`"n":${LINES - 1},`, 100)
    const sluice = await bed.sluice()
    await sluice.knows(container.name)
    const newest = await newestMatch(bed, container, sluice)
    const whole = await wholeLog(bed, container, sluice)
    const live = await liveMeanwhile(bed, container, sluice)
    const highest = await manyAtOnce(bed, container, sluice)
    return [
      { name: 'search.newest', value: median(newest.ours), reference: median(newest.raws) },
      { name: 'search.whole', value: median(whole.shares), reference: median(whole.raws) },
      { name: 'search.live.p95', value: percentile(live.ours, 95), reference: percentile(live.raws, 95) },
      { name: 'search.rss', value: highest },
    ]
  },
}

/** Milliseconds until a line is there that stands so far before the end. */
async function newestMatch(bed: Bed, container: Container, sluice: Sluice) {
  const raws: number[] = []
  const ours: number[] = []
  const text = `"n":${LINES - BACK},`
  const url = `${address(sluice, container)}?q=${encodeURIComponent(text)}`
  for (let run = 0; run < RUNS; run++) {
    raws.push(await until(text, () => openRaw(bed.engine, container, BACK)))
    ours.push(await until('"ranges"', () => openSse(url)))
  }
  bed.say(`${BACK} lines before the end: raw ${listed(raws, 1)} ms; Sluice ${listed(ours, 1)} ms`)
  return { raws, ours }
}

/** Seconds of `docker logs | grep -c`, and a search's as a share of that. */
async function wholeLog(bed: Bed, container: Container, sluice: Sluice) {
  const raws: number[] = []
  const ours: number[] = []
  for (let pair = 0; pair < PAIRS; pair++) {
    raws.push(await seconds(() => grep(bed, container)))
    ours.push(await seconds(() => searched(sluice, container)))
  }
  bed.say(`the whole: docker logs | grep -c ${listed(raws, 2)} s; Sluice ${listed(ours, 2)} s`)
  return { raws, shares: ours.map((each, pair) => each / (raws[pair] ?? Number.NaN)) }
}

/** For each line of another container, the milliseconds until a client of its stream has it, while some search. */
async function liveMeanwhile(bed: Bed, container: Container, sluice: Sluice) {
  const meanwhile = async (measure: () => Promise<number[]>) => {
    const url = `${address(sluice, container)}?q=${encodeURIComponent('not in any line')}`
    const searches = await Promise.all(Array.from({ length: AT_ONCE }, () => openSse(url)))
    for (const each of searches) each.resume()
    const measured = await measure()
    if (searches.some(({ readableEnded }) => readableEnded)) throw new Error('a search was done before the lines were')
    for (const each of searches) each.destroy()
    return measured
  }
  const raws = await meanwhile(() => delays(bed, (other) => openRaw(bed.engine, other, 1)))
  const ours = await meanwhile(() => delays(bed, (other) => sluice.live(other.name, 1, () => {})))
  for (const [who, list] of [['raw', raws] as const, ['Sluice', ours] as const]) {
    const [p50, p95] = [50, 95].map((p) => percentile(list, p).toFixed(1))
    bed.say(`${who}, while ${AT_ONCE} search: p50 ${p50} ms, p95 ${p95} ms`)
  }
  return { raws, ours }
}

/** The server's memory, in MiB at its highest, while some search and as many download. */
async function manyAtOnce(bed: Bed, container: Container, sluice: Sluice): Promise<number> {
  const watch = watchRss(sluice.pid)
  const both = () => [searched(sluice, container), downloaded(sluice, container)]
  const all = Promise.all(Array.from({ length: AT_ONCE }, both).flat())
  let highest = 0
  const took = await seconds(() => all).finally(() => {
    highest = watch.stop()
  })
  bed.say(`${AT_ONCE} searches and ${AT_ONCE} downloads at once: ${took.toFixed(0)} s, ${highest.toFixed(0)} MiB`)
  return highest
}

async function grep(bed: Bed, container: Container): Promise<void> {
  const command = `docker -H unix://${bed.engine.socket} logs ${container.name} | grep -cF '${SOUGHT}'`
  const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] })
  bed.defer(() => child.kill())
  let counted = ''
  child.stdout.on('data', (chunk) => {
    counted += chunk
  })
  await once(child, 'close')
  if (Number(counted) !== MATCHES) throw new Error(`grep counts ${counted.trim()} of ${MATCHES}`)
}

async function searched(sluice: Sluice, container: Container): Promise<void> {
  const response = await openSse(`${address(sluice, container)}?limit=10000&q=${encodeURIComponent(SOUGHT)}`)
  let text = ''
  for await (const chunk of response) text += chunk
  const found = text.split('"ranges"').length - 1
  if (found !== MATCHES || !text.includes('"complete":true')) throw new Error(`a search finds ${found} of ${MATCHES}`)
}

async function downloaded(sluice: Sluice, { name }: Container): Promise<void> {
  const response = await fetch(`${sluice.origin}/api/containers/${name}/logs/download`)
  for await (const _ of response.body ?? []);
}

function address({ origin }: Sluice, { name }: Container): string {
  return `${origin}/api/containers/${name}/logs/search`
}

async function seconds(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await run()
  return (performance.now() - began) / 1000
}
