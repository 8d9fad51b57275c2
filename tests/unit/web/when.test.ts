/** Times as people type them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clock, fullTime, readTime } from '../../../web/log/time.ts'
import { readWhen, whenWords } from '../../../web/log/when.ts'

const NOW = new Date('2026-11-22T10:30:00.250Z') // a Sunday
const utc = (text: string, latest?: string) =>
  readWhen(text, NOW, latest === undefined ? undefined : Date.parse(latest) / 1000, 'utc')

const now = fc.date({ min: new Date('1975-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
const time = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
const pad = (n: number) => String(n).padStart(2, '0')

describe('what is typed as a time', () => {
  it.each([
    ['10:02', '2026-11-22T10:02:00Z'],
    ['10:02:31', '2026-11-22T10:02:31Z'],
    ['10:02:31.114', '2026-11-22T10:02:31.114Z'],
    ['10:02:31,114000001', '2026-11-22T10:02:31.114000001Z'],
    ['10:31', '2026-11-21T10:31:00Z'], // today it has not been yet
    ['10:30:00.250', '2026-11-22T10:30:00.250Z'],
    ['10:30:00.251', '2026-11-21T10:30:00.251Z'],
    ['9:05', '2026-11-22T09:05:00Z'],
    ['10pm', '2026-11-21T22:00:00Z'],
    ['12:15 am', '2026-11-22T00:15:00Z'],
    ['10:02 +02:00', '2026-11-22T08:02:00Z'],
    ['now', '2026-11-22T10:30:00Z'],
    ['today', '2026-11-22T00:00:00Z'],
    ['Yesterday  10:02', '2026-11-21T10:02:00Z'],
    ['yesterday at 10:02', '2026-11-21T10:02:00Z'],
    ['10:02 yesterday', '2026-11-21T10:02:00Z'],
    ['yesterday', '2026-11-21T00:00:00Z'],
    ['monday 10:02', '2026-11-16T10:02:00Z'],
    ['sun 10:02', '2026-11-22T10:02:00Z'],
    ['sun 11:02', '2026-11-15T11:02:00Z'],
    ['21 Nov 08:14', '2026-11-21T08:14:00Z'],
    ['21 november, 08:14', '2026-11-21T08:14:00Z'],
    ['Nov 21 08:14:05', '2026-11-21T08:14:05Z'],
    ['Sunday 22 November 10:02:00', '2026-11-22T10:02:00Z'],
    ['21st Nov 2025', '2025-11-21T00:00:00Z'],
    ['24 Dec', '2025-12-24T00:00:00Z'],
    ['29 Feb', '2024-02-29T00:00:00Z'],
    ['2026-11-21', '2026-11-21T00:00:00Z'],
    ['2026-11-21 08:14', '2026-11-21T08:14:00Z'],
    ['2027-01-01', '2027-01-01T00:00:00Z'],
    ['2026-11-21T08:14:05.114000000Z', '2026-11-21T08:14:05.114000000Z'],
    ['2026-11-21T08:14:05+01:00', '2026-11-21T07:14:05Z'],
    ['2026-11-21 08:14:05 -0530', '2026-11-21T13:44:05Z'],
    ['[22/Nov/2026:10:02:03 +0000]', '2026-11-22T10:02:03Z'],
    ['2026/11/22 10:02:03', '2026-11-22T10:02:03Z'],
    ['2 h ago', '2026-11-22T08:30:00Z'],
    ['15m', '2026-11-22T10:15:00Z'],
    ['3m', '2026-11-22T10:27:00Z'],
    ['last 3 minutes', '2026-11-22T10:27:00Z'],
    ['the past 3 min', '2026-11-22T10:27:00Z'],
    ['last hour', '2026-11-22T09:30:00Z'],
    ['now-3m', '2026-11-22T10:27:00Z'],
    ['now - 3 m', '2026-11-22T10:27:00Z'],
    ['1h30m', '2026-11-22T09:00:00Z'],
    ['90 seconds ago', '2026-11-22T10:28:30Z'],
    ['1.5 days', '2026-11-20T22:30:00Z'],
    ['1 w', '2026-11-15T10:30:00Z'],
    ['1795341723', '2026-11-22T10:02:03Z'],
    ['1795341723.114', '2026-11-22T10:02:03.114Z'],
    ['1795341723114', '2026-11-22T10:02:03.114Z'],
  ])('%s is %s', (text, expected) => expect(utc(text)).toBe(expected))

  it.each(
    '|soon|10|25:00|10:60|10:02:61|13pm|0 am|2026-02-30|31 Nov|2026-13-01|21 Foo|10:02 foo|m|-|99999999999 w|12345|:|10:|T10'.split(
      '|',
    ),
  )('%j is none', (text) => expect(utc(text)).toBeUndefined())

  it('without a day means the latest before the log ends', () => {
    expect(utc('10:02', '2026-11-19T09:00:00Z')).toBe('2026-11-18T10:02:00Z')
    expect(utc('mon 10:02', '2026-11-16T09:00:00Z')).toBe('2026-11-09T10:02:00Z')
    expect(utc('10:02', '2030-01-01T00:00:00Z')).toBe('2026-11-22T10:02:00Z')
    expect(utc('yesterday 10:02', '2026-11-19T09:00:00Z')).toBe('2026-11-21T10:02:00Z')
  })

  it('as a clock time is that time, the latest that has been', () => {
    fc.assert(
      fc.property(now, time, fc.constantFrom('utc' as const, 'local' as const), (at, [hour, minute], zone) => {
        const text = readWhen(`${pad(hour)}:${pad(minute)}`, at, undefined, zone) ?? ''
        const ms = Date.parse(text)
        expect(ms).toBeLessThanOrEqual(at.getTime())
        expect(ms).toBeGreaterThan(at.getTime() - 25 * 3_600_000) // one hour more than a day, where clocks are put back
        if (zone === 'utc') expect(text.slice(11, 16)).toBe(`${pad(hour)}:${pad(minute)}`)
      }),
    )
  })

  it('is read back from what the page shows of it', () => {
    fc.assert(
      fc.property(now, fc.constantFrom('utc' as const, 'local' as const), (at, zone) => {
        const text = `${at.toISOString().slice(0, 19)}Z`
        const moment = readTime(text)
        // In the hour that comes twice a clock names the first.
        fc.pre(
          zone === 'utc' ||
            new Date(`${fullTime(moment).slice(0, 19).replace(' ', 'T')}`).getTime() === Date.parse(text),
        )
        expect(readWhen(whenWords(text, at, zone), at, undefined, zone)).toBe(text)
        expect(readWhen(clock(moment, zone), at, undefined, zone)).toBe(text)
        expect(Date.parse(readWhen(fullTime(moment, zone), at) ?? '')).toBe(Date.parse(text))
      }),
    )
  })

  it('is RFC 3339 or nothing, whatever is typed', () => {
    const part = fc.constantFrom(
      '10:02',
      ' ',
      'nov',
      '21',
      '2026',
      '-',
      'ago',
      'h',
      '9',
      'z',
      '+01:00',
      ':',
      'pm',
      'yesterday',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part).map((parts) => parts.join('')),
        ),
        now,
        (text, at) => {
          const read = readWhen(text, at)
          if (read === undefined) return
          expect(read).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/)
          expect(Number.isNaN(Date.parse(read))).toBe(false)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('takes a long paste for none at once', () => {
    expect(utc('1h'.repeat(100_000))).toBeUndefined()
    expect(utc(`${'1 s'.repeat(26)}!`)).toBeUndefined()
  })
})

describe('the words of a time', () => {
  it('have the day, and the year when it is another', () => {
    expect(whenWords('2026-11-22T10:02:00Z', NOW, 'utc')).toBe('Sunday 22 November 10:02:00')
    expect(whenWords('2025-11-22T10:02:00.5Z', NOW, 'utc')).toBe('Saturday 22 November 2025 10:02:00.5')
  })
})
