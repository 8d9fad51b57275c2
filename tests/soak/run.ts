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
import { type Difference, type Period, type Tenure, verdictOn } from './verdict.ts'

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
  /** Lines that sessions have not, as a gap says that the log is damaged there. */
  readonly missing: number
  /** Lines of the reference that some end tore: the harness's own failure. */
  readonly torn: readonly string[]
  readonly sluicePeakMiB: number
  readonly sluiceLog: string
}

const LIVE_DEADLINE_MS = 60_000
const CATCH_UP_DEADLINE_MS = 90_000
/** After a log was emptied: whether a quiet follow has stalled is looked at each 15 s, by steps of 2.5 s, and judged 2 s later. */
const EMPTIED_DEADLINE_MS = 25_000
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
    const spoilt: Period[] = []
    const stage = { seed, daemon, proxy, deployment, subjects, journal, strays, without, spoilt }
    await Promise.all([runSchedule(stage, stop), audience.change(stop)])

    journal.add('end', 'everything is healed')
    await proxy.heal()
    proxy.cut()
    const emptied = without.includes('truncate') ? undefined : emptiedLast(seed, subjects)
    const offences = await finish(subjects, audience, journal, emptied)
    await Promise.all(audience.present.map((session) => session.leave()))
    await deployment.stop('SIGTERM')
    const { crash } = deployment
    return result({
      subjects,
      audience,
      deployment,
      journal,
      spoilt,
      offences: crash ? [crash, ...offences] : offences,
    })
  } finally {
    await Promise.all(audience.present.map((session) => session.leave()))
    await deployment.stop('SIGKILL')
    await proxy.close()
    await Promise.all(subjects.map((subject) => subject.close()))
  }
}

/** One whose log can be. */
function emptiedLast(seed: number, subjects: readonly Subject[]): Subject | undefined {
  const possible = subjects.filter(({ canBeEmptied }) => canBeEmptied)
  return possible.length > 0 ? Random.of(seed, 'end').pick(possible) : undefined
}

/**
 * Every session gets what there is: the verdict finds which has not when time is up. The log of `emptied` is emptied before its
 * last lines, with nothing that has Sluice read it anew. Resolves with what was late after that.
 */
async function finish(
  subjects: readonly Subject[],
  audience: Audience,
  journal: Journal,
  emptied: Subject | undefined,
): Promise<string[]> {
  for (const { current } of subjects) await current.hand.hold()
  for (const session of audience.present) session.calm()
  const slow = await until(LIVE_DEADLINE_MS, () => audience.present.filter(({ live }) => !live))
  journal.add(
    'end',
    slow.length === 0 ? 'all sessions are live' : `not live: ${slow.map(({ name }) => name).join(', ')}`,
  )

  await emptied?.empty(emptied.current)
  if (emptied) journal.add('end', `truncated the log of ${emptied.name}`)
  await Promise.all(subjects.map(({ current }) => current.hand.finale()))
  const written = Date.now()
  for (const subject of subjects) await subject.close()
  const tenures = new Map(subjects.map((subject) => [subject.name, subject.tenures()]))
  const late = await until(written + EMPTIED_DEADLINE_MS - Date.now(), () =>
    audience.present.filter((session) => emptied && !isThrough(session, tenures, emptied.name)),
  )
  const behind = await until(CATCH_UP_DEADLINE_MS, () =>
    audience.present.filter((session) => !isThrough(session, tenures)),
  )
  journal.add('end', behind.length === 0 ? 'all caught up' : `behind: ${behind.map(({ name }) => name).join(', ')}`)
  await delay(LOOK_MS) // in which what came too much would come
  return late.map(
    ({ name }) => `${name}: ${EMPTIED_DEADLINE_MS} ms after ${emptied?.name} was emptied, its last line is not there`,
  )
}

/** Until `missing` gives nothing any more, or time is up: then what it still gives. */
async function until<T>(deadlineMs: number, missing: () => T[]): Promise<T[]> {
  let left = missing()
  for (const deadline = Date.now() + deadlineMs; left.length > 0 && Date.now() < deadline; left = missing()) {
    await delay(LOOK_MS)
  }
  return left
}

/** Whether the last line of each of its containers is there, or of that one. */
function isThrough({ plan, inboxes }: Session, all: ReadonlyMap<string, readonly Tenure[]>, only?: string): boolean {
  return plan.names.every((name) => {
    if (only !== undefined && name !== only) return true
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

interface Run {
  readonly subjects: readonly Subject[]
  readonly audience: Audience
  readonly deployment: Deployment
  readonly journal: Journal
  readonly spoilt: readonly Period[]
  readonly offences: readonly string[]
}

function result({ subjects, audience, deployment, journal, spoilt, offences }: Run): SoakResult {
  const tenures = new Map(subjects.map((subject) => [subject.name, subject.tenures()]))
  const present = new Set(audience.present)
  const verdicts = audience.all.flatMap((session) =>
    [...session.inboxes].map(([container, inbox]) => {
      const reference = tenures.get(container) ?? []
      const starts = session.plan.bySelection ? deployment.starts : []
      const { elsewhere } = session
      const expectation = { filter: session.plan.filter, complete: present.has(session), starts, elsewhere, spoilt }
      return { session, container, tenures: reference, ...verdictOn(reference, inbox, expectation) }
    }),
  )
  return {
    journal,
    sessions: audience.all,
    findings: verdicts.flatMap(({ difference, ...finding }) => (difference ? [{ ...finding, difference }] : [])),
    missing: verdicts.reduce((sum, { missing }) => sum + missing, 0),
    offences: [
      ...offences,
      ...audience.all.flatMap(({ name, offences }) => offences.map((offence) => `${name}: ${offence}`)),
    ],
    linesWritten: subjects.reduce((sum, { written }) => sum + written, 0),
    torn: subjects.flatMap(({ torn }) => torn),
    sluicePeakMiB: deployment.peakMiB,
    sluiceLog: deployment.log,
  }
}
