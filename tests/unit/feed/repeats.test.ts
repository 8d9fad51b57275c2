/** What a follow repeats is noticed, and nothing else holds it up for long. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Repeats } from '../../../server/feed/repeats.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import type { Stream } from '../../../server/wire.ts'
import { at } from '../logs/frames.ts'

function line(time: number, { stream = 'stdout', ordinal = 0 }: { stream?: Stream; ordinal?: number } = {}): LogLine {
  return { time: at(time), ordinal, stream, level: undefined, message: `at ${time}`, truncated: false }
}

describe('Repeats', () => {
  it('lets a log through whose streams are stamped apart', () => {
    const steps = fc.array(fc.record({ step: fc.nat(5_000_000), isError: fc.boolean() }), { maxLength: 100 })
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 9 }), (all, size) => {
        const repeats = new Repeats()
        const now = { stdout: 3_000_000, stderr: 0 }
        const lines = all.map(({ step, isError }) => {
          const stream = isError ? 'stderr' : 'stdout'
          now[stream] += step + 1
          return line(now[stream], { stream })
        })
        for (let start = 0; start < lines.length; start += size) {
          expect(repeats.find(lines.slice(start, start + size))).toBe(-1)
        }
      }),
    )
  })

  it('finds where a file begins anew, however long ago its lines were', () => {
    const repeats = new Repeats()
    const lines = Array.from({ length: 5_000 }, (_, number) => line(number))
    expect(repeats.find(lines)).toBe(-1)
    expect(repeats.find([line(5_000), line(5_001), line(0), line(1)])).toBe(2)
  })

  it('finds the last line before a rotation when it comes once more', () => {
    const repeats = new Repeats()
    expect(repeats.find([line(1), line(2)])).toBe(-1)
    expect(repeats.find([line(2, { ordinal: 1 }), line(3)])).toBe(0)
    expect(repeats.find([line(3)])).toBe(-1)
  })

  it('finds a repetition that begins with the last line of one stream, behind later ones of the other', () => {
    const repeats = new Repeats()
    expect(repeats.find([line(5), line(6, { stream: 'stderr' }), line(9, { stream: 'stderr' })])).toBe(-1)
    expect(repeats.find([line(5, { ordinal: 1 }), line(6, { stream: 'stderr', ordinal: 1 })])).toBe(0)
    // So long ago that it is not counted any more.
    expect(repeats.find([line(5), line(6, { stream: 'stderr' })])).toBe(0)
  })

  it('believes what a read of its own has found: a clock that was set back, and equal lines of equal time', () => {
    const repeats = new Repeats()
    expect(repeats.find([line(9_000)])).toBe(-1)
    expect(repeats.find([line(10)])).toBe(0)
    repeats.trust([line(10), line(11)])
    expect(repeats.find([line(12)])).toBe(-1)
    expect(repeats.find([line(12, { ordinal: 1 })])).toBe(0)
    repeats.trust([line(12, { ordinal: 1 })])
    expect(repeats.find([line(13), line(13, { ordinal: 1 })])).toBe(-1)
  })

  it('does not look twice at equal lines of whole seconds, which are Podman’s', () => {
    const repeats = new Repeats()
    const second = { ...line(0), time: '2026-11-22T10:02:03.000000000Z' }
    expect(repeats.find([second, { ...second, ordinal: 1 }, { ...second, ordinal: 2 }])).toBe(-1)
  })
})
