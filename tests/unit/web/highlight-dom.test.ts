/** Where matches stand in the text nodes of a row. The rest of it is the browser's: tests/e2e. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Place, placesIn } from '../../../web/log/highlight-dom.ts'
import { compile, type Pattern } from '../../../web/log/pattern.ts'

const between = (texts: readonly string[], [start, end]: [Place, Place]): string =>
  texts
    .map((text, node) => {
      if (node < start.node || node > end.node) return ''
      return text.slice(node === start.node ? start.offset : 0, node === end.node ? end.offset : undefined)
    })
    .join('')

describe('a match in a row', () => {
  it('is the same text, however many nodes it spans', () => {
    const pattern = compile({ text: 'ab', regex: false, matchCase: false, word: false }) as Pattern
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'A', ' '), maxLength: 4 })), (texts) => {
        const ranges = pattern.ranges(texts.join(''))
        const places = placesIn(texts, ranges)
        expect(places.map((place) => between(texts, place).toLowerCase())).toEqual(ranges.map(() => 'ab'))
        for (const [start, end] of places) {
          expect(start.offset).toBeLessThan(texts[start.node]?.length ?? 0)
          expect(end.offset).toBeGreaterThan(0)
        }
      }),
    )
  })

  it('ends in the node of its last character, and begins in that of its first', () => {
    expect(placesIn(['GET ', '/cart', '', ' 200'], [[4, 9]])).toEqual([
      [
        { node: 1, offset: 0 },
        { node: 1, offset: 5 },
      ],
    ])
    expect(placesIn(['GET ', '/cart', '', ' 200'], [[2, 11]])).toEqual([
      [
        { node: 0, offset: 2 },
        { node: 3, offset: 2 },
      ],
    ])
  })
})
