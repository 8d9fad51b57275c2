/** The faults, each from a loop of its own so that they meet: at the engine's containers and daemon, on the way, at Sluice. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Daemon } from '../engine/daemon.ts'
import type { FaultProxy } from '../engine/fault-proxy.ts'
import type { Deployment } from './deployment.ts'
import { ENGINE_FAULT_WEIGHTS, ENGINE_FAULTS, SPOILS_LOGS } from './engine-faults.ts'
import type { Journal } from './journal.ts'
import { CHANGES_NAME, LIFECYCLE, LIFECYCLE_WEIGHTS } from './lifecycle.ts'
import { Lock } from './lock.ts'
import { Random } from './random.ts'
import type { Subject } from './subject.ts'
import type { Period } from './verdict.ts'

const DAEMON_FAULT_CHANCE = 0.06 // of the changes at the engine
const NEW_MS = 12_000 // Sluice takes 10 s, by the clock of the engine (server/feed/rotated.ts)

export interface Stage {
  readonly seed: number
  readonly daemon: Daemon
  readonly proxy: FaultProxy
  readonly deployment: Deployment
  readonly subjects: readonly Subject[]
  readonly journal: Journal
  readonly strays: boolean
  /** Names of faults that are left out; `daemon` and `sluice` are names too. */
  readonly without: readonly string[]
  /** When answers of logs were damaged or refused; filled here. */
  readonly spoilt: Period[]
}

/** Runs all loops until `stop` is aborted and everything begun is over. Rejects when the harness itself fails. */
export async function runSchedule(stage: Stage, stop: AbortSignal): Promise<void> {
  const names = new Lock()
  await Promise.all([
    loop(stop, Random.of(stage.seed, 'way'), [200, 6_000], (random) => onTheWay(stage, names, random)),
    loop(stop, Random.of(stage.seed, 'engine'), [100, 3_000], (random) => atTheEngine(stage, names, random)),
    loop(stop, Random.of(stage.seed, 'sluice'), [5_000, 30_000], (random) => atSluice(stage, random)),
  ])
}

async function loop(
  stop: AbortSignal,
  random: Random,
  [least, most]: readonly [number, number],
  act: (random: Random) => Promise<void>,
): Promise<void> {
  while (!stop.aborted) {
    await delay(random.magnitude(least, most), undefined, { signal: stop }).catch(() => {})
    if (!stop.aborted) await act(random)
  }
}

async function onTheWay({ proxy, journal, without, spoilt }: Stage, names: Lock, random: Random): Promise<void> {
  const name = random.weighted(left(ENGINE_FAULT_WEIGHTS, without))
  const period = { from: Date.now(), to: Number.POSITIVE_INFINITY }
  if (SPOILS_LOGS.has(name)) spoilt.push(period)
  await ENGINE_FAULTS[name]({ proxy, random, names }, (text) => journal.add(`way/${name}`, text))
  period.to = Date.now()
  journal.add('over', name)
}

async function atTheEngine(stage: Stage, names: Lock, random: Random): Promise<void> {
  const { subjects, journal, strays, without } = stage
  if (random.chance(DAEMON_FAULT_CHANCE) && !without.includes('daemon')) return restartDaemon(stage, random)
  const subject = random.pick(subjects)
  const impossible = subject.canBeEmptied && !isNew(subject) ? [] : ['truncate']
  const name = random.weighted(left(LIFECYCLE_WEIGHTS, [...without, ...impossible]))
  const change = async () => {
    journal.add(`container/${name}`, `${subject.name} (${subject.current.container.id.slice(0, 12)})`)
    await LIFECYCLE[name]({ subject, random, strays })
    journal.add('over', `${name} ${subject.name} (${subject.current.container.id.slice(0, 12)})`)
  }
  await (CHANGES_NAME.has(name) ? names.run(change) : change())
}

/** A log emptied so soon after its container started looks like one of a container that has just begun to write. */
function isNew({ current }: Subject): boolean {
  return Date.now() - current.startedAt < NEW_MS
}

/** With live-restore: containers go on, and go on writing, gently, since a daemon that ends inside a line tears it. */
async function restartDaemon({ daemon, subjects, journal }: Stage, random: Random): Promise<void> {
  const signal = random.pick(['SIGTERM', 'SIGKILL'] as const)
  const hands = subjects.flatMap(({ current, displaced }) => [current, ...displaced]).map(({ hand }) => hand)
  for (const hand of hands) hand.gentle = true
  // Those that lost their name are left as they are: some are to write no more.
  for (const { current } of subjects) await current.hand.hold()
  for (const { current } of subjects) current.hand.release()
  await delay(random.between(10, 200))
  journal.add(`daemon/${signal}`)
  if (signal === 'SIGTERM') await daemon.stop()
  else await daemon.kill()
  await delay(random.magnitude(10, 3_000))
  await daemon.start()
  for (const hand of hands) hand.gentle = false
  journal.add('over', `daemon ${signal}`)
}

async function atSluice({ deployment, journal, without }: Stage, random: Random): Promise<void> {
  if (without.includes('sluice')) return
  const kind = random.weighted({ killed: 3, stopped: 1, replaced: 2 })
  const signal = random.pick(['SIGKILL', 'SIGTERM'] as const)
  journal.add(`sluice/${kind}`)
  if (kind === 'killed') await deployment.restart('SIGKILL', random.magnitude(1, 3_000))
  else if (kind === 'stopped') await deployment.restart('SIGTERM', random.magnitude(1, 1_000))
  else await deployment.replace(signal)
  journal.add('over', `${kind}: ${deployment.url}`)
}

function left<Name extends string>(weights: Readonly<Record<Name, number>>, without: readonly string[]) {
  const entries = Object.entries(weights).filter(([name]) => !without.includes(name))
  return Object.fromEntries(entries) as Partial<Record<Name, number>>
}
