/** Where what a filter looks for stands in a message, as a page marks it. */
import fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, it } from 'vitest'
import { compileFilter } from '../../../server/logs/filter.ts'
import { compilePattern } from '../../../server/logs/pattern.ts'
import { plainText } from '../../../server/logs/plain-text.ts'
import { MAX_RANGES } from '../../../server/logs/ranges.ts'
import { counted, done } from './work.ts'

const rangesOf = async (spec: { q?: string; re?: string; not?: string }, message: string) =>
  done((await compileFilter(spec)).ranges(message))

const marked = async (spec: Parameters<typeof rangesOf>[0], message: string) =>
  (await rangesOf(spec, message)).map(([start, end]) => message.slice(start, end))

describe('the ranges of a filter', () => {
  it('are every place of its text, in any case unless it has an upper-case letter', async () => {
    expect(await marked({ q: 'err' }, 'Error: err in ERRORS')).toEqual(['Err', 'err', 'ERR'])
    expect(await marked({ q: 'Err' }, 'Error: err in ERRORS')).toEqual(['Err'])
    expect(await marked({ q: 'aa' }, 'aaaaa')).toEqual(['aaaa'])
    expect(await marked({ q: 'οδος' }, 'ΟΔΟΣ οδοσ')).toEqual(['ΟΔΟΣ', 'οδοσ'])
  })

  it('are where the text is though a letter before it has two in lower case', async () => {
    expect(await marked({ q: 'x' }, 'İİx𐐀x')).toEqual(['x', 'x'])
  })

  it('are every place of its pattern, and none of what has no character', async () => {
    expect(await marked({ re: '\\d+' }, 'a 12 b 345')).toEqual(['12', '345'])
    expect(await marked({ re: 'x*' }, 'axxb')).toEqual(['xx'])
  })

  it('are united where text and pattern overlap or touch, and say nothing of what is left out', async () => {
    expect(await marked({ q: 'time', re: 'e ?out', not: 'zzz' }, 'a time out, in time')).toEqual(['time out', 'time'])
  })

  it('take in the sequences that part a match, and none around it', async () => {
    const message = '\x1b[31mERROR\x1b[0m: ti\x1b[1mme\x1b[0mout'
    expect(await marked({ q: 'timeout' }, message)).toEqual(['ti\x1b[1mme\x1b[0mout'])
    expect(await marked({ q: 'error' }, message)).toEqual(['ERROR'])
  })

  it('are what is looked for, and all of it, whatever sequences stand between', async () => {
    const parts = fc.array(fc.constantFrom('a', 'b', 'A', ' ', '\x1b[31m', '\x1b[0m', '\x1b]8;;x\x07'), {
      maxLength: 30,
    })
    await fc.assert(
      fc.asyncProperty(parts, fc.constantFrom('a', 'ab', 'ba', 'a b'), async (texts, q) => {
        const message = texts.join('')
        const found = (await marked({ q }, message)).map((text) => plainText(text).toLowerCase()).join('')
        const expected: string[] = []
        const folded = plainText(message).toLowerCase()
        for (let at = folded.indexOf(q); at >= 0; at = folded.indexOf(q, at + q.length)) expected.push(q)
        expect(found).toBe(expected.join(''))
      }),
    )
  })

  it('are no more than anybody looks at', async () => {
    expect(await marked({ q: 'a' }, 'a '.repeat(10_000))).toHaveLength(MAX_RANGES)
  })

  it('of a pattern that reads on to the end of a long line from each match are the first ones, after a bounded time', async () => {
    const { ranges } = await compileFilter({ re: 'x.*y|x' })
    const { result, yields } = counted(ranges('x'.repeat(65_000)))
    expect(result).toEqual([[0, expect.any(Number)]])
    expect(result[0]?.[1]).toBeGreaterThanOrEqual(2)
    // It could stop 100 times and was done, where all 100 matches would be 2 500 times.
    expect(yields).toBeGreaterThan(50)
    expect(yields).toBeLessThanOrEqual(100)
  })

  it('of a long line are all there are where they are found in time, else the first of them', async () => {
    const pattern = fc.constantFrom(
      'a.*b|a',
      'a[^b]*b|a',
      '(?i)(?:one|two|three|four)',
      'b+',
      '[ab]{3}$|b',
      '\\bab',
      'x|a.*x|b',
    )
    const letters = fc.array(fc.constantFrom('a', 'b', ' ', 'one ', 'ab'), { minLength: 20, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(pattern, letters, fc.integer({ min: 1, max: 300 }), async (re, parts, times) => {
        const message = parts.join('').repeat(times)
        const all: [number, number][] = []
        for (const matcher = RE2JS.compile(re).matcher(message); all.length < MAX_RANGES && matcher.find(); ) {
          all.push([matcher.start(), matcher.end()])
        }
        const { result, yields } = counted((await compilePattern(re)).find(message, MAX_RANGES))
        expect(result).toEqual(all.slice(0, result.length))
        expect(yields).toBeLessThanOrEqual(100)
        if (yields < 98) expect(result).toHaveLength(all.length)
      }),
    )
  })
})
