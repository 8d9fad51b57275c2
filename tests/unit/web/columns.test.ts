/** Columns of fields: what is seen of lines, what a cell shows, and widths as they are kept. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasControls } from '../../../web/log/ansi.ts'
import {
  cellText,
  clampWidth,
  firstWidth,
  linesAround,
  MAX_CH,
  MIN_CH,
  readWidths,
  seenColumns,
  seenFields,
  writeWidths,
} from '../../../web/log/columns.ts'
import { pickFields, sentenceFields } from '../../../web/log/fields.ts'
import { LineStore } from '../../../web/log/line-store.ts'
import { row } from './row.ts'

describe('the fields of lines', () => {
  it('are the most frequent first, with what the newest has and how long the longest is', () => {
    const lines = ['{"msg":"a","ms":3,"id":"x"}', 'ready', 'msg=b ms=12000 to=', '{"msg":"c","id":"y z","ms":"n/a"}']
    expect(seenFields(lines)).toEqual([
      { name: 'ms', count: 3, example: 'n/a', longest: 5, isNumber: false },
      { name: 'id', count: 2, example: 'y z', longest: 3, isNumber: false },
      { name: 'to', count: 1, example: '', longest: 0, isNumber: false },
    ])
    expect(seenFields(['a=1 b=x', 'a=22 b=y'])[0]).toMatchObject({ name: 'a', isNumber: true, longest: 2 })
  })

  it('have no message among them, but what a request is made of', () => {
    const names = (line: string) => seenFields([line]).map(({ name }) => name)
    expect(names('{"msg":"a","event":"b"}')).toEqual(['event'])
    expect(names('{"msg":{"a":1},"event":"b"}')).toEqual(['msg.a'])
    expect(names('{"method":"GET","path":"/"}')).toEqual(['method', 'path'])
  })

  it('are those of objects, too, three deep', () => {
    const lines = [
      '{"req":{"method":"GET","headers":{"host":"a","x":{"y":1}}},"ids":[1,2],"err":{}}',
      '{"req":{"method":"PUT"}}',
    ]
    expect(seenFields(lines).map(({ name, count, example }) => [name, count, example])).toEqual([
      ['req.method', 2, 'PUT'],
      ['req.headers.host', 1, 'a'],
      ['req.headers.x', 1, '{"y":1}'],
      ['ids', 1, '[1,2]'],
      ['err', 1, '{}'],
    ])
    for (const { name } of seenFields(lines))
      expect(pickFields(sentenceFields(lines[0] ?? '') ?? [], [name])[0]).toBeDefined()
  })

  it('are measured under the names that columns have, however deep, objects and messages too', () => {
    const lines = ['{"msg":"done","a":{"b":{"c":{"d":12345}}}}', 'msg=late a=none', 'ready']
    expect(seenColumns(lines, ['a', 'a.b.c.d', 'msg', 'absent'])).toEqual([
      { name: 'a', count: 2, example: 'none', longest: 23, isNumber: false },
      { name: 'a.b.c.d', count: 1, example: '12345', longest: 5, isNumber: true },
      { name: 'msg', count: 2, example: 'late', longest: 4, isNumber: false },
    ])
  })

  it('are bounded where keys are data, and have no name that an address cannot hold', () => {
    const keys = Array.from({ length: 500 }, (_, line) => `{"k${line}":1,"l${line}":1,"m${line}":1}`)
    expect(seenFields(keys)).toHaveLength(1000)
    expect(seenFields(['{"\\ud800":1,"":2,"\\ud83d\\ude00":3}']).map(({ name }) => name)).toEqual(['😀'])
  })

  it('are read of lines around what is read, and of no other rows', () => {
    const store = new LineStore()
    for (let n = 0; n < 2000; n++) store.append(row(`line ${n}`))
    expect(linesAround(store)).toHaveLength(500)
    expect(linesAround(store).at(-1)).toBe('line 1999')
    store.pinned = [1000, 1040]
    expect(linesAround(store)[0]).toBe('line 750')
    expect(linesAround(store).at(-1)).toBe('line 1249')
    const mixed = new LineStore()
    for (const each of [row('day', { kind: 'day' }), row('cut', { truncated: true }), row('whole')]) mixed.append(each)
    expect(linesAround(mixed)).toEqual(['whole'])
    expect(linesAround(new LineStore())).toEqual([])
  })
})

describe('a cell', () => {
  it('is one short line, and holds no control, whatever the value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 220 }), (text) => {
        const shown = cellText({ key: 'a', kind: 'text', text })
        expect(hasControls(shown)).toBe(false)
        expect(shown.length).toBeLessThanOrEqual(200)
      }),
      { numRuns: 50 },
    )
    expect(cellText({ key: 'a', kind: 'text', text: 'a\n\x1b[31mb' })).toBe('a␊b')
  })
})

describe('a width', () => {
  it('is at first that of the longest value, within bounds, and a short name is seen whole', () => {
    expect([firstWidth('s', 1), firstWidth('s', 10), firstWidth('s', 99)]).toEqual([4, 10, 24])
    expect([firstWidth('status', 3), firstWidth('upstream_response_time', 5)]).toEqual([6, 12])
    expect([clampWidth(-3), clampWidth(7.6), clampWidth(1e9)]).toEqual([MIN_CH, 8, MAX_CH])
  })

  it('is found again where it was kept, for the fields that were resized last', () => {
    const chosen = fc.array(fc.tuple(fc.string(), fc.integer({ min: MIN_CH, max: MAX_CH })), { maxLength: 150 })
    fc.assert(
      fc.property(chosen, (pairs) => {
        let text: string | undefined
        for (const [name, width] of pairs) text = writeWidths(readWidths(text), name, width)
        const last = new Map<string, number>()
        for (const [name, width] of pairs) {
          last.delete(name)
          last.set(name, width)
        }
        expect([...readWidths(text)]).toEqual([...last].slice(-100))
      }),
    )
  })

  it('is none where storage holds something else', () => {
    for (const text of [undefined, '', '{', '{}', 'null', '1', '[1,null,["a"],["a",3],["a",101],["a",5.5],[1,9]]'])
      expect(readWidths(text).size).toBe(0)
    expect([...readWidths('[["a",9],["__proto__",8]]')]).toEqual([
      ['a', 9],
      ['__proto__', 8],
    ])
  })
})
