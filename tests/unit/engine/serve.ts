/** An HTTP server for a test, and the ways to reach one through the engine's own socket. */
import { createServer, get, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { onTestFinished } from 'vitest'
import { DechunkingSocket } from '../../../server/engine/dechunking-socket.ts'

/** The port. */
export async function serve(listener: RequestListener, server: Server = createServer()): Promise<number> {
  server.on('request', listener)
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as { port: number }).port
}

/** Asks once, through a socket that `dial` makes, and resolves with the head of the answer. */
export function ask(port: number, dial: (to: NetConnectOpts) => Socket): Promise<IncomingMessage> {
  const createConnection = () => new DechunkingSocket((onread) => dial({ port, host: '127.0.0.1', onread }))
  return new Promise((resolve, reject) => {
    get({ port, createConnection, headers: { Connection: 'close' } }, resolve).on('error', reject)
  })
}

/** TLS by a secret that both sides know, which needs no certificates. */
const SECRET = { ciphers: 'PSK', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const
const psk = Buffer.from('0123456789abcdef')

export const WAYS = [
  { over: 'TCP', server: () => createServer(), connect: (to: NetConnectOpts) => connect(to) },
  {
    over: 'TLS',
    server: () => createTlsServer({ ...SECRET, pskCallback: () => psk, pskIdentityHint: '' }),
    connect: (to: object) =>
      connectTls({
        ...SECRET,
        ...to,
        pskCallback: () => ({ psk, identity: 'a' }),
        checkServerIdentity: () => undefined,
      }),
  },
] as const
