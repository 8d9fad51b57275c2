/** The other end of a streamed answer: takes what it can, and is waited for when it cannot. */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'

export interface Client {
  /** Aborts when the client has gone, or the engine is closed. */
  gone: AbortSignal
  /** Resolves when more may be written: at once, or when a client that had stopped reading has drained. */
  send(bytes: Buffer | string): Promise<void>
}

export function clientOf(res: ServerResponse): Client {
  const leaving = new AbortController()
  res.once('close', () => leaving.abort())
  return {
    gone: leaving.signal,
    async send(bytes) {
      if (leaving.signal.aborted || res.write(bytes)) return
      try {
        await once(res, 'drain', { signal: leaving.signal })
      } catch {
        // The client went while it was waited for; `gone` says so.
      }
    },
  }
}
