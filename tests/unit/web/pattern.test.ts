/** What a visitor looks for means the same on the page as on the server. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileFilter, type FilterSpec } from '../../../server/logs/filter.ts'
import { compile, type Pattern, type Wanted } from '../../../web/log/pattern.ts'

const PLAIN: Wanted = { text: '', regex: false, matchCase: false, word: false }

function pattern(text: string, more: Partial<Wanted> = {}): Pattern {
  const compiled = compile({ ...PLAIN, text, ...more })
  if ('error' in compiled) throw new Error(compiled.error)
  return compiled
}

function errorOf(text: string, more: Partial<Wanted> = {}): string | undefined {
  const compiled = compile({ ...PLAIN, text, ...more })
  return 'error' in compiled ? compiled.error : undefined
}

async function server(spec: FilterSpec) {
  const { admits, ranges } = await compileFilter(spec)
  const line = { time: '2026-11-22T10:00:00.000000000Z', ordinal: 0, stream: 'stdout', truncated: false } as const
  return { admits: (message: string) => admits({ ...line, message } as Parameters<typeof admits>[0]), ranges }
}

/** Few letters, so that what is looked for is often there; with those whose case is special. */
const textOf = (letters: string[], more: fc.StringConstraints = {}) =>
  fc.string({ unit: fc.constantFrom(...letters), ...more })
const SPECIAL = [
  'a',
  'A',
  'k',
  'K',
  '\u212a',
  'i',
  'I',
  'İ',
  'ı',
  '\u0307',
  'σ',
  'ς',
  'Σ',
  's',
  'ſ',
  'ß',
  'ẞ',
  'é',
  'É',
]
const MARKS = ['=', '"', '":', '/', '.', '*', '(', '[', '\\', '-', '_', '1', ' ', '😀', '\u001b[31m', '\u001b', '漢']
const ORDINARY = [
  '=',
  '"',
  '":',
  '/',
  'a',
  'A',
  'b',
  'B',
  'é',
  'É',
  'ж',
  'Ж',
  '1',
  '_',
  ' ',
  ':',
  '.',
  '(',
  '\\',
  '😀',
  '\u001b[0m',
]

describe('plain text', () => {
  it('is found in the lines in which the server finds it, and at the same places', async () => {
    const letters = [...SPECIAL, ...MARKS]
    await fc.assert(
      fc.asyncProperty(
        textOf(letters, { minLength: 1, maxLength: 3 }),
        fc.array(textOf(letters, { maxLength: 12 }), { maxLength: 20 }),
        async (q, lines) => {
          const { admits, ranges } = await server({ q })
          const { test, ranges: here } = pattern(q)
          expect(lines.map(test)).toEqual(lines.map(admits))
          const drawn = lines.filter((line) => !line.includes('\u001b'))
          expect(drawn.map((line) => united(here(line)))).toEqual(drawn.map(ranges))
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('is asked of the server so that it finds the same, with match case and whole words too', async () => {
    await fc.assert(
      fc.asyncProperty(
        textOf(ORDINARY, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        fc.boolean(),
        fc.array(textOf(ORDINARY, { maxLength: 12 }), { maxLength: 20 }),
        async (text, matchCase, word, lines) => {
          const compiled = pattern(text, { matchCase, word })
          const { admits } = await server(compiled.query)
          expect(lines.map(compiled.test)).toEqual(lines.map(admits))
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('is looked for in any case unless it has an upper-case letter, or case is to match', () => {
    expect(pattern('time').test('A TIMEOUT')).toBe(true)
    expect(pattern('Time').test('A TIMEOUT')).toBe(false)
    expect(pattern('time', { matchCase: true }).test('A TIMEOUT')).toBe(false)
    expect(pattern('time', { matchCase: true }).query).toEqual({ re: 'time' })
    expect(pattern('Time', { matchCase: true }).query).toEqual({ q: 'Time' })
    expect(pattern('500', { matchCase: true }).query).toEqual({ q: '500' })
    expect(pattern('a.b', { word: true }).query).toEqual({ re: '(?i)(?:^|[^\\pL\\pN_])a\\.b(?:$|[^\\pL\\pN_])' })
  })

  it('is a whole word where no letter of any script stands beside it', () => {
    const { test, ranges } = pattern('gr', { word: true })
    expect(['gr', 'a gr.', 'größe', 'gr_', '1gr', 'GR:'].map(test)).toEqual([true, true, false, false, false, true])
    expect(ranges('gr grx gr')).toEqual([
      [0, 2],
      [7, 9],
    ])
    expect(pattern(':80', { word: true }).test('host:80')).toBe(true)
    expect(pattern(':80', { word: true }).test('host:8080')).toBe(false)
  })

  it('is found across escape sequences, and never within one', () => {
    expect(pattern('timeout').test('time\u001b[31mout')).toBe(true)
    expect(pattern('31m').test('time\u001b[31mout')).toBe(false)
  })

  it('gives the first hundred places of a line', () => {
    expect(pattern('a').ranges('a'.repeat(5000))).toHaveLength(100)
    expect(pattern('a|b', { regex: true }).ranges('a'.repeat(5000))).toHaveLength(100)
  })

  it('takes no time in the longest line, however they are made', () => {
    const line = 'ab'.repeat(32 * 1024)
    const start = performance.now()
    for (const more of [{}, { matchCase: true }, { word: true }])
      expect(pattern(`${'ab'.repeat(480)}c`, more).test(line)).toBe(false)
    expect(performance.now() - start).toBeLessThan(1000)
  })
})

describe('a pattern', () => {
  it('matches the lines in which RE2 matches it', async () => {
    const lines = [
      'error 500 at /api/items/42',
      'ERROR in "shop": it\'s {"level":"warn","n":-1}',
      'a-b_c.d [x] (y) {2} 100% #1',
      'grüße aus Köln, привет мир, Ωmega',
      'tab\there\rback',
      '',
      'foo\\bar ^$ end]',
      '2026-11-22T10:02:03.114Z GET / 200',
    ]
    const patterns = [
      ...[
        'err|warn',
        '^error',
        '\\d{3}',
        '\\bat\\b',
        '(?i)error',
        '(?is)ERROR.in',
        '(?P<code>5\\d\\d)',
        '(?<code>\\d+)',
      ],
      ...[
        '{"level"',
        '\\{"level"\\}?',
        '\\"shop\\"',
        '\\-b\\_c',
        '[[:digit:]]+%',
        '[[:alpha:]_-]+\\.d',
        '[]x]+',
        '[^]a-z]',
      ],
      ...[
        '\\Qa-b_c.d [x]\\E',
        '\\pL+ß',
        '\\p{Cyrillic}+',
        '\\P{L}',
        '\\p{^L}{3}',
        '\\x{3a9}',
        '\\x41',
        '\\AERROR',
        'end\\]\\z',
      ],
      ...[
        'end]$',
        'x{,5}',
        '}$',
        'tab.here.back',
        '^$',
        '[\\w.-]+/\\d+',
        '[\\-\\"]',
        '(?:GET|POST) /',
        '\\/api',
        '\\^\\$',
      ],
      ...[
        'a.*b.*c',
        '[\\pN]{4}-',
        'Error',
        'error',
        '\\S+Ω',
        '[^\\x{61}-\\x{7a}]{5}',
        'warn","n',
        '(a|e)+r?',
        '\\.114Z',
      ],
    ]
    for (const text of patterns) {
      const compiled = pattern(text, { regex: true, matchCase: true })
      const { admits } = await server({ re: text })
      expect([text, ...lines.map(compiled.test)]).toEqual([text, ...lines.map(admits)])
      for (const word of [true, false]) {
        const smart = pattern(text, { regex: true, word })
        const asked = await server(smart.query)
        expect([text, ...lines.map(smart.test)]).toEqual([text, ...lines.map(asked.admits)])
      }
    }
  })

  it('means what RE2 means by it, however it is put together', async () => {
    const parts = [
      ...[
        'a',
        'B',
        '7',
        '_',
        ' ',
        '-',
        '.',
        '*',
        '+',
        '?',
        '{2}',
        '{1,2}',
        '{',
        '}',
        '[',
        ']',
        '(',
        ')',
        '(?:',
        '|',
        '^',
        '$',
      ],
      ...[
        '\\d',
        '\\D',
        '\\w',
        '\\W',
        '\\s',
        '\\S',
        '\\b',
        '\\B',
        '\\.',
        '\\-',
        '\\_',
        '\\"',
        '\\\\',
        '\\pL',
        '\\p{Lu}',
        '\\P{L}',
      ],
      ...[
        '\\p{^L}',
        '\\p{Greek}',
        '[[:alpha:]]',
        '[^[:punct:] ]',
        '[a-z]',
        '[^B7]',
        '\\x41',
        '\\x{42}',
        '\\Qa.b\\E',
        '\\A',
      ],
      ...[
        '\\z',
        '(?i)',
        '(?P<n>',
        'é',
        'Ω',
        '"',
        '/',
        '#',
        '\\/',
        '\\]',
        '[]a]',
        '[^]a]',
        ',',
        '~',
        '\\~',
        '[\\d-]',
        '\\t',
        '\\a',
      ],
    ]
    const lines = [
      '',
      'a',
      'B7_ -',
      'a.b "x"',
      'É ΩΑ é{2}',
      '[]a] (a) |^$',
      'A42\\ /#\t',
      'aaBB77__--..',
      'é,é&~{}',
      'a{2} x{1,2}',
    ]
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        fc.boolean(),
        async (parts, matchCase, word) => {
          const compiled = compile({ text: parts.join(''), regex: true, matchCase, word })
          if ('error' in compiled) return
          const { admits } = await server(compiled.query).catch(() => ({ admits: undefined }))
          if (admits) expect(lines.map(compiled.test)).toEqual(lines.map(admits))
        },
      ),
      { numRuns: 1500 },
    )
  })

  it('has smart case too: what it escapes or names is no letter', () => {
    const query = (text: string, more = {}) => pattern(text, { regex: true, ...more }).query
    expect(query('err\\S+')).toEqual({ re: '(?i)err\\S+' })
    expect(query('\\p{Lu}\\x4F(?P<Name>a)')).toEqual({ re: '(?i)\\p{Lu}\\x4F(?P<Name>a)' })
    expect(query('Err\\s+')).toEqual({ re: 'Err\\s+' })
    expect(query('err\\S+', { matchCase: true })).toEqual({ re: 'err\\S+' })
    expect(query('(?i)Err.')).toEqual({ re: '(?i)Err.' })
  })

  it('is safe only when it is text', () => {
    expect(pattern('timeout', { regex: true }).isSafe).toBe(true)
    expect(pattern('timeout', { regex: true }).query).toEqual({ q: 'timeout' })
    expect(pattern('time.*', { regex: true }).isSafe).toBe(false)
    expect(pattern('time.*').isSafe).toBe(true)
  })

  it('gives no empty places', () => {
    expect(pattern('a*', { regex: true }).ranges('baab')).toEqual([[1, 3]])
  })
})

describe('what cannot be looked for', () => {
  it('is told in a sentence', () => {
    expect(errorOf('')).toBe('There is nothing to look for.')
    expect(errorOf('a\0')).toContain('NUL')
    expect(errorOf('x'.repeat(1001))).toBe('It is longer than 1000 characters.')
    expect(errorOf('.'.repeat(1000))).toBeUndefined()
    expect(errorOf('.'.repeat(1000), { word: true })).toBe('It is longer than 1000 characters.')
    expect(errorOf('(', { regex: true })).toMatch(/^The pattern is not understood: \w.*\.$/)
    expect(errorOf('a)(b', { regex: true, word: true })).toMatch(/^The pattern is not understood: \w.*\.$/)
    expect(errorOf('[]', { regex: true })).toBe('The pattern is not understood: a [ is not closed.')
    expect(errorOf('a(?=b)', { regex: true })).toBe('A pattern cannot look ahead or behind.')
    expect(errorOf('(?<!a)b', { regex: true })).toBe('A pattern cannot look ahead or behind.')
    expect(errorOf('(a)\\1', { regex: true })).toBe('A pattern cannot refer back to a group.')
    for (const count of ['{1001}', '{1,1001}', '{1001,}'])
      expect(errorOf(`x${count}`, { regex: true })).toBe('A pattern cannot repeat more than 1000 times.')
    expect(errorOf('x{1000}', { regex: true })).toBeUndefined()
  })
})

/** As the server tells ranges: those that touch are one. */
function united(ranges: readonly (readonly [number, number])[]): [number, number][] {
  const united: [number, number][] = []
  for (const [start, end] of ranges) {
    const last = united.at(-1)
    if (last && start <= last[1]) last[1] = Math.max(last[1], end)
    else united.push([start, end])
  }
  return united
}
