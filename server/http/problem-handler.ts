/** Answers what routes throw, as problem details, and logs what is Sluice's own fault. */
import { STATUS_CODES } from 'node:http'
import type { ErrorRequestHandler, Response } from 'express'
import type { Logger } from 'pino'
import type { Problem } from '../wire.ts'
import { isGone } from './client-gone.ts'
import { engineProblem } from './engine-problem.ts'
import { HttpProblem } from './problem.ts'

function sendProblem(res: Response, { status, message, members, headers }: HttpProblem): void {
  const problem: Problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: message,
    ...members,
  }
  res.status(status).set(headers).set('Cache-Control', 'no-store').type('application/problem+json')
  res.send(JSON.stringify(problem))
}

const FLUSH_MS = 5_000

/** The last handler. An error that neither the request nor the engine caused is Sluice's own: logged, and answered without detail. */
export function problemHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, _next) => {
    if (isGone(res)) return void res.destroy() // nobody is there to answer: whatever failed, failed since the client left
    const problem = error instanceof HttpProblem ? error : engineProblem(error)
    if (res.headersSent) {
      if (problem) log.warn({ path: req.path, reason: problem.message }, 'a response broke off')
      else log.error({ error: stackOf(error) }, 'a request failed')
      // After what is on its way, if the client takes that; the missing end shows that there should be more.
      res.socket?.destroySoon()
      setTimeout(() => res.destroy(), FLUSH_MS).unref()
      return
    }
    if (problem) return sendProblem(res, problem)
    const status = error instanceof Error && 'status' in error ? error.status : undefined
    if (typeof status === 'number' && status >= 400 && status < 500) {
      return sendProblem(res, new HttpProblem(status, 'Malformed request.'))
    }
    log.error({ error: stackOf(error) }, 'a request failed')
    sendProblem(res, new HttpProblem(500, "Internal error; see Sluice's log."))
  }
}

function stackOf(error: unknown): string {
  return (error instanceof Error && error.stack) || String(error)
}
