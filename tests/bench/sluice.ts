/** The production server, as `npm start` and the image run it, on a free port of loopback. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { NODE_FLAGS } from '../../scripts/node-flags.js'
import { before } from './arrivals.ts'
import { EventReader, openSse, type SseEvent } from './sse.ts'

const START_DEADLINE_MS = 20_000
const LIVE_DEADLINE_MS = 20_000
const STOP_DEADLINE_MS = 5_000
const RETRY_MS = 5

const ADDRESS = /Sluice is at (http:\/\/\S+)/

export class Sluice {
  /** Without a slash at its end. */
  readonly origin: string
  readonly pid: number
  /** From the process's start until /healthz answered 200. */
  readonly startedInMs: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, origin: string, startedInMs: number) {
    this.#child = child
    this.pid = child.pid ?? 0
    this.origin = origin
    this.startedInMs = startedInMs
  }

  /** `bundle`: path of server.js; `socket`: of the engine's; `preload`: a module that the process imports first, with an IPC channel to it. */
  static async start(bundle: string, socket: string, preload?: string): Promise<Sluice> {
    const flags = ['--port', '0', '--docker-host', `unix://${socket}`, '--log-level', 'warn']
    const imports = preload === undefined ? [] : ['--import', preload]
    const began = performance.now()
    const child = spawn(process.execPath, [...NODE_FLAGS, ...imports, bundle, ...flags], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'inherit', ...(preload === undefined ? [] : (['ipc'] as const))],
    })
    try {
      const late = () => new Error(`Sluice did not start within ${START_DEADLINE_MS} ms`)
      const origin = await before(address(child), START_DEADLINE_MS, late)
      while ((await status(`${origin}/healthz`)) !== 200) await delay(RETRY_MS)
      return new Sluice(child, origin, performance.now() - began)
    } catch (error) {
      child.kill('SIGKILL')
      throw error
    }
  }

  /** Until it has heard of the container. */
  async knows(name: string): Promise<void> {
    const known = async () => {
      const containers = (await json(`${this.origin}/api/containers`)) as { name: string }[]
      return containers.some((container) => container.name === name)
    }
    const deadline = Date.now() + START_DEADLINE_MS
    while (!(await known())) {
      if (Date.now() > deadline) throw new Error(`Sluice does not know ${name} after ${START_DEADLINE_MS} ms`)
      await delay(RETRY_MS)
    }
  }

  /** The preload's answer to a message. */
  async ask(message: string): Promise<unknown> {
    const answered = once(this.#child, 'message')
    this.#child.send(message)
    const [answer] = await answered
    return answer
  }

  streamUrl(name: string, tail?: number): string {
    const query = tail === undefined ? '' : `?tail=${tail}`
    return `${this.origin}/api/containers/${name}/logs/stream${query}`
  }

  /** A stream that has said `live`: what is written from now on reaches `onChunk`, as all that came before has. */
  async live(name: string, tail: number, onChunk: (chunk: Buffer) => void): Promise<IncomingMessage> {
    await this.knows(name)
    const response = await openSse(this.streamUrl(name, tail))
    const reader = new EventReader()
    const live = new Promise<void>((resolve, reject) => {
      const watch = (chunk: Buffer) => {
        onChunk(chunk)
        if (!reader.push(chunk).some((event: SseEvent) => event.type === 'live')) return
        response.off('data', watch)
        response.on('data', onChunk)
        resolve()
      }
      response.on('data', watch)
      response.once('close', () => reject(new Error(`the stream of ${name} ended before it was live`)))
    })
    await before(
      live,
      LIVE_DEADLINE_MS,
      () => new Error(`the stream of ${name} was not live after ${LIVE_DEADLINE_MS} ms`),
    )
    return response
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_DEADLINE_MS)
    await ended
    clearTimeout(timer)
  }
}

/** Nothing of the caller's settings: what is measured is the default. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(SLUICE|DOCKER)_|^NODE_OPTIONS$/.test(name)),
  )
}

function address(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const [, url] = ADDRESS.exec(said) ?? []
      if (url) resolve(url.replace(/\/$/, ''))
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`Sluice ended with code ${code} instead of starting`)))
  })
}

/** The answer's status; 0 for none. */
function status(url: string): Promise<number> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    request.on('error', () => resolve(0))
  })
}

async function json(url: string): Promise<unknown> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answers ${response.status}`)
  return response.json()
}
