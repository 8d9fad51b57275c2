/** The `filters` parameter of the Engine API: JSON, a key to its values, of which one must hold for each key. */
import { Failure } from './failure.ts'

export type Filters = Map<string, string[]>

/** Reads `{"label":["a=b"]}`, or the older `{"label":{"a=b":true}}`. Keys not in `known` are refused, as Docker does. */
export function parseFilters(text: string | null, known: readonly string[]): Filters {
  const filters: Filters = new Map()
  if (text === null || text === '') return filters
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new Failure(400, 'invalid filter')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new Failure(400, 'invalid filter')
  for (const [key, value] of Object.entries(parsed)) {
    if (!known.includes(key)) throw new Failure(400, `invalid filter '${key}'`)
    if (typeof value !== 'object' || value === null) throw new Failure(400, 'invalid filter')
    filters.set(key, Array.isArray(value) ? value.map(String) : Object.keys(value))
  }
  return filters
}

/** Whether there is no such filter, or one of its values holds. */
export function passes(filters: Filters, key: string, holds: (value: string) => boolean): boolean {
  const values = filters.get(key)
  return values === undefined || values.length === 0 || values.some(holds)
}

/** A label filter: `key` or `key=value`. All that are given must hold. */
export function hasLabels(filters: Filters, labels: Record<string, string>): boolean {
  return (filters.get('label') ?? []).every((wanted) => {
    const equals = wanted.indexOf('=')
    if (equals < 0) return Object.hasOwn(labels, wanted)
    return labels[wanted.slice(0, equals)] === wanted.slice(equals + 1)
  })
}
