/**
 * The hand that writes in a container. Inside, `cat` copies one pipe to stdout and one to stderr; outside, a test holds the
 * other ends. The bytes are exactly the test's, the time of writing is known to the microsecond, and no daemon has a part
 * in it: with live-restore, a container can be told to write while its daemon is dead.
 */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { constants, mkdirSync, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { type Pace, type PaceOptions, startPace } from './pace.ts'

export type StreamName = 'stdout' | 'stderr'

/** Where the pipes' directory is mounted in the container. */
export const PIPES_MOUNT = '/sluice'

/** `stdout` and `stderr` carry bytes, `exit` a code, all to the container; `exiting` says back that it has read the code. */
const PIPES = ['stdout', 'stderr', 'exit', 'exiting'] as const

/**
 * What runs in the container. The shell opens both pipes before anything else, and says so when it is to exit: only then may
 * the ends outside be closed, upon which both copies run dry and end. Nothing written is lost, however young the container.
 */
export const WRITER_COMMAND = [
  'sh',
  '-c',
  [
    `exec 3< ${PIPES_MOUNT}/stdout 4< ${PIPES_MOUNT}/stderr`,
    'cat <&3 & cat <&4 >&2 &',
    `read code < ${PIPES_MOUNT}/exit || exit`,
    `echo > ${PIPES_MOUNT}/exiting`,
    'wait',
    'exit "$code"',
  ].join('\n'),
]

export class Writer {
  readonly dir: string
  #ends: Record<StreamName | 'exit', Socket> | undefined
  readonly #paces = new Set<Pace>()

  constructor(dir: string) {
    this.dir = dir
    mkdirSync(dir, { recursive: true })
    // Node cannot make a named pipe itself.
    const made = spawnSync('mkfifo', ['-m', '666', ...PIPES.map((name) => join(dir, name))])
    if (made.status !== 0) throw new Error(`mkfifo: ${made.stderr}`)
    this.#ends = this.#open()
  }

  /** Resolves when the last byte is in the pipe. What a stopped container has not read waits for its next start. */
  write(stream: StreamName, bytes: string | Uint8Array): Promise<void> {
    return this.#send(stream, bytes)
  }

  /** Writes numbered lines at a rate, from a thread of its own: as exact as the kernel's timers, however busy the test is. */
  pace(options: PaceOptions): Pace {
    const pace = startPace(this.dir, options)
    this.#paces.add(pace)
    pace.done.then(
      () => this.#paces.delete(pace),
      () => this.#paces.delete(pace),
    )
    return pace
  }

  /** Lets everything written so far through, then has the container exit. `gone` is awaited before it can be written to again. */
  async exit(code: number, gone: Promise<unknown>): Promise<void> {
    await this.#stopPaces()
    const exiting = new Socket({ fd: this.#openPipe('exiting'), readable: true, writable: false })
    const read = once(exiting, 'data')
    await Promise.all([this.#send('stdout', ''), this.#send('stderr', ''), this.#send('exit', `${code}\n`)])
    await Promise.race([read, gone]) // It may be killed before it reads anything.
    exiting.destroy()
    this.#close('stdout', 'stderr')
    await gone
    this.#close('exit')
    this.#ends = this.#open()
  }

  async dispose(): Promise<void> {
    await this.#stopPaces()
    this.#close('stdout', 'stderr', 'exit')
    this.#ends = undefined
    rmSync(this.dir, { recursive: true, force: true })
  }

  #send(name: StreamName | 'exit', bytes: string | Uint8Array): Promise<void> {
    const end = this.#ends?.[name]
    if (end === undefined) return Promise.reject(new Error('the container is removed'))
    return new Promise((resolve, reject) => end.write(bytes, (error) => (error ? reject(error) : resolve())))
  }

  #open(): Record<StreamName | 'exit', Socket> {
    const end = (name: string) => new Socket({ fd: this.#openPipe(name), readable: false, writable: true })
    return { stdout: end('stdout'), stderr: end('stderr'), exit: end('exit') }
  }

  /** To read and to write: opening waits for nobody, and a container's restart is no broken pipe. */
  #openPipe(name: string): number {
    return openSync(join(this.dir, name), constants.O_RDWR | constants.O_NONBLOCK)
  }

  /** Destroyed, not ended: there is no shutdown(2) on a pipe. What was written is in the kernel by now. */
  #close(...names: (StreamName | 'exit')[]): void {
    for (const name of names) this.#ends?.[name].destroy()
  }

  async #stopPaces(): Promise<void> {
    await Promise.allSettled([...this.#paces].map((pace) => pace.stop()))
  }
}
