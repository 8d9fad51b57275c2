/** Answers lose their chunked coding and nothing else, however their bytes are cut; broken ones are errors. */
import { get, type RequestListener } from 'node:http'
import { connect, type OnReadOpts, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DechunkingSocket } from '../../../server/engine/dechunking-socket.ts'
import { ask, serve, WAYS } from './serve.ts'

/** A socket's stand-in, on which a test says what arrives. */
class Wire extends Duplex {
  readonly #onread: OnReadOpts

  constructor(onread: OnReadOpts) {
    super()
    this.#onread = onread
  }

  /** Any number of bytes, in as many reads as the buffer for them makes it. */
  arrive(bytes: Buffer): void {
    const { buffer, callback } = this.#onread
    if (!(buffer instanceof Uint8Array)) throw new TypeError('one buffer is read into')
    for (let at = 0; at < bytes.length; at += buffer.length) {
      const part = bytes.subarray(at, at + buffer.length)
      buffer.set(part)
      callback(part.length, buffer)
      buffer.fill(0) // it is filled again at once
    }
  }

  override _read(): void {}
  override _write(_chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    done()
  }
}

function connected(): { wire: Wire; output: Promise<Buffer> } {
  const wires: Wire[] = []
  const socket = new DechunkingSocket((onread) => {
    wires.push(new Wire(onread))
    return wires[0] as unknown as Socket
  })
  const [wire] = wires
  if (!wire) throw new Error('it did not connect')
  return { wire, output: buffer(socket) }
}

/** What comes out when these pieces arrive, and then the connection's end. */
async function through(pieces: readonly Buffer[]): Promise<string> {
  const { wire, output } = connected()
  for (const piece of pieces) wire.arrive(piece)
  wire.push(null)
  return (await output).toString('latin1')
}

function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return sorted.slice(1).map((end, i) => bytes.subarray(sorted[i], end))
}

function chunked(chunks: readonly string[]): string {
  const body = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')
  return `HTTP/1.1 200 OK\r\nServer: Docker\r\nTransfer-Encoding: chunked\r\nDate: x\r\n\r\n${body}0\r\n\r\n`
}

/** Closed before its end, and without an error: that is what Node's client takes for a cut answer. */
const CUT = { code: 'ERR_STREAM_PREMATURE_CLOSE' }

const HEAD = 'HTTP/1.1 200 OK\r\nServer: Docker\r\nDate: x\r\n\r\n'

it('gives the same body wherever the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 40 }), { maxLength: 8 }),
      fc.array(fc.nat(2_000), { maxLength: 12 }),
      async (chunks, places) => {
        const bytes = Buffer.from(chunked(chunks), 'latin1')
        expect(await through(cutAt(bytes, places))).toBe(HEAD + chunks.join(''))
      },
    ),
    { numRuns: 300 },
  )
})

it('gives the same body when every byte arrives by itself', async () => {
  const bytes = Buffer.from(chunked(['a', '\r\n', '0\r\n\r\n', 'x'.repeat(300)]), 'latin1')
  expect(await through([...bytes].map((byte) => Buffer.from([byte])))).toBe(`${HEAD}a\r\n0\r\n\r\n${'x'.repeat(300)}`)
})

it('passes an answer of a given length as it is', async () => {
  const answer = 'HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\n5\r\nab'
  expect(await through([Buffer.from(answer)])).toBe(answer)
})

it('passes what is no HTTP as it is, for the parser to name', async () => {
  expect(await through([Buffer.from('SSH-2.0-OpenSSH_9.2p1\r\n')])).toBe('SSH-2.0-OpenSSH_9.2p1\r\n')
})

it.each([
  ['in the head', 'HTTP/1.1 200 OK\r\nTransfer-Enc'],
  ['before the first chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['in a size', `${chunked(['abc']).slice(0, -5)}1`],
  ['in a chunk', chunked(['abc']).slice(0, -8)],
  ['between two chunks', chunked(['abc']).slice(0, -5)],
])('an answer that ends %s is cut, not complete', async (_where, bytes) => {
  await expect(through([Buffer.from(bytes)])).rejects.toMatchObject(CUT)
})

it.each([
  ['no number', 'x\r\nabc\r\n'],
  ['a negative number', '-1\r\nabc\r\n'],
  ['more than a number', '3zz\r\nabc\r\n'],
  ['a number beyond all bounds', `${'f'.repeat(20)}\r\n`],
  ['no end', '1'.repeat(5_000)],
  ['data that is longer than it says', '1\r\nabc\r\n'],
])('a size that is %s cuts the answer', async (_what, body) => {
  const bytes = Buffer.from(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`)
  await expect(through([bytes])).rejects.toMatchObject(CUT)
})

it('a head without an end is passed on before it is much, for the parser to refuse', async () => {
  const bytes = `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(70_000)}`
  expect(await through([Buffer.from(bytes)])).toBe(bytes)
})

it('a connection that fails before an answer tells why', async () => {
  const { wire, output } = connected()
  wire.destroy(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
  await expect(output).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

it.each(WAYS)('serves an HTTP client over $over: trailers, and a reader that waits stops the writer', async (way) => {
  const total = 8 * 1024 * 1024
  let waited = false
  const answer: RequestListener = async (_req, res) => {
    res.writeHead(200, { Trailer: 'X-End' })
    for (let sent = 0; sent < total; sent += 4_096) {
      if (res.write(Buffer.alloc(4_096, 'z'))) continue
      waited = true
      await new Promise((resolve) => res.once('drain', resolve))
    }
    res.addTrailers({ 'X-End': 'yes' })
    res.end()
  }
  const port = await serve(answer, way.server())
  const createConnection = () => new DechunkingSocket((onread) => way.connect({ port, host: '127.0.0.1', onread }))
  const body = await new Promise<Buffer>((resolve, reject) => {
    get({ port, createConnection, headers: { Connection: 'close' } }, (response) => {
      response.pause()
      setImmediate(() => void buffer(response).then(resolve, reject))
    }).on('error', reject)
  })
  expect(body.length).toBe(total)
  expect(body.every((byte) => byte === 0x7a)).toBe(true)
  expect(waited).toBe(true)
})

it.each(['chunked', 'identity'])('keeps the rest of an answer, %s, for who reads it after its end', async (coding) => {
  const total = 180_000 // as much as waits on this side: in the response, and in the socket
  const port = await serve((_req, res) => {
    if (coding === 'identity') res.setHeader('Content-Length', total)
    res.end(Buffer.alloc(total, 'z'))
  })
  const sockets: Socket[] = []
  const response = await ask(port, (to) => {
    sockets.push(connect(to))
    return sockets[0] as Socket
  })
  response.pause()
  response.on('data', () => response.pause())
  const [socket] = sockets
  if (!socket?.closed) await new Promise((resolve) => socket?.once('close', resolve))
  response.removeAllListeners('data')
  expect((await buffer(response)).length).toBe(total)
})

it.each(['closes', 'resets'] as const)(
  'tells an HTTP client of a body that is cut when the other side %s',
  async (how) => {
    const port = await serve((_req, res) => {
      const { socket } = res
      res.write('half', () => (how === 'resets' ? socket?.resetAndDestroy() : socket?.destroy()))
    })
    const createConnection = () => new DechunkingSocket((onread) => connect({ port, host: '127.0.0.1', onread }))
    const outcome = new Promise((resolve, reject) => {
      get({ port, createConnection, headers: { Connection: 'close' } }, (response) => {
        buffer(response).then(resolve, reject)
      }).on('error', () => {}) // told of as well; the body is what matters here
    })
    await expect(outcome).rejects.toThrow('aborted')
  },
)

it('tells an HTTP client of a body that it gave up itself', async () => {
  const port = await serve((_req, res) => void res.write('half'))
  const createConnection = () => new DechunkingSocket((onread) => connect({ port, host: '127.0.0.1', onread }))
  const giveUp = new AbortController()
  const outcome = new Promise((resolve, reject) => {
    get({ port, createConnection, signal: giveUp.signal, headers: { Connection: 'close' } }, (response) => {
      buffer(response).then(resolve, reject)
      response.once('data', () => giveUp.abort())
    }).on('error', () => {})
  })
  await expect(outcome).rejects.toThrow('aborted')
})
