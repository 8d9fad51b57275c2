/**
 * The lines that a request asks for, as text, which is what `docker logs` prints, or as NDJSON, a line an object: whatever
 * the log's length, read no faster than they are taken.
 */

import { EntryFiltering, pastFrom } from '../feed/entry-filtering.ts'
import type { Feeds } from '../feed/feeds.ts'
import { LATE_MS, readLast } from '../feed/history.ts'
import { type NameEntry, rangeOf, readNameLines } from '../feed/name-lines.ts'
import { type Cursor, incarnationOf } from '../logs/cursor.ts'
import { isLines } from '../logs/damage.ts'
import type { Filter } from '../logs/filter.ts'
import { type LogLine, linesToJson } from '../logs/line.ts'
import { earlier } from '../logs/time.ts'
import { findContainer } from './containers.ts'
import { rethrow } from './engine-problem.ts'
import { type FilterQuery, filterShape, readFilter } from './filter-query.ts'
import { HttpProblem } from './problem.ts'
import { instant } from './query.ts'

export type LinesFormat = 'text' | 'ndjson'

/** To spread into `readQuery`'s shape. */
export const linesShape = {
  since: instant.meta({ description: 'Lines from that time on.' }).optional(),
  until: instant.meta({ description: 'Lines up to that time.' }).optional(),
  ...filterShape,
}

export interface LinesQuery extends FilterQuery {
  readonly since?: string | undefined
  readonly until?: string | undefined
  /** Lines before the log's end; undefined: all. */
  readonly tail?: number | undefined
  readonly after?: Cursor | undefined
  /** Go on with what is written. */
  readonly follow?: boolean | undefined
  /** Of text: each line's time before it. */
  readonly timestamps?: boolean | undefined
}

/** What `openLines` finds before it reads. Rejects with `HttpProblem`. */
export async function findLines(feeds: Feeds, key: string, query: LinesQuery): Promise<{ id: string; filter: Filter }> {
  await feeds.engine.ready
  const { id } = await findContainer(feeds.engine, key)
  return { id, filter: await readFilter(query) }
}

/**
 * Yields lines as they come, some at once; an empty text where the log's end is reached and followed. Rejects, or throws
 * when it is first asked, with `HttpProblem` for what cannot be had; throws later where it cannot be had whole.
 */
export async function openLines(
  feeds: Feeds,
  key: string,
  format: LinesFormat,
  query: LinesQuery,
  signal: AbortSignal,
): Promise<AsyncGenerator<string>> {
  const { id, filter } = await findLines(feeds, key, query)
  const { start, end, damage } = await rangeOf(feeds.engine, id, query, signal).catch(rethrow)
  const { since = '', until = '9', tail, follow = false } = query
  const isWanted = (line: LogLine) => line.time >= since && line.time <= until
  const filtered = filter.key === '' ? undefined : new EntryFiltering(filter, pastFrom(feeds.engine, signal))
  const past = query.until === undefined ? until : earlier(until, -LATE_MS)
  const write = format === 'text' ? texts(query.timestamps ?? false) : objects(key)
  const entries =
    tail === undefined || follow
      ? readNameLines(feeds, key, { start, end: follow ? undefined : end, signal })
      : lastEntries(feeds, key, id, tail, signal)

  async function* lines(): AsyncGenerator<string> {
    let hasBegun = false
    for await (const entry of entries) {
      if (entry.kind === 'head') yield ''
      if (entry.kind === 'gap' && !follow) {
        const { reason, detail } = entry.event
        if (reason === 'damaged') throw incomplete(hasBegun, detail)
        if (hasBegun) throw incomplete(hasBegun, reason)
        if (query.after) throw new HttpProblem(410, `The lines after that position are not all there: ${reason}.`)
      }
      if (entry.kind !== 'lines') {
        if (entry.kind === 'gap') filtered?.meet(entry)
        continue
      }
      hasBegun = true
      const { incarnation, lines } = entry
      const wanted = filtered
        ? await filtered.filter(incarnation, lines, isWanted).catch(rethrow)
        : lines.filter(isWanted)
      if (wanted.length > 0) yield write(incarnation, wanted)
      const last = lines.at(-1)
      if (last && last.time > past) return
    }
    if (damage !== undefined && tail === undefined && !follow) throw incomplete(hasBegun, damage)
  }
  return lines()
}

/** Of an answer that has begun, the end is missing; else the error is the answer. */
function incomplete(hasBegun: boolean, why = ''): Error {
  return hasBegun
    ? new Error(`lines are missing in an answer: ${why}`)
    : new HttpProblem(502, `The log cannot be read whole: ${why}`)
}

/** The last lines as one read has them: where they begin and where they end is known together, however fast the log grows. */
async function* lastEntries(
  feeds: Feeds,
  key: string,
  id: string,
  tail: number,
  signal: AbortSignal,
): AsyncGenerator<NameEntry> {
  const incarnation = incarnationOf(id)
  for await (const chunk of readLast(feeds.engine, id, tail, signal)) {
    if (isLines(chunk)) yield { kind: 'lines', incarnation, lines: chunk }
    else yield { kind: 'gap', event: { container: key, reason: 'damaged', detail: chunk.detail } }
  }
}

type Write = (incarnation: string, lines: readonly LogLine[]) => string

function texts(timestamps: boolean): Write {
  const text = timestamps
    ? ({ time, message }: LogLine) => `${time} ${message}\n`
    : ({ message }: LogLine) => `${message}\n`
  return (_incarnation, lines) => lines.map(text).join('')
}

function objects(container: string): Write {
  const name = JSON.stringify(container)
  return (incarnation, lines) => {
    const origin = `,"container":${name},"incarnation":"${incarnation}"`
    return `${linesToJson(lines, () => origin, '\n')}\n`
  }
}
