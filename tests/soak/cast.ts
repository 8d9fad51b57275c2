/** Who takes part: containers of every kind of log, and sessions of every kind of stream. */

import type { Profile } from './hand.ts'
import type { Random } from './random.ts'
import type { Kind, SessionPlan } from './session.ts'
import type { SubjectOptions } from './subject.ts'
import { FILTERS } from './text.ts'

const PROJECT = 'com.docker.compose.project'
const PROJECTS = ['shop', 'mail'] as const

const STEADY: Profile = { trickle: 20, burst: 1, quiet: 2 }
const BURSTS: Profile = { trickle: 4, burst: 2, quiet: 6 }
const ALL_SORTS: Profile = { trickle: 10, burst: 1, long: 2, quiet: 2 }
const FAT: Profile = { fat: 2, quiet: 5, trickle: 3 }
const RARE: Profile = { trickle: 1, quiet: 4 }

const KINDS: readonly (Omit<SubjectOptions, 'name'> & { readonly stem: string })[] = [
  { stem: 'web', profile: ALL_SORTS, run: {} },
  { stem: 'terminal', profile: ALL_SORTS, run: { tty: true } },
  { stem: 'rotating', profile: STEADY, run: { logOptions: { 'max-size': '1m', 'max-file': '2' } } },
  { stem: 'fat', profile: FAT, run: {} },
  // No lines over 16 KiB: Docker's `local` driver keeps the newline of none of them, so where they end is not in its log.
  { stem: 'local', profile: { ...STEADY, burst: 2 }, run: { logDriver: 'local' } },
  { stem: 'bursts', profile: BURSTS, run: {} },
  { stem: 'rolling', profile: BURSTS, run: { logOptions: { 'max-size': '2m', 'max-file': '3' } } },
  { stem: 'rare', profile: RARE, run: {} },
]

/**
 * The first so many kinds of container, and round again. `rotation`: also logs that are rotated, no more than once by one
 * burst: where it happens twice within a moment, Docker's own follow (20.10) passes over thousands of lines without a word.
 */
export function castSubjects(count: number, rotation: boolean): SubjectOptions[] {
  const kinds = KINDS.filter(({ run }) => rotation || run.logOptions?.['max-file'] === undefined)
  return Array.from({ length: count }, (_, at) => {
    const kind = kinds[at % kinds.length]
    if (!kind) throw new Error('there is no kind of container')
    const { stem, profile, run } = kind
    const labels = { [PROJECT]: projectOf(at), tier: at % 3 === 0 ? 'front' : 'back' }
    return { name: `soak-${stem}-${at}`, profile, run: { ...run, labels } }
  })
}

function projectOf(at: number): string {
  return PROJECTS[at % PROJECTS.length] ?? PROJECTS[0]
}

/** A session of that kind, about some of these names. */
export function castSession(kind: Kind, names: readonly string[], random: Random): SessionPlan {
  const tail = `tail=${random.pick([0, 1, 10, 500, 500, 3_000])}`
  if (kind === 'merged') return merged(names, tail, random)
  const name = kind === 'slow' ? slowName(names, random) : random.pick(names)
  const path = `/api/containers/${name}/logs/stream?wait=true&${tail}`
  if (kind !== 'filtered') return { kind, path, names: [name], filter: 0 }
  const at = random.between(0, FILTERS.length - 1)
  return { kind, path: `${path}&${FILTERS[at]?.query}`, names: [name], filter: 1 << at }
}

/** Mostly those that write enough for a slow session to fall behind. */
function slowName(names: readonly string[], random: Random): string {
  const busy = names.filter((name) => /fat|bursts/.test(name))
  return busy.length > 0 && random.chance(0.7) ? random.pick(busy) : random.pick(names)
}

function merged(names: readonly string[], tail: string, random: Random): SessionPlan {
  const path = `/api/logs/stream?${tail}`
  const filter = random.chance(0.3) ? random.between(0, FILTERS.length - 1) : undefined
  const filtered = filter === undefined ? '' : `&${FILTERS[filter]?.query}`
  const bit = filter === undefined ? 0 : 1 << filter
  if (random.chance(0.3)) {
    const project = random.pick(PROJECTS)
    const ofProject = names.filter((_, at) => projectOf(at) === project)
    return {
      kind: 'merged',
      path: `${path}&project=${project}&wait=true${filtered}`,
      names: ofProject,
      filter: bit,
      bySelection: true,
    }
  }
  if (random.chance(0.2)) {
    const front = names.filter((_, at) => at % 3 === 0)
    return {
      kind: 'merged',
      path: `${path}&label=tier%3Dfront&wait=true${filtered}`,
      names: front,
      filter: bit,
      bySelection: true,
    }
  }
  const chosen = names.filter(() => random.chance(0.4))
  const some = chosen.length > 0 ? chosen : [random.pick(names)]
  const query = some.map((name) => `container=${name}`).join('&')
  return { kind: 'merged', path: `${path}&${query}&wait=true${filtered}`, names: some, filter: bit }
}
