/**
 * The guard below dockerode: sockets that can carry one GET or HEAD and not a byte more. A mistake anywhere above it
 * cannot change a container, nor write to one through an upgraded connection.
 */
import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { inspect } from 'node:util'
import { DechunkingSocket } from './dechunking-socket.ts'

export class ReadOnlyError extends Error {
  override readonly name = 'ReadOnlyError'
}

type Created = (error: Error | null, socket: Duplex) => void

/** A whole request head and nothing after it. Node writes a request without a body in one piece. */
const READ_REQUEST = /^(?:GET|HEAD) [^\r\n]+ HTTP\/1\.1\r\n(?:[^\r\n]+\r\n)*\r\n$/

/** What announces a body, or asks for a connection that carries whatever its user likes. */
const MORE_TO_COME = /\r\n(?:content-length|transfer-encoding|upgrade):/i

function guard(socket: Duplex): Duplex {
  const { write, end } = socket
  let asked = false
  const refuse = () =>
    socket.destroy(new ReadOnlyError('only one GET or HEAD may be sent to an engine on a connection'))
  socket.write = (chunk: unknown, ...rest: unknown[]): boolean => {
    const head = typeof chunk === 'string' ? chunk : Buffer.isBuffer(chunk) ? chunk.toString('latin1') : ''
    if (asked || !READ_REQUEST.test(head) || MORE_TO_COME.test(head)) {
      refuse()
      return false
    }
    asked = true
    return Reflect.apply(write, socket, [chunk, ...rest])
  }
  // `end` writes past `write`.
  socket.end = (...given: unknown[]): Duplex => {
    const [chunk] = given
    if (chunk === undefined || chunk === null || typeof chunk === 'function') return Reflect.apply(end, socket, given)
    return refuse()
  }
  return socket
}

/** `connect`: Node's own way, to which it says how the socket is to be read. */
function open(connect: (reading: object) => Duplex | null | undefined): Duplex {
  return guard(new DechunkingSocket((onread) => connect({ onread }) as Socket))
}

/** docker-modem prints the options of each request in full, to nobody: ten milliseconds with an agent's sockets in them. */
const nameOnly = () => 'a read-only agent'

class ReadOnlyHttpAgent extends http.Agent {
  [inspect.custom] = nameOnly
  override createConnection(options: http.ClientRequestArgs, created?: Created): Duplex {
    return open((reading) => super.createConnection({ ...options, ...reading }, created))
  }
}

class ReadOnlyHttpsAgent extends https.Agent {
  [inspect.custom] = nameOnly
  override createConnection(options: https.RequestOptions, created?: Created): Duplex {
    return open((reading) => super.createConnection({ ...options, ...reading }, created))
  }
}

/** Connections are not kept: each carries one request, which is what makes the guard simple enough to trust. */
export function readOnlyAgent(protocol: 'http' | 'https'): http.Agent {
  return protocol === 'https'
    ? new ReadOnlyHttpsAgent({ keepAlive: false })
    : new ReadOnlyHttpAgent({ keepAlive: false })
}
