/**
 * The demo engine: a small server of the Docker Engine API on a private socket, with the containers of a lamp shop. For
 * the rest of Sluice it is a Docker. It keeps no lines and runs no timers unless a client follows something.
 */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cast } from './containers.ts'
import { answer, type Engine } from './routes.ts'
import { type Clock, systemClock } from './time.ts'

export interface DemoOptions {
  /** What is said and when follows from it. Default 1. */
  seed?: number
  /** Default the machine's. */
  clock?: Clock
}

export interface DemoEngine {
  socketPath: string
  /** Ends all streams and removes the socket. */
  close(): Promise<void>
}

/** Starts one, in a directory of its own that only this user may enter. */
export async function startDemoEngine({ seed = 1, clock = systemClock }: DemoOptions = {}): Promise<DemoEngine> {
  const engine: Engine = { seed, clock, containers: cast(seed, clock.now()) }
  const directory = await mkdtemp(join(tmpdir(), 'sluice-demo-')) // mode 0700
  const socketPath = join(directory, 'engine.sock')
  const server = createServer((req, res) => void answer(engine, req, res))
  try {
    server.listen(socketPath)
    await once(server, 'listening')
  } catch (error) {
    await rm(directory, { recursive: true, force: true })
    throw error
  }
  return {
    socketPath,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
      await rm(directory, { recursive: true, force: true })
    },
  }
}
