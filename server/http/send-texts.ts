/** An answer of any length, made while it is read: no faster, and not whole unless it says so. */
import { once } from 'node:events'
import { pipeline, type Writable } from 'node:stream'
import { constants, createGzip } from 'node:zlib'
import type { Request, Response } from 'express'

export interface TextsOptions {
  /** What to send, until `signal` is aborted. */
  readonly open: (signal: AbortSignal) => Promise<AsyncGenerator<string>>
  readonly headers: Readonly<Record<string, string>>
  /** For a client that takes gzip. */
  readonly mayZip: boolean
}

/** The head goes out with the first text, so that whatever is thrown before is a problem; later, the answer breaks off. */
export async function sendTexts(options: TextsOptions, req: Request, res: Response): Promise<void> {
  const gone = new AbortController()
  const { signal } = gone
  res.once('close', () => gone.abort())
  try {
    const texts = await options.open(signal)
    if (req.method === 'HEAD') return void begin(options, req, res).end()
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
  res.set({ ...headers, 'Cache-Control': 'no-store' }).vary('Accept-Encoding')
  const isZipped = mayZip && req.acceptsEncodings('gzip', 'identity') === 'gzip'
  if (isZipped) res.set('Content-Encoding', 'gzip')
  res.flushHeaders()
  if (!isZipped || req.method === 'HEAD') return res
  const zip = createGzip({ level: constants.Z_BEST_SPEED })
  pipeline(zip, res, () => {}) // which ends it when the client has gone
  return zip
}
