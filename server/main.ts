/** Start, signals, graceful stop. The only file that reads the environment, through `config.ts`. */
import { rmSync } from 'node:fs'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { pino } from 'pino'
import { type Config, ConfigError, HELP, readConfig } from './config.ts'
import { startDemoEngine } from './demo/server.ts'
import { DockerEngine, type DockerEngineOptions } from './engine/docker-engine.ts'
import { type Endpoint, findEndpoints } from './engine/find.ts'
import { Feeds } from './feed/feeds.ts'
import { createApp } from './http/app.ts'
import { limitConnections } from './http/connections.ts'
import { serveInSlices } from './http/serve-in-slices.ts'
import { endAllSessions } from './sse/session.ts'
import { Streams } from './sse/streams.ts'

const STOP_MS = 1_500 // what a client takes to read the end of its stream; then it is cut
const USAGE_ERROR = 2
/** Request line and headers together; more is answered with 431. Node's default, whatever NODE_OPTIONS say. */
const MAX_HEADER_BYTES = 16 * 1024
/**
 * How long a connection is kept for the next request: longer than reverse proxies keep theirs (nginx a minute), which would
 * else send one into a connection that is just being closed.
 */
const KEEP_ALIVE_MS = 75_000
/**
 * What a connection may take for a request's headers, and for all of it: none of Sluice's has a body. Streams are answers,
 * which may last. Looked at each `connectionsCheckingInterval`.
 */
const REQUEST_TIMES = { headersTimeout: 10_000, requestTimeout: 20_000, connectionsCheckingInterval: 2_000 }
/** Connections that may wait to be accepted: where they overflow, which Node's 511 do in a burst, TCP tries again after seconds. */
const BACKLOG = 4_096
/** Connections beside those of streams: browsers keep six each, and reverse proxies some dozens. */
const IDLE = { all: 1_000, perClient: 300 }
/**
 * How much garbage V8 lets pile up before it collects, in percent of what is alive. Left to itself, ten searches and ten
 * downloads of a million lines at once take 345 MiB, and 179 so: a Pi would rather have them for its containers.
 */
const GARBAGE_PERCENT = 20

function fail(message: string): never {
  process.stderr.write(`sluice: ${message}\n`)
  process.exit(USAGE_ERROR)
}

function configure(): Config {
  try {
    return readConfig(process.argv.slice(2), process.env)
  } catch (error) {
    if (error instanceof ConfigError) fail(error.message)
    throw error
  }
}

/** Starts the demo engine when it is first asked for. */
function demoEndpoint(): () => Promise<Endpoint> {
  let started: Promise<Endpoint> | undefined
  const start = async (): Promise<Endpoint> => {
    const { socketPath } = await startDemoEngine()
    process.once('exit', () => rmSync(dirname(socketPath), { recursive: true, force: true }))
    return { address: 'demo', socketPath }
  }
  return () => (started ??= start())
}

function engineOptions(config: Config): Omit<DockerEngineOptions, 'log'> {
  if (config.demo === 'on') return { endpoints: async () => [], fallback: demoEndpoint() }
  const endpoints = () => findEndpoints(config.find)
  return config.demo === 'auto' ? { endpoints, fallback: demoEndpoint() } : { endpoints }
}

function serve(config: Config): void {
  // docker-modem reads these by itself, and fails on what it does not understand; ours are read.
  for (const name of ['DOCKER_HOST', 'DOCKER_CERT_PATH', 'DOCKER_TLS_VERIFY']) delete process.env[name]

  const log = pino(
    { level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination(2),
  )
  for (const warning of config.warnings) log.warn(warning)
  const engine = new DockerEngine({ ...engineOptions(config), log })
  const feeds = new Feeds(engine, log)
  const streams = new Streams(feeds)
  const page = fileURLToPath(new URL('./web/', import.meta.url))
  const { base, maxSessions, maxSessionsPerAddress } = config
  const app = createApp({ feeds, streams, log, base, page, maxSessions, maxSessionsPerAddress })
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS, ...REQUEST_TIMES })
  limitConnections(server, { all: maxSessions + IDLE.all, perClient: maxSessionsPerAddress + IDLE.perClient })
  serveInSlices(server, app)

  server.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE')
      fail(`port ${config.port} on ${config.listen} is in use; choose another with --port`)
    if (error.code === 'EACCES') fail(`no permission to open port ${config.port}; choose one above 1023 with --port`)
    fail(`cannot listen on ${config.listen}: ${error.message}`)
  })
  server.listen({ port: config.port, host: config.listen, backlog: BACKLOG }, () => {
    process.stdout.write(`Sluice is at ${urlOf(server.address() as AddressInfo, base)}\n`)
  })

  const stop = () => {
    setTimeout(() => process.exit(0), STOP_MS).unref()
    endAllSessions()
    streams.close()
    feeds.close()
    engine.close()
    server.close(() => process.exit(0))
    server.closeIdleConnections()
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

function urlOf({ address, family, port }: AddressInfo, base: string): string {
  const host = address === '0.0.0.0' || address === '::' ? 'localhost' : family === 'IPv6' ? `[${address}]` : address
  return `http://${host}:${port}${base}`
}

/** For the image's HEALTHCHECK: no shell, no curl. */
function healthcheck({ port, listen, base }: Config): void {
  const host = listen === '0.0.0.0' || listen === '::' ? '127.0.0.1' : listen
  const path = `${base === '/' ? '' : base}/healthz`
  const request = get({ host, port, path, timeout: 2_000 }, (res) => process.exit(res.statusCode === 200 ? 0 : 1))
  request.on('timeout', () => process.exit(1))
  request.on('error', () => process.exit(1))
}

setFlagsFromString(`--heap-growing-percent=${GARBAGE_PERCENT}`)
const config = configure()
if (config.command === 'help') process.stdout.write(HELP)
else if (config.command === 'version') process.stdout.write(`${SLUICE_VERSION}\n`)
else if (config.command === 'healthcheck') healthcheck(config)
else serve(config)
