/** A proxy before the socket forbids requests: each is named once, in a sentence, and what Sluice can do without it is done. */
import { once } from 'node:events'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Connection } from '../../../server/engine/connection.ts'
import { EngineError } from '../../../server/engine/engine.ts'
import { explain } from '../../../server/engine/problem.ts'
import { type RequestName, refusalOf } from '../../../server/engine/requests.ts'
import { fakeId, startFakeEngine } from '../../engine/fake-engine.ts'
import { FORBIDDEN, Watched } from './watched.ts'

const WEB = fakeId('web')
const MARKUP = /<[a-z!/]/i

describe('what is said of a refusal', () => {
  it.each<[RequestName, string]>([
    ['events', 'The proxy in front of Docker forbids GET /events; allow EVENTS'],
    ['ping', 'The proxy in front of Docker forbids GET /_ping; allow PING'],
    ['version', 'The proxy in front of Docker forbids GET /version; allow VERSION'],
    ['info', 'The proxy in front of Docker forbids GET /info; allow INFO'],
    ['list', 'The proxy in front of Docker forbids GET /containers/json; allow CONTAINERS'],
    ['inspect', 'The proxy in front of Docker forbids GET /containers/{id}/json; allow CONTAINERS'],
    ['logs', 'The proxy in front of Docker forbids GET /containers/{id}/logs; allow CONTAINERS'],
  ])('names the request and the variable that allows it: %s', (name, sentence) => {
    expect(refusalOf(name, 403, FORBIDDEN.body)).toMatchObject({ code: 'forbidden', message: sentence })
    expect(refusalOf(name, 401, '')).toMatchObject({ code: 'forbidden', message: sentence })
  })

  it.each([
    [403, '{"message":"authorization denied by plugin opa"}', 'forbidden', /: authorization denied by plugin opa$/],
    [404, '{"message":"No such container: x"}', 'no-container', /^No such container: x$/],
    [409, '{"message":"marked for removal"}', 'no-container', /^marked for removal$/],
    [500, '{"message":"disk on fire"}', 'failed', /^disk on fire \(HTTP 500\)$/],
    [500, '{"cause":"x","message":"<nil>: no image <none>"}', 'failed', /^<nil>: no image <none> \(HTTP 500\)$/],
    [501, '{"message":"not implemented"}', 'unreadable-driver', /^not implemented$/],
    [500, 'configured logging driver does not support reading\n', 'unreadable-driver', /does not support reading$/],
    [404, '404 page not found\n', 'no-container', /^404 page not found$/],
    [503, '<html><body><h1>503 Service Unavailable</h1></body></html>', 'failed', /^HTTP 503 Service Unavailable$/],
    [502, '{"message":"<html><h1>502</h1></html>"}', 'failed', /^HTTP 502 Bad Gateway$/],
    [500, '{"message":7}', 'failed', /^HTTP 500 Internal Server Error$/],
    [418, '', 'failed', /^HTTP 418 I'm a Teapot$/i],
    [599, '', 'failed', /^HTTP 599$/],
  ])('takes what Docker says, short text, or the status in words: %i %s', (status, body, code, message) => {
    expect(refusalOf('inspect', status, body)).toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it('is one line of bounded length without markup, whatever the body', () => {
    const tag = fc.constantFrom(
      '<html>',
      '<BODY class="x">',
      '<!DOCTYPE html>',
      '</h1>',
      '<p>',
      '<script>',
      '\r\n',
      '\u0000',
    )
    const text = fc.array(fc.oneof(tag, fc.string()), { maxLength: 8 }).map((parts) => parts.join(''))
    const body = fc.oneof(
      text,
      text.map((message) => JSON.stringify({ message })),
      fc.json(),
    )
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 999 }), body, (status, given) => {
        const { message } = refusalOf('logs', status, given)
        expect(message).toMatch(/^[^\u0000-\u001f\u007f]+$/)
        expect(message).not.toMatch(/<(?:!doctype|\/?(?:html|body|h1|p|script))\b/i)
        expect(message.length).toBeLessThan(450)
      }),
    )
  })
})

describe('an engine behind a proxy that forbids', () => {
  it.each([
    ['/version', /^\/version/, 'Docker', 'fake', 'allow VERSION'],
    ['/info', /^\/info/, 'Docker 28.2.2', 'localhost', 'allow INFO'],
  ])('%s is connected all the same', async (_path, pattern, version, name, sentence) => {
    const fake = await startFakeEngine()
    fake.add({ name: 'web' })
    fake.answer(pattern, FORBIDDEN)
    const watched = await new Watched(fake).connected()
    expect(watched.host).toMatchObject({ state: 'connected', version, name, problems: [] })
    expect(watched.names).toEqual(['web'])
    expect(watched.warnings).toHaveLength(1)
    expect(watched.warnings[0]).toContain(sentence)
  })

  it('/_ping counts as alive as long as it can be listed', async () => {
    const fake = await startFakeEngine()
    fake.answer(/^\/_ping/, FORBIDDEN)
    const connection = new Connection({ address: 'here', socketPath: fake.socket })
    await expect(connection.ping()).resolves.toBeUndefined()
    fake.answer(/^\/containers\/json/, { status: 503, body: '<h1>503</h1>' })
    await expect(connection.ping()).rejects.toMatchObject({ code: 'failed', message: 'HTTP 503 Service Unavailable' })
  })

  it('/events is polled, says so once, and stays connected', async () => {
    const fake = await startFakeEngine()
    fake.add({ name: 'web' })
    fake.answer(/^\/events/, FORBIDDEN)
    const watched = await new Watched(fake).connected()
    const detail =
      'The proxy in front of Docker forbids GET /events; allow EVENTS. Sluice lists the containers every few seconds instead.'
    expect(watched.host.problems).toEqual([{ code: 'forbidden', address: 'unix:///fake', detail }])
    await watched.until(() => expect(fake.count(/^\/containers\/json/)).toBeGreaterThan(2))
    expect(watched.states).toEqual(['connected'])
    expect(watched.warnings).toHaveLength(1)
    expect(fake.count(/^\/events/)).toBe(1)
  })

  it('/events tells what two listings imply: created, started, died, renamed, removed', async () => {
    const fake = await startFakeEngine()
    const started = { Status: 'running', Running: true, StartedAt: '2026-11-22T10:00:00Z' }
    fake.add({ name: 'web' }).add({ name: 'old' })
    fake.answer(/^\/events/, FORBIDDEN)
    const watched = await new Watched(fake).connected()
    await watched.until(() => expect(watched.engine.find('web')?.started).toBeDefined())
    await watched.until(() => expect(watched.engine.find('old')?.started).toBeDefined())
    // `web` dies, `old` is renamed, `new` comes: before the next listing.
    const finished = { ...started, Status: 'exited', Running: false, ExitCode: 3, FinishedAt: '2026-11-22T12:00:00Z' }
    fake.add({ name: 'web', running: false, inspection: { State: finished } })
    fake.add({ name: 'older', id: fakeId('old') })
    fake.add({ name: 'new' })
    await watched.until(() => expect(watched.told).toEqual(expect.arrayContaining(['web died', 'new started'])))
    expect([...watched.told].sort()).toEqual(['new created', 'new started', 'old renamed older', 'web died'])
    expect(watched.happened.find(({ state }) => state === 'died')).toMatchObject({
      id: WEB,
      at: '2026-11-22T12:00:00.000000000Z',
      exitCode: 3,
    })
    expect(watched.names).toEqual(['new', 'older', 'web'])
    const rest = [{ Id: WEB, Names: ['/web'], Created: 1, State: 'exited', Status: 'Exited (3) 1 hour ago' }]
    fake.answer(/^\/containers\/json/, { body: JSON.stringify(rest) })
    await watched.until(() => expect(watched.names).toEqual(['web']))
    expect(watched.told.slice(4).sort()).toEqual(['new removed', 'older removed'])
    expect(watched.states).toEqual(['connected'])
  }, 20_000)

  it('nothing any more has what happens told by events again', async () => {
    const fake = await startFakeEngine()
    fake.add({ name: 'web' })
    const rule = fake.answer(/^\/events/, FORBIDDEN)
    const watched = await new Watched(fake).connected()
    rule.remove()
    fake.answer(/^\/containers\/json/, { status: 500, body: '' }) // lost, and found again
    await watched.until(() => expect(watched.states).toEqual(['connected', 'connecting']))
    fake.answer(/^\/containers\/json/, { body: '[]' })
    await watched.until(() => expect(watched.host).toMatchObject({ state: 'connected', problems: [] }))
  }, 20_000)

  it('/containers says what to allow, and is looked for again at leisure', async () => {
    const fake = await startFakeEngine()
    fake.add({ name: 'web' })
    const rule = fake.answer(/^\/containers/, FORBIDDEN)
    const watched = new Watched(fake)
    const detail = 'The proxy in front of Docker forbids GET /containers/json; allow CONTAINERS.'
    await watched.until(() =>
      expect(watched.host).toMatchObject({ state: 'unreachable', problems: [{ code: 'forbidden', detail }] }),
    )
    await watched.until(() => expect(fake.count(/limit=1/)).toBeGreaterThan(2))
    expect(watched.states.filter((state) => state === 'unreachable')).toHaveLength(1)
    expect(watched.warnings).toHaveLength(1)
    rule.remove()
    expect((await watched.connected()).names).toEqual(['web'])
  }, 20_000)

  it('/events has each container asked for once that is listed again and again, and that nobody can inspect', async () => {
    const fake = await startFakeEngine()
    fake.add({ name: 'web' })
    fake.answer(/^\/events/, FORBIDDEN)
    let listings = 0
    const all: object[] = []
    fake.answer(/^\/containers\/json/, (_request, response) => {
      listings++
      for (let n = 0; n < 50; n++) {
        const Id = (listings * 100 + n).toString(16).padStart(12, '1').padEnd(64, '0')
        all.push({ Id, Names: [`/gone-${Id}`], Created: 1_795_341_723, State: 'running', Status: 'Up 3 seconds' })
      }
      response.end(JSON.stringify(all))
    })
    await new Watched(fake).until(() => expect(listings).toBeGreaterThan(3))
    const asked = fake.requests.flatMap(({ path }) => /^\/containers\/(1\w+)\/json$/.exec(path)?.[1] ?? [])
    expect(asked.length).toBeGreaterThanOrEqual(100)
    expect(new Set(asked).size).toBe(asked.length)
  })

  it('inspections has the containers as they are listed, and does not ask at speed', async () => {
    const COUNT = 100
    const fake = await startFakeEngine()
    for (let index = 0; index < COUNT; index++) fake.add({ name: `web-${index}` })
    const inspections = /^\/containers\/[0-9a-f]{64}\/json/
    fake.answer(inspections, FORBIDDEN)
    const watched = await new Watched(fake).connected()
    await watched.until(() => expect(fake.count(inspections)).toBeGreaterThan(31))
    const asked = fake.requests.filter(({ path }) => inspections.test(path))
    // Fifteen until eight have failed, then eight at a time, after 50, 100 and 200 ms at the earliest.
    expect(asked[31]!.at - asked[0]!.at).toBeGreaterThan(300)
    expect(watched.names).toHaveLength(COUNT)
    expect(watched.host.problems).toMatchObject([{ code: 'forbidden', detail: expect.stringContaining('{id}/json') }])
    expect(watched.warnings).toHaveLength(1)
    expect(watched.states).toEqual(['connected'])
    fake.event({ Action: 'die', id: fakeId('web-7'), name: 'web-7' })
    await watched.until(() => expect(watched.engine.find('web-7')?.state).toBe('exited'))
  }, 20_000)

  it('logs is an error with a code of its own, whose message is the sentence', async () => {
    const fake = await startFakeEngine()
    fake.add({ name: 'web' })
    fake.answer(/\/logs/, FORBIDDEN)
    const watched = await new Watched(fake).connected()
    const { signal } = new AbortController()
    const error: unknown = await watched.engine.readLines(WEB, { tail: 1, signal }).catch((failure: unknown) => failure)
    expect(error).toBeInstanceOf(EngineError)
    expect(error).toMatchObject({
      code: 'forbidden',
      message: 'The proxy in front of Docker forbids GET /containers/{id}/logs; allow CONTAINERS',
    })
    await expect(watched.engine.followLines(WEB, { tail: 1, signal })).rejects.toMatchObject({ code: 'forbidden' })
    expect(watched.host.problems).toMatchObject([{ code: 'forbidden', detail: expect.not.stringMatching(MARKUP) }])
    expect(watched.warnings).toHaveLength(1)
  })

  it.each([
    ['/version', /^\/version/],
    ['/info', /^\/info/],
    ['/events', /^\/events/],
    ['/_ping', /^\/_ping/],
    ['everything', /^\//],
    ['all but the list', /^\/(?!containers\/json)/],
  ])('%s never has markup in a problem or in the log', async (_name, pattern) => {
    const fake = await startFakeEngine()
    fake.add({ name: 'web' })
    fake.answer(pattern, FORBIDDEN)
    const watched = new Watched(fake)
    while (watched.host.state === 'connecting') await once(watched.engine, 'change')
    expect(JSON.stringify(watched.host)).not.toMatch(MARKUP)
    expect(watched.warnings.join('')).not.toMatch(MARKUP)
    expect(new Set(watched.warnings).size).toBe(watched.warnings.length)
  })
})

it('explains a refusal as a problem of its own kind', async () => {
  const error = refusalOf('list', 403, FORBIDDEN.body)
  expect(await explain({ address: 'tcp://proxy:2375', host: 'proxy', port: 2375 }, error)).toEqual({
    code: 'forbidden',
    address: 'tcp://proxy:2375',
    detail: 'The proxy in front of Docker forbids GET /containers/json; allow CONTAINERS.',
  })
})
