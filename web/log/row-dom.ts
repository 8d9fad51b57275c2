/** One row's elements, made once and filled again for each line they come to show. Text nodes only: log text is hostile. */
import { DRAWN_CHARS, hasControls, type Run, readRuns } from './ansi.ts'
import { withTimes } from './dividers.ts'
import { MOST_ROWS } from './entries.ts'
import { readSentence } from './fields.ts'
import { isLine, type Row } from './line-store.ts'
import { type Link, linked } from './links.ts'
import { readLoguru } from './loguru.ts'
import { groupDigits } from './number.ts'
import { readScreen, withoutReturns } from './screen.ts'
import { clockMs, fullTime, type Zone } from './time.ts'

const KEPT_SPANS = 64 // of a row: more than a sentence needs; a line of a thousand colours is no reason to keep as many

/** Fills an element with what stands around a row. Another one: to be filled anew. */
export type Surroundings = (row: Row, element: HTMLElement) => void

/** How a row is to be shown. */
export interface RowLook {
  time: (row: Row) => string
  /** Of the times in dividers. Default: the viewer's own. */
  zone?: Zone | undefined
  /** As written: no sentence, no parts. */
  raw: boolean
  /** In merged logs, what a row's container is called, and which of the five colours of containers it has. */
  source?: ((row: Row) => { name: string; hue: number }) | undefined
  /** Which fields stand in columns before the text; undefined where none do. */
  columns?: Columns | undefined
  /** With its fields, or the whole of its text, below. */
  opened: boolean
  /** What stands below an opened line; undefined until that part of the page is loaded. */
  details?: ((row: Row, look: RowLook) => HTMLElement) | undefined
  /** Where lines are left out: fills an element of an opened line with those around it. */
  surroundings?: Surroundings | undefined
  /** Rows follow that go on with this one, and can be folded away. */
  isFoldable?: boolean | undefined
  /** How many of them are. */
  folded?: number | undefined
}

/** Fields that stand in columns. Their part of the page is loaded when there are any: here is only where its cells go. */
export interface Columns {
  readonly fields: readonly string[]
  /** The cells of one row. */
  make(): Cells
}

export interface Cells {
  /** Whose they are. */
  readonly of: Columns
  readonly element: HTMLElement
  /** Shows the fields of another line. */
  show(text: string): void
}

const USUAL_LOOK: RowLook = { time: clockMs, raw: false, opened: false }

/** What the buttons of opened rows copy. Not in attributes: a page of them would hold its text twice. */
export const COPIES = new WeakMap<Element, string>()

/** The text that a click on `target` asks to copy; undefined for a click on anything but a copy button. */
export function copyTextOf(target: EventTarget): string | undefined {
  const button = target instanceof Element ? target.closest('.copy') : null
  return button === null ? undefined : COPIES.get(button)
}

export class RowElement {
  readonly element = document.createElement('div')
  /** The message: the text nodes in it are what a search's marks are laid over. */
  readonly text = document.createElement('span')
  readonly #time = document.createElement('span')
  readonly #timeText = document.createTextNode('')
  /** Folds what goes on with the row, and shows it again. */
  #fold: HTMLElement | undefined
  /** Which container it is of, where there are many. */
  #source: HTMLElement | undefined
  #cells: Cells | undefined
  /** The text of a row in one look, the common case: kept, and only its data changed. */
  readonly #plain = document.createTextNode('')
  /** The spans of a row in several looks: the one at `i` shows run `i`, if that needs no more than a class. Kept as well. */
  readonly #spans: [element: HTMLElement, text: Text][] = []
  /** What is in {@link text} now. */
  #nodes: Node[] = []
  #row: Row | undefined
  #details: HTMLElement | undefined
  #surroundings: Surroundings | undefined

  constructor() {
    this.#time.className = 'time'
    this.#time.append(this.#timeText)
    this.text.className = 'text'
    this.element.append(this.#time, this.text)
  }

  /** Fills the row. Returns how many characters wide it is drawn, about. */
  show(row: Row, look: RowLook = USUAL_LOOK): number {
    const before = this.#row
    this.#row = row
    this.#time.removeAttribute('title')
    if (!isLine(row.kind)) {
      this.element.className = `row rule ${row.kind}`
      this.#timeText.data = ''
      this.#showFold({})
      this.#showSource(undefined, '')
      this.#showCells(undefined)
      this.#showPlain(withTimes(row.text, look.zone))
      this.#showDetails(undefined)
      return 0
    }
    this.element.className = `row ${row.kind} ${row.level ?? 'none'}${look.opened ? ' opened' : ''}`
    this.#timeText.data = look.time(row)
    this.#showFold(look)
    this.#showSource(look.source?.(row), row.source)
    const width = this.#showText(row, look)
    this.#showCells(look.columns, row.truncated ? '' : row.text) // after the text, of which the fields were read
    if (!look.opened) this.#showDetails(undefined)
    // Drawn again while it is open, it keeps the elements: the focus may be on one of them, or a selection.
    else if (this.#details === undefined || !isSame(row, before) || look.surroundings !== this.#surroundings)
      this.#showDetails(look.details?.(row, look))
    this.#surroundings = look.surroundings
    return width
  }

  /** Writes the full time into the row's tooltip: on hover only, it costs more than the rest of the row. */
  explainTime(): void {
    if (this.#row !== undefined && isLine(this.#row.kind)) this.#time.title = fullTime(this.#row)
  }

  #showFold({ isFoldable = false, folded = 0 }: Partial<RowLook>): void {
    if (!isFoldable) {
      this.#fold?.remove()
      this.#fold = undefined
      return
    }
    if (this.#fold === undefined) {
      this.#fold = make('button', 'entry')
      this.#fold.tabIndex = -1 // the key z does it, and a log may have thousands
      this.#time.prepend(this.#fold)
    }
    this.#fold.ariaExpanded = String(folded === 0)
    this.#fold.ariaLabel = folded > 0 ? `Show ${lineWords(folded)} more` : 'Collapse stack trace'
  }

  #showSource(source: { name: string; hue: number } | undefined, key: string): void {
    if (source === undefined) {
      this.#source?.remove()
      this.#source = undefined
      return
    }
    if (this.#source === undefined) {
      this.#source = document.createElement('span')
      this.text.before(this.#source)
    }
    this.#source.className = `source hue-${source.hue}`
    this.#source.textContent = source.name
    this.#source.title = key
  }

  #showCells(columns: Columns | undefined, text = ''): void {
    if (this.#cells?.of !== columns) {
      this.#cells?.element.remove()
      this.#cells = columns?.make()
      if (this.#cells) this.text.before(this.#cells.element)
    }
    this.#cells?.show(text)
  }

  #showText(row: Row, { raw, columns, folded = 0 }: RowLook): number {
    const text = raw ? row.text : withoutReturns(row.text)
    const simple = text.length <= DRAWN_CHARS && !row.truncated && !hasControls(text)
    const sentence = raw || row.truncated ? undefined : readSentence(text, row, columns?.fields)
    const screen = raw || simple || sentence ? undefined : readScreen(text)
    const read = sentence ?? screen ?? (simple && !raw ? readLoguru(text) : undefined)
    const marks = folded > 0 ? [foldMark(folded)] : []
    if (screen) marks.unshift(overwrittenMark())
    if (read === undefined && simple) {
      if (text.includes('://')) this.#showRuns([{ text }], marks)
      else this.#showPlain(text === '' ? '\n' : text, marks) // a copied selection keeps the empty line
      return text.length
    }
    const { runs, rest } = read === undefined ? readRuns(text, DRAWN_CHARS) : cut(read)
    if (rest > 0 || row.truncated) marks.unshift(moreMark(rest, row.truncated))
    // A line whose fields are all in columns, or that was erased, has an empty text, which a copied selection keeps as well.
    if (runs.length === 0) this.#showPlain(marks.length > 0 ? ' ' : '\n', marks)
    else this.#showRuns(runs, marks)
    return runs.reduce((width, run) => width + run.text.length, 0)
  }

  #showPlain(text: string, marks: Node[] = []): void {
    write(this.#plain, text)
    if (marks.length > 0 || this.#nodes.length !== 1 || this.#nodes[0] !== this.#plain)
      this.#place([this.#plain, ...marks])
  }

  #showRuns(runs: readonly Run[], marks: Node[]): void {
    this.#place([
      ...withLinks(runs, -1, (run, at) =>
        at < KEPT_SPANS && needsClassOnly(run) ? this.#span(at, run) : runNode(run),
      ),
      ...marks,
    ])
  }

  #span(i: number, run: Run): HTMLElement {
    let span = this.#spans[i]
    if (span === undefined) {
      span = [document.createElement('span'), document.createTextNode('')]
      span[0].append(span[1])
      this.#spans[i] = span
    }
    const classes = classesOf(run)
    if (span[0].className !== classes) span[0].className = classes
    write(span[1], run.text)
    return span[0]
  }

  /** Lines have the shape of those before, mostly: what is in its place stays there. A screen's frame took 8 ms without, 3 so. */
  #place(nodes: Node[]): void {
    const before = this.#nodes
    this.#nodes = nodes
    let same = 0
    while (same < nodes.length && nodes[same] === before[same]) same++
    for (const node of before.slice(same)) node.parentNode?.removeChild(node)
    if (same < nodes.length) this.text.append(...nodes.slice(same))
  }

  #showDetails(details: HTMLElement | undefined): void {
    this.#details?.remove()
    this.#details = details
    if (details !== undefined) this.element.append(details)
  }
}

function isSame(row: Row, before: Row | undefined): boolean {
  return (
    before !== undefined && row.text === before.text && row.seconds === before.seconds && row.nanos === before.nanos
  )
}

/** Not where it is there: a selection that begins or ends in the text would be lost. */
function write(node: Text, text: string): void {
  if (node.data !== text) node.data = text
}

/** The runs up to {@link DRAWN_CHARS}, and how many characters are left out. */
function cut(runs: Run[]): { runs: Run[]; rest: number } {
  let rest = -DRAWN_CHARS
  for (const [i, run] of runs.entries()) {
    const over = rest + run.text.length
    if (over <= 0) rest = over
    else {
      const kept = [...runs.slice(0, i), { ...run, text: run.text.slice(0, -over) }]
      return { runs: kept, rest: runs.slice(i + 1).reduce((sum, { text }) => sum + text.length, over) }
    }
  }
  return { runs, rest: 0 }
}

/** True for a look of the theme's own colours. */
function needsClassOnly({ fg, bg, line }: Run): boolean {
  return typeof fg !== 'string' && typeof bg !== 'string' && line === undefined
}

function runNode(run: Run): Node {
  const classes = classesOf(run)
  if (classes === '' && needsClassOnly(run)) return document.createTextNode(run.text)
  const [fg, bg] = run.inverse ? [run.bg, run.fg] : [run.fg, run.bg]
  const span = make('span', classes, run.text)
  if (typeof fg === 'string') span.style.color = fg
  if (typeof bg === 'string') span.style.backgroundColor = bg
  if (run.line !== undefined)
    span.style.textDecorationColor = typeof run.line === 'string' ? run.line : `var(--ansi-${run.line})`
  return span
}

function classesOf(run: Run): string {
  const classes = run.role === undefined ? [] : [run.role]
  const [fg, bg] = run.inverse ? [run.bg ?? 'ground', run.fg ?? 'ink'] : [run.fg, run.bg]
  if (isToken(fg)) classes.push(`fg-${fg}`)
  if (isToken(bg)) classes.push(`bg-${bg}`)
  for (const look of ['bold', 'dim', 'italic', 'strike'] as const) if (run[look]) classes.push(look)
  if (run.underline) classes.push('underline', run.underline)
  return classes.join(' ')
}

/** A colour of the theme: one of the 16, or its ground or ink. Others are `#rrggbb`. */
function isToken(colour: number | string | undefined): boolean {
  return typeof colour === 'number' || colour === 'ground' || colour === 'ink'
}

/**
 * Runs as nodes, their addresses being links. Those of the log's rows are none of the Tab key's stops, or it would never get
 * past a log of them: it reaches them in the opened line. `node` makes the one of a run that is in no link.
 */
export function withLinks(
  runs: readonly Run[],
  tabIndex: number,
  node: (run: Run, at: number) => Node = runNode,
): Node[] {
  const nodes: Node[] = []
  let last: Link | undefined
  let anchor = make('a', '')
  for (const [at, { run, link }] of linked(runs).entries()) {
    if (link === undefined) nodes.push(node(run, at))
    else {
      if (link !== last) {
        anchor = make('a', '')
        anchor.href = link.href
        anchor.target = '_blank'
        anchor.tabIndex = tabIndex
        anchor.rel = 'noopener noreferrer nofollow'
        nodes.push(anchor)
        if (link.host !== undefined) nodes.push(make('span', 'more', link.host))
      }
      anchor.append(runNode(run))
    }
    last = link
  }
  return nodes
}

function moreMark(rest: number, truncated: boolean): HTMLElement {
  const amount = rest > 0 ? ` ${groupDigits(rest)} more characters` : ''
  return make('span', 'more', `…${amount}${truncated ? `${amount && ';'} the line is longer than 64 KiB` : ''}`)
}

function overwrittenMark(): HTMLElement {
  const mark = make('span', 'more', '↩')
  mark.title = 'Some text was overwritten. Open the line (o) to see all of it.'
  return mark
}

function foldMark(count: number): HTMLElement {
  return make('span', 'more entry', `+ ${lineWords(count)}`)
}

function lineWords(count: number): string {
  if (count === MOST_ROWS - 1) return `${groupDigits(count)} lines or more`
  return `${groupDigits(count)} ${count === 1 ? 'line' : 'lines'}`
}

export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className: string,
  ...content: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  if (className !== '') element.className = className
  element.append(...content)
  return element
}
