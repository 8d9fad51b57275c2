/**
 * `GET /api/containers/:key/logs` as JSON: a page of a container's log. `before=` and `after=` a cursor, `around=` a time,
 * from `since=` on or up to `until=`; without any of them the newest. The two times also bound the other pages. With a
 * filter a page has the lines that pass it, and says how far it looked for them.
 */
import type { Request, Response } from 'express'
import * as z from 'zod'
import type { Feeds } from '../feed/feeds.ts'
import { type FilteredPage, readFilteredPage } from '../feed/filtered-page.ts'
import { type NamePage, readNamePage } from '../feed/name-page.ts'
import type { Extent, Place } from '../feed/page.ts'
import { type Cursor, cursorOf, formatCursor } from '../logs/cursor.ts'
import { type LogLine, linesToJson } from '../logs/line.ts'
import { batchLength } from '../sse/pace.ts'
import type { LogPage } from '../wire.ts'
import { clientGone } from './client-gone.ts'
import { findContainer } from './containers.ts'
import { rethrow } from './engine-problem.ts'
import { filterShape, readFilter } from './filter-query.ts'
import { HttpProblem } from './problem.ts'
import { cursor, instant, limit, readQuery } from './query.ts'
import { sendParts } from './send-texts.ts'

const DEFAULT_LIMIT = 500

export const pageQuery = {
  before: cursor.meta({ description: 'The lines just before that position.' }).optional(),
  after: cursor.meta({ description: 'The lines just after that position.' }).optional(),
  around: instant.meta({ description: 'Half of the lines before that time, half from it on.' }).optional(),
  since: instant.meta({ description: 'The lines from that time on.' }).optional(),
  until: instant.meta({ description: 'The lines up to that time.' }).optional(),
  limit: limit.meta({ description: 'Lines at most; with filters, lines that pass.' }).optional(),
  ...filterShape,
}

interface PageQuery {
  readonly before?: Cursor | undefined
  readonly after?: Cursor | undefined
  readonly around?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
}

export async function answerPage({ engine, succession }: Feeds, req: Request<{ key: string }>, res: Response) {
  const { key } = req.params
  const query = readQuery(req as Request, {
    ...pageQuery,
    format: z.string().optional(), // which has been read
  })
  const [place, extent] = placeOf(query, query.limit ?? DEFAULT_LIMIT)
  const signal = clientGone(res)
  await engine.ready
  await findContainer(engine, key)
  const filter = await readFilter(query)
  const begin = () => res.set('Cache-Control', 'no-store').vary('Accept').type('json')
  if (req.method === 'HEAD') return void begin().end()
  const reading =
    filter.key === ''
      ? readNamePage(engine, succession, key, place, extent, signal).then((page) => within(page, query))
      : readFilteredPage(engine, succession, key, place, extent, { ...query, ...filter }, signal)
  const page = await reading.catch(rethrow)
  begin()
  await sendParts(toJson(key, page, query), res)
}

/** Throws `HttpProblem` 400 where two places are named. */
function placeOf(query: PageQuery, limit: number): [Place, Extent] {
  const { before, after, around, since, until } = query
  const [first, second] = (['before', 'after', 'around'] as const).filter((name) => query[name] !== undefined)
  if (second) throw new HttpProblem(400, `Use either ${first} or ${second}, not both.`, { parameter: second })
  const backwards = { before: limit, after: 0 }
  const forwards = { before: 0, after: limit }
  if (before) return [{ before }, backwards]
  if (after) return [{ after }, forwards]
  if (around) return [{ from: around }, { before: Math.floor(limit / 2), after: Math.ceil(limit / 2) }]
  if (since) return [{ from: since }, forwards]
  return until ? [{ past: until }, backwards] : ['end', backwards]
}

/** What of the page is between the times, each included, as `docker logs` has it; where it goes beyond one, that is its end. */
function within(page: NamePage, { since = '', until = '9' }: PageQuery): FilteredPage {
  const [first, last] = [page.lines[0], page.lines.at(-1)]
  const isWithin = ({ time }: LogLine) => time >= since && time <= until
  const lines = page.lines.filter(isWithin)
  const damages = page.damages.map(({ at, detail }) => ({
    at: page.lines.slice(0, at).filter(isWithin).length,
    detail,
  }))
  const atStart = page.atStart || (first !== undefined && first.time < since)
  const atEnd = page.atEnd || (last !== undefined && last.time > until)
  const cursors = [lines[0], lines.at(-1)].map((line) => line && cursorOf(page.incarnation, line))
  return { ...page, lines, damages, atStart, atEnd, before: cursors[0], after: cursors[1] }
}

/** Yields parts of the JSON. */
function* toJson(container: string, page: FilteredPage, query: PageQuery): Generator<string> {
  const { incarnation, lines, damages, atStart, atEnd, gap } = page
  const empty = query.before ?? query.after
  const idOf = (cursor = empty) => (cursor ? formatCursor(cursor) : null)
  const head: Omit<LogPage, 'lines'> = {
    container,
    incarnation,
    before: idOf(page.before),
    after: idOf(page.after),
    atStart,
    atEnd,
    ...(gap && { gap }),
    ...(damages.length > 0 && { damages: [...damages] }),
  }
  yield `${JSON.stringify(head).slice(0, -1)},"lines":[`
  for (let rest = lines; rest.length > 0; ) {
    const some = rest.slice(0, batchLength(rest))
    rest = rest.slice(some.length)
    yield `${linesToJson(some)}${rest.length > 0 ? ',' : ''}`
  }
  yield ']}'
}
