/** Reads of the past give exactly what they were asked for, in the engine's order, whatever the times do. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LogRead } from '../../../server/engine/engine.ts'
import { certainLines, readAfter, readLast } from '../../../server/feed/history.ts'
import { cursorOf, incarnationOf, originOf } from '../../../server/logs/cursor.ts'
import { isLines } from '../../../server/logs/damage.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import { timeFromNanoseconds } from '../../../server/logs/time.ts'
import type { Container } from '../../../server/wire.ts'
import { partOf } from '../log-reads.ts'
import { at } from '../logs/frames.ts'
import { container, MemoryEngine, type Piece } from '../memory-engine.ts'
import { logs } from './logs.ts'

const WEB = container('web')
const { signal } = new AbortController()

async function restAfter(engine: MemoryEngine, line: LogLine) {
  const lines: LogLine[] = []
  const gaps: string[] = []
  for await (const span of readAfter(engine, WEB.id, cursorOf(incarnationOf(WEB.id), line), false, signal)) {
    if ('lines' in span) lines.push(...span.lines)
    else gaps.push(span.gap)
  }
  return { lines, gaps }
}

/** The same read, which ends well after so many lines. */
function endingAfter(count: number, read: LogRead): LogRead {
  return partOf(read, async function* (chunks) {
    let left = count
    for await (const chunk of chunks) {
      yield isLines(chunk) ? chunk.slice(0, left) : chunk
      if (isLines(chunk)) left -= chunk.length
      if (left <= 0) return
    }
  })
}

async function last(engine: MemoryEngine, count: number): Promise<LogLine[]> {
  const lines: LogLine[] = []
  for await (const chunk of readLast(engine, WEB.id, count, signal)) if (isLines(chunk)) lines.push(...chunk)
  return lines
}

describe('readAfter', () => {
  it('gives exactly the rest after any line, through equal times and times that step back', async () => {
    const places = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(logs, places, fc.integer({ min: 1, max: 40 }), async (pieces, seeds, framesAtOnce) => {
        fc.pre(pieces.length > 0)
        const engine = new MemoryEngine().add(WEB, pieces)
        engine.framesAtOnce = framesAtOnce
        const all = engine.lines(WEB.id)
        const edges = [0, pieces.length - 1, pieces.length - 256, pieces.length - 257, pieces.length - 255]
        const indexes = [...seeds.map((seed) => Math.floor(seed * pieces.length)), ...edges].filter(
          (index) => index >= 0,
        )
        for (const index of indexes) {
          const { lines, gaps } = await restAfter(engine, all[index]!)
          expect(gaps).toEqual([])
          expect(lines).toEqual(all.slice(index + 1))
        }
        expect(engine.open).toBe(0)
      }),
      { numRuns: 60 },
    )
  }, 20_000)

  it('does not take a line for another of equal time when its window begins between the two', async () => {
    const pieces = Array.from({ length: 400 }, (_, index) => ({ time: at(index * 1_000), text: `${index}\n` }))
    const border = pieces.length - 256
    const time = at((border - 1) * 1_000 + 500)
    pieces[border - 1] = { time, text: 'the one meant\n' }
    pieces[border + 1] = { time, text: 'another of its time\n' }
    pieces[border] = { time: at((border - 2) * 1_000 + 1), text: 'late by microseconds\n' }
    const engine = new MemoryEngine().add(WEB, pieces)
    const all = engine.lines(WEB.id)
    const { lines, gaps } = await restAfter(engine, all[border - 1]!)
    expect(gaps).toEqual([])
    expect(lines.map(({ message }) => message)).toEqual(all.slice(border).map(({ message }) => message))
  })

  it('asks for no more than a small window to go on after a recent line', async () => {
    const pieces = Array.from({ length: 20_000 }, (_, index) => ({ time: at(index * 1_000_000), text: `${index}\n` }))
    const engine = new MemoryEngine().add(WEB, pieces)
    const line = engine.lines(WEB.id).at(-100)!
    engine.reads.length = 0
    expect((await restAfter(engine, line)).lines).toHaveLength(99)
    expect(engine.reads).toEqual([{ follow: false, tail: 256 }])
  })

  it('says that lines were rotated away when the log begins after the cursor, and goes on with its first line', async () => {
    const pieces = Array.from({ length: 300 }, (_, index) => ({ time: at(index * 1_000_000_000), text: `${index}\n` }))
    const engine = new MemoryEngine().add(WEB, pieces)
    const lost = { ...engine.lines(WEB.id)[0]!, time: timeFromNanoseconds(1_700_000_000_000_000_000n) }
    const { lines, gaps } = await restAfter(engine, lost)
    expect(gaps).toEqual(['rotated'])
    expect(lines).toEqual(engine.lines(WEB.id))
  })

  it('says that it does not know the cursor when its line is not among its neighbours, and goes on after its time', async () => {
    const pieces = Array.from({ length: 300 }, (_, index) => ({ time: at(index * 1_000_000_000), text: `${index}\n` }))
    const engine = new MemoryEngine().add(WEB, pieces)
    const all = engine.lines(WEB.id)
    const { lines, gaps } = await restAfter(engine, { ...all[149]!, time: at(149_500_000_000) })
    expect(gaps).toEqual(['unknown-cursor'])
    expect(lines).toEqual(all.slice(150))
  })

  it('gives nothing, and no gap, after the last line; of a log that has lost all it had, it says so', async () => {
    const engine = new MemoryEngine().add(WEB, [{ time: at(1), text: 'x\n' }])
    const [line] = engine.lines(WEB.id)
    expect(await restAfter(engine, line!)).toEqual({ lines: [], gaps: [] })
    await expect(restAfter(new MemoryEngine().add(WEB), line!)).rejects.toMatchObject({ code: 'emptied' })
  })

  it('says, from the start of a log, that its beginning may be gone, where the log is as large as its driver keeps', async () => {
    const engine = new MemoryEngine()
    const told = async (
      kept: number | undefined,
      times: Partial<Pick<Container, 'created' | 'started' | 'finished'>> = {},
    ) => {
      engine.kept = kept
      engine.add({ ...WEB, ...times }, pieces)
      const spans: string[] = []
      for await (const span of readAfter(engine, WEB.id, originOf(incarnationOf(WEB.id)), false, signal))
        spans.push(...('lines' in span ? span.lines.map(({ message }) => message) : [span.gap]))
      return spans
    }
    const pieces = [
      { time: at(1), text: 'a\n' },
      { time: at(2), text: 'b\n' },
    ]
    const size = 2 * '{"log":"a\\n","stream":"stdout","time":"2026-11-24T10:00:00.123456789Z"}\n'.length
    expect(await told(undefined)).toEqual(['a', 'b'])
    expect(await told(size + 1)).toEqual(['a', 'b'])
    expect(await told(size)).toEqual(['rotated', 'a', 'b'])
    // Of a single file all may be gone, whatever is in it: its container's first line should come soon after the start.
    expect(await told(0)).toEqual(['rotated', 'a', 'b'])
    expect(await told(0, { started: at(0) })).toEqual(['a', 'b'])
    // One that was stopped and started had lines before that, unless these are of its first run.
    const restarted = { finished: at(-1e9), started: at(0) }
    expect(await told(0, { ...restarted, created: at(-20e9) })).toEqual(['rotated', 'a', 'b'])
    expect(await told(0, { ...restarted, created: at(-2e9) })).toEqual(['a', 'b'])
    expect(engine.open).toBe(0)
  })

  it('has nothing of a read that passed over a file while the log was rotated, and a gap where that file went meanwhile', async () => {
    /** What is told where the first read brings some lines, and the next ones others. */
    const read = async (first: Piece[], then: Piece[]) => {
      const engine = new MemoryEngine().add(WEB, then)
      engine.kept = 1_000
      const { readLines } = engine
      engine.readLines = (id, options) => {
        engine.readLines = readLines
        return new MemoryEngine().add(WEB, first).readLines(id, options)
      }
      const spans: string[] = []
      for await (const span of readAfter(engine, WEB.id, originOf(incarnationOf(WEB.id)), false, signal))
        spans.push(...('lines' in span ? span.lines.map(({ message }) => message) : [span.gap]))
      return spans
    }
    const [a, b, c] = ['a', 'b', 'c'].map((text, n) => ({ time: at(n + 1), text: `${text}\n` })) as [
      Piece,
      Piece,
      Piece,
    ]
    await expect(read([b, c], [a, b, c])).rejects.toMatchObject({ code: 'cut' })
    expect(await read([a, b, c], [b, c])).toEqual(['rotated', 'a', 'b', 'c'])
    expect(await read([a, b], [a, b, c])).toEqual(['a', 'b'])
  })

  it('gives what comes after its line where a follow ends, as if it were whole, before it has come to that', async () => {
    const pieces = Array.from({ length: 400 }, (_, index) => ({ time: at(index * 1_000), text: `${index}\n` }))
    const engine = new MemoryEngine().add(WEB, pieces)
    const all = engine.lines(WEB.id)
    const follow = engine.followLines.bind(engine)
    engine.followLines = async (id, options) => endingAfter(10, await follow(id, options))
    const came: LogLine[] = []
    for await (const span of readAfter(engine, WEB.id, cursorOf(incarnationOf(WEB.id), all[300]!), true, signal)) {
      if ('lines' in span) came.push(...span.lines)
    }
    expect(came).toEqual(all.slice(301))
    expect(engine.open).toBe(0)
  })

  it('goes on with what is written while it follows, until the container stops', async () => {
    const engine = new MemoryEngine().add(WEB, [
      { time: at(1), text: 'a\n' },
      { time: at(2), text: 'b\n' },
    ])
    const cursor = cursorOf(incarnationOf(WEB.id), engine.lines(WEB.id)[0]!)
    const messages: string[] = []
    for await (const span of readAfter(engine, WEB.id, cursor, true, signal)) {
      if ('lines' in span) messages.push(...span.lines.map(({ message }) => message))
      if (messages.length === 1) engine.write(WEB.id, { time: at(2), text: 'c\n' }, { time: at(1), text: 'late\n' })
      if (messages.length === 3) engine.end(WEB.id)
    }
    expect(messages).toEqual(['b', 'c', 'late'])
  })
})

describe('readLast', () => {
  it('gives exactly the last lines, with the ordinals that the whole log gives them', async () => {
    await fc.assert(
      fc.asyncProperty(logs, fc.nat(300), fc.integer({ min: 1, max: 40 }), async (pieces, count, framesAtOnce) => {
        const engine = new MemoryEngine().add(WEB, pieces)
        engine.framesAtOnce = framesAtOnce
        const all = engine.lines(WEB.id)
        expect(await last(engine, count)).toEqual(all.slice(Math.max(0, all.length - count)))
      }),
      { numRuns: 80 },
    )
  }, 20_000)

  it('gives whole lines only where its window begins inside a long one', async () => {
    const long = Array.from({ length: 20 }, (_, index) => ({
      time: at(0),
      text: index === 19 ? 'end\n' : `part ${index} `,
    }))
    const pieces = [...long, ...Array.from({ length: 10 }, (_, index) => ({ time: at(index + 1), text: `${index}\n` }))]
    const engine = new MemoryEngine().add(WEB, pieces)
    expect((await last(engine, 5)).map(({ message }) => message)).toEqual(['5', '6', '7', '8', '9'])
    expect((await last(engine, 12)).map(({ message }) => message)).not.toContainEqual(
      expect.stringMatching(/^part [1-9]/),
    )
  })

  it('gives no rest of a line that began before its window, however far down the other stream has moved it', async () => {
    const errors = Array.from({ length: 19 }, (_, index) => ({
      time: at(index + 2),
      stream: 'stderr' as const,
      text: `error ${index}\n`,
    }))
    const long = [
      { time: at(1), text: 'begun and ' },
      { time: at(1), text: 'ended\n' },
    ] as const
    const after = [30, 31].map((time) => ({ time: at(time), text: `${time}\n` }))
    const engine = new MemoryEngine().add(WEB, [
      { time: at(0), text: 'first\n' },
      long[0],
      ...errors,
      long[1],
      ...after,
    ])
    engine.framesAtOnce = 100
    const messages = (await last(engine, 5)).map(({ message }) => message)
    expect(messages).toEqual(['error 17', 'error 18', 'begun and ended', '30', '31'])
    expect(engine.reads[0]).toMatchObject({ tail: errors.length + 1 + after.length }) // from the first error on
  })

  it('holds little of lines however long, and begins with the right one all the same', async () => {
    const filler = 'x'.repeat(6_000)
    await fc.assert(
      fc.asyncProperty(logs, fc.nat(300), fc.integer({ min: 1, max: 40 }), async (pieces, count, framesAtOnce) => {
        const long = pieces.map((piece, index) => ({
          ...piece,
          text: index % 9 === 0 ? piece.text : filler + piece.text,
        }))
        const engine = new MemoryEngine().add(WEB, long)
        engine.framesAtOnce = framesAtOnce
        const all = engine.lines(WEB.id)
        const lines: LogLine[] = []
        let before: unknown = 'not told'
        const read = readLast(engine, WEB.id, count, signal, (line) => {
          expect(lines).toEqual([])
          before = line && cursorOf(incarnationOf(WEB.id), line)
        })
        for await (const some of read) {
          if (!isLines(some)) throw new Error('nothing is damaged')
          lines.push(...some)
          expect(some.length).toBeLessThanOrEqual(50 + 2 * framesAtOnce) // 512 KiB of them
        }
        expect(lines).toEqual(all.slice(Math.max(0, all.length - count)))
        const first = all[all.length - count - 1]
        expect(before).toEqual(first && cursorOf(incarnationOf(WEB.id), first))
        expect(engine.open).toBe(0)
      }),
      { numRuns: 60 },
    )
  }, 30_000)

  it('fails where a log whose end is too large to hold is rotated before it is read again, rather than pass over lines', async () => {
    const pieces = Array.from({ length: 300 }, (_, n) => ({ time: at(n * 1e9), text: `${'x'.repeat(6_000)}${n}\n` }))
    const engine = new MemoryEngine().add(WEB, pieces)
    const readLines = engine.readLines.bind(engine)
    engine.readLines = async (id, options) => {
      if (engine.reads.length === 1) {
        engine.truncate(WEB.id)
        engine.write(WEB.id, ...pieces.slice(250))
      }
      return readLines(id, options)
    }
    await expect(last(engine, 200)).rejects.toMatchObject({ code: 'cut' })
  })

  it('gives all of a log that has fewer lines', async () => {
    const engine = new MemoryEngine().add(WEB, [
      { time: at(1), text: 'a\n' },
      { time: at(1), text: 'b' },
    ])
    expect(await last(engine, 500)).toEqual(engine.lines(WEB.id))
    expect(await last(engine, 0)).toEqual([])
  })
})

describe('certainLines', () => {
  it('leaves out a window’s first time, unless the window is the whole log', () => {
    const engine = new MemoryEngine().add(
      WEB,
      [1, 1, 2, 1].map((time) => ({ time: at(time), text: 'x\n' })),
    )
    const lines = engine.lines(WEB.id)
    expect(certainLines(lines, true)).toEqual(lines)
    expect(certainLines(lines, false)).toEqual(lines.slice(2))
    expect(certainLines(lines.slice(0, 2), false)).toEqual([])
    expect(certainLines([], false)).toEqual([])
  })
})
