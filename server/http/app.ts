/** The Express application: security headers, the routes, and how errors are answered. */
import express, { type Express } from 'express'
import helmet from 'helmet'
import type { Logger } from 'pino'
import type { Feeds } from '../feed/feeds.ts'
import type { Streams } from '../sse/streams.ts'
import { containersRoute } from './containers.ts'
import { eventsRoute } from './events.ts'
import { checkHost } from './host-header.ts'
import { downloadRoute, downloadsRoute } from './log-download.ts'
import { logSearchRoute, searchRoute } from './log-search.ts'
import { logStreamRoute } from './log-stream.ts'
import { logsRoute } from './logs.ts'
import { mergedStreamRoute } from './merged-stream.ts'
import { openApiRoute } from './openapi.ts'
import { pageRouter } from './page.ts'
import { HttpProblem } from './problem.ts'
import { problemHandler } from './problem-handler.ts'
import { requestTurns } from './request-turns.ts'
import { type SessionLimits, sessionLimits } from './session-limits.ts'

export interface AppOptions extends SessionLimits {
  readonly feeds: Feeds
  readonly streams: Streams
  readonly log: Logger
  /** `/`, or a prefix without a slash at its end. */
  readonly base: string
  /** The folder of the built page. */
  readonly page: string
}

/** Everything comes from this origin, and nothing is inline. No HSTS and no upgrade: on a LAN it is plain HTTP. */
const security = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      manifestSrc: ["'self'"],
      baseUri: ["'self'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  strictTransportSecurity: false,
  crossOriginOpenerPolicy: false, // browsers ignore both on plain HTTP, and complain
  originAgentCluster: false,
  referrerPolicy: { policy: 'no-referrer' },
  xFrameOptions: { action: 'deny' },
})

/** What is answered for as long as the client stays. */
const STREAMS = [
  '/api/events',
  '/api/containers/:key/logs/stream',
  '/api/containers/:key/logs/search',
  '/api/logs/stream',
  '/api/logs/search',
]

/** What reads from the engine before it is answered, or makes all of a large answer at once. */
const QUEUED = [
  '/api/containers',
  '/api/containers/:key/logs',
  '/api/containers/:key/logs/download',
  '/api/containers/:key/logs/search',
  '/api/logs/download',
  '/api/logs/search',
]

export function createApp({ feeds, streams, log, base, page, ...limits }: AppOptions): Express {
  const { engine } = feeds
  const app = express()
  app.disable('x-powered-by')
  app.use(security)
  app.use(checkHost)
  app.use((req, _res, next) => {
    const reads = req.method === 'GET' || req.method === 'HEAD'
    next(reads ? undefined : new HttpProblem(405, 'Sluice only reads: use GET or HEAD.', {}, { Allow: 'GET, HEAD' }))
  })

  const routes = express.Router()
  routes.get('/healthz', (_req, res) => void res.set('Cache-Control', 'no-store').json({ status: 'ok' }))
  routes.head(STREAMS, (_req, res) => void res.type('text/event-stream').end())
  const counted = sessionLimits(limits)
  routes.get(STREAMS, counted)
  routes.get(QUEUED, requestTurns())
  routes.get('/api/openapi.json', openApiRoute(base))
  routes.get('/api/containers', containersRoute(engine))
  routes.get('/api/events', eventsRoute(engine, streams))
  routes.get('/api/containers/:key/logs/stream', logStreamRoute(engine, streams))
  routes.get('/api/containers/:key/logs', logsRoute(feeds, counted))
  routes.get('/api/containers/:key/logs/download', counted, downloadRoute(feeds))
  routes.get('/api/logs/download', counted, downloadsRoute(feeds))
  routes.get('/api/logs/stream', mergedStreamRoute(engine, streams))
  routes.get('/api/containers/:key/logs/search', logSearchRoute(feeds))
  routes.get('/api/logs/search', searchRoute(feeds))
  routes.use(pageRouter(page, base))
  app.use(base, routes)

  app.use(() => {
    throw new HttpProblem(404, 'Nothing found at this address.')
  })
  app.use(problemHandler(log))
  return app
}
