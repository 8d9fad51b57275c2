/** The raw form to lines: whatever a terminal's program writes and wherever the network cuts it. */
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { MAX_LINE_BYTES } from '../../../server/logs/line.ts'
import { TtyDecoder } from '../../../server/logs/tty.ts'
import { at, cutAt, cutPoints, decode, everyCut, type Plain, plain } from './frames.ts'

const PIECE = 16 * 1024
const A = at(0)
const B = at(1)

/** A line as the engine prints it: with its time before each 16 KiB. The line ending counts as text. */
function raw(time: string, text: string | Buffer): Buffer {
  const body = Buffer.from(text)
  const parts: Buffer[] = []
  let start = 0
  do {
    parts.push(Buffer.from(`${time} `), body.subarray(start, start + PIECE))
    start += PIECE
  } while (start < body.length)
  return Buffer.concat(parts)
}

const FIXTURES: readonly { name: string; bytes: Buffer; lines: Plain[] }[] = [
  { name: 'nothing', bytes: Buffer.of(), lines: [] },
  { name: 'one line', bytes: raw(A, 'hello\r\n'), lines: [[A, 'stdout', 'hello']] },
  { name: 'an empty line', bytes: raw(A, '\r\n'), lines: [[A, 'stdout', '']] },
  { name: 'a newline alone', bytes: raw(A, 'x\n'), lines: [[A, 'stdout', 'x']] },
  { name: 'no final newline', bytes: raw(A, '/ # '), lines: [[A, 'stdout', '/ # ']] },
  { name: 'a progress bar', bytes: raw(A, '10%\r50%\r99%\r\n'), lines: [[A, 'stdout', '10%\r50%\r99%']] },
  {
    name: 'equal times, and text that begins like a time',
    bytes: Buffer.concat([raw(A, `${B} x\r\n`), raw(A, 'y\r\n'), raw(B, '\u001b[31mred €\u001b[0m\r\n')]),
    lines: [
      [A, 'stdout', `${B} x`],
      [A, 'stdout', 'y', 1],
      [B, 'stdout', '\u001b[31mred €\u001b[0m'],
    ],
  },
  {
    name: 'what a stopped run left without a newline, and the next run behind it on the same row',
    bytes: Buffer.concat([raw(A, 'password: '), raw(B, 'hello\r\n'), raw(B, 'again\r\n')]),
    lines: [
      [A, 'stdout', 'password: '],
      [B, 'stdout', 'hello'],
      [B, 'stdout', 'again', 1],
    ],
  },
  {
    name: 'a program that prints times of its own, which are earlier than that of the line',
    bytes: raw(B, `level=info at=${A} to=${B} x\r\n`),
    lines: [[B, 'stdout', `level=info at=${A} to=${B} x`]],
  },
  {
    name: 'bytes that are not UTF-8',
    bytes: raw(A, Buffer.from([0xff, 0x61, 0xc3, 0x0d, 0x0a])),
    lines: [[A, 'stdout', '�a�']],
  },
  {
    name: "Podman's times",
    bytes: Buffer.from('2026-11-22T11:02:03.114000000+01:00 a\r\n2026-11-22T10:02:04Z b\r\n'),
    lines: [
      ['2026-11-22T10:02:03.114000000Z', 'stdout', 'a'],
      ['2026-11-22T10:02:04.000000000Z', 'stdout', 'b'],
    ],
  },
]

describe('TtyDecoder', () => {
  it.each(FIXTURES)('reads $name, cut at every byte', ({ bytes, lines }) => {
    for (const chunks of everyCut(bytes)) expect(plain(decode(new TtyDecoder(), chunks))).toEqual(lines)
  })

  it('joins a line of any length up to 64 KiB without the times in its middle, wherever it is cut', () => {
    const near = fc.integer({ min: -3, max: 3 })
    const lengths = fc.tuple(fc.nat(3), near).map(([pieces, by]) => Math.max(0, pieces * PIECE + by))
    fc.assert(
      fc.property(
        lengths,
        fc.constantFrom('\n', '\r\n'),
        fc.infiniteStream(fc.nat(70_000)),
        (length, ending, seeds) => {
          const text = Buffer.from('0123456789'.repeat(7_000)).toString().slice(0, length)
          const bytes = Buffer.concat([raw(A, text + ending), raw(B, 'next\r\n')])
          const points = [...seeds.take(6)].map((seed) => seed % bytes.length)
          const decoder = new TtyDecoder()
          const [line, next] = decode(decoder, cutAt(bytes, points))
          expect(line?.message === text, `${length} characters and ${JSON.stringify(ending)}`).toBe(true)
          expect(line?.truncated).toBe(false)
          expect(next?.message).toBe('next')
          expect(decoder.pieces).toBe(Math.ceil((length + ending.length) / PIECE) + 1)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('reads a character that a border of pieces cuts', () => {
    const text = `${'x'.repeat(PIECE - 1)}€${'y'.repeat(10)}`
    const [line] = decode(new TtyDecoder(), [raw(A, `${text}\r\n`)])
    expect(line?.message === text).toBe(true)
  })

  it('reads all fixtures after one another the same, cut at random', () => {
    const bytes = Buffer.concat(FIXTURES.filter(({ name }) => name !== 'no final newline').map((each) => each.bytes))
    const whole = decode(new TtyDecoder(), [bytes])
    expect(whole.length).toBeGreaterThan(8)
    fc.assert(
      fc.property(cutPoints(bytes), (points) => {
        expect(decode(new TtyDecoder(), cutAt(bytes, points))).toEqual(whole)
      }),
    )
  })

  it.each([
    ['text without a time', 'hello world\r\n'],
    ['text without a space', `${'x'.repeat(100)}\r\n`],
    ['a blank line', '\r\n'],
    ['a time that would break out of JSON', `2026-11-22T10:02:03.${'"'.repeat(9)}Z x\r\n`],
    ['frames', '\u0001\0\0\0\0\0\0\u0010 x\n'],
  ])('refuses %s with a name', (_name, text) => {
    expect(() => decode(new TtyDecoder(), [Buffer.from(text)])).toThrow(
      expect.objectContaining({ name: 'MalformedLogError', code: 'no-time' }),
    )
  })

  describe('for lines without a bound', () => {
    afterEach(() => vi.restoreAllMocks())

    it('shows the first 64 KiB of a line of 16 MiB, says so, and keeps no more of it', () => {
      const bytes = Buffer.concat([raw(A, `${'x'.repeat(16 * 1024 * 1024)}\r\n`), raw(B, 'next\r\n')])
      const concat = Buffer.concat
      let most = 0
      vi.spyOn(Buffer, 'concat').mockImplementation((parts, length) => {
        most = Math.max(
          most,
          parts.reduce((sum, part) => sum + part.length, 0),
        )
        return concat(parts, length)
      })
      const decoder = new TtyDecoder()
      const points = Array.from({ length: Math.floor(bytes.length / 50_000) }, (_, index) => index * 50_000)
      const lines = decode(decoder, cutAt(bytes, points))
      expect(lines.map(({ message, truncated }) => [message.length, truncated])).toEqual([
        [MAX_LINE_BYTES, true],
        [4, false],
      ])
      expect(lines[0]?.message).toBe('x'.repeat(MAX_LINE_BYTES))
      expect(most).toBeLessThanOrEqual(MAX_LINE_BYTES + 6 * 36 + 2)
      // tail= counts pieces; of what was passed over their number is known by its length.
      expect(decoder.pieces).toBe(1024 + 1 + 1)
    })

    it('marks a line as truncated from one byte over 64 KiB on', () => {
      const lineOf = (length: number) => decode(new TtyDecoder(), [raw(A, `${'x'.repeat(length)}\r\n`)])[0]
      expect(lineOf(MAX_LINE_BYTES)?.truncated).toBe(false)
      expect(lineOf(MAX_LINE_BYTES)?.message.length).toBe(MAX_LINE_BYTES)
      expect(lineOf(MAX_LINE_BYTES + 1)?.truncated).toBe(true)
      expect(lineOf(MAX_LINE_BYTES + 1)?.message.length).toBe(MAX_LINE_BYTES)
    })
  })
})
