/** Who carried a name, and what a cursor gives right to: a log is read only by the names it was written under. */
import { describe, expect, it } from 'vitest'
import { Succession, upTo } from '../../../server/feed/succession.ts'
import { cursorOf, NOWHERE, nowhereAt, originOf } from '../../../server/logs/cursor.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import { timeNow } from '../../../server/logs/time.ts'
import type { Container } from '../../../server/wire.ts'
import { at } from '../logs/frames.ts'
import { container, MemoryEngine } from '../memory-engine.ts'

const [A, B, C] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string]
const incarnation = (id: string) => id.slice(0, 12)
const line = (id: string, time = 5) => cursorOf(incarnation(id), { time: at(time), ordinal: 0 })
const whole = (id: string) => ({ id, after: originOf(incarnation(id)) })

/** An engine whose names pass on as told, and what is known of that. */
class Town {
  readonly succession: Succession
  #containers: Container[] = []
  readonly #engine = new MemoryEngine()

  constructor(...first: Container[]) {
    this.#containers = first
    this.#engine.containers = () => this.#containers
    this.#engine.find = (key) => this.#containers.findLast((one) => one.key === key)
    this.#engine.get = (id) => this.#containers.find((one) => one.id.startsWith(id))
    this.succession = new Succession(this.#engine)
  }

  come(...newcomers: Container[]): void {
    this.#containers.push(...newcomers)
    this.#engine.emit('change', { changed: newcomers })
  }

  go(id: string): void {
    this.#containers = this.#containers.filter((one) => one.id !== id)
    this.#engine.emit('change', { removed: [] })
  }

  rename(id: string, to: string, time: number): void {
    const before = this.#containers.find((one) => one.id === id)
    if (!before) throw new Error(`no container ${id}`)
    const after = { ...before, key: to, name: to }
    this.#containers = this.#containers.map((one) => (one === before ? after : one))
    this.#engine.emit('change', { changed: [after] })
    this.#engine.emit('happened', { key: before.key, id, state: 'renamed', at: at(time) })
  }

  /** Created, and not looked at yet. */
  pass(key: string, id: string): void {
    this.#engine.emit('happened', { key, id, state: 'created', at: at(1) })
  }

  /** The engine remembers it, from before it was connected. */
  remember(key: string, state: 'created' | 'renamed', id: string, time: number): void {
    this.#engine.emit('happened', { key, id, state, at: at(time), isPast: true })
  }

  /** One name for another, as the engine tells afterwards. */
  passOn(key: string, to: string, id: string, isPast: boolean): void {
    this.#engine.emit('happened', { key, to, id, state: 'renamed', at: at(9), isPast })
  }

  /** The engine tells that it was removed. */
  remove(key: string, id: string): void {
    this.#engine.emit('happened', { key, id, state: 'removed', at: at(2) })
  }

  started(key: string, id: string, time: number): void {
    this.#engine.emit('happened', { key, id, state: 'started', at: at(time) })
  }
}

describe('Succession', () => {
  it('goes on in the log of the container that has the name', () => {
    const { succession } = new Town(container('web', A))
    expect(succession.after('web', line(A))).toEqual([{ id: A, after: line(A) }])
    expect(succession.after('web', NOWHERE)).toEqual([whole(A)])
    expect(succession.after('db', NOWHERE)).toEqual([])
  })

  it('gives, after a time at which nobody had the name, all that have had it since, and no others', async () => {
    const town = new Town(container('web', A))
    town.rename(A, 'web-old', 9)
    await new Promise((resolve) => setTimeout(resolve, 2))
    const nobody = nowhereAt(timeNow())
    expect(town.succession.after('web', nobody)).toEqual([])
    town.pass('web', B)
    expect(town.succession.after('web', nobody)).toEqual([]) // it may only have been heard of too early
    town.come(container('web', C))
    expect(town.succession.after('web', nobody)).toEqual([
      { gap: 'removed', after: originOf(incarnation(C)), gone: [B] },
      whole(C),
    ])
    const before = nowhereAt('2026-11-22T10:00:00.000000000Z')
    expect(town.succession.after('web', before)).toHaveLength(3)
  })

  it('gives the rest of one that lost the name, up to then, and the next from its first line', () => {
    const town = new Town(container('web', A))
    town.rename(A, 'web-old', 9)
    town.come(container('web', B))
    expect(town.succession.after('web', line(A))).toEqual([{ id: A, after: line(A), until: at(9) }, whole(B)])
  })

  it('says once what is gone, in its place', () => {
    const town = new Town(container('web', A))
    town.go(A)
    town.pass('web', B)
    town.come(container('web', C))
    expect(town.succession.after('web', line(A))).toEqual([
      { gap: 'removed', after: originOf(incarnation(C)), gone: [A, B] },
      whole(C),
    ])
    expect(town.succession.next('web', A)).toEqual([
      { gap: 'removed', after: originOf(incarnation(C)), gone: [B] },
      whole(C),
    ])
    town.go(C)
    expect(town.succession.after('web', line(A))).toEqual([{ gap: 'removed', after: undefined, gone: [A, B, C] }])
  })

  it('knows who had a name before it listened, where the engine remembers it', () => {
    const town = new Town()
    town.remember('web', 'created', A, 1)
    town.remember('web', 'renamed', B, 9) // created before what is remembered
    town.come(container('web-old', B), container('web', C))
    expect(town.succession.after('web', line(B))).toEqual([{ id: B, after: line(B), until: at(9) }, whole(C)])
    expect(town.succession.after('web', line(A))).toEqual([
      { gap: 'removed', after: originOf(incarnation(B)), gone: [A] },
      { ...whole(B), until: at(9) },
      whole(C),
    ])
    expect(town.succession.renamedAt(B, 'web-old', 'last')).toBe(at(9))
    expect(town.succession.knows('web-old', incarnation(A))).toBe(false)
  })

  it('knows of one that was renamed into the name and is gone, though nobody ever saw it there', () => {
    for (const isPast of [true, false]) {
      const town = new Town(container('web', A))
      town.rename(A, 'web-old', 9)
      town.passOn('other', 'web', B, isPast)
      town.come(container('web', C))
      expect(town.succession.after('web', line(A))).toEqual([
        { id: A, after: line(A), until: at(9) },
        { gap: 'removed', after: originOf(incarnation(C)), gone: [B] },
        whole(C),
      ])
    }
  })

  it('does not take a start that is told after the loss of the name, and came before, for a return to it', () => {
    const town = new Town(container('web', A))
    town.rename(A, 'web-old', 4)
    town.started('web', A, 3)
    town.go(A)
    expect(town.succession.after('web', line(A, 2))).toEqual([{ gap: 'removed', after: undefined, gone: [A] }])
    town.come(container('web', B))
    expect(town.succession.after('web', line(A, 2))).toEqual([
      { gap: 'removed', after: originOf(incarnation(B)), gone: [A] },
      whole(B),
    ])
  })

  it('says nothing of one that was only just created, until it is known to be gone', () => {
    const town = new Town(container('web', A))
    town.rename(A, 'web-old', 9)
    const rest = { id: A, after: line(A), until: at(9) }
    town.pass('web', B)
    expect(town.succession.after('web', line(A))).toEqual([rest])
    town.remove('web', B)
    expect(town.succession.after('web', line(A))).toEqual([rest, { gap: 'removed', after: undefined, gone: [B] }])
    town.pass('web', C)
    town.come(container('web', C))
    town.go(C)
    expect(town.succession.next('web', B)).toEqual([{ gap: 'removed', after: undefined, gone: [C] }])
  })

  it('reads nothing of a container that never had the name, whatever the cursor says', () => {
    const { succession } = new Town(container('web', A), container('secret', B))
    for (const time of [1, 9e18]) {
      const links = succession.after('web', cursorOf(incarnation(B), { time: at(0), ordinal: time }))
      expect(links.every((link) => 'gap' in link || link.id === A)).toBe(true)
      expect(links[0]).toMatchObject({ gap: 'unknown-cursor' })
    }
    expect(succession.knows('web', incarnation(B))).toBe(false)
  })

  it('goes on with what is new after a cursor from the container’s own time, and with all of one that is younger', () => {
    const { succession } = new Town(container('web', A)) // created at 10:00:00
    expect(succession.after('web', line(B))).toEqual([{ gap: 'unknown-cursor', after: undefined }])
    const old = cursorOf(incarnation(B), { time: '2026-11-22T09:59:59.000000000Z', ordinal: 0 })
    const origin = originOf(incarnation(A))
    expect(succession.after('web', old)).toEqual([{ gap: 'unknown-cursor', after: origin }, whole(A)])
    expect(succession.after('web', originOf(incarnation(B)))).toEqual([
      { gap: 'unknown-cursor', after: origin },
      whole(A),
    ])
  })

  it('takes two containers of one Compose service for one, unseen as they are', () => {
    const service = { project: 'shop', service: 'web' }
    const { succession } = new Town({ ...container('web', B), ...service }, { ...container('old_web', A), ...service })
    expect(succession.after('web', line(A))).toEqual([{ id: A, after: line(A) }, whole(B)])
    expect(succession.knows('web', incarnation(A))).toBe(true)
  })

  it('goes on in the log of a container that has the name again, and knows whose name each line was written under', () => {
    const town = new Town(container('web', A))
    town.rename(A, 'away', 9)
    expect(town.succession.holderAt(incarnation(A), at(8))).toBe('web')
    expect(town.succession.holderAt(incarnation(A), at(10))).toBe('away')
    expect(town.succession.renamedAt(A, 'away', 'last')).toBe(at(9))
    town.rename(A, 'web', 12)
    expect(town.succession.after('web', line(A))).toEqual([{ id: A, after: line(A) }])
    const holders = [8, 9, 10, 12, 13].map((time) => town.succession.holderAt(incarnation(A), at(time)))
    expect(holders).toEqual(['web', 'web', 'away', 'away', 'web'])
    expect([A, B].map((id) => town.succession.isRenamed(incarnation(id)))).toEqual([true, false])
    // A log is read once, however often it had the name.
    town.rename(A, 'web-old', 20)
    town.come(container('web', B))
    expect(town.succession.after('web', line(A))).toEqual([{ id: A, after: line(A), until: at(20) }, whole(B)])
    expect(town.succession.next('web', A)).toEqual([whole(B)])
  })

  it('tells when a container got a name first, and when it got it again', () => {
    const town = new Town(container('web-new', A))
    expect(town.succession.renamedAt(A, 'web-new', 'first')).toBeUndefined()
    town.rename(A, 'web', 5)
    town.rename(A, 'away', 8)
    town.rename(A, 'web', 9)
    const moments = (['first', 'last'] as const).map((which) => town.succession.renamedAt(A, 'web', which))
    expect(moments).toEqual([at(5), at(9)])
  })

  it('keeps a bounded number of those who had a name', () => {
    const town = new Town()
    const ids = Array.from({ length: 40 }, (_, number) => number.toString(16).padStart(12, '0').padEnd(64, 'f'))
    for (const id of ids) town.pass('web', id)
    expect(ids.filter((id) => town.succession.knows('web', incarnation(id))).length).toBeLessThanOrEqual(16)
  })
})

describe('upTo', () => {
  it('ends with the first line that was written after the name was lost', () => {
    const lines = [1, 2, 4, 3].map(
      (time): LogLine => ({ ...line(A, time), stream: 'stdout', level: undefined, message: '', truncated: false }),
    )
    expect(upTo(undefined, lines)).toEqual({ own: lines, over: false })
    expect(upTo(at(4), lines)).toEqual({ own: lines, over: false })
    expect(upTo(at(3), lines)).toEqual({ own: lines.slice(0, 2), over: true })
  })
})

describe('thousands of names', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => {
    const id = index.toString(16).padStart(12, '0').padEnd(64, 'a')
    return container(`web-${index}`, id)
  })

  it('are all remembered, each with who carried it, and which of them were renamed', () => {
    const town = new Town(...many)
    for (const { key, id } of many) expect(town.succession.carried(key, incarnation(id))).toBe(true)
    const [first, second] = many as [Container, Container, ...Container[]]
    town.rename(first.id, 'old', 20)
    expect(town.succession.isRenamed(incarnation(first.id))).toBe(true)
    expect(town.succession.isRenamed(incarnation(second.id))).toBe(false)
    expect(town.succession.namesSince(incarnation(first.id), at(1))).toEqual(['web-0', 'old'])
    expect(town.succession.lostAt('web-0', first.id)).toBe(at(20))
  })
})
