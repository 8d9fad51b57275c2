/** The store of loaded rows: what goes in comes out, within its bounds. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LineStore, type Row } from '../../../web/log/line-store.ts'

const row = (text: string, more: Partial<Row> = {}): Row => ({
  kind: 'stdout',
  level: undefined,
  seconds: 1_795_341_723,
  nanos: 114_000_000,
  text,
  truncated: false,
  ...more,
})

const anyRow = fc.record({
  kind: fc.constantFrom('stdout', 'stderr', 'day', 'state', 'gap') as fc.Arbitrary<Row['kind']>,
  level: fc.constantFrom(undefined, 'trace', 'debug', 'info', 'warn', 'error', 'fatal') as fc.Arbitrary<Row['level']>,
  seconds: fc.integer({ min: 0, max: 4_000_000_000 }),
  nanos: fc.integer({ min: 0, max: 999_999_999 }),
  text: fc.string({ unit: 'binary' }),
  truncated: fc.boolean(),
})

const fill = (store: LineStore, count: number) => {
  for (let i = 0; i < count; i++) if (!store.append(row(`line ${store.end}`))) return
}

describe('line store', () => {
  it('gives back each row as it was put in', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 1500 }), (rows) => {
        const store = new LineStore()
        for (const one of rows) store.append(one)
        expect(store.end).toBe(rows.length)
        expect(rows.map((_, i) => store.row(i))).toEqual(rows)
        expect(store.row(rows.length)).toBeUndefined()
      }),
      { numRuns: 20 },
    )
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
    store.pinned = 100
    expect(store.append(row('one too many'))).toBe(false)
    expect(store.row(100)?.text).toBe('line 100')
    store.pinned = 600
    expect(store.append(row('now there is room'))).toBe(true)
    expect(store.first).toBe(512)
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
