/** The store of loaded rows: what goes in comes out, within its bounds. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LineStore, type Row } from '../../../web/log/line-store.ts'
import { row } from './row.ts'

const anyRow = fc.record({
  kind: fc.constantFrom('stdout', 'stderr', 'day', 'state', 'gap') as fc.Arbitrary<Row['kind']>,
  level: fc.constantFrom(undefined, 'trace', 'debug', 'info', 'warn', 'error', 'fatal') as fc.Arbitrary<Row['level']>,
  seconds: fc.integer({ min: 0, max: 4_000_000_000 }),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
  ordinal: fc.integer({ min: 0, max: 100_000 }),
  incarnation: fc.constantFrom('a1b2c3d4e5f6', 'ffb2c3d4e5f6', ''),
  source: fc.constantFrom('', 'web', 'api'),
  text: fc.string({ unit: 'binary' }),
  truncated: fc.boolean(),
})

const fill = (store: LineStore, count: number) => {
  for (let i = 0; i < count; i++) if (!store.append(row(`line ${store.end}`))) return
}

describe('line store', () => {
  it('gives back each row as it was put in, at either end', () => {
    const put = fc.tuple(anyRow, fc.boolean())
    fc.assert(
      fc.property(fc.array(put, { maxLength: 1500 }), (puts) => {
        const store = new LineStore()
        const rows: Row[] = []
        for (const [one, before] of puts) {
          if (before) store.prepend(one)
          else store.append(one)
          if (before) rows.unshift(one)
          else rows.push(one)
        }
        const indexes = rows.map((_, i) => store.first + i)
        expect(store.end - store.first).toBe(rows.length)
        expect(indexes.map((index) => store.row(index))).toEqual(rows)
        expect(indexes.map((index) => store.text(index))).toEqual(rows.map(({ text }) => text))
        expect(indexes.map((index) => store.level(index))).toEqual(rows.map(({ level }) => level))
        const isLine = ({ kind }: Row) => kind === 'stdout' || kind === 'stderr'
        expect(indexes.filter((index) => store.isLine(index))).toHaveLength(rows.filter(isLine).length)
        expect(store.lines).toBe(rows.filter(isLine).length)
        expect(store.row(store.end)).toBeUndefined()
        expect(store.row(store.first - 1)).toBeUndefined()
      }),
      { numRuns: 20 },
    )
  })

  it('finds each line by its cursor, and gives that cursor', () => {
    const store = new LineStore()
    for (let n = 0; n < 1200; n++) {
      const more = { nanos: Math.floor(n / 3), ordinal: n % 3, incarnation: n < 600 ? 'a1b2c3d4e5f6' : 'ffb2c3d4e5f6' }
      if (n % 2 === 0) store.append(row(`line ${n}`, more))
      else store.prepend(row(`line ${n}`, more))
    }
    for (let index = store.first; index < store.end; index++) {
      const cursor = store.cursor(index) ?? ''
      expect(store.find(cursor)).toBe(index)
    }
    expect(store.cursor(store.first)).toBe('ffb2c3d4e5f6.1795341723.000000399.2')
    expect(store.find('a1b2c3d4e5f6.1795341723.000000399.2')).toBeUndefined()
    store.append(row('web started', { kind: 'state', incarnation: '' }))
    expect(store.cursor(store.end - 1)).toBeUndefined()
  })

  it('drops its oldest chunk at the bound, and the rest keep their index', () => {
    const store = new LineStore({ rows: 2048, bytes: 1e9 })
    fill(store, 10_000)
    expect(store.end).toBe(10_000)
    expect(store.end - store.first).toBeLessThanOrEqual(2048)
    expect(store.row(store.first)?.text).toBe(`line ${store.first}`)
    expect(store.row(9_999)?.text).toBe('line 9999')
    expect(store.row(store.first - 1)).toBeUndefined()
    expect(store.lines).toBe(store.end - store.first)
    expect(store.appended).toBe(10_000)
  })

  it('is bounded by text as well as by rows', () => {
    const store = new LineStore({ rows: 1e6, bytes: 1_000_000 })
    for (let i = 0; i < 10_000; i++) store.append(row('x'.repeat(1000)))
    expect(store.end - store.first).toBeLessThan(1600)
  })

  it('does not drop what is being read: it takes no more instead', () => {
    const store = new LineStore({ rows: 2048, bytes: 1e9 })
    fill(store, 2048)
    store.pinned = [100, 140]
    expect(store.append(row('one too many'))).toBe(false)
    expect(store.row(100)?.text).toBe('line 100')
    store.pinned = [600, 640]
    expect(store.append(row('now there is room'))).toBe(true)
    expect(store.first).toBe(512)
  })

  it('drops its newest chunk when history needs the room, unless that is being read', () => {
    const store = new LineStore({ rows: 2048, bytes: 1e9 })
    fill(store, 2048)
    expect(store.prepend(row('while it follows'))).toBe(false)
    store.pinned = [0, 40]
    expect(store.prepend(row('history'))).toBe(true)
    expect([store.first, store.end]).toEqual([-1, 1536])
    expect(store.row(-1)?.text).toBe('history')
    expect(store.row(1535)?.text).toBe('line 1535')
    expect(store.lines).toBe(1537)
    store.pinned = [1500, 1530]
    for (let n = 0; n < 511; n++) store.prepend(row('more'))
    expect(store.prepend(row('one too many'))).toBe(false)
  })

  it('counts lines by level, and finds the next and the previous of some', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyRow, fc.boolean()), { maxLength: 1500 }),
        fc.integer({ min: -10, max: 1510 }),
        (puts, from) => {
          const store = new LineStore({ rows: 1024, bytes: 1e9 })
          for (const [one, before] of puts) {
            if (before) store.prepend(one)
            else store.append(one)
          }
          const wanted = ['error', 'fatal'] as const
          const found: number[] = []
          for (let index = store.first; index < store.end; index++) {
            const { level } = store.row(index) ?? {}
            if (store.isLine(index) && wanted.some((one) => one === level)) found.push(index)
          }
          expect(store.countOf(wanted)).toBe(found.length)
          const start = store.first + from
          expect(store.nearestOf(wanted, start, 1)).toBe(found.find((index) => index > start))
          expect(store.nearestOf(wanted, start, -1)).toBe(found.findLast((index) => index < start))
        },
      ),
      { numRuns: 40 },
    )
  })

  it('forgets everything, and uses no index again', () => {
    const store = new LineStore()
    fill(store, 700)
    store.clear()
    expect([store.isEmpty, store.lines, store.row(699)]).toEqual([true, 0, undefined])
    expect(store.first).toBeGreaterThanOrEqual(700)
    store.append(row('anew'))
    store.prepend(row('before'))
    expect([store.row(store.first)?.text, store.row(store.end - 1)?.text]).toEqual(['before', 'anew'])
  })

  it('tells whoever drew it when a row was reworded', () => {
    const store = new LineStore()
    store.append(row('waiting', { kind: 'state' }))
    store.reword(0, 'done')
    expect(store.row(0)?.text).toBe('done')
    expect(store.revision).toBe(1)
    store.reword(7, 'nothing there')
    expect(store.revision).toBe(1)
  })
})

describe('escape sequences', () => {
  const plain = Array.from({ length: 512 }, (_, n) => `line ${n}`)
  const coloured = plain.with(300, 'er\x1b[1mror')

  it.each([
    ['appended', (store: LineStore, texts: string[]) => texts.every((text) => store.append(row(text)))],
    ['prepended', (store: LineStore, texts: string[]) => texts.every((text) => store.prepend(row(text)))],
  ])('are known to be in none of 512 rows that were %s, when there are as many', (_, fill) => {
    const store = new LineStore()
    fill(store, plain)
    expect(store.isPlain(store.first)).toBe(true)
    fill(store, ['one more'])
    const [other] = [store.first, store.end - 1].filter((index) => store.text(index) === 'one more')
    expect(store.isPlain(other ?? 0)).toBe(false) // it was not looked at yet
    expect(store.isPlain(store.end)).toBe(false)
    const withColour = new LineStore()
    fill(withColour, coloured)
    expect(withColour.isPlain(withColour.first)).toBe(false)
  })
})
