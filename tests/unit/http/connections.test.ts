/** Connections that ask for nothing: how many there may be, which is closed for another, and how long a request may take. */
import { once } from 'node:events'
import { createServer, type Server, type ServerOptions } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { limitConnections } from '../../../server/http/connections.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** `/quick` is answered, anything else never. */
async function serve(limits: { all: number; perClient: number }, options: ServerOptions = {}) {
  const server: Server = createServer(options)
  limitConnections(server, limits)
  server.on('request', (req, res) => {
    if (req.url === '/quick') res.end('quick')
    else res.flushHeaders()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  /** A connection that the server has taken, or closed, from 127.0.0.`host`. */
  const dial = async (host = 1): Promise<Socket> => {
    const taken = once(server, 'connection')
    const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${host}` })
    closing.push(() => socket.destroy())
    socket.on('error', () => {})
    await taken
    return socket
  }
  const ask = async (socket: Socket, path: string) => {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
    const [data] = (await once(socket, 'data')) as [Buffer]
    return String(data).split('\r\n')[0]
  }
  /** Those that answer; the others must be closed. */
  const alive = async (sockets: readonly Socket[]) => {
    const states = sockets.map(async (socket) => {
      if (socket.destroyed) return false
      return Promise.race([ask(socket, '/quick').then(() => true), once(socket, 'close').then(() => false)])
    })
    return (await Promise.all(states)).flatMap((isAlive, index) => (isAlive ? index : []))
  }
  return { dial, ask, alive, port }
}

describe('connections', () => {
  it('of one client have a cap: one more closes the one that is idle for the longest', async () => {
    const { dial, ask, alive } = await serve({ all: 100, perClient: 3 })
    const sockets = [await dial(), await dial(), await dial()]
    expect(await ask(sockets[0]!, '/quick')).toBe('HTTP/1.1 200 OK') // so the second is the idlest
    sockets.push(await dial())
    expect(await alive(sockets)).toEqual([0, 2, 3])
  })

  it('with a request that is being answered are not closed for others: then the new one is', async () => {
    const { dial, ask, alive } = await serve({ all: 100, perClient: 2 })
    const busy = [await dial(), await dial()]
    for (const socket of busy) expect(await ask(socket, '/stream')).toBe('HTTP/1.1 200 OK')
    expect(await alive([await dial()])).toEqual([])
    expect(busy.map(({ destroyed }) => destroyed)).toEqual([false, false])
    busy[0]!.destroy()
    await once(busy[0]!, 'close')
    await expect.poll(async () => alive([await dial()])).toEqual([0])
  })

  it('of all clients have a cap too: the one with the most idle ones makes room, another loses nothing', async () => {
    const { dial, alive } = await serve({ all: 6, perClient: 5 })
    const greedy = [await dial(2), await dial(2), await dial(2), await dial(2), await dial(2)]
    const others = [await dial(3), await dial(4), await dial(5)]
    expect(await alive(others)).toEqual([0, 1, 2])
    expect(await alive(greedy)).toEqual([2, 3, 4])
  })

  it.each([1, 2, 3])('opened and left at random leave every place free, round %i', async () => {
    const { dial, alive } = await serve({ all: 4, perClient: 4 })
    for (let n = 0; n < 30; n++) {
      const socket = await dial()
      if (n % 3 === 0) socket.write('GET /str')
      if (n % 3 === 1) socket.write('GET /stream HTTP/1.1\r\nHost: x\r\n\r\n')
      if (n % 2 === 0) socket.resetAndDestroy()
      else socket.destroy()
    }
    await expect.poll(async () => alive([await dial(), await dial(), await dial(), await dial()])).toEqual([0, 1, 2, 3])
  })

  it('with more requests at once than any client sends are closed', async () => {
    const { dial } = await serve({ all: 100, perClient: 100 })
    const few = await dial()
    few.write('GET /quick HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(32))
    let text = ''
    few.on('data', (data) => {
      text += data
    })
    await expect.poll(() => text.split('HTTP/1.1 200 OK').length - 1).toBe(32)
    const many = await dial()
    many.write('GET /stream HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(40))
    many.resume()
    await once(many, 'close')
    expect(few.destroyed).toBe(false)
  })

  it.each([
    ['nothing at all', ''],
    ['half a request line', 'GET /qu'],
    ['headers without an end', 'GET /quick HTTP/1.1\r\nHost: x\r\nA: b\r\n'],
    ['a body that does not come', 'POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n'],
  ])('that send %s are closed in time', async (_what, bytes) => {
    const times = { headersTimeout: 200, requestTimeout: 300, connectionsCheckingInterval: 20 }
    const { dial, ask } = await serve({ all: 100, perClient: 100 }, times)
    const stream = await dial()
    expect(await ask(stream, '/stream')).toBe('HTTP/1.1 200 OK')
    const slow = await dial()
    slow.write(bytes)
    slow.resume()
    await once(slow, 'close')
    expect(stream.destroyed).toBe(false)
  })
})
