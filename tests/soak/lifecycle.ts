/**
 * What befalls a container and its name. Each begins and ends with a running container that carries the name. Around a
 * change of the name nothing is written, so that every line's time says whose it is.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from './random.ts'
import type { Stay, Subject } from './subject.ts'

/**
 * Between the last line and a change of the name, and between that and the next line: an engine tells of a name apart from
 * the lines, and what is here before that is heard of, is of the old name.
 */
const QUIET_MS = 50
/** Of a name's former containers, so many may still be there. */
const MAX_DISPLACED = 2

interface Scene {
  readonly subject: Subject
  readonly random: Random
  /** Whether a container that lost its name goes on writing. */
  readonly strays: boolean
}

type Change = (scene: Scene) => Promise<void>

export const LIFECYCLE = {
  'stop-start': (scene) =>
    between(scene, async ({ container }) => {
      await container.stop()
      await delay(scene.random.magnitude(10, 3_000))
      await container.start()
    }),

  'kill-start': (scene) =>
    between(scene, async ({ container }) => {
      await container.kill()
      await container.wait()
      await delay(scene.random.magnitude(1, 1_000))
      await container.start()
    }),

  restart: (scene) => between(scene, ({ container }) => container.restart()),

  pause: async ({ subject, random }) => {
    await subject.current.container.pause()
    await delay(random.magnitude(50, 4_000))
    await subject.current.container.unpause()
  },

  /** A script that saves space truncates the log's file, under whoever follows it. */
  truncate: async ({ subject, random }) => {
    const stay = subject.current
    const ms = random.chance(0.5) ? random.magnitude(10, 3_000) : 0
    await stay.hand.hold()
    await subject.empty(stay)
    await delay(ms)
    stay.hand.release()
  },

  'away-and-back': async ({ subject, random }) => {
    const { container, hand } = subject.current
    await hand.hold()
    await container.rename(otherName(subject))
    await delay(random.magnitude(1, 2_000))
    await container.rename(subject.name)
    await delay(QUIET_MS)
    hand.release()
  },

  /** Another container, with a past of its own, takes the name of one that goes on under another. */
  takeover: async ({ subject, random, strays }) => {
    const old = subject.current
    const next = await subject.begin(await subject.create(otherName(subject)))
    await delay(random.magnitude(10, 1_000))
    await next.hand.hold()
    await old.hand.hold()
    await delay(QUIET_MS)
    old.until = Date.now()
    await old.container.rename(otherName(subject))
    await delay(random.magnitude(1, 1_000))
    next.since = Date.now()
    await next.container.rename(subject.name)
    subject.stays.push(next)
    await delay(QUIET_MS)
    next.hand.release()
    await displace(subject, old, strays, random)
  },

  'remove-and-run': ({ subject }) => replace(subject),

  'remove-and-run-twice': async ({ subject, random }) => {
    await replace(subject)
    await delay(random.magnitude(1, 500))
    await replace(subject)
  },

  /** As `docker compose up --force-recreate`: the old one is out of the way, under `<id>_<name>`, until the new one is made. */
  recreate: async ({ subject, random }) => {
    const old = subject.current
    await old.hand.hold()
    await old.hand.stop()
    await old.container.stop()
    await delay(QUIET_MS)
    old.until = Date.now()
    await old.container.rename(`${old.container.id.slice(0, 12)}_${subject.name}`)
    const created = await subject.create()
    await delay(random.magnitude(1, 200))
    subject.stays.push(await subject.begin(created))
    await subject.takeDown(old)
    await subject.remove(old)
  },
} satisfies Record<string, Change>

export type LifecycleName = keyof typeof LIFECYCLE

/** Those after which another container, or none for a moment, has the name. */
export const CHANGES_NAME: ReadonlySet<LifecycleName> = new Set([
  'away-and-back',
  'takeover',
  'remove-and-run',
  'remove-and-run-twice',
  'recreate',
])

/** How often each is drawn. */
export const LIFECYCLE_WEIGHTS: Readonly<Record<LifecycleName, number>> = {
  'stop-start': 3,
  'kill-start': 3,
  restart: 3,
  pause: 2,
  truncate: 2,
  'away-and-back': 2,
  takeover: 2,
  'remove-and-run': 3,
  'remove-and-run-twice': 1,
  recreate: 3,
}

/** While its process ends it writes gently or not at all, so that no line is torn. A terminal's lines run into each other else. */
async function between({ subject, random }: Scene, change: (stay: Stay) => Promise<void>): Promise<void> {
  const stay = subject.current
  const held = subject.tty || random.chance(0.5)
  stay.hand.gentle = true
  await stay.hand.hold()
  if (!held) {
    stay.hand.release()
    await delay(random.between(10, 300))
  }
  await change(stay)
  stay.hand.gentle = false
  stay.hand.release()
}

async function replace(subject: Subject): Promise<void> {
  const old = subject.current
  await old.hand.hold()
  await subject.retire(old)
  await subject.remove(old)
  await subject.run()
}

async function displace(subject: Subject, old: Stay, strays: boolean, random: Random): Promise<void> {
  if (strays && random.chance(0.5)) old.hand.release()
  subject.displaced.push(old)
  while (subject.displaced.length > MAX_DISPLACED || (subject.displaced.length > 0 && random.chance(0.4))) {
    const gone = subject.displaced.shift()
    if (!gone) return
    await subject.retire(gone)
    await subject.remove(gone)
  }
}

function otherName({ name }: Subject): string {
  return `${name}-${randomBytes(3).toString('hex')}`
}
