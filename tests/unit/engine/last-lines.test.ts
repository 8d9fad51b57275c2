/** Which line comes after the last that a read has brought. */
import { expect, it } from 'vitest'
import { LastLines } from '../../../server/engine/last-lines.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import { at } from '../logs/frames.ts'

const line = (time: number, message: string, stream: LogLine['stream'] = 'stdout'): LogLine => ({
  time: at(time),
  ordinal: 0,
  stream,
  level: undefined,
  message,
  truncated: false,
})

const long = 'x'.repeat(20_000)
const last = new LastLines()
last.push([line(10, 'a'), line(20, long), line(40, 'c')])
last.push([line(30, 'd', 'stderr')])

it.each([
  ['one that is later than all of them', line(41, 'e'), true, false],
  ['one a little earlier than the last', line(35, 'e', 'stderr'), false, false],
  ['one of equal time on the other stream', line(40, 'c', 'stderr'), false, false],
  ['one of equal time with another text', line(40, 'x'), false, false],
  ['one of them', line(40, 'c'), false, true],
  ['the rest of a long one, with which a window begins', line(20, long.slice(16_384)), false, true],
])('%s', (_, one, isLater, isKept) => {
  expect([last.areEarlierThan(one), last.has(one)]).toEqual([isLater, isKept])
})

it('ends with the last of them, in whatever chunk that came', () => {
  expect([last.endWith(line(30, 'd', 'stderr')), last.endWith(line(40, 'c'))]).toEqual([true, false])
})

it('are copied, and the copy goes on alone', () => {
  const copy = last.copy()
  copy.push([line(50, 'e')])
  expect([copy, last].map((each) => [each.latest, each.count, each.has(line(40, 'c'))])).toEqual([
    [at(50), 5, true],
    [at(40), 4, true],
  ])
})

it('are before every line where there is none', () => {
  expect(new LastLines().areEarlierThan(line(1, 'e'))).toBe(true)
})

it('keeps the last 64 at least, however they come', () => {
  for (const chunk of [1, 7, 64, 500]) {
    const many = new LastLines()
    for (let from = 0; from < 500; from += chunk) {
      many.push(Array.from({ length: Math.min(chunk, 500 - from) }, (_, index) => line(from + index, 'x')))
    }
    expect([many.has(line(499, 'x')), many.has(line(436, 'x')), many.count]).toEqual([true, true, 500])
    if (chunk < 500) expect(many.has(line(300, 'x'))).toBe(false)
  }
})

it('numbers the lines behind them on, though a read has counted those of equal time from its own beginning', () => {
  const counted = (ordinal: number, time = 40) => ({ ...line(time, 'e'), ordinal })
  const before = new LastLines()
  before.push([counted(0), counted(1)])
  const renumber = before.renumbering()
  expect(renumber([counted(0), counted(1)]).map(({ ordinal }) => ordinal)).toEqual([2, 3])
  expect(renumber([counted(2), counted(0, 41)]).map(({ ordinal }) => ordinal)).toEqual([4, 0])
})
