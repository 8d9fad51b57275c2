/** Query parameters: what is understood, and what is refused by its name. */
import type { Request } from 'express'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HttpProblem } from '../../../server/http/problem.ts'
import { cursor, flag, MAX_TAIL, quote, readQuery, tail } from '../../../server/http/query.ts'

const SHAPE = { tail: tail.optional(), after: cursor.optional(), wait: flag.optional() }

function read(query: Record<string, unknown>) {
  return readQuery({ query } as unknown as Request, SHAPE)
}

describe('readQuery', () => {
  it('gives what it understands, and nothing for what is not there', () => {
    expect(read({})).toEqual({})
    expect(read({ tail: '010', wait: 'false', after: '0123456789ab.1.000000002.3' })).toEqual({
      tail: 10,
      wait: false,
      after: { incarnation: '0123456789ab', time: '1970-01-01T00:00:01.000000002Z', ordinal: 3 },
    })
  })

  it('takes any number of lines up to its bound and none above', () => {
    fc.assert(
      fc.property(fc.nat(3 * MAX_TAIL), (count) => {
        const attempt = () => read({ tail: String(count) }).tail
        if (count <= MAX_TAIL) expect(attempt()).toBe(count)
        else expect(attempt).toThrow(`Parameter "tail" must be a number from 0 to ${MAX_TAIL}.`)
      }),
    )
  })

  it('understands a value or throws a problem with status 400 in one sentence, whatever is sent', () => {
    const names = fc.oneof(fc.constantFrom('tail', 'after', 'wait'), fc.string({ unit: 'binary', maxLength: 300 }))
    const values = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('1', 'true'), fc.array(fc.string()))
    fc.assert(
      fc.property(fc.dictionary(names, values, { noNullPrototype: false }), (query) => {
        let status = 400
        try {
          read(query)
        } catch (error) {
          expect(error).toBeInstanceOf(HttpProblem)
          const problem = error as HttpProblem
          status = problem.status
          expect(problem.members.parameter).toBeDefined()
          expect(problem.message).toMatch(/^(?:Unknown p|P)arameter "[^\0-\u001f]*[.?]$/)
          expect(problem.message.length).toBeLessThan(400)
        }
        expect(status).toBe(400)
      }),
      { numRuns: 300 },
    )
  })
})

describe('quote', () => {
  it('keeps what a visitor sent on one line and short', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        expect(quote(text)).toMatch(/^"[^\0-\u001f]*"$/)
        expect((JSON.parse(quote(text)) as string).length).toBeLessThanOrEqual(101)
      }),
    )
  })
})
