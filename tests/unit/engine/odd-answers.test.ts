/** What an engine answers wrong is left out and named once; what it answers right beside that is shown. */
import type { ServerResponse } from 'node:http'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OddAnswer, parseInspection, parseListEntry, parseVersion } from '../../../server/engine/answers.ts'
import { fromInspection, fromListing } from '../../../server/engine/picture.ts'
import { type FakeEngine, fakeId, startFakeEngine } from '../../engine/fake-engine.ts'
import { Watched } from './watched.ts'

const ID = fakeId('odd')
const GOOD = {
  Id: fakeId('web'),
  Names: ['/web'],
  Image: 'shop/web',
  Command: 'node web.js',
  Created: 1_795_341_723,
  State: 'running',
  Status: 'Up 3 minutes',
  Labels: {},
}
const INSPECTED = {
  Id: ID,
  Name: '/odd',
  Created: '2026-11-22T10:00:00Z',
  Path: 'sh',
  Args: [],
  State: { Status: 'running', Running: true, ExitCode: 0, StartedAt: '2026-11-22T10:00:00Z' },
  Config: { Tty: false, Labels: {}, Image: 'odd' },
  HostConfig: { LogConfig: { Type: 'json-file', Config: {} } },
}

/** Listed are a good container and this. */
async function listing(fake: FakeEngine, ...odd: unknown[]): Promise<Watched> {
  fake.add({ name: 'web' })
  fake.answer(/^\/containers\/json/, { body: JSON.stringify([odd[0], GOOD, ...odd.slice(1)]) })
  return new Watched(fake).connected()
}

/** Sends without an end, as fast as it is read. */
function endless(begin: string, piece: string) {
  return (_: unknown, response: ServerResponse) => {
    response.write(begin)
    const more = () => {
      while (!response.destroyed && response.write(piece));
    }
    response.on('drain', more)
    more()
  }
}

describe('an odd entry of a listing', () => {
  it.each([
    ['null', null],
    ['a number', 7],
    ['an array', []],
    ['an object without anything', {}],
    ['Names that are a text', { ...GOOD, Id: ID, Names: '/odd' }],
    ['Names that hold a number', { ...GOOD, Id: ID, Names: [5] }],
    ['Created that is a text', { ...GOOD, Id: ID, Created: 'yesterday' }],
    ['Created that no calendar has', { ...GOOD, Id: ID, Created: 1e300 }],
    ['Created that is missing', { ...GOOD, Id: ID, Created: undefined }],
    ['Labels that are an array', { ...GOOD, Id: ID, Labels: ['a=b'] }],
    ['Labels that hold a number', { ...GOOD, Id: ID, Labels: { a: 5 } }],
    ['State that is an object', { ...GOOD, Id: ID, State: { Status: 'running' } }],
    ['Image that is a number', { ...GOOD, Id: ID, Image: 5 }],
    ['Command that is an array', { ...GOOD, Id: ID, Command: ['sh'] }],
    ['Status that is a number', { ...GOOD, Id: ID, Status: 1 }],
    ['an Id that is a path', { ...GOOD, Id: '../../info' }],
    ['an Id of zeros, with which a cursor would name nobody', { ...GOOD, Id: '0'.repeat(64) }],
    ['an Id that is a number', { ...GOOD, Id: 12 }],
  ])('is left out and named in the log once: %s', async (_name, odd) => {
    const watched = await listing(await startFakeEngine(), odd)
    expect(watched.names).toEqual(['web'])
    expect(watched.states).toEqual(['connected'])
    expect(watched.warnings.filter((line) => line.includes('ignored a container in the list'))).toHaveLength(1)
  })

  it('is named once however often the engine is listed, and the host stays', async () => {
    const fake = await startFakeEngine()
    fake.answer(/^\/events/, { status: 403, body: '' })
    const watched = await listing(fake, null)
    await watched.until(() => expect(fake.count(/^\/containers\/json/)).toBeGreaterThan(2))
    expect(watched.warnings.filter((line) => line.includes('ignored'))).toHaveLength(1)
    expect(watched.states).toEqual(['connected'])
  })

  it.each([
    ['Names null', { Names: null }, ID],
    ['Names missing', { Names: undefined }, ID],
    ['Names empty', { Names: [] }, ID],
    ['a name that is empty', { Names: ['/'] }, ID],
    ['Labels null', { Labels: null }, 'web'],
    ['State missing, until it is inspected', { State: undefined }, 'web'],
    ['Status missing', { Status: undefined }, 'web'],
    ['Created of Go’s zero time', { Created: -62_135_596_800 }, 'web'],
    ['fields that nobody knows', { Extra: [null, { deep: [] }] }, 'web'],
  ])('is none where engines differ: %s', (_name, given, name) => {
    const text = JSON.stringify({ ...GOOD, Id: ID, ...given })
    expect(fromListing(parseListEntry(text), 'here').container).toMatchObject({ id: ID, name })
  })

  it('never reaches further than itself: whatever one holds, it is made into a container or it is an OddAnswer', () => {
    const field = fc.oneof(fc.jsonValue(), fc.constantFrom(...Object.values(GOOD)))
    const entry = fc.oneof(
      fc.jsonValue(),
      fc.record(Object.fromEntries(Object.keys(GOOD).map((name) => [name, field])), { requiredKeys: [] }),
    )
    fc.assert(
      fc.property(entry, (odd) => {
        try {
          const { container } = fromListing(parseListEntry(JSON.stringify(odd)), 'here')
          expect(container.key).not.toBe('')
          expect(new Date(container.created).toISOString()).toBe(container.created)
        } catch (error) {
          expect(error).toBeInstanceOf(OddAnswer)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('an odd listing', () => {
  it.each([
    ['an object', '{"message":"busy"}'],
    ['a page', '<html><body>sign in</body></html>'],
    ['nothing', ''],
    ['an array without an end', JSON.stringify([GOOD]).slice(0, -1)],
  ])('is no list where it is %s: the engine is asked again', async (_name, body) => {
    const fake = await startFakeEngine()
    fake.add({ name: 'web' })
    const rule = fake.answer(/^\/containers\/json/, { body })
    const watched = new Watched(fake)
    await watched.until(() => expect(fake.count(/^\/containers\/json/)).toBeGreaterThan(1))
    expect(watched.host.state).toBe('connecting')
    rule.remove()
    expect((await watched.connected()).names).toEqual(['web'])
    expect(watched.warnings.join('')).not.toContain('<html>')
  })

  it('is an empty one where it is null, as Go writes that', async () => {
    const fake = await startFakeEngine()
    fake.answer(/^\/containers\/json/, { body: 'null' })
    expect((await new Watched(fake).connected()).names).toEqual([])
  })

  it('is given up at its bound where it has no end, in bounded memory', async () => {
    const fake = await startFakeEngine()
    fake.answer(/^\/containers\/json/, endless('[{"Id":"', 'x'.repeat(64 * 1024)))
    const before = process.memoryUsage().rss
    const watched = new Watched(fake)
    await watched.until(() => expect(watched.warnings.join('')).toContain('larger than 64 MiB'))
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024)
  }, 30_000)
})

describe('an odd version', () => {
  it.each([
    ['Components that hold null', { ApiVersion: '1.50', Version: '28.2.2', Components: [null] }],
    ['Components that are a text', { ApiVersion: '1.50', Version: '28.2.2', Components: 'Engine' }],
    ['a Component without a name', { ApiVersion: '1.50', Version: '28.2.2', Components: [{}, { Name: 7 }] }],
  ])('is no reason to leave an engine: %s', async (_name, version) => {
    const fake = await startFakeEngine()
    fake.add({ name: 'web' })
    fake.answer(/^\/version/, { body: JSON.stringify(version) })
    const watched = await new Watched(fake).connected()
    expect([watched.host.version, watched.names]).toEqual(['Docker 28.2.2', ['web']])
  })

  it('still tells Podman from Docker', () => {
    const text = JSON.stringify({ ApiVersion: '1.41', Components: [null, { Name: 'Podman Engine' }] })
    expect(parseVersion(text).Components?.at(-1)?.Name).toBe('Podman Engine')
  })

  it('is no engine’s where it has no end', async () => {
    const fake = await startFakeEngine()
    fake.answer(/^\/version/, endless('{"ApiVersion":"', 'x'.repeat(64 * 1024)))
    const watched = new Watched(fake)
    await watched.until(() => expect(watched.host.problems).toMatchObject([{ code: 'not-docker' }]))
  })

  it('has no name of the host where /info has no end, or another type', async () => {
    for (const answer of [endless('{"Name":"', 'x'.repeat(64 * 1024)), { body: '{"Name":5}' }, { body: '[]' }]) {
      const fake = await startFakeEngine()
      fake.answer(/^\/info/, answer)
      expect((await new Watched(fake).connected()).host.name).toBe('localhost')
    }
  })

  it('keeps the name that the host had where /info fails later', async () => {
    const fake = await startFakeEngine()
    fake.add({ name: 'web' })
    const watched = await new Watched(fake).connected()
    fake.answer(/^\/info/, { status: 500, body: 'busy' })
    fake.event(Buffer.from('x'.repeat(2 * 1024 * 1024))) // no event without an end is read on
    await watched.until(() => expect(watched.states).toEqual(['connected', 'connecting', 'connected']))
    expect(watched.host.name).toBe('fake')
    expect(watched.told).not.toContain('web removed')
  })
})

describe('an odd inspection', () => {
  const odd: [string, unknown][] = [
    ['null', null],
    ['State that is a text', { ...INSPECTED, State: 'running' }],
    ['State without a Status', { ...INSPECTED, State: {} }],
    ['Config that is null', { ...INSPECTED, Config: null }],
    ['Tty that is a text', { ...INSPECTED, Config: { Tty: 'yes' } }],
    ['Name that is a number', { ...INSPECTED, Name: 7 }],
    ['another container’s Id', { ...INSPECTED, Id: fakeId('other') }],
    ['no JSON', Symbol('<html>')],
  ]
  it.each(odd)('leaves the container as it is listed, is named once and not asked for again: %s', async (_, body) => {
    const fake = await startFakeEngine()
    fake.add({ name: 'odd' }).add({ name: 'web' })
    const text = typeof body === 'symbol' ? '<html>' : JSON.stringify(body)
    fake.answer(new RegExp(`^/containers/${ID}/json`), { body: text })
    const watched = await new Watched(fake).connected()
    await watched.until(() => expect(watched.engine.get(fakeId('web'))?.started).toBeDefined())
    expect(watched.engine.find('odd')).toMatchObject({ state: 'running', id: ID })
    await watched.until(() => expect(watched.warnings).toHaveLength(1))
    // An event asks once more, and so shows that nothing else does.
    fake.event({ Action: 'pause', id: ID, name: 'odd' })
    await watched.until(() => expect(watched.engine.find('odd')?.state).toBe('paused'))
    await watched.until(() => expect(fake.count(new RegExp(`^/containers/${ID}/json`))).toBe(2))
    expect(watched.warnings).toHaveLength(1)
    expect(watched.warnings[0]).toContain('ignored the inspection of a container')
    expect(watched.states).toEqual(['connected'])
  })

  it('of a container that is new has it listed', async () => {
    const fake = await startFakeEngine()
    const watched = await new Watched(fake).connected()
    fake.answer(new RegExp(`^/containers/${ID}/json`), { body: 'null' })
    fake.add({ name: 'odd' })
    await watched.until(() => expect(watched.names).toEqual(['odd']))
  })

  it('is given up at its bound where it has no end', async () => {
    const fake = await startFakeEngine()
    fake.add({ name: 'odd' })
    fake.answer(new RegExp(`^/containers/${ID}/json`), endless('{"Id":"', 'x'.repeat(64 * 1024)))
    const watched = await new Watched(fake).connected()
    await watched.until(() => expect(watched.warnings.join('')).toContain('larger than 4 MiB'))
    expect(watched.names).toEqual(['odd'])
  })

  it.each([
    ['Created', { Created: 'yesterday' }],
    ['Args', { Args: 'a' }],
    ['StartedAt', { State: { ...INSPECTED.State, StartedAt: 5, ExitCode: '1', Health: 'good' } }],
    ['HostConfig', { HostConfig: null }],
    ['LogConfig', { HostConfig: { LogConfig: { Type: 5, Config: [] } } }],
    ['Labels', { Config: { ...INSPECTED.Config, Labels: [1] } }],
  ])('is none where Sluice can do without what is wrong: %s', (_name, given) => {
    const known = fromInspection(parseInspection(JSON.stringify({ ...INSPECTED, ...given })), 'here')
    expect(known).toMatchObject({ container: { name: 'odd', state: 'running' }, form: { tty: false } })
    expect(Number.isNaN(Date.parse(known.container.created))).toBe(false)
  })

  it('is an OddAnswer or made into a container, whatever it holds', () => {
    const shuffle = (value: unknown): fc.Arbitrary<unknown> => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return fc.constant(value)
      const fields = Object.entries(value).map(([name, each]) => [name, fc.oneof(fc.jsonValue(), shuffle(each))])
      return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, { requiredKeys: [] })
    }
    fc.assert(
      fc.property(shuffle(INSPECTED), (value) => {
        try {
          const { container } = fromInspection(parseInspection(JSON.stringify(value)), 'here')
          expect(container.key).not.toBe('')
        } catch (error) {
          expect(error).toBeInstanceOf(OddAnswer)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('an odd event', () => {
  const event = (more: object) =>
    Buffer.from(
      `${JSON.stringify({ Type: 'container', Action: 'die', Actor: { ID: fakeId('web'), Attributes: { name: 'web' } }, time: 1_795_341_723, ...more })}\n`,
    )
  it.each([
    ['no JSON', Buffer.from('<html>\n')],
    ['a name that is a number', event({ Actor: { ID: fakeId('web'), Attributes: { name: 7 } } })],
    ['no time', event({ time: undefined })],
    ['a time that is a text', event({ time: 'now' })],
  ])('is named once and does not end the stream: %s', async (_name, bytes) => {
    const fake = await startFakeEngine()
    fake.add({ name: 'web' })
    const watched = await new Watched(fake).connected()
    await watched.until(() => expect(watched.engine.find('web')?.started).toBeDefined())
    fake.event(bytes)
    fake.event(bytes)
    fake.event({ Action: 'pause', id: fakeId('web'), name: 'web' })
    await watched.until(() => expect(watched.told).toContain('web paused'))
    expect(watched.warnings.filter((line) => line.includes('ignored an event'))).toHaveLength(1)
    expect(watched.states).toEqual(['connected'])
  })

  it('has the container looked at, whose state it may tell of', async () => {
    const fake = await startFakeEngine()
    fake.add({ name: 'web' })
    const watched = await new Watched(fake).connected()
    const asked = () => fake.count(new RegExp(`^/containers/${fakeId('web')}/json`))
    await watched.until(() => expect(asked()).toBe(1))
    fake.event(event({ Actor: { ID: fakeId('web'), Attributes: { name: 7 } } }))
    await watched.until(() => expect(asked()).toBe(2))
  })

  it('of the year 5138 does not hide what comes after a reconnect', async () => {
    const fake = await startFakeEngine()
    fake.add({ name: 'web' })
    const watched = await new Watched(fake).connected()
    fake.event(event({ time: 99_999_999_999 }))
    await watched.until(() => expect(watched.told).toContain('web died'))
    fake.event(Buffer.from('x'.repeat(2 * 1024 * 1024)))
    await watched.until(() => expect(watched.states).toEqual(['connected', 'connecting', 'connected']))
    const [past] = fake.requests.filter(({ path }) => path.includes('until=')).slice(-1)
    const since = Number(new URL(past!.path, 'http://engine').searchParams.get('since'))
    expect(since).toBeLessThanOrEqual(Date.now() / 1000)
  })
})
