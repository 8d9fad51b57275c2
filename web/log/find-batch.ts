/** The work that is given to `find-worker.ts`, and how it is done: apart from the worker, so that it runs anywhere. */
import { compile, type Pattern, type Range, type Wanted } from './pattern.ts'

export interface Batch {
  readonly wanted: Wanted
  readonly texts: readonly string[]
  /** What is asked: which of the texts match, or where each does. */
  readonly asks: 'matching' | 'ranges'
}

let last: { key: string; pattern: Pattern | undefined } | undefined

/** Places in `texts`, ascending; or the ranges of each. */
export function findIn({ wanted, texts, asks }: Batch): number[] | Range[][] {
  const pattern = compiled(wanted)
  if (asks === 'ranges') return texts.map((text) => pattern?.ranges(text) ?? [])
  return texts.flatMap((text, place) => (pattern?.test(text) ? place : []))
}

/** Batches of one pattern follow each other. */
function compiled(wanted: Wanted): Pattern | undefined {
  const key = JSON.stringify(wanted)
  if (last?.key !== key) {
    const pattern = compile(wanted)
    last = { key, pattern: 'error' in pattern ? undefined : pattern }
  }
  return last.pattern
}
