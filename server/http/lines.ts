/**
 * The lines that a request asks for, as text, which is what `docker logs` prints, or as NDJSON, a line an object: whatever
 * the log's length, read no faster than they are taken. If lines are missing, the response breaks off; a followed one continues
 * and marks the place.
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
import type { GapEvent } from '../wire.ts'
import { findContainer } from './containers.ts'
import { rethrow } from './engine-problem.ts'
import { type FilterQuery, filterShape, readFilter } from './filter-query.ts'
import { gapLine, reasonOf } from './gap-text.ts'
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
 * when it is first asked, with `HttpProblem` for lines that cannot be read; throws one later if lines are missing. With `onGap`,
 * missing lines are reported to it instead; it throws only where nothing more can be read.
 */
export async function openLines(
  feeds: Feeds,
  key: string,
  format: LinesFormat,
  query: LinesQuery,
  signal: AbortSignal,
  onGap?: (gap: GapEvent) => void,
): Promise<AsyncGenerator<string>> {
  const { id, filter } = await findLines(feeds, key, query)
  const { start, end, damage } = await rangeOf(feeds.engine, id, query, signal).catch(rethrow)
  const { since = '', until = '9', tail, follow = false } = query
  const isWanted = (line: LogLine) => line.time >= since && line.time <= until
  const filtered = filter.key === '' ? undefined : new EntryFiltering(filter, pastFrom(feeds.engine, signal))
  const past = query.until === undefined ? until : earlier(until, -LATE_MS)
  const writer = format === 'text' ? texts(query.timestamps ?? false) : objects(key)
  const entries =
    tail === undefined || follow
      ? readNameLines(feeds, key, { start, end: follow ? undefined : end, signal })
      : lastEntries(feeds, key, id, tail, signal)

  /** Not what Docker had no more before the first line: nobody asked for that, but by a position. */
  const isLater = ({ reason }: GapEvent) => reason === 'damaged' || (follow && reason !== 'rotated')

  async function* lines(): AsyncGenerator<string> {
    let hasBegun = false
    for await (const entry of entries) {
      if (entry.kind === 'head') yield ''
      if (entry.kind === 'gap' && (hasBegun || query.after || isLater(entry.event))) {
        const { event } = entry
        if (follow) yield writer.gap(event)
        else if (onGap) onGap(event)
        else throw hasBegun || event.reason === 'damaged' ? incomplete(event) : goneProblem(event)
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
      if (wanted.length > 0) yield writer.lines(incarnation, wanted)
      const last = lines.at(-1)
      if (last && last.time > past) return
    }
    if (damage === undefined || tail !== undefined || follow) return
    const atEnd: GapEvent = { container: key, reason: 'damaged', detail: damage }
    if (onGap) onGap(atEnd)
    else throw incomplete(atEnd)
  }
  return lines()
}

/** Before the first line it is the answer; after it the end is missing. */
function incomplete(gap: GapEvent): HttpProblem {
  return new HttpProblem(502, `Lines are missing: ${reasonOf(gap)}`)
}

function goneProblem(gap: GapEvent): HttpProblem {
  return new HttpProblem(410, `Lines after that position are missing: ${reasonOf(gap)}`, { parameter: 'after' })
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

interface Writer {
  lines(incarnation: string, lines: readonly LogLine[]): string
  gap(gap: GapEvent): string
}

function texts(timestamps: boolean): Writer {
  const text = timestamps
    ? ({ time, message }: LogLine) => `${time} ${message}\n`
    : ({ message }: LogLine) => `${message}\n`
  return { lines: (_incarnation, lines) => lines.map(text).join(''), gap: gapLine }
}

function objects(container: string): Writer {
  const name = JSON.stringify(container)
  return {
    lines: (incarnation, lines) => {
      const origin = `,"container":${name},"incarnation":"${incarnation}"`
      return `${linesToJson(lines, () => origin, '\n')}\n`
    },
    gap: (gap) => `${JSON.stringify({ gap })}\n`,
  }
}
