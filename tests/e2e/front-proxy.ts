/** A reverse proxy in front of Sluice, as people put one there: under a prefix that it strips or passes on, and with a sign-in. */
import { once } from 'node:events'
import { createServer, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'

export interface FrontProxyOptions {
  /** Without a slash at its end. What is asked for outside of it is 404. */
  readonly prefix?: string
  /** Sluice sees addresses without the prefix. */
  readonly strips?: boolean
  /** Where the page is after the prefix, with a slash at its end. Default: directly. */
  readonly path?: string
}

export interface FrontProxy {
  /** Of the first page: with a slash at its end. */
  readonly url: string
  /** Answers in Sluice's place from now on; undefined: passes on again. */
  answers(answer: ((res: ServerResponse, path: string) => void) | undefined): void
  /** Cuts what is open. */
  cut(): void
}

/** Runs until the test file ends. `sluice`: the address of its root. */
export async function startFrontProxy(sluice: string, options: FrontProxyOptions = {}): Promise<FrontProxy> {
  const { prefix = '', strips = false, path: page = '' } = options
  const { hostname, port } = new URL(sluice)
  let answer: ((res: ServerResponse, path: string) => void) | undefined
  const open = new Set<ServerResponse>()
  const server = createServer((req, res) => {
    const path = req.url ?? ''
    if (answer !== undefined) return answer(res, path)
    if (!path.startsWith(`${prefix}/`)) return void res.writeHead(404).end('not here')
    const passedOn = strips ? path.slice(prefix.length) : path
    const upstream = request({ hostname, port, path: passedOn, method: req.method, headers: req.headers }, (from) => {
      res.writeHead(from.statusCode ?? 502, from.headers)
      res.flushHeaders()
      from.on('error', () => res.destroy()).pipe(res)
    })
    upstream.on('error', () => res.destroy())
    open.add(res)
    res.on('close', () => {
      open.delete(res)
      upstream.destroy()
    })
    req.pipe(upstream)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  running.add(server)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}/${page}`,
    answers(next) {
      answer = next
    },
    cut() {
      for (const res of open) res.destroy()
    },
  }
}

const running = new Set<Server>()

afterAll(() => {
  for (const server of running) {
    server.closeAllConnections()
    server.close()
  }
})
