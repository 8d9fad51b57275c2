/** Lines that go back over what they have written: as a terminal leaves them, whatever they hold, in bounded time. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasControls } from '../../../web/log/ansi.ts'
import { isOverwritten, readScreen, withoutReturns } from '../../../web/log/screen.ts'

const ESC = '\x1b'
const seen = (text: string) => readScreen(text)?.map((run) => run.text)
const textOf = (text: string) => seen(text)?.join('')

/** As a terminal of one line does it, one character after the other. */
function naive(parts: readonly string[]): string {
  let cells: string[] = []
  let at = 0
  for (const part of parts) {
    if (part === '\r' || part === `${ESC}[G` || part === '\x9b1G') at = 0
    else if (part === '\b' || part === `${ESC}[D`) at = Math.max(0, at - 1)
    else if (part === `${ESC}[3G`) at = Math.min(cells.length, 2)
    else if (part === `${ESC}[2C`) at = Math.min(cells.length, at + 2)
    else if (part === `${ESC}[K` || part === `${ESC}[0K`) cells = cells.slice(0, at)
    else if (part === `${ESC}[2K`) [cells, at] = [[], 0]
    else if (!part.startsWith(ESC)) cells[at++] = part
  }
  return cells.join('')
}

describe('a line that goes back', () => {
  it.each([
    ['10%\r20%\r100% done', '100% done'],
    ['|\b/\b-\b\\\bdone', 'done'],
    ['abcdef\rXY', 'XYcdef'],
    [`abcdef\r${ESC}[KXY`, 'XY'],
    [`abcdef\rXY${ESC}[K`, 'XY'],
    [`abcdef${ESC}[2K\rXY`, 'XY'],
    [`abcdef${ESC}[2KX\rY`, 'Y'],
    [`a${ESC}[2K${ESC}[1Gb${ESC}[2K${ESC}[1Gdone`, 'done'],
    [`working${ESC}[1000Ddone   `, 'done   '],
    [`abcdef\r${ESC}[2CX`, 'abXdef'],
    [`ab\r${ESC}[999999999CX`, 'abX'],
    [`ab\r${ESC}[?25lX`, 'Xb'],
    ['\b\b\ba', 'a'],
    ['N\bN_\bx', 'Nx'],
    ['😀😀\rab', 'ab'],
    ['a\0b\rc', 'c␀b'],
    [`secret\r${ESC}[K`, ''],
  ])('reads %j as %j', (text, read) => {
    expect(textOf(text)).toBe(read)
  })

  it('reads as a terminal shows it, whatever moves and erases', () => {
    const part = fc.oneof(
      fc.constantFrom('a', 'b', 'é', '漢', '😀', '\t'),
      fc.constantFrom('\r', '\b', '\b', `${ESC}[G`, '\x9b1G', `${ESC}[3G`, `${ESC}[D`, `${ESC}[2C`),
      fc.constantFrom(`${ESC}[K`, `${ESC}[0K`, `${ESC}[2K`, `${ESC}[31m`, `${ESC}[?25l`, `${ESC}[1A`),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        expect(textOf(`\r${parts.join('')}`)).toBe(naive(parts))
      }),
      { numRuns: 2000 },
    )
  })

  it('has each character in the colour in which it was written', () => {
    expect(readScreen(`${ESC}[31mabcd${ESC}[0m\rx${ESC}[32my`)).toEqual([
      { text: 'x' },
      { text: 'y', fg: 2 },
      { text: 'cd', fg: 1 },
    ])
  })

  it('never throws, and leaves no control character but tab, whatever comes in', () => {
    const noisy = fc
      .array(
        fc.oneof(fc.constantFrom('\r', '\b', `${ESC}[`, 'G', 'K', '9', `${ESC}[2K`), fc.string({ unit: 'binary' })),
      )
      .map((parts) => `\b${parts.join('')}`)
    fc.assert(fc.property(noisy, (text) => !hasControls(textOf(text) ?? '')))
  })

  it.each([
    ['returns', '\r'.repeat(65_536)],
    ['backspaces', '\b'.repeat(65_536)],
    ['a bar that moves', 'x'.repeat(60).concat('\r').repeat(1_074)],
    ['letters and backspaces', 'ab\b'.repeat(21_845)],
    ['a long line that is gone over from its end', 'x'.repeat(30_000) + '\b'.repeat(30_000) + 'y\b'.repeat(2_768)],
    ['letters and erasing', `x${ESC}[2K\r`.repeat(10_922)],
    ['letters that are moved to the end of a long line', `${'x'.repeat(32_768)}${`\r${ESC}[9999Cy`.repeat(3_640)}`],
    ['a colour for each letter', `\r${`${ESC}[31ma${ESC}[32mb`.repeat(5_461)}`],
  ])('takes 64 KiB of %s in a moment, and as a bounded number of runs', (_, text) => {
    readScreen(text)
    const start = performance.now()
    expect(readScreen(text)?.length).toBeLessThanOrEqual(1000)
    expect(performance.now() - start).toBeLessThan(100)
  })
})

describe('a line that ends in CR', () => {
  it.each(['a\r', 'a\r\r', 'a'])('%j is no other than without', (text) => {
    expect(withoutReturns(text)).toBe('a')
    expect(isOverwritten(text)).toBe(false)
  })

  it('is overwritten by what follows one', () => {
    expect(withoutReturns('\r\ra\r\r')).toBe('\r\ra')
    expect(isOverwritten('a\rb\r')).toBe(true)
    expect(readScreen(`${ESC}[31mplain`)).toBeUndefined()
  })
})
