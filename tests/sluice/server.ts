/** Sluice as users run it, for tests: the built server in a process of its own, on a free port, in front of a given engine. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

/** The built server. */
export const SERVER = fileURLToPath(new URL('../../dist/server.js', import.meta.url))

export interface SluiceOptions {
  /** A unix socket's path, or any value that `--docker-host` takes; undefined leaves Sluice to look for one. */
  readonly engine?: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Runs it as this user; needs root. */
  readonly uid?: number
}

export interface Sluice {
  /** `http://127.0.0.1:40123/`, with the base if there is one. */
  readonly url: string
  readonly pid: number
  /** What it wrote to stderr so far. */
  readonly log: () => string
  /** Sends the signal and waits for the exit; resolves with the code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** The outcome of a Sluice that is not expected to serve. */
export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts Sluice and waits until it serves; it is ended with the test file at the latest. */
export async function startSluice(options: SluiceOptions = {}): Promise<Sluice> {
  const child = launch(options)
  const output = collect(child)
  const exited = once(child, 'exit') as Promise<[number | null]>
  running.add(child)
  void exited.then(() => running.delete(child))
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', () => {
      const found = /Sluice is at (\S+)/.exec(output.stdout)?.[1]
      if (found) resolve(found)
    })
    void exited.then(([code]) => reject(new Error(`Sluice ended with ${code}: ${output.stderr}`)))
  })
  return {
    url,
    pid: child.pid ?? 0,
    log: () => output.stderr,
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal)
      const [code] = await exited
      return code
    },
  }
}

/** Runs Sluice to its end. */
export async function runSluice(options: SluiceOptions = {}): Promise<Outcome> {
  const child = launch(options)
  const output = collect(child)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...output }
}

const running = new Set<ChildProcess>()

afterAll(async () => {
  await Promise.all(
    [...running].map(async (child) => {
      child.kill() // not SIGKILL, as it has files of its own to remove
      await once(child, 'exit')
    }),
  )
})

/** No hook runs for a file of which all tests are left out by name, nor after a kill: then the end of its input ends Sluice. */
const END_WITH_INPUT =
  'data:text/javascript,process.stdin.once("end", () => process.kill(process.pid)).resume().unref()'

function launch({ engine, args = [], env = {}, uid }: SluiceOptions): ChildProcess {
  const host = engine === undefined ? [] : ['--docker-host', engine.startsWith('/') ? `unix://${engine}` : engine]
  const port = args.includes('--port') ? [] : ['--port', '0']
  // A clean environment: what the machine's own settings say of engines is not to be found by chance.
  const { PATH = '', HOME = '' } = process.env
  return spawn(process.execPath, ['--import', END_WITH_INPUT, SERVER, ...port, ...host, ...args], {
    env: { PATH, HOME, ...env },
    ...(uid !== undefined && { uid }),
  })
}

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk) => {
    output.stdout += chunk
  })
  child.stderr?.on('data', (chunk) => {
    output.stderr += chunk
  })
  return output
}
