/** Containers in the sidebar, and their states in words. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Container, ContainerState, Host } from '../../../server/wire.ts'
import { applyEvent, arrange, EMPTY_ROSTER, neighbour, OTHER, reachOf } from '../../../web/containers/roster.ts'
import {
  cutInMiddle,
  imageName,
  mark,
  quietFact,
  serviceName,
  shortName,
  stateWords,
} from '../../../web/containers/words.ts'

const NOW = Date.parse('2026-11-22T12:00:00Z')
const ago = (ms: number) => new Date(NOW - ms).toISOString()
const MIN = 60_000

const container = (name: string, more: Partial<Container> = {}): Container => ({
  key: name,
  name,
  host: 'vm-1',
  id: '0'.repeat(64),
  image: 'nginx:1.29',
  state: 'running',
  created: ago(900 * MIN),
  started: ago(185 * MIN),
  ...more,
})
const exited = (name: string, minutesAgo: number, more: Partial<Container> = {}) =>
  container(name, { state: 'exited', exitCode: 0, finished: ago(minutesAgo * MIN), ...more })

const project = (name: string) => ({ containers: [], projects: [name], labels: [] })

describe('roster', () => {
  it('follows snapshots and changes', () => {
    const one = applyEvent(EMPTY_ROSTER, { kind: 'snapshot', hosts: [], containers: [container('a'), container('b')] })
    const two = applyEvent(one, { kind: 'change', changed: [container('c')], removed: ['a'] })
    expect([...two.containers.keys()]).toEqual(['b', 'c'])
    const three = applyEvent(two, { kind: 'snapshot', hosts: [], containers: [container('d')] })
    expect([...three.containers.keys()]).toEqual(['d'])
    expect(three.known).toBe(true)
  })

  it('keeps a container that goes and comes within one event', () => {
    const roster = applyEvent(EMPTY_ROSTER, { kind: 'change', changed: [container('a')], removed: ['a'] })
    expect([...roster.containers.keys()]).toEqual(['a'])
  })
})

describe('reach', () => {
  const host = (state: Host['state']): Host => ({ name: 'vm', state, problems: [] })
  it.each([
    [[], 'connecting'],
    [['connecting', 'unreachable'], 'connecting'],
    [['unreachable', 'connected'], 'connected'],
    [['unreachable'], 'unreachable'],
  ] as [Host['state'][], Host['state']][])('of hosts %j is %s', (states, reach) => {
    expect(reachOf(states.map(host))).toBe(reach)
  })
})

describe('sidebar', () => {
  it.each([
    ['shpwb', ['shop-web']],
    ['restarting', ['loop']],
    ['unhealthy', ['sick']],
    ['failed', ['crashed']],
    ['exited 3', ['crashed']],
    ['postgres', ['db']],
    ['bw', []], // its letters are there, in another order
    ['hopweb', []], // a name begins with the first
  ])('finds by the letters of a name, by state and by image: %s', (filter, keys) => {
    const all = [
      container('shop-web'),
      container('loop', { state: 'restarting' }),
      container('sick', { health: 'unhealthy' }),
      exited('crashed', 1, { exitCode: 3 }),
      container('db', { image: 'postgres:17' }),
    ]
    const { groups } = arrange(all, filter, undefined, NOW)
    expect(groups.flatMap((group) => group.keys)).toEqual(keys)
  })

  it('groups by project, then the rest, and folds the stopped away', () => {
    const all = [
      container('zeta'),
      container('worker-10', { project: 'shop' }),
      container('worker-2', { project: 'shop' }),
      container('grafana', { project: 'monitoring' }),
      exited('old', 60),
      container('never', { state: 'created' }),
    ]
    expect(arrange(all, '', undefined, NOW)).toEqual({
      groups: [
        { id: 'monitoring', name: 'monitoring', keys: ['grafana'], selection: project('monitoring') },
        { id: 'shop', name: 'shop', keys: ['worker-2', 'worker-10'], selection: project('shop') },
        { id: OTHER, name: 'other', keys: ['zeta'] },
      ],
      stopped: ['never', 'old'],
    })
  })

  it('calls containers as their labels say, under the headings that these name, and leaves hidden ones out', () => {
    const all = [
      container('shop-web-1', { project: 'shop', displayName: 'Zebra' }),
      container('shop-api-1', { project: 'shop', group: 'Front' }),
      container('lone', { group: 'Front', displayName: 'Aardvark' }),
      container('shop-db-1', { project: 'shop', hidden: true }),
      container('extra', { group: 'shop' }),
      exited('gone', 60, { hidden: true }),
    ]
    const front = { containers: [], projects: [], labels: ['sluice.group=Front'] }
    const shop = { containers: [], projects: ['shop'], labels: ['sluice.group=shop'] }
    expect(arrange(all, '', 'shop-db-1', NOW)).toEqual({
      groups: [
        { id: 'Front', name: 'Front', keys: ['lone', 'shop-api-1'], selection: front },
        { id: 'shop', name: 'shop', keys: ['extra', 'shop-web-1'], selection: shop },
      ],
      stopped: [],
    })
    expect(arrange(all, 'aard', undefined, NOW).groups.map(({ keys }) => keys)).toEqual([['lone']])
    expect(arrange(all, 'front', undefined, NOW).groups.map(({ keys }) => keys)).toEqual([['lone', 'shop-api-1']])
  })

  it('keeps projects apart that are called as a heading of the list is', () => {
    const all = [container('a', { project: 'other' }), container('b'), container('c', { project: 'stopped' })]
    const { groups } = arrange(all, '', undefined, NOW)
    expect(groups.map(({ name, keys }) => [name, keys])).toEqual([
      ['other', ['a']],
      ['stopped', ['c']],
      ['other', ['b']],
    ])
    expect(new Set(groups.map(({ id }) => id)).size).toBe(3)
  })

  it('orders names as people do, and the same from wherever it starts', () => {
    const names = ['a', 'a-1', 'A1', 'a1b', 'a01', 'a2', 'a10', 'a10b2', 'a10b10', 'ab', 'b', '1', '2', '10', '１']
    const name = fc.oneof(fc.constantFrom(...names), fc.string({ unit: fc.constantFrom(...'aB-019'), minLength: 1 }))
    const keysOf = (all: readonly string[]) =>
      arrange(
        all.map((each) => container(each)),
        '',
        undefined,
        NOW,
      ).groups[0]?.keys
    expect(keysOf(['web-10', 'web-2', 'Web-1', 'api'])).toEqual(['api', 'Web-1', 'web-2', 'web-10'])
    const many = fc.uniqueArray(name, { minLength: 1, selector: (each) => each.toLowerCase() })
    fc.assert(
      fc.property(many, (all) => {
        expect(keysOf(all)).toEqual(keysOf([...all].reverse()))
      }),
    )
  })

  it('asks each of ten thousand containers once for its name, and after a change only those that changed', () => {
    let asked = 0
    const counted = (name: string) =>
      Object.defineProperty(container(name), 'displayName', {
        enumerable: true,
        get: () => {
          asked++
          return undefined
        },
      })
    const all = Array.from({ length: 10_000 }, (_, n) => counted(`web-${(n * 7919) % 10_000}`))
    const before = applyEvent(EMPTY_ROSTER, { kind: 'snapshot', hosts: [], containers: all })
    const { groups } = arrange(before.containers.values(), 'web', undefined, NOW)
    expect(groups[0]?.keys.slice(0, 3)).toEqual(['web-0', 'web-1', 'web-2'])
    expect(groups[0]?.keys).toHaveLength(10_000)
    expect(asked).toBeLessThanOrEqual(20_000) // once to sort, once to filter
    asked = 0
    const changed = [counted('web-5'), counted('web-10000')]
    const after = applyEvent(before, { kind: 'change', changed })
    expect(arrange(after.containers.values(), 'web', undefined, NOW).groups[0]?.keys.at(-1)).toBe('web-10000')
    expect(asked).toBeLessThanOrEqual(4)
  })

  it('leaves in its place what has failed, however long ago, and folds away what somebody stopped', () => {
    const day = 60 * 24
    const all = [
      exited('crashed', day, { exitCode: 1 }),
      exited('killed', day, { exitCode: 137, oomKilled: true }),
      container('dead', { state: 'dead', finished: ago(day * 60_000) }),
      exited('done', day),
      exited('stopped', day, { exitCode: 137, stopped: true }),
    ]
    const { groups, stopped } = arrange(all, '', undefined, NOW)
    expect(groups.flatMap(({ keys }) => keys)).toEqual(['crashed', 'dead', 'killed'])
    expect(stopped).toEqual(['done', 'stopped'])
  })

  it('leaves in its place what has just stopped, and what is on screen', () => {
    const all = [exited('just', 1), exited('long', 60), exited('open', 60)]
    const { groups, stopped } = arrange(all, '', 'open', NOW)
    expect(groups).toEqual([{ id: OTHER, name: 'other', keys: ['just', 'open'] }])
    expect(stopped).toEqual(['long'])
  })

  it('filters by every word, wherever it stands', () => {
    const all = [container('shop-api-1', { project: 'shop', image: 'node:24' }), container('api'), container('db')]
    const keys = (filter: string) => arrange(all, filter, undefined, NOW).groups.flatMap((group) => group.keys)
    expect(keys('API')).toEqual(['shop-api-1', 'api'])
    expect(keys('api node')).toEqual(['shop-api-1'])
    expect(keys('nothing')).toEqual([])
    expect(keys('  ')).toHaveLength(3)
  })

  it('shows each container once, whatever the states', () => {
    const states: ContainerState[] = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']
    const any = fc.uniqueArray(
      fc.record({
        name: fc.string({ minLength: 1, maxLength: 5 }),
        state: fc.constantFrom(...states),
        project: fc.constantFrom('p', 'q', ''),
      }),
      { selector: (one) => one.name },
    )
    fc.assert(
      fc.property(any, (list) => {
        const all = list.map(({ name, state, project }) => container(name, { state, ...(project ? { project } : {}) }))
        const { groups, stopped } = arrange(all, '', undefined, NOW)
        const keys = [...groups.flatMap((group) => group.keys), ...stopped]
        expect(keys.sort()).toEqual(list.map(({ name }) => name).sort())
      }),
    )
  })

  it('calls a service by its name within the project', () => {
    expect(shortName(container('shop-api-1', { project: 'shop' }))).toBe('api')
    expect(shortName(container('shop-api-2', { project: 'shop' }))).toBe('api-2')
    expect(shortName(container('shopper', { project: 'shop' }))).toBe('shopper')
    expect(shortName(container('shop-api-1'))).toBe('shop-api-1')
    expect(shortName(container('shop-api-1', { project: 'shop', displayName: 'Shop API' }))).toBe('Shop API')
    expect(shortName(container('shop-api-1', { project: 'shop', group: 'Front' }))).toBe('shop-api-1')
  })

  it('steps round its ends', () => {
    expect(neighbour(['a', 'b'], 'b', 1)).toBe('a')
    expect(neighbour(['a', 'b'], 'a', -1)).toBe('b')
    expect(neighbour(['a', 'b'], undefined, 1)).toBe('a')
    expect(neighbour(['a', 'b'], 'gone', -1)).toBe('b')
    expect(neighbour([], 'a', 1)).toBeUndefined()
  })
})

describe('states in words', () => {
  const cases: [Container, string, string, string][] = [
    [container('a'), 'up 3\u00a0h', '', 'up'],
    [container('a', { health: 'unhealthy' }), 'up 3\u00a0h, unhealthy', 'unhealthy', 'unwell'],
    [container('a', { started: ago(12_000) }), 'up 12\u00a0s', '', 'up'],
    [
      exited('a', 2, { exitCode: 137, oomKilled: true }),
      'exited 137, out of memory, 2\u00a0min ago',
      'out of memory',
      'failed',
    ],
    [exited('a', 60 * 48), 'exited 0, 2\u00a0d ago', 'exited 0', 'stopped'],
    [exited('a', 0), 'exited 0, just now', 'exited 0', 'stopped'],
    [exited('a', 2, { exitCode: 1 }), 'exited 1, 2\u00a0min ago', 'exited 1', 'failed'],
    [exited('a', 2, { exitCode: 1, stopped: true }), 'stopped, exited 1, 2\u00a0min ago', 'stopped', 'stopped'],
    [exited('a', 2, { exitCode: 137, stopped: true }), 'stopped, exited 137, 2\u00a0min ago', 'stopped', 'stopped'],
    [exited('a', 2, { exitCode: 137, stopped: false }), 'exited 137, 2\u00a0min ago', 'exited 137', 'failed'],
    [exited('a', 2, { exitCode: 137 }), 'exited 137, 2\u00a0min ago', 'stopped', 'stopped'], // nobody saw how it ended
    [container('a', { state: 'restarting', exitCode: 1 }), 'restarting, exited 1', 'restarting', 'restarting'],
    [
      container('a', { state: 'restarting', exitCode: 1, restarts: 14 }),
      'restarting, exited 1, 14 restarts',
      '14 restarts',
      'restarting',
    ],
    [
      container('a', { started: ago(12_000), restarts: 14 }),
      'up 12\u00a0s, 14 restarts',
      '14 restarts',
      'restarting', // it runs between two crashes
    ],
    [container('a', { restarts: 14 }), 'up 3\u00a0h, 14 restarts', '', 'up'],
    [container('a', { started: ago(12_000), restarts: 1 }), 'up 12\u00a0s, 1 restart', '', 'up'],
    [container('a', { state: 'paused' }), 'paused', 'paused', 'paused'],
    [container('a', { state: 'created' }), 'created, never started', 'created', 'stopped'],
  ]
  it.each(cases)('%#', (it, words, fact, shape) => {
    const heard = { at: NOW, isAway: false }
    expect(stateWords(it, heard)).toBe(words)
    expect(quietFact(it, heard)).toBe(fact)
    expect(mark(it, heard)).toBe(shape)
    expect(mark(it, { ...heard, isAway: true })).toBe('unknown')
    expect(stateWords(it, { ...heard, isAway: true })).toBe(`${words} when last seen`)
  })

  it.each([
    [{ name: 'shop-web-1', project: 'shop', service: 'web' }, 'web'],
    [{ name: 'shop-web-2', project: 'shop', service: 'web' }, 'web-2'],
    [{ name: 'shop_web_2', project: 'shop', service: 'web' }, 'web-2'], // Compose 1
    [{ name: 'frontend', project: 'shop', service: 'web' }, 'web'], // container_name
    [{ name: 'frontend', project: 'shop', service: 'web', displayName: 'Shop' }, 'Shop'],
    [{ name: 'frontend' }, 'frontend'],
  ])('name a container beside its merged lines: %j', ({ name, ...more }, called) => {
    expect(serviceName(container(name, more))).toBe(called)
  })

  it('cut a long name in its middle', () => {
    expect(cutInMiddle('payments-reconciliation-worker-2', 14)).toBe('payment…rker-2')
    expect(cutInMiddle('payments-web-1', 14)).toBe('payments-web-1')
  })

  it('name images without what says nothing', () => {
    expect(imageName('docker.io/library/nginx:1.29')).toBe('nginx:1.29')
    expect(imageName('ghcr.io/a/b:1')).toBe('ghcr.io/a/b:1')
    expect(imageName(`nginx@sha256:${'a'.repeat(64)}`)).toBe(`nginx@sha256:${'a'.repeat(12)}`)
    expect(imageName(`sha256:${'a'.repeat(64)}`)).toBe(`sha256:${'a'.repeat(12)}`)
  })
})
