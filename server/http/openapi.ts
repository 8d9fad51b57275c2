/** `GET /api/openapi.json`: the interface's description. */
import type { RequestHandler } from 'express'
import { readQuery } from './query.ts'

/** `base`: the prefix that everything is served under. */
export function openApiRoute(base: string): RequestHandler {
  let text: string | undefined
  return async (req, res) => {
    readQuery(req, {})
    // Loaded and made when it is asked for: no start waits for it, and no Sluice of which nobody asks it holds it.
    text ??= (await import('./description.ts')).describeInterface(base)
    res.set('Cache-Control', 'no-cache').type('json').send(text)
  }
}
