/**
 * A private, real Docker daemon: started in a directory of its own, without any network, and stopped, killed and started
 * again by tests as they like. `dispose()` leaves nothing behind; a run that is killed is cleaned up by the next one.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineApi } from './api.ts'
import { Engine } from './engine.ts'
import { hasEnded } from './processes.ts'
import { makeScratch, removeScratch, sweepScratch } from './scratch.ts'

/** Measured: 0.7 s, and 3 s while the machine is busy. */
const READY_DEADLINE_MS = 60_000

const READY_RETRY_MS = 20

/** dockerd gives each container 10 s (ours are killed at once), then leaves. */
const STOP_DEADLINE_MS = 20_000

export interface DaemonOptions {
  /** Containers go on running, and writing, while the daemon is away. */
  liveRestore?: boolean
  /** More flags for dockerd. */
  flags?: readonly string[]
}

/** Starts a daemon and waits until it answers. Needs root, and Debian's docker.io or its like. */
export async function startDaemon(options: DaemonOptions = {}): Promise<Daemon> {
  await sweepScratch()
  const daemon = new Daemon(makeScratch(), options)
  try {
    await daemon.start()
  } catch (error) {
    await daemon.dispose()
    throw error
  }
  return daemon
}

export class Daemon {
  /** Holds everything the daemon has; tests may put things beside it, and they go with it. */
  readonly dir: string
  /** The path of its unix socket, the same across restarts. */
  readonly socket: string
  readonly #options: DaemonOptions
  #process: ChildProcess | undefined

  constructor(dir: string, options: DaemonOptions) {
    this.dir = dir
    this.socket = join(dir, 'docker.sock')
    this.#options = options
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** Runs containers on this daemon. It outlives restarts of the daemon. */
  engine(): Engine {
    const scratch = join(this.dir, 'io')
    mkdirSync(scratch, { recursive: true })
    return new Engine({ socket: this.socket, scratch })
  }

  async start(): Promise<void> {
    if (this.#process !== undefined) return
    // Ours, though empty: else the machine's own /etc/docker/daemon.json would have a say.
    writeFileSync(join(this.dir, 'daemon.json'), '{}')
    // After a SIGKILL the old pid is still in there, and may by now be somebody else's.
    rmSync(join(this.dir, 'pid'), { force: true })
    await this.#forgetContainerd()
    // Into a file: a pipe that a busy test does not read would stop the daemon.
    const log = openSync(this.#logFile, 'a')
    const child = spawn('dockerd', [...this.#arguments()], { stdio: ['ignore', 'ignore', log] })
    closeSync(log)
    this.#process = child
    child.once('exit', () => {
      this.#process = undefined
    })
    try {
      await Promise.race([failure(child), this.#ready()])
    } catch (error) {
      throw new Error(`dockerd did not start: ${String(error)}\n${this.log().slice(-3000)}`)
    }
  }

  /** Stops it as an administrator would. Without live-restore it takes its containers down first. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  /** Ends it as a crash would: nothing is said to anybody, containers' processes stay. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async restart(how: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.#end(how)
    await this.start()
  }

  /** What the daemon said on stderr since it was first started. */
  log(): string {
    try {
      return readFileSync(this.#logFile, 'utf8')
    } catch {
      return ''
    }
  }

  /** Removes the containers, then the daemon and every process of it, then its directory. Never rejects for a daemon in ruins. */
  async dispose(): Promise<void> {
    if (this.#process !== undefined) {
      await this.#removeContainers().catch(() => {})
      await this.stop()
    }
    await removeScratch(this.dir)
  }

  get #logFile(): string {
    return join(this.dir, 'dockerd.log')
  }

  *#arguments(): Generator<string> {
    const { dir } = this
    yield* ['--data-root', join(dir, 'data'), '--exec-root', join(dir, 'exec'), '--pidfile', join(dir, 'pid')]
    yield* ['--config-file', join(dir, 'daemon.json'), '-H', `unix://${this.socket}`]
    yield* ['--bridge=none', '--iptables=false', '--ip-forward=false', '--ip-masq=false']
    // Where the machine has a containerd already, dockerd uses that one: keep apart there too.
    yield* ['--containerd-namespace', 'sluice-test', '--containerd-plugins-namespace', 'sluice-test-plugins']
    if (this.#options.liveRestore) yield '--live-restore'
    yield* this.#options.flags ?? []
  }

  /** Asks again and again: its first answer is the only sign that does not depend on the version. */
  async #ready(): Promise<void> {
    const api = new EngineApi(this.socket)
    for (const deadline = Date.now() + READY_DEADLINE_MS; Date.now() < deadline; await delay(READY_RETRY_MS)) {
      if (this.#process === undefined) return
      if (
        await api.bytes({ path: '/_ping' }).then(
          () => true,
          () => false,
        )
      )
        return
    }
    throw new Error(`no answer after ${READY_DEADLINE_MS} ms`)
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    if (child === undefined) return
    const ended = once(child, 'exit')
    child.kill(signal)
    const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS)
    await ended
    clearTimeout(deadline)
  }

  /**
   * A dockerd that is killed takes its containerd along. Where process 1 does not reap orphans (many containers) that one stays
   * as a zombie, and the next dockerd takes it for alive and waits for it in vain.
   */
  async #forgetContainerd(): Promise<void> {
    const pidFile = join(this.dir, 'exec/containerd/containerd.pid')
    if (!existsSync(pidFile)) return
    const pid = Number(readFileSync(pidFile, 'latin1'))
    if (await hasEnded(pid, STOP_DEADLINE_MS)) rmSync(pidFile, { force: true })
  }

  /** Networks too: a bridge is the kernel's, and would stay. */
  async #removeContainers(): Promise<void> {
    const api = new EngineApi(this.socket)
    const containers = await api.json<{ Id: string }[]>({ path: '/containers/json', query: { all: true } })
    const query = { force: true, v: true }
    await Promise.allSettled(
      containers.map(({ Id }) => api.bytes({ method: 'DELETE', path: `/containers/${Id}`, query })),
    )
    await api.bytes({ method: 'POST', path: '/networks/prune' })
  }
}

/** Rejects when the program is not there, or ends. */
function failure(child: ChildProcess): Promise<never> {
  return new Promise((_, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => reject(new Error(`it ended (${signal ?? `code ${code}`})`)))
  })
}
