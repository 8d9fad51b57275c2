/** Cursors name one line and survive the trip through a client; ordinals tell lines of equal time apart. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Cursor,
  formatCursor,
  incarnationOf,
  Ordinals,
  parseCursor,
  parsePlaces,
} from '../../../server/logs/cursor.ts'
import { TimeReader, timeFromNanoseconds } from '../../../server/logs/time.ts'
import { Random } from '../../soak/random.ts'
import { at } from './frames.ts'

const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 12, maxLength: 12 })

describe('cursors', () => {
  it('have the form that the design gives', () => {
    const cursor = { incarnation: '9f2c1a0b3d4e', time: '2026-11-22T10:02:03.114000001Z', ordinal: 2 }
    expect(formatCursor(cursor)).toBe('9f2c1a0b3d4e.1795341723.114000001.2')
    expect(parseCursor('9f2c1a0b3d4e.1795341723.114000001.2')).toEqual(cursor)
  })

  it('come back as they went, for any incarnation, time since 1970 and ordinal', () => {
    const cursors: fc.Arbitrary<Cursor> = fc.record({
      incarnation: hex,
      time: fc.bigInt({ min: 0n, max: 99_999_999_999_999_999_999n }).map(timeFromNanoseconds),
      ordinal: fc.nat(999_999_999),
    })
    fc.assert(
      fc.property(cursors, (cursor) => {
        expect(parseCursor(formatCursor(cursor))).toEqual(cursor)
      }),
    )
  })

  it('are refused in any other form, and nothing makes the parser throw', () => {
    const wrong = [
      '',
      'x',
      '9f2c1a0b3d4.1.000000000.0',
      '9F2C1A0B3D4E.1.000000000.0',
      '9f2c1a0b3d4e.1.0.0',
      '9f2c1a0b3d4e.1.000000000',
      '9f2c1a0b3d4e.-1.000000000.0',
      '9f2c1a0b3d4e.999999999999.000000000.0',
      '9f2c1a0b3d4e.1.000000000.0\n',
      ' 9f2c1a0b3d4e.1.000000000.0',
      '9f2c1a0b3d4e.1.000000000.0,9f2c1a0b3d4e.1.000000000.0',
    ]
    for (const text of wrong) expect(parseCursor(text), JSON.stringify(text)).toBeUndefined()
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789.f') })
    fc.assert(
      fc.property(fc.oneof(fc.string(), digits), (text) => {
        const cursor = parseCursor(text)
        expect(cursor === undefined || Number.isFinite(Date.parse(cursor.time))).toBe(true)
      }),
    )
  })

  it('of many logs are a list, in which one may say whose it is', () => {
    const [one, two] = ['9f2c1a0b3d4e.1.000000000.0', '0f2c1a0b3d4e.2.000000003.4']
    expect(parsePlaces(`${one},${two}@web-1@pi`, 2)).toEqual([
      { cursor: parseCursor(one) },
      { cursor: parseCursor(two), key: 'web-1@pi' },
    ])
    for (const wrong of ['', ',', `${one},`, `${one},x`, `@web`, `${one}@web,@db`, `${one} ${two}`]) {
      expect(parsePlaces(wrong, 2), wrong).toBeUndefined()
    }
    expect(parsePlaces(`${one},${one},${one}`, 2)).toBeUndefined()
    expect(parsePlaces(Array(200).fill(one).join(','), 200)).toHaveLength(200)
    expect(parsePlaces(`${one}@${'x'.repeat(8_000)}`, 2)).toBeUndefined()
  })

  it('name an incarnation by the first 12 digits of its id', () => {
    expect(incarnationOf('0123456789abcdef'.repeat(4))).toBe('0123456789ab')
  })
})

const instant = (time: string) => new TimeReader().of(time)

describe('Ordinals', () => {
  it('counts equal times from 0 in the order of the lines', () => {
    const ordinals = new Ordinals()
    expect([at(5), at(5), at(5), at(6), at(6)].map((time) => ordinals.next(instant(time)))).toEqual([0, 1, 2, 0, 1])
  })

  it('agrees with counting all of them, for times that step back as they like', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(6), fc.constantFrom(1e9, 1e9 + 3, 2e9 + 3)), { maxLength: 60 }), (times) => {
        const ordinals = new Ordinals()
        const counts = new Map<number, number>()
        for (const time of times) {
          const count = counts.get(time) ?? 0
          counts.set(time, count + 1)
          expect(ordinals.next(instant(at(time)))).toBe(count)
        }
      }),
    )
  })

  it('agrees with a look at the 2 048 lines before each, though clocks are set back', () => {
    const steps = fc.array(fc.tuple(fc.nat(1_500), fc.constantFrom(0, 1, 3), fc.constantFrom(0, 2, 50, 4_000)), {
      maxLength: 8,
    })
    fc.assert(
      fc.property(steps, fc.integer(), (all, seed) => {
        const random = new Random(seed)
        const ordinals = new Ordinals()
        const last = new Map<number, { index: number; ordinal: number }>()
        let clock = 10_000
        let index = 0
        for (const [lines, step, late] of all) {
          clock -= random.between(0, 2) * 2_500
          for (let n = 0; n < lines; n++, index++) {
            clock += random.between(0, step)
            const time = Math.max(0, clock - (random.chance(0.3) ? random.between(0, late) : 0))
            const equal = last.get(time)
            const ordinal = equal && index - equal.index <= 2_048 ? equal.ordinal + 1 : 0
            if (ordinals.next({ second: Math.floor(time / 50), nanosecond: time % 50 }) !== ordinal) return false
            last.set(time, { index, ordinal })
          }
        }
        return true
      }),
    )
  }, 30_000)

  it('counts on through more equal times than it remembers', () => {
    const ordinals = new Ordinals()
    let last = -1
    for (let count = 0; count < 5_000; count++) last = ordinals.next(instant(at(1)))
    expect(last).toBe(4_999)
  })

  it('finds an equal time up to 2 047 lines back', () => {
    const ordinals = new Ordinals()
    ordinals.next(instant(at(5_000)))
    for (let time = 0; time < 2_046; time++) expect(ordinals.next(instant(at(time)))).toBe(0)
    expect(ordinals.next(instant(at(5_000)))).toBe(1)
  })
})
