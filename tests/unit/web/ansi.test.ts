/** Hostile and colourful text as runs: nothing acts, nothing hides, nothing takes long. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainText } from '../../../server/logs/plain-text.ts'
import { hasControls, readRuns } from '../../../web/log/ansi.ts'

const ESC = '\x1b'
const textOf = (text: string, limit?: number) =>
  readRuns(text, limit)
    .runs.map((run) => run.text)
    .join('')

/** What acts, or begins what would, as its picture. */
const pictured = (text: string) =>
  text.replace(/[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, (char) => {
    const code = char.charCodeAt(0)
    return code === 0x7f ? '␡' : code > 0x7f ? '␦' : String.fromCharCode(0x2400 + code)
  })

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
        '\x9b31m',
        '\x9b4:3m',
        '\x9d',
        '\x90',
        '\x9c',
        '\x07',
        `${ESC}\\`,
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

  it('are the text that a search looks through, with pictures of what acts', () => {
    fc.assert(
      fc.property(noisy, (text) => {
        expect(textOf(text)).toBe(pictured(plainText(text)))
      }),
      { numRuns: 1000 },
    )
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
    ['1;3;4;9', { bold: true, italic: true, underline: 'solid', strike: true }],
    ['4:1', { underline: 'solid' }],
    ['4:2', { underline: 'double' }],
    ['21', { underline: 'double' }],
    ['4:3', { underline: 'wavy' }],
    ['4:4', { underline: 'dotted' }],
    ['4:5', { underline: 'dashed' }],
    ['4:3;4:0', {}],
    ['1;31;4:3;4:0', { bold: true, fg: 1 }],
    ['4:3;24', {}],
    ['3:1', {}],
    ['1:2;9', { strike: true }],
    ['38:5:208', { fg: '#ff8700' }],
    ['38:2:1:2:3', { fg: '#010203' }],
    ['38:2::1:2:3', { fg: '#010203' }],
    ['48:2:7:1:2:3', { bg: '#010203' }],
    ['38:2::1:2:3;1', { fg: '#010203', bold: true }],
    ['4;58:2::1:2:3', { underline: 'solid', line: '#010203' }],
    ['58:5:9', { line: 9 }],
    ['58;5;9;1', { line: 9, bold: true }],
    ['58;2;1;3;4;3', { line: '#010304', italic: true }],
    ['58;5;9;59', {}],
    ['58;5;9;0', {}],
    ['38;5', {}],
    ['38:5', {}],
    ['38;2;1;2', {}],
    ['38:2:1:2', {}],
    ['38:5;1', { bold: true }],
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
    ['a device control string that BEL ends', `a${ESC}Pq\x07b`, 'ab'],
    ['a private message and an application command', `a${ESC}^x${ESC}\\b${ESC}_y${ESC}\\c`, 'abc'],
    ['CSI of one character', 'a\x9b31mb\x9b0mc', 'abc'],
    ['strings of one character', 'a\x9d0;t\x9cb\x90q\x9cc\x9fz\x07d\x9ep\x1b\\e', 'abcde'],
    ['an end of a string without one', `a\x9cb${ESC}\\c`, 'abc'],
  ])('drop %s', (_, text, shown) => {
    expect(textOf(text)).toBe(shown)
  })

  it('show control characters, and an escape that begins nothing, as pictures', () => {
    expect(textOf('a\0b\rc\x7f')).toBe('a␀b␍c␡')
    expect(textOf(`${ESC}]never ends`)).toBe('␛]never ends')
    expect(textOf('a\x85b\x9d')).toBe('a␦b␦')
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
    ['strings of one character that never end', '\x9d'.repeat(100_000)],
    ['all of them', `${ESC}P\x90\x9b${ESC}[`.repeat(20_000)],
    ['one long parameter', `${ESC}[${'1;'.repeat(100_000)}m`],
    ['parameters that lead nowhere', `${ESC}[${'1'.repeat(10_000)}`.repeat(10)],
  ])('take %s in a moment, with a bounded number of runs', (_, text) => {
    const start = performance.now()
    expect(readRuns(text).runs.length).toBeLessThanOrEqual(1001)
    expect(performance.now() - start).toBeLessThan(500)
  })
})
