/** JSON and logfmt lines as sentences and as trees: nothing is lost, nothing acts, everything is bounded. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasControls } from '../../../web/log/ansi.ts'
import { readTree } from '../../../web/log/field-tree.ts'
import { messageOf, pickFields, readSentence, sentenceFields } from '../../../web/log/fields.ts'

const AT = Date.parse('2026-11-22T10:02:03Z') / 1000
const sentence = (text: string, shown?: Parameters<typeof readSentence>[1]) =>
  readSentence(text, shown)
    ?.map((run) => run.text)
    .join('')
const shownAs = (level?: 'info' | 'debug' | 'warn' | 'error') => ({ level, seconds: AT })

/** Texts with what hostile lines are made of. */
const noisy = fc
  .array(
    fc.oneof(
      fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', '=', ' ', 'a=', '"a":', '"__proto__":', '1', '\x1b[31m'),
      fc.constantFrom('\u202e', '\0', '\n', 'msg=', '"msg":"', '{"', '":', '\\u0000', 'null', 'http://'),
      fc.string(),
    ),
  )
  .map((parts) => parts.join(''))

describe('a sentence', () => {
  it.each([
    ['{"level":30,"ms":3,"msg":"ready","port":8080}', 'ready  level=30 ms=3 port=8080'],
    ['{ "port" : 8080 , "message" : "ready" }  ', 'ready  port=8080'],
    ['level=info msg="upstream slow" upstream=api:3000 ms=1840', 'upstream slow  level=info upstream=api:3000 ms=1840'],
    ['{"event":"started","message":"web started"}', 'web started  event=started'],
    ['{"event":"started","msg":""}', 'started  msg=""'],
    ['{"msg":{"a":1},"text":"hello\\n"}', 'hello  msg={"a":1}'],
    ['{"a":true,"b":null,"c":"x y"}', 'a=true b=null c="x y"'],
    ['{"msg":"only"}', 'only'],
    ['a=1 b=2', 'a=1 b=2'],
    ['msg="say \\"hi\\"\\u00e9" path=C:\\\\x', 'say "hi"é  path=C:\\\\x'],
    ['msg=done err= query=a=b', 'done  err="" query=a=b'],
  ])('of %s puts the message first', (text, read) => {
    expect(sentence(text)).toBe(read)
  })

  it('gives keys, values and numbers their roles', () => {
    expect(readSentence('{"msg":"slow","ms":1840,"to":"api:3000","retry":true}')).toEqual([
      { text: 'slow' },
      { text: '  ms=', role: 'key' },
      { text: '1840', role: 'number' },
      { text: ' to=', role: 'key' },
      { text: 'api:3000', role: 'value' },
      { text: ' retry=', role: 'key' },
      { text: 'true', role: 'value' },
    ])
  })

  it.each([
    ['{"method":"GET","path":"/items/4210","status":200,"ms":3}', 'GET /items/4210  status=200 ms=3'],
    ['status=200 uri=/a request_method=PUT', 'PUT /a  status=200'],
    ['{"request":"GET / HTTP/1.1","status":200}', 'GET / HTTP/1.1  status=200'],
    ['{"method":"GET","path":"/a","msg":"done"}', 'done  method=GET path=/a'],
    ['{"method":"GET","status":200}', 'method=GET status=200'],
  ])('of the request %s is the request, where there is no message', (text, read) => {
    expect(sentence(text)).toBe(read)
  })

  it.each([
    ['{"level":30,"time":1795341723114,"msg":"x"}', 'info', 'x'],
    ['{"severity":"INFO","ts":1795341723.114,"msg":"x"}', 'info', 'x'],
    ['time="2026-11-22T10:02:03Z" level=info msg=x', 'info', 'x'],
    ['{"asctime":"2026-11-22 11:02:02,114","levelname":"WARNING","msg":"x"}', 'warn', 'x'],
    ['{"t":{"$date":"2026-11-22T10:02:03.114+00:00"},"s":"I","c":"NETWORK","msg":"x"}', 'info', 'x  c=NETWORK'],
    ['{"level":"\\u001b[32minfo\\u001b[39m","msg":"x"}', 'info', 'x'],
    ['{"@t":"2026-11-22T10:02:03.1140000Z","@l":"Debug","@m":"x"}', 'debug', 'x'],
    ['{"severityText":"WARN2","message":"x"}', 'warn', 'x'],
    ['{"severityNumber":17,"message":"x"}', 'error', 'x'],
    ['{"severityNumber":17,"message":"x"}', 'warn', 'x  severityNumber=17'],
    ['LL="ERROR" msg=x', 'error', 'x'],
  ] as const)('of %s leaves out the level and the time that the row shows', (text, level, read) => {
    expect(sentence(text, shownAs(level))).toBe(read)
  })

  it.each([
    ['{"level":"audit","msg":"x"}', undefined, 'x  level=audit'],
    ['{"level":"error","msg":"x"}', 'info', 'x  level=error'],
    ['{"level":"info","severity":"info","msg":"x"}', 'info', 'x  severity=info'],
    ['{"time":"2026-11-21T09:07:41Z","msg":"x"}', 'info', 'x  time=2026-11-21T09:07:41Z'],
    ['{"time":"noon","t":12,"msg":"x"}', 'info', 'x  time=noon t=12'],
    ['{"ts":1795341723,"time":1795341723,"msg":"x"}', 'info', 'x  time=1795341723'],
  ] as const)('of %s keeps a level and a time that say something else', (text, level, read) => {
    expect(sentence(text, shownAs(level))).toBe(read)
  })

  it.each([
    '',
    'ready',
    'GET /items?a=b 200',
    'a=1',
    'PATH=/usr/bin:/bin',
    'a=1 and b=2',
    'listening port=8080 workers=4',
    'a="never closed b=2',
    '=1 b=2',
    '{"a":1',
    '{"a":1}x',
    '{{ template }}',
    "{'a': 1}",
    '{a:1}',
    '{}',
    '{"a":"\x1b"}',
    '["a"]',
    '"a"',
    ' {"a":1}',
    `{"a":"${'x'.repeat(20_000)}"}`,
  ])('is not made of %j, which is shown as written', (text) => {
    expect(readSentence(text)).toBeUndefined()
  })

  it('is none of a line that shows nothing but its level and time', () => {
    expect(readSentence('{"level":"info"}', shownAs('info'))).toBeUndefined()
  })

  it('keeps what parsing would lose: digits, the order of keys, duplicates, __proto__', () => {
    expect(sentence('{"id":12345678901234567890,"2":1.0,"1":1e3,"id":-0,"__proto__":{"x":1},"constructor":"c"}')).toBe(
      'id=12345678901234567890 2=1.0 1=1e3 id=-0 __proto__={"x":1} constructor=c',
    )
  })

  it('shows nested values compact, their blanks kept only within strings, and cuts them', () => {
    expect(sentence('{"a":{ "b" : [1, 2, "c \\" d"] }, "e":[ ]}')).toBe('a={"b":[1,2,"c \\" d"]} e=[]')
    const long = sentence(JSON.stringify({ a: Array.from({ length: 1000 }, (_, i) => i) })) ?? ''
    expect(long.length).toBe('a='.length + 200 + 1)
    expect(long.endsWith('…')).toBe(true)
  })

  it('keeps the colours of a message, and shows controls of keys and values as pictures', () => {
    expect(readSentence('{"msg":"\\u001b[31mno\\u001b[0m","a\\u0000":"b\\r\\u202ec"}')).toEqual([
      { text: 'no', fg: 1 },
      { text: '  a␀=', role: 'key' },
      { text: '"b␍␦c"', role: 'value' },
    ])
  })

  it('says how many fields it leaves out when there are many', () => {
    const many = JSON.stringify(Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`k${i}`, i])))
    expect(sentence(many)).toMatch(/ k99=99 … 50 more fields$/)
  })

  it('is made of what JSON.parse takes for an object with members, and of nothing else', () => {
    const isObject = (text: string) => {
      try {
        return Object.keys(JSON.parse(text)).length > 0
      } catch {
        return false
      }
    }
    const written = fc
      .tuple(fc.object(), fc.constantFrom(undefined, '\t', 3))
      .map(([value, space]) => JSON.stringify(value, null, space))
    const spoilt = fc.tuple(
      written,
      fc.nat(),
      fc.constantFrom('', '"', '{', ']', ',', ':', '0', '\\', '-', '.', 'e', '\n'),
    )
    const texts = fc.oneof(
      written,
      noisy.map((text) => `{${text}`),
      spoilt.map(([text, at, char]) => {
        const place = 1 + (at % text.length)
        return text.slice(0, place) + char + text.slice(place + 1)
      }),
    )
    fc.assert(
      fc.property(texts, (text) => (readTree(text) !== undefined) === isObject(text)),
      { numRuns: 2000 },
    )
  })

  it('never throws, and never holds a control, whatever the text', () => {
    fc.assert(fc.property(noisy, (text) => !hasControls(sentence(text, shownAs('info')) ?? '')))
    fc.assert(fc.property(noisy, (text) => !hasControls(sentence(`{"a":${JSON.stringify(text)}}`) ?? '')))
  })

  it('of any object holds every member that is no object: its key, and its text', () => {
    const printable = fc.string({ unit: 'grapheme-ascii' })
    const scalar = fc.oneof(printable, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.integer())
    fc.assert(
      fc.property(fc.array(fc.tuple(printable, scalar), { minLength: 1, maxLength: 90 }), (members) => {
        const text = `{${members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`
        const read = sentence(text) ?? ''
        for (const [, value] of members)
          expect(read).toContain(
            String(JSON.stringify(value)).startsWith('"') ? String(value).trimEnd() : JSON.stringify(value),
          )
      }),
    )
  })

  it('of any logfmt line holds every value', () => {
    const word = fc.stringMatching(/^[a-z][\w.]{0,8}$/)
    fc.assert(
      fc.property(fc.array(fc.tuple(word, fc.string()), { minLength: 2, maxLength: 50 }), (pairs) => {
        const text = pairs.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(' ')
        const read = sentence(text) ?? ''
        for (const [, value] of pairs) expect(read).toContain(value.trimEnd())
      }),
    )
  })

  it.each([
    ['objects in objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
    ['an object that never ends', '{"a":'.repeat(13_000)],
    ['escapes', `{"a":"${'\\"'.repeat(32_000)}"}`],
    ['escapes that never end', `a="${'\\"'.repeat(32_000)}`],
    ['pairs and a word', `${'a=1 '.repeat(16_000)}b`],
    ['a key', `${'a'.repeat(64_000)}=1`],
    ['a quoted value with a tail', `a="${'b'.repeat(32_000)}"${'c'.repeat(32_000)}`],
    ['blanks', `{"a":[${' '.repeat(64_000)}]}`],
    ['members', `{${'"a":1,'.repeat(9000)}"b":1}`],
  ])('takes %s in a moment, a line of 64 KiB as well', (_, text) => {
    const start = performance.now()
    readSentence(text, shownAs('info'))
    readTree(text)
    expect(performance.now() - start).toBeLessThan(200)
  })
})

describe('a field that is picked by its name', () => {
  const picked = (text: string, name: string) => pickFields(sentenceFields(text) ?? [], [name])[0]?.text

  it.each([
    ['{"req":{"method":"GET","headers":{"host":"a.example"}}}', 'req.method', 'GET'],
    ['{"req":{"method":"GET","headers":{"host":"a.example"}}}', 'req.headers.host', 'a.example'],
    ['{"a.b":1,"a":{"b":2}}', 'a.b', '1'],
    ['{"a":{"b.c":1},"a.b":{"c":2}}', 'a.b.c', '1'],
    ['{"a":1,"a":{"b":2}}', 'a.b', '2'],
    ['{"a":{"b":{"__proto__":3}}}', 'a.b.__proto__', '3'],
    ['{"":{"":4}}', '.', '4'],
    ['{"ids":[5,6]}', 'ids.0', undefined],
    ['{"a":{"b":1}}', 'a.constructor', undefined],
    ['{"a":"{\\"b\\":1}"}', 'a.b', undefined],
    ['a.b=1 a=2', 'a.b', '1'],
  ])('in %s at %s is %s', (text, name, value) => {
    expect(picked(text, name)).toBe(value)
  })

  it('is found within any object by the keys that lead to it', () => {
    const key = fc.string({ minLength: 1, maxLength: 4 }).filter((each) => !each.includes('.'))
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 20 }), fc.integer(), (path, value) => {
        const text = JSON.stringify(path.reduceRight<unknown>((inner, each) => ({ other: 0, [each]: inner }), value))
        expect(picked(text, path.join('.'))).toBe(String(value))
      }),
    )
  })
})

describe('a sentence beside columns', () => {
  const beside = (text: string, ...columns: string[]) =>
    readSentence(text, shownAs('info'), columns)
      ?.map((run) => run.text)
      .join('')

  it.each([
    ['{"msg":"served","status":200,"ms":3,"id":7}', ['ms', 'status'], 'served  id=7'],
    ['msg=served status=200 ms=3', ['status', 'absent'], 'served  ms=3'],
    ['{"msg":"served","ms":3}', ['msg'], 'served  ms=3'],
    ['{"event":"e","msg":"served"}', ['event'], 'served'],
    ['{"method":"GET","path":"/a","ms":3}', ['method'], '/a  ms=3'],
    ['{"method":"GET","path":"/a","ms":3}', ['path', 'ms', 'method'], ''],
    ['{"level":"info","severity":"info","msg":"x"}', ['severity'], 'x'],
    ['{"level":"info"}', ['level'], ''],
    ['{"a":1,"a":2}', ['a'], 'a=2'],
    ['{"msg":"x","res":{"status":200}}', ['res.status'], 'x'],
    ['{"msg":"x","req":{"to":"a","by":"b"}}', ['req.to'], 'x  req={"to":"a","by":"b"}'],
    ['{"msg":"x","req":{"to":"a","by":"b"},"res":{}}', ['req.by', 'req.to'], 'x  res={}'],
    ['{"a":{"b":1},"a":{"b":2}}', ['a.b'], 'a={"b":2}'],
    ['{"__proto__":1,"a":2}', ['__proto__', 'constructor'], 'a=2'],
  ] as const)('of %s leaves out %j', (text, columns, read) => {
    expect(beside(text, ...columns)).toBe(read)
  })

  it('is none of a text without fields, whatever the columns', () => {
    expect(beside('ready', 'a')).toBeUndefined()
    expect(beside('{"level":"info"}', 'a')).toBeUndefined()
  })

  it('leaves out the fields that are picked, and no others', () => {
    const scalar = fc.oneof(fc.stringMatching(/^[a-z]{1,5}$/), fc.integer(), fc.boolean())
    const names = fc.constantFrom('msg', 'method', 'path', 'status', 'ms', 'id', 'a.b')
    fc.assert(
      fc.property(fc.array(fc.tuple(names, scalar), { minLength: 1 }), fc.uniqueArray(names), (members, columns) => {
        const text = `{${members.map((pair) => pair.map((each) => JSON.stringify(each)).join(':')).join()}}`
        const fields = sentenceFields(text) ?? []
        const taken = pickFields(fields, columns)
        const message = messageOf(fields)
        const expected = [
          ...message.filter((field) => message.length === 1 || !taken.includes(field)),
          ...fields.filter((field) => !message.includes(field) && !taken.includes(field)),
        ]
        const shown = readSentence(text, undefined, columns) ?? []
        expect(
          shown
            .map((run) => run.text)
            .join('')
            .match(/[^\s=]+(?= |$)/g) ?? [],
        ).toEqual(expected.map((field) => field.text))
      }),
    )
  })
})

describe('an opened line', () => {
  it('is an indented tree', () => {
    expect(readTree('{"msg":"x","n":1.50,"err":{"code":"E1","at":[true,null]},"none":{}}')).toEqual([
      { depth: 0, key: 'msg', value: 'x', kind: 'text', copy: 'x' },
      { depth: 0, key: 'n', value: '1.50', kind: 'number', copy: '1.50' },
      { depth: 0, key: 'err', kind: 'object', copy: '{"code":"E1","at":[true,null]}' },
      { depth: 1, key: 'code', value: 'E1', kind: 'text', copy: 'E1' },
      { depth: 1, key: 'at', kind: 'array', copy: '[true,null]' },
      { depth: 2, key: '0', value: 'true', kind: 'word', copy: 'true' },
      { depth: 2, key: '1', value: 'null', kind: 'word', copy: 'null' },
      { depth: 0, key: 'none', value: '{}', kind: 'object', copy: '{}' },
    ])
  })

  it('shows the fields of logfmt, level and time too', () => {
    expect(readTree('time=10:02 level=info msg="a b"')?.map((row) => [row.key, row.value])).toEqual([
      ['time', '10:02'],
      ['level', 'info'],
      ['msg', 'a b'],
    ])
  })

  it('keeps the line breaks of a text, and copies it exactly', () => {
    expect(readTree('{"stack":"Error\\r\\n\\tat x\\u0000 \\u001b[31mred"}')).toEqual([
      { depth: 0, key: 'stack', value: 'Error\n\tat x␀ red', kind: 'text', copy: 'Error\r\n\tat x\0 \x1b[31mred' },
    ])
  })

  it('leaves out rows past its bound, and says how many', () => {
    const rows = readTree(JSON.stringify({ a: Array.from({ length: 500 }, (_, i) => i) }))
    expect(rows?.length).toBe(301)
    expect(rows?.at(-1)).toEqual({ depth: 0, kind: 'more', value: '… 201 more fields', copy: '' })
  })

  it('shows what is nested too deep in one row', () => {
    const rows = readTree(`${'{"a":'.repeat(150)}1${'}'.repeat(150)}`)
    expect(rows?.length).toBe(13)
    expect(rows?.at(-1)?.value).toMatch(/^\{"a":/)
    expect(rows?.at(-1)?.copy.length).toBe(6 * (150 - 13) + 1)
  })

  it('is none for a plain text', () => {
    for (const text of ['', 'ready', '{"a":1', '[1]', 'a=1']) expect(readTree(text)).toBeUndefined()
  })

  it('never throws, and holds no control but line breaks, whatever the text', () => {
    const calm = (text: string) =>
      (readTree(text) ?? []).every((row) => !hasControls(`${row.key}${row.value?.replaceAll('\n', '')}`))
    fc.assert(fc.property(noisy, calm))
    fc.assert(fc.property(fc.json(), (json) => calm(`{"a":${json}}`)))
  })

  it('copies what the value was, for any object', () => {
    fc.assert(
      fc.property(fc.object(), (value) => {
        fc.pre(Object.keys(value).length > 0)
        const tops = (readTree(JSON.stringify(value)) ?? []).filter((row) => row.kind !== 'more' && row.depth === 0)
        for (const row of tops) {
          const json = row.kind === 'text' ? JSON.stringify(row.copy) : row.copy
          expect(
            Object.values(JSON.parse(JSON.stringify(value)) as object).map((each) => JSON.stringify(each)),
          ).toContain(json)
        }
      }),
    )
  })
})
