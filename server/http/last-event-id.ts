/** The header with which an EventSource resumes. Source: HTML Standard, "Server-sent events". */
import type { Request } from 'express'
import { HttpProblem } from './problem.ts'

/** The position in it, or undefined where there is none. Throws `HttpProblem` 400 where `parse` cannot read it. */
export function lastEventId<Position>(
  req: Request,
  parse: (text: string) => Position | undefined,
): Position | undefined {
  const id = req.get('Last-Event-ID')
  if (!id) return undefined
  const position = parse(id)
  if (!position)
    throw new HttpProblem(400, 'The Last-Event-ID header must be a cursor: the id of an event, unchanged.', {
      parameter: 'Last-Event-ID',
    })
  return position
}
