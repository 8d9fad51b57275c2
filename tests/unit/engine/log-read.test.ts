/** An engine's answer being read as lines: at the reader's pace, to its end or to where it was cut. */
import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { EngineError } from '../../../server/engine/engine.ts'
import { type LogReadOptions, ResponseLogRead } from '../../../server/engine/log-read.ts'
import { Turns } from '../../../server/engine/turns.ts'
import { isLines, type LogChunk } from '../../../server/logs/damage.ts'
import { PIECE_BYTES } from '../../../server/logs/decoder.ts'
import { MultiplexedDecoder } from '../../../server/logs/multiplexed.ts'
import { at, frame, stamped } from '../logs/frames.ts'

const lineFrame = (number: number) => frame('stdout', stamped(at(number), `${number}\n`))

function open({ stallMs, atRest = true, turn, confirmEmpty }: Partial<LogReadOptions> & { atRest?: boolean } = {}) {
  const response = new PassThrough({ highWaterMark: 64 * 1024 * 1024 })
  const incoming = response as unknown as IncomingMessage
  const read = new ResponseLogRead(incoming, new MultiplexedDecoder(), {
    isAtRest: () => atRest,
    ...(stallMs !== undefined && { stallMs }),
    ...(turn && { turn }),
    ...(confirmEmpty && { confirmEmpty }),
  })
  return { response, read }
}

const numbers = (chunk: LogChunk) => (isLines(chunk) ? chunk.map(({ message }) => Number(message)) : [])

/** Everything until the end; the error, where it ends with one. */
async function drain(read: ResponseLogRead) {
  const seen: number[] = []
  try {
    for await (const lines of read) {
      expect(numbers(lines).length).toBeGreaterThan(0)
      seen.push(...numbers(lines))
    }
    return { seen }
  } catch (error) {
    return { seen, error }
  }
}

describe('ResponseLogRead', () => {
  it('of a log without a line asks whether that is to be believed, and of one with a line does not', async () => {
    const confirmEmpty = async () => {
      throw new EngineError('no-container', 'it is being removed')
    }
    const empty = open({ confirmEmpty })
    empty.response.end()
    expect(await drain(empty.read)).toMatchObject({ seen: [], error: { code: 'no-container' } })
    const other = open({ confirmEmpty })
    other.response.end(lineFrame(1))
    expect(await drain(other.read)).toEqual({ seen: [1] })
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  it('gives every line of an answer, and a line without a final newline at its end', async () => {
    const { response, read } = open()
    for (let number = 0; number < 100; number++) response.write(lineFrame(number))
    response.end(frame('stdout', stamped(at(100), '100')))
    expect(await drain(read)).toEqual({ seen: Array.from({ length: 101 }, (_, number) => number) })
    expect(read.pieces).toBe(101)
    expect(response.destroyed).toBe(true)
  })

  it('leaves the beginning of a line that is still being written', async () => {
    const { response, read } = open({ atRest: false })
    response.write(lineFrame(0))
    response.end(frame('stdout', stamped(at(1), '1'.repeat(PIECE_BYTES))))
    expect(await drain(read)).toEqual({ seen: [0] })
    expect(read.pieces).toBe(2)
  })

  it('gives together what came together', async () => {
    const { response, read } = open()
    const reader = read[Symbol.asyncIterator]()
    const first = reader.next()
    for (let number = 0; number < 50; number++) response.write(lineFrame(number))
    const got = numbers((await first).value ?? [])
    response.end()
    for (let next = await reader.next(); !next.done; next = await reader.next()) got.push(...numbers(next.value))
    expect(got).toEqual(Array.from({ length: 50 }, (_, number) => number))
  })

  it('decodes a piece only in its turn, and asks for the next when that is over', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const turns = new Turns(() => true)
    const { signal } = new AbortController()
    const next = () => turns.take(signal)
    const { response, read } = open({ turn: { first: await next(), next } })
    const reader = read[Symbol.asyncIterator]()
    const other = next()
    const lineOf = async (number: number) => {
      response.write(lineFrame(number))
      return numbers((await reader.next()).value ?? [])
    }
    expect(await lineOf(0)).toEqual([0])
    expect(await lineOf(1)).toEqual([1])
    vi.advanceTimersByTime(10) // its turn is over, and the engine has had its rest
    const third = lineOf(2)
    let isDecoded = false
    void third.then(() => {
      isDecoded = true
    })
    await new Promise(setImmediate)
    expect([read.pieces, isDecoded]).toEqual([2, false])
    ;(await other).give()
    vi.advanceTimersByTime(10)
    expect(await third).toEqual([2])
  })

  it('gives a line of a follow as soon as it comes, however long after the one before', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { response, read } = open()
    const reader = read[Symbol.asyncIterator]()
    for (let number = 0; number < 3; number++) {
      const next = reader.next()
      vi.advanceTimersByTime(24 * 60 * 60 * 1000)
      response.write(lineFrame(number))
      expect(numbers((await next).value ?? [])).toEqual([number])
    }
    await reader.return()
    expect(response.destroyed).toBe(true)
  })

  it('gives the lines before a cut, and then that it was cut', async () => {
    const { response, read } = open()
    response.write(lineFrame(1))
    const reader = read[Symbol.asyncIterator]()
    expect(numbers((await reader.next()).value ?? [])).toEqual([1])
    response.destroy(new Error('aborted'))
    await expect(reader.next()).rejects.toMatchObject({ name: 'EngineError', code: 'cut' })
  })

  it('says that an answer was cut that closed without an end', async () => {
    const { response, read } = open()
    response.destroy()
    expect(await drain(read)).toMatchObject({ seen: [], error: { name: 'EngineError', code: 'cut' } })
  })

  it('says that an answer is malformed that ends inside a frame, or is no log', async () => {
    const inside = open()
    inside.response.end(Buffer.concat([lineFrame(1), lineFrame(2).subarray(0, 20)]))
    expect(await drain(inside.read)).toMatchObject({
      seen: [1],
      error: { name: 'EngineError', code: 'garbled' },
    })
    const foreign = open()
    foreign.response.write('<html><body>proxy error</body></html>')
    expect(await drain(foreign.read)).toMatchObject({ seen: [], error: { name: 'EngineError', code: 'garbled' } })
    expect(foreign.response.destroyed).toBe(true)
  })

  it('gives up on a read of history that brings nothing for its time, but not on a slow reader', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const { response, read } = open({ stallMs: 15_000 })
    response.write(lineFrame(1))
    const reader = read[Symbol.asyncIterator]()
    expect(numbers((await reader.next()).value ?? [])).toEqual([1])
    vi.advanceTimersByTime(60_000)
    response.write(lineFrame(2))
    expect(numbers((await reader.next()).value ?? [])).toEqual([2])
    const next = reader.next()
    vi.advanceTimersByTime(14_999)
    expect(response.destroyed).toBe(false)
    vi.advanceTimersByTime(1)
    await expect(next).rejects.toMatchObject({ name: 'EngineError', code: 'timeout' })
    expect(response.destroyed).toBe(true)
  })

  it.each([
    { rate: 1, everyMs: 1_000, outcome: 'timeout' }, // each byte used to grant it another 15 s
    { rate: 60, everyMs: 1_000, outcome: 'timeout' }, // a whole line a second
    { rate: 900, everyMs: 1_000, outcome: 'timeout' },
    { rate: 1_200, everyMs: 1_000, outcome: 'whole' },
    { rate: 20_000, everyMs: 1_000, outcome: 'whole' }, // a far engine
    { rate: 16_384, everyMs: 14_000, outcome: 'whole' },
  ])(
    'reads a log of an engine that sends $rate bytes each $everyMs ms: $outcome',
    async ({ rate, everyMs, outcome }) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
      const { response, read } = open({ stallMs: 15_000 })
      const log = Buffer.concat(Array.from({ length: 1_000 }, (_, number) => lineFrame(number)))
      const drained = drain(read)
      let sent = 0
      for (; sent < log.length && !response.destroyed; sent += rate) {
        response.write(log.subarray(sent, sent + rate))
        await new Promise(setImmediate)
        if (sent + rate < log.length) await vi.advanceTimersByTimeAsync(everyMs)
      }
      if (!response.destroyed) response.end()
      const { seen, error } = await drained
      if (outcome === 'timeout') {
        expect(error).toMatchObject({ code: 'timeout', message: `Docker sent only ${sent} bytes of the log in 15 s` })
        expect((sent / rate) * everyMs).toBe(15_000)
      } else expect([seen.length, error]).toEqual([1_000, undefined])
    },
  )

  it('does not count what a reader takes who comes back later each time, however little had come', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const { response, read } = open({ stallMs: 15_000 })
    const reader = read[Symbol.asyncIterator]()
    for (let number = 0; number < 100; number++) {
      const next = reader.next()
      await vi.advanceTimersByTimeAsync(100)
      response.write(lineFrame(number))
      expect(numbers((await next).value ?? [])).toEqual([number])
      await vi.advanceTimersByTimeAsync(60_000)
    }
    response.end()
    expect((await reader.next()).done).toBe(true)
  })

  it('ends and lets the connection go when its reader leaves or closes it', async () => {
    const left = open()
    left.response.write(lineFrame(1))
    for await (const lines of left.read) {
      expect(numbers(lines)).toEqual([1])
      break
    }
    expect(left.response.destroyed).toBe(true)

    const closed = open()
    const waiting = drain(closed.read)
    closed.read.close()
    expect(await waiting).toEqual({ seen: [] })
    expect(closed.response.destroyed).toBe(true)
  })

  it('makes the engine wait while its reader does: it takes half a MiB and no more', async () => {
    const { response, read } = open()
    const reader = read[Symbol.asyncIterator]()
    response.write(lineFrame(0))
    expect(numbers((await reader.next()).value ?? [])).toEqual([0])
    const paused = new Promise((resolve) => response.once('pause', () => resolve('paused')))
    const chunk = Buffer.concat(Array.from({ length: 1_000 }, () => lineFrame(7)))
    for (let sent = 0; sent < 4 * 1024 * 1024; sent += chunk.length) response.write(chunk)
    expect(await paused).toBe('paused')
    expect(response.readableLength).toBeGreaterThan(3 * 1024 * 1024)
    response.end()
    let count = 0
    for (let next = await reader.next(); !next.done; next = await reader.next()) count += numbers(next.value).length
    expect(count).toBe(Math.ceil((4 * 1024 * 1024) / chunk.length) * 1_000)
  })
})
