/** The built page and Sluice's interface in this process, before an engine in memory: for as many containers as one likes, at once. */
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { afterAll } from 'vitest'
import { Feeds } from '../../server/feed/feeds.ts'
import { createApp } from '../../server/http/app.ts'
import { Streams } from '../../server/sse/streams.ts'
import type { MemoryEngine } from '../unit/memory-engine.ts'

const PAGE = fileURLToPath(new URL('../../dist/web', import.meta.url))

/** Serves `engine` until the test file ends, under `base` as `--base` gives it; resolves with the root's address. */
export async function serveMemory(engine: MemoryEngine, base = '/'): Promise<string> {
  const log = pino({ level: 'silent' })
  const feeds = new Feeds(engine, log)
  const streams = new Streams(feeds)
  const limits = { maxSessions: 1_000, maxSessionsPerAddress: 1_000 }
  const app = createApp({ feeds, streams, log, base, page: PAGE, ...limits })
  const server = http.createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterAll(() => {
    streams.close()
    feeds.close()
    engine.close()
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}
