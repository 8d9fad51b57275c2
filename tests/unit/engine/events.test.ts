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

async function read(chunks: readonly (Buffer | string)[]): Promise<ContainerEvent[]> {
  const events: ContainerEvent[] = []
  const body = Readable.from(
    chunks.map((chunk) => Buffer.from(chunk)).filter((chunk) => chunk.length > 0),
    { objectMode: false },
  )
  for await (const each of readEvents(body)) events.push(each)
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

  it('refuses what is not JSON', async () => {
    await expect(read(['<html>\n'])).rejects.toMatchObject({ name: 'EngineError', code: 'failed' })
  })

  it('refuses a time that is none', async () => {
    for (const time of [1.5, 1e300, -1e300]) {
      const text = JSON.stringify({ Action: 'start', Actor: { ID }, time })
      await expect(read([`${text}\n`]), String(time)).rejects.toMatchObject({ name: 'EngineError', code: 'failed' })
    }
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
