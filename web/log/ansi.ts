/**
 * A line's text as runs of one look each. SGR colours and styles (ECMA-48 §8.3.117) are read; every other escape
 * sequence is dropped; control characters are shown as their pictures (U+2400), and so are those that turn the order of
 * text around (UAX #9 §2), so that nothing of a hostile line acts and nothing of it hides. Linear in the text, whatever
 * it holds.
 */
import { SEQUENCE as SEQUENCES } from '../../server/logs/plain-text.ts'

/** A piece of text in one look. Colours are an index of the theme's 16, or `#rrggbb`. */
export interface Run {
  text: string
  fg?: Colour
  bg?: Colour
  bold?: true
  dim?: true
  italic?: true
  underline?: Underline
  /** The underline's own colour. */
  line?: Colour
  strike?: true
  inverse?: true
  /** Set by other readers of text (loguru, fields): a class of the log's style sheet. */
  role?: string
}

export type Colour = number | string
/** The forms that CSS has for a line under text, by its names. */
export type Underline = 'solid' | 'double' | 'wavy' | 'dotted' | 'dashed'

export type Style = Omit<Run, 'text' | 'role'>

/** Characters of a line that are drawn. Browsers shape text at some 10 MB/s: a screen of longer rows would cost frames. */
export const DRAWN_CHARS = 3000

/** Is given what is written, in order, and what moves or erases in between. */
export interface Screen {
  write(text: string, style: Style): void
  /** `how`: CR, BS, or the final character of a CSI sequence with one number or none. */
  move(how: string, parameter: string): void
}

export const MAX_RUNS = 1000 // each becomes an element; what follows is shown in plain text

const SEQUENCE = new RegExp(SEQUENCES, 'y')
const SPECIAL = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/

/** True when a text needs {@link readRuns}: it holds more than printable characters and tabs. */
export function hasControls(text: string): boolean {
  return SPECIAL.test(text)
}

/** A text in one look: pictures for what acts, and no colours. */
export function plainText(text: string): string {
  if (!hasControls(text)) return text
  let plain = ''
  for (const run of readRuns(text).runs) plain += run.text
  return plain
}

/**
 * Reads a line's runs, up to `limit` characters of text; `rest` is how many characters of the input were left unread. With a
 * screen, that is given all of it, and there are no runs.
 */
export function readRuns(
  text: string,
  limit = Number.POSITIVE_INFINITY,
  screen?: Screen,
): { runs: Run[]; rest: number } {
  const runs: Run[] = []
  let style: Style = {}
  let pending = ''
  let drawn = 0
  let at = 0
  const flush = () => {
    if (pending === '') return
    if (screen) screen.write(pending, style)
    else runs.push({ text: pending, ...style })
    pending = ''
  }
  while (at < text.length && drawn < limit) {
    const code = text.charCodeAt(at)
    if (isControl(code)) {
      if (screen && (code === 8 || code === 13)) {
        flush()
        screen.move(text.charAt(at++), '')
        continue
      }
      SEQUENCE.lastIndex = at
      const match = code === 0x1b || code > 0x7f ? SEQUENCE.exec(text) : null
      if (match !== null) {
        at = SEQUENCE.lastIndex
        const [, parameters = '', final] = match
        if (final === 'm' && runs.length < MAX_RUNS) {
          const next = applySgr(style, parameters)
          if (next !== style) flush()
          style = runs.length < MAX_RUNS ? next : {}
        } else if (screen && final !== undefined && /^\d*$/.test(parameters)) {
          flush()
          screen.move(final, parameters)
        }
        continue
      }
      pending += code > 0x7f ? '\u2426' : code === 0x7f ? '\u2421' : String.fromCharCode(0x2400 + code)
      drawn++
      at++
      continue
    }
    let end = at + 1
    while (end < text.length && end - at < limit - drawn && !isControl(text.charCodeAt(end))) end++
    pending += text.slice(at, end)
    drawn += end - at
    at = end
  }
  flush()
  return { runs, rest: text.length - at }
}

function isControl(code: number): boolean {
  if (code < 0x20) return code !== 0x09
  return code >= 0x7f && (code <= 0x9f || (code >= 0x202a && (code <= 0x202e || (code >= 0x2066 && code <= 0x2069))))
}

const NO_PARTS: number[] = []
const UNDERLINES = [undefined, 'solid', 'double', 'wavy', 'dotted', 'dashed'] as const // by the n of `4:n`

/**
 * The style after one SGR sequence; the same object when it changes nothing. Unknown parameters are passed over. After a
 * colon stand a parameter's own parts (ISO 8613-6); colours are also written with semicolons, as parameters of their own.
 */
function applySgr(before: Style, parameters: string): Style {
  if (parameters.length > 200 || /[^\d;:]/.test(parameters)) return before // private sequences such as `>4;2m`
  const all = parameters.split(';')
  let style: Style = { ...before }
  for (let i = 0; i < all.length; i++) {
    const parameter = all[i] ?? ''
    const parts = parameter.includes(':') ? parameter.split(':').map(Number) : NO_PARTS
    const code = parts.shift() ?? Number(parameter)
    if (code === 38 || code === 48 || code === 58) {
      const [colour, used] = extendedColour(parts.length > 0 ? parts : all.slice(i + 1).map(Number), parts.length > 4)
      if (parts.length === 0) i += used
      if (colour !== undefined) style[code === 38 ? 'fg' : code === 48 ? 'bg' : 'line'] = colour
    } else if (code === 4 && parts[0] !== 0) style.underline = UNDERLINES[parts[0] ?? 1] ?? 'solid'
    else if (code === 24 || code === 4) delete style.underline
    else if (parts.length > 0) continue
    else if (code === 0) style = {}
    else if (code === 1) style.bold = true
    else if (code === 2) style.dim = true
    else if (code === 3) style.italic = true
    else if (code === 7) style.inverse = true
    else if (code === 9) style.strike = true
    else if (code === 21) style.underline = 'double'
    else if (code === 22) {
      delete style.bold
      delete style.dim
    } else if (code === 23) delete style.italic
    else if (code === 27) delete style.inverse
    else if (code === 29) delete style.strike
    else if (code >= 30 && code <= 37) style.fg = code - 30
    else if (code >= 90 && code <= 97) style.fg = code - 82
    else if (code === 39) delete style.fg
    else if (code >= 40 && code <= 47) style.bg = code - 40
    else if (code >= 100 && code <= 107) style.bg = code - 92
    else if (code === 49) delete style.bg
    else if (code === 59) delete style.line
  }
  return style
}

/**
 * The colour that stands after `38`, `48` or `58`, `5, n` or `2, r, g, b`, and how many numbers it takes. With a colour
 * space, `2, space, r, g, b`: it may be empty, and is passed over. One that is cut short is none.
 */
function extendedColour(numbers: number[], hasSpace: boolean): [colour: Colour | undefined, used: number] {
  const [kind, n = Number.NaN] = numbers
  if (kind === 5) return [indexedColour(n), 2]
  if (kind !== 2) return [undefined, 1]
  const [r = 256, g = 256, b = 256] = numbers.slice(hasSpace ? 2 : 1)
  return [r <= 255 && g <= 255 && b <= 255 ? hex(r, g, b) : undefined, 4]
}

const CUBE = [0, 95, 135, 175, 215, 255] // xterm's 6x6x6 colour cube

/** xterm's 256 colours: the theme's 16, the cube, 24 greys. */
function indexedColour(n: number): Colour | undefined {
  if (n < 16) return n
  if (!(n <= 255)) return undefined
  if (n >= 232) return hex(8 + (n - 232) * 10, 8 + (n - 232) * 10, 8 + (n - 232) * 10)
  const cell = n - 16
  return hex(CUBE[Math.floor(cell / 36)] ?? 0, CUBE[Math.floor(cell / 6) % 6] ?? 0, CUBE[cell % 6] ?? 0)
}

function hex(r: number, g: number, b: number): string {
  return `#${((r << 16) | (g << 8) | b).toString(16).padStart(6, '0')}`
}
