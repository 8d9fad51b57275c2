/**
 * How many streams there may be, in the process and for one client. A stream lives for hours and holds memory all the
 * while, so that nobody may open them without end.
 */
import type { RequestHandler } from 'express'
import { clientOf } from '../sse/client-of.ts'
import { HttpProblem } from './problem.ts'

export interface SessionLimits {
  /** Streams of all clients together. */
  readonly maxSessions: number
  readonly maxSessionsPerAddress: number
}

/** Long enough that a crowd of refused clients costs nothing, short enough that a freed place is soon taken. */
const RETRY_AFTER_S = 5

/**
 * Counts the request as a session until its answer closes, however it ends. Passes `HttpProblem` 429 or 503 on where there
 * are enough. The address is the connection's: what a header says of it anybody can write, so behind a proxy all clients
 * are one.
 */
export function sessionLimits({ maxSessions, maxSessionsPerAddress }: SessionLimits): RequestHandler {
  const clients = new Map<string, number>()
  let sessions = 0

  return (req, res, next) => {
    if (req.method === 'HEAD') return next()
    const client = clientOf(req.socket.remoteAddress ?? '')
    const ofClient = clients.get(client) ?? 0
    if (ofClient >= maxSessionsPerAddress) throw tooManyOfAddress(maxSessionsPerAddress)
    if (sessions >= maxSessions) throw tooMany(maxSessions)

    sessions++
    clients.set(client, ofClient + 1)
    let held = true
    const release = () => {
      if (!held) return
      held = false
      sessions--
      const left = (clients.get(client) ?? 0) - 1
      if (left > 0) clients.set(client, left)
      else clients.delete(client)
    }
    res.once('close', release)
    if (res.socket) return next()
    // Pipelined behind an answer that is not complete, and never will be if that is a stream: Node then closes no answer
    // that has not begun, and a session on one would never end. It begins when it has the connection.
    req.once('close', release)
    res.once('socket', () => next())
  }
}

function tooManyOfAddress(limit: number): HttpProblem {
  const detail =
    `Too many streams from your address; the maximum is ${limit}. ` +
    'Close one, or raise --max-sessions-per-address (SLUICE_MAX_SESSIONS_PER_ADDRESS). ' +
    'Behind a proxy, all clients share its address.'
  return new HttpProblem(429, detail, {}, { 'Retry-After': String(RETRY_AFTER_S) })
}

function tooMany(limit: number): HttpProblem {
  const detail = `Too many streams; the maximum is ${limit}. Try again later, or raise --max-sessions (SLUICE_MAX_SESSIONS).`
  return new HttpProblem(503, detail, {}, { 'Retry-After': String(RETRY_AFTER_S) })
}
