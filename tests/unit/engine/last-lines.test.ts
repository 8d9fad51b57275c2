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

const last = new LastLines()
last.push([line(10, 'a'), line(20, 'b'), line(40, 'c')])
last.push([line(30, 'd', 'stderr')])

it.each([
  ['one that is later than all of them', line(41, 'e'), true],
  ['one a little earlier than the last', line(35, 'e', 'stderr'), true],
  ['one of equal time on the other stream', line(40, 'e', 'stderr'), true],
  ['one of them', line(40, 'c'), false],
  ['the rest of one of them, with which a window begins', line(40, 'of c'), false],
  ['one no later than the older half of them', line(20, 'e', 'stderr'), false],
  ['one before them', line(5, 'e'), false],
])('%s', (_, one, isAfter) => {
  expect(last.areBefore(one)).toBe(isAfter)
})

it('knows a latest time without the lines', () => {
  const known = new LastLines(at(20))
  expect([19, 20, 21].map((time) => known.areBefore(line(time, 'e')))).toEqual([false, false, true])
  expect(new LastLines().areBefore(line(1, 'e'))).toBe(true)
})

it('keeps the last 64 at least, however they come', () => {
  for (const chunk of [1, 7, 64, 500]) {
    const long = new LastLines()
    for (let from = 0; from < 500; from += chunk) {
      long.push(Array.from({ length: Math.min(chunk, 500 - from) }, (_, index) => line((from + index) * 10, 'x')))
    }
    expect([499, 480, 440, 430, 0].map((index) => long.areBefore(line(index * 10 + 1, 'e', 'stderr')))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
  }
})
