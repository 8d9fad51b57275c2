/** Sluice as users run it, and what befalls it: killed, restarted on its port, replaced by another process elsewhere. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

const ADDRESS = /Sluice is at (http:\/\/\S+)/
const START_DEADLINE_MS = 30_000
/** Of its log, for a report. */
const KEPT_LOG_BYTES = 64 * 1024

export class Deployment {
  /** The highest resident set of any process so far, in MiB. */
  peakMiB = 0
  /** A process that ended by itself. */
  crash: string | undefined
  readonly #bundle: string
  readonly #socket: string
  #child: ChildProcess | undefined
  #url = ''
  /** When the process that serves was started; Unix ms. */
  since = 0
  readonly starts: number[] = []
  #log = ''

  /** `bundle`: path of server.js; `socket`: of the engine. */
  constructor(bundle: string, socket: string) {
    this.#bundle = bundle
    this.#socket = socket
  }

  /** Where Sluice is, or was last; without a slash at its end. */
  get url(): string {
    return this.#url
  }

  /** The end of what all processes said. */
  get log(): string {
    return this.#log
  }

  async start(port = 0): Promise<void> {
    const since = Date.now()
    const flags = ['--port', String(port), '--docker-host', `unix://${this.#socket}`]
    const { PATH = '', HOME = '' } = process.env
    const child = spawn(process.execPath, [this.#bundle, ...flags], {
      env: { PATH, HOME },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    const endWithUs = () => child.kill('SIGKILL')
    process.once('exit', endWithUs)
    child.once('exit', () => process.off('exit', endWithUs))
    child.stderr.on('data', (chunk: Buffer) => {
      this.#log = (this.#log + chunk.toString()).slice(-KEPT_LOG_BYTES)
    })
    child.once('exit', (code, signal) => {
      if (this.#child === child) this.crash = `Sluice ended by itself: ${signal ?? `code ${code}`}`
    })
    this.#url = await address(child)
    this.since = since
    this.starts.push(since)
  }

  /** Ends it and starts it again on the same port, after so long. */
  async restart(signal: 'SIGKILL' | 'SIGTERM', awayMs: number): Promise<void> {
    const { port } = new URL(this.#url)
    await this.stop(signal)
    await new Promise((resolve) => setTimeout(resolve, awayMs))
    await this.start(Number(port))
  }

  /** Starts another process on another port, then ends this one: a rolling update. */
  async replace(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const old = this.#child
    this.#measure()
    this.#child = undefined
    await this.start()
    if (old) await end(old, signal)
  }

  async stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#measure()
    const child = this.#child
    this.#child = undefined
    if (child) await end(child, signal)
  }

  /** proc(5): VmHWM is the peak. */
  #measure(): void {
    try {
      const status = readFileSync(`/proc/${this.#child?.pid}/status`, 'latin1')
      this.peakMiB = Math.max(this.peakMiB, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)
    } catch {
      // It has ended.
    }
  }
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}

function address(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const late = setTimeout(() => reject(new Error('Sluice did not start')), START_DEADLINE_MS)
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const [, url] = ADDRESS.exec(said) ?? []
      if (!url) return
      clearTimeout(late)
      resolve(url.replace(/\/$/, ''))
    })
    child.once('exit', (code) => reject(new Error(`Sluice ended with code ${code} instead of starting`)))
  })
}
