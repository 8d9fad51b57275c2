/** The demo engine as a client of the Engine API sees it: what it says of itself and of its containers. */
import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Demo } from './harness.ts'

let demo: Demo
beforeAll(async () => {
  demo = await Demo.start()
})
afterAll(() => demo.close())

const NAMES = [
  ...['cron-sync', 'firehose', 'image-resizer', 'print-station', 'shop-api-1', 'shop-postgres-1', 'shop-redis-1'],
  ...['shop-web-1', 'shop-worker-1', 'storefront-dev', 'traefik'],
]
const list = async (query: string): Promise<string[]> =>
  (await demo.json(`/containers/json?${query}`)).map(({ Names }: { Names: string[] }) => Names[0]?.slice(1)).sort()
const filtered = (filters: object) => list(`all=1&filters=${encodeURIComponent(JSON.stringify(filters))}`)

describe('the engine', () => {
  it('answers a ping, to GET and HEAD, with the version of its API', async () => {
    const get = await demo.get('/_ping')
    expect([get.status, get.body.toString(), get.headers['api-version']]).toEqual([200, 'OK', '1.51'])
    const head = await demo.get('/v1.44/_ping', 'HEAD')
    expect([head.status, head.body.length, head.headers['api-version']]).toEqual([200, 0, '1.51'])
  })

  it('tells its version and counts its containers', async () => {
    expect(await demo.json('/version')).toMatchObject({ ApiVersion: '1.51', MinAPIVersion: '1.24', Os: 'linux' })
    expect(await demo.json('/v1.51/info')).toMatchObject({ Name: 'demo', Containers: 11, ContainersStopped: 1 })
  })

  it('refuses every method but GET, and HEAD beyond the ping', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'HEAD']) {
      expect((await demo.get('/containers/traefik/json', method)).status, method).toBe(405)
    }
    const { body } = await demo.get('/containers/traefik/stop', 'POST')
    expect(JSON.parse(body.toString())).toEqual({ message: expect.stringContaining('POST') })
  })

  it('answers what it does not have as Docker does', async () => {
    for (const [path, status, message] of [
      ['/images/json', 404, 'page not found'],
      ['/containers/nobody/json', 404, 'No such container: nobody'],
      ['/containers/nobody/logs?stdout=1', 404, 'No such container: nobody'],
      ['/containers/%zz/json', 404, 'No such container: %zz'],
      ['/v1.99/version', 400, 'client version 1.99 is too new. Maximum supported API version is 1.51'],
      ['/v1.12/version', 400, 'client version 1.12 is too old. Minimum supported API version is 1.24'],
      ['/containers/json?filters=%7B%22colour%22%3A%5B%22red%22%5D%7D', 400, "invalid filter 'colour'"],
      ['/containers/json?filters=%7B', 400, 'invalid filter'],
    ] as const) {
      const answer = await demo.get(path)
      expect([answer.status, JSON.parse(answer.body.toString())], path).toEqual([status, { message }])
    }
  })

  it('listens where only its user can enter, and leaves nothing behind', async () => {
    const other = await Demo.start()
    const directory = dirname(other.engine.socketPath)
    expect(statSync(directory).mode & 0o777).toBe(0o700)
    await other.close()
    expect(existsSync(directory)).toBe(false)
  })

  it('closes while streams are open', async () => {
    const other = await Demo.start()
    const res = await other.open('/containers/firehose/logs?stdout=1&follow=1&tail=0')
    const events = await other.open('/events')
    res.on('error', () => {})
    events.on('error', () => {})
    await other.close()
    expect(other.clock.waiting).toBe(0)
  })
})

describe('the list of containers', () => {
  it('holds all of them with all=1, and else those that run or are about to', async () => {
    expect(await list('all=1')).toEqual(NAMES)
    expect(await list('')).toEqual(NAMES.filter((name) => name !== 'image-resizer'))
  })

  it('is filtered by label, name, id, status and health', async () => {
    const shop = NAMES.filter((name) => name.startsWith('shop-'))
    expect(await filtered({ label: ['com.docker.compose.project=shop'] })).toEqual(shop)
    expect(await filtered({ label: { 'com.docker.compose.service=api': true } })).toEqual(['shop-api-1'])
    expect(await filtered({ name: ['redis'] })).toEqual(['shop-redis-1'])
    expect(await filtered({ status: ['exited'] })).toEqual(['image-resizer'])
    expect(await filtered({ health: ['healthy'], label: ['com.docker.compose.service=web'] })).toEqual(['shop-web-1'])
    const { Id } = await demo.json('/containers/traefik/json')
    expect(await filtered({ id: [Id.slice(0, 12)] })).toEqual(['traefik'])
  })

  it('describes each in the words of docker ps', async () => {
    const entries: { Names: string[]; State: string; Status: string }[] = await demo.json('/containers/json?all=1')
    const of = (name: string) => entries.find(({ Names }) => Names[0] === `/${name}`)
    expect(of('shop-web-1')).toMatchObject({
      State: 'running',
      Status: 'Up 2 hours (healthy)',
      Image: 'nginx:1.29-alpine',
    })
    expect(of('image-resizer')).toMatchObject({ State: 'exited', Status: 'Exited (137) 4 minutes ago' })
  })
})

describe('a container', () => {
  it('is found by name, by id and by the beginning of its id', async () => {
    const { Id } = await demo.json('/containers/shop-api-1/json')
    expect(Id).toMatch(/^[0-9a-f]{64}$/)
    for (const name of [Id, Id.slice(0, 12), '%2Fshop-api-1']) {
      expect((await demo.json(`/containers/${name}/json`)).Name).toBe('/shop-api-1')
    }
  })

  it('is described with what a log viewer needs', async () => {
    expect(await demo.json('/containers/storefront-dev/json')).toMatchObject({
      Name: '/storefront-dev',
      Path: 'docker-entrypoint.sh',
      Args: ['npm', 'run', 'dev'],
      RestartCount: 0,
      Config: { Tty: true, Image: 'node:24-alpine', Labels: {} },
      HostConfig: { LogConfig: { Type: 'json-file' } },
      State: { Status: 'running', Running: true, Restarting: false, ExitCode: 0, FinishedAt: '0001-01-01T00:00:00Z' },
    })
  })

  it('that was killed for want of memory says so', async () => {
    const { State } = await demo.json('/containers/image-resizer/json')
    expect(State).toMatchObject({ Status: 'exited', Running: false, OOMKilled: true, ExitCode: 137, Pid: 0 })
    expect(State.FinishedAt).toMatch(/^2026-11-22T11:55:4\d\.\d+Z$/)
  })

  it('that crashes is running, then restarting, then running again under a later start', async () => {
    const other = await Demo.start()
    const state = async () => await other.json('/containers/cron-sync/json')
    const before = await state()
    expect(before.State).toMatchObject({ Status: 'running', Restarting: false, ExitCode: 0 })
    other.clock.advance(20_000)
    const between = await state()
    expect(between.State).toMatchObject({ Status: 'restarting', Running: true, Restarting: true, ExitCode: 1, Pid: 0 })
    expect(between.State.StartedAt).toBe(before.State.StartedAt)
    other.clock.advance(10_000)
    const after = await state()
    expect(after.State).toMatchObject({ Status: 'running', FinishedAt: between.State.FinishedAt })
    expect(after.State.StartedAt > between.State.FinishedAt).toBe(true)
    expect(after.RestartCount).toBe(before.RestartCount + 1)
    await other.close()
  })

  it('that ails turns unhealthy and healthy again', async () => {
    const other = await Demo.start()
    const health = async () => (await other.json('/containers/print-station/json')).State.Health.Status
    expect(await health()).toBe('healthy')
    other.clock.advance(100_000)
    expect(await health()).toBe('unhealthy')
    other.clock.advance(80_000)
    expect(await health()).toBe('healthy')
    await other.close()
  })
})
