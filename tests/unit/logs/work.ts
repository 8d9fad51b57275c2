/** Work, done in one go: what tests of results care about. */
import type { Work } from '../../../server/logs/program.ts'

/** The result, whether it takes work or is there. */
export function done<T extends boolean | readonly unknown[]>(work: T | Work<T>): T {
  return counted(work).result
}

/** And how often it could have stopped. */
export function counted<T extends boolean | readonly unknown[]>(work: T | Work<T>): { result: T; yields: number } {
  if (typeof work === 'boolean' || Array.isArray(work)) return { result: work as T, yields: 0 }
  for (let yields = 0; ; yields++) {
    const { done: isDone, value } = (work as Work<T>).next()
    if (isDone) return { result: value, yields }
  }
}
