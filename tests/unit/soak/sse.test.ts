/** Events as the specification reads them, wherever the bytes are cut. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SseReader } from '../../soak/sse.ts'

const STREAM = Buffer.from(
  [
    '\uFEFFretry: 700\r\n\r\n',
    'event: message\nid: 1\ndata: ["müde 🐳"]\n\n',
    ': heartbeat\n\n',
    'id: 2\n\n',
    'event: gap\rdata: a\rdata: b\r\r',
    'data:no space\nid: 3\nid: 4\0\n\n',
    'data: unfinished\nid: 5\n',
  ].join(''),
)

const EVENTS = [
  { type: 'message', data: '["müde 🐳"]', id: '1' },
  { type: 'message', data: '', id: '2' },
  { type: 'gap', data: 'a\nb', id: '2' },
  { type: 'message', data: 'no space', id: '3' },
]

it('gives the events whose blank line has come, with the last id they leave, cut anywhere', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: STREAM.length })), (cuts) => {
      const reader = new SseReader()
      const borders = [0, ...cuts.toSorted((a, b) => a - b), STREAM.length]
      const events = borders.slice(1).flatMap((end, at) => reader.push(STREAM.subarray(borders[at], end)))
      expect(events).toEqual(EVENTS)
      expect([reader.lastEventId, reader.retry]).toEqual(['3', 700])
    }),
  )
})

it('goes on from the id that it was opened with', () => {
  const reader = new SseReader('7')
  expect(reader.push(Buffer.from('data: x\n\n'))).toEqual([{ type: 'message', data: 'x', id: '7' }])
})
