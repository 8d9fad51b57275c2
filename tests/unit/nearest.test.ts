/** The names nearest to a mistyped one. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nearest } from '../../server/nearest.ts'

describe('nearest', () => {
  it.each([
    ['wbe', ['web', 'worker', 'db'], ['web']],
    ['WEB', ['web', 'db'], ['web']],
    ['web', ['shop-web-1', 'shop-db-1'], ['shop-web-1']],
    ['shop-web-1', ['web', 'postgres'], ['web']],
    ['tial', ['tail', 'after', 'wait'], ['tail']],
    ['xyzzy', ['web', 'db'], []],
    ['', ['web'], []],
    ['web', [], []],
  ])('of %j among %j are %j', (name, candidates, expected) => {
    expect(nearest(name, candidates)).toEqual(expected)
  })

  it('puts the exact name first', () => {
    expect(nearest('web', ['webs', 'web', 'weba', 'web1'])[0]).toBe('web')
  })

  it('gives at most three of the candidates, each once, whatever is asked', () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { maxLength: 20 })
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), names, (name, candidates) => {
        const found = nearest(name, candidates)
        expect(found.length).toBeLessThanOrEqual(3)
        expect(new Set(found).size).toBe(found.length)
        expect(candidates).toEqual(expect.arrayContaining(found))
      }),
    )
  })

  it('does not change the candidates, nor depend on their order', () => {
    const candidates = ['web1', 'web2', 'web3', 'web4']
    const forward = nearest('web', candidates)
    expect(nearest('web', candidates.toReversed())).toEqual(forward)
    expect(candidates).toEqual(['web1', 'web2', 'web3', 'web4'])
  })

  it('compares no more than 64 letters of what a visitor sends, and of a name', () => {
    expect(nearest('web'.repeat(4_000), ['web'])).toEqual(['web'])
    expect(nearest(`${'x'.repeat(10_000)}web`, ['web', 'db'])).toEqual([])
    const long = `${'shop-web-'.repeat(8)}1`
    expect(nearest(long.replace('shop', 'shp'), ['db', long])).toEqual([long])
  })
})
