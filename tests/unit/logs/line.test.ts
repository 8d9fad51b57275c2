/** A line's JSON, written by hand for speed, is the JSON that the wire promises. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LogLine, linesToJson, weightOf } from '../../../server/logs/line.ts'
import type { Level, Line, Stream } from '../../../server/wire.ts'
import { at } from './frames.ts'

/** Any string at all: lone surrogates, controls and U+2028 among them. */
const anything = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.array(fc.nat(0xffff).map((code) => String.fromCharCode(code))).map((units) => units.join('')),
  fc.constantFrom('\ud800', '\udc00x', '"}', '\\', '\u2028\u2029', '\0\r\n', '</script><!--', 'data: x\n\n'),
)

const lines: fc.Arbitrary<LogLine> = fc.record({
  time: fc.nat(10).map(at),
  ordinal: fc.nat(3),
  stream: fc.constantFrom<Stream>('stdout', 'stderr'),
  level: fc.constantFrom<Level | undefined>(undefined, 'trace', 'debug', 'info', 'warn', 'error', 'fatal'),
  message: anything,
  truncated: fc.boolean(),
})

function wire({ time, ordinal, stream, level, message, truncated }: LogLine): Line {
  return {
    time,
    ...(ordinal !== 0 && { ordinal }),
    stream,
    ...(level && { level }),
    message,
    ...(truncated && { truncated }),
  }
}

describe('linesToJson', () => {
  it('parses back to the lines, for any messages', () => {
    fc.assert(
      fc.property(fc.array(lines), (several) => {
        expect(JSON.parse(`[${linesToJson(several)}]`)).toEqual(several.map(wire))
      }),
      { numRuns: 500 },
    )
  })

  it('says more of each line, and parts them as it is told', () => {
    fc.assert(
      fc.property(fc.array(lines, { minLength: 1 }), (several) => {
        const json = linesToJson(several, (index) => `,"index":${index},"x":"y"`, '\n').split('\n')
        const expected = several.map((line, index) => ({ ...wire(line), index, x: 'y' }))
        expect(json.map((each) => JSON.parse(each))).toEqual(expected)
      }),
    )
  })

  it('holds no line break, which would end an SSE field', () => {
    fc.assert(
      fc.property(fc.array(lines), (several) => {
        expect(linesToJson(several)).not.toMatch(/[\r\n]/)
      }),
    )
  })

  it('is well-formed text, so that UTF-8 carries it without loss', () => {
    fc.assert(
      fc.property(fc.array(lines), (several) => {
        const json = linesToJson(several)
        expect(Buffer.from(json).toString()).toBe(json)
      }),
    )
  })
})

describe('weightOf', () => {
  it('is at least what the message takes in memory', () => {
    fc.assert(
      fc.property(lines, (line) => {
        expect(weightOf(line)).toBeGreaterThanOrEqual(2 * line.message.length)
      }),
    )
  })
})
