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

  it('may hold a line of any time from its first line of that incarnation on, and none of an earlier time', () => {
    const times = fc.array(fc.integer({ min: 10, max: 60 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(times, fc.nat(80), (all, asked) => {
        const ring = new Ring()
        for (const time of all) ring.append({ kind: 'lines', incarnation: OLD, lines: [lineOf(time)] })
        expect(ring.mayHold(OLD, at(asked))).toBe(asked >= all[0]!)
        expect(ring.mayHold(NEW, at(asked))).toBe(false)
        expect(new Ring().mayHold(OLD, at(asked))).toBe(false)
      }),
    )
  })

  it('holds 8 MiB of messages at most, but always the newest entry', () => {
    const ring = new Ring()
    const message = 'x'.repeat(512 * 1024) // weighs 1 MiB
    for (let number = 0; number < 20; number++) {
      ring.append({ kind: 'lines', incarnation: OLD, lines: [lineOf(number, message)] })
    }
    expect(ring.lineCount).toBe(7)
    expect(ring.start).toBe(13)
    ring.append({ kind: 'lines', incarnation: OLD, lines: Array.from({ length: 12 }, () => lineOf(99, message)) })
    expect(ring.lineCount).toBe(12)
    expect(ring.end - ring.start).toBe(12)
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
    expect([ring.start, ring.end, ring.lineCount]).toEqual([6_000, 16_000, MAX_LINES])
    expect(ring.find({ incarnation: OLD, time: at(9_000), ordinal: 0 })).toBe(9_000)
    expect(ring.find({ incarnation: OLD, time: at(5_999), ordinal: 0 })).toBeUndefined()
    expect(ring.at(6_000)).toEqual({ kind: 'lines', incarnation: OLD, lines: [lineOf(6_000)] })
  })
})
