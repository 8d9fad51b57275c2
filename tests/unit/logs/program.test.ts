/** A program answers as re2js does, wherever it is interrupted, and stops looking for matches at its bound. */
import fc from 'fast-check'
import { RE2JS } from 're2js'
import { describe, expect, it } from 'vitest'
import { Program } from '../../../server/logs/program.ts'
import { counted, done } from './work.ts'

const piece = fc.constantFrom(
  ...[
    'a',
    'b',
    '.',
    '\\d',
    '\\pL',
    '[^a]',
    '[a-cé]',
    '(',
    '(?:',
    '(?i)',
    '(?s)',
    '(?m)',
    ')',
    '|',
    '*',
    '+',
    '?',
    '??',
  ],
  ...['*?', '^', '$', '\\b', '\\B', '\\A', '\\z', '{2}', '{1,3}', '{0,2}?', '🙂', '\\n', '1', 'K', '[🙂-🙃]', '_'],
)
const patterns = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''))
const texts = fc.string({
  unit: fc.constantFrom(...['a', 'b', 'c', 'é', 'K', '\u212a', '1', '_', ' ', '\n', '🙂', '\ud83d', '\ude00']),
})

function compiled(re: string): RE2JS | undefined {
  try {
    return RE2JS.compile(re)
  } catch {
    return undefined
  }
}

describe('a program', () => {
  it('matches what re2js matches, and where', () => {
    let matched = 0
    fc.assert(
      fc.property(patterns, fc.array(texts, { minLength: 1, maxLength: 5 }), (re, some) => {
        const reference = compiled(re)
        fc.pre(reference !== undefined)
        const program = new Program(reference.re2().prog)
        for (const text of some) {
          expect(done(program.test(text)), `${re} on ${text}`).toBe(reference.test(text))
          const expected: [number, number][] = []
          for (const matcher = reference.matcher(text); matcher.find(); )
            expected.push([matcher.start(), matcher.end()])
          expect(done(program.find(text, Number.POSITIVE_INFINITY)), `${re} on ${text}`).toEqual(expected)
          if (expected.length > 0) matched++
        }
      }),
      { numRuns: 5_000 },
    )
    expect(matched).toBeGreaterThan(1_000)
  })

  it('answers the same while other texts are matched between its steps', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é', ' '), minLength: 200, maxLength: 400 })
    const reference = RE2JS.compile('\\b[ab]*a[ab]{60}é|[ab]{300}')
    const program = new Program(reference.re2().prog)
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 4 }), fc.infiniteStream(fc.nat()), (some, choices) => {
        const long = some.map((each) => each.repeat(30))
        const works = long.map((each) => program.test(each))
        const found = new Map<number, boolean>()
        while (found.size < works.length) {
          const index = (choices.next().value as number) % works.length
          const { done: isDone, value } = works[index]!.next()
          if (isDone && !found.has(index)) found.set(index, value)
        }
        for (const [index, each] of long.entries()) expect(found.get(index)).toBe(reference.test(each))
      }),
      { numRuns: 20 },
    )
  })

  it.each(['[ab]*a[ab]{12}$', '[ab]*a[ab]{500}$', '(?:a?){200}b{200}', '\\b(?:ab|ba)+\\b$', 'a[ab]{400}c'])(
    '%j answers as re2js does on long texts, and stops on the way',
    (re) => {
      const reference = RE2JS.compile(re)
      const program = new Program(reference.re2().prog)
      let seed = 1
      const letter = () => {
        seed = (seed * 48_271) % 2_147_483_647
        return seed % 2 === 0 ? 'a' : 'b'
      }
      for (const length of [1_000, 20_000]) {
        const text = Array.from({ length }, letter).join('')
        for (const each of [text, `${text}c`, `${text.slice(0, 900)} ${text}`]) {
          const { result: matches, yields } = counted(program.test(each))
          expect(matches).toBe(reference.test(each))
          if (length === 20_000 && !matches) expect(yields).toBeGreaterThan(0)
        }
      }
    },
  )
})
