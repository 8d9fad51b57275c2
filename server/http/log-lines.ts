/**
 * `GET /api/containers/:key/logs` as text, which is what `docker logs` prints, or as NDJSON, a line an object. Both come at
 * the client's pace, whatever the log's length; `follow=true` keeps them open, through restarts and re-creations.
 */
import { once } from 'node:events'
import { pipeline, type Writable } from 'node:stream'
import { constants, createGzip } from 'node:zlib'
import type { Request, Response } from 'express'
import * as z from 'zod'
import type { Feeds } from '../feed/feeds.ts'
import { readNameLines } from '../feed/name-lines.ts'
import { type Place, readPage } from '../feed/page.ts'
import type { Start } from '../feed/reader.ts'
import { type Cursor, cursorOf, incarnationOf, originOf } from '../logs/cursor.ts'
import { type LogLine, linesToJson } from '../logs/line.ts'
import { earlier } from '../logs/time.ts'
import type { Container } from '../wire.ts'
import { findContainer } from './containers.ts'
import { rethrow } from './engine-problem.ts'
import { filterShape, readFilter } from './filter-query.ts'
import { HttpProblem } from './problem.ts'
import { cursor, flag, instant, readQuery, tail } from './query.ts'

export type LinesFormat = 'text' | 'ndjson'

const CONTENT_TYPE = { text: 'text/plain; charset=utf-8', ndjson: 'application/x-ndjson' } as const

/** Lines that are later than `until` by less may be followed by one that is not: clocks step, and streams are stamped apart. */
const LATE_MS = 1_000

const shape = {
  format: z.string().optional(), // which has been read
  tail: z.union([z.literal('all').transform(() => undefined), tail]).optional(),
  after: cursor.optional(),
  since: instant.optional(),
  until: instant.optional(),
  follow: flag.optional(),
  ...filterShape,
}

interface Range {
  readonly tail?: number | undefined
  readonly after?: Cursor | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
}

export async function answerLines(feeds: Feeds, format: LinesFormat, req: Request<{ key: string }>, res: Response) {
  const { key } = req.params
  const query = readQuery(req as Request, format === 'text' ? { ...shape, timestamps: flag.optional() } : shape)
  const filter = await readFilter(query)
  const { after, until, follow = false } = query
  const gone = new AbortController()
  const { signal } = gone
  res.once('close', () => gone.abort())
  await feeds.engine.ready
  const container = await findContainer(feeds.engine, key)
  const range = await rangeOf(feeds, container, query, signal).catch((error: unknown) => {
    if (!signal.aborted) rethrow(error)
  })
  if (!range) return
  const { start, last } = range

  const write = format === 'text' ? texts('timestamps' in query && query.timestamps === true) : objects(key)
  const begin = () => beginBody(CONTENT_TYPE[format], !follow, req as Request, res)
  const isNone = !follow && (!last || query.tail === 0)
  if (req.method === 'HEAD' || isNone) return void begin().end()
  let body: Writable | undefined
  try {
    for await (const entry of readNameLines(feeds, key, { start, end: follow ? undefined : last, signal })) {
      if (entry.kind === 'gap' && !follow) {
        if (body) throw new Error(`lines are missing in the middle of an answer: ${entry.event.reason}`)
        if (after) throw new HttpProblem(410, `The lines after that position are not all there: ${entry.event.reason}.`)
      }
      if (entry.kind === 'head') body ??= begin()
      if (entry.kind !== 'lines') continue
      body ??= begin()
      const wanted = entry.lines.filter((line) => isWithin(line, query) && filter.admits(line))
      if (wanted.length > 0) await send(body, write(entry.incarnation, wanted), signal)
      if (until !== undefined && isPast(entry.lines.at(-1), until)) break
    }
    ;(body ?? begin()).end()
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** Where the answer begins, and the last line there is. Rejects with `EngineError` where the log cannot be read. */
async function rangeOf(feeds: Feeds, { id }: Container, { tail, after, since }: Range, signal: AbortSignal) {
  const incarnation = incarnationOf(id)
  const lineBefore = async (place: Place) => {
    const page = await readPage(feeds.engine, id, place, { before: 1, after: 0 }, signal)
    const [line] = page.lines
    return line && cursorOf(incarnation, line)
  }
  const last = await lineBefore('end')
  const startOf = async (): Promise<Start> => {
    if (after) return { after }
    if (tail !== undefined) return { tail }
    return { after: (since !== undefined && (await lineBefore({ from: since }))) || originOf(incarnation) }
  }
  return { start: await startOf(), last }
}

function beginBody(type: string, mayZip: boolean, req: Request, res: Response): Writable {
  res
    .set({ 'Content-Type': type, 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' })
    .vary('Accept, Accept-Encoding')
  const isZipped = mayZip && req.acceptsEncodings('gzip', 'identity') === 'gzip'
  if (!isZipped) {
    res.flushHeaders()
    return res
  }
  res.set('Content-Encoding', 'gzip').flushHeaders()
  const zip = createGzip({ level: constants.Z_BEST_SPEED })
  pipeline(zip, res, () => {}) // which ends it when the client has gone
  return zip
}

/** Resolves when the client can take more. Rejects when it has gone. */
async function send(body: Writable, text: string, signal: AbortSignal): Promise<void> {
  if (!body.write(text)) await once(body, 'drain', { signal })
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
    const origin = `,"container":${name},"incarnation":"${incarnation}"}\n`
    return linesToJson(lines)
      .map((line) => line.slice(0, -1) + origin)
      .join('')
  }
}

/** Between the times, each included. */
function isWithin({ time }: LogLine, { since = '', until = '9' }: Range): boolean {
  return time >= since && time <= until
}

function isPast(line: LogLine | undefined, until: string): boolean {
  return line !== undefined && line.time > earlier(until, -LATE_MS)
}
