/** Which rows are folded away: those of folded entries, in whatever order they come. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Entries } from '../../../web/log/entries.ts'
import { Heights } from '../../../web/log/heights.ts'
import { LineStore } from '../../../web/log/line-store.ts'
import { row } from './row.ts'

const FRAME = '    at place (/app/orders.js:41:7)'

/** A log as a viewport has it: its heights are 1 for a row that is shown, and 0 for another. */
function setUp() {
  const store = new LineStore()
  const entries = new Entries(store)
  const heights = new Heights(store, heightOf)
  const isHidden = (index: number) => heights.heightOf(index) === 0
  function heightOf(index: number): number {
    return entries.isHidden(index, (at) => (at < heights.first ? undefined : isHidden(at))) ? 0 : 1
  }
  const refold = (head: number) =>
    entries.refold(head, (index) => {
      const before = heights.heightOf(index)
      heights.set(index, heightOf(index))
      return heights.heightOf(index) !== before
    })
  const sync = () => {
    const { first } = heights
    heights.sync()
    if (heights.first < first && first < heights.end) refold(first - 1)
  }
  const shown = () => {
    const texts: string[] = []
    for (let index = heights.shownFrom(store.first); index < store.end; index = heights.shownFrom(index + 1))
      texts.push(store.text(index) ?? '')
    return texts
  }
  const toggle = (index: number) => {
    const head = entries.entryOf(index)
    if (head === undefined) return
    entries.toggle(head)
    refold(head)
  }
  return { store, entries, heights, sync, shown, toggle }
}

describe('entries', () => {
  it('are as a row and the one before it say, and end at another source and at a divider', () => {
    const { store, entries } = setUp()
    const rows = [row('Error: no'), row(FRAME), row(FRAME), row('next'), row(FRAME, { source: 'other' })]
    for (const each of [...rows, row('a day', { kind: 'day' }), row(FRAME)]) store.append(each)
    expect(rows.map((_, index) => entries.entryOf(index))).toEqual([0, 0, 0, undefined, undefined])
    expect(rows.map((_, index) => entries.rangeAt(index))).toEqual([
      [0, 3],
      [1, 2],
      [2, 3],
      [3, 4],
      [4, 5],
    ])
    expect([entries.isHead(0), entries.isHead(1), entries.isHead(3), entries.entryOf(6)]).toEqual([
      true,
      false,
      false,
      undefined,
    ])
  })

  it('hide all of their rows but the first when they are folded, those that come later too', () => {
    const { store, sync, shown, toggle } = setUp()
    for (const text of ['before', 'Error: no', FRAME, FRAME]) store.append(row(text))
    sync()
    toggle(2)
    expect(shown()).toEqual(['before', 'Error: no'])
    for (const text of [FRAME, 'after', FRAME]) store.append(row(text))
    sync()
    expect(shown()).toEqual(['before', 'Error: no', 'after', FRAME])
    toggle(1)
    expect(shown()).toEqual(['before', 'Error: no', FRAME, FRAME, FRAME, 'after', FRAME])
  })

  it('are unfolded to their last row, however many they have, and from any of them', () => {
    const { store, entries, heights, sync, shown, toggle } = setUp()
    const texts = ['Error: no', ...Array.from({ length: 2_500 }, () => FRAME), 'after']
    for (const text of texts) store.append(row(text))
    entries.foldsAll = true
    heights.reset()
    sync()
    expect(shown()).toEqual(['Error: no', 'after'])
    toggle(store.first + 2_400)
    expect(shown()).toEqual(texts)
    toggle(store.first)
    expect(shown()).toEqual(['Error: no', 'after'])
  })

  it('are the same whatever the order in which rows come, above or below, and entries are folded', () => {
    const step = fc.oneof(
      fc.record({ what: fc.constantFrom('append', 'prepend'), count: fc.integer({ min: 1, max: 6 }) }),
      fc.record({ what: fc.constantFrom('toggle', 'all', 'none'), at: fc.nat(60) }),
    )
    const texts = fc.array(fc.constantFrom('Error: no', 'a line', FRAME, FRAME, FRAME), {
      minLength: 60,
      maxLength: 60,
    })
    fc.assert(
      fc.property(texts, fc.array(step, { maxLength: 25 }), (texts, steps) => {
        const { store, entries, heights, sync, shown, toggle } = setUp()
        let [from, to] = [30, 30]
        for (const one of steps) {
          if ('at' in one) {
            if (one.what === 'toggle') toggle(store.first + one.at)
            else {
              entries.foldsAll = one.what === 'all'
              heights.reset()
            }
            continue
          }
          for (let n = 0; n < one.count; n++) {
            if (one.what === 'append' && to < texts.length) store.append(row(texts[to++]!))
            if (one.what === 'prepend' && from > 0) store.prepend(row(texts[--from]!))
          }
          sync()
        }
        const expected: string[] = []
        for (let index = store.first; index < store.end; index++) {
          const head = entries.headOf(index, 100)
          if (head === undefined || !entries.isFolded(head)) expected.push(store.text(index)!)
        }
        expect(shown()).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })
})
