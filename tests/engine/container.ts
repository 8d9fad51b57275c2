/** A container of a test: made, written in, moved through every state Docker knows, read for reference, removed. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { type EngineApi, EngineApiError } from './api.ts'
import type { Pace, PaceOptions } from './pace.ts'
import { type ReferenceLine, referenceLines } from './reference.ts'
import { PIPES_MOUNT, type StreamName, WRITER_COMMAND, Writer } from './writer.ts'

const ASK_AGAIN_MS = 20

export interface RunOptions {
  name: string
  /** Run this instead of the writer (`write`, `pace` and `exit` then do nothing useful): busybox has `sh`, `cat`, `seq`, ... */
  command?: readonly string[]
  image?: string
  tty?: boolean
  env?: readonly string[]
  labels?: Record<string, string>
  /** Default `json-file`. */
  logDriver?: string
  /** Such as `{ 'max-size': '10k', 'max-file': '2' }`. */
  logOptions?: Record<string, string>
  restartPolicy?: 'no' | 'always' | 'on-failure' | 'unless-stopped'
  /** Added to the body of "Create a container" (`Healthcheck`, ...). */
  config?: Record<string, unknown>
  /** Added to its `HostConfig` (`Memory`, `NetworkMode`, `Binds`, ...). */
  hostConfig?: Record<string, unknown>
}

export interface LogsQuery {
  tail?: number | 'all'
  since?: string | number
  until?: string | number
  stdout?: boolean
  stderr?: boolean
  timestamps?: boolean
}

export async function createContainer(
  api: EngineApi,
  scratch: string,
  options: RunOptions,
  onRemoved: (container: Container) => void,
): Promise<Container> {
  const writer = new Writer(join(scratch, randomBytes(6).toString('hex')))
  try {
    const { Id } = await api.json<{ Id: string }>({
      method: 'POST',
      path: '/containers/create',
      query: { name: options.name },
      body: createBody(options, writer.dir),
    })
    return new Container(api, Id, options, writer, onRemoved)
  } catch (error) {
    await writer.dispose()
    throw error
  }
}

export class Container {
  readonly id: string
  readonly tty: boolean
  #name: string
  readonly #api: EngineApi
  readonly #writer: Writer
  readonly #onRemoved: (container: Container) => void

  constructor(
    api: EngineApi,
    id: string,
    options: RunOptions,
    writer: Writer,
    onRemoved: (container: Container) => void,
  ) {
    this.#api = api
    this.id = id
    this.#name = options.name
    this.tty = options.tty ?? false
    this.#writer = writer
    this.#onRemoved = onRemoved
  }

  get name(): string {
    return this.#name
  }

  /** Writes these bytes, no more and no less, to the container's own stdout or stderr. Resolves when they are in its pipe. */
  async write(stream: StreamName, bytes: string | Uint8Array): Promise<void> {
    await this.#writer.write(stream, bytes)
  }

  /** Writes numbered lines at a rate or all at once, from another thread. */
  pace(options: PaceOptions): Pace {
    return this.#writer.pace(options)
  }

  /** Ends by itself with this code, when everything written so far is out. */
  async exit(code = 0): Promise<void> {
    // The head of the answer says that Docker waits by now: an exit cannot come too early to be seen.
    const ended = await this.#openWait('next-exit')
    await this.#writer.exit(code, json(ended))
  }

  async start(): Promise<void> {
    await this.#post('start')
  }

  /** As `docker stop`; the writer ends at once, by SIGKILL. What it had not read by then it writes after the next start. */
  async stop(): Promise<void> {
    await this.#post('stop', { t: 10 })
  }

  async kill(signal = 'SIGKILL'): Promise<void> {
    await this.#post('kill', { signal })
  }

  async restart(): Promise<void> {
    await this.#post('restart', { t: 10 })
  }

  async pause(): Promise<void> {
    await this.#post('pause')
  }

  async unpause(): Promise<void> {
    await this.#post('unpause')
  }

  async rename(name: string): Promise<void> {
    await this.#post('rename', { name })
    this.#name = name
  }

  /** As `docker rm -f`. Nothing happens if it is gone already. */
  async remove(): Promise<void> {
    this.#onRemoved(this)
    try {
      await this.#api.bytes({ method: 'DELETE', path: `/containers/${this.id}`, query: { force: true, v: true } })
    } catch (error) {
      // 409: another removal is at work (`--rm`, a test's own).
      if (!(error instanceof EngineApiError && (error.status === 404 || error.status === 409))) throw error
    } finally {
      await this.#writer.dispose()
    }
  }

  /** Until it is not running, or has ended once more, or is removed. Resolves with its exit code. */
  async wait(condition: 'not-running' | 'next-exit' | 'removed' = 'not-running'): Promise<number> {
    return ((await json(await this.#openWait(condition))) as { StatusCode: number }).StatusCode
  }

  async inspect<T = Record<string, unknown>>(): Promise<T> {
    return this.#api.json<T>({ path: `/containers/${this.id}/json` })
  }

  /** What `docker logs` gets, byte for byte: frames, or raw bytes with a TTY. With `timestamps` unless told otherwise. */
  async logs(query: LogsQuery = {}): Promise<Buffer> {
    return this.#api.bytes({
      path: `/containers/${this.id}/logs`,
      query: { stdout: true, stderr: true, timestamps: true, ...query },
    })
  }

  /** The same, read into lines: what a viewer has to end up with. */
  async lines(query: Omit<LogsQuery, 'timestamps'> = {}): Promise<ReferenceLine[]> {
    return referenceLines(await this.logs(query), this.tty)
  }

  /**
   * Until Docker's log holds these bytes: a write is done here before the daemon has it. Looks from `tail` lines before the
   * end on (default: the whole log).
   */
  async logged(needle: string | Uint8Array, tail: number | 'all' = 'all'): Promise<void> {
    const wanted = Buffer.from(needle)
    const log = await this.#api.open({
      path: `/containers/${this.id}/logs`,
      query: { stdout: true, stderr: true, follow: true, tail },
    })
    let kept = Buffer.alloc(0)
    for await (const chunk of log) {
      const seen = Buffer.concat([kept, chunk as Buffer])
      if (seen.includes(wanted)) {
        log.destroy()
        return
      }
      kept = seen.subarray(-wanted.length)
    }
    throw new Error(`the log of ${this.name} ended without ${JSON.stringify(wanted.toString())}`)
  }

  /** The same of a log that is rotated, of which a follow may pass over lines (20.10): asks again and again. */
  async kept(needle: string, tail: number): Promise<void> {
    const query = { stdout: true, stderr: true, tail }
    for (let log = ''; !log.includes(needle); await delay(ASK_AGAIN_MS)) {
      log = ''
      for await (const chunk of await this.#api.open({ path: `/containers/${this.id}/logs`, query })) log += chunk
    }
  }

  async #openWait(condition: string) {
    return this.#api.open({ method: 'POST', path: `/containers/${this.id}/wait`, query: { condition } })
  }

  async #post(action: string, query: Record<string, string | number> = {}): Promise<void> {
    await this.#api.bytes({ method: 'POST', path: `/containers/${this.id}/${action}`, query })
  }
}

function createBody(options: RunOptions, pipes: string): object {
  return {
    Image: options.image ?? 'busybox:latest',
    Cmd: options.command ?? WRITER_COMMAND,
    Tty: options.tty ?? false,
    Env: options.env ?? [],
    Labels: options.labels ?? {},
    // The writer is a shell as process 1, which ignores SIGTERM: a stop would take its whole ten seconds.
    ...(options.command ? {} : { StopSignal: 'SIGKILL' }),
    ...options.config,
    HostConfig: {
      NetworkMode: 'none',
      Binds: [`${pipes}:${PIPES_MOUNT}`],
      LogConfig: { Type: options.logDriver ?? 'json-file', Config: options.logOptions ?? {} },
      RestartPolicy: { Name: options.restartPolicy ?? 'no' },
      ...options.hostConfig,
    },
  }
}
