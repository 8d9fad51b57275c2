/** Where the containers of a merged stream go on: whose place each cursor holds, whatever befell the names meanwhile. */
import { describe, expect, it } from 'vitest'
import { Succession } from '../../../server/feed/succession.ts'
import {
  type Cursor,
  cursorOf,
  formatCursor,
  NOWHERE,
  nowhereAt,
  originOf,
  type Place,
} from '../../../server/logs/cursor.ts'
import { placesAfter } from '../../../server/sse/places.ts'
import type { Selection } from '../../../server/sse/selection.ts'
import { at } from '../logs/frames.ts'
import { container, MemoryEngine } from '../memory-engine.ts'

const [A, B, C] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string]
const EVERYTHING: Selection = { containers: [], projects: [], labels: [] }
const byName = (...containers: string[]): Selection => ({ ...EVERYTHING, containers })

const line = (id: string, time: number): Cursor => cursorOf(id.slice(0, 12), { time: at(time), ordinal: 0 })
const origin = (id: string): Cursor => originOf(id.slice(0, 12))

function town(...containers: [name: string, id: string][]) {
  const engine = new MemoryEngine()
  for (const [name, id] of containers) engine.add(container(name, id))
  const succession = new Succession(engine)
  const places = (selection: Selection, ...cursors: (Cursor | Place)[]) => {
    const keys = [
      ...new Set([
        ...selection.containers,
        ...(selection.containers.length > 0 ? [] : engine.containers().map(({ key }) => key)),
      ]),
    ].sort()
    const asked = cursors.map((each) => ('cursor' in each ? each : { cursor: each }))
    const { starts, away, gaps } = placesAfter(engine, succession, selection, keys, asked)
    const told = [...starts].map(
      ([key, start]) => [key, 'after' in start ? formatCursor(start.after) : `tail ${start.tail}`] as const,
    )
    return { starts: Object.fromEntries(told), away, gaps }
  }
  return { engine, succession, places }
}

const to = (cursor: Cursor) => formatCursor(cursor)

describe('placesAfter', () => {
  it('goes on with each container after its cursor, and with one that is new from its first line', () => {
    const { places } = town(['web', A], ['db', B], ['cache', C])
    expect(places(EVERYTHING, line(B, 3), line(A, 2))).toEqual({
      starts: { web: to(line(A, 2)), db: to(line(B, 3)), cache: to(origin(C)) },
      away: [],
      gaps: [],
    })
    expect(places(EVERYTHING, NOWHERE).gaps).toEqual([])
  })

  it('goes on, with a name that nobody had, after the time at which that was so', () => {
    const { places } = town(['web', A], ['db', B])
    const nobody = [nowhereAt(at(8)), nowhereAt(at(4))]
    expect(places(byName('web', 'db'), line(B, 3), ...nobody).starts).toEqual({
      web: to(nowhereAt(at(4))),
      db: to(line(B, 3)),
    })
    expect(places(EVERYTHING, line(B, 3), ...nobody).starts).toMatchObject({ web: to(origin(A)) })
  })

  it('goes on under the name that a container had at the time, and from there on under the new one as well', () => {
    const { engine, places } = town(['web', A])
    engine.rename('web', 'web-old', at(9))
    expect(places(EVERYTHING, line(A, 5))).toEqual({
      starts: { web: to(line(A, 5)), 'web-old': to(line(A, 5)) },
      away: ['web'],
      gaps: [],
    })
    expect(places(EVERYTHING, line(A, 11)).starts).toEqual({ 'web-old': to(line(A, 11)) })
    engine.add(container('web', B))
    expect(places(EVERYTHING, line(A, 5))).toEqual({
      starts: { web: to(line(A, 5)), 'web-old': to(line(A, 5)) },
      away: [],
      gaps: [],
    })
  })

  it('goes on under the name it has now where nobody saw it under another', () => {
    const { places } = town(['web-old', A], ['web', B])
    const starts = { 'web-old': to(line(A, 5)), web: to(origin(B)) }
    expect(places(EVERYTHING, line(A, 5))).toEqual({ starts, away: [], gaps: [] })
    // Named after what it was: whether all that was written under it is told this one cannot know.
    const gap = { container: 'web', from: to(line(A, 5)), reason: 'unknown-cursor' }
    expect(places(EVERYTHING, { cursor: line(A, 5), key: 'web' })).toEqual({ starts, away: [], gaps: [gap] })
    const next = { cursor: line(B, 4), key: 'web-next' }
    expect(places(EVERYTHING, { cursor: line(A, 5), key: 'web' }, next)).toEqual({
      starts: { ...starts, web: to(line(B, 4)) },
      away: [],
      gaps: [gap],
    })
  })

  it('takes the name that the stream has given, where a container had several', () => {
    const { engine, places } = town(['web', A])
    engine.rename('web', 'web-old', at(9))
    engine.add(container('web', B))
    const named = [
      { cursor: line(A, 8), key: 'web' },
      { cursor: line(A, 7), key: 'web-old' },
    ]
    expect(places(EVERYTHING, ...named).starts).toEqual({ web: to(line(A, 8)), 'web-old': to(line(A, 7)) })
    const later = [line(B, 20), { cursor: line(A, 12), key: 'web-old' }]
    expect(places(EVERYTHING, ...later).starts).toEqual({ web: to(line(B, 20)), 'web-old': to(line(A, 12)) })
  })

  it('goes on after what was told under a name that it had before anybody here saw it, whatever it was called since', () => {
    const { engine, places } = town(['web', A])
    engine.rename('web', 'away', at(9))
    engine.rename('away', 'web', at(12))
    const named = [
      { cursor: line(A, 5), key: 'web' },
      { cursor: line(A, 7), key: 'web-new' },
    ]
    expect(places(EVERYTHING, ...named)).toEqual({ starts: { web: to(line(A, 7)) }, away: [], gaps: [] })
    const seen = { cursor: line(A, 10), key: 'away' }
    expect(places(EVERYTHING, ...named, seen).starts).toMatchObject({ web: to(line(A, 7)) })
    expect(places(EVERYTHING, { cursor: line(A, 8), key: 'web' }, ...named.slice(1)).starts).toEqual({
      web: to(line(A, 8)),
    })
  })

  it('hides nothing of what a container wrote before it was away, and was not told', () => {
    const { engine, places } = town(['web', A])
    engine.rename('web', 'away', at(9))
    engine.rename('away', 'web', at(12))
    for (const selection of [EVERYTHING, byName('web')]) {
      for (const cursor of [line(A, 5), { cursor: line(A, 5), key: 'web' }]) {
        expect(places(selection, cursor)).toEqual({ starts: { web: to(line(A, 5)) }, away: [], gaps: [] })
      }
    }
    expect(places(byName('web'), NOWHERE).starts).toEqual({ web: to(NOWHERE) })
  })

  it('begins with the first line of one it never met, whatever names that had before', () => {
    const { engine, places } = town(['web', A], ['web-new', B])
    engine.rename('web', 'web-old', at(4))
    engine.rename('web-new', 'web', at(5))
    expect(places(EVERYTHING, { cursor: line(A, 3), key: 'web-old' }).starts).toMatchObject({ web: to(origin(B)) })
  })

  it('goes on in the name whose place it holds, though that was passed on, or was away for a moment since', () => {
    const { engine, places } = town(['web', A])
    engine.remove('web', at(4))
    engine.add(container('web', B))
    engine.rename('web', 'away', at(80))
    engine.rename('away', 'web', at(90))
    const place = { cursor: line(A, 3), key: 'web' }
    expect(places(EVERYTHING, place).starts).toEqual({ web: to(line(A, 3)) })
    for (const time of [70, 85])
      expect(places(EVERYTHING, { cursor: line(B, time), key: 'web' }).starts).toEqual({ web: to(line(B, time)) })
  })

  it('goes on where another name has come to, though it has had others since', () => {
    const { engine, places } = town(['next', A])
    engine.rename('next', 'web', at(10))
    engine.rename('web', 'away', at(20))
    engine.rename('away', 'web', at(25))
    expect(places(EVERYTHING, { cursor: line(A, 5), key: 'next' })).toEqual({
      starts: { next: to(line(A, 5)), web: to(line(A, 5)) },
      away: ['next'],
      gaps: [],
    })
  })

  it('goes on under the name it has, whatever is heard of an earlier name since', () => {
    const { engine, places } = town(['away', A])
    engine.rename('away', 'web', at(9))
    const place = { cursor: origin(A), key: 'web' }
    expect(places(EVERYTHING, place)).toEqual({ starts: { web: to(origin(A)) }, away: [], gaps: [] })
  })

  it('holds no place for a name that the URL does not give', () => {
    const { engine, places } = town(['web', A], ['db', B])
    engine.rename('web', 'away', at(9))
    const named = { cursor: line(A, 5), key: 'web' }
    expect(places(byName('db'), line(B, 3), named)).toMatchObject({ starts: { db: to(line(B, 3)) }, away: [] })
    expect(places(byName('web', 'db'), line(B, 3), named).starts).toEqual({ web: to(line(A, 5)), db: to(line(B, 3)) })
  })

  it('goes on under the name that Compose takes from a container, and shows nothing twice of the one that is in the way', () => {
    const { engine, places } = town(['web', A])
    const inTheWay = `${A.slice(0, 12)}_web`
    engine.rename('web', inTheWay, at(9))
    engine.add(container('web', B))
    expect(places(EVERYTHING, line(A, 5)).starts).toEqual({ web: to(line(A, 5)), [inTheWay]: to(line(A, 5)) })
    const unseen = town(['web', B], [inTheWay, A])
    expect(unseen.places(EVERYTHING, line(B, 5)).starts).toEqual({ web: to(line(B, 5)), [inTheWay]: 'tail 0' })
    const named = { cursor: line(A, 11), key: inTheWay }
    expect(places(EVERYTHING, line(B, 12), named).starts).toEqual({
      web: to(line(B, 12)),
      [inTheWay]: to(line(A, 11)),
    })
  })

  it('keeps the place of a container that was removed, for whoever has its name next', () => {
    const { engine, places } = town(['web', A], ['db', B])
    engine.remove('web', at(9))
    expect(places(EVERYTHING, line(A, 5), line(B, 6))).toEqual({
      starts: { web: to(line(A, 5)), db: to(line(B, 6)) },
      away: ['web'],
      gaps: [],
    })
  })

  it('says that something is missing of each newcomer where a cursor is of nobody', () => {
    const { places } = town(['web', A], ['db', B])
    const from = to(line(C, 5))
    expect(places(EVERYTHING, line(C, 5), line(B, 6))).toEqual({
      starts: { web: to(origin(A)), db: to(line(B, 6)) },
      away: [],
      gaps: [{ container: 'web', from, reason: 'unknown-cursor' }],
    })
    expect(places(EVERYTHING, line(C, 5), line(B, 6), line(A, 7)).gaps).toEqual([{ from, reason: 'unknown-cursor' }])
  })

  it('blames nobody it has met for what is missing of a stranger', () => {
    const { engine, places } = town(['web', A], ['next', B])
    engine.rename('web', 'web-old', at(9))
    engine.rename('next', 'web', at(10))
    const from = to(line(C, 5))
    const named = [
      { cursor: line(A, 8), key: 'web-old' },
      { cursor: line(B, 6), key: 'next' },
    ]
    expect(places(EVERYTHING, line(C, 5), ...named).gaps).toEqual([{ from, reason: 'unknown-cursor' }])
  })

  it('goes on with the newcomer whose first line it waits for, and not once more with the one whose name that was', () => {
    const { engine, places } = town(['web', A])
    const inTheWay = `${A.slice(0, 12)}_web`
    engine.rename('web', inTheWay, at(9))
    engine.add(container('web', B))
    engine.remove(inTheWay, at(10))
    const named = { cursor: line(A, 5), key: inTheWay }
    expect(places(EVERYTHING, origin(B), named)).toEqual({ starts: { web: to(origin(B)) }, away: [], gaps: [] })
  })

  it('holds the place of the last one that had a name which nobody has, in whatever order the places come', () => {
    const { engine, places } = town(['web', A], ['db', C])
    const inTheWay = `${A.slice(0, 12)}_web`
    engine.rename('web', inTheWay, at(9))
    engine.add(container('web', B))
    engine.remove(inTheWay, at(10))
    engine.remove('web', at(20))
    const both = [{ cursor: line(A, 5), key: inTheWay }, { cursor: line(B, 15) }, { cursor: line(C, 6) }]
    for (const cursors of [both, both.toReversed()])
      expect(places(EVERYTHING, ...cursors)).toEqual({
        starts: { web: to(line(B, 15)), db: to(line(C, 6)) },
        away: ['web'],
        gaps: [],
      })
  })

  it('goes on after the furthest of a container’s places where it was not seen that it had other names', () => {
    const { places } = town(['web', A])
    const named = [
      { cursor: line(A, 5), key: 'web' },
      { cursor: line(A, 8), key: 'away' },
    ]
    for (const cursors of [named, named.toReversed()])
      expect(places(EVERYTHING, ...cursors).starts).toEqual({ web: to(line(A, 8)) })
  })

  it('goes on after the later of two cursors of one container', () => {
    const { places } = town(['web', A])
    expect(places(EVERYTHING, line(A, 7), line(A, 9), line(A, 8)).starts).toEqual({ web: to(line(A, 9)) })
    const [first, second] = [line(A, 9), { ...line(A, 9), ordinal: 1 }]
    for (const cursors of [
      [first, second],
      [second, first],
    ])
      expect(places(EVERYTHING, ...cursors).starts).toEqual({ web: to(second) })
  })
})
