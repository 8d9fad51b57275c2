/** Answers of any length: read, or made, no faster than they are taken. */
import { once } from 'node:events'
import { pipeline, type Writable } from 'node:stream'
import { constants, createGzip } from 'node:zlib'
import type { Request, Response } from 'express'
import { slices } from '../slices.ts'
import { clientOf } from '../sse/client-of.ts'
import { UNREAD_MS } from '../sse/session.ts'
import { clientGone } from './client-gone.ts'
import { endTurn } from './request-turns.ts'

export interface TextsOptions {
  /** What to send, until `signal` is aborted. Throws what is to be answered instead. */
  readonly open: (signal: AbortSignal) => Promise<AsyncGenerator<string>>
  /** All that is looked at for HEAD. Throws as `open` does, and reads nothing from the engine. */
  readonly look: () => Promise<unknown>
  readonly headers: Readonly<Record<string, string>>
  /** For a client that takes gzip. */
  readonly mayZip: boolean
}

/** The head goes out with the first text, so that whatever is thrown before is a problem; later, the answer breaks off. */
export async function sendTexts(options: TextsOptions, req: Request, res: Response): Promise<void> {
  const signal = clientGone(res)
  try {
    if (req.method === 'HEAD') {
      await options.look()
      return void begin(options, req, res).end()
    }
    const texts = await options.open(signal)
    let body: Writable | undefined
    for await (const text of texts) {
      body ??= begin(options, req, res)
      if (text !== '' && !body.write(text)) await once(body, 'drain', { signal })
    }
    ;(body ?? begin(options, req, res)).end()
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function begin({ headers, mayZip }: TextsOptions, req: Request, res: Response): Writable {
  endTurn(res) // from here on it is a session, which is counted, and waits for its client
  res.set({ ...headers, 'Cache-Control': 'no-store' }).vary('Accept-Encoding')
  const isZipped = mayZip && req.acceptsEncodings('gzip', 'identity') === 'gzip'
  if (isZipped) res.set('Content-Encoding', 'gzip')
  res.flushHeaders()
  if (!isZipped || req.method === 'HEAD') return res
  const zip = createGzip({ level: constants.Z_BEST_SPEED })
  pipeline(zip, res, () => {}) // which ends it when the client has gone
  return zip
}

/**
 * Sends an answer whose parts are made as they are taken, with others served in between. A client that takes nothing for a
 * minute is let go, so that it does not hold what the parts are made of.
 */
export async function sendParts(
  parts: Iterable<string> | AsyncIterable<string>,
  res: Response,
  unreadMs = UNREAD_MS,
): Promise<void> {
  const signal = clientGone(res)
  for await (const part of parts) {
    if (signal.aborted) return
    if (!res.write(part)) await taken(res, signal, unreadMs)
    // Also where the client took it at once, as the kernel has room for megabytes: all parts would go out in one turn of the loop.
    await slices.turn(clientOf(res.req.socket.remoteAddress ?? ''))
  }
  res.end()
  if (!res.writableFinished) await taken(res, signal, unreadMs, 'finish')
}

/** Resolves when the client has taken what was written, or is gone. */
async function taken(
  res: Response,
  signal: AbortSignal,
  ms: number,
  event: 'drain' | 'finish' = 'drain',
): Promise<void> {
  const timer = setTimeout(() => res.destroy(), ms)
  await once(res, event, { signal }).catch(() => {})
  clearTimeout(timer)
}
