/** Whether the client of an answer is still there. Clients leave whenever they like: that is no error. */
import type { ServerResponse } from 'node:http'

const signals = new WeakMap<ServerResponse, AbortSignal>()

/** Aborted when the answer closes, at once if it has: to end all work that is done for it. */
export function clientGone(res: ServerResponse): AbortSignal {
  const known = signals.get(res)
  if (known) return known
  const gone = new AbortController()
  signals.set(res, gone.signal)
  if (isGone(res)) gone.abort()
  else res.once('close', () => gone.abort())
  return gone.signal
}

export function isGone(res: ServerResponse): boolean {
  return res.destroyed || res.closed || res.socket?.destroyed === true
}
