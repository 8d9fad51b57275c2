/** Hostile and colourful text as runs: nothing acts, nothing hides, nothing takes long. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasControls, readRuns } from '../../../web/log/ansi.ts'

const ESC = '\x1b'
const textOf = (text: string, limit?: number) =>
  readRuns(text, limit)
    .runs.map((run) => run.text)
    .join('')

const noisy = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        `${ESC}[31m`,
        `${ESC}[0m`,
        `${ESC}[`,
        `${ESC}]0;t\x07`,
        `${ESC}]`,
        `${ESC}P`,
        '\x9b',
        '\r',
        '\0',
        ESC,
        '\t',
      ),
      fc.string({ unit: 'binary' }),
    ),
  )
  .map((parts) => parts.join(''))

describe('ANSI runs', () => {
  it('leave no control character but tab, whatever comes in', () => {
    fc.assert(fc.property(noisy, (text) => !hasControls(textOf(text))))
  })

  it('keep every printable character of text without escapes', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => hasControls(text) || textOf(text) === text))
  })

  it('never draw more than the limit, and say when there is more', () => {
    fc.assert(
      fc.property(noisy, fc.integer({ min: 0, max: 30 }), (text, limit) => {
        const { rest } = readRuns(text, limit)
        expect(textOf(text, limit).length).toBeLessThanOrEqual(limit)
        if (rest === 0) expect(textOf(text, limit)).toBe(textOf(text))
      }),
    )
  })

  it.each([
    ['31', { fg: 1 }],
    ['97', { fg: 15 }],
    ['44', { bg: 4 }],
    ['103', { bg: 11 }],
    ['1;3;4;9', { bold: true, italic: true, underline: true, strike: true }],
    ['2;7', { dim: true, inverse: true }],
    ['38;5;9', { fg: 9 }],
    ['38;5;208', { fg: '#ff8700' }],
    ['48;5;255', { bg: '#eeeeee' }],
    ['38;2;1;2;3', { fg: '#010203' }],
    ['38;5;208;1', { fg: '#ff8700', bold: true }],
    ['31;0', {}],
    ['31;39', {}],
    ['1;22', {}],
    ['', {}],
    ['38', {}],
    ['38;5;999', {}],
    ['38;2;999;0;0', {}],
    ['>4;2', {}],
  ])('read SGR %s', (parameters, look) => {
    expect(readRuns(`${ESC}[${parameters}mx`).runs).toEqual([{ text: 'x', ...look }])
  })

  it.each([
    ['cursor movement and erasing', `a${ESC}[2J${ESC}[1;1Hb`, 'ab'],
    ['a window title', `a${ESC}]0;pwned\x07b`, 'ab'],
    ['a hyperlink, but not its text', `${ESC}]8;;http://evil\x07link${ESC}]8;;\x07`, 'link'],
    ['a device control string', `a${ESC}Pq#0${ESC}\\b`, 'ab'],
    ['a character set selection', `a${ESC}(Bb`, 'ab'],
    ['C1 controls', 'a\x9bb\x85c', 'abc'],
  ])('drop %s', (_, text, shown) => {
    expect(textOf(text)).toBe(shown)
  })

  it('show control characters, and an escape that begins nothing, as pictures', () => {
    expect(textOf('a\0b\rc\x7f')).toBe('a␀b␍c␡')
    expect(textOf(`${ESC}]never ends`)).toBe('␛]never ends')
  })

  it('show what turns the order of text around as a picture', () => {
    expect(textOf('a\u202etxt.exe\u2069b')).toBe('a␦txt.exe␦b')
    expect(textOf('شكرا\u200f!')).toBe('شكرا\u200f!')
  })

  it.each([
    ['50 000 colours and no text', `${ESC}[31m`.repeat(50_000)],
    ['a colour for each letter', `${ESC}[31ma${ESC}[32mb`.repeat(25_000)],
    ['strings that never end', `${ESC}]`.repeat(100_000)],
    ['device controls that never end', `${ESC}P`.repeat(100_000)],
    ['one long parameter', `${ESC}[${'1;'.repeat(100_000)}m`],
    ['parameters that lead nowhere', `${ESC}[${'1'.repeat(10_000)}`.repeat(10)],
  ])('take %s in a moment, with a bounded number of runs', (_, text) => {
    const start = performance.now()
    expect(readRuns(text).runs.length).toBeLessThanOrEqual(1001)
    expect(performance.now() - start).toBeLessThan(500)
  })
})
