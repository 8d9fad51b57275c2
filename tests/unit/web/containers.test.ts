/** Containers in the sidebar, and their states in words. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Container, ContainerState, Host } from '../../../server/wire.ts'
import { applyEvent, arrange, EMPTY_ROSTER, neighbour, reachOf, shortName } from '../../../web/containers/roster.ts'
import { imageName, mark, quietFact, stateWords } from '../../../web/containers/words.ts'

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
        { name: 'monitoring', keys: ['grafana'] },
        { name: 'shop', keys: ['worker-2', 'worker-10'] },
        { name: 'other', keys: ['zeta'] },
      ],
      stopped: ['never', 'old'],
    })
  })

  it('leaves in its place what has just stopped, and what is on screen', () => {
    const all = [exited('just', 1), exited('long', 60), exited('open', 60)]
    const { groups, stopped } = arrange(all, '', 'open', NOW)
    expect(groups).toEqual([{ name: 'other', keys: ['just', 'open'] }])
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
    [container('a', { state: 'restarting', exitCode: 1 }), 'restarting, exited 1', 'restarting', 'restarting'],
    [container('a', { state: 'paused' }), 'paused', 'paused', 'paused'],
    [container('a', { state: 'created' }), 'created, never started', 'created', 'stopped'],
  ]
  it.each(cases)('%#', (it, words, fact, shape) => {
    expect(stateWords(it, NOW)).toBe(words)
    expect(quietFact(it)).toBe(fact)
    expect(mark(it)).toBe(shape)
  })

  it('name images without what says nothing', () => {
    expect(imageName('docker.io/library/nginx:1.29')).toBe('nginx:1.29')
    expect(imageName('ghcr.io/a/b:1')).toBe('ghcr.io/a/b:1')
    expect(imageName(`nginx@sha256:${'a'.repeat(64)}`)).toBe(`nginx@sha256:${'a'.repeat(12)}`)
    expect(imageName(`sha256:${'a'.repeat(64)}`)).toBe(`sha256:${'a'.repeat(12)}`)
  })
})
