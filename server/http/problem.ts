/** RFC 9457 problem details: the form of every error of the HTTP interface. */
import { STATUS_CODES } from 'node:http'
import type { ErrorRequestHandler, Response } from 'express'
import type { Logger } from 'pino'
import type { Problem } from '../wire.ts'

/** Thrown by routes; answered as `application/problem+json`. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem'
  readonly status: number
  readonly members: Pick<Problem, 'parameter' | 'closest'>
  readonly headers: Readonly<Record<string, string>>

  /** `detail`: one sentence for the person or script that asked. */
  constructor(
    status: number,
    detail: string,
    members: HttpProblem['members'] = {},
    headers: HttpProblem['headers'] = {},
  ) {
    super(detail)
    this.status = status
    this.members = members
    this.headers = headers
  }
}

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

/** The last handler. What is not a problem of the request's is one of ours: logged, and not told in detail. */
export function problemHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, _req, res, _next) => {
    if (res.headersSent) {
      log.error({ error: String(error) }, 'an answer failed')
      // After what is on its way, if the client takes that; as it lacks its end he sees that there should be more.
      res.socket?.destroySoon()
      setTimeout(() => res.destroy(), FLUSH_MS).unref()
      return
    }
    if (error instanceof HttpProblem) return sendProblem(res, error)
    const status = error instanceof Error && 'status' in error ? error.status : undefined
    if (typeof status === 'number' && status >= 400 && status < 500) {
      return sendProblem(res, new HttpProblem(status, 'The request could not be understood.'))
    }
    log.error({ error: error instanceof Error ? error.stack : String(error) }, 'a request failed')
    sendProblem(res, new HttpProblem(500, 'Something failed inside Sluice; its own log has more.'))
  }
}
