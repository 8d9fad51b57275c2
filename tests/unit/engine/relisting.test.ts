/** What two listings show to have happened between them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Known, Picture } from '../../../server/engine/picture.ts'
import { compare } from '../../../server/engine/relisting.ts'
import type { Container, ContainerState } from '../../../server/wire.ts'
import { container } from '../memory-engine.ts'

const AT = '2026-11-22T12:00:00.000000000Z'
const FORM = { tty: false, driver: 'json-file' }
const idOf = (digit: string) => digit.repeat(64)

function listed(name: string, digit: string, state: ContainerState, status = ''): Known {
  const { started: _, ...rest } = container(name, idOf(digit))
  return { container: { ...rest, state }, status }
}

/** As an inspection left it. */
function inspected(known: Known, more: Partial<Container> = {}): Known {
  return { ...known, container: { ...known.container, started: '2026-11-22T10:00:00Z', ...more }, form: FORM }
}

function between(before: readonly Known[], after: readonly Known[]) {
  const picture = new Picture('here')
  for (const known of before) picture.set(known)
  const { happenings, expected, ...rest } = compare(picture, after, AT)
  const words = ({ key, state, to, exitCode }: (typeof happenings)[number]) =>
    [key, state, to ?? exitCode].filter((word) => word !== undefined).join(' ')
  return {
    ...rest,
    told: happenings.map(words),
    implied: expected.flatMap(({ implied }) => implied.map(words)),
    expected,
  }
}

describe('compare', () => {
  it.each<[string, Known[], Known[], string[], string[]]>([
    [
      'nothing',
      [inspected(listed('web', '1', 'running', 'Up 2 hours'))],
      [listed('web', '1', 'running', 'Up 2 hours')],
      [],
      [],
    ],
    [
      'a death',
      [inspected(listed('web', '1', 'running'))],
      [listed('web', '1', 'exited', 'Exited (137) 2 seconds ago')],
      [],
      ['web died 137'],
    ],
    [
      'a start',
      [inspected(listed('web', '1', 'exited'))],
      [listed('web', '1', 'running', 'Up 2 seconds')],
      [],
      ['web started'],
    ],
    ['a pause', [inspected(listed('web', '1', 'running'))], [listed('web', '1', 'paused')], ['web paused'], []],
    ['its end', [inspected(listed('web', '1', 'paused'))], [listed('web', '1', 'running')], ['web unpaused'], []],
    [
      'a new name',
      [inspected(listed('web', '1', 'running'))],
      [listed('old', '1', 'running')],
      ['web renamed old'],
      [],
    ],
    ['a birth', [], [listed('web', '1', 'created')], ['web created'], []],
    ['a birth and a start', [], [listed('web', '1', 'running', 'Up 1 second')], ['web created'], ['web started']],
    [
      'a re-creation: who lost the name comes before who has it',
      [inspected(listed('web', '1', 'running'))],
      [listed('web', '2', 'running', 'Up 1 second'), listed('1_web', '1', 'exited', 'Exited (0) 1 second ago')],
      ['web renamed 1_web', 'web created'],
      ['web started', '1_web died 0'],
    ],
    [
      'a death of one that was never inspected',
      [listed('web', '1', 'running')],
      [listed('web', '1', 'exited')],
      ['web died'],
      [],
    ],
  ])('tells %s', (_name, before, after, told, implied) => {
    expect(between(before, after)).toMatchObject({ told, implied })
  })

  it('asks for an inspection where a container may have been restarted between two looks', () => {
    const up = (status: string) => listed('web', '1', 'running', status)
    const stale = (before: string, after: string) => between([inspected(up(before))], [up(after)]).stale.length === 1
    expect(stale('Up 2 hours', 'Up 2 hours')).toBe(false)
    expect(stale('Up 2 hours', 'Up 1 second')).toBe(true)
    expect(stale('Up 1 second', 'Up 1 second')).toBe(true)
    expect(stale('Up 2 hours', 'Up 3 hours')).toBe(true)
  })

  it('keeps what an inspection told, and the very object where nothing differs', () => {
    const EXACT = '2026-11-22T10:00:00.123456789Z' // a listing has whole seconds
    const before = inspected(listed('web', '1', 'running', 'Up 2 hours'), { created: EXACT, health: 'healthy' })
    const same = between([before], [listed('web', '1', 'running', 'Up 2 hours')])
    expect([same.known[0], same.changed]).toEqual([before, []])
    expect(same.known[0]).toBe(before)
    const dead = between([before], [listed('web', '1', 'exited', 'Exited (1) 1 second ago')])
    expect(dead.changed[0]).toMatchObject({ container: { created: EXACT, state: 'exited' }, form: FORM })
    const again = between([inspected(listed('web', '1', 'exited'), { exitCode: 1 })], [listed('web', '1', 'running')])
    expect(again.changed[0]?.container).not.toHaveProperty('exitCode')
  })

  it('has listed what is listed, and told nothing of what did not change, for any two listings', () => {
    const state = fc.constantFrom<ContainerState>('created', 'running', 'paused', 'restarting', 'exited', 'dead')
    const listing = fc.uniqueArray(fc.tuple(fc.constantFrom(...'12345'), fc.constantFrom('a', 'b', 'c'), state), {
      selector: ([digit]) => digit,
    })
    fc.assert(
      fc.property(listing, listing, (one, other) => {
        const before = one.map(([digit, name, each]) => inspected(listed(name, digit, each)))
        const after = other.map(([digit, name, each]) => listed(name, digit, each))
        const { known, changed, stale, told } = between(before, after)
        expect(known.map(({ container: { id, name, state: is } }) => [id, name, is])).toEqual(
          after.map(({ container: { id, name, state: is } }) => [id, name, is]),
        )
        for (const { container: now } of after) {
          const old = before.find(({ container: { id } }) => id === now.id)?.container
          const differs = old?.name !== now.name || old.state !== now.state
          expect(changed.some(({ container: { id } }) => id === now.id)).toBe(differs)
          expect(stale.includes(now.id)).toBe(differs)
        }
        const renamed = after.filter(({ container: now }) =>
          before.some(({ container: { id, name } }) => id === now.id && name !== now.name),
        )
        expect(told.filter((words) => words.includes(' renamed '))).toHaveLength(renamed.length)
      }),
    )
  })
})
