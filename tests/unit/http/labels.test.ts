/** Labels and command lines hold secrets: no answer has them, but for the labels that the request names. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, describe, expect, it } from 'vitest'
import { DockerEngine } from '../../../server/engine/docker-engine.ts'
import { Feeds } from '../../../server/feed/feeds.ts'
import { createApp } from '../../../server/http/app.ts'
import { Streams } from '../../../server/sse/streams.ts'
import type { Container } from '../../../server/wire.ts'
import { fakeId, startFakeEngine } from '../../engine/fake-engine.ts'
import { at, frame, stamped } from '../logs/frames.ts'

const SECRET = 'hunter2'
const LABELS = {
  'com.docker.compose.project': 'shop',
  'com.docker.compose.service': 'web',
  'sluice.name': 'Shop front',
  'dev.dozzle.group': 'Front',
  tier: `front-${SECRET}`,
  [`named-${SECRET}`]: 'x',
  'traefik.http.middlewares.auth.basicauth.users': `ada:$2y$05$${SECRET}`,
  'com.example.url': `postgres://ada:${SECRET}@db/shop`,
}
const command = ['serve', `--password=${SECRET}`]

const fake = await startFakeEngine()
for (const name of ['shop-web-1', 'db'])
  fake.add({
    name,
    labels: name === 'db' ? { 'sluice.hide': 'true', secret: SECRET } : LABELS,
    inspection: { Path: command[0], Args: command.slice(1) },
    pieces: [frame('stdout', stamped(at(0), 'line\n'))],
  })
const listing = ['shop-web-1', 'db'].map((name) => ({
  Id: fakeId(name),
  Names: [`/${name}`],
  Image: 'fake',
  Command: command.join(' '),
  Created: 1_795_341_723,
  State: 'running',
  Labels: name === 'db' ? { 'sluice.hide': 'true', secret: SECRET } : LABELS,
}))
fake.answer(/^\/containers\/json/, { body: JSON.stringify(listing) })

let logged = ''
const write = (text: string) => {
  logged += text
}
const log = pino({ level: 'trace' }, { write })
const page = mkdtempSync(join(tmpdir(), 'sluice-unit-'))
writeFileSync(join(page, 'index.html'), '<!doctype html><base href="/"><title>Sluice</title>')
const endpoint = { address: `unix://${fake.socket}`, socketPath: fake.socket }
const engine = new DockerEngine({ endpoints: async () => [endpoint], log })
const feeds = new Feeds(engine, log)
const streams = new Streams(feeds)
const app = createApp({ feeds, streams, log, base: '/', page, maxSessions: 1_000, maxSessionsPerAddress: 1_000 })
const server = http.createServer(app).listen(0, '127.0.0.1')
await once(server, 'listening')
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
await engine.ready
while (engine.find('db')?.started === undefined) await once(engine, 'change') // inspected, too

afterAll(() => {
  streams.close()
  feeds.close()
  engine.close()
  server.closeAllConnections()
  server.close()
  rmSync(page, { recursive: true })
})

/** The whole answer; of a stream, what comes until `until` has. */
async function ask(path: string, until?: RegExp, then = () => {}): Promise<string> {
  const leave = new AbortController()
  const signal = AbortSignal.any([leave.signal, AbortSignal.timeout(10_000)])
  const response = await fetch(`${origin}${path}`, { signal })
  const head = [...response.headers].join('\n')
  const decoder = new TextDecoder()
  let body = ''
  for await (const chunk of response.body ?? []) {
    if (body === '') then()
    body += decoder.decode(chunk as Uint8Array, { stream: true })
    if (until?.test(body)) break
  }
  leave.abort()
  return `${response.status}\n${head}\n${body}`
}

const list = async (query: string) => (await (await fetch(`${origin}/api/containers${query}`)).json()) as Container[]

describe('without labels=', () => {
  const key = '/api/containers/shop-web-1'
  it.each([
    ['/api/containers', undefined],
    ['/api/events', /"kind":"snapshot".*\n\n/],
    [`${key}/logs/stream?containers=true&tail=1`, /event: ?live/],
    ['/api/logs/stream?project=shop&containers=true&tail=1', /event: ?live/],
    ['/api/logs/stream?label=tier&containers=true', /event: ?live/],
    [`${key}/logs`, undefined],
    [`${key}/logs?format=ndjson`, undefined],
    [`${key}/logs?format=text`, undefined],
    [`${key}/logs/search?q=line`, undefined],
    [`${key}/logs/download`, undefined],
    ['/api/logs/search?q=line&label=tier', undefined],
    ['/api/containers/shop-wed-1/logs', undefined],
    ['/api/containers/nothing/logs/stream', undefined],
    ['/api/containers/nothing/logs/stream?wait=true&containers=true', /"absent"/],
    ['/api/logs/stream?project=shap', undefined],
    ['/api/logs/stream?label=tear', undefined],
    ['/api/logs/stream?label=tier=front', undefined],
    ['/api/containers?label=tier', undefined],
    ['/api/openapi.json', undefined],
    ['/', undefined],
    ['/containers/shop-web-1', undefined],
    ['/healthz', undefined],
  ])('%s has no value of a label, and no argument of a command', async (path, until) => {
    const answer = await ask(path, until)
    expect(answer).toMatch(/^[245]\d\d\n/)
    expect(answer).not.toContain(SECRET)
  })

  it('a change does not have them either', async () => {
    const change = () => fake.event({ Action: 'pause', id: fakeId('shop-web-1'), name: 'shop-web-1' })
    const answer = await ask('/api/events', /"kind":"change".*shop-web-1.*\n\n/, change)
    expect(answer).toContain('"kind":"change"')
    expect(answer).not.toContain(SECRET)
  })

  it('Sluice’s own log does not have them either', () => {
    expect(logged).not.toContain(SECRET)
  })

  it('the list has what lists show', async () => {
    const [web, db] = (await list('')).toSorted((a, b) => (a.name > b.name ? -1 : 1))
    expect(web).toMatchObject({ project: 'shop', service: 'web', displayName: 'Shop front', group: 'Front' })
    expect(db).toMatchObject({ name: 'db', hidden: true })
    for (const container of [web, db]) {
      expect(container).not.toHaveProperty('labels')
      expect(container).not.toHaveProperty('command')
    }
  })
})

describe('labels=', () => {
  it('adds those it names, and masks what looks like a secret', async () => {
    const names = ['com.docker.compose.project', 'com.example.url', 'traefik.http.middlewares.auth.basicauth.users']
    const containers = await list(`?labels=${names},absent,,secret`)
    const labelsOf = (name: string) => containers.find((container) => container.name === name)?.labels
    expect(labelsOf('shop-web-1')).toEqual({
      'com.docker.compose.project': 'shop',
      'com.example.url': 'postgres://***@db/shop',
      'traefik.http.middlewares.auth.basicauth.users': '***',
    })
    expect(labelsOf('db')).toEqual({ secret: '***' })
  })

  it('adds them to events as well, the snapshot and each change', async () => {
    const change = () => fake.event({ Action: 'pause', id: fakeId('shop-web-1'), name: 'shop-web-1' })
    const answer = await ask('/api/events?labels=sluice.name', /"kind":"change".*\n\n/, change)
    const events = [...answer.matchAll(/^data: ?(\{.*)$/gm)].map(([, data]) => JSON.parse(data ?? ''))
    expect(events.map(({ kind }) => kind)).toEqual(['snapshot', 'change'])
    for (const { containers = [], changed = [] } of events)
      for (const { name, labels } of [...containers, ...changed])
        expect(labels).toEqual(name === 'db' ? {} : { 'sluice.name': 'Shop front' })
    expect(answer).not.toContain(SECRET)
  })

  it.each([
    ['labels=__proto__,constructor', 200],
    [`labels=${Array.from({ length: 20 }, (_, n) => `l${n}`)}`, 200],
    [`labels=${Array.from({ length: 21 }, (_, n) => `l${n}`)}`, 400],
    [`labels=${'x'.repeat(4_001)}`, 400],
    ['labels=a%00b', 400],
    ['labels=a&labels=b', 400],
    ['label=a', 400],
  ])('of %s is answered %d', async (query, status) => {
    const response = await fetch(`${origin}/api/containers?${query}`)
    expect(response.status).toBe(status)
    if (status === 200) expect(((await response.json()) as Container[])[0]?.labels).toEqual({})
  })
})

it('a heading’s containers are selected by sluice.group, whichever label put each there', async () => {
  const answer = await ask('/api/logs/stream?label=sluice.group=Front&tail=1', /event: ?live/)
  expect(answer).toContain('"container":"shop-web-1"')
  expect(await ask('/api/logs/stream?label=sluice.group=Back')).toMatch(/^404/)
})
