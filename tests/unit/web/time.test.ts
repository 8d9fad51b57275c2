/** Times of lines, from the wire and in the viewer's zone. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ago,
  clock,
  clockMs,
  cursorTime,
  dayBounds,
  dayName,
  fullTime,
  nextFormat,
  readTime,
  since,
  TIME_CHARS,
  TIME_FORMATS,
  timeText,
} from '../../../web/log/time.ts'
import { fraction } from '../fraction.ts'

const instant = fc.date({ min: new Date('1971-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })

describe('times', () => {
  it('are read to the nanosecond', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: 0, max: 999_999_999 }), (date, nanos) => {
        const text = `${date.toISOString().slice(0, 19)}.${String(nanos).padStart(9, '0')}Z`
        expect(readTime(text)).toEqual({ seconds: Math.floor(date.getTime() / 1000), nanos })
      }),
    )
  })

  it('need no fraction, and are the epoch when they cannot be read', () => {
    expect(readTime('2026-11-22T10:02:03Z')).toEqual({ seconds: 1_795_341_723, nanos: 0 })
    expect(readTime('2026-11-22T10:02:03.5Z').nanos).toBe(500_000_000)
    expect(readTime('yesterday')).toEqual({ seconds: 0, nanos: 0 })
    expect(readTime('')).toEqual({ seconds: 0, nanos: 0 })
  })

  it('are shown in the local zone, in columns of one width', () => {
    const date = new Date(2026, 10, 2, 3, 4, 5)
    const time = { seconds: date.getTime() / 1000, nanos: 6_000_000 }
    expect(clock(time)).toBe('03:04:05')
    expect(clockMs(time)).toBe('03:04:05.006')
    expect(fullTime(time)).toMatch(/^2026-11-02 03:04:05\.006000000 [+-]\d\d:\d\d$/)
  })

  it('are shown in UTC where that is asked for', () => {
    const time = readTime('2026-11-02T23:04:05.006Z')
    expect(clockMs(time, 'utc')).toBe('23:04:05.006')
    expect(fullTime(time, 'utc')).toBe('2026-11-02 23:04:05.006000000 Z')
    expect(dayName(time, 'utc')).toBe('Monday 2 November 2026')
    expect(since(time, new Date('2026-11-03T00:00:00Z'), 'utc')).toBe('2 Nov 23:04')
    expect(dayBounds(time.seconds, 'utc').map((second) => new Date(second * 1000).toISOString())).toEqual([
      '2026-11-02T00:00:00.000Z',
      '2026-11-03T00:00:00.000Z',
    ])
  })

  it('take the same room in every row, in each format', () => {
    const seconds = fraction.map((part) => part * 8e8)
    fc.assert(
      fc.property(instant, fc.constantFrom(...TIME_FORMATS), seconds, (date, format, later) => {
        const time = { seconds: Math.floor(date.getTime() / 1000), nanos: 5_000_000 }
        expect(timeText(time, format, date.getTime() + later * 1000)).toHaveLength(TIME_CHARS[format])
      }),
    )
  })

  it('say how long ago they were, and never that they are to come', () => {
    const time = { seconds: 1_000_000, nanos: 500_000_000 }
    const later = (seconds: number) => ago(time, (1_000_000.5 + seconds) * 1000)
    expect(later(0)).toBe('0 s ago')
    expect(later(59.9)).toBe('59 s ago')
    expect(later(60)).toBe('1 min ago')
    expect(later(3599)).toBe('59 min ago')
    expect(later(7200)).toBe('2 h ago')
    expect(later(86_400 * 3)).toBe('3 d ago')
    expect(later(-5)).toBe('0 s ago')
  })

  it('go through all formats and begin again', () => {
    expect(nextFormat('local')).toBe('utc')
    expect(nextFormat('full')).toBe('local')
  })

  it('say the day when it is not today, and the year when it is not this one', () => {
    const now = new Date(2026, 10, 22, 12, 0)
    const at = (...parts: [number, number, number, number, number]) => ({
      seconds: new Date(...parts).getTime() / 1000,
      nanos: 0,
    })
    expect(since(at(2026, 10, 22, 8, 14), now)).toBe('08:14')
    expect(since(at(2026, 10, 21, 8, 14), now)).toBe('21 Nov 08:14')
    expect(since(at(2025, 10, 21, 8, 14), now)).toBe('21 Nov 2025 08:14')
  })

  it('lie within their own day', () => {
    fc.assert(
      fc.property(instant, (date) => {
        const seconds = date.getTime() / 1000
        const [start, end] = dayBounds(seconds)
        expect(start <= seconds && seconds < end).toBe(true)
        expect(dayBounds(end)[0]).toBe(end)
      }),
    )
  })

  it('are found in cursors, and not in what is none', () => {
    expect(cursorTime('a1b2c3d4e5f6.1795341723.114000000.2')).toEqual({ seconds: 1_795_341_723, nanos: 114_000_000 })
    expect(cursorTime('a1b2c3d4e5f6.x.114000000.2')).toBeUndefined()
    expect(cursorTime('')).toBeUndefined()
    expect(cursorTime('a1b2c3d4e5f6.0.000000000.0')).toBeUndefined() // before the first line
  })
})
