/**
 * Whether a server kept others waiting: the longest delay of its own event loop, as the process measures it, and the longest
 * that its /healthz took. Beside it the same of a control, a process that serves nothing else: what the machine adds.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Bed } from './bed.ts'
import type { Sluice } from './sluice.ts'

/** Answers each message with the longest delay since the one before, in ms. */
const PRELOAD = `
import { monitorEventLoopDelay } from 'node:perf_hooks'
const delays = monitorEventLoopDelay({ resolution: 1 })
process.on('message', () => {
  process.send(delays.max / 1e6)
  delays.reset()
  delays.enable()
})
process.channel.unref()`

export const LOOP_PRELOAD = `data:text/javascript,${encodeURIComponent(PRELOAD)}`

const CONTROL = `${PRELOAD}
import { createServer } from 'node:http'
const server = createServer((_, res) => res.end('{"status":"ok"}'))
server.listen(0, '127.0.0.1', () => process.send(server.address().port))`

/**
 * Asks each address every 5 ms, and answers each message with how long the longest answer since the one before took. A
 * process of its own: the bench's is busy with what it asks. Another visitor: loopback is all of 127.x on Linux.
 */
const PROBES = `
import { get } from 'node:http'
const probes = process.argv.slice(1).map((url) => ({ url, longest: 0, began: 0 }))
for (const probe of probes) ask(probe)
function ask(probe) {
  const fail = (error) => { throw new Error(probe.url + ': ' + error.message) }
  probe.began = performance.now()
  get(probe.url, { agent: false, localAddress: '127.0.0.2' }, (res) => res.on('error', fail).resume().once('end', () => {
    probe.longest = Math.max(probe.longest, performance.now() - probe.began)
    setTimeout(ask, 5, probe)
    probe.began = Infinity
  })).on('error', fail)
}
process.on('message', () => {
  const now = performance.now()
  process.send(probes.map(({ longest, began }) => Math.max(longest, now - began)))
  for (const probe of probes) probe.longest = 0
})`

interface Delays {
  /** Of the event loop, the longest. */
  readonly loopMs: number
  /** Of /healthz, the longest. */
  readonly healthMs: number
}

export interface Watched {
  readonly server: Delays
  readonly control: Delays
}

export class LoopWatch {
  readonly #bed: Bed
  readonly #sluice: Sluice
  readonly #control: ChildProcess
  readonly #probes: ChildProcess

  private constructor(bed: Bed, sluice: Sluice, control: ChildProcess, probes: ChildProcess) {
    this.#bed = bed
    this.#sluice = sluice
    this.#control = control
    this.#probes = probes
  }

  /** Of a server that was started with `LOOP_PRELOAD`. */
  static async of(bed: Bed, sluice: Sluice): Promise<LoopWatch> {
    const run = (script: string, ...args: string[]) => {
      const stdio = ['ignore', 'ignore', 'inherit', 'ipc'] as const
      const child = spawn(process.execPath, ['--input-type=module', '--eval', script, ...args], { stdio: [...stdio] })
      bed.defer(() => child.kill())
      return child
    }
    const control = run(CONTROL)
    const [port] = (await once(control, 'message')) as [number]
    const probes = run(PROBES, `${sluice.origin}/healthz`, `http://127.0.0.1:${port}/`)
    return new LoopWatch(bed, sluice, control, probes)
  }

  /** While `run` runs. Says what it was. */
  async during(what: string, run: () => Promise<void>): Promise<Watched> {
    await this.#delays()
    const began = performance.now()
    await run()
    const ms = performance.now() - began
    const { server, control } = await this.#delays()
    const said = ({ loopMs, healthMs }: Delays) => `loop ${loopMs.toFixed(1)}, /healthz ${healthMs.toFixed(1)} ms`
    this.#bed.say(`${what} in ${ms.toFixed(0)} ms: ${said(server)}; control: ${said(control)}`)
    return { server, control }
  }

  async #delays(): Promise<Watched> {
    const [server, control, probes] = await Promise.all([
      this.#sluice.ask('delay'),
      ask(this.#control),
      ask(this.#probes),
    ])
    const [ofServer = 0, ofControl = 0] = probes as number[]
    return {
      server: { loopMs: Number(server), healthMs: ofServer },
      control: { loopMs: Number(control), healthMs: ofControl },
    }
  }
}

async function ask(child: ChildProcess): Promise<unknown> {
  const answered = once(child, 'message')
  child.send('delay')
  const [answer] = await answered
  return answer
}
