/**
 * How Sluice takes an engine of thousands of containers: when they are on a stream that was open before the engine came, and
 * how long its event loop is held meanwhile. For `stall.containers`.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { NODE_FLAGS } from '../../scripts/node-flags.js'
import { EventReader, openSse } from './sse.ts'

const DEADLINE_MS = 120_000
const PROBE_EVERY_MS = 10

export interface Crowd {
  /** From the engine's first request until all containers are on a stream that was open before. */
  readonly listedMs: number
  /** Until all are inspected. */
  readonly inspectedMs: number
  /** The longest delays of the server's event loop: until all were listed, until all were inspected, and with readers then. */
  readonly listingStallMs: number
  readonly inspectingStallMs: number
  readonly readingStallMs: number
  /** The longest delay of a process that does nothing, all the while: what the machine itself does to all of them. */
  readonly controlStallMs: number
  /** How long `/healthz` took at most, meanwhile. */
  readonly healthzMs: number
  /** `GET /api/containers`, and the snapshot of a stream, once all is known. */
  readonly listMs: number
  readonly snapshotMs: number
}

interface Containers {
  readonly containers?: readonly { key: string }[]
  readonly changed?: readonly { key: string }[]
}

/** `bundle`: path of the production build's server.js. */
export async function measureCrowd(bundle: string, count: number): Promise<Crowd> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-crowd-'))
  const socket = join(folder, 'engine.sock')
  const children: ChildProcess[] = []
  const signal = AbortSignal.timeout(DEADLINE_MS)
  try {
    const engine = fork([file('crowd-engine.js'), socket, String(count)])
    children.push(engine)
    await message(engine, 'ready', signal)
    const flags = ['--port', '0', '--docker-host', `unix://${socket}`, '--log-level', 'warn']
    const sluice = fork([...NODE_FLAGS, '--import', file('loop-delay.js'), bundle, ...flags])
    children.push(sluice)
    const origin = await address(sluice)
    const control = fork(['--import', file('loop-delay.js'), '--eval', 'setInterval(() => {}, 1000)'])
    children.push(control)
    const stallOf = async (child: ChildProcess) => {
      child.send('delay')
      const [ms] = (await once(child, 'message', { signal })) as [number]
      return ms
    }
    const stall = () => stallOf(sluice)

    const keys = new Set<string>()
    const stream = await openSse(`${origin}/api/events`)
    const reader = new EventReader()
    const listed = new Promise<number>((resolve) => {
      stream.on('data', (chunk: Buffer) => {
        for (const { data } of reader.push(chunk)) {
          if (data === '') continue
          const { containers = [], changed = [] } = JSON.parse(data) as Containers
          for (const { key } of [...containers, ...changed]) keys.add(key)
        }
        if (keys.size === count) resolve(Date.now())
      })
    })
    const probe = probing(`${origin}/healthz`)
    await stall()
    await stallOf(control)
    const first = message(engine, 'first', signal)
    const last = message(engine, 'last', signal)
    engine.send('listen')
    const began = await first
    const listedMs = (await listed) - began
    const listingStallMs = await stall()
    const inspectedMs = (await last) - began
    const inspectingStallMs = await stall()
    await delay(200)
    await stall()
    const listMs = await timed(() => read(`${origin}/api/containers`))
    const snapshotMs = await timed(async () => {
      const newcomer = await openSse(`${origin}/api/events`)
      let bytes = 0 // the head of the stream is shorter than any snapshot
      let end = ''
      for await (const chunk of newcomer) {
        bytes += (chunk as Buffer).length
        end = (end + (chunk as Buffer).toString('latin1')).slice(-2)
        if (bytes > 100 * count && end === '\n\n') break
      }
    })
    await Promise.all(Array.from({ length: 10 }, () => read(`${origin}/api/containers`)))
    const readingStallMs = await stall()
    const controlStallMs = await stallOf(control)
    const healthzMs = await probe()
    stream.destroy()
    return {
      listedMs,
      inspectedMs,
      listingStallMs,
      inspectingStallMs,
      readingStallMs,
      controlStallMs,
      healthzMs,
      listMs,
      snapshotMs,
    }
  } finally {
    for (const child of children) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

function file(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}

function fork(args: readonly string[]): ChildProcess {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(SLUICE|DOCKER)_/.test(name)))
  return spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
}

async function message(child: ChildProcess, name: string, signal: AbortSignal): Promise<number> {
  for (;;) {
    const [told] = (await once(child, 'message', { signal })) as [Record<string, number>]
    const value = told[name]
    if (value !== undefined) return value
  }
}

async function address(child: ChildProcess): Promise<string> {
  let text = ''
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk)
    const found = /Sluice is at (http:\/\/\S+?)\/?\s/.exec(text)?.[1]
    if (found) return found
  }
  throw new Error('Sluice did not start')
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await act()
  return performance.now() - began
}

function read(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => response.resume().on('end', resolve).on('error', reject)).on(
      'error',
      reject,
    )
  })
}

/** Asks again and again; the function ends that and gives the longest answer's time. */
function probing(url: string): () => Promise<number> {
  let longest = 0
  let isOver = false
  const run = async () => {
    while (!isOver) {
      longest = Math.max(longest, await timed(() => read(url)))
      await delay(PROBE_EVERY_MS)
    }
  }
  const running = run()
  return async () => {
    isOver = true
    await running
    return longest
  }
}
