/** Times in one form, so that they compare as strings. */
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  earlier,
  isDockerTime,
  normalizeTime,
  parseInstant,
  TimeReader,
  timeFromNanoseconds,
  timeNow,
} from '../../../server/logs/time.ts'

const FORM = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/
const nanoseconds = fc.bigInt({ min: 0n, max: 4_102_444_800_000_000_000n }) // up to 2100

afterEach(() => {
  vi.useRealTimers()
})

describe('normalizeTime', () => {
  it.each([
    ['2026-11-22T10:02:03.114000000Z', '2026-11-22T10:02:03.114000000Z'],
    ['2026-11-22T10:02:03.114Z', '2026-11-22T10:02:03.114000000Z'],
    ['2026-11-22T10:02:03Z', '2026-11-22T10:02:03.000000000Z'],
    ['2026-11-22T11:02:03.114000001+01:00', '2026-11-22T10:02:03.114000001Z'],
    ['2026-11-22T23:32:03.5-05:30', '2026-11-23T05:02:03.500000000Z'],
    ['2026-11-22T10:02:03.1140000019Z', '2026-11-22T10:02:03.114000001Z'],
  ])('turns %s into %s', (given, normal) => {
    expect(normalizeTime(given)).toBe(normal)
  })

  it.each([
    '',
    'now',
    '2026-11-22',
    '2026-11-22 10:02:03Z',
    '2026-11-22T10:02:03',
    '2026-13-22T10:02:03Z',
    '2026-11-22T25:02:03Z',
    '2026-13-22T10:02:03.114000000Z',
    '2026-11-22T10:02:61.114000000Z',
    '2026-11-22T10:02:03.11400000\nZ',
    'xxxxxxxxxxxxxxxxxxx.xxxxxxxxxZ',
    '2026-11-22T10:02:03.114000000Z ',
  ])('refuses %j', (given) => {
    expect(normalizeTime(given)).toBeUndefined()
  })

  it('gives any instant one form, whatever zone and precision it is written in', () => {
    const day = 24n * 60n * 60_000_000_000n
    const zones = fc.integer({ min: -23 * 60, max: 23 * 60 })
    fc.assert(
      fc.property(nanoseconds, zones, (sinceDay, zone) => {
        const instant = sinceDay + day
        const time = timeFromNanoseconds(instant)
        const local = timeFromNanoseconds(instant + BigInt(zone) * 60_000_000_000n)
        const offset = `${zone < 0 ? '-' : '+'}${two(Math.trunc(Math.abs(zone) / 60))}:${two(Math.abs(zone) % 60)}`
        expect(normalizeTime(local.replace('Z', offset))).toBe(time)
        expect(normalizeTime(time)).toBe(time)
      }),
    )
  })

  it('gives the normal form or nothing, for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ minLength: 30, maxLength: 30 })), (text) => {
        expect(normalizeTime(text) ?? '1970-01-01T00:00:00.000000000Z').toMatch(FORM)
      }),
    )
  })
})

function two(number: number): string {
  return String(number).padStart(2, '0')
}

describe('times', () => {
  it('from nanoseconds compare as the nanoseconds do', () => {
    fc.assert(
      fc.property(nanoseconds, nanoseconds, (a, b) => {
        expect(timeFromNanoseconds(a)).toMatch(FORM)
        expect(timeFromNanoseconds(a) < timeFromNanoseconds(b)).toBe(a < b)
      }),
    )
  })

  it('keep every nanosecond of what a double cannot hold', () => {
    expect(timeFromNanoseconds(1_795_341_723_114_000_001n)).toBe('2026-11-22T10:02:03.114000001Z')
  })

  it('go back by milliseconds to the nanosecond', () => {
    const later = nanoseconds.map((instant) => instant + 1_000_000_000_000n)
    fc.assert(
      fc.property(later, fc.nat(1_000_000), (instant, ms) => {
        expect(earlier(timeFromNanoseconds(instant), ms)).toBe(timeFromNanoseconds(instant - BigInt(ms) * 1_000_000n))
      }),
    )
  })

  it('of now have the form of all others', () => {
    const before = Date.now()
    const now = timeNow()
    expect(now).toMatch(FORM)
    expect(Date.parse(now)).toBeGreaterThanOrEqual(before)
    expect(Date.parse(now)).toBeLessThanOrEqual(Date.now())
  })

  it('that are asked for one after the other ascend within a millisecond too, and follow a clock that is set back', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-22T10:02:03.114Z') })
    const times = Array.from({ length: 3 }, timeNow)
    vi.setSystemTime(Date.parse('2026-11-22T10:02:03.113Z'))
    times.push(timeNow())
    expect(times.map((time) => time.slice(20, 29))).toEqual(['114000000', '114000001', '114000002', '113000000'])
  })
})

describe('parseInstant', () => {
  const now = Date.parse('2026-11-22T10:00:00.500Z')

  it.each([
    ['2026-11-22T10:02:03.114000001Z', '2026-11-22T10:02:03.114000001Z'],
    ['2026-11-22T11:02:03.1+01:00', '2026-11-22T10:02:03.100000000Z'],
    ['2026-11-22T10:02:03', '2026-11-22T10:02:03.000000000Z'],
    ['2026-11-22 10:02', '2026-11-22T10:02:00.000000000Z'],
    ['2026-11-22t10:02z', '2026-11-22T10:02:00.000000000Z'],
    ['2026-11-22', '2026-11-22T00:00:00.000000000Z'],
    ['1795341723', '2026-11-22T10:02:03.000000000Z'],
    ['1795341723.114000001', '2026-11-22T10:02:03.114000001Z'],
    ['0', '1970-01-01T00:00:00.000000000Z'],
    ['10m', '2026-11-22T09:50:00.500000000Z'],
    ['1h30m', '2026-11-22T08:30:00.500000000Z'],
    ['1.5s', '2026-11-22T09:59:59.000000000Z'],
    ['500ms', '2026-11-22T10:00:00.000000000Z'],
    ['2d', '2026-11-20T10:00:00.500000000Z'],
    ['999999999d', '1970-01-01T00:00:00.000000000Z'],
  ])('reads %s as %s', (text, time) => {
    expect(parseInstant(text, now)).toBe(time)
  })

  it.each([
    '',
    'yesterday',
    '10 m',
    '10m ago',
    '-10m',
    'm',
    '1..5s',
    '10:02',
    '2026-13-01',
    '2026-11-22T25:00:00Z',
    '2026-11-22T10:02:03.1234567890Z',
    '1795341723.',
    '123456789012',
    '1e3',
  ])('refuses %j', (text) => {
    expect(parseInstant(text, now)).toBeUndefined()
  })
})

describe('TimeReader', () => {
  const near = fc.bigInt({ min: 1_795_341_721_000_000_000n, max: 1_795_341_723_999_999_999n })
  const times = fc.oneof(near, nanoseconds).map(timeFromNanoseconds)
  const spoilt = fc
    .tuple(times, fc.nat(29), fc.constantFrom('\0', '0', '/', ':', '.', ' ', 'Z', 'z', '\xba'))
    .map(([time, index, character]) => time.slice(0, index) + character + time.slice(index + 1))
  const texts = fc.array(fc.oneof(times, times, spoilt, fc.constant('\0'.repeat(30))), { maxLength: 30 })

  it('reads the times that are of the form, wherever they stand, as the numbers that they say', () => {
    fc.assert(
      fc.property(texts, fc.nat(9), (all, before) => {
        const reader = new TimeReader()
        for (const text of all) {
          const bytes = Buffer.from(`${'x'.repeat(before)}${text} more`, 'latin1')
          const isTime = reader.read(bytes, before)
          expect(isTime, text).toBe(isDockerTime(text))
          if (!isTime) continue
          const said = { second: Date.parse(`${text.slice(0, 19)}Z`) / 1000, nanosecond: Number(text.slice(20, 29)) }
          expect({ ...reader }).toEqual(said)
          expect({ ...reader.of(text) }).toEqual(said)
        }
      }),
    )
  })

  it('takes no time for one that ends before its bytes do', () => {
    const reader = new TimeReader()
    const time = '2026-11-22T10:02:03.114000000Z'
    for (let length = 0; length < time.length; length++)
      expect(reader.read(Buffer.from(time.slice(0, length)), 0)).toBe(false)
    expect(reader.read(Buffer.from(time), 0)).toBe(true)
    for (let length = 0; length < time.length; length++)
      expect(reader.read(Buffer.from(time.slice(0, length)), 0)).toBe(false)
  })
})
