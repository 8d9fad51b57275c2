/**
 * How many connections there may be, in the process and of one client. Each costs a file descriptor and some kilobytes,
 * whether it asks for anything or not. Where one more comes, the connection that is idle for the longest makes room.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { slices } from '../slices.ts'
import { clientOf } from '../sse/client-of.ts'

export interface ConnectionLimits {
  /** Of all clients together. */
  readonly all: number
  readonly perClient: number
}

/** Requests of one connection that wait for an answer; no browser sends the next one before it has it. */
const MOST_PIPELINED = 32

interface Client {
  count: number
  /** Without a request that is being answered; idle for the longest first. */
  readonly idle: Set<Socket>
}

/**
 * Holds a server's connections within the limits. One too many of a client closes its idlest; one too many of all, the
 * idlest of the client that has the most idle ones. Where none is idle it is the new one that is closed. A connection with
 * too many requests at once is closed as well. To be called before other listeners of requests are added.
 */
export function limitConnections(server: Server, { all, perClient }: ConnectionLimits): void {
  const clients = new Map<string, Client>()
  /** Requests of each that are being answered; more than one where they are pipelined. */
  const requests = new Map<Socket, { readonly client: Client; running: number }>()

  server.on('connection', (socket: Socket) => {
    slices.hold()
    const name = clientOf(socket.remoteAddress ?? '')
    const client = clients.get(name) ?? { count: 0, idle: new Set() }
    clients.set(name, client)
    client.count++
    requests.set(socket, { client, running: 0 })
    socket.once('close', () => {
      requests.delete(socket)
      client.idle.delete(socket)
      if (--client.count === 0) clients.delete(name)
    })
    if (client.count > perClient) (firstOf(client.idle) ?? socket).destroy()
    else if (requests.size > all) (firstOf(withMostIdle(clients)?.idle) ?? socket).destroy()
    if (!socket.destroyed) client.idle.add(socket)
  })

  server.on('request', (req: IncomingMessage, res: ServerResponse) => {
    const { socket } = req
    const own = requests.get(socket)
    if (!own) return
    own.running++
    own.client.idle.delete(socket)
    if (own.running > MOST_PIPELINED) return void socket.destroy()
    // The socket's own end is seen above: an answer that never began is not closed with it.
    res.once('close', () => {
      own.running--
      if (own.running === 0 && !socket.destroyed) own.client.idle.add(socket)
    })
  })
}

function withMostIdle(clients: ReadonlyMap<string, Client>): Client | undefined {
  let most: Client | undefined
  for (const client of clients.values()) if (client.idle.size > (most?.idle.size ?? 0)) most = client
  return most
}

function firstOf<T>(set: ReadonlySet<T> = new Set()): T | undefined {
  for (const first of set) return first
  return undefined
}
