/** The demo engine's event stream: what happens to containers, told as Docker tells it. */
import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { Demo, NOON, readUntil, whole } from './harness.ts'

interface Event {
  status: string
  id: string
  from: string
  Type: string
  Action: string
  Actor: { ID: string; Attributes: Record<string, string> }
  time: number
  timeNano: number
}

const parse = (body: Buffer): Event[] =>
  body
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
const atLeast = async (res: IncomingMessage, count: number) =>
  parse(await readUntil(res, (body) => body.toString().split('\n').length > count))

const filters = (of: object) => `filters=${encodeURIComponent(JSON.stringify(of))}`

describe('the event stream', () => {
  it('tells of a crash and of the start that follows it, as they happen', async () => {
    const demo = await Demo.start()
    const res = await demo.open(`/events?${filters({ container: ['cron-sync'], type: ['container'] })}`)
    const { Id } = await demo.json('/containers/cron-sync/json')
    demo.clock.advance(20_000)
    const [die] = await atLeast(res, 1)
    expect(die).toMatchObject({
      Type: 'container',
      Action: 'die',
      status: 'die',
      id: Id,
      from: 'lamps/cron-sync:1.3.2',
    })
    expect(die!.Actor).toMatchObject({ ID: Id, Attributes: { name: 'cron-sync', exitCode: '1', image: die!.from } })
    demo.clock.advance(10_000)
    const [start] = await atLeast(res, 1)
    expect(start).toMatchObject({ Action: 'start', id: Id, time: Date.parse('2026-11-22T12:00:30Z') / 1000 })
    res.destroy()
    await demo.idle()
    await demo.close()
  })

  it('tells when a health check begins to fail and passes again', async () => {
    const demo = await Demo.start()
    const res = await demo.open(`/events?${filters({ event: ['health_status'] })}`)
    demo.clock.advance(100_000)
    demo.clock.advance(80_000)
    expect((await atLeast(res, 2)).map(({ Action }) => Action)).toEqual([
      'health_status: unhealthy',
      'health_status: healthy',
    ])
    await demo.close()
  })

  it('has the past from since, and ends at until', async () => {
    const demo = await Demo.start()
    const range = `since=${NOON / 1000 - 600}&until=${NOON / 1000}`
    const events = parse((await demo.get(`/events?${range}`)).body)
    const times = events.map(({ timeNano }) => timeNano)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    const of = (name: string) => events.filter(({ Actor }) => Actor.Attributes['name'] === name)
    expect(of('image-resizer').map(({ Action, Actor }) => [Action, Actor.Attributes['exitCode']])).toEqual([
      ['oom', undefined],
      ['die', '137'],
    ])
    expect(of('cron-sync').filter(({ Action }) => Action === 'start')).toHaveLength(20)
    expect(of('cron-sync').filter(({ Action }) => Action === 'die')).toHaveLength(20)
    await demo.close()
  })

  it('repeats, from since, the event of that very nanosecond', async () => {
    const demo = await Demo.start()
    const crashes = `until=${NOON / 1000}&${filters({ container: ['cron-sync'] })}`
    const { body } = await demo.get(`/events?since=${NOON / 1000 - 120}&${crashes}`)
    const lines = body.toString().trim().split('\n')
    const nanos = /"timeNano":(\d+)\}$/.exec(lines[2]!)![1]!
    const again = await demo.get(`/events?since=${nanos.slice(0, -9)}.${nanos.slice(-9)}&${crashes}`)
    expect(again.body.toString().trim().split('\n')).toEqual(lines.slice(2))
    await demo.close()
  })

  it('refuses filters and times that it does not know', async () => {
    const demo = await Demo.start()
    expect((await demo.get(`/events?${filters({ colour: ['red'] })}`)).status).toBe(400)
    expect((await demo.get('/events?since=yesterday')).status).toBe(400)
    expect(parse(await whole(await demo.open(`/events?until=${NOON / 1000}`)))).toEqual([])
    await demo.close()
  })
})
