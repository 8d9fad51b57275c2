/**
 * A line's text as runs of one look each. SGR colours and styles (ECMA-48 §8.3.117) are read; every other escape
 * sequence is dropped; control characters are shown as their pictures (U+2400), and so are those that turn the order of
 * text around (UAX #9 §2), so that nothing of a hostile line acts and nothing of it hides. Linear in the text, whatever
 * it holds.
 */

/** A piece of text in one look. Colours are an index of the theme's 16, or `#rrggbb`. */
export interface Run {
  text: string
  fg?: number | string
  bg?: number | string
  bold?: true
  dim?: true
  italic?: true
  underline?: true
  strike?: true
  inverse?: true
  /** Set by other readers of text (loguru, fields): a class of the log's style sheet. */
  role?: string
}

type Style = Omit<Run, 'text' | 'role'>

const MAX_RUNS = 1000 // each becomes an element; what follows is shown in plain text

// CSI, OSC (ended by BEL or ST), the other string sequences (ended by ST), and two- or three-character escapes. None of these
// scans past the next ESC, which keeps a line made of escapes linear.
const SEQUENCE =
  /\x1b(?:\[([0-?]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/]+[0-~]|[0-OQ-WYZ\\`-~])/y
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

/** Reads a line's runs, up to `limit` characters of text; `rest` is how many characters of the input were left unread. */
export function readRuns(text: string, limit = Number.POSITIVE_INFINITY): { runs: Run[]; rest: number } {
  const runs: Run[] = []
  let style: Style = {}
  let pending = ''
  let drawn = 0
  let at = 0
  const flush = () => {
    if (pending !== '') runs.push({ text: pending, ...style })
    pending = ''
  }
  while (at < text.length && drawn < limit) {
    const code = text.charCodeAt(at)
    if (code === 0x1b) {
      SEQUENCE.lastIndex = at
      const match = SEQUENCE.exec(text)
      if (match !== null) {
        at = SEQUENCE.lastIndex
        if (match[2] === 'm' && runs.length < MAX_RUNS) {
          const next = applySgr(style, match[1] ?? '')
          if (next !== style) flush()
          style = runs.length < MAX_RUNS ? next : {}
        }
        continue
      }
    }
    if (isControl(code)) {
      if (code < 0x80 || code > 0x9f) {
        pending += code > 0x9f ? '\u2426' : code === 0x7f ? '\u2421' : String.fromCharCode(0x2400 + code)
        drawn++
      }
      at++ // C1 controls have no picture, and act on nothing once dropped
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

/** The style after one SGR sequence; the same object when it changes nothing. Unknown parameters are passed over. */
function applySgr(before: Style, parameters: string): Style {
  if (parameters.length > 200 || /[^\d;:]/.test(parameters)) return before // private sequences such as `>4;2m`
  const codes = parameters.split(/[;:]/).map(Number)
  let style: Style = { ...before }
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0
    if (code === 0) style = {}
    else if (code === 1) style.bold = true
    else if (code === 2) style.dim = true
    else if (code === 3) style.italic = true
    else if (code === 4 || code === 21) style.underline = true
    else if (code === 7) style.inverse = true
    else if (code === 9) style.strike = true
    else if (code === 22) {
      delete style.bold
      delete style.dim
    } else if (code === 23) delete style.italic
    else if (code === 24) delete style.underline
    else if (code === 27) delete style.inverse
    else if (code === 29) delete style.strike
    else if (code >= 30 && code <= 37) style.fg = code - 30
    else if (code >= 90 && code <= 97) style.fg = code - 82
    else if (code === 39) delete style.fg
    else if (code >= 40 && code <= 47) style.bg = code - 40
    else if (code >= 100 && code <= 107) style.bg = code - 92
    else if (code === 49) delete style.bg
    else if (code === 38 || code === 48) {
      const [colour, used] = extendedColour(codes, i + 1)
      i += used
      if (colour !== undefined) style[code === 38 ? 'fg' : 'bg'] = colour
    }
  }
  return style
}

/** The colour after `38` or `48`: `5;n` or `2;r;g;b`, and how many parameters it took. */
function extendedColour(codes: number[], at: number): [colour: number | string | undefined, used: number] {
  if (codes[at] === 5) return [indexedColour(codes[at + 1] ?? 0), 2]
  if (codes[at] !== 2) return [undefined, 1]
  const [r, g, b] = [codes[at + 1] ?? 0, codes[at + 2] ?? 0, codes[at + 3] ?? 0]
  return [r <= 255 && g <= 255 && b <= 255 ? hex(r, g, b) : undefined, 4]
}

const CUBE = [0, 95, 135, 175, 215, 255] // xterm's 6x6x6 colour cube

/** xterm's 256 colours: the theme's 16, the cube, 24 greys. */
function indexedColour(n: number): number | string | undefined {
  if (n < 16) return n
  if (n > 255) return undefined
  if (n >= 232) return hex(8 + (n - 232) * 10, 8 + (n - 232) * 10, 8 + (n - 232) * 10)
  const cell = n - 16
  return hex(CUBE[Math.floor(cell / 36)] ?? 0, CUBE[Math.floor(cell / 6) % 6] ?? 0, CUBE[cell % 6] ?? 0)
}

function hex(r: number, g: number, b: number): string {
  return `#${((r << 16) | (g << 8) | b).toString(16).padStart(6, '0')}`
}
