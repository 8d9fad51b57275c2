/** The bench: measures the production build beside raw Docker, part by part, and says what it found. */
import { cpSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { startDaemon } from '../engine/daemon.ts'
import { before } from './arrivals.ts'
import { Bed, type BedOptions } from './bed.ts'
import { GOALS, goalOf, isMet, type Measured } from './goals.ts'
import type { Part } from './part.ts'
import { bigLog } from './parts/big-log.ts'
import { burst } from './parts/burst.ts'
import { download } from './parts/download.ts'
import { fanout } from './parts/fanout.ts'
import { idle } from './parts/idle.ts'
import { latencyBusy, latencyIdle } from './parts/latency-page.ts'
import { latencyText } from './parts/latency-text.ts'
import { levels } from './parts/levels.ts'
import { longPage } from './parts/long-page.ts'
import { pageLoad } from './parts/page-load.ts'
import { resume } from './parts/resume.ts'
import { search } from './parts/search.ts'
import { slow } from './parts/slow.ts'
import { stallContainers, stallHeads, stallMerged, stallPages, stallPattern } from './parts/stall.ts'
import { start } from './parts/start.ts'
import { steady } from './parts/steady.ts'
import { throughput } from './parts/throughput.ts'
import { Scope } from './scope.ts'
import { table } from './table.ts'

const PARTS: readonly Part[] = [
  start,
  idle,
  latencyIdle,
  latencyBusy,
  latencyText,
  pageLoad,
  burst,
  longPage,
  levels,
  throughput,
  fanout,
  bigLog,
  download,
  search,
  resume,
  slow,
  stallPages,
  stallHeads,
  stallMerged,
  stallPattern,
  stallContainers,
  steady,
]

const USAGE_ERROR = 2
const INTERRUPTED = 130 // 128 + SIGINT, as shells count

export interface BenchOptions {
  /** The folder of the production build. */
  readonly dist: string
  /** Where the results go, as JSON. */
  readonly results: string
  /** Names or beginnings of names; all if there are none. */
  readonly wanted: readonly string[]
}

/** Resolves with the exit code: 0 also for a bar that is missed, 1 where a part failed or lines were lost or doubled. */
export async function runBench({ dist, results, wanted }: BenchOptions): Promise<number> {
  const stranger = wanted.find((name) => !Object.keys(GOALS).some((known) => known.startsWith(name)))
  if (stranger !== undefined) {
    console.error(`Nothing that is measured is called ${stranger}. There are:\n  ${Object.keys(GOALS).join('\n  ')}`)
    return USAGE_ERROR
  }
  const parts = PARTS.filter((part) => isWanted(part, wanted))
  const scope = new Scope()
  const interrupt = () => void scope.close().finally(() => process.exit(INTERRUPTED))
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  try {
    const options = await prepare(scope, dist)
    const { measured, failed } = await runParts(parts, options, scope)
    if (scope.isClosing) return INTERRUPTED
    report(measured, results)
    const broken = measured.filter((result) => goalOf(result.name).isPromise && !isMet(result))
    for (const { name, value } of broken) console.log(`BROKEN PROMISE: ${name} is ${value}`)
    for (const name of failed) console.log(`FAILED: ${name}`)
    return broken.length + failed.length > 0 ? 1 : 0
  } finally {
    await scope.close()
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

function isWanted({ names, onlyAsked }: Part, wanted: readonly string[]): boolean {
  if (wanted.length === 0) return !onlyAsked
  return names.some((name) => wanted.some((beginning) => name.startsWith(beginning)))
}

async function prepare(scope: Scope, dist: string): Promise<BedOptions> {
  console.log(`${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`)
  const starting = startDaemon()
  scope.defer(async () => (await starting.catch(() => undefined))?.dispose())
  const daemon = await starting
  // A copy: who builds while this runs changes nothing that is measured.
  const copy = join(daemon.dir, 'dist')
  cpSync(dist, copy, { recursive: true })
  const { Version } = await daemon.engine().api.json<{ Version: string }>({ path: '/version' })
  console.log(`Docker ${Version}`)
  return { engine: daemon.engine(), enginePid: daemon.pid ?? 0, bundle: join(copy, 'server.js') }
}

async function runParts(
  parts: readonly Part[],
  options: BedOptions,
  scope: Scope,
): Promise<{ measured: Measured[]; failed: string[] }> {
  const measured: Measured[] = []
  const failed: string[] = []
  for (const part of parts) {
    if (scope.isClosing) break
    const names = part.names.join(', ')
    console.log(`\n> ${names}`)
    const bed = new Bed(options)
    scope.defer(() => bed.close())
    const began = performance.now()
    try {
      const late = () => new Error(`not done after ${part.deadlineMs / 1000} s`)
      measured.push(...(await before(part.run(bed), part.deadlineMs, late)))
    } catch (error) {
      failed.push(`${names}: ${error instanceof Error ? error.message : String(error)}`)
      console.error(error)
    }
    await bed.close()
    console.log(`    (${((performance.now() - began) / 1000).toFixed(0)} s)`)
  }
  return { measured, failed }
}

function report(measured: readonly Measured[], results: string): void {
  const entries = measured.map(({ name, value, reference = null }) => {
    const { unit, bar, referenceName = null } = goalOf(name)
    return { name, value, unit, bar, reference, referenceName }
  })
  writeFileSync(results, `${JSON.stringify(entries, null, 2)}\n`)
  console.log(`\n${table(measured)}\n\nload at the end: ${loadavg()[0]?.toFixed(1)}`)
}
