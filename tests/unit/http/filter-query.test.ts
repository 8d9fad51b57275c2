/** The filter's query parameters: what they come to, and what is refused by its name. */
import type { Request } from 'express'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { filterShape, readFilter } from '../../../server/http/filter-query.ts'
import { HttpProblem } from '../../../server/http/problem.ts'
import { readQuery } from '../../../server/http/query.ts'
import { LEVELS } from '../../../server/logs/filter.ts'

async function read(query: Record<string, unknown>) {
  return readFilter(readQuery({ query } as unknown as Request, { ...filterShape }))
}

async function problem(query: Record<string, unknown>): Promise<HttpProblem | undefined> {
  try {
    await read(query)
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(HttpProblem)
    return error as HttpProblem
  }
}

describe('the filter parameters', () => {
  it('come to one filter', async () => {
    const { key, admits } = await read({ stream: 'stderr', level: 'fatal,error', q: 'lamp', not: 'sold', re: '\\d' })
    expect(key).toBe('stream=stderr&level=error,fatal&q="lamp"&not="sold"&re="\\\\d"')
    const line = { time: '', ordinal: 0, stream: 'stderr', level: 'error', truncated: false } as const
    expect(admits({ ...line, message: 'lamp 1' })).toBe(true)
    expect(admits({ ...line, message: 'lamp 1 sold' })).toBe(false)
  })

  it('filter nothing when there are none, or texts that a form left empty', async () => {
    for (const query of [{}, { q: '' }, { not: '', re: '' }]) expect((await read(query)).key).toBe('')
  })

  it('take levels in any order, case and spacing, each as often as one likes', async () => {
    const spelled = fc
      .constantFrom(...LEVELS)
      .chain((level) =>
        fc.constantFrom(level, level.toUpperCase(), ` ${level} `, `${level[0]?.toUpperCase()}${level.slice(1)}`),
      )
    await fc.assert(
      fc.asyncProperty(fc.array(spelled, { minLength: 1, maxLength: 12 }), async (names) => {
        const plain = names.map((name) => name.trim().toLowerCase())
        const tidy = LEVELS.filter((level) => plain.includes(level))
        const expected = tidy.length === LEVELS.length ? '' : `level=${tidy.join(',')}`
        expect((await read({ level: names.join(',') })).key).toBe(expected)
      }),
    )
  })

  it.each([
    ['stream', ''],
    ['stream', 'stdin'],
    ['level', ''],
    ['level', ','],
    ['level', 'error,'],
    ['level', 'error,loud'],
    ['level', '__proto__'],
    ['q', 'a\0'],
    ['q', 'x'.repeat(1001)],
    ['not', 'x'.repeat(1001)],
    ['re', '('],
    ['re', 'a{1000}b{100}'],
    ['re', '((a{100}){100}){100}'],
    ['re', '(?<=a)b'],
  ])('%s=%s is a problem that names the parameter in one sentence', async (parameter, value) => {
    const refused = await problem({ [parameter]: value })
    expect(refused).toMatchObject({ status: 400, members: { parameter } })
    expect(refused?.message).toMatch(new RegExp(`^Parameter "${parameter}" .{5,200}\\.$`))
  })

  it('say where a pattern is wrong', async () => {
    expect((await problem({ re: 'lamp [a-' }))?.message).toBe(
      'Parameter "re" is not an RE2 pattern: missing closing ] at character 6: "[a-".',
    )
  })

  it('are understood or refused with status 400, whatever is sent', async () => {
    const names = fc.constantFrom('stream', 'level', 'q', 'not', 're')
    const values = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.array(fc.string()))
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, values, { noNullPrototype: false }), async (query) => {
        expect((await problem(query))?.status ?? 400).toBe(400)
      }),
      { numRuns: 300 },
    )
  })
})
