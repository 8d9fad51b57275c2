/** One soak from its start to its verdict. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Daemon, startDaemon } from '../engine/daemon.ts'
import { startFaultProxy } from '../engine/fault-proxy.ts'
import { Audience } from './audience.ts'
import { castSubjects } from './cast.ts'
import { Deployment } from './deployment.ts'
import { Journal } from './journal.ts'
import { Random } from './random.ts'
import { runSchedule } from './schedule.ts'
import type { Kind, Session } from './session.ts'
import { Subject } from './subject.ts'
import { type Difference, differenceOf, type Tenure } from './verdict.ts'

export interface SoakOptions {
  readonly seed: number
  /** How long there are faults; getting up and catching up come on top. */
  readonly seconds: number
  readonly sessions: number
  readonly containers: number
  readonly kinds: readonly Kind[]
  /** The folder of the production build. */
  readonly dist: string
  /** Whether a container goes on writing after another took its name; its lines are then nobody's. */
  readonly strays: boolean
  /** Also containers whose logs are rotated. */
  readonly rotation: boolean
  /** Faults that are left out. */
  readonly without: readonly string[]
  /** Says what happens as it happens. */
  readonly verbose: boolean
}

/** What a session has got wrong. */
export interface Finding {
  readonly session: Session
  readonly container: string
  readonly tenures: readonly Tenure[]
  readonly difference: Difference
}

export interface SoakResult {
  readonly journal: Journal
  readonly sessions: readonly Session[]
  readonly findings: readonly Finding[]
  /** What went wrong beside lines: a crash, a wrong answer, a batch with a wrong id. */
  readonly offences: readonly string[]
  readonly linesWritten: number
  /** Lines of the reference that some end tore: the harness's own failure. */
  readonly torn: readonly string[]
  readonly sluicePeakMiB: number
  readonly sluiceLog: string
}

const LIVE_DEADLINE_MS = 60_000
const CATCH_UP_DEADLINE_MS = 90_000
const LOOK_MS = 200

/** Rejects when the harness fails, with what was done until then, or is interrupted; in any case it leaves nothing behind. */
export async function runSoak(options: SoakOptions, interrupt?: AbortSignal): Promise<SoakResult> {
  const daemon = await startDaemon({ liveRestore: true })
  const interrupted = new Promise<never>((_, reject) => {
    interrupt?.addEventListener('abort', () => reject(new Error('interrupted')))
  })
  const journal = new Journal(options.verbose)
  try {
    return await Promise.race([runOn(daemon, options, journal), interrupted])
  } catch (error) {
    throw new Error(`seed ${options.seed}: ${error}\n${journal.text()}`, { cause: error })
  } finally {
    await daemon.dispose()
  }
}

async function runOn(daemon: Daemon, options: SoakOptions, journal: Journal): Promise<SoakResult> {
  const { seed, seconds, kinds, strays, without } = options
  // A copy: who builds while this runs changes nothing.
  const dist = join(daemon.dir, 'dist')
  cpSync(options.dist, dist, { recursive: true })
  const proxy = await startFaultProxy(daemon.socket)
  const deployment = new Deployment(join(dist, 'server.js'), proxy.socket)
  const subjects = castSubjects(options.containers, options.rotation).map(
    (cast) => new Subject(daemon.engine(), Random.of(seed, cast.name), cast),
  )
  const names = subjects.map(({ name }) => name)
  const audience = new Audience(seed, kinds, names, deployment)
  try {
    await Promise.all(subjects.map((subject) => subject.run()))
    await deployment.start()
    for (let count = 0; count < options.sessions; count++) audience.enter()

    const stop = AbortSignal.timeout(seconds * 1_000)
    const stage = { seed, daemon, proxy, deployment, subjects, journal, strays, without }
    await Promise.all([runSchedule(stage, stop), audience.change(stop)])

    journal.add('end', 'everything is healed')
    await proxy.heal()
    proxy.cut()
    await finish(subjects, audience, journal)
    await Promise.all(audience.present.map((session) => session.leave()))
    await deployment.stop('SIGTERM')
    return result(subjects, audience, deployment, journal)
  } finally {
    await Promise.all(audience.present.map((session) => session.leave()))
    await deployment.stop('SIGKILL')
    await proxy.close()
    await Promise.all(subjects.map((subject) => subject.close()))
  }
}

/** Every session gets what there is. Who has not when time is up is found by the verdict. */
async function finish(subjects: readonly Subject[], audience: Audience, journal: Journal): Promise<void> {
  for (const { current } of subjects) await current.hand.hold()
  for (const session of audience.present) session.calm()
  const slow = await until(LIVE_DEADLINE_MS, () => audience.present.filter(({ live }) => !live))
  journal.add(
    'end',
    slow.length === 0 ? 'all sessions are live' : `not live: ${slow.map(({ name }) => name).join(', ')}`,
  )

  await Promise.all(subjects.map(({ current }) => current.hand.finale()))
  for (const subject of subjects) await subject.close()
  const tenures = new Map(subjects.map((subject) => [subject.name, subject.tenures()]))
  const behind = await until(CATCH_UP_DEADLINE_MS, () =>
    audience.present.filter((session) => !isThrough(session, tenures)),
  )
  journal.add('end', behind.length === 0 ? 'all caught up' : `behind: ${behind.map(({ name }) => name).join(', ')}`)
  await delay(LOOK_MS) // in which what came too much would come
}

/** Until `missing` gives nothing any more, or time is up: then what it still gives. */
async function until<T>(deadlineMs: number, missing: () => T[]): Promise<T[]> {
  let left = missing()
  for (const deadline = Date.now() + deadlineMs; left.length > 0 && Date.now() < deadline; left = missing()) {
    await delay(LOOK_MS)
  }
  return left
}

/** Whether the last line of each of its containers is there. */
function isThrough({ plan, inboxes }: Session, all: ReadonlyMap<string, readonly Tenure[]>): boolean {
  return plan.names.every((name) => {
    const inbox = inboxes.get(name)
    const last = all.get(name)?.at(-1)
    if (!inbox || !last) return true
    let at = last.to - 1
    while (at >= last.from && plan.filter !== 0 && (last.lines.passes(at) & plan.filter) === 0) at--
    if (at < last.from) return true
    const { length } = inbox.lines
    return length > 0 && inbox.lines.isAt(length - 1, last.lines, at)
  })
}

function result(
  subjects: readonly Subject[],
  audience: Audience,
  deployment: Deployment,
  journal: Journal,
): SoakResult {
  const tenures = new Map(subjects.map((subject) => [subject.name, subject.tenures()]))
  const present = new Set(audience.present)
  const findings = audience.all.flatMap((session) =>
    [...session.inboxes].flatMap(([container, inbox]) => {
      const reference = tenures.get(container) ?? []
      const starts = session.plan.bySelection ? deployment.starts : []
      const { elsewhere } = session
      const expectation = { filter: session.plan.filter, complete: present.has(session), starts, elsewhere }
      const difference = differenceOf(reference, inbox, expectation)
      return difference ? [{ session, container, tenures: reference, difference }] : []
    }),
  )
  return {
    journal,
    sessions: audience.all,
    findings,
    offences: [
      ...(deployment.crash ? [deployment.crash] : []),
      ...audience.all.flatMap(({ name, offences }) => offences.map((offence) => `${name}: ${offence}`)),
    ],
    linesWritten: subjects.reduce((sum, { written }) => sum + written, 0),
    torn: subjects.flatMap(({ torn }) => torn),
    sluicePeakMiB: deployment.peakMiB,
    sluiceLog: deployment.log,
  }
}
