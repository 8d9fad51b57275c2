/** `GET /api/containers/:key/logs`: one address for a log, in the form that `Accept`, or `format=`, asks for. */
import type { Request, RequestHandler } from 'express'
import * as z from 'zod'
import type { Feeds } from '../feed/feeds.ts'
import { answerLines } from './log-lines.ts'
import { answerPage } from './log-page.ts'
import { HttpProblem } from './problem.ts'

/** By what a client that takes any of them is given first. */
const TYPES = { json: 'application/json', ndjson: 'application/x-ndjson', text: 'text/plain' } as const

type Format = keyof typeof TYPES

const FORMATS = Object.keys(TYPES) as Format[]
const formatParameter = z
  .enum(FORMATS, { error: `must be one of ${FORMATS.join(', ')}` })
  .meta({ description: 'In place of `Accept`, which decides otherwise.' })

export const formatQuery = { format: formatParameter.optional() }

/** `counted`: what counts an answer that lasts as long as its client likes. */
export function logsRoute(feeds: Feeds, counted: RequestHandler): RequestHandler<{ key: string }> {
  return async (req, res, next) => {
    const format = formatOf(req as Request)
    if (format === 'json') return answerPage(feeds, req, res)
    counted(req as Request, res, (error?: unknown) => {
      if (error) next(error)
      else answerLines(feeds, format, req, res).catch(next)
    })
  }
}

/** The parameter wins, as whoever types an address cannot choose what the program sends. */
function formatOf(req: Request): Format {
  const { format } = req.query
  if (format !== undefined) {
    const parsed = formatParameter.safeParse(format)
    if (parsed.success) return parsed.data
    throw new HttpProblem(400, `Parameter "format" ${parsed.error.issues[0]?.message}.`, { parameter: 'format' })
  }
  const accepted = req.accepts(Object.values(TYPES))
  const found = FORMATS.find((name) => TYPES[name] === accepted)
  if (!found) throw new HttpProblem(406, `The Accept header must allow one of ${Object.values(TYPES).join(', ')}.`)
  return found
}
