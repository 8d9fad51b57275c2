/** The soak's verdict finds what it is there to find, and lets pass what Sluice may do. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Lines } from '../../soak/lines.ts'
import { passesOf } from '../../soak/text.ts'
import { differenceOf, type Gap, type Tenure, verdictOn } from '../../soak/verdict.ts'

interface Item {
  readonly incarnation: string
  readonly n: number
}

const A = 'aaaaaaaaaaaa'
const B = 'bbbbbbbbbbbb'
const C = 'cccccccccccc'
const REMOVED_AT = 1_000

const of = (incarnation: string, count: number): Item[] => Array.from({ length: count }, (_, n) => ({ incarnation, n }))

function line({ n }: Item) {
  const stream = n % 3 === 0 ? ('stderr' as const) : ('stdout' as const)
  const message = `level=${n % 2 === 0 ? 'info' : 'error'} n=${n} fruit=pear code=200 pad=`
  // Pairs of lines share their time: the ordinal tells them apart.
  const time = `2026-11-22T10:00:${String(n >> 1).padStart(2, '0')}.000000000Z`
  return { time, ordinal: n % 2, stream, truncated: false, message }
}

function linesOf(items: readonly Item[]): Lines {
  const lines = new Lines()
  for (const item of items) {
    const { stream, message } = line(item)
    lines.push(line(item), passesOf(stream, message))
  }
  return lines
}

function tenure(incarnation: string, count: number, more: Partial<Tenure> = {}): Tenure {
  return { incarnation, lines: linesOf(of(incarnation, count)), from: 0, to: count, ...more }
}

function received(items: readonly Item[], gaps: readonly Gap[] = []) {
  const incarnations: { from: number; incarnation: string }[] = []
  for (const [from, { incarnation }] of items.entries()) {
    if (incarnations.at(-1)?.incarnation !== incarnation) incarnations.push({ from, incarnation })
  }
  return { lines: linesOf(items), incarnations, gaps }
}

const ALL = { filter: 0, complete: true }
const gap = (reason: string, before: number, at = REMOVED_AT): Gap => ({ reason, before, at })
const two = [tenure(A, 20, { removedAt: REMOVED_AT }), tenure(B, 20)]
const whole = [...of(A, 20), ...of(B, 20)]

describe('it has nothing to say', () => {
  it.each([0, 1, 19, 20, 39])('about all lines from the %i. on', (start) => {
    expect(differenceOf(two, received(whole.slice(start)), ALL)).toBeUndefined()
  })

  it('about what a newcomer wrote before a Sluice that never saw him come said so, though he is gone by the next line', () => {
    const at = Date.parse('2026-11-22T10:00:05.500Z')
    const said = { ...gap('unknown-cursor', 9, at), knowsSince: at }
    const found = (written: number) =>
      differenceOf(
        [
          tenure(A, 20, { lostNameAt: at - 1_000, removedAt: at + 1 }),
          tenure(B, written, { removedAt: at + 60_000 }),
          tenure(C, 5),
        ],
        received([...of(A, 9), ...of(C, 5)], [said]),
        ALL,
      )
    expect(found(12)).toBeUndefined()
    expect(found(13)).toMatchObject({ what: 'lost', tenure: 1, expected: 12 })
  })

  it('about a Sluice that never saw the container carry the name, and said so before another went on', () => {
    const at = Date.parse('2026-11-22T10:00:05.500Z')
    const judged = (knowsSince: number) =>
      differenceOf(
        [tenure(A, 20, { lostNameAt: at }), tenure(B, 5)],
        received([...of(A, 20), ...of(B, 5)], [{ ...gap('unknown-cursor', 9, at + 5_000), knowsSince }]),
        ALL,
      )
    expect(judged(at)).toBeUndefined()
    expect(judged(at - 30_000)).toMatchObject({ what: 'illegitimate-gap', received: 9 })
  })

  it('about the first lines under a new name that came under the old one, as long as they are the first', () => {
    const elsewhere = (count: number) => new Map([[B, linesOf(of(B, count))]])
    const judged = (count: number) =>
      differenceOf(two, received([...of(A, 20), ...of(B, 20).slice(count)]), { ...ALL, elsewhere: elsewhere(count) })
    expect(judged(3)).toBeUndefined()
    expect(judged(15)).toMatchObject({ what: 'lost', tenure: 1 })
    const others = { ...ALL, elsewhere: elsewhere(2) }
    expect(differenceOf(two, received([...of(A, 20), ...of(B, 20).slice(3)]), others)?.what).toBe('lost')
  })

  it('about a session that left early', () => {
    expect(differenceOf(two, received(whole.slice(3, 7)), { filter: 0, complete: false })).toBeUndefined()
  })

  it('about the removed rest of an incarnation, when a gap says so', () => {
    expect(differenceOf(two, received([...of(A, 9), ...of(B, 20)], [gap('removed', 9)]), ALL)).toBeUndefined()
    expect(differenceOf(two, received([...of(A, 9), ...of(B, 20)], [gap('unknown-cursor', 9)]), ALL)).toBeUndefined()
  })

  it('about an incarnation that lost the name before anybody was there to see it, when a gap says so', () => {
    const tenures = [two[0]!, tenure(C, 5, { lostNameAt: REMOVED_AT }), two[1]!]
    expect(differenceOf(tenures, received(whole, [gap('removed', 20)]), ALL)).toBeUndefined()
    expect(differenceOf(tenures, received(whole), ALL)?.what).toBe('lost')
    const stoodIn = [tenure(A, 20, { lostNameAt: REMOVED_AT }), two[1]!]
    expect(differenceOf(stoodIn, received([...of(A, 9), ...of(B, 20)], [gap('removed', 9)]), ALL)?.what).toBe('lost')
  })

  it('about a gap where nothing was lost but nobody could know', () => {
    expect(differenceOf(two, received(whole, [gap('removed', 20)]), ALL)).toBeUndefined()
  })

  it('about lines that were rotated away', () => {
    const rotating = tenure(A, 20, { isGone: (index, at) => index < 12 && at >= 500 })
    const has = [...of(A, 20).slice(0, 5), ...of(A, 20).slice(12)]
    expect(differenceOf([rotating], received(has, [gap('rotated', 5)]), ALL)).toBeUndefined()
  })

  it('about what a container wrote before it was renamed into the name, shown or not', () => {
    const tenures = [two[0]!, tenure(B, 20, { from: 8 })]
    for (const start of [0, 3, 8])
      expect(differenceOf(tenures, received([...of(A, 20), ...of(B, 20).slice(start)]), ALL)).toBeUndefined()
  })

  it('about an incarnation that wrote nothing', () => {
    expect(differenceOf([two[0]!, tenure(C, 0), two[1]!], received(whole), ALL)).toBeUndefined()
  })

  it("about a filtered session that has the filter's lines", () => {
    const odd = whole.filter(({ n }) => n % 2 === 1)
    expect(differenceOf(two, received(odd), { filter: 1 << 2, complete: true })).toBeUndefined()
  })
})

describe('it finds', () => {
  const what = (items: readonly Item[], gaps: readonly Gap[] = [], tenures: readonly Tenure[] = two) =>
    differenceOf(tenures, received(items, gaps), ALL)?.what

  it('any line that is lost', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 39 }), (at) => {
        const difference = differenceOf(two, received(whole.toSpliced(at, 1)), ALL)
        expect(difference).toMatchObject({ what: 'lost', received: at, tenure: at < 20 ? 0 : 1, expected: at % 20 })
      }),
    )
  })

  it('any line that is doubled, at once or later', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 39 }), fc.integer({ min: 1, max: 40 }), (at, later) => {
        const to = Math.min(at + later, whole.length)
        expect(what(whole.toSpliced(to, 0, whole[at]!))).toBe('doubled')
      }),
    )
  })

  it('any two neighbours that changed places', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 38 }), (at) => {
        const items = whole.toSpliced(at, 2, whole[at + 1]!, whole[at]!)
        expect(what(items)).toBe('reordered')
      }),
    )
  })

  it('a line under the id of another incarnation', () => {
    expect(what(whole.with(7, { incarnation: C, n: 7 }))).toBe('unknown')
    expect(what(whole.with(7, { incarnation: B, n: 7 }))).toBe('lost')
  })

  it('a line that Docker has not', () => {
    expect(what(whole.toSpliced(40, 0, { incarnation: B, n: 20 }))).toBe('unknown')
  })

  it('a line with another text', () => {
    const items = received(whole)
    const lines = linesOf(whole.slice(0, 5))
    lines.push({ ...line(whole[5]!), message: 'other' })
    for (const item of whole.slice(6)) lines.push(line(item))
    expect(differenceOf(two, { ...items, lines }, ALL)?.what).toBe('changed')
  })

  it('a line written after the container lost the name', () => {
    const tenures = [tenure(A, 20, { to: 15 }), tenure(B, 20)]
    expect(what([...of(A, 16), ...of(B, 20)], [], tenures)).toBe('not-of-the-name')
  })

  it('the first lines of a newcomer missing', () => {
    expect(what([...of(A, 20), ...of(B, 20).slice(1)])).toBe('lost')
    expect(what([...of(A, 20), ...of(B, 20).slice(1)], [gap('removed', 20)])).toBe('lost')
  })

  it('the end missing', () => {
    expect(what(whole.slice(0, -1))).toBe('lost')
    expect(what([])).toBe('lost')
  })

  it('a line lost after the one that the session was told to stand at', () => {
    const anchor = { incarnation: A, lines: linesOf([{ incarnation: A, n: 4 }]) }
    const from = (start: number) => differenceOf(two, { ...received(whole.slice(start)), anchor }, ALL)?.what
    expect([from(5), from(6)]).toEqual([undefined, 'lost'])
  })

  it('a gap that need not be', () => {
    expect(what(whole, [gap('rotated', 7)])).toBe('illegitimate-gap')
    expect(what(whole, [gap('removed', 7)])).toBe('illegitimate-gap')
    expect(what(whole, [gap('unknown-cursor', 7)])).toBe('illegitimate-gap')
  })

  it('a gap of unknown-cursor of a Sluice that could have seen the container carry the name', () => {
    const stoodIn = [tenure(A, 20, { lostNameAt: REMOVED_AT }), tenure(B, 20)]
    const has = [...of(A, 9), ...of(B, 20)]
    const said = (knowsSince: number) => [{ ...gap('unknown-cursor', 9, REMOVED_AT + 60_000), knowsSince }]
    expect(what(has, said(REMOVED_AT + 30_000), stoodIn)).toBeUndefined()
    expect(what(has, said(REMOVED_AT - 30_000), stoodIn)).toBe('lost')
  })

  it('lines lost under a gap for which the reason was not there yet, or is another', () => {
    const has = [...of(A, 9), ...of(B, 20)]
    expect(what(has, [gap('removed', 9, REMOVED_AT - 1)])).toBe('lost')
    expect(what(has, [gap('rotated', 9)])).toBe('lost')
    expect(what(has, [gap('removed', 8)])).toBe('illegitimate-gap')
    const rotating = tenure(A, 20, { isGone: (index) => index < 10 })
    const skipped = [...of(A, 20).slice(0, 5), ...of(A, 20).slice(12)]
    expect(what(skipped, [gap('rotated', 5)], [rotating])).toBe('lost')
  })

  it('a line that the filter should have kept, and one that it should not', () => {
    const odd = whole.filter(({ n }) => n % 2 === 1)
    const filtered = (items: readonly Item[]) =>
      differenceOf(two, received(items), { filter: 1 << 2, complete: true })?.what
    expect(filtered(odd.toSpliced(4, 1))).toBe('lost')
    expect(filtered([...odd.slice(0, 2), whole[4]!, ...odd.slice(2)])).toBe('unknown')
  })
})

describe('of a log that was damaged for a while', () => {
  const start = Date.parse('2026-11-22T10:00:00Z')
  /** Two lines share a second. */
  const at = (n: number) => start + (n >> 1) * 1_000
  const tenures = [tenure(A, 40)]
  const without = (from: number, to: number) => [...of(A, from), ...of(A, 40).slice(to)]
  const spoilt = [{ from: at(10), to: at(20) }]
  const judged = (items: readonly Item[], gaps: readonly Gap[], more: object = { spoilt }) =>
    verdictOn(tenures, received(items, gaps), { ...ALL, ...more })

  it('accepts, and counts, what is missing where a gap says so, and nothing anywhere else', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 0, max: 39 }),
        (from, count, before) => {
          const to = Math.min(from + count, 22)
          const items = without(from, to)
          const { difference, missing } = judged(items, [gap('damaged', before, at(18))])
          if (before === from) expect({ difference, missing }).toEqual({ difference: undefined, missing: to - from })
          else expect([difference?.what, missing]).toEqual(['lost', 0])
        },
      ),
    )
  })

  it('does not accept that a line is missing which was written after the damage was healed', () => {
    expect(judged(without(16, 22), [gap('damaged', 16, at(30))])).toEqual({ difference: undefined, missing: 6 })
    // The second after its end is left to clocks, and to answers that are on their way.
    expect(judged(without(16, 26), [gap('damaged', 16, at(30))])).toMatchObject({
      difference: { what: 'lost', expected: 24 },
      missing: 8,
    })
  })

  it('does not accept a gap that came before there was any damage, nor one of another reason', () => {
    const early = [{ from: at(30), to: at(34) }]
    expect(judged(of(A, 40), [gap('damaged', 16, at(20))], { spoilt: early }).difference?.what).toBe('illegitimate-gap')
    expect(judged(of(A, 40), [gap('damaged', 16, at(20))], {}).difference?.what).toBe('illegitimate-gap')
    expect(judged(without(16, 20), [gap('damaged', 16, at(20))], { spoilt: early }).difference?.what).toBe('lost')
    expect(judged(without(16, 20), [gap('removed', 16, at(20))]).difference?.what).toBe('lost')
  })

  it('accepts a gap in which nothing is missing, several in one place, and one where a container was replaced', () => {
    const gaps = [gap('damaged', 12, at(15)), gap('damaged', 12, at(16)), gap('damaged', 30, at(40))]
    expect(judged(of(A, 40), gaps)).toEqual({ difference: undefined, missing: 0 })
    const replaced = received([...of(A, 8), ...of(B, 20)], [gap('damaged', 8, at(15)), gap('removed', 8, at(15))])
    expect(verdictOn([tenure(A, 9), tenure(B, 20)], replaced, { ...ALL, spoilt }).missing).toBe(1)
  })

  it('still finds a line that is doubled, reordered, changed or unknown beside the gap', () => {
    const said = [gap('damaged', 16, at(18))]
    expect(judged([...of(A, 16), ...of(A, 40).slice(15)], said).difference?.what).toBe('doubled')
    const swapped = [...of(A, 16), { incarnation: A, n: 18 }, { incarnation: A, n: 17 }, ...of(A, 40).slice(19)]
    expect(judged(swapped, said).difference?.what).toBe('reordered')
    expect(judged([...of(A, 16), { incarnation: A, n: 40 }], said).difference?.what).toBe('unknown')
  })

  it('does not excuse the end of a log by it', () => {
    expect(judged(of(A, 16), [gap('damaged', 16, at(18))]).difference?.what).toBe('lost')
  })
})
