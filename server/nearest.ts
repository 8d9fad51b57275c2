/** The names nearest to one that was probably mistyped. */
import leven from 'leven'

const MOST = 3
const COMPARED_LENGTH = 255 // the names compared are shorter; what a visitor sends may not be

/** At most three of `candidates`, nearest first; none that differs in more than half of its letters. */
export function nearest(name: string, candidates: readonly string[]): string[] {
  const wanted = name.slice(0, COMPARED_LENGTH).toLowerCase()
  return candidates
    .map((candidate) => ({ candidate, distance: distanceTo(wanted, candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.ceil(Math.min(wanted.length, candidate.length) / 2))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, MOST)
    .map(({ candidate }) => candidate)
}

/** Letters to change; a name that holds the other whole (`web`, `shop-web-1`) counts as one change away. */
function distanceTo(wanted: string, candidate: string): number {
  if (wanted.length > 1 && (candidate.includes(wanted) || wanted.includes(candidate))) return 1
  return leven(wanted, candidate)
}
