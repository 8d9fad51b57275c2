/** The ring against a plain array of everything that was ever put into it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Entry, Ring } from '../../../server/feed/ring.ts'
import { originOf } from '../../../server/logs/cursor.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import { at } from '../logs/frames.ts'

const MAX_LINES = 10_000
const OLD = 'a'.repeat(12)
const NEW = 'b'.repeat(12)
const LEVELS = [undefined, 'trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const

type Item = { readonly incarnation: string; readonly line: LogLine } | { readonly event: Entry }

function lineOf(number: number, message = ''): LogLine {
  return { time: at(number), ordinal: 0, stream: 'stdout', level: undefined, message, truncated: false }
}

interface Step {
  readonly kind: 'lines' | 'state' | 'gap'
  readonly count: number
  readonly incarnation: string
  readonly back: number
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom<Step['kind']>('lines', 'lines', 'lines', 'state', 'gap'),
    count: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 3_000 })),
    incarnation: fc.constantFrom(OLD, NEW),
    back: fc.nat(3),
  }),
  { minLength: 1, maxLength: 16 },
)

/** Puts the steps into a ring and, item by item, into an array. */
function build(all: readonly Step[]): { ring: Ring; items: Item[] } {
  const ring = new Ring()
  const items: Item[] = []
  let clock = 10
  for (const { kind, count, incarnation, back } of all) {
    if (kind === 'lines') {
      clock -= back // times may step back from one entry to the next; the streams are stamped apart
      const lines = Array.from({ length: count }, () => ({ ...lineOf(clock++), ordinal: items.length }))
      ring.append({ kind, incarnation, lines })
      for (const line of lines) items.push({ incarnation, line })
    } else {
      const event: Entry =
        kind === 'state'
          ? { kind, event: { container: 'web', state: 'started', at: at(clock) } }
          : { kind, event: { container: 'web', reason: 'rotated' } }
      ring.append(event)
      items.push({ event })
    }
  }
  return { ring, items }
}

/** What the ring gives from `sequence` to its end, item by item. */
function readFrom(ring: Ring, sequence: number): Item[] {
  const items: Item[] = []
  for (let entry = ring.at(sequence); entry; entry = ring.at(sequence + items.length)) {
    if (entry.kind === 'lines' && entry.lines.length === 0) throw new Error('there is an entry without lines')
    if (entry.kind === 'lines') for (const line of entry.lines) items.push({ incarnation: entry.incarnation, line })
    else items.push({ event: entry })
  }
  return items
}

describe('Ring', () => {
  it('gives from any sequence number on what an array of everything gives', () => {
    fc.assert(
      fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), (all, where) => {
        const { ring, items } = build(all)
        expect(ring.end).toBe(items.length)
        const sequence = ring.start + Math.floor(where * (ring.end - ring.start))
        expect(readFrom(ring, sequence)).toEqual(items.slice(sequence))
        expect(ring.at(ring.end)).toBeUndefined()
      }),
      { numRuns: 60 },
    )
  })

  it('holds no more than its bound of lines, counts them right, and lets the oldest go first', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const { ring, items } = build(all)
        const held = items.slice(ring.start).filter((item) => 'line' in item).length
        expect(ring.lineCount).toBe(held)
        expect(held).toBeLessThanOrEqual(MAX_LINES)
        const total = items.filter((item) => 'line' in item).length
        if (total <= MAX_LINES) expect(ring.start).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  it('finds every line that it holds by its cursor, and none that it let go or of another incarnation', () => {
    fc.assert(
      fc.property(steps, fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { maxLength: 8 }), (all, places) => {
        const { ring, items } = build(all)
        for (const place of places) {
          const sequence = Math.floor(place * items.length)
          const item = items[sequence]
          if (!item || !('line' in item)) continue
          const { time, ordinal } = item.line
          const held = sequence >= ring.start
          expect(ring.find({ incarnation: item.incarnation, time, ordinal })).toBe(held ? sequence : undefined)
          expect(ring.find({ incarnation: 'c'.repeat(12), time, ordinal })).toBeUndefined()
          expect(ring.find({ incarnation: item.incarnation, time, ordinal: -1 })).toBeUndefined()
        }
      }),
      { numRuns: 60 },
    )
  })

  it('tells where the last lines begin, and which line came last before a place, though it is not here any more', () => {
    const places = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 12_000 }), places, (all, count, where) => {
        const { ring, items } = build(all)
        const held = items.map((item, sequence) => ({ item, sequence })).slice(ring.start)
        const lines = held.filter(({ item }) => 'line' in item)
        const from = lines.length >= count ? lines.at(-count)?.sequence : ring.start
        expect(ring.lastLines(count)).toBe(from)

        const sequence = ring.start + Math.floor(where * (ring.end - ring.start))
        const before = items.slice(0, sequence).findLast((item) => 'line' in item)
        const cursor =
          before && 'line' in before
            ? { incarnation: before.incarnation, time: before.line.time, ordinal: before.line.ordinal }
            : undefined
        expect(ring.positionBefore(sequence)).toEqual(cursor)
      }),
      { numRuns: 60 },
    )
  })

  it('may hold a line of any time from its earliest of that incarnation on, and none of an earlier time', () => {
    const times = fc.array(fc.integer({ min: 10, max: 60 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(times, fc.nat(80), (all, asked) => {
        const ring = new Ring()
        for (const time of all) ring.append({ kind: 'lines', incarnation: OLD, lines: [lineOf(time)] })
        expect(ring.mayHold(OLD, at(asked))).toBe(asked >= Math.min(...all))
        expect(ring.mayHold(NEW, at(asked))).toBe(false)
        expect(new Ring().mayHold(OLD, at(asked))).toBe(false)
      }),
    )
  })

  it('holds 8 MiB at most, and gives long lines and other characters back as they were', () => {
    const ring = new Ring()
    const messages = ['x'.repeat(65_536), '\ufffd'.repeat(65_536), 'ä'.repeat(30_000), '🦀'.repeat(16_384), '', '\0\n']
    const line = (number: number) => ({
      ...lineOf(number, messages[number % messages.length]),
      ordinal: number,
      stream: number % 2 === 0 ? ('stdout' as const) : ('stderr' as const),
      level: LEVELS[number % LEVELS.length],
      truncated: number % 5 === 0,
    })
    for (let number = 0; number < 900; number += 3) {
      ring.append({ kind: 'lines', incarnation: OLD, lines: [0, 1, 2].map((more) => line(number + more)) })
    }
    const held = readFrom(ring, ring.start)
    expect(held).toEqual(
      Array.from({ length: 900 - ring.start }, (_, at) => ({ incarnation: OLD, line: line(ring.start + at) })),
    )
    const bytes = held.reduce((sum, item) => sum + ('line' in item ? Buffer.byteLength(item.line.message) : 0), 0)
    expect(bytes).toBeLessThanOrEqual(8 * 1024 * 1024)
    expect(bytes).toBeGreaterThan(7 * 1024 * 1024)
  })

  it('gives any text back, wherever a block ends', () => {
    const texts = fc.array(fc.string({ unit: fc.constantFrom('a', '\n', 'é', '\u2028', '🦀'), maxLength: 40 }), {
      maxLength: 9,
    })
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 12 }), fc.integer({ min: 261_700, max: 262_000 }), (batches, filler) => {
        const ring = new Ring()
        // All but the end of the first block, which the batches then cross.
        const all = [Array.from({ length: 4 }, () => 'x'.repeat(Math.floor(filler / 4)).slice(40)), ...batches].map(
          (messages) => messages.map((message, number) => lineOf(number, message)),
        )
        for (const lines of all) ring.append({ kind: 'lines', incarnation: OLD, lines })
        expect(readFrom(ring, 0)).toEqual(all.flat().map((line) => ({ incarnation: OLD, line })))
      }),
    )
  })

  it('holds the end of what comes in one piece and is more than it may hold', () => {
    const ring = new Ring()
    const lines = Array.from({ length: 25_000 }, (_, number) => lineOf(number, 'a line of some length, as they are'))
    ring.append({ kind: 'lines', incarnation: OLD, lines })
    expect(ring.end).toBe(25_000)
    expect(ring.lineCount).toBeGreaterThan(5_000)
    expect(ring.lineCount).toBeLessThanOrEqual(MAX_LINES)
    expect(readFrom(ring, 24_999)).toEqual([{ incarnation: OLD, line: lines[24_999] }])
    expect(ring.positionBefore(ring.start)).toMatchObject({ time: at(ring.start - 1) })
  })

  it('goes on after a line that it has not, with the later ones, also where they came one by one', () => {
    const ring = new Ring()
    for (const number of [1, 3, 5, 4, 7]) ring.append({ kind: 'lines', incarnation: OLD, lines: [lineOf(number)] })
    const after = (number: number) => ring.placeAfter({ incarnation: OLD, time: at(number), ordinal: 7 })
    expect([0, 1, 2, 3, 5, 6, 7, 8].map(after)).toEqual([0, 1, 1, 2, 4, 4, 5, 5])
    expect(ring.placeAfter({ incarnation: NEW, time: at(2), ordinal: 0 })).toBeUndefined()
  })

  it('does not reach the log’s start any more once it let a line go', () => {
    const ring = new Ring()
    expect(ring.reachesStart).toBe(false)
    ring.begin = originOf(OLD)
    const lines = Array.from({ length: 6_000 }, (_, number) => lineOf(number))
    ring.append({ kind: 'lines', incarnation: OLD, lines })
    expect(ring.reachesStart).toBe(true)
    ring.append({ kind: 'lines', incarnation: OLD, lines })
    expect(ring.reachesStart).toBe(false)
    expect(ring.start).toBe(6_000)
    expect(ring.positionBefore(6_000)).toEqual({ incarnation: OLD, time: at(5_999), ordinal: 0 })
  })

  it('counts a re-creation as a place before the newcomer’s first line', () => {
    const ring = new Ring()
    ring.append({ kind: 'lines', incarnation: OLD, lines: [lineOf(1)] })
    ring.append({ kind: 'state', event: { container: 'web', state: 'recreated', incarnation: NEW, at: at(2) } })
    ring.append({ kind: 'state', event: { container: 'web', state: 'started', incarnation: NEW, at: at(3) } })
    expect(ring.positionBefore(1)).toEqual({ incarnation: OLD, time: at(1), ordinal: 0 })
    expect(ring.positionBefore(3)).toEqual(originOf(NEW))
  })

  it('stays exact through thousands of evictions', () => {
    const ring = new Ring()
    for (let number = 0; number < 16_000; number++) {
      ring.append({ kind: 'lines', incarnation: OLD, lines: [lineOf(number)] })
    }
    const { start } = ring
    expect([ring.end, ring.lineCount]).toEqual([16_000, 16_000 - start])
    expect(start).toBeGreaterThanOrEqual(6_000)
    expect(start).toBeLessThan(6_064) // those that came one by one are let go of in small groups
    expect(ring.find({ incarnation: OLD, time: at(9_000), ordinal: 0 })).toBe(9_000)
    expect(ring.find({ incarnation: OLD, time: at(start), ordinal: 0 })).toBe(start)
    expect(ring.find({ incarnation: OLD, time: at(start - 1), ordinal: 0 })).toBeUndefined()
    expect(readFrom(ring, 15_999)).toEqual([{ incarnation: OLD, line: lineOf(15_999) }])
  })

  it('finds each of lines that come one by one, whatever was looked for before the last of them', () => {
    const ring = new Ring()
    for (let number = 1; number <= 5; number++) {
      const line = lineOf(number)
      ring.append({ kind: 'lines', incarnation: OLD, lines: [line] })
      expect(ring.find({ incarnation: OLD, time: line.time, ordinal: 0 })).toBe(number - 1)
    }
  })
})
