/** The raw form to lines: whatever a terminal's program writes and wherever the network cuts it. */
import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { MAX_LINE_BYTES } from '../../../server/logs/line.ts'
import { TtyDecoder } from '../../../server/logs/tty.ts'
import { fraction } from '../fraction.ts'
import { at, cutAt, cutPoints, decode, decodeAll, everyCut, type Plain, plain } from './frames.ts'

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
    ['text without a time', 'hello world\r\n', 'hello world'],
    ['text without a space', `${'x'.repeat(100)}\r\n`, 'x'.repeat(100)],
    ['a blank line', '\r\n', ''],
    [
      'a time that would break out of JSON',
      `2026-11-22T10:02:03.${'"'.repeat(9)}Z x\r\n`,
      `2026-11-22T10:02:03.${'"'.repeat(9)}Z x`,
    ],
    ['frames', '\u0001\0\0\0\0\0\0\u0010 x\n', '\u0001\0\0\0\0\0\0\u0010 x'],
    ['the engine’s own sentence', 'Error grabbing logs: unexpected EOF\n', 'Error grabbing logs: unexpected EOF'],
  ])('shows %s as damage in its place, and the lines around it', (_name, text, detail) => {
    const bytes = Buffer.concat([raw(A, 'before\r\n'), Buffer.from(text), raw(B, 'after\r\n')])
    for (const chunks of everyCut(bytes)) {
      const all = decodeAll(new TtyDecoder(), chunks)
      expect(all).toEqual([[A, 'stdout', 'before'], { detail }, [B, 'stdout', 'after']])
    }
  })

  describe('for text full of times', () => {
    /** As json-file stores a piece: each byte that is no UTF-8 becomes U+FFFD, as Go reads it. `local` keeps the bytes. */
    function stored(driver: 'json-file' | 'local', piece: Buffer): Buffer {
      if (driver === 'local') return piece
      const parts: Buffer[] = []
      for (let start = 0; start < piece.length; ) {
        const lead = piece[start] ?? 0
        const length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2
        const character = piece.subarray(start, start + length)
        const isValid = character.length === length && isUtf8(character)
        parts.push(isValid ? character : Buffer.from('\ufffd'))
        start += isValid ? length : 1
      }
      return Buffer.concat(parts)
    }

    function row(driver: 'json-file' | 'local', time: string, text: Buffer): Buffer[] {
      const parts: Buffer[] = []
      for (let start = 0; start === 0 || start < text.length; start += PIECE) {
        parts.push(Buffer.from(`${time} `), stored(driver, text.subarray(start, start + PIECE)))
      }
      return parts
    }

    it('takes no time of the program’s for the engine’s', () => {
      const text = 'next retry at 2027-11-30T16:49:52.105074204Z ok'
      const bytes = raw(A, `${text}\r\n`)
      const decoder = new TtyDecoder({ mayHaveStarted: () => false })
      expect(decodeAll(decoder, [bytes])).toEqual([[A, 'stdout', text]])
    })

    it('finds the engine’s time where a character straddles 16 KiB', () => {
      const text = Buffer.from(`${'x'.repeat(PIECE - 1)}éend\r\n`)
      const decoder = new TtyDecoder()
      const [line] = decodeAll(decoder, [Buffer.concat([...row('json-file', A, text), raw(B, 'next\r\n')])])
      expect(line).toEqual([A, 'stdout', `${'x'.repeat(PIECE - 1)}\ufffd\ufffdend`])
      expect(decoder.pieces).toBe(3)
    })

    it('begins a piece only where the engine can have put one, and counts pieces as it does', () => {
      const runs = fc.array(
        fc.record({
          driver: fc.constantFrom<'json-file' | 'local'>('json-file', 'local'),
          rows: fc.array(
            fc.record({
              parts: fc.array(
                fc.oneof<fc.Arbitrary<number | Buffer>[]>(
                  fc.integer({ min: -300, max: 300 }), // a time so many nanoseconds after that of its row
                  fc.constantFrom('Z ', 'é', '\ufffd', ' ok ', '🐳').map((text) => Buffer.from(text)),
                  fc
                    .uint8Array({ maxLength: 4 })
                    .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 10 && byte !== 13))),
                ),
                { maxLength: 5 },
              ),
              padding: fc.constantFrom(0, 0, 1, PIECE - 9, PIECE - 1, PIECE, PIECE + 40, 2 * PIECE - 2),
            }),
            { maxLength: 3 },
          ),
          isEnded: fc.boolean(),
        }),
        { maxLength: 3 },
      )
      fc.assert(
        fc.property(runs, fc.array(fraction, { maxLength: 5 }), (all, cuts) => {
          const driver = all[0]?.driver ?? 'local'
          // A second between runs, and the text's times between a run's own: only a start tells them apart.
          let clock = 0
          let pieces = 0
          const starts: string[] = []
          const bytes: Buffer[] = []
          const expected: Plain[] = []
          for (const { rows, isEnded } of all) {
            clock += 1_000_000_000
            starts.push(at(clock - 1))
            for (const [index, { parts, padding }] of rows.entries()) {
              const isOpen = !isEnded && index === rows.length - 1
              const texts = parts.map((part) => (typeof part === 'number' ? Buffer.from(`${at(clock + part)} `) : part))
              const end = Buffer.from(isOpen ? '' : '\r\n')
              const text = Buffer.concat([...texts, Buffer.alloc(padding, 'x'), ...texts, end])
              if (text.length === 0) continue // which no engine logs
              const written = row(driver, at(clock), text)
              bytes.push(...written)
              pieces += written.length / 2
              const whole = Buffer.concat(written.filter((_, part) => part % 2 === 1)).toString('utf8')
              expected.push([at(clock), 'stdout', isOpen ? whole : whole.slice(0, -2)])
              clock += 100
            }
          }
          const mayHaveStarted = (after: string, until: string) =>
            starts.some((start) => after < start && start <= until)
          const decoder = new TtyDecoder({ mayHaveStarted })
          const log = Buffer.concat(bytes)
          const points = cuts.map((cut) => Math.floor(cut * log.length))
          expect(decodeAll(decoder, cutAt(log, points))).toEqual(expected)
          expect(decoder.pieces).toBe(pieces)
        }),
        { numRuns: 300 },
      )
    })
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

    it('shows the first 64 KiB of a line that never ends as soon as there is more, and passes over the rest up to its end', () => {
      const decoder = new TtyDecoder()
      const endless = raw(A, 'x'.repeat(20 * PIECE))
      const lines = decoder.push(endless.subarray(0, 5 * PIECE + 500))
      expect(lines.map(({ message, truncated }) => [message.length, truncated])).toEqual([[MAX_LINE_BYTES, true]])
      expect(decoder.push(endless.subarray(5 * PIECE + 500))).toEqual([])
      expect(plain(decoder.push(Buffer.concat([Buffer.from('\r\n'), raw(B, 'next\r\n')])))).toEqual([
        [B, 'stdout', 'next'],
      ])
      expect(decoder.end()).toEqual([])
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
