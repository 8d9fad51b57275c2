/**
 * The Docker Engine API for tests: requests of any method over a unix socket, on plain node:http and on purpose not
 * on what the server uses, so that a mistake in there cannot hide itself here.
 */
import { Agent, type IncomingMessage, request } from 'node:http'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'

/** An answer of 400 or above. `message` is Docker's own. */
export class EngineApiError extends Error {
  override readonly name = 'EngineApiError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export interface ApiRequest {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  /** Unversioned (`/containers/json`): the engine then speaks its newest version. */
  path: string
  query?: Record<string, string | number | boolean | readonly string[] | undefined>
  /** An object travels as JSON; a stream or bytes as they are (a tar archive). */
  body?: object | Readable | Buffer
  signal?: AbortSignal
}

export class EngineApi {
  readonly socket: string

  constructor(socket: string) {
    this.socket = socket
  }

  /** The whole answer. Rejects with EngineApiError from 400 up. */
  async bytes(options: ApiRequest): Promise<Buffer> {
    return buffer(await this.open(options))
  }

  /** The whole answer, parsed; undefined where there is none (204). `T` is the caller's knowledge of the API. */
  async json<T>(options: ApiRequest): Promise<T> {
    const text = (await this.bytes(options)).toString()
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  /** The answer while it arrives, for follows. Destroy it, or abort `signal`, to leave. */
  async open({ method = 'GET', path, query = {}, body, signal }: ApiRequest): Promise<IncomingMessage> {
    const response = await this.#send(method, path + queryString(query), body, signal)
    const status = response.statusCode ?? 0
    if (status < 400) return response
    throw new EngineApiError(
      status,
      `${method} ${path}: ${status} ${errorMessage((await buffer(response)).toString())}`,
    )
  }

  #send(method: string, path: string, body: ApiRequest['body'], signal?: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      // A connection per request: a kept one would be stale after the daemon restarts, which tests do.
      const agent = new Agent({ keepAlive: false })
      const outgoing = request({ socketPath: this.socket, method, path, agent, ...(signal ? { signal } : {}) })
      outgoing.on('error', reject)
      outgoing.on('response', resolve)
      if (body === undefined) {
        outgoing.end()
      } else if (isStream(body)) {
        outgoing.setHeader('content-type', 'application/x-tar')
        body.on('error', (error) => outgoing.destroy(error))
        body.pipe(outgoing)
      } else if (Buffer.isBuffer(body)) {
        outgoing.setHeader('content-type', 'application/x-tar')
        outgoing.end(body)
      } else {
        outgoing.setHeader('content-type', 'application/json')
        outgoing.end(JSON.stringify(body))
      }
    })
  }
}

function isStream(body: object): body is Readable {
  return 'pipe' in body
}

function queryString(query: NonNullable<ApiRequest['query']>): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    for (const one of Array.isArray(value) ? value : [value]) parameters.append(name, String(one))
  }
  return parameters.size === 0 ? '' : `?${parameters}`
}

/** Errors are `{"message": "..."}`, except from what is not Docker. */
function errorMessage(text: string): string {
  try {
    return String((JSON.parse(text) as { message?: unknown }).message ?? text)
  } catch {
    return text
  }
}
