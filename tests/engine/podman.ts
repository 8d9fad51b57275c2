/**
 * A private, real Podman for tests, with its own storage and no network: its API on a unix socket, its command for what a
 * test compares with. Containers are run with `podman run` and have ended when that returns.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll } from 'vitest'
import { layBusybox } from './image.ts'

const READY_DEADLINE_MS = 30_000

/** Debian's default runtime and limits want more rights than a container of the tests has. */
const CONFIGURATION = `
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
netns = "none"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
`

export class Podman {
  readonly #dir = mkdtempSync(join(tmpdir(), 'sluice-podman-'))
  /** The path of the socket to give to Sluice. */
  readonly socket = join(this.#dir, 'podman.sock')
  readonly #env: NodeJS.ProcessEnv
  #service: ChildProcess | undefined

  constructor() {
    const configuration = join(this.#dir, 'containers.conf')
    writeFileSync(configuration, CONFIGURATION)
    this.#env = { ...process.env, CONTAINERS_CONF: configuration }
  }

  async start(): Promise<void> {
    this.#import()
    this.#service = spawn('podman', [...this.#storage(), 'system', 'service', '--time=0', `unix://${this.socket}`], {
      env: this.#env,
      stdio: 'ignore',
    })
    for (const deadline = Date.now() + READY_DEADLINE_MS; !existsSync(this.socket); await delay(20)) {
      if (Date.now() > deadline) throw new Error('podman does not serve its API')
    }
  }

  /** Runs a shell script in a container of that name, to its end. */
  run(name: string, script: string, ...flags: string[]): void {
    this.#podman('run', '--name', name, ...flags, 'busybox', 'sh', '-c', script)
  }

  /** What `podman logs` prints on stdout. */
  logs(name: string): Buffer {
    return this.#podman('logs', name)
  }

  async dispose(): Promise<void> {
    if (this.#service) {
      const ended = once(this.#service, 'exit')
      this.#service.kill()
      await ended
    }
    spawnSync('podman', [...this.#storage(), 'rm', '--all', '--force'], { env: this.#env })
    rmSync(this.#dir, { recursive: true, force: true })
  }

  #import(): void {
    const root = join(this.#dir, 'busybox')
    mkdirSync(root)
    layBusybox(root)
    const archive = join(this.#dir, 'busybox.tar')
    spawnSync('tar', ['-C', root, '-cf', archive, '.'])
    this.#podman('import', '--change', 'ENV PATH=/bin', archive, 'busybox')
  }

  #storage(): string[] {
    const path = (name: string) => join(this.#dir, name)
    return ['--root', path('storage'), '--runroot', path('run'), '--storage-driver', 'vfs']
  }

  #podman(...args: string[]): Buffer {
    const options = { env: this.#env, maxBuffer: 256 * 1024 * 1024 }
    const { status, stdout, stderr, error } = spawnSync('podman', [...this.#storage(), ...args], options)
    if (status !== 0) throw new Error(`podman ${args[0]} failed: ${error ?? stderr}`)
    return stdout
  }
}

/** Starts one; it is ended with the test file. */
export async function startPodman(): Promise<Podman> {
  const podman = new Podman()
  afterAll(() => podman.dispose())
  await podman.start()
  return podman
}
