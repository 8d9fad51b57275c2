/** Pipe-separated lines in parts. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readLoguru } from '../../../web/log/loguru.ts'

describe('loguru lines', () => {
  it('are taken apart', () => {
    const parts = readLoguru('2026-11-22 10:02:03.114 | WARNING  | app.db:connect:118 - no answer | again')
    expect(parts?.map((part) => [part.role, part.text])).toEqual([
      ['aside', '2026-11-22 10:02:03.114'],
      ['aside', ' | '],
      ['level-warn', 'WARNING'],
      ['aside', '  | '],
      ['place', 'app.db:connect:118'],
      ['aside', ' - '],
      [undefined, 'no answer | again'],
    ])
  })

  it('need no place', () => {
    expect(readLoguru('2026-11-22T10:02:03Z | INFO | ready')?.map((part) => part.text)).toEqual([
      '2026-11-22T10:02:03Z',
      ' | ',
      'INFO',
      ' | ',
      'ready',
    ])
  })

  it.each(['', '2026-11-22 is a date', 'INFO | ready', '2026-11-22 10:02:03 | LOUD | x', '2026 | INFO | x'])(
    'are not seen in %j',
    (text) => {
      expect(readLoguru(text)).toBeUndefined()
    },
  )

  it('lose no character', () => {
    const place = fc.constantFrom('', 'm:f:1 - ', '__main__:<module>:12 - ', 'm:f - ')
    fc.assert(
      fc.property(place, fc.constantFrom('INFO    ', 'ERROR', 'CRITICAL'), fc.string(), (where, level, message) => {
        const text = `2026-11-22 10:02:03.114 | ${level} | ${where}${message}`
        expect(
          readLoguru(text)
            ?.map((part) => part.text)
            .join(''),
        ).toBe(text)
      }),
    )
  })
})
