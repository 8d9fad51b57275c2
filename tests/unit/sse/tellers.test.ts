/** Which of several names tells a line of a container that has had them all. */
import { describe, expect, it } from 'vitest'
import { Ring } from '../../../server/feed/ring.ts'
import { Succession } from '../../../server/feed/succession.ts'
import { type Cursor, cursorOf, originOf } from '../../../server/logs/cursor.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import { type Teller, Tellers } from '../../../server/sse/tellers.ts'
import { at } from '../logs/frames.ts'
import { container, MemoryEngine } from '../memory-engine.ts'

const [A, B] = ['a', 'b'].map((digit) => digit.repeat(64)) as [string, string]
const X = A.slice(0, 12)
const BEGIN = originOf(X)
const line = (time: number): LogLine => ({
  time: at(time),
  ordinal: 0,
  stream: 'stdout',
  level: undefined,
  message: `line ${time}`,
  truncated: false,
})
const place = (time: number): Cursor => cursorOf(X, line(time))

/** A container that was `web` up to 9, `away` up to 12, and is `web-old`; `b` came to `web` then. */
function town(...members: (Partial<Teller> & { key: string })[]) {
  const engine = new MemoryEngine().add(container('web', A)).add(container('next', B))
  const succession = new Succession(engine)
  engine.rename('web', 'away', at(9))
  engine.rename('away', 'web-old', at(12))
  engine.rename('next', 'web', at(13))
  const tellers = new Map(
    members.map((member): [string, Teller] => [
      member.key,
      {
        ring: new Ring(),
        begin: BEGIN,
        first: X,
        tail: undefined,
        cursor: member.begin ?? BEGIN,
        isSilent: false,
        ...member,
      },
    ]),
  )
  const rule = new Tellers(succession, tellers)
  /** Who among the members would tell the line of that time. */
  const whoTells = (time: number) => members.flatMap(({ key }) => (rule.isOthers(key, X, line(time)) ? [] : key))
  return { rule, whoTells }
}

describe('a line of a container that was renamed', () => {
  it('is told under the name that it had, by whoever brings it', () => {
    const { whoTells } = town({ key: 'web' }, { key: 'away' }, { key: 'web-old' })
    expect([5, 9, 10, 12, 13].map(whoTells)).toEqual([['web'], ['web'], ['away'], ['away'], ['web-old']])
  })

  it('is told under the next one, where the stream has not the name, or begins with who had it later', () => {
    expect([5, 10, 13].map(town({ key: 'away' }, { key: 'web-old' }).whoTells)).toEqual([
      ['away'],
      ['away'],
      ['web-old'],
    ])
    const later = { key: 'web', begin: originOf(B.slice(0, 12)), first: B.slice(0, 12) }
    const { rule } = town(later, { key: 'web-old' })
    expect([5, 10].map((time) => rule.isOthers('web-old', X, line(time)))).toEqual([false, false])
    const within = town({ key: 'web', begin: place(5), tail: 3 }, { key: 'web-old' })
    expect([4, 5, 6].map((time) => within.rule.isOthers('web-old', X, line(time)))).toEqual([false, false, true])
  })

  it('is not told again where it was told in an earlier connection', () => {
    const { rule, whoTells } = town({ key: 'web-old' })
    rule.note({ cursor: place(8), key: 'web' })
    expect([7, 8, 10, 13].map(whoTells)).toEqual([[], [], ['web-old'], ['web-old']])
  })

  it('is told where only a later name has come further', () => {
    const { rule, whoTells } = town({ key: 'away' }, { key: 'web-old' })
    rule.note({ cursor: place(20), key: 'web-old' })
    expect(whoTells(5)).toEqual(['away'])
  })

  it('is not told once more where it came, under the name before, earlier than word of the new one', () => {
    const { whoTells } = town({ key: 'web', cursor: place(11) }, { key: 'away' }, { key: 'web-old' })
    expect([10, 11, 12].map(whoTells)).toEqual([[], [], ['away']])
  })

  it('is never told under a name that it had lost', () => {
    expect(town({ key: 'web' }).whoTells(10)).toEqual([])
  })

  it('is told by the name before, where that is to tell the end of its log, and the feed has kept the line', () => {
    const ring = new Ring()
    ring.append({ kind: 'lines', incarnation: X, lines: [line(5), line(6)] })
    const fresh = { key: 'web', begin: undefined, cursor: undefined, first: B.slice(0, 12), ring }
    expect(town({ ...fresh, tail: 100 }, { key: 'web-old' }).rule.isOthers('web-old', X, line(5))).toBe(true)
    expect(town({ ...fresh, tail: 1 }, { key: 'web-old' }).rule.isOthers('web-old', X, line(5))).toBe(false)
    expect(town({ ...fresh, tail: 100 }, { key: 'web-old' }).rule.isOthers('web-old', X, line(7))).toBe(false)
  })
})

describe('how far a log was told', () => {
  it('is the furthest of all names, but for those that stand in it and have told nothing', () => {
    const { rule } = town({ key: 'web', cursor: place(7) }, { key: 'web-old', cursor: place(30), isSilent: true })
    expect(rule.furthest(X)).toEqual(place(7))
    rule.note({ cursor: place(11), key: 'away' })
    rule.note({ cursor: place(10), key: 'away' })
    expect(rule.furthest(X)).toEqual(place(11))
    rule.note({ cursor: place(12), key: 'web' })
    expect([rule.furthest(X), rule.furthestOfGone(X)]).toEqual([place(12), place(11)])
    expect(rule.furthest(B.slice(0, 12))).toBeUndefined()
  })
})
