/** What a viewer gets is what Docker's own log holds: each line once, in order, as written. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Line } from '../../server/wire.ts'
import { uniqueName } from '../engine/engine.ts'
import { useEngine } from '../engine/use-engine.ts'
import { reference } from '../sluice/kinds-of-logs.ts'
import { startSluice } from '../sluice/server.ts'
import { openStream } from '../sluice/stream.ts'

const engine = useEngine()
const sluice = await startSluice({ engine: engine.socket })

const closing: (() => void)[] = []
afterAll(() => {
  for (const close of closing) close()
})

const KIB = 1024

function plain({ time, stream, message }: Line) {
  return { time, stream, message }
}

describe('a backlog', () => {
  it('is the last lines, exactly as many as asked for', async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.pace({ lines: 700 }).done
    await container.logged('line 699\n')
    const all = await reference(container)
    for (const tail of [0, 1, 2, 500, 699, 700, 701, 5_000]) {
      const stream = await openStream(sluice, container.name, `tail=${tail}`).live()
      expect(stream.lines.map(plain)).toEqual(tail === 0 ? [] : all.slice(-tail))
      stream.close()
    }
  })

  it('is 500 lines when not asked for otherwise, and ends with live at the cursor of the last', async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.pace({ lines: 600 }).done
    await container.logged('line 599\n')
    const stream = await openStream(sluice, container.name).live()
    expect(stream.messages).toEqual(Array.from({ length: 500 }, (_, n) => `line ${n + 100}`))
    const ids = stream.arrivals.flatMap((arrival) => ('id' in arrival ? [arrival.id] : []))
    const last = stream.lines.at(-1)!
    const seconds = Date.parse(`${last.time.slice(0, 19)}Z`) / 1000
    expect(ids.at(-1)).toBe(`${container.id.slice(0, 12)}.${seconds}.${last.time.slice(20, 29)}.${last.ordinal ?? 0}`)
    expect(ids.at(-2)).toBe(ids.at(-1))
  })

  it('of a container that has written nothing is empty and live at once', async () => {
    const container = await engine.run({ name: uniqueName() })
    const stream = await openStream(sluice, container.name).live()
    expect(stream.lines).toEqual([])
    await container.write('stdout', 'first\n')
    await stream.message('first')
  })

  it.each(['json-file', 'local'])('comes from the %s driver', async (logDriver) => {
    const container = await engine.run({ name: uniqueName(), logDriver })
    await container.pace({ lines: 1_000, streams: ['stdout', 'stderr'] }).done
    await container.logged('line 999\n')
    const stream = await openStream(sluice, container.name, 'tail=900').live()
    expect(stream.lines.map(plain)).toEqual((await reference(container)).slice(-900))
  })

  it('of a stopped container is there, with how it ended', async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.write('stdout', 'last words\n')
    await container.exit(3)
    const stream = await openStream(sluice, container.name).live()
    expect(stream.messages).toEqual(['last words'])
    expect(stream.states).toMatchObject([{ state: 'died', exitCode: 3, incarnation: container.id.slice(0, 12) }])
  })
})

describe('live lines', () => {
  const cases: readonly (readonly [name: string, bytes: string | Buffer])[] = [
    ['HTML', '<script>alert(1)</script><img src=x onerror=alert(1)>&amp;\n'],
    ['SSE fields', 'data: x\n\nevent: live\ndata: {}\n\nid: 1\nretry: 1\n:comment\n'],
    ['carriage returns', 'progress 1%\rprogress 2%\r\n'],
    ['terminal escapes', '\x1b[31mred\x1b[0m \x1b]0;title\x07\x1b[2J\x1b[H\x9b31m\n'],
    ['every byte that is no newline', Buffer.from([...Array(256).keys(), 10].filter((b, i) => b !== 10 || i === 256))],
    ['invalid UTF-8', Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0xe2, 0x82, 0x0a])],
    ['other scripts and emoji', 'größe 日本語 🚀 \u2028 \u202e\n'],
    ['empty lines', '\n\n\n'],
    ['a line just under a piece', `${'a'.repeat(16 * KIB - 1)}\n`],
    ['a line of one piece', `${'b'.repeat(16 * KIB)}\n`],
    ['a line just over a piece', `${'c'.repeat(16 * KIB + 1)}\n`],
    ['characters cut by a piece', `${'ä'.repeat(20 * KIB)}\n`],
  ]

  it.each(cases)('carry %s as written', async (_name, bytes) => {
    const container = await engine.run({ name: uniqueName() })
    const stream = await openStream(sluice, container.name).live()
    await container.write('stdout', bytes)
    await container.write('stdout', 'the end\n')
    await container.logged('the end')
    const expected = await reference(container)
    await stream.until(({ lines }) => lines.length >= expected.length)
    expect(stream.lines.map(plain)).toEqual(expected)
  })

  it('of a TTY come without their carriage return, pieces joined', async () => {
    const container = await engine.run({ name: uniqueName(), tty: true })
    const stream = await openStream(sluice, container.name).live()
    await container.write('stdout', `short\n${'t'.repeat(40 * KIB)}\n\x1b[32mgreen\x1b[0m\n`)
    await stream.message('\x1b[32mgreen\x1b[0m')
    expect(stream.lines.map(plain)).toEqual(await reference(container))
    const again = await openStream(sluice, container.name).live()
    expect(again.lines).toEqual(stream.lines)
  })

  it('join the pieces of each stream where both write long lines at once', async () => {
    const container = await engine.run({ name: uniqueName() })
    const stream = await openStream(sluice, container.name).live()
    await Promise.all([
      container.write('stdout', `${'o'.repeat(50 * KIB)}\n`),
      container.write('stderr', `${'e'.repeat(50 * KIB)}\n`),
    ])
    await stream.until(({ lines }) => lines.length >= 2)
    expect(stream.messages.toSorted()).toEqual(['e'.repeat(50 * KIB), 'o'.repeat(50 * KIB)])
  })

  it('cut a line of 16 MiB at 64 KiB, say so, and keep what follows', async () => {
    const container = await engine.run({ name: uniqueName() })
    const stream = await openStream(sluice, container.name).live()
    await container.write('stdout', `${'x'.repeat(16 * KIB * KIB)}\nafter\n`)
    await stream.message('after')
    expect(stream.lines.map(({ message, truncated }) => [message.length, truncated])).toEqual([
      [64 * KIB, true],
      [5, undefined],
    ])
  })

  it('include a last one without a newline when the container ends', async () => {
    const container = await engine.run({ name: uniqueName() })
    const stream = await openStream(sluice, container.name).live()
    await container.write('stdout', 'whole\nunfinished')
    await container.exit(0)
    await stream.message('unfinished')
    await stream.until(({ states }) => states.some(({ state }) => state === 'died'))
    expect(stream.messages).toEqual(['whole', 'unfinished'])
    expect(stream.arrivals.at(-1)).toMatchObject({ kind: 'state', event: { state: 'died', exitCode: 0 } })
  })
})

it('a burst of 100 000 lines on both streams arrives whole and in order', async () => {
  const container = await engine.run({ name: uniqueName() })
  const stream = await openStream(sluice, container.name).live()
  await container.pace({ lines: 100_000, streams: ['stdout', 'stderr'] }).done
  await stream.until(({ lines }) => lines.length >= 100_000)
  expect(stream.lines.map(plain)).toEqual(await reference(container))
})

describe('an engine whose times are whole seconds, as old Podman is,', () => {
  /** Answers like the engine, with the fractions of all times cut off. */
  async function coarseEngine() {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-coarse-'))
    const server = createServer((incoming, outgoing) => {
      const upstream = request({ socketPath: engine.socket, method: incoming.method, path: incoming.url }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, { 'Content-Type': answer.headers['content-type'] ?? '' })
        if (!incoming.url?.includes('/logs?')) return void answer.pipe(outgoing)
        let rest = Buffer.alloc(0)
        answer.on('data', (chunk: Buffer) => {
          rest = Buffer.concat([rest, chunk])
          while (rest.length >= 8 && rest.length >= 8 + rest.readUInt32BE(4)) {
            const end = 8 + rest.readUInt32BE(4)
            const header = Buffer.from(rest.subarray(0, 8))
            const payload = Buffer.from(rest.toString('latin1', 8, end).replace(/\.\d{9}Z /, 'Z '), 'latin1')
            header.writeUInt32BE(payload.length, 4)
            outgoing.write(Buffer.concat([header, payload]))
            rest = rest.subarray(end)
          }
        })
        answer.on('end', () => outgoing.end())
      })
      upstream.on('error', () => outgoing.destroy())
      outgoing.on('close', () => upstream.destroy())
      upstream.end()
    })
    const socket = join(folder, 'engine.sock')
    await new Promise<void>((resolve) => server.listen(socket, resolve))
    closing.push(() => {
      server.close()
      rmSync(folder, { recursive: true, force: true })
    })
    return socket
  }

  it('gives every line once all the same, and a cursor to each', async () => {
    const coarse = await startSluice({ engine: await coarseEngine() })
    const container = await engine.run({ name: uniqueName() })
    await container.pace({ lines: 3_000 }).done
    await container.logged('line 2999\n')
    const first = await openStream(coarse, container.name, 'tail=100').live()
    const second = await openStream(coarse, container.name, 'tail=2000').live()
    await container.pace({ lines: 50, first: 3_000, perSecond: 100 }).done
    await Promise.all([first.message('line 3049'), second.message('line 3049')])
    const numbered = (from: number) => Array.from({ length: 3_050 - from }, (_, n) => `line ${from + n}`)
    expect(first.messages).toEqual(numbered(2_900))
    expect(second.messages).toEqual(numbered(1_000))
    const { id } = first.arrivals.findLast((arrival) => arrival.kind === 'lines')!
    await container.write('stdout', 'line 3050\n')
    const resumed = await openStream(coarse, container.name, `after=${id}`).live()
    await resumed.message('line 3050')
    expect(resumed.messages).toEqual(['line 3050'])
  })
})
