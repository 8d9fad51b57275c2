/**
 * A viewer's SSE connection: a better-sse session on a connection that knows how much its client has not taken yet, so
 * that no client makes the server hold more than a bounded amount for it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createSession, type EventBuffer, NodeHttp1Connection, type Session as SseSession } from 'better-sse'
import { clientOf } from './client-of.ts'
import { endEvent } from './events.ts'

/** A session that holds this much unsent is behind: it gets nothing more until it has taken that. */
export const MAX_UNSENT_BYTES = 1024 * 1024

const HEARTBEAT_MS = 10_000 // proxies cut connections that are quiet for 30 to 60 s
/** A comment without a blank line: httpx-sse dispatches an empty event for every blank line once an id has come. */
const HEARTBEAT = ':\n'
/**
 * Milliseconds, on a line that the first event's block begins with: go-sse and httpx-sse dispatch an empty event for a
 * block that holds nothing else.
 */
const RETRY = 'retry:1000\n'
const RETRY_AFTER_STOP_MS = 500 // Sluice is likely being restarted
export const UNREAD_MS = 60_000 // a client that takes nothing for so long is let go; it can resume

export type Session = SseSession<Record<string, never>>

class BoundedConnection extends NodeHttp1Connection {
  /** Bytes written and not yet taken by the operating system. */
  get unsent(): number {
    return this.serverResponse.writableLength
  }

  readonly serverResponse: ServerResponse

  constructor(req: IncomingMessage, res: ServerResponse) {
    super(req, res)
    this.serverResponse = res
    // Ended by closing the connection, as a stream that never ends may be. Chunked, each event would be three pieces,
    // which Node copies together before it writes them: a fifth of what a flood of lines costs.
    res.useChunkedEncodingByDefault = false
    this.response.headers.set('Connection', 'close')
  }

  override sendChunk = (chunk: string): void => {
    if (!this.serverResponse.writableEnded) this.serverResponse.write(encode(chunk))
  }
}

let text = ''
let bytes = Buffer.alloc(0)

/** UTF-8 of an event, made once however many sessions it goes to, one after the other. */
function encode(chunk: string): Buffer {
  if (chunk !== text) {
    text = chunk
    bytes = Buffer.from(chunk, 'utf8')
  }
  return bytes
}

export class Viewer {
  readonly session: Session
  /** Who it is, for what clients do in rotation. */
  readonly client: string
  readonly #connection: BoundedConnection

  private constructor(session: Session, connection: BoundedConnection, client: string) {
    this.session = session
    this.client = client
    this.#connection = connection
  }

  /** Answers 200 with the head of an event stream. Throws a TypeError if the request's Host or URL is malformed. */
  static async open(req: IncomingMessage, res: ServerResponse): Promise<Viewer> {
    const connection = new BoundedConnection(req, res)
    // better-sse would send `retry` and heartbeats as blocks of their own: see `RETRY` and `HEARTBEAT`.
    const session = await createSession(connection, { keepAlive: null, retry: null, trustClientEventId: false })
    const viewer = new Viewer(session as Session, connection, clientOf(req.socket.remoteAddress ?? ''))
    open.add(viewer)
    connection.sendChunk(RETRY)
    const heartbeat = setInterval(() => connection.sendChunk(HEARTBEAT), HEARTBEAT_MS)
    session.once('disconnected', () => {
      clearInterval(heartbeat)
      open.delete(viewer)
    })
    // better-sse 0.16 connects a session whose client left before it could, and would then never end it.
    if (res.destroyed) session['onDisconnected']()
    return viewer
  }

  /** Takes events: its client is there, and the stream has not been ended. */
  get connected(): boolean {
    return this.session.isConnected && !this.#connection.serverResponse.writableEnded
  }

  /** Has so much unsent that it must not be given more. */
  get isBehind(): boolean {
    return this.#connection.unsent > MAX_UNSENT_BYTES
  }

  send(event: EventBuffer): void {
    if (this.connected) void this.session.batch(event)
  }

  /** Resolves when the viewer can take more, or is gone; one that takes nothing for a minute is let go. */
  async roomy(): Promise<void> {
    if (!this.isBehind || !this.connected) return
    const { serverResponse } = this.#connection
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => serverResponse.destroy(), UNREAD_MS)
      const done = () => {
        clearTimeout(timer)
        serverResponse.off('drain', done)
        serverResponse.off('close', done)
        resolve()
      }
      serverResponse.on('drain', done)
      serverResponse.on('close', done)
    })
  }

  /** Ends the stream with its last event, which says when to come back. */
  end(last: (retryMs: number) => EventBuffer = endEvent): void {
    const { serverResponse } = this.#connection
    this.send(last(RETRY_AFTER_STOP_MS))
    serverResponse.end()
    const unread = setTimeout(() => serverResponse.destroy(), UNREAD_MS).unref()
    serverResponse.once('close', () => clearTimeout(unread))
  }
}

const open = new Set<Viewer>()

/** Ends every stream there is: Sluice stops. */
export function endAllSessions(): void {
  for (const viewer of open) viewer.end()
}
