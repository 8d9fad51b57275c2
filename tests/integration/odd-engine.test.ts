/** Sluice as it runs, before engines and proxies that answer oddly: what can be shown is shown, and what cannot is said in words. */
import { expect, it, vi } from 'vitest'
import type { ContainersEvent, Host, Problem } from '../../server/wire.ts'
import { startFakeEngine } from '../engine/fake-engine.ts'
import { startSluice } from '../sluice/server.ts'
import { Stream } from '../sluice/stream.ts'
import { at, frame, stamped } from '../unit/logs/frames.ts'

const FORBIDDEN = {
  status: 403,
  headers: { 'Content-Type': 'text/html' },
  body: '<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n',
}
const SENTENCE = 'The proxy in front of Docker forbids GET /containers/{id}/logs; allow CONTAINERS'

async function json<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T
}

/** As a stream's first snapshot has them. */
async function hosts(url: string): Promise<Host[]> {
  const stream = new Stream(`${url}api/events`)
  const [first] = await vi.waitFor(() => {
    const events = stream.arrivals.flatMap((arrival) => (arrival.kind === 'containers' ? arrival.event : []))
    expect(events).not.toEqual([])
    return events
  })
  stream.close()
  return (first as Extract<ContainersEvent, { kind: 'snapshot' }>).hosts
}

it('lists what it can and streams its lines where the listing, the version and an inspection are odd', async () => {
  const fake = await startFakeEngine()
  fake.add({ name: 'web', pieces: [frame('stdout', stamped(at(0), 'one\n'))] })
  const listed = (name: string, more: object) => ({
    Id: Buffer.from(name.padEnd(32, '-')).toString('hex'),
    Names: [`/${name}`],
    Created: 1_795_341_723,
    State: 'running',
    ...more,
  })
  const web = {
    ...listed('web', {}),
    Id: Buffer.from('web-0123456789abcdef0123456789abcdef').toString('hex').slice(0, 64),
  }
  const odd = [
    null,
    listed('a', { Names: 'a' }),
    listed('b', { Names: [5] }),
    listed('c', { Created: 'yesterday' }),
    web,
  ]
  fake.answer(/^\/containers\/json/, { body: JSON.stringify(odd) })
  fake.answer(/^\/version/, { body: JSON.stringify({ ApiVersion: '1.50', Version: '28.2.2', Components: [null] }) })
  const sluice = await startSluice({ engine: fake.socket })
  expect((await json<{ name: string }[]>(`${sluice.url}api/containers`)).map(({ name }) => name)).toEqual(['web'])
  fake.event(Buffer.from('{"Type":"container","Action":"start","Actor":{"ID":"x","Attributes":{"name":7}},"time":1}\n'))
  const stream = new Stream(`${sluice.url}api/containers/web/logs/stream`)
  await vi.waitFor(() => expect(stream.lines.map(({ message }) => message)).toEqual(['one']), { timeout: 10_000 })
  stream.close()
  expect(sluice.log().match(/ignored a container in the list/g)).toHaveLength(4)
  expect(await hosts(sluice.url)).toMatchObject([{ state: 'connected', problems: [] }])
})

it('answers with a sentence, and never with the proxy’s page, where logs are forbidden', async () => {
  const fake = await startFakeEngine()
  fake.add({ name: 'web' })
  fake.answer(/\/logs/, FORBIDDEN)
  const sluice = await startSluice({ engine: fake.socket })
  const response = await fetch(`${sluice.url}api/containers/web/logs`, { headers: { Accept: 'application/json' } })
  const text = await response.text()
  expect(text).not.toMatch(/<\/?(?:html|h1|body)/i)
  expect(response.status).toBe(502)
  expect((JSON.parse(text) as Problem).detail).toContain(SENTENCE)
  expect(await hosts(sluice.url)).toMatchObject([
    { state: 'connected', problems: [{ code: 'forbidden', detail: `${SENTENCE}.` }] },
  ])
  expect(sluice.log().split(SENTENCE)).toHaveLength(2)
})
