/** Addresses of views. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressOf, type Place, readPlace, titleOf } from '../../../web/frame/place.ts'

describe('place', () => {
  it('is found again from its address, under any base, whatever the name', () => {
    const place: fc.Arbitrary<Place> = fc.oneof(
      fc.constant<Place>({ view: 'overview' }),
      fc.string({ unit: 'grapheme', minLength: 1 }).map((key): Place => ({ view: 'container', key })),
    )
    fc.assert(
      fc.property(place, fc.constantFrom('/', '/sluice/', '/a/b/'), (at, base) => {
        // A key of dots alone is folded by URL parsers; Docker allows no such name.
        fc.pre(at.view === 'overview' || !/^\.{1,2}$/.test(at.key))
        const url = new URL(addressOf(at), `http://host${base}`)
        expect(readPlace(url.pathname, base)).toEqual(at)
      }),
    )
  })

  it('takes what names no view for the overview, and a stray % for itself', () => {
    expect(readPlace('/nowhere', '/')).toEqual({ view: 'overview' })
    expect(readPlace('/containers/', '/')).toEqual({ view: 'overview' })
    expect(readPlace('/containers/a/b', '/')).toEqual({ view: 'overview' })
    expect(readPlace('/other', '/sluice/')).toEqual({ view: 'overview' })
    expect(readPlace('/containers/100%', '/')).toEqual({ view: 'container', key: '100%' })
  })

  it('is the title', () => {
    expect(titleOf({ view: 'container', key: 'web' })).toBe('web · Sluice')
    expect(titleOf({ view: 'overview' })).toBe('Sluice')
  })
})
