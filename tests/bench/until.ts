/** How soon an answer holds what is waited for. */
import type { IncomingMessage } from 'node:http'

/** Milliseconds from the request until its answer holds `needle`. */
export async function until(needle: string | Buffer, open: () => Promise<IncomingMessage>): Promise<number> {
  const began = performance.now()
  const response = await open()
  let kept = Buffer.alloc(0)
  for await (const chunk of response) {
    kept = Buffer.concat([kept, chunk as Buffer])
    if (!kept.includes(needle)) continue
    const ms = performance.now() - began
    response.destroy()
    return ms
  }
  throw new Error('a stream ended before its first line')
}
