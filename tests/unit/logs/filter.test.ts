/** Filters admit what they say, by the text a person sees, whatever a line or a visitor's pattern holds. */
import fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, it } from 'vitest'
import { compileFilter, type Filter, type FilterSpec, LEVELS, MAX_TEXT_CHARS } from '../../../server/logs/filter.ts'
import { FilterError } from '../../../server/logs/filter-error.ts'
import { type LogLine, MAX_LINE_BYTES } from '../../../server/logs/line.ts'
import { MAX_PROGRAM_SIZE } from '../../../server/logs/pattern.ts'
import { plainText } from '../../../server/logs/plain-text.ts'
import { at } from './frames.ts'
import { done } from './work.ts'

function line(message: string, rest: Partial<LogLine> = {}): LogLine {
  return { time: at(0), ordinal: 0, stream: 'stdout', level: undefined, message, truncated: false, ...rest }
}

function decided({ admits }: Filter, made: LogLine): boolean {
  return done(admits(made))
}

async function admits(spec: FilterSpec, message: string): Promise<boolean> {
  return decided(await compileFilter(spec), line(message))
}

/** What is wrong with `spec`, or undefined. Anything thrown but a `FilterError` fails the test. */
async function refusal(spec: FilterSpec): Promise<FilterError | undefined> {
  try {
    const filter = await compileFilter(spec)
    filter.admits(line('some text'))
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(FilterError)
    return error as FilterError
  }
}

/** As re2js counts it; without end for what is no pattern. */
function programSize(re: string): number {
  try {
    return RE2JS.compile(re).programSize()
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

const units = fc
  .array(fc.oneof(fc.nat(0xffff), fc.constantFrom(0x1b, 0x5b, 0x5d, 0x6d, 0xd83d, 0xdc00, 0x130, 0x3a3, 0x3c2)))
  .map((codes) => String.fromCharCode(...codes))
const letters = fc.string({ unit: fc.constantFrom(...'abAB éÉж') })
const text = fc.oneof(letters, units, fc.string({ unit: 'binary' }))
const withoutNul = text.filter((each) => !each.includes('\0') && each !== '')

/** What a terminal reads and nobody sees. */
const sequences = fc.constantFrom('\x1b[31m', '\x1b[0m', '\x1b[2K', '\x1b[38;2;1;2;3m', '\x1b]0;title\x07', '\x1b(B')
const links = fc.constantFrom('\x1b]8;;http://shop.example/\x1b\\', '\x1b]8;;\x1b\\', '\x1bPq#0\x1b\\')
const ofOneCharacter = fc.constantFrom('\x9b31m', '\x9d0;title\x9c', '\x90q\x07', '\x9ep\x1b\\', '\x9c')

describe('a filter', () => {
  it('of nothing admits everything, and has no key', async () => {
    for (const spec of [{}, { q: '', not: '', re: '' }, { levels: LEVELS }, { stream: undefined }]) {
      const filter = await compileFilter(spec)
      expect(filter.key).toBe('')
      expect(filter.admits(line('\0\ud800'))).toBe(true)
    }
  })

  it('of a stream and of levels admits those, lines without a level as none', async () => {
    const stderr = await compileFilter({ stream: 'stderr' })
    expect([stderr.admits(line('x')), stderr.admits(line('x', { stream: 'stderr' }))]).toEqual([false, true])
    const every = [...LEVELS]
    await fc.assert(
      fc.asyncProperty(fc.subarray(every), async (levels) => {
        const filter = await compileFilter({ levels })
        for (const level of every) {
          const made = line('x', { level: level === 'none' ? undefined : level })
          expect(filter.admits(made)).toBe(levels.includes(level))
        }
      }),
    )
  })

  it('admits a line only when all that is given holds', async () => {
    const filter = await compileFilter({ stream: 'stderr', levels: ['error'], q: 'lamp', not: 'sold', re: '\\d+' })
    const good = line('lamp 12 broke', { stream: 'stderr', level: 'error' })
    expect(filter.admits(good)).toBe(true)
    const others: Partial<LogLine>[] = [
      { stream: 'stdout' },
      { level: 'warn' },
      { level: undefined },
      { message: 'vase 12 broke' },
      { message: 'lamp 12 sold' },
      { message: 'lamp broke' },
    ]
    for (const other of others) expect(filter.admits({ ...good, ...other }), JSON.stringify(other)).toBe(false)
  })
})

describe('text', () => {
  it('is found as a plain search finds it: in any case, unless it has an upper-case letter', async () => {
    await fc.assert(
      fc.asyncProperty(text, withoutNul, fc.nat(60), fc.boolean(), async (message, other, cut, inside) => {
        const seen = plainText(message)
        const part = seen.slice(cut % (seen.length + 1)).replaceAll('\0', '')
        const q = (inside && part) || other
        const naive = /[σς]/.test(q)
          ? seen.toLowerCase().replaceAll('ς', 'σ').includes(q.replaceAll('ς', 'σ'))
          : seen.toLowerCase().includes(q)
        const expected = q === q.toLowerCase() ? naive : seen.includes(q)
        expect(await admits({ q }, message)).toBe(expected)
        expect(await admits({ not: q }, message)).toBe(!expected)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['timeout', 'Upstream TIMEOUT', true],
    ['Timeout', 'upstream timeout', false],
    ['Timeout', 'a Timeout', true],
    ['öl', 'DAS ÖL', true],
    ['Öl', 'das öl', false],
    ['οδός', 'Η ΟΔΌΣ ΑΥΤΉ', true],
    ['σ', 'ΟΔΟΣ', true],
    ['.*', 'no dot and star', false],
    ['.*', 'a.*b', true],
    ['🙂', 'ok 🙂', true],
    ['stanbul', 'İSTANBUL', true],
    ['\ud83d', 'x\ud83d', true],
    ['\t', 'a\tb', true],
    ['kelvin', '300 \u212aelvin', true],
    ['i', 'İ', true],
    ['i!', 'İ!', false],
    ['strasse', 'STRAßE', false],
    ['s', '\u017f', false],
    ['a/b-c[d]{2}^$(e|f)\\', 'A/B-C[D]{2}^$(E|F)\\', true],
    ['span_id=null', '{"span_id":null}', true],
    ['span_id=null', '{"Span_ID" : NULL}', true],
    ['span_id=NULL', '{"span_id":null}', false],
    ['status=500', '{"status": "500"}', true],
    ['status=500', '{"status":1500}', false],
    ['user="a b"', '{"user":"a b"}', true],
    ['q=a=b', '{"q":"a=b"}', true],
    ['err=', '{"err":""}', true],
    ['say "no"', '{"msg":"say \\"no\\""}', true],
    ['get /cart/7', '{"msg":"GET \\/cart\\/7"}', true],
    ['straße=ölig', '{"STRAßE":"ÖLIG"}', true],
    ['k=i', '{"\u212a":"İ"}', true],
    ['a=b', 'a\\=b', false],
    ['a"b', 'ab', false],
  ])('%j in %j: %s', async (q, message, expected) => {
    expect(await admits({ q }, message)).toBe(expected)
  })

  it('is ruled out for many lines at once only where no line has it', async () => {
    const seen: boolean[] = []
    const parts = fc.array(fc.oneof(letters, sequences), { maxLength: 4 }).map((all) => all.join(''))
    await fc.assert(
      fc.asyncProperty(fc.array(parts, { maxLength: 4 }), letters, async (messages, q) => {
        fc.pre(q !== '')
        const { admits, mayAdmit } = await compileFilter({ q })
        const may = mayAdmit?.(messages.join('\n'))
        if (messages.some((message) => admits(line(message)))) expect(may).toBe(true)
        seen.push(may === true)
      }),
      { numRuns: 500 },
    )
    expect(new Set(seen)).toEqual(new Set([true, false]))
    for (const spec of [{ re: 'a' }, { not: 'a' }, { levels: ['error' as const] }]) {
      expect((await compileFilter(spec)).mayAdmit).toBeUndefined()
    }
  })

  it('of ASCII is found in each character that becomes it in lower case, and in no other', async () => {
    const characters = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code))
    for (const q of 'abcdefghijklmnopqrstuvwxyz0[`{') {
      const filter = await compileFilter({ q })
      const found = characters.filter((character) => filter.admits(line(character)))
      expect(found, q).toEqual(characters.filter((character) => character.toLowerCase().includes(q)))
    }
  })

  it('is looked for in what is seen: sequences within it hide nothing and are never found', async () => {
    const letter = fc.constantFrom(...'xyz')
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.oneof(sequences, links, ofOneCharacter), letter), { minLength: 1 }),
        async (parts) => {
          const seen = parts.map(([, char]) => char).join('')
          const message = `${parts.flat().join('')}\x1b[0m`
          expect(await admits({ q: seen }, message)).toBe(true)
          expect(await admits({ not: seen }, message)).toBe(false)
          expect(await admits({ re: `^${seen}$` }, message)).toBe(true)
          expect(await admits({ q: '[0m' }, message)).toBe(false)
        },
      ),
    )
  })

  it('is found in JSON as the page shows a field of it, however that is spaced', async () => {
    const printable = fc.string({ unit: fc.constantFrom(...'abcXYZ019 /"=_.:,{}é'), maxLength: 8 })
    const scalar = fc.oneof(printable, fc.integer(), fc.boolean(), fc.constant(null))
    const object = fc.dictionary(printable, scalar, { minKeys: 1, maxKeys: 5, noNullPrototype: true })
    await fc.assert(
      fc.asyncProperty(object, fc.nat(4), fc.constantFrom('', ' '), async (fields, which, space) => {
        const [key = '', value] = Object.entries(fields)[which % Object.keys(fields).length] ?? []
        const shown = value === '' || /[\s"]/.test(String(value)) ? `"${value}"` : String(value)
        const q = `${key}=${shown}`
        fc.pre(q.split(/[="/]/).length <= 9)
        const pairs = Object.entries(fields).map((pair) => pair.map((one) => JSON.stringify(one)).join(`:${space}`))
        const message = `{${pairs.join(`,${space}`)}}`
        expect(await admits({ q }, message)).toBe(true)
        expect(await admits({ not: q }, message)).toBe(false)
        expect((await compileFilter({ q })).ranges(message)).not.toEqual([])
      }),
      { numRuns: 1000 },
    )
  })

  it('takes a few ms in a longest line that almost has it', async () => {
    for (const [q, message] of [
      ['='.repeat(8), '":"'.repeat(20_000)],
      ['='.repeat(990), '='.repeat(65_000)],
      [`${'a'.repeat(190)}/x`, 'a'.repeat(65_000)],
      ['/'.repeat(8), '\\/'.repeat(7)],
    ] as const) {
      const filter = await compileFilter({ q: `${q}x` })
      const start = performance.now()
      expect(decided(filter, line(message))).toBe(false)
      expect(performance.now() - start).toBeLessThan(100)
    }
  })

  it('of too many characters or with a NUL is refused by its parameter', async () => {
    for (const parameter of ['q', 'not', 're'] as const) {
      expect(await refusal({ [parameter]: 'x'.repeat(MAX_TEXT_CHARS + 1) })).toMatchObject({ parameter })
      expect(await refusal({ [parameter]: 'a\0b' })).toMatchObject({ parameter })
    }
    for (const parameter of ['q', 'not'] as const) {
      expect(await refusal({ [parameter]: 'x'.repeat(MAX_TEXT_CHARS) })).toBeUndefined()
    }
  })
})

describe('plainText', () => {
  it('leaves text without sequences as it is, and what begins none', () => {
    expect(plainText('[31m plain \x85 \x9b')).toBe('[31m plain \x85 \x9b')
    expect(plainText('a\x1b')).toBe('a\x1b')
    expect(plainText('a\x1b[31')).toBe('a\x1b[31')
    expect(plainText('a\x1b]0;never ended')).toBe('a\x1b]0;never ended')
  })

  it.each([
    ['CSI of any final byte', '\x1b[1;31m \x1b[2K \x1b[?25l \x1b[10;20H \x1b[!p \x1b[1~'],
    ['CSI in one character', '\x9b1;31m \x9b2K'],
    ['OSC ended by BEL or ST', '\x1b]0;title\x07 \x1b]8;;https://shop.example\x1b\\ \x9d0;title\x9c \x1b]0;title\x9c'],
    ['the other strings', '\x1bPq\x1b\\ \x1b_a\x1b\\ \x1b^p\x1b\\ \x1bXs\x1b\\ \x90q\x9c'],
    ['character sets and short escapes', '\x1b(B \x1b)0 \x1b#8 \x1b= \x1b> \x1b7 \x1bM \x1bc'],
  ])('drops %s', (_name, sequences) => {
    expect(plainText(sequences).trim()).toBe('')
    expect(plainText(sequences.split(' ').join('ab'))).toMatch(/^(?:ab)+$/)
  })

  it('takes a longest line made of openings apart without trying each of them to the end', () => {
    for (const opening of ['\x1b', '\x1b[', '\x1b]', '\x1bP', '\x1b[0;', '\x1b ', '\x9b', '\x9d', '\x9d0;', '\x90']) {
      const message = opening.repeat(MAX_LINE_BYTES / opening.length)
      expect(plainText(message).length).toBeLessThanOrEqual(message.length)
    }
  })
})

describe('a pattern', () => {
  it.each([
    ['err(or)?', 'an error', true],
    ['error', 'an ERROR', false],
    ['(?i)error', 'an ERROR', true],
    ['^\\d{3}$', '404', true],
    ['^\\d{3}$', '4040', false],
    ['\\bÖl', 'x', false],
    ['\\p{Greek}', 'π', true],
    ['(?P<code>[45]\\d\\d)', 'status 503', true],
    ['^.$', '🙂', true],
    ['^.$', '\ud83d', true],
    ['[[:upper:]]{2}', 'aBC', true],
    ['\\Q{1000}\\E', 'a{1000}', true],
  ])('%j on %j: %s', async (re, message, expected) => {
    expect(await admits({ re }, message)).toBe(expected)
  })

  it.each([
    ['(abc', 'is not an RE2 pattern: missing closing ) at character 1: "(abc"'],
    ['abc)', 'is not an RE2 pattern: unexpected ) at character 4: ")"'],
    ['(a)|(?:\\(|[(]|(b)', 'is not an RE2 pattern: missing closing ) at character 5: "(?:\\\\(|[(]|(b)"'],
    ['\\Q(\\E(a))b', 'is not an RE2 pattern: unexpected ) at character 9: ")b"'],
    ['*', 'is not an RE2 pattern: missing argument to repetition operator at character 1: "*"'],
    ['lamp [a-', 'is not an RE2 pattern: missing closing ] at character 6: "[a-"'],
    ['abc*def**', 'is not an RE2 pattern: invalid nested repetition operator at character 8: "**"'],
    ['x(?=y)', 'is not an RE2 pattern: invalid or unsupported Perl syntax at character 2: "(?="'],
    ['(a)\\1', 'is not an RE2 pattern: invalid escape sequence at character 4: "\\\\1"'],
    ['a{1001}', 'is not an RE2 pattern: invalid repeat count at character 2: "{1001}"'],
    ['a\\', 'is not an RE2 pattern: trailing backslash at end of expression'],
  ])('%j is refused, with what is wrong and where', async (re, message) => {
    expect(await refusal({ re })).toMatchObject({ name: 'FilterError', parameter: 're', message })
  })

  it.each([
    '(a+)+$',
    '(x+x+)+y',
    '(a|a)*b',
    '(?:a?){60}a{60}',
    '((((a*)*)*)*)*b',
    '(?:.*){30}=',
    '(?i)(?:the|quick|brown|fox|jumps|over|lazy|dog|error|timeout|refused|panic)',
    '\\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\\b',
  ])('%j is taken: a longest line of what it repeats costs it no more than its length', async (re) => {
    const filter = await compileFilter({ re })
    for (const char of ['a', 'x', 'ab', 'é']) {
      expect(typeof decided(filter, line(char.repeat(MAX_LINE_BYTES / char.length)))).toBe('boolean')
    }
  })

  it.each([
    ['repetitions of repetitions', '((a{100}){100}){100}'],
    ['repetitions that RE2 itself would take', '(?:(?:a{40}){40})'],
    ['a long repetition', 'a{1000}b{100}'],
    ['a long repetition of anything', '.{1000}x{100}'],
    ['a long choice of lengths', '(?:[ab]{1,600})z'],
    ['many long repetitions', 'a{1000}'.repeat(140)],
    ['long repetitions of much', `(?:${'.'.repeat(90)}){1000}`.repeat(10)],
    ['a repeated group with a name, of classes', `(?P<name>${'[^]x{]'.repeat(20)}){99}`],
    ['groups that hold nothing', '()'.repeat(500)],
    ['openings of classes', '['.repeat(MAX_TEXT_CHARS)],
  ])('with %s is refused', async (_name, re) => {
    expect(await refusal({ re })).toMatchObject({ parameter: 're' })
  })

  it.each([
    ['long repetitions', `(?:${'.'.repeat(90)}){1000}`.repeat(10)],
    ['wide ranges in any case', `(?i)[${'B-\u{10ffff}'.repeat(248)}]`],
    ['wide ranges in any case, each a class', `(?i)${'[B-\u{10ffff}]'.repeat(166)}`],
    ['wide ranges after a named class', `(?i)[[:alpha:]${'B-\u{10ffff}'.repeat(240)}]`],
    ['wide ranges that no bracket closes', `(?i)[${'B-\u{10ffff}'.repeat(248)}`],
    ['wide ranges, as escapes', `(?i)[${'\\x41-\\x{1e943}'.repeat(70)}]`],
    ['wide ranges from an octal escape', `(?i)[${'\\101-\u{10ffff}'.repeat(140)}]`],
    ['Unicode classes', `[${'\\pL'.repeat(330)}]`],
    ['Unicode classes, negated', `[^${'\\PL'.repeat(330)}]`],
    ['Unicode classes in any case', `(?i)[${'\\p{Lu}'.repeat(160)}]`],
    ['Unicode classes as alternatives', Array.from({ length: 250 }, () => '\\pL').join('|')],
    ['Unicode classes in a row', '\\pL'.repeat(330)],
  ])('of %s is refused before it is compiled, which would take long', async (_name, re) => {
    expect(re.length).toBeLessThanOrEqual(MAX_TEXT_CHARS)
    const start = process.cpuUsage()
    for (let times = 0; times < 20; times++) {
      const refused = await refusal({ re: `${re.slice(0, 990)}${times}` })
      expect(refused?.message).toMatch(/^(?:repeats too much|has too large classes|is not an RE2 pattern): .*\w/)
    }
    const { user, system } = process.cpuUsage(start)
    // CPU time, which other work on the machine does not lengthen: compiled, some take seconds.
    expect((user + system) / 1000).toBeLessThan(400)
  })

  it.each([
    ['alternatives in a loop', 'a?|'],
    ['alternatives, each a group', '(b)|'],
  ])('that is anchored, of many %s, compiles in no more time than another', async (_name, alternative) => {
    const start = process.cpuUsage()
    for (let times = 0; times < 3; times++) {
      let re = `^(?:${times}`
      for (let code = 0x4e00; re.length < 980; code += 2) re += String.fromCharCode(code) + alternative
      expect(await refusal({ re: `${re}z)*$` })).toBeUndefined()
    }
    const { user, system } = process.cpuUsage(start)
    expect((user + system) / 1000).toBeLessThan(400) // a second and more where re2js looks for a one-pass form
  })

  it.each([
    ['letters', 'abcdefghij'.repeat(100)],
    ['one letter', 'x'.repeat(MAX_TEXT_CHARS)],
    ['letters in any case', `(?i)${'abcdefghij'.repeat(100).slice(4)}`],
    ['letters that are anchored', `^${'abcdefghij'.repeat(100).slice(2)}$`],
    ['letters and dots', 'abc.'.repeat(250)],
    ['letters beyond Latin-1', 'жé🙂'.repeat(250)],
  ])('of 1000 %s is taken, and matches', async (_name, re) => {
    expect(re).toHaveLength(MAX_TEXT_CHARS)
    const text = re.replace('(?i)', '').replaceAll(/[$^]/g, '')
    expect(await admits({ re }, text)).toBe(true)
    expect(await admits({ re }, text.slice(1))).toBe(false)
  })

  it('of any 1000 letters, digits and spaces is taken', async () => {
    const plain = fc.string({ unit: fc.constantFrom(...'abzXYZ019 _-é'), minLength: 1, maxLength: MAX_TEXT_CHARS })
    await fc.assert(
      fc.asyncProperty(plain, async (re) => {
        expect(await admits({ re }, `<${re}>`)).toBe(true)
      }),
    )
  })

  it('that is refused for its size names the bound that it exceeds, and by how much', async () => {
    const atom = fc.constantFrom('a', '.', '[ab]', '(a)', '()', '(?:a|bc)', 'a?')
    const large = fc
      .tuple(atom, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 60 }))
      .map(([each, times, count]) => `(?:${each.repeat(times)}){${count}}`)
    let refusals = 0
    await fc.assert(
      fc.asyncProperty(large, async (re) => {
        const message = (await refusal({ re }))?.message ?? ''
        const size = programSize(re)
        if (size <= MAX_PROGRAM_SIZE) {
          expect(message).toBe('')
          return
        }
        refusals++
        const [, said] = /compiles to (?:more than )?(\d+) instructions/.exec(message) ?? []
        if (message.startsWith('repeats'))
          expect([said, size > MAX_PROGRAM_SIZE]).toEqual([`${MAX_PROGRAM_SIZE}`, true])
        else
          expect(message).toBe(
            `is too large: it compiles to ${size} instructions, the maximum is ${MAX_PROGRAM_SIZE}; lower the {counts}, or list less`,
          )
      }),
      { numRuns: 300 },
    )
    expect(refusals).toBeGreaterThan(10)
    expect((await refusal({ re: '()'.repeat(500) }))?.message).toBe(
      'is too large: it compiles to 1502 instructions, the maximum is 1024; shorten it',
    )
  })

  const piece = fc.constantFrom(
    ...['a', 'b', '.', '\\d', '\\pL', '[^a]', '[[:alpha:]]', '(', '(?:', '(?i)', ')', '|', '*', '+', '?', '^', '$'],
    ...['{3}', '{2,}', '{1,30}', '{1000}', '[', ']', '\\', '\\Q', '\\E', '\\x{41}', '\\p{Greek}', '(?P<n>', '{', '}'],
  )
  const patterns = fc.oneof(
    fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
    units,
    fc.string({ unit: 'binary', maxLength: MAX_TEXT_CHARS }),
  )

  it('of any text is taken or refused with a FilterError, and no program is larger than the bound', async () => {
    await fc.assert(
      fc.asyncProperty(patterns, text, async (re, message) => {
        const refused = await refusal({ re })
        if (refused) {
          expect(refused.parameter).toBe('re')
          expect(refused.message).toMatch(/^[^\0-\u001f]{1,160}$/)
          return
        }
        expect(typeof (await admits({ re }, message))).toBe('boolean')
        if (re !== '') expect(programSize(re)).toBeLessThanOrEqual(MAX_PROGRAM_SIZE)
      }),
      { numRuns: 1000 },
    )
  })

  it.each(['?^{1000}', '(?i)?^{1000}', '(?i)(?s-U)*^{1000}', '\\Q\\E+^{1000}', '(?i)\\Q\\E{2}^{1000}'])(
    'that repeats nothing is refused, however large: %s',
    async (re) => {
      expect((await refusal({ re }))?.parameter).toBe('re')
    },
  )

  it('is never refused for its size when its program is within the bound', async () => {
    await fc.assert(
      fc.asyncProperty(patterns, async (re) => {
        const refused = await refusal({ re })
        if (refused?.message.includes('instructions')) {
          expect(programSize(re)).toBeGreaterThan(MAX_PROGRAM_SIZE)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('means the same as the same text, quoted', async () => {
    const message = letters
    const sought = fc.string({ unit: fc.constantFrom(...'AB.*['), minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(
        message,
        sought.map((each) => `A${each}`),
        async (before, q) => {
          const whole = `${before}${q}${before}`
          expect(await admits({ re: RE2JS.quote(q) }, whole)).toBe(await admits({ q }, whole))
          expect(await admits({ re: RE2JS.quote(q) }, before)).toBe(await admits({ q }, before))
        },
      ),
    )
  })

  it('answers the same once it has seen more than it may remember', async () => {
    const filter = await compileFilter({ re: '[ab]*a[ab]{12}$' })
    let seed = 1
    const next = () => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed % 2 === 0 ? 'a' : 'b'
    }
    for (let times = 0; times < 20; times++) {
      const message = Array.from({ length: 4_000 }, next).join('')
      expect(decided(filter, line(message))).toBe(message.at(-13) === 'a')
    }
  })
})

describe('the key of a filter', () => {
  it('is the same however the levels are ordered and repeated', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...LEVELS), { minLength: 1 }), async (levels) => {
        const { key } = await compileFilter({ levels })
        const { key: tidy } = await compileFilter({ levels: LEVELS.filter((level) => levels.includes(level)) })
        expect(key).toBe(tidy)
      }),
    )
    expect((await compileFilter({ levels: ['fatal', 'error'], q: 'a "b"', stream: 'stdout' })).key).toBe(
      'stream=stdout&level=error,fatal&q="a \\"b\\""',
    )
  })

  it('differs for filters that differ, also when one text imitates another parameter', async () => {
    const short = fc.oneof(fc.constantFrom(undefined, 'a', 'A', '"', '"&not="a', '\ud800', '\ufffd', '\\'), withoutNul)
    const specs = fc.record({
      stream: fc.constantFrom(undefined, 'stdout' as const, 'stderr' as const),
      levels: fc.constantFrom(undefined, ['error' as const], ['none' as const, 'error' as const]),
      q: short,
      not: short,
    })
    await fc.assert(
      fc.asyncProperty(specs, specs, async (a, b) => {
        const [one, other] = [await compileFilter(a), await compileFilter(b)]
        expect(one.key === other.key).toBe(JSON.stringify(Object.entries(a)) === JSON.stringify(Object.entries(b)))
        expect(one.key).not.toMatch(/[\0-\u001f]/)
      }),
    )
  })
})
