/** Addresses of views. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addressOf,
  bounded,
  columnFields,
  DEFAULT_LOOK,
  isNarrowed,
  isPage,
  LEVELS,
  type Look,
  lookElsewhere,
  lookOf,
  type Place,
  readPlace,
  titleOf,
  toggleLevels,
} from '../../../web/frame/place.ts'
import { filterQuery } from '../../../web/log/filter-query.ts'
import { TIME_FORMATS } from '../../../web/log/time.ts'

const key = fc.string({ unit: 'grapheme', minLength: 1 })
const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary', maxLength: 600 })).map(bounded)
const look: fc.Arbitrary<Look> = fc.record(
  {
    levels: fc.subarray([...LEVELS], { maxLength: LEVELS.length - 1 }),
    stream: fc.constantFrom('stdout', 'stderr'),
    q: text,
    regex: fc.boolean(),
    matchCase: fc.boolean(),
    word: fc.boolean(),
    only: fc.boolean(),
    not: text,
    fields: fc
      .array(fc.oneof(fc.constantFrom('status', 'a,b', '%2C', 'a%', ' '), fc.string({ unit: 'grapheme' })))
      .map(columnFields),
    at: fc.constantFrom(
      '0123456789ab.1795341723.114000000.2',
      '2026-11-22T10:02:03Z',
      '2026-11-22T10:02:03.114000001+01:00',
    ),
    time: fc.constantFrom(...TIME_FORMATS),
  },
  { requiredKeys: ['levels', 'q', 'regex', 'matchCase', 'word', 'only', 'not', 'fields', 'time'] },
)
const names = fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1 }), { maxLength: 3 })
const selection = fc
  .record({ containers: names, projects: names, labels: names })
  .filter((each) => Object.values(each).some((some) => some.length > 0))
const place: fc.Arbitrary<Place> = fc.oneof(
  fc.constant<Place>({ view: 'overview' }),
  fc.record({ selection, look }).map((at): Place => ({ view: 'merged', ...at })),
  fc.record({ key, look }).map((at): Place => ({ view: 'container', ...at })),
)
const base = fc.constantFrom('/', '/sluice/', '/a/b/')

/** What a browser makes of an address, and the page of that. */
function read(address: string, under = '/'): Place {
  const url = new URL(address, `http://host${under}`)
  return readPlace(url.pathname, url.search, under)
}

const webWith = (changes: Partial<Look>): Place => ({
  view: 'container',
  key: 'web',
  look: { ...DEFAULT_LOOK, ...changes },
})

describe('place', () => {
  it('is found again from its address, under any base, whatever the name and what is searched', () => {
    fc.assert(
      fc.property(place, base, (at, under) => {
        // A key of dots alone is folded by URL parsers; Docker allows no such name.
        fc.pre(at.view !== 'container' || !/^\.{1,2}$/.test(at.key))
        expect(read(addressOf(at), under)).toEqual(at)
      }),
    )
  })

  it('of any address has an address that is read as the same place', () => {
    const name = fc.constantFrom(
      ...['q', 're', 'case', 'word', 'only', 'not', 'level', 'stream', 'fields', 'at', 'time', 'x'],
    )
    const value = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        'true',
        'error,warn,error',
        'ALL',
        ',',
        '%',
        '%ff',
        '%252C',
        'a,b%252Cc,%2525',
        'a&b',
        '1 2',
        'stderr',
        'utc',
        '\0',
      ),
    )
    const query = fc.array(fc.tuple(name, value)).map((all) => all.map((pair) => pair.join('=')).join('&'))
    fc.assert(
      fc.property(fc.webPath(), fc.oneof(query, fc.webQueryParameters()), base, (path, search, under) => {
        const url = new URL(`http://host${under}containers${path}?${search}`)
        const once = readPlace(url.pathname, url.search, under)
        fc.pre(once.view !== 'container' || !/^\.{1,2}$/.test(once.key))
        expect(read(addressOf(once), under)).toEqual(once)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps every container that an address names: how many there may be is the server’s to say', () => {
    const containers = Array.from({ length: 201 }, (_, n) => `web-${n}`)
    const at = read(addressOf({ view: 'merged', selection: { containers, projects: [], labels: [] } }))
    expect(at).toMatchObject({ view: 'merged', selection: { containers } })
  })

  it('has only what differs from the default in its address, legibly and in one order', () => {
    expect(addressOf(webWith({}))).toBe('containers/web')
    expect(addressOf({ view: 'container', key: 'web' })).toBe('containers/web')
    expect(addressOf({ view: 'container', key: 'web', look: { q: 'a b' } })).toBe('containers/web?q=a+b')
    const all = {
      time: 'utc',
      at: '2026-11-22T10:02:03Z',
      stream: 'stderr',
      levels: ['error', 'warn'],
      fields: ['status', 'req.id', 'a,b', '5%'],
      only: true,
    } as const
    expect(addressOf(webWith({ ...all, q: 'GET /a,b&c=+', regex: true, matchCase: true, word: true, not: 'x' }))).toBe(
      'containers/web?q=GET+/a,b%26c%3D%2B&re=true&case=true&word=true&only=true&not=x&level=error,warn&stream=stderr&fields=status,req.id,a%252Cb,5%2525&at=2026-11-22T10:02:03Z&time=utc',
    )
  })

  it('takes what names no view for the overview, and a stray % for itself', () => {
    expect(readPlace('/nowhere', '', '/')).toEqual({ view: 'overview' })
    expect(readPlace('/containers/', '?q=x', '/')).toEqual({ view: 'overview' })
    expect(readPlace('/containers/a/b', '', '/')).toEqual({ view: 'overview' })
    expect(readPlace('/other', '', '/sluice/')).toEqual({ view: 'overview' })
    expect(readPlace('/containers/100%', '', '/')).toMatchObject({ view: 'container', key: '100%' })
  })

  it('leaves out of a query what makes no sense', () => {
    const search = '?level=loud,ERROR,warn,error&stream=both&at=noon&time=soon&only=yes&re=1&q=%00a%ff'
    expect(readPlace('/containers/web', search, '/')).toEqual(webWith({ levels: ['error', 'warn'], q: 'a\ufffd' }))
    expect(lookOf(readPlace('/containers/web', `?level=${LEVELS}`, '/')).levels).toEqual([])
    expect(lookOf(readPlace('/containers/web', `?q=${'😀'.repeat(300)}a`, '/')).q).toBe('😀'.repeat(240))
    expect(lookOf(readPlace('/containers/web', '?at=2026-11-22T10:02:03+01:00', '/')).at).toBe(
      '2026-11-22T10:02:03+01:00',
    )
    const fields = (text: string) => lookOf(readPlace('/containers/web', `?fields=${text}`, '/')).fields
    expect(fields('ms,,status,ms')).toEqual(['ms', 'status'])
    expect(fields('100%25,a%252Cb,%25ff')).toEqual(['100%', 'a,b', '%ff'])
    expect(fields(`${'x'.repeat(101)},${'y'.repeat(100)}`)).toEqual(['y'.repeat(100)])
    expect(fields('a,b,c,d,e,f,g,h,i')).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'])
    expect(lookOf(readPlace('/containers/web', '?at=2026-13-22T10:02:03Z', '/')).at).toBeUndefined()
  })

  it('of another container keeps the time format, and, where that is wanted, search, levels and stream', () => {
    const narrowed = { q: 'x', not: 'y', levels: ['error'], stream: 'stderr', time: 'utc' } as const
    const from = webWith({ ...narrowed, fields: ['ms'], at: '2026-11-22T10:02:03Z' })
    expect(lookElsewhere(from, false)).toEqual({ ...DEFAULT_LOOK, time: 'utc' })
    expect(lookElsewhere(from, true)).toEqual({ ...DEFAULT_LOOK, ...narrowed, at: undefined })
    expect(isNarrowed(from)).toBe(true)
    expect(isNarrowed(webWith({ time: 'utc', fields: ['ms'] }))).toBe(false)
  })

  it.each([
    ['/', true],
    ['/containers/web', true],
    ['/logs', true],
    ['/nope', false],
    ['/containers/', false],
    ['/containers/a/b', false],
  ])('%s is a page: %s', (path, is) => {
    expect(isPage(path, '/')).toBe(is)
    expect(isPage(`/prefix${path}`, '/prefix/')).toBe(is)
  })

  it('is the title', () => {
    expect(titleOf(webWith({}))).toBe('web · Sluice')
    expect(titleOf({ view: 'overview' })).toBe('Sluice')
  })
})

describe('the filter of a look', () => {
  const filter = (changes: Partial<Look>) => filterQuery({ ...DEFAULT_LOOK, ...changes })

  it('has levels, stream and what is left out, and a search only where it is to leave lines out', () => {
    expect(filter({})).toEqual({})
    expect(filter({ q: 'x', regex: true })).toEqual({})
    expect(filter({ levels: ['error'], stream: 'stderr', not: 'Ping', only: true })).toEqual({
      level: 'error',
      stream: 'stderr',
      not: 'Ping',
    })
  })

  it('leaves out what the search does not find, where it is to, and nothing where that is no pattern', () => {
    expect(filter({ q: 'timeout', only: true })).toEqual({ q: 'timeout' })
    expect(filter({ q: 'a.b', only: true, regex: true })).toEqual({ re: '(?i)a.b' })
    expect(filter({ q: 'a(b', only: true, regex: true, levels: ['warn'] })).toEqual({ level: 'warn' })
  })
})

describe('a level button', () => {
  const error = ['error', 'fatal']
  const debug = ['debug', 'trace']

  it('shows only its levels at first, then adds and takes away; none left are all', () => {
    const errors = toggleLevels([], error)
    expect(errors).toEqual(['fatal', 'error'])
    const both = toggleLevels(errors, debug)
    expect(both).toEqual(['fatal', 'error', 'debug', 'trace'])
    expect(toggleLevels(both, error)).toEqual(['debug', 'trace'])
    expect(toggleLevels(errors, error)).toEqual([])
  })

  it('completes what is on in part, and all of them are no choice', () => {
    expect(toggleLevels(['error'], error)).toEqual(['fatal', 'error'])
    expect(toggleLevels(['fatal', 'error', 'warn', 'info', 'none'], debug)).toEqual([])
  })
})
