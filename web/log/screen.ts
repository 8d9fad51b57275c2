/**
 * A line as a terminal leaves it that goes back over what it has written: a bar's `10%\r20%`, a spinner's backspaces, Node's
 * `ESC[2K ESC[1G`. What is written last stands there, in its colours; what is longer than that stays, unless it is erased.
 * A character is a cell, be it a tab, a wide one or an accent: what is overwritten by another kind may be off by some.
 */
import { MAX_RUNS, type Run, readRuns, type Style } from './ansi.ts'

/** CR and BS, and CHA and CUB (ECMA-48 §8.3.9, §8.3.18): without one of them nothing is overwritten. */
const GOES_BACK = /[\r\b]|(?:\x1b\[|\x9b)\d*[GD]/

/** Whether a line shows other text than was written. CRs at its end, as of CRLF and of a TTY's CR CR LF, do nothing. */
export function isOverwritten(text: string): boolean {
  return GOES_BACK.test(withoutReturns(text))
}

/** A text without the CRs at its end. */
export function withoutReturns(text: string): string {
  let end = text.length
  while (text.charCodeAt(end - 1) === 13) end--
  return end === text.length ? text : text.slice(0, end)
}

/** A line as a terminal leaves it; undefined where that is as it was written. Linear in the text. */
export function readScreen(text: string): Run[] | undefined {
  if (!GOES_BACK.test(text)) return undefined
  const chars: string[] = []
  const styles: Style[] = []
  let [column, end] = [0, 0]
  readRuns(text, Number.POSITIVE_INFINITY, {
    write: (text, style) => {
      for (const char of text) {
        chars[column] = char
        styles[column++] = style
      }
      end = Math.max(end, column)
    },
    // Never past the end of what is there: a number of a hostile line would make as many blanks.
    move: (how, parameter) => {
      const n = Number(parameter)
      if (how === '\r') column = 0
      else if (how === '\b') column = Math.max(0, column - 1)
      else if (how === 'G') column = Math.min(end, Math.max(1, n) - 1)
      else if (how === 'D') column = Math.max(0, column - Math.max(1, n))
      else if (how === 'C') column = Math.min(end, column + Math.max(1, n))
      else if (how === 'K' && n === 0) end = column
      // A terminal stays in its column, and what follows is indented; here it begins the line.
      else if (how === 'K' && n === 2) end = column = 0
    },
  })
  const runs: Run[] = []
  for (let at = 0; at < end; at++) {
    const last = runs.at(-1)
    if (last && (styles[at] === styles[at - 1] || runs.length === MAX_RUNS)) last.text += chars[at]
    else runs.push({ ...styles[at], text: chars[at] ?? '' })
  }
  return runs
}
