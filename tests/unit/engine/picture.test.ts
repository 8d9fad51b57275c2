/** The picture of containers: what listing and inspecting tell, and what must have happened between two looks. */
import type { ContainerInfo, ContainerInspectInfo } from 'dockerode'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromInspection, fromListing, happenedBetween, healthOf, Picture } from '../../../server/engine/picture.ts'
import { normalizeTime } from '../../../server/logs/time.ts'
import { container } from '../memory-engine.ts'

const ID = '0123456789abcdef'.repeat(4)

function listed(info: object): ContainerInfo {
  const usual = {
    Id: ID,
    Names: ['/web'],
    Image: 'shop/web',
    Command: 'node web.js',
    Created: 1_795_341_723,
    State: 'running',
    Status: 'Up 3 minutes',
    Labels: {},
  }
  return { ...usual, ...info } as unknown as ContainerInfo
}

function inspected(state: object = {}, info: object = {}): ContainerInspectInfo {
  const usual = {
    Id: ID,
    Name: '/web',
    Created: '2026-11-22T10:02:03.5Z',
    Path: 'node',
    Args: ['web.js', '--port', '80'],
    State: {
      Status: 'running',
      Running: true,
      Restarting: false,
      OOMKilled: false,
      ExitCode: 0,
      StartedAt: '2026-11-22T10:02:04Z',
      FinishedAt: '0001-01-01T00:00:00Z',
      ...state,
    },
    Config: { Image: 'shop/web', Labels: null, Tty: false, Env: ['PASSWORD=hunter2'] },
    HostConfig: { LogConfig: { Type: 'json-file' } },
  }
  return { ...usual, ...info } as unknown as ContainerInspectInfo
}

describe('fromListing', () => {
  it('gives what a list tells', () => {
    expect(
      fromListing(
        listed({ Labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' } }),
        'pi',
      ),
    ).toEqual({
      container: {
        key: 'web',
        name: 'web',
        host: 'pi',
        id: ID,
        labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' },
        project: 'shop',
        service: 'web',
        image: 'shop/web',
        state: 'running',
        created: '2026-11-22T10:02:03.000Z',
      },
      status: 'Up 3 minutes',
    })
  })

  it('takes the container’s own name, not those that links gave it', () => {
    expect(fromListing(listed({ Names: ['/proxy/web', '/web'] }), 'pi').container.name).toBe('web')
  })

  it.each([[null], [undefined], [[]]])('calls a container by its id where its names are %j', (Names) => {
    expect(fromListing(listed({ Names }), 'pi').container.name).toBe(ID)
  })

  it.each([
    ['Up 3 minutes (healthy)', 'healthy'],
    ['Up 3 minutes (unhealthy)', 'unhealthy'],
    ['Up 1 second (health: starting)', 'starting'],
    ['Up 3 minutes', undefined],
    ['Exited (137) 2 minutes ago', undefined],
    [undefined, undefined],
  ])('reads from %j the health %j', (Status, health) => {
    expect(fromListing(listed({ Status }), 'pi').container.health).toBe(health)
  })

  it.each([
    ['exited', 'exited'],
    ['stopped', 'exited'],
    ['configured', 'created'],
    ['dead', 'dead'],
  ])('takes the state %s for %s', (State, state) => {
    expect(fromListing(listed({ State }), 'pi').container.state).toBe(state)
  })

  it('lives without labels', () => {
    expect(fromListing(listed({ Labels: null }), 'pi').container.labels).toEqual({})
  })
})

describe('fromInspection', () => {
  it('gives what inspecting tells, and never the environment', () => {
    const known = fromInspection(inspected(), 'pi')
    expect(known).toEqual({
      container: {
        key: 'web',
        name: 'web',
        host: 'pi',
        id: ID,
        labels: {},
        image: 'shop/web',
        state: 'running',
        created: '2026-11-22T10:02:03.5Z',
        started: '2026-11-22T10:02:04Z',
      },
      form: { tty: false, driver: 'json-file' },
    })
    expect(JSON.stringify(known)).not.toContain('hunter2')
  })

  it('tells how a stopped container ended', () => {
    const state = {
      Status: 'exited',
      Running: false,
      ExitCode: 137,
      OOMKilled: true,
      FinishedAt: '2026-11-22T10:05:00Z',
    }
    expect(fromInspection(inspected(state), 'pi').container).toMatchObject({
      state: 'exited',
      exitCode: 137,
      oomKilled: true,
      finished: '2026-11-22T10:05:00Z',
    })
  })

  it('has no exit code for one that runs or never ran', () => {
    expect(fromInspection(inspected(), 'pi').container).not.toHaveProperty('exitCode')
    const created = fromInspection(
      inspected({ Status: 'created', Running: false, StartedAt: '0001-01-01T00:00:00Z' }),
      'pi',
    )
    expect(created.container).not.toHaveProperty('exitCode')
    expect(created.container).not.toHaveProperty('started')
  })

  it('tells how the log is to be read', () => {
    const info = inspected({}, { Config: { Image: 'x', Tty: true }, HostConfig: {} })
    expect(fromInspection(info, 'pi').form).toEqual({ tty: true, driver: 'unknown' })
  })
})

describe('Picture', () => {
  const idOf = (digit: string) => digit.repeat(64)

  it('lists containers by name and finds them by key', () => {
    const picture = new Picture('here')
    for (const [index, name] of ['web', 'db', 'api'].entries()) {
      picture.set({ container: container(name, idOf(String(index))) })
    }
    expect(picture.containers().map(({ name }) => name)).toEqual(['api', 'db', 'web'])
    expect(picture.find('db')?.container.id).toBe(idOf('1'))
    for (const key of ['', '__proto__', 'constructor', 'toString']) expect(picture.find(key)).toBeUndefined()
  })

  it('means the newer of two that carry a name, and the older again once that is gone', () => {
    const picture = new Picture('here')
    const older = { ...container('web', idOf('1')), created: '2026-11-22T10:00:00.000000001Z' }
    const newer = { ...container('web', idOf('2')), created: '2026-11-22T10:00:00.000000002Z' }
    for (const both of [
      [older, newer],
      [newer, older],
    ]) {
      for (const each of both) picture.set({ container: each })
      expect(picture.find('web')?.container).toBe(newer)
    }
    picture.delete(newer.id)
    expect(picture.find('web')?.container).toBe(older)
    picture.delete(older.id)
    expect(picture.find('web')).toBeUndefined()
  })

  it('finds by the id, and by the incarnation, which is its beginning', () => {
    const picture = new Picture('here')
    const web = { container: container('web', idOf('1')) }
    picture.set(web)
    expect([picture.get(idOf('1')), picture.get(idOf('1').slice(0, 12)), picture.get(idOf('2'))]).toEqual([
      web,
      web,
      undefined,
    ])
    picture.delete(idOf('1'))
    expect([picture.get(idOf('1')), picture.get(idOf('1').slice(0, 12))]).toEqual([undefined, undefined])
  })

  it('does not change the list that somebody has', () => {
    const picture = new Picture('here')
    for (const digit of ['1', '2', '3']) picture.set({ container: container(`web-${digit}`, idOf(digit)) })
    const list = picture.containers()
    const names = list.map(({ name }) => name)
    picture.delete(idOf('2'))
    picture.set({ container: { ...container('web-1', idOf('1')), state: 'exited' } })
    picture.set({ container: container('web-0', idOf('4')) })
    expect(list.map(({ name, state }) => [name, state])).toEqual(names.map((name) => [name, 'running']))
    expect(picture.containers().map(({ name, state }) => [name, state])).toEqual([
      ['web-0', 'running'],
      ['web-1', 'exited'],
      ['web-3', 'running'],
    ])
  })

  it('is what a sorted list and a search through it would be, whatever is set and deleted', () => {
    const act = fc.record({
      what: fc.constantFrom('set', 'set', 'set', 'delete', 'look'),
      digit: fc.constantFrom(...'0123456789'),
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      second: fc.integer({ min: 10, max: 59 }),
    })
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const picture = new Picture('here')
        const model = new Map<string, ReturnType<typeof container>>()
        for (const { what, digit, name, second } of acts) {
          const id = idOf(digit)
          if (what === 'look') picture.containers()
          else if (what === 'delete') {
            picture.delete(id)
            model.delete(id)
          } else {
            const created = model.get(id)?.created ?? `2026-11-22T10:00:${second}Z`
            const one = { ...container(name, id), created }
            picture.set({ container: one })
            model.set(id, one)
          }
        }
        const all = [...model.values()]
        expect(new Set(picture.containers())).toEqual(new Set(all))
        expect(picture.containers().map(({ name }) => name)).toEqual(all.map(({ name }) => name).sort())
        for (const name of ['a', 'b', 'c', 'd']) {
          const newest = all.filter((one) => one.name === name).map(({ created }) => created)
          expect(picture.find(name)?.container.created).toBe(newest.sort().at(-1))
        }
      }),
    )
  })

  it('takes a number of comparisons that grows as the number of containers does, not as its square', () => {
    const readsFor = (count: number) => {
      let reads = 0
      const counted = (index: number, state: 'running' | 'exited') => {
        const id = index.toString(16).padStart(12, '0').padEnd(64, 'a')
        const one = { ...container(`web-${(index * 7919) % count}`, id), state }
        const { name } = one
        return Object.defineProperty(one, 'name', {
          enumerable: true,
          get: () => {
            reads++
            return name
          },
        })
      }
      const picture = new Picture('here')
      for (let index = 0; index < count; index++) picture.set({ container: counted(index, 'running') })
      for (let index = 0; index < count; index++) {
        picture.set({ container: counted(index, 'exited') }) // as an inspection does
        expect(picture.containers()).toHaveLength(count) // as a listener may
      }
      return reads
    }
    // Ten times as many take some more than ten times, as a list is searched in halves; sorted each time, over a hundred.
    expect(readsFor(2_000) / readsFor(200)).toBeLessThan(20)
  })

  it('finds a renamed container by its new name only', () => {
    const picture = new Picture('here')
    picture.set({ container: container('web') })
    picture.set({ container: container('old-web') })
    expect(picture.find('web')).toBeUndefined()
    expect(picture.find('old-web')).toBeDefined()
    expect(picture.containers()).toHaveLength(1)
  })
})

describe('happenedBetween', () => {
  const normalize = (time: string) => normalizeTime(time) ?? 'not a time'
  const before = { ...container('web'), started: '2026-11-22T10:00:00Z' }
  const happened = (after: object) =>
    happenedBetween(before, { ...before, ...after }, normalize).map(({ state, at, exitCode }) => [
      state,
      at.slice(11, 19),
      exitCode,
    ])

  it('is nothing where nothing changed', () => {
    expect(happened({})).toEqual([])
  })

  it('is an end with its exit code', () => {
    expect(happened({ state: 'exited', finished: '2026-11-22T10:05:00Z', exitCode: 3 })).toEqual([
      ['died', '10:05:00', 3],
    ])
  })

  it('is an end and a start, in the order of their times', () => {
    const restarted = { finished: '2026-11-22T10:05:00.9Z', started: '2026-11-22T10:05:01.1Z' }
    expect(happened(restarted)).toEqual([
      ['died', '10:05:00', undefined],
      ['started', '10:05:01', undefined],
    ])
    const again = { finished: '2026-11-22T10:07:00Z', started: '2026-11-22T10:06:00Z', exitCode: 1 }
    expect(happened(again)).toEqual([
      ['started', '10:06:00', undefined],
      ['died', '10:07:00', 1],
    ])
  })
})

describe('healthOf', () => {
  it('knows Docker’s three words and passes over all others', () => {
    expect(['starting', 'healthy', 'unhealthy', 'none', '', undefined].map(healthOf)).toEqual([
      { health: 'starting' },
      { health: 'healthy' },
      { health: 'unhealthy' },
      {},
      {},
      {},
    ])
  })
})
