/** The page and its files: compressed when built, the hashed ones kept by browsers for good. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { type RequestHandler, Router } from 'express'
import sirv from 'sirv'

/** `folder`: the built page. `base`: the prefix that the page is served under, with a slash at its end. */
export function pageRouter(folder: string, base: string): Router {
  const router = Router()
  const page = pageRoute(
    readFileSync(join(folder, 'index.html'), 'utf8').replace('<base href="/"', `<base href="${base}"`),
  )
  router.get(['/', '/containers/:key'], page)
  router.use(
    sirv(folder, {
      brotli: true,
      gzip: true,
      etag: true,
      setHeaders: (res, path) => {
        res.setHeader('Cache-Control', path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    }),
  )
  return router
}

function pageRoute(html: string): RequestHandler {
  const variants = { br: brotliCompressSync(html), gzip: gzipSync(html), identity: Buffer.from(html) }
  return (req, res) => {
    const encoding = req.acceptsEncodings(['br', 'gzip', 'identity']) || 'identity'
    const body = variants[encoding as keyof typeof variants]
    if (encoding !== 'identity') res.set('Content-Encoding', encoding)
    res.set({ 'Cache-Control': 'no-cache', Vary: 'Accept-Encoding' }).type('html').send(body)
  }
}
