/**
 * `GET /api/containers/:key/logs` as text or as NDJSON. `follow=true` keeps it open like `docker logs -f`, and through
 * restarts and re-creations too.
 */
import type { Request, Response } from 'express'
import * as z from 'zod'
import type { Feeds } from '../feed/feeds.ts'
import { findLines, type LinesFormat, linesShape, openLines } from './lines.ts'
import { cursor, flag, MAX_TAIL, readQuery, tail } from './query.ts'
import { sendTexts } from './send-texts.ts'

export const CONTENT_TYPE = { text: 'text/plain; charset=utf-8', ndjson: 'application/x-ndjson' } as const

const all = z.literal('all').transform(() => undefined)

export const linesQuery = {
  tail: z
    .union([all, tail], { error: `must be all or a number from 0 to ${MAX_TAIL}` })
    .meta({ description: 'Lines before the end, or `all`.' })
    .optional(),
  after: cursor.meta({ description: 'The lines after that position.' }).optional(),
  follow: flag.meta({ description: 'Keep the response open and send new lines.' }).optional(),
  ...linesShape,
}

/** Of text only. */
export const timestamps = flag.meta({ description: "In text, each line's time before it." })

export async function answerLines(feeds: Feeds, format: LinesFormat, req: Request<{ key: string }>, res: Response) {
  const known = { ...linesQuery, format: z.string().optional() } // which has been read
  const query = readQuery(req as Request, format === 'text' ? { ...known, timestamps: timestamps.optional() } : known)
  res.vary('Accept')
  const options = {
    open: (signal: AbortSignal) => openLines(feeds, req.params.key, format, query, signal),
    look: () => findLines(feeds, req.params.key, query),
    headers: { 'Content-Type': CONTENT_TYPE[format], 'X-Accel-Buffering': 'no' },
    mayZip: !query.follow,
  }
  await sendTexts(options, req as Request, res)
}
