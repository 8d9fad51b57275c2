/** Events as text: each is exactly the fields it should be, whatever the lines and names hold. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { originOf } from '../../../server/logs/cursor.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import {
  betweenLines,
  type bufferOf,
  containersEvent,
  idEvent,
  liveEvent,
  messageEvent,
  stateEvent,
} from '../../../server/sse/events.ts'
import { at } from '../logs/frames.ts'
import { CONNECTED, container } from '../memory-engine.ts'

const INCARNATION = '9f2c1a0b3d4e'

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'data: x\n\n',
    '\r',
    '\r\nid: 1\r\n\r\n',
    '\u2028\u2029',
    '\0',
    '\ufeff',
    ': comment',
    '\ud800',
    '</script>',
  ),
)

/** The fields of one event, read as the specification says: lines end with CRLF, CR or LF. */
function fieldsOf(event: ReturnType<typeof bufferOf>): Record<string, string> {
  const lines = event.read().split(/\r\n|\r|\n/)
  expect(lines.slice(-2)).toEqual(['', ''])
  const fields = lines.slice(0, -2).map((line) => line.split(/:(.*)/s).slice(0, 2) as [string, string])
  expect(new Set(fields.map(([name]) => name)).size).toBe(fields.length)
  return Object.fromEntries(fields)
}

function lineOf(message: string, ordinal = 0): LogLine {
  return { time: at(5), ordinal, stream: 'stderr', level: 'warn', message, truncated: false }
}

describe('messageEvent', () => {
  it('is an event, the cursor of its last line and one line of JSON, for any messages', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 5 }), (messages) => {
        const fields = fieldsOf(
          messageEvent(
            INCARNATION,
            messages.map((message, index) => lineOf(message, index)),
          ),
        )
        expect(Object.keys(fields)).toEqual(['event', 'id', 'data'])
        expect(fields['event']).toBe('message')
        expect(fields['id']).toBe(`${INCARNATION}.1795341723.114000005.${messages.length - 1}`)
        const data = JSON.parse(fields['data']!) as { message: string }[]
        expect(data.map(({ message }) => message)).toEqual(messages)
      }),
    )
  })

  it('holds lines as the wire describes them', () => {
    const fields = fieldsOf(messageEvent(INCARNATION, [lineOf('a'), { ...lineOf('b', 1), truncated: true }]))
    expect(JSON.parse(fields['data']!)).toEqual([
      { time: at(5), stream: 'stderr', level: 'warn', message: 'a' },
      { time: at(5), ordinal: 1, stream: 'stderr', level: 'warn', message: 'b', truncated: true },
    ])
  })
})

describe('the other events', () => {
  it('carry hostile names and labels as JSON in one line, and no id of a line', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const web = { ...container(text), labels: { [text]: text } }
        const events = [
          stateEvent({ container: text, state: 'died', at: at(1), exitCode: 137, closest: [text] }),
          betweenLines({ kind: 'gap', event: { container: text, reason: 'unreadable-driver', detail: text } }),
          containersEvent({ kind: 'snapshot', hosts: [CONNECTED], containers: [web] }),
        ]
        const read = events.map(fieldsOf)
        expect(read.map((fields) => Object.keys(fields))).toEqual(events.map(() => ['event', 'data']))
        expect(read.map((fields) => fields['event'])).toEqual(['state', 'gap', 'containers'])
        for (const fields of read) expect(fields['data']).toBe(JSON.stringify(JSON.parse(fields['data']!)))
      }),
    )
  })

  it('say with a gap, and with a re-creation, where it goes on, as the id', () => {
    const event = { container: 'web', reason: 'removed' } as const
    const after = originOf(INCARNATION)
    expect(fieldsOf(betweenLines({ kind: 'gap', event, after }))['id']).toBe(`${INCARNATION}.0.000000000.0`)
    expect(fieldsOf(betweenLines({ kind: 'gap', event }))).not.toHaveProperty('id')
    const recreated = { container: 'web', state: 'recreated', incarnation: INCARNATION, at: at(1) } as const
    expect(fieldsOf(stateEvent(recreated))['id']).toBe(`${INCARNATION}.0.000000000.0`)
  })

  it('move a reader on by an id alone, without data, which no client shows', () => {
    expect(fieldsOf(idEvent(`${INCARNATION}.1.000000000.0`))).toEqual({ id: `${INCARNATION}.1.000000000.0` })
  })

  it('say that the backlog is complete, and where', () => {
    const cursor = `${INCARNATION}.1.000000000.0`
    expect(fieldsOf(liveEvent(cursor))).toEqual({ event: 'live', id: cursor, data: '{}' })
    expect(fieldsOf(liveEvent(undefined))).toEqual({ event: 'live', data: '{}' })
  })
})
