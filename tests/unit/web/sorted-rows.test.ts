/** Sorted row indexes that come and go at both ends. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SortedRows } from '../../../web/log/sorted-rows.ts'

it('holds what a sorted list holds, however it is added to and cut', () => {
  const step = fc.oneof(
    fc.record({ add: fc.constantFrom('push' as const, 'unshift' as const), count: fc.nat({ max: 200 }) }),
    fc.record({ from: fc.integer({ min: -600, max: 600 }), to: fc.integer({ min: -600, max: 600 }) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const rows = new SortedRows()
      let list: number[] = []
      let [low, high] = [0, 0]
      for (const step of steps) {
        if ('add' in step) {
          for (let i = 0; i < step.count; i++) {
            const index = step.add === 'push' ? high++ : --low
            rows[step.add](index)
            if (step.add === 'push') list.push(index)
            else list.unshift(index)
          }
        } else {
          expect([...rows.within(step.from, step.to)]).toEqual(list.filter((i) => i >= step.from && i < step.to))
          rows.keep(step.from, step.to)
          list = list.filter((index) => index >= step.from && index < step.to)
        }
        expect(rows.length).toBe(list.length)
        expect([rows.at(-1), rows.at(0), rows.at(list.length - 1), rows.at(list.length)]).toEqual([
          undefined,
          list[0],
          list.at(-1),
          undefined,
        ])
        for (const index of [low, -7, 0, 7, high])
          expect(rows.countBelow(index)).toBe(list.filter((i) => i < index).length)
      }
      expect([...rows.within(low, high)]).toEqual(list)
    }),
  )
})
