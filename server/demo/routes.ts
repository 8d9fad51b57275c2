/** The demo engine's paths: what of the Engine API there is, and Docker's own form of error for the rest. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { DemoContainer } from './containers.ts'
import { API_VERSION, info, inspection, MIN_API_VERSION, summary, version } from './describe.ts'
import { Failure } from './failure.ts'
import { hasLabels, parseFilters, passes } from './filters.ts'
import { parseEventsQuery, serveEvents } from './serve-events.ts'
import { parseLogsQuery, serveLogs } from './serve-logs.ts'
import type { Clock } from './time.ts'

export interface Engine {
  seed: number
  clock: Clock
  containers: DemoContainer[]
}

/** Answers a request. Does not throw; resolves when a streamed answer has ended. */
export async function answer(engine: Engine, req: IncomingMessage, res: ServerResponse): Promise<void> {
  res.setHeader('Api-Version', API_VERSION)
  res.setHeader('Docker-Experimental', 'false')
  res.setHeader('Ostype', 'linux')
  res.setHeader('Server', 'Docker/28.5.1 (linux)')
  try {
    await route(engine, req, res)
  } catch (error) {
    const failure = error instanceof Failure ? error : undefined
    if (res.headersSent) res.destroy()
    else sendJson(res, { message: failure?.message ?? String(error) }, failure?.status ?? 500)
  }
}

async function route(engine: Engine, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { seed, clock, containers } = engine
  const url = new URL(req.url ?? '/', 'http://demo')
  const path = unversioned(url.pathname)

  if (path === '/_ping' && (req.method === 'GET' || req.method === 'HEAD')) {
    res.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-cache' })
    res.end(req.method === 'GET' ? 'OK' : undefined)
    return
  }
  if (req.method !== 'GET') throw new Failure(405, `the demo engine can only be read: ${req.method} is not allowed`)
  const now = clock.now()
  if (path === '/version') return sendJson(res, version())
  if (path === '/info') return sendJson(res, info(seed, containers, now))
  if (path === '/events') return serveEvents(res, containers, parseEventsQuery(url.searchParams), clock)
  if (path === '/containers/json') return sendJson(res, list(containers, url.searchParams, now))
  const [, name, what] = /^\/containers\/([^/]+)\/(json|logs)$/.exec(path) ?? []
  if (name === undefined) throw new Failure(404, 'page not found')
  const container = find(containers, decode(name))
  if (what === 'json') return sendJson(res, inspection(container, now))
  return serveLogs(res, container, parseLogsQuery(url.searchParams), clock)
}

/** The path without `/v1.51`; a version that is not spoken is refused as Docker does. */
function unversioned(path: string): string {
  const parts = /^\/v(1\.(\d{1,3}))(\/.*)$/.exec(path)
  if (parts === null) return path
  const [, asked, minor, rest] = parts
  const words = (version: string, kind: string) =>
    `client version ${asked} is too ${kind}. ${kind === 'new' ? 'Maximum' : 'Minimum'} supported API version is ${version}`
  if (Number(minor) > Number(API_VERSION.slice(2))) throw new Failure(400, words(API_VERSION, 'new'))
  if (Number(minor) < Number(MIN_API_VERSION.slice(2))) throw new Failure(400, words(MIN_API_VERSION, 'old'))
  return rest ?? '/'
}

function list(containers: DemoContainer[], query: URLSearchParams, now: number) {
  const filters = parseFilters(query.get('filters'), ['id', 'name', 'label', 'status', 'health'])
  const all = /^(?:1|true|t)$/i.test(query.get('all') ?? '') || filters.has('status')
  return containers
    .filter(({ id, name, labels, life }) => {
      const { status, health = 'none' } = life.stateAt(now)
      return (
        (all || status !== 'exited') &&
        passes(filters, 'id', (wanted) => id.startsWith(wanted)) &&
        passes(filters, 'name', (wanted) => `/${name}`.includes(wanted)) &&
        passes(filters, 'status', (wanted) => status === wanted) &&
        passes(filters, 'health', (wanted) => health === wanted) &&
        hasLabels(filters, labels)
      )
    })
    .sort((a, b) => b.life.created - a.life.created)
    .map((container) => summary(container, now))
}

/** By full id, name, or the beginning of an id that no other shares. */
function find(containers: DemoContainer[], wanted: string): DemoContainer {
  const exact = containers.find(({ id, name }) => id === wanted || name === wanted || `/${name}` === wanted)
  if (exact !== undefined) return exact
  const [found, other] = wanted === '' ? [] : containers.filter(({ id }) => id.startsWith(wanted))
  if (other !== undefined) throw new Failure(400, `multiple IDs found with provided prefix: ${wanted}`)
  if (found === undefined) throw new Failure(404, `No such container: ${wanted}`)
  return found
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function sendJson(res: ServerResponse, body: unknown, status = 200): void {
  res.writeHead(status, { 'Content-Type': 'application/json' })
  res.end(`${JSON.stringify(body)}\n`)
}
