/**
 * Turns of requests that read from the engine, or make a large answer at once, by client (`fair-queue.ts`). A turn lasts
 * until the answer is taken by its client, or until the route gives it up.
 */
import type { ServerResponse } from 'node:http'
import type { RequestHandler } from 'express'
import { clientOf } from '../sse/client-of.ts'
import { clientGone } from './client-gone.ts'
import { FairQueue, type FairQueueOptions, QueueFullError, type QueueTurn } from './fair-queue.ts'
import { HttpProblem } from './problem.ts'

/**
 * An answer holds at most some 10 MiB until its client takes it. A turn that a hanging engine keeps is over after its
 * deadline of 15 s, and steps aside before.
 */
export const REQUEST_TURNS: FairQueueOptions = {
  atOnce: 32,
  atOncePerClient: 4,
  waitingPerClient: 100,
  aside: 16,
  asidePerClient: 4, // on a machine that is too busy they hold an answer each as well
}

/** A request without an answer by then waits for a slow engine, and costs next to nothing meanwhile: the next one may begin. */
const SLOW_MS = 3_000

const RETRY_AFTER_S = 2

const held = new WeakMap<ServerResponse, QueueTurn>()

/** Lets a request on when it is its client's turn. Passes `HttpProblem` 429 on where too many of that client wait. */
export function requestTurns(options: FairQueueOptions = REQUEST_TURNS, slowMs = SLOW_MS): RequestHandler {
  const queue = new FairQueue(options)
  return (req, res, next) => {
    const begin = async () => {
      const turn = await queue.take(clientOf(req.socket.remoteAddress ?? ''), clientGone(res))
      held.set(res, turn)
      const timer = setTimeout(() => {
        if (!res.headersSent) turn.stepAside()
      }, slowMs)
      const end = () => {
        clearTimeout(timer)
        turn.end()
      }
      res.once('close', end)
      if (clientGone(res).aborted) end()
    }
    const take = () =>
      void begin().then(
        () => next(),
        (error: unknown) => next(problemOf(error)),
      )
    // Pipelined behind an answer that is not complete: it would hold its turn for as long as that takes.
    if (res.socket) take()
    else res.once('socket', take)
  }
}

/** Gives the turn of an answer back early: what follows is counted, and paced, otherwise. */
export function endTurn(res: ServerResponse): void {
  held.get(res)?.end()
}

function problemOf(error: unknown): unknown {
  if (!(error instanceof QueueFullError)) return error
  const detail =
    'Too many waiting requests from your address. Try again later. Behind a proxy, all clients share its address.'
  return new HttpProblem(429, detail, {}, { 'Retry-After': String(RETRY_AFTER_S) })
}
