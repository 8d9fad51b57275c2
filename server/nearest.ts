/** The names nearest to one that was probably mistyped. */
import leven from 'leven'

const MOST = 3
/** Names are shorter, mostly; what a visitor sends may not be. What two cost to compare is the product of their lengths. */
const COMPARED_LENGTH = 64

/** At most three of `candidates`, nearest first; none that differs in more than half of its letters. */
export function nearest(name: string, candidates: readonly string[]): string[] {
  const wanted = compared(name)
  return candidates
    .map((candidate) => ({ candidate, distance: distanceTo(wanted, compared(candidate)) }))
    .filter(({ candidate, distance }) => distance <= mostOf(wanted, compared(candidate)))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, MOST)
    .map(({ candidate }) => candidate)
}

function compared(name: string): string {
  return name.slice(0, COMPARED_LENGTH).toLowerCase()
}

/** Letters to change; a name that holds the other whole (`web`, `shop-web-1`) counts as one change away. */
function distanceTo(wanted: string, candidate: string): number {
  if (wanted.length > 1 && (candidate.includes(wanted) || wanted.includes(candidate))) return 1
  const most = mostOf(wanted, candidate)
  if (Math.abs(wanted.length - candidate.length) > most) return Number.POSITIVE_INFINITY
  // Given up as soon as it is too many: there may be ten thousand candidates.
  return leven(wanted, candidate, { maxDistance: most + 1 })
}

function mostOf(wanted: string, candidate: string): number {
  return Math.ceil(Math.min(wanted.length, candidate.length) / 2)
}
