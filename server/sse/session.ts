/**
 * A viewer's SSE connection: a better-sse session on a connection that knows how much its client has not taken yet, so
 * that no client makes the server hold more than a bounded amount for it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createSession, type EventBuffer, NodeHttp1Connection, type Session as SseSession } from 'better-sse'
import { bufferOf } from './events.ts'

/** A session that holds this much unsent is behind: it gets nothing more until it has taken that. */
export const MAX_UNSENT_BYTES = 1024 * 1024

const HEARTBEAT_MS = 10_000 // proxies cut connections that are quiet for 30 to 60 s
const RETRY_MS = 1_000
const RETRY_AFTER_STOP_MS = 500 // Sluice is likely being restarted
const UNREAD_MS = 60_000 // a client that takes nothing for so long is let go; it can resume

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
    this.serverResponse.write(encode(chunk))
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
  readonly #connection: BoundedConnection

  private constructor(session: Session, connection: BoundedConnection) {
    this.session = session
    this.#connection = connection
  }

  /** Answers 200 with the head of an event stream. Throws a TypeError if the request's Host or URL is malformed. */
  static async open(req: IncomingMessage, res: ServerResponse): Promise<Viewer> {
    const connection = new BoundedConnection(req, res)
    const session = await createSession(connection, {
      keepAlive: HEARTBEAT_MS,
      retry: RETRY_MS,
      trustClientEventId: false,
    })
    const viewer = new Viewer(session as Session, connection)
    open.add(viewer)
    session.once('disconnected', () => open.delete(viewer))
    // better-sse 0.16 connects a session whose client left before it could, and would then never end it.
    if (res.destroyed) session['onDisconnected']()
    return viewer
  }

  get connected(): boolean {
    return this.session.isConnected
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

  /** Ends the stream and tells the client when to come back. */
  end(): void {
    this.send(bufferOf().retry(RETRY_AFTER_STOP_MS).dispatch())
    this.#connection.serverResponse.end()
  }
}

const open = new Set<Viewer>()

/** Ends every stream there is: Sluice stops. */
export function endAllSessions(): void {
  for (const viewer of open) viewer.end()
}
