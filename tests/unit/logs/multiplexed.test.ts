/** Frames to lines: whatever the frames hold and wherever the network cuts them, the lines are the same. */
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type LogLine, MAX_LINE_BYTES } from '../../../server/logs/line.ts'
import { MultiplexedDecoder } from '../../../server/logs/multiplexed.ts'
import type { Stream } from '../../../server/wire.ts'
import { fraction } from '../fraction.ts'
import { at, cutAt, cutPoints, decode, decodeAll, everyCut, frame, type Plain, plain, stamped } from './frames.ts'

const PIECE = 16 * 1024
const A = at(0)
const B = at(1)
const C = at(2)

interface Fixture {
  readonly name: string
  readonly bytes: Buffer
  readonly lines: Plain[]
}

function fixture(name: string, frames: Buffer[], lines: Plain[]): Fixture {
  return { name, bytes: Buffer.concat(frames), lines }
}

const EURO = Buffer.from('€')

const FIXTURES: readonly Fixture[] = [
  fixture('nothing', [], []),
  fixture('one line', [frame('stdout', stamped(A, 'hello\n'))], [[A, 'stdout', 'hello']]),
  fixture('an empty line', [frame('stderr', stamped(A, '\n'))], [[A, 'stderr', '']]),
  fixture(
    'both streams',
    [frame('stdout', stamped(A, 'out\n')), frame('stderr', stamped(B, 'err\n')), frame('stdout', stamped(C, 'o2\n'))],
    [
      [A, 'stdout', 'out'],
      [B, 'stderr', 'err'],
      [C, 'stdout', 'o2'],
    ],
  ),
  fixture(
    'carriage returns: one before the newline goes, others stay',
    [
      frame('stdout', stamped(A, 'a\rb\r\n')),
      frame('stdout', stamped(B, 'c\r\r\n')),
      frame('stdout', stamped(C, '\r\n')),
    ],
    [
      [A, 'stdout', 'a\rb'],
      [B, 'stdout', 'c\r'],
      [C, 'stdout', ''],
    ],
  ),
  fixture(
    'a carriage return in one piece and its newline in the next',
    [frame('stdout', stamped(A, 'ab\r')), frame('stdout', stamped(A, '\n')), frame('stdout', stamped(B, 'c\n'))],
    [
      [A, 'stdout', 'ab'],
      [B, 'stdout', 'c'],
    ],
  ),
  fixture('no final newline', [frame('stdout', stamped(A, 'the end'))], [[A, 'stdout', 'the end']]),
  fixture(
    'no final newline, and no newline means that a carriage return is text',
    [frame('stdout', stamped(A, '42%\r'))],
    [[A, 'stdout', '42%\r']],
  ),
  fixture(
    'no final newline on either stream: the earlier line comes first',
    [frame('stdout', stamped(B, 'second')), frame('stderr', stamped(A, 'first'))],
    [
      [A, 'stderr', 'first'],
      [B, 'stdout', 'second'],
    ],
  ),
  fixture(
    'a line without a newline, then another time: the log went on after a restart',
    [frame('stdout', stamped(A, 'killed in the mid')), frame('stdout', stamped(B, 'started\n'))],
    [
      [A, 'stdout', 'killed in the mid'],
      [B, 'stdout', 'started'],
    ],
  ),
  fixture(
    'pieces of both streams, interleaved',
    [
      frame('stdout', stamped(A, 'one ')),
      frame('stderr', stamped(B, 'uno ')),
      frame('stdout', stamped(A, 'two ')),
      frame('stderr', stamped(B, 'due\n')),
      frame('stdout', stamped(A, 'three\n')),
    ],
    [
      [B, 'stderr', 'uno due'],
      [A, 'stdout', 'one two three'],
    ],
  ),
  fixture(
    'a character cut by the border of two pieces',
    [
      frame('stdout', stamped(A, Buffer.concat([Buffer.from('5 '), EURO.subarray(0, 1)]))),
      frame('stdout', stamped(A, Buffer.concat([EURO.subarray(1), Buffer.from('\n')]))),
    ],
    [[A, 'stdout', '5 €']],
  ),
  fixture(
    'bytes that are not UTF-8',
    [
      frame('stdout', stamped(A, Buffer.from([0x61, 0xff, 0x62, 0xe2, 0x82, 0x0a]))),
      frame('stdout', stamped(B, 'ok\n')),
    ],
    [
      [A, 'stdout', 'a�b�'],
      [B, 'stdout', 'ok'],
    ],
  ),
  fixture(
    'equal times and times that step back',
    [B, B, A, B, A, C].map((time, index) => frame(index % 2 ? 'stderr' : 'stdout', stamped(time, `${index}\n`))),
    [
      [B, 'stdout', '0'],
      [B, 'stderr', '1', 1],
      [A, 'stdout', '2'],
      [B, 'stderr', '3', 2],
      [A, 'stdout', '4', 1],
      [C, 'stderr', '5'],
    ],
  ),
  fixture(
    'frames that hold nothing',
    [frame('stdout', ''), frame('stdout', stamped(A, 'x\n')), frame('stderr', ''), frame('stdout', '')],
    [[A, 'stdout', 'x']],
  ),
  fixture(
    'text that looks like a frame, a time and an SSE field',
    [frame('stdout', stamped(A, Buffer.concat([frame('stderr', stamped(B, 'no')), Buffer.from('\ndata: x\n')])))],
    [[A, 'stdout', `\u0002\0\0\0\0\0\0!${B} no\ndata: x`]],
  ),
  fixture(
    "Podman's times, in its own zone and with as many digits as it has",
    [
      frame('stdout', stamped('2026-11-22T11:02:03.114+01:00', 'a\n')),
      frame('stdout', stamped('2026-11-22T04:32:03.114000001-05:30', 'b\n')),
      frame('stdout', stamped('2026-11-22T10:02:04Z', 'c\n')),
    ],
    [
      ['2026-11-22T10:02:03.114000000Z', 'stdout', 'a'],
      ['2026-11-22T10:02:03.114000001Z', 'stdout', 'b'],
      ['2026-11-22T10:02:04.000000000Z', 'stdout', 'c'],
    ],
  ),
]

describe('MultiplexedDecoder, for named logs', () => {
  it.each(FIXTURES)('reads $name, cut at every byte', ({ bytes, lines }) => {
    for (const chunks of everyCut(bytes))
      expect(plain(decode(new MultiplexedDecoder({ pieceBytes: 0 }), chunks))).toEqual(lines)
  })

  it('reads all of them after one another, cut at random', () => {
    const bytes = Buffer.concat(FIXTURES.filter(({ name }) => !name.startsWith('no final')).map((each) => each.bytes))
    const whole = decode(new MultiplexedDecoder({ pieceBytes: 0 }), [bytes])
    const check = (points: number[]) => {
      expect(decode(new MultiplexedDecoder({ pieceBytes: 0 }), cutAt(bytes, points))).toEqual(whole)
    }
    fc.assert(fc.property(cutPoints(bytes), check))
  })
})

interface Written {
  readonly stream: Stream
  readonly time: string
  readonly pieces: Buffer[]
}

/** Any bytes that can stand in a line; often text, sometimes not UTF-8 at all. */
const text = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 20 }).map((string) => Buffer.from(string)),
    fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
  )
  .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0x0a)))

const written: fc.Arbitrary<Written> = fc
  .record({
    stream: fc.constantFrom<Stream>('stdout', 'stderr'),
    time: fc.nat(4).map(at),
    body: text,
    ending: fc.constantFrom('\n', '\r\n'),
    points: fc.array(fc.nat(20), { maxLength: 3 }),
  })
  .map(({ stream, time, body, ending, points }) => {
    const bytes = Buffer.concat([body, Buffer.from(ending)])
    // Only the last piece of a line may be empty of text; the newline is never alone in the middle.
    const inside = points.map((point) => Math.min(point, bytes.length - 1))
    return { stream, time, pieces: cutAt(bytes, inside).filter((piece) => piece.length > 0) }
  })

/** Lines of both streams, their pieces interleaved as `turns` says; and the lines in the order in which they end. */
function interleave(lines: readonly Written[], turns: readonly boolean[]): { bytes: Buffer; ended: Written[] } {
  const queues = {
    stdout: lines.filter(({ stream }) => stream === 'stdout').flatMap(piecesOf),
    stderr: lines.filter(({ stream }) => stream === 'stderr').flatMap(piecesOf),
  }
  const frames: Buffer[] = []
  const ended: Written[] = []
  for (let turn = 0; queues.stdout.length + queues.stderr.length > 0; turn++) {
    const preferred = turns[turn % Math.max(1, turns.length)] ? queues.stdout : queues.stderr
    const next = preferred.shift() ?? queues.stdout.shift() ?? queues.stderr.shift()
    if (!next) break
    frames.push(frame(next.line.stream, stamped(next.line.time, next.piece)))
    if (next.last) ended.push(next.line)
  }
  return { bytes: Buffer.concat(frames), ended }
}

function piecesOf(line: Written): { line: Written; piece: Buffer; last: boolean }[] {
  return line.pieces.map((piece, index) => ({ line, piece, last: index === line.pieces.length - 1 }))
}

function expected(lines: readonly Written[]): Plain[] {
  const seen = new Map<string, number>()
  return lines.map(({ time, stream, pieces }) => {
    const ordinal = seen.get(time) ?? 0
    seen.set(time, ordinal + 1)
    const bytes = Buffer.concat(pieces)
    const end = bytes.at(-2) === 0x0d ? -2 : -1
    const message = bytes.subarray(0, end).toString('utf8')
    return ordinal === 0 ? [time, stream, message] : [time, stream, message, ordinal]
  })
}

describe('MultiplexedDecoder, for any log', () => {
  it('gives every line once, in the order in which lines end, wherever pieces and chunks are cut', () => {
    const logs = fc.record({
      lines: fc.array(written, { maxLength: 12 }),
      turns: fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
      seeds: fc.array(fraction, { maxLength: 10 }),
    })
    fc.assert(
      fc.property(logs, ({ lines, turns, seeds }) => {
        const { bytes, ended } = interleave(lines, turns)
        const chunks = cutAt(
          bytes,
          seeds.map((seed) => Math.floor(seed * bytes.length)),
        )
        expect(plain(decode(new MultiplexedDecoder({ pieceBytes: 0 }), chunks))).toEqual(expected(ended))
      }),
      { numRuns: 400 },
    )
  })

  it('counts pieces as tail= does: one for each frame that holds something', () => {
    const decoder = new MultiplexedDecoder({ pieceBytes: 0 })
    decoder.push(Buffer.concat([frame('stdout', stamped(A, 'a')), frame('stdout', stamped(A, 'b\n'))]))
    decoder.push(frame('stderr', stamped(B, 'c\n')))
    expect(decoder.pieces).toBe(3)
  })

  it('never throws anything but a MalformedLogError, whatever bytes come', () => {
    const bytes = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 40 }).map((garbage) => Buffer.from(garbage)),
        fc.constantFrom(...FIXTURES.map((each) => each.bytes)),
        fc
          .tuple(fc.constantFrom(0, 1, 2, 3), fc.string({ maxLength: 60 }))
          .map(([kind, payload]) => frame(kind, payload)),
      ),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(bytes, (chunks) => {
        let name = 'MalformedLogError'
        try {
          for (const line of decode(new MultiplexedDecoder({ pieceBytes: 0 }), chunks)) {
            expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/)
          }
        } catch (error) {
          name = (error as Error).name
        }
        expect(name).toBe('MalformedLogError')
      }),
      { numRuns: 500 },
    )
  })
})

describe('MultiplexedDecoder, for who wants some lines only', () => {
  const pieces = fc.array(
    fc.record({
      time: fc.nat(9).map(at),
      stream: fc.constantFrom<Stream>('stdout', 'stderr'),
      text: fc.oneof(
        { arbitrary: fc.constantFrom('a\n', 'b\n', '\n', 'ab\r\n'), weight: 20 },
        { arbitrary: fc.constantFrom('X\n', 'aXb\r\n', '\x1b[1mX\n', 'é\n', 'aé X\n', 'a', 'X'), weight: 1 },
      ),
    }),
    { minLength: 20, maxLength: 120 },
  )

  it('passes over others, of which the rest tells as if they had been made', () => {
    let passed = 0
    fc.assert(
      fc.property(pieces, fc.array(fraction, { maxLength: 6 }), (all, seeds) => {
        const bytes = Buffer.concat(all.map(({ time, stream, text }) => frame(stream, stamped(time, text))))
        const cuts = seeds.map((seed) => Math.floor(seed * bytes.length))
        const chunks = cutAt(bytes, cuts)
        const every = new MultiplexedDecoder({ pieceBytes: 0 })
        const some = new MultiplexedDecoder({ pieceBytes: 0, mayHaveWanted: (text) => text.includes('X') })
        const lines = decode(every, chunks)
        const made = decode(some, chunks)
        const key = (line: LogLine) => JSON.stringify(line)
        const left = new Set(made.map(key))
        expect(made.map(key)).toEqual(lines.map(key).filter((line) => left.has(line)))
        expect(lines.filter(({ message }) => message.includes('X')).every((line) => left.has(key(line)))).toBe(true)
        // Where a window begins is told by the first line of either stream.
        for (const stream of ['stdout', 'stderr']) {
          expect(made.find((line) => line.stream === stream)).toEqual(lines.find((line) => line.stream === stream))
        }
        expect(made.at(-1)).toEqual(lines.at(-1))
        expect(made.length + some.passed).toBe(lines.length)
        expect(some.pieces).toBe(every.pieces)
        passed += some.passed
      }),
      { numRuns: 300 },
    )
    expect(passed).toBeGreaterThan(500)
  })
})

describe('MultiplexedDecoder, for a damaged log', () => {
  const line = (time: string, text: string) => frame('stdout', stamped(time, `${text}\n`))
  const GRABBING = "Error grabbing logs: invalid character '\\x00' looking for beginning of value"

  it('gives the engine’s own sentence, of a frame of type 3, in its place among the lines', () => {
    const bytes = Buffer.concat([line(A, 'x'), frame(3, `${GRABBING}\n`), line(B, 'y')])
    for (const chunks of everyCut(bytes)) {
      expect(decodeAll(new MultiplexedDecoder(), chunks)).toEqual([
        [A, 'stdout', 'x'],
        { detail: GRABBING, isOfEngine: true },
        [B, 'stdout', 'y'],
      ])
    }
  })

  it.each([
    ['no time', ['no stamp line\n'], 'no stamp line'],
    ['a payload shorter than a time', ['short\n'], 'short'],
    ['time, blank and text as three frames', [C, ' ', 'text\n'], `${C} text`],
    ['a time that is none', ['2026-99-22T10:02:03.114000000Z x\n'], '2026-99-22T10:02:03.114000000Z x'],
    ['a part of a time', ['2026-11-22T10:0'], '2026-11-22T10:0'],
    [
      'a time that would break out of JSON',
      ['2026-11-22T10:0","x":"00000000Z x\n'],
      '2026-11-22T10:0","x":"00000000Z x',
    ],
    [
      'a time of the right length that would break out of JSON',
      [`2026-11-22T10:02:03.${'"'.repeat(9)}Z x\n`],
      `2026-11-22T10:02:03.${'"'.repeat(9)}Z x`,
    ],
    ['more text than a sentence holds', ['x'.repeat(100_000)], `${'x'.repeat(199)}…`],
    ['a blank alone', [' '], ''],
  ])('shows what has %s as damage, and the lines around it', (_name, payloads, detail) => {
    const damaged = payloads.map((payload) => frame('stdout', payload))
    const bytes = Buffer.concat([line(A, 'before'), ...damaged, line(B, 'next')])
    const expected = [[A, 'stdout', 'before'], { detail }, [B, 'stdout', 'next']]
    const ways = bytes.length < 1_000 ? [...everyCut(bytes)] : [[bytes], cutAt(bytes, [70, 5_000, 70_000])]
    for (const chunks of ways) expect(decodeAll(new MultiplexedDecoder(), chunks)).toEqual(expected)
  })

  it('loses no line to whatever stands between them, wherever it is cut', () => {
    const damages = ['no stamp\n', A, ' ', `${B} `.slice(1), GRABBING, '\ufffd\0\n']
    const item = fc.oneof(
      fc.record({ stream: fc.constantFrom<Stream>('stdout', 'stderr'), text: fc.constantFrom('a', 'é', '', `${A} b`) }),
      fc.record({ kind: fc.constantFrom(1, 2, 3), payload: fc.constantFrom(...damages) }),
    )
    fc.assert(
      fc.property(fc.array(item, { maxLength: 30 }), fc.array(fraction, { maxLength: 8 }), (items, cuts) => {
        const frames = items.map((each, index) =>
          'text' in each ? frame(each.stream, stamped(at(index), `${each.text}\n`)) : frame(each.kind, each.payload),
        )
        const bytes = Buffer.concat(frames)
        const points = cuts.map((cut) => Math.floor(cut * bytes.length))
        const expected = items.flatMap((each, index): (Plain | 'damage')[] => {
          if ('text' in each) return [[at(index), each.stream, each.text]]
          const before = items[index - 1]
          return before && !('text' in before) ? [] : ['damage']
        })
        const decoder = new MultiplexedDecoder()
        const all = decodeAll(decoder, cutAt(bytes, points))
        expect(all.map((each) => ('detail' in each ? 'damage' : each))).toEqual(expected)
        expect(decoder.pieces).toBe(items.filter((each) => 'text' in each || each.kind !== 3).length)
      }),
      { numRuns: 500 },
    )
  })
})

describe('MultiplexedDecoder, for what is no log', () => {
  const failure = expect.objectContaining({ name: 'MalformedLogError' })

  it.each([
    ['text', Buffer.from('HTTP/1.1 200 OK\r\n\r\n')],
    ['a TTY’s log', Buffer.from(`${A} hello\r\n`)],
    ['a stream of an unknown number', frame(7, stamped(A, 'x\n'))],
    [
      'a header whose zeros are not',
      Buffer.concat([Buffer.of(1, 0, 1, 0), frame('stdout', stamped(A, 'x\n')).subarray(4)]),
    ],
  ])('refuses %s as soon as its first eight bytes have come, and gives the lines before', (_name, bytes) => {
    expect(() => new MultiplexedDecoder({ pieceBytes: 0 }).push(bytes.subarray(0, 8))).toThrow(failure)
    expect(() => new MultiplexedDecoder({ pieceBytes: 0 }).push(bytes)).toThrow(failure)
    const decoder = new MultiplexedDecoder()
    expect(plain(decoder.push(Buffer.concat([frame('stdout', stamped(A, 'x\n')), bytes])))).toEqual([
      [A, 'stdout', 'x'],
    ])
    expect(() => decoder.end()).toThrow(failure)
    expect(() => decoder.push(frame('stdout', stamped(B, 'y\n')))).toThrow(failure)
  })

  it('says that the log ended inside a frame, wherever that is', () => {
    const bytes = frame('stdout', stamped(A, 'hello\n'))
    for (let length = 1; length < bytes.length; length++) {
      expect(() => decode(new MultiplexedDecoder({ pieceBytes: 0 }), [bytes.subarray(0, length)])).toThrow(failure)
    }
  })
})

describe('MultiplexedDecoder, for Podman', () => {
  it('joins the pieces of a line wherever they are cut, whatever the time of each', () => {
    const texts = fc.array(
      fc.tuple(fc.constantFrom<Stream>('stdout', 'stderr'), fc.stringMatching(/^[a-zé ]{0,12}$/)),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(texts, fc.array(fraction, { minLength: 30, maxLength: 30 }), (all, seeds) => {
        let piece = 0
        const frames: Buffer[] = []
        const expected: Plain[] = []
        for (const [stream, text] of all) {
          const bytes = Buffer.from(`${text}\n`)
          const points = seeds.slice(piece % 20, (piece % 20) + 3).map((seed) => Math.floor(seed * bytes.length))
          expected.push([at(piece), stream, text])
          for (const part of cutAt(bytes, points))
            if (part.length > 0) frames.push(frame(stream, stamped(at(piece++), part)))
        }
        expect(decodeAll(new MultiplexedDecoder({ endsWithNewlineOnly: true }), frames)).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })
})

describe('MultiplexedDecoder, for lines without a bound', () => {
  afterEach(() => vi.restoreAllMocks())

  /** Decodes and returns the lines with the most bytes that were ever put together, and the most that a part kept alive. */
  function watched(chunks: Iterable<Buffer>) {
    const concat = Buffer.concat
    let most = 0
    let alive = 0
    vi.spyOn(Buffer, 'concat').mockImplementation((parts, length) => {
      most = Math.max(
        most,
        parts.reduce((sum, part) => sum + part.length, 0),
      )
      for (const part of parts.slice(0, -1)) alive = Math.max(alive, part.buffer.byteLength)
      return concat(parts, length)
    })
    const decoder = new MultiplexedDecoder({ pieceBytes: 0 })
    const lines = [...chunks].flatMap((chunk) => decoder.push(chunk))
    lines.push(...decoder.end())
    return { lines, most, alive, pieces: decoder.pieces }
  }

  const piece = frame('stdout', stamped(A, Buffer.alloc(PIECE, 'x')))

  it('shows the first 64 KiB of a line of 16 MiB in pieces, says so, and keeps no more of it', () => {
    const chunks = Array.from({ length: 1024 }, () => piece)
    const end = [frame('stdout', stamped(A, 'end\n')), frame('stdout', stamped(B, 'next\n'))]
    const { lines, most, alive, pieces } = watched([...chunks, ...end])
    expect(lines.map(({ message, truncated }) => [message.length, truncated])).toEqual([
      [MAX_LINE_BYTES, true],
      [4, false],
    ])
    expect(most).toBeLessThanOrEqual(MAX_LINE_BYTES + PIECE + 64)
    expect(alive).toBeLessThanOrEqual(MAX_LINE_BYTES + 64)
    expect(pieces).toBe(1026)
  })

  it('does so for one frame of 16 MiB, which comes in chunks of 64 KiB', () => {
    const bytes = Buffer.concat([
      frame('stdout', stamped(A, Buffer.alloc(16 * 1024 * 1024, 'x').fill('\n', 16 * 1024 * 1024 - 1))),
      frame('stderr', stamped(B, 'next\n')),
    ])
    const points = Array.from({ length: bytes.length / 65_536 }, (_, index) => index * 65_536)
    const { lines, most } = watched(cutAt(bytes, points))
    expect(lines.map(({ message, truncated }) => [message.length, truncated])).toEqual([
      [MAX_LINE_BYTES, true],
      [4, false],
    ])
    expect(most).toBeLessThanOrEqual(2 * 65_536 + 64)
  })

  it.each([
    ['in one frame', [MAX_LINE_BYTES]],
    ['in pieces', [PIECE, PIECE, PIECE, PIECE]],
  ])('marks a line as truncated from one byte over 64 KiB on, %s', (_name, sizes) => {
    const frames = (extra: string) =>
      sizes.map((size, index) =>
        frame('stdout', stamped(A, Buffer.alloc(size, 'x').toString() + (index === sizes.length - 1 ? extra : ''))),
      )
    const [exact] = decode(new MultiplexedDecoder({ pieceBytes: 0 }), frames('\n'))
    expect([exact?.message.length, exact?.truncated]).toEqual([MAX_LINE_BYTES, false])
    const [over] = decode(new MultiplexedDecoder({ pieceBytes: 0 }), frames('y\n'))
    expect([over?.message.length, over?.truncated]).toEqual([MAX_LINE_BYTES, true])
  })

  it('cuts between characters, never inside one', () => {
    for (const character of ['é', '€', '🐳']) {
      for (const shift of ['', 'a', 'ab', 'abc']) {
        const bytes = Buffer.from(shift + character.repeat(40_000))
        const [line] = decode(new MultiplexedDecoder({ pieceBytes: 0 }), [
          frame('stdout', stamped(A, bytes)),
          frame('stdout', stamped(A, '\n')),
        ])
        const fit = Math.floor((MAX_LINE_BYTES - shift.length) / Buffer.byteLength(character))
        expect(line?.message === shift + character.repeat(fit), `${fit} of ${character} after "${shift}"`).toBe(true)
      }
    }
  })

  it('shows the first 64 KiB of a line that never ends as soon as there is more, and passes over the rest up to its end', () => {
    const decoder = new MultiplexedDecoder()
    for (let count = 0; count < 4; count++) expect(decoder.push(piece)).toEqual([])
    const [line] = decoder.push(piece)
    expect([line?.message, line?.truncated]).toEqual(['x'.repeat(MAX_LINE_BYTES), true])
    for (let count = 0; count < 100; count++) expect(decoder.push(piece)).toEqual([])
    expect(plain(decoder.push(frame('stderr', stamped(B, 'other\n'))))).toEqual([[B, 'stderr', 'other']])
    expect(decoder.push(frame('stdout', stamped(A, 'end\n')))).toEqual([])
    expect(plain(decoder.push(frame('stdout', stamped(C, 'next\n'))))).toEqual([[C, 'stdout', 'next']])
    expect(decoder.end()).toEqual([])
  })

  it('keeps nothing of pieces without text, however many come', () => {
    const empty = frame('stdout', stamped(A, ''))
    const parts: number[] = []
    const concat = Buffer.concat
    vi.spyOn(Buffer, 'concat').mockImplementation((list, length) => {
      parts.push(list.length)
      return concat(list, length)
    })
    const decoder = new MultiplexedDecoder({ pieceBytes: 0 })
    for (let count = 0; count < 5_000; count++) decoder.push(empty)
    const [line] = decoder.push(frame('stdout', stamped(A, 'x\n')))
    expect(line?.message).toBe('x')
    expect(Math.max(...parts)).toBeLessThanOrEqual(2)
  })

  it('takes a piece of less than 16 KiB without a newline for all there is of its line: the container ended there', () => {
    const decoder = new MultiplexedDecoder()
    const push = (stream: Stream, time: string, text: string | Buffer) =>
      plain(decoder.push(frame(stream, stamped(time, text))))
    expect(push('stdout', A, 'half')).toEqual([[A, 'stdout', 'half']])
    expect(push('stderr', B, 'of the next run\n')).toEqual([[B, 'stderr', 'of the next run']])
    expect(push('stdout', A, Buffer.alloc(PIECE, 'x'))).toEqual([])
    expect(push('stdout', A, 'y')).toEqual([[A, 'stdout', `${'x'.repeat(PIECE)}y`, 1]])
    expect(decoder.end()).toEqual([])
  })
})
