/** One row's elements, made once and filled again for each line they come to show. Text nodes only: log text is hostile. */
import { hasControls, type Run, readRuns } from './ansi.ts'
import { isLine, type Row } from './line-store.ts'
import { readLoguru } from './loguru.ts'
import { groupDigits } from './number.ts'
import { clockMs, fullTime } from './time.ts'

/** Characters of a line that are drawn. Browsers shape text at some 10 MB/s: a screen of longer rows would cost frames. */
export const DRAWN_CHARS = 3000

export class RowElement {
  readonly element = document.createElement('div')
  readonly #time = document.createElement('span')
  readonly #timeText = document.createTextNode('')
  readonly #text = document.createElement('span')
  /** The text of a row in one look, the common case: kept, and only its data changed. */
  readonly #plain = document.createTextNode('')
  #isPlain = true
  #row: Row | undefined

  constructor() {
    this.#time.className = 'time'
    this.#time.append(this.#timeText)
    this.#text.className = 'text'
    this.#text.append(this.#plain)
    this.element.append(this.#time, this.#text)
  }

  /** Fills the row. Returns how many characters wide it is drawn, about. */
  show(row: Row): number {
    this.#row = row
    this.#time.removeAttribute('title')
    if (!isLine(row.kind)) {
      this.element.className = `row rule ${row.kind}`
      this.#timeText.data = ''
      this.#showPlain(row.text)
      return 0
    }
    this.element.className = `row ${row.kind} ${row.level ?? 'none'}`
    this.#timeText.data = clockMs(row)
    const text = row.text
    if (text.length <= DRAWN_CHARS && !row.truncated && !hasControls(text)) {
      const parts = readLoguru(text)
      if (parts === undefined)
        this.#showPlain(text === '' ? '\n' : text) // a copied selection keeps the empty line
      else this.#showRuns(parts)
    } else {
      const { runs, rest } = readRuns(text, DRAWN_CHARS)
      this.#showRuns(runs)
      if (rest > 0 || row.truncated) this.#text.append(moreMark(rest, row.truncated))
    }
    return Math.min(text.length, DRAWN_CHARS)
  }

  /** Writes the full time into the row's tooltip: on hover only, it costs more than the rest of the row. */
  explainTime(): void {
    if (this.#row !== undefined && isLine(this.#row.kind)) this.#time.title = fullTime(this.#row)
  }

  #showPlain(text: string): void {
    if (!this.#isPlain) this.#text.replaceChildren(this.#plain)
    this.#isPlain = true
    this.#plain.data = text
  }

  #showRuns(runs: Run[]): void {
    this.#isPlain = false
    this.#text.replaceChildren(...runs.map(runNode))
  }
}

function runNode(run: Run): Node {
  const classes = classesOf(run)
  const [fg, bg] = run.inverse ? [run.bg, run.fg] : [run.fg, run.bg]
  if (classes === '' && fg === undefined && bg === undefined) return document.createTextNode(run.text)
  const span = document.createElement('span')
  span.className = classes
  span.textContent = run.text
  if (typeof fg === 'string') span.style.color = fg
  if (typeof bg === 'string') span.style.backgroundColor = bg
  return span
}

function classesOf(run: Run): string {
  const classes = run.role === undefined ? [] : [run.role]
  const [fg, bg] = run.inverse ? [run.bg ?? 'ground', run.fg ?? 'ink'] : [run.fg, run.bg]
  if (isToken(fg)) classes.push(`fg-${fg}`)
  if (isToken(bg)) classes.push(`bg-${bg}`)
  for (const look of ['bold', 'dim', 'italic', 'underline', 'strike'] as const) if (run[look]) classes.push(look)
  return classes.join(' ')
}

/** A colour of the theme: one of the 16, or its ground or ink. Others are `#rrggbb`. */
function isToken(colour: number | string | undefined): boolean {
  return typeof colour === 'number' || colour === 'ground' || colour === 'ink'
}

function moreMark(rest: number, truncated: boolean): HTMLElement {
  const mark = document.createElement('span')
  mark.className = 'more'
  const amount = rest > 0 ? ` ${groupDigits(rest)} more characters` : ''
  mark.textContent = `…${amount}${truncated ? `${amount && ';'} the line is longer than 64 KiB` : ''}`
  return mark
}
