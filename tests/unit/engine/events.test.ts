/** The engine's event stream: objects out of bytes cut anywhere, and nothing but containers' lives. */
import { PassThrough, Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ContainerEvent, readEvents, STATE_OF_ACTION } from '../../../server/engine/events.ts'
import { cutAt, cutPoints, everyCut } from '../logs/frames.ts'

const ID = '0123456789abcdef'.repeat(4)

function event(action: string, attributes: Record<string, string> = {}, more: object = {}): string {
  const known = { Type: 'container', Action: action, Actor: { ID, Attributes: attributes } }
  // Written as text, since its number exceeds what JSON.stringify keeps.
  const rest = JSON.stringify({ ...known, scope: 'local', time: 1_795_341_723, ...more })
  return `${rest.slice(0, -1)},"timeNano":1795341723114000001}\n`
}

async function read(chunks: readonly (Buffer | string)[], odd: string[] = []): Promise<ContainerEvent[]> {
  const events: ContainerEvent[] = []
  const body = Readable.from(
    chunks.map((chunk) => Buffer.from(chunk)).filter((chunk) => chunk.length > 0),
    { objectMode: false },
  )
  for await (const each of readEvents(body, (reason) => odd.push(reason))) events.push(each)
  return events
}

describe('readEvents', () => {
  it('gives each event’s container, action, attributes and time to the nanosecond', async () => {
    expect(await read([event('die', { name: 'wéb 🐳', exitCode: '137' })])).toEqual([
      {
        id: ID,
        action: 'die',
        attributes: { name: 'wéb 🐳', exitCode: '137' },
        at: '2026-11-22T10:02:03.114000001Z',
      },
    ])
  })

  it('gives the same events wherever the network cuts them', async () => {
    const bytes = Buffer.from(`${event('start', { name: 'wéb 🐳' })}\n${event('health_status: healthy')}`)
    const whole = await read([bytes])
    expect(whole.map(({ action }) => action)).toEqual(['start', 'health_status: healthy'])
    for (const chunks of everyCut(bytes)) expect(await read(chunks)).toEqual(whole)
    await fc.assert(
      fc.asyncProperty(cutPoints(bytes), async (points) => {
        expect(await read(cutAt(bytes, points))).toEqual(whole)
      }),
    )
  })

  it('takes the time from the event, not from a label that says otherwise', async () => {
    const labels = { timeNano: '1', a: '"timeNano":2', b: '","timeNano":3,"c":"' }
    expect((await read([event('start', labels)]))[0]?.at).toBe('2026-11-22T10:02:03.114000001Z')
  })

  it('takes the seconds of an engine that gives no nanoseconds', async () => {
    const text = JSON.stringify({ Action: 'start', Actor: { ID }, time: 1_795_341_723 })
    expect(await read([`${text}\n`])).toEqual([
      { id: ID, action: 'start', attributes: {}, at: '2026-11-22T10:02:03.000000000Z' },
    ])
  })

  it('passes over what is not about a container', async () => {
    const foreign = [
      '\n \n',
      event('pull', {}, { Type: 'image' }),
      '7\n',
      'null\n',
      '[]\n',
      '{"Type":"container"}\n',
      '{"Type":"container","Action":1,"Actor":{"ID":"a"}}\n',
      '{"Type":"container","Action":"start","Actor":null}\n',
    ]
    expect(await read(foreign)).toEqual([])
  })

  it.each([
    ['text that is not JSON', '<html>', 'it is not JSON'],
    ['JSON that is cut', '{"Type":"container","Action":"start"', 'it is not JSON'],
  ])('leaves out %s, says so, and reads on', async (_name, text, reason) => {
    const odd: string[] = []
    expect(await read([event('start'), `${text}\n`, event('stop')], odd)).toMatchObject([
      { action: 'start' },
      { action: 'stop' },
    ])
    expect(odd).toEqual([reason])
  })

  it.each([1.5, 1e300, -1e300, -1, null, '1795341723', [1]])(
    'says of an event with the time %j that it has none, and which container it is of',
    async (time) => {
      const odd: string[] = []
      const text = JSON.stringify({ Action: 'start', Actor: { ID }, time })
      expect(await read([`${text}\n`, event('stop')], odd)).toMatchObject([
        { id: ID, action: 'start', at: undefined },
        { action: 'stop' },
      ])
      expect(odd).toEqual(['it has no time'])
    },
  )

  it.each([
    ['a name that is a number', { name: 7 }],
    ['a name that is an object', { name: { a: 1 } }],
    ['an old name that is an array', { name: 'web', oldName: ['/old'] }],
    ['an array', ['name', 'web']],
    ['a text', 'name'],
    ['an exit code that is an object', { name: 'web', exitCode: {} }],
  ])('leaves out attributes that are %s, and keeps the event', async (name, Attributes) => {
    const odd: string[] = []
    const text = JSON.stringify({ Action: 'start', Actor: { ID, Attributes }, time: 1_795_341_723 })
    const isArray = name === 'an array' // which has none of the names that are looked for
    expect(await read([`${text}\n`], odd)).toMatchObject([{ id: ID, action: 'start', attributes: {} }])
    expect(odd).toHaveLength(isArray ? odd.length : 1)
  })

  it('reads every good event of a stream, whatever stands between them', async () => {
    const line = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .record({
          Type: fc.constantFrom('container', 'image', 7),
          Action: fc.jsonValue(),
          Actor: fc.oneof(fc.jsonValue(), fc.record({ ID: fc.jsonValue(), Attributes: fc.jsonValue() })),
          time: fc.jsonValue(),
        })
        .map((value) => JSON.stringify(value)),
    )
    const bad = line.map((text) => text.replaceAll(/[\r\n]/g, ' '))
    await fc.assert(
      fc.asyncProperty(fc.array(bad, { maxLength: 8 }), async (texts) => {
        const stream = texts.flatMap((text, index) => [`${text}\n`, event('start', { name: `web-${index}` })])
        const events = await read(stream, [])
        const names = events.map(({ attributes }) => attributes['name']).filter((name) => name?.startsWith('web-'))
        expect(names).toEqual(texts.map((_, index) => `web-${index}`))
      }),
    )
  })

  it('does not wait for the end of an event that has none', async () => {
    const endless = Array.from({ length: 40 }, () => 'x'.repeat(64 * 1024))
    await expect(read(endless)).rejects.toMatchObject({ name: 'EngineError', code: 'failed' })
  })

  it('gives what came before the stream was cut, and then that it was', async () => {
    const body = new PassThrough()
    body.write(event('start'))
    const events = readEvents(body)
    expect((await events.next()).value?.action).toBe('start')
    body.destroy(new Error('aborted'))
    await expect(events.next()).rejects.toThrow(Error)
  })

  it('ends with the stream', async () => {
    expect(await read([event('start'), event('stop').slice(0, -1)])).toHaveLength(1)
    expect(await read([])).toEqual([])
  })
})

describe('STATE_OF_ACTION', () => {
  it('has the words for a container’s life in Docker’s and Podman’s actions, and for nothing else', () => {
    const actions = [
      'create',
      'start',
      'die',
      'died',
      'oom',
      'pause',
      'unpause',
      'rename',
      'destroy',
      'remove',
      'health_status',
    ]
    for (const action of actions) expect(STATE_OF_ACTION[action], action).toBeTypeOf('string')
    for (const action of ['exec_start', 'attach', 'top', 'resize', 'kill'])
      expect(STATE_OF_ACTION[action]).toBeUndefined()
  })
})
