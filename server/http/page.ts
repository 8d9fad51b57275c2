/**
 * The page and its files, held in memory: some hundred kilobytes, compressed when built, and safe from a build that
 * replaces them meanwhile. The ones named by their content are kept by browsers for good.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type RequestHandler, Router } from 'express'

/** A body in each encoding there is of it. */
interface Asset {
  readonly type: string
  readonly cacheControl: string
  readonly bodies: { readonly identity: Buffer; readonly br?: Buffer; readonly gzip?: Buffer }
}

const FOREVER = 'public, max-age=31536000, immutable'
const REVALIDATE = 'no-cache'
/** The base of an address that is made up: no page is kept for each depth there may be. */
const DEEPEST = '../'.repeat(8)

/** `folder`: the built page. `base`: the prefix that Sluice is served under: `/`, or without a slash at its end. */
export function pageRouter(folder: string, base: string): Router {
  const router = Router()
  const html = readFileSync(join(folder, 'index.html'), 'utf8')
  const withoutSlash = `${base.slice(base.lastIndexOf('/') + 1)}/`
  const pages = new Map<string, RequestHandler>()
  const pageAt = (href: string) => {
    const page = pages.get(href) ?? send(pageWithBase(html, href))
    pages.set(href, page)
    return page
  }
  router.get(['/', '/containers/:key', '/logs'], (req, res, next) => {
    const isMount = req.baseUrl !== '' && req.originalUrl.replace(/\?.*/s, '') === req.baseUrl
    pageAt(isMount ? withoutSlash : baseFrom(req.path))(req, res, next)
  })
  for (const [path, asset] of readAssets(folder)) router.get(path, send(asset))
  // A person at an address that names nothing gets the page, which says so; a program gets JSON.
  router.get(/^\/(?!api\/|assets\/)/, (req, res, next) => {
    const base = baseFrom(req.path)
    if (req.accepts(['json', 'html']) !== 'html' || base.length > DEEPEST.length) next()
    else pageAt(base)(req, res.status(404), next)
  })
  return router
}

/**
 * Where the base is, relative to a page's path: `../` of `/containers/web`. An absolute base would be wrong behind a proxy
 * that strips a prefix, which only the browser sees.
 */
function baseFrom(path: string): string {
  return '../'.repeat(path.split('/').length - 2) || './'
}

function pageWithBase(template: string, href: string): Asset {
  const html = template.replace('<base href="/"', `<base href="${href}"`)
  // Brotli would save 135 bytes of the one packet that it is, and keeps 1 MiB of the process once it has run.
  const bodies = { identity: Buffer.from(html), gzip: gzipSync(html) }
  return { type: 'html', cacheControl: REVALIDATE, bodies }
}

function readAssets(folder: string): Map<string, Asset> {
  const assets = new Map<string, Asset>()
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const type = extname(name)
    if (type === '' || name === 'index.html' || type === '.br' || type === '.gz') continue
    const file = join(folder, name)
    const br = existsSync(`${file}.br`) && { br: readFileSync(`${file}.br`) }
    const gzip = existsSync(`${file}.gz`) && { gzip: readFileSync(`${file}.gz`) }
    const path = `/${name.replaceAll('\\', '/')}`
    const cacheControl = path.startsWith('/assets/') ? FOREVER : REVALIDATE
    assets.set(path, { type, cacheControl, bodies: { identity: readFileSync(file), ...br, ...gzip } })
  }
  return assets
}

function send({ type, cacheControl, bodies }: Asset): RequestHandler {
  const encodings = (['br', 'gzip', 'identity'] as const).filter((encoding) => bodies[encoding])
  return (req, res) => {
    const accepted = req.acceptsEncodings([...encodings])
    const encoding = encodings.find((candidate) => candidate === accepted) ?? 'identity'
    if (encoding !== 'identity') res.set('Content-Encoding', encoding)
    res.set({ 'Cache-Control': cacheControl, Vary: 'Accept-Encoding' }).type(type).send(bodies[encoding])
  }
}
