/**
 * One engine at one address, through dockerode: the requests Sluice makes, each with a deadline and a bound on its answer,
 * since dockerode's promises can hang for ever when a daemon dies in the middle of an answer, and it buffers answers without
 * end. The only importer of dockerode.
 */
import type { IncomingMessage } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
// @ts-expect-error docker-modem ships no types for this file
import modemHttp from 'docker-modem/lib/http.js'
import Docker from 'dockerode'
import {
  type Inspection,
  type ListEntry,
  OddAnswer,
  parseInfo,
  parseInspection,
  parseListEntry,
  parseVersion,
  type Version,
} from './answers.ts'
import { EngineError, type ReadOptions } from './engine.ts'
import type { Endpoint } from './find.ts'
import { JsonElements } from './json-elements.ts'
import { readOnlyAgent } from './read-only.ts'
import { type RequestName, refusalOf, requestOf } from './requests.ts'

// A redirect would be followed with the default agent, past the guard, to wherever the other side likes.
modemHttp.maxRedirects = 0

const ANSWER_MS = 10_000 // a loaded Pi takes seconds to inspect; a person gives up after about this long
const PROBE_MS = 4_000
const LIST_MS = 30_000 // all of it: 10 000 containers on that Pi

const MAX_SMALL_BYTES = 64 * 1024 // /version, /_ping, the body of an error: some hundred bytes
const MAX_INFO_BYTES = 1024 * 1024 // registries, plugins, a swarm's peers
const MAX_INSPECTION_BYTES = 4 * 1024 * 1024 // arguments and environment have 2 MiB at most
const MAX_LIST_BYTES = 64 * 1024 * 1024 // 10 000 containers take about 15 MiB
const MAX_ENTRY_BYTES = 1024 * 1024
/** How long a listing is worked on before others have their turn. */
const SLICE_MS = 8

/** Which answers reach us: all, as docker-modem buffers the bodies of the others without bound. */
const ANY_STATUS = Object.fromEntries(Array.from({ length: 900 }, (_, index) => [100 + index, true]))

export interface Identity {
  /** The machine's name, as `docker info` prints it; undefined where that is not said. */
  readonly name: string | undefined
  /** `Docker 28.2.2`, `Podman 5.4.0`; `Docker` where that is not said. */
  readonly version: string
}

export interface ConnectionOptions {
  /** Called for each answer: with the refusal where the request is forbidden. */
  readonly onAnswer?: (name: RequestName, refusal: EngineError | undefined) => void
}

export class Connection {
  readonly endpoint: Endpoint
  readonly #modem: Docker['modem']
  readonly #onAnswer: NonNullable<ConnectionOptions['onAnswer']>

  constructor(endpoint: Endpoint, { onAnswer = () => {} }: ConnectionOptions = {}) {
    this.endpoint = endpoint
    this.#onAnswer = onAnswer
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
    this.#modem = new Docker(options as Docker.DockerOptions).modem
  }

  /** Throws whatever connecting throws (`problem.ts` has the words for it); `not-docker` if something else answers. */
  async identify(): Promise<Identity> {
    const version = await this.#version()
    const isPodman = version?.Components?.some((component) => component?.Name?.startsWith('Podman'))
    return {
      name: await this.#name(),
      version: [isPodman ? 'Podman' : 'Docker', version?.Version].filter(Boolean).join(' '),
    }
  }

  /** Undefined where it is forbidden: Sluice needs nothing of it. */
  async #version(): Promise<Version | undefined> {
    try {
      return parseVersion(
        await within(PROBE_MS, (signal) => this.#text('version', '/version', MAX_SMALL_BYTES, signal)),
      )
    } catch (error) {
      if (isForbidden(error)) return undefined
      if (isForeign(error)) throw Object.assign(new Error("its /version is not Docker's"), { code: 'not-docker' })
      throw error
    }
  }

  /** Undefined where the engine does not say it, or does not answer. */
  async #name(): Promise<string | undefined> {
    try {
      const text = await within(PROBE_MS, (signal) => this.#text('info', '/info', MAX_INFO_BYTES, signal))
      return parseInfo(text).Name || undefined
    } catch {
      return undefined
    }
  }

  /** Where that is forbidden, the list tells whether the engine is alive. */
  async ping(): Promise<void> {
    try {
      await within(ANSWER_MS, (signal) => this.#text('ping', '/_ping', MAX_SMALL_BYTES, signal))
    } catch (error) {
      if (!isForbidden(error)) throw error
      await this.mayList()
    }
  }

  /** Throws what listing would. */
  async mayList(): Promise<void> {
    const response = await within(ANSWER_MS, (signal) =>
      this.#open('list', '/containers/json?', { limit: '1' }, signal),
    )
    response.destroy()
  }

  /**
   * All containers, each made into what `make` gives. `onOdd` is called for an entry that is left out, as it is not what
   * the Engine API describes.
   */
  async list<T>(make: (entry: ListEntry) => T, onOdd: (reason: string) => void = () => {}): Promise<T[]> {
    return within(LIST_MS, async (signal) => {
      const elements = new JsonElements(MAX_ENTRY_BYTES)
      const made: T[] = []
      let sliceEnd = performance.now() + SLICE_MS
      const response = await this.#open('list', '/containers/json?', { all: '1' }, signal)
      for await (const chunk of bounded('list', response, MAX_LIST_BYTES)) {
        const texts = elements.push(chunk)
        if (!texts) throw new EngineError('failed', 'Docker did not send a list of containers')
        for (const text of texts) {
          try {
            made.push(make(entryOf(text)))
          } catch (error) {
            if (!(error instanceof OddAnswer)) throw error
            onOdd(error.message)
          }
        }
        if (performance.now() < sliceEnd) continue
        await nextTurn()
        sliceEnd = performance.now() + SLICE_MS
      }
      if (!elements.isWhole) throw new EngineError('cut', 'Docker cut the list of containers short')
      return made
    })
  }

  /** Throws `OddAnswer` where it is not what the Engine API describes. */
  async inspect(id: string): Promise<Inspection> {
    const path = `/containers/${checked(id)}/json`
    const text = await within(ANSWER_MS, (signal) => this.#text('inspect', path, MAX_INSPECTION_BYTES, signal))
    const inspection = parseInspection(text)
    if (!inspection.Id.startsWith(id)) throw new OddAnswer('Docker answered for another container')
    return inspection
  }

  /**
   * The event stream, from now on: one JSON object a line. `since`, RFC 3339 with nine digits, makes that certain: Docker
   * answers before it listens itself (moby: api/server/router/system), and has what happens in between for who asks for it.
   * Source: Engine API, "Monitor events".
   */
  async events(since: string | undefined, signal: AbortSignal): Promise<IncomingMessage> {
    const query = { filters: '{"type":["container"]}', ...(since !== undefined && { since: unixTime(since) }) }
    return this.#stream('events', '/events?', query, signal)
  }

  /** The events between two times that the engine remembers, some hundred at most; RFC 3339 with nine digits. */
  async pastEvents(since: string, until: string, signal: AbortSignal): Promise<IncomingMessage> {
    const query = { filters: '{"type":["container"]}', since: unixTime(since), until: unixTime(until) }
    return this.#stream('events', '/events?', query, signal)
  }

  /** Raw bytes of a log, each line with its time. dockerode's own `logs` would buffer and parse them. */
  async logs(id: string, follow: boolean, options: ReadOptions): Promise<IncomingMessage> {
    const query = { stdout: '1', stderr: '1', timestamps: '1', follow: follow ? '1' : '0', tail: String(options.tail) }
    return this.#stream('logs', `/containers/${checked(id)}/logs?`, query, options.signal)
  }

  /** A body to stream. The deadline ends with the answer's head. */
  async #stream(
    name: RequestName,
    path: string,
    query: Record<string, string>,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(new EngineError('timeout', 'Docker does not answer')), ANSWER_MS)
    try {
      return await this.#open(name, path, query, AbortSignal.any([signal, late.signal]))
    } finally {
      clearTimeout(timer)
    }
  }

  /** The whole body of an answer with status 200. */
  async #text(name: RequestName, path: string, maxBytes: number, signal: AbortSignal): Promise<string> {
    const chunks: Buffer[] = []
    const response = await this.#open(name, path, {}, signal)
    for await (const chunk of bounded(name, response, maxBytes)) chunks.push(chunk)
    return Buffer.concat(chunks).toString('utf8')
  }

  /** An answer with status 200. Throws what an answer with another says. */
  async #open(
    name: RequestName,
    path: string,
    query: Record<string, string>,
    abortSignal: AbortSignal,
  ): Promise<IncomingMessage> {
    const dial = { path, options: query, method: 'GET', isStream: true, statusCodes: ANY_STATUS, abortSignal }
    return abortable(abortSignal, (resolve, reject) => {
      this.#modem.dial(dial, (error: unknown, answer: unknown) => {
        if (error) return reject(error)
        const response = answer as IncomingMessage
        if (abortSignal.aborted) return void response.destroy()
        if (response.statusCode === 200) {
          this.#onAnswer(name, undefined)
          return resolve(response)
        }
        this.#refused(name, response).then(reject, reject)
      })
    })
  }

  async #refused(name: RequestName, response: IncomingMessage): Promise<EngineError> {
    const error = refusalOf(name, response.statusCode ?? 0, await beginningOf(response))
    if (error.code === 'forbidden') this.#onAnswer(name, error)
    return error
  }
}

export function isForbidden(error: unknown): boolean {
  return error instanceof EngineError && error.code === 'forbidden'
}

/** dockerode puts ids into paths as they are. Ids come from engines, and an engine may lie. */
function checked(id: string): string {
  if (!/^[0-9a-f]{12,64}$/.test(id)) throw new EngineError('no-container', 'not a container id')
  return id
}

/** `1136073600.000000001`. Source: Engine API, "Monitor events". */
function unixTime(time: string): string {
  return `${Date.parse(`${time.slice(0, 19)}Z`) / 1000}.${time.slice(20, 29)}`
}

function entryOf(text: string | undefined): ListEntry {
  if (text === undefined) throw new OddAnswer(`larger than ${mebibytes(MAX_ENTRY_BYTES)}`)
  try {
    return parseListEntry(text)
  } catch (error) {
    const id = /"Id":\s*"([0-9a-f]{12})/.exec(text)?.[1]
    if (id === undefined || !(error instanceof OddAnswer)) throw error
    throw new OddAnswer(`${id}: ${error.message}`, { cause: error })
  }
}

/** The body's chunks. Throws `OddAnswer` at the bound, and leaves the rest where it is. */
async function* bounded(
  name: RequestName,
  response: IncomingMessage,
  maxBytes: number,
): AsyncGenerator<Buffer, void, void> {
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new OddAnswer(`the answer to ${requestOf(name)} is larger than ${mebibytes(maxBytes)}`)
    yield chunk
  }
}

function mebibytes(bytes: number): string {
  return bytes < 1024 * 1024 ? `${bytes / 1024} KiB` : `${bytes / 1024 / 1024} MiB`
}

/** What there is of an error's body, at most as much as is of use. Cut: what came. */
async function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > MAX_SMALL_BYTES) break
    }
  } catch {} // the status says enough
  return Buffer.concat(chunks).toString('utf8', 0, MAX_SMALL_BYTES)
}

async function within<T>(ms: number, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new EngineError('timeout', 'Docker does not answer')), ms)
  try {
    return await abortable(late.signal, (resolve, reject) => {
      ask(late.signal).then(resolve, reject)
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

/** No engine lacks /version, answers it with something else, or sends those who ask for it elsewhere. */
function isForeign(error: unknown): boolean {
  const redirects = error instanceof Error && error.message.startsWith('Max redirects exceeded')
  return redirects || error instanceof OddAnswer || (error instanceof EngineError && error.code === 'no-container')
}
