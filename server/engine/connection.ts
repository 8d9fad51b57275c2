/**
 * One engine at one address, through dockerode: the requests Sluice makes, each with a deadline, since dockerode's
 * promises can hang for ever when a daemon dies in the middle of an answer. The only importer of dockerode.
 */
import type { IncomingMessage } from 'node:http'
// @ts-expect-error docker-modem ships no types for this file
import modemHttp from 'docker-modem/lib/http.js'
import Docker from 'dockerode'
import { EngineError, type ReadOptions } from './engine.ts'
import type { Endpoint } from './find.ts'
import { readOnlyAgent } from './read-only.ts'

// A redirect would be followed with the default agent, past the guard, to wherever the other side likes.
modemHttp.maxRedirects = 0

const ANSWER_MS = 10_000 // a loaded Pi takes seconds to inspect; a person gives up after about this long
const PROBE_MS = 4_000

/** What dockerode takes and its types lack. */
interface Cancellable {
  version(options: { abortSignal: AbortSignal }): Promise<Docker.DockerVersion>
  info(options: { abortSignal: AbortSignal }): Promise<{ Name?: unknown }>
  ping(options: { abortSignal: AbortSignal }): Promise<unknown>
}

type CancellableDocker = Omit<Docker, keyof Cancellable> & Cancellable

export interface Identity {
  /** The machine's name, as `docker info` prints it. */
  readonly name: string
  /** `Docker 28.2.2`, `Podman 5.4.0`. */
  readonly version: string
}

export class Connection {
  readonly endpoint: Endpoint
  readonly #docker: CancellableDocker

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint
    const protocol = endpoint.tls ? 'https' : 'http'
    // Every option is given, as docker-modem takes those that are not from DOCKER_HOST and its like.
    const options = {
      protocol,
      socketPath: endpoint.socketPath,
      host: endpoint.host,
      port: endpoint.port,
      pathPrefix: '/',
      ca: endpoint.tls?.ca,
      cert: endpoint.tls?.cert,
      key: endpoint.tls?.key,
      timeout: undefined,
      agent: readOnlyAgent(protocol),
    }
    this.#docker = new Docker(options as Docker.DockerOptions) as unknown as CancellableDocker
  }

  /** Throws whatever connecting throws (`problem.ts` has the words for it); `not-docker` if something else answers. */
  async identify(): Promise<Identity> {
    const version = await within(PROBE_MS, (abortSignal) => this.#docker.version({ abortSignal })).catch(unlessForeign)
    if (typeof version?.ApiVersion !== 'string') {
      throw Object.assign(new Error('its /version is not that of an engine'), { code: 'not-docker' })
    }
    const podman = version.Components?.some((component) => component.Name.startsWith('Podman'))
    const info = await within(PROBE_MS, (abortSignal) => this.#docker.info({ abortSignal })).catch(() => undefined)
    return {
      name: typeof info?.Name === 'string' && info.Name ? info.Name : (this.endpoint.host ?? 'localhost'),
      version: `${podman ? 'Podman' : 'Docker'} ${version.Version}`,
    }
  }

  async ping(): Promise<void> {
    await within(ANSWER_MS, (abortSignal) => this.#docker.ping({ abortSignal }))
  }

  async list(): Promise<Docker.ContainerInfo[]> {
    const containers = await within(ANSWER_MS, (abortSignal) => this.#docker.listContainers({ all: true, abortSignal }))
    if (!Array.isArray(containers))
      throw new EngineError('failed', 'the engine did not answer with a list of containers')
    return containers
  }

  async inspect(id: string): Promise<Docker.ContainerInspectInfo> {
    return within(ANSWER_MS, (abortSignal) => this.#docker.getContainer(checked(id)).inspect({ abortSignal }))
  }

  /**
   * The event stream, from now on: one JSON object a line. `since`, RFC 3339 with nine digits, makes that certain: Docker
   * answers before it listens itself (moby: api/server/router/system), and has what happens in between for who asks for it.
   * Source: Engine API, "Monitor events".
   */
  async events(since: string | undefined, signal: AbortSignal): Promise<IncomingMessage> {
    const query = { filters: '{"type":["container"]}', ...(since !== undefined && { since: unixTime(since) }) }
    return this.#open('/events?', query, signal)
  }

  /** The events between two times that the engine remembers, some hundred at most; RFC 3339 with nine digits. */
  async pastEvents(since: string, until: string, signal: AbortSignal): Promise<IncomingMessage> {
    const query = { filters: '{"type":["container"]}', since: unixTime(since), until: unixTime(until) }
    return this.#open('/events?', query, signal)
  }

  /** Raw bytes of a log, each line with its time. dockerode's own `logs` would buffer and parse them. */
  async logs(id: string, follow: boolean, options: ReadOptions): Promise<IncomingMessage> {
    const query = { stdout: '1', stderr: '1', timestamps: '1', follow: follow ? '1' : '0', tail: String(options.tail) }
    return this.#open(`/containers/${checked(id)}/logs?`, query, options.signal)
  }

  /** A body to stream. The deadline ends with the answer's head. */
  async #open(path: string, query: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage> {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(new EngineError('timeout', 'the engine does not answer')), ANSWER_MS)
    const abortSignal = AbortSignal.any([signal, late.signal])
    const dial = { path, options: query, method: 'GET', isStream: true, statusCodes: { 200: true }, abortSignal }
    try {
      return await abortable(abortSignal, (resolve, reject) => {
        this.#docker.modem.dial(dial, (error: unknown, response: unknown) => {
          if (error) reject(asEngineError(error))
          else if (abortSignal.aborted) (response as IncomingMessage).destroy()
          else resolve(response as IncomingMessage)
        })
      })
    } finally {
      clearTimeout(timer)
    }
  }
}

/** dockerode puts ids into paths as they are. Ids come from engines, and an engine may lie. */
function checked(id: string): string {
  if (!/^[0-9a-f]{12,64}$/.test(id)) throw new EngineError('no-container', 'that is not the id of a container')
  return id
}

/** `1136073600.000000001`. Source: Engine API, "Monitor events". */
function unixTime(time: string): string {
  return `${Date.parse(`${time.slice(0, 19)}Z`) / 1000}.${time.slice(20, 29)}`
}

async function within<T>(ms: number, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new EngineError('timeout', 'the engine does not answer')), ms)
  try {
    return await abortable(late.signal, (resolve, reject) => {
      ask(late.signal).then(resolve, (error: unknown) => reject(asEngineError(error)))
    })
  } finally {
    clearTimeout(timer)
  }
}

/** A promise that ends with its signal even where nothing else would end it. */
function abortable<T>(
  signal: AbortSignal,
  run: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
): Promise<T> {
  let stop = () => {}
  const ended = new Promise<T>((resolve, reject) => {
    stop = () => reject(signal.reason)
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    run(resolve, reject)
  })
  // Node keeps a signal of several as long as somebody listens to it, and so all that the promise came to.
  return ended.finally(() => signal.removeEventListener('abort', stop))
}

/** No engine lacks /version, or sends those who ask for it elsewhere. */
function unlessForeign(error: unknown): undefined {
  const redirects = error instanceof Error && error.message.startsWith('Max redirects exceeded')
  if (redirects || (error instanceof EngineError && error.code === 'no-container')) return undefined
  throw error
}

/** Answers with a status become `EngineError`s; what the network says stays as it is, for `problem.ts`. */
function asEngineError(error: unknown): unknown {
  if (!(error instanceof Error) || !('statusCode' in error)) return error
  const { message } = error
  // 409: it is being removed, and its log cannot be read any more.
  if (error.statusCode === 404 || error.statusCode === 409)
    return new EngineError('no-container', message, { cause: error })
  if (error.statusCode === 501 || /logging driver does not support reading/i.test(message)) {
    return new EngineError('unreadable-driver', message.replace(/^\(HTTP code \d+\) .*? - /, '').trim(), {
      cause: error,
    })
  }
  return new EngineError('failed', message, { cause: error })
}
