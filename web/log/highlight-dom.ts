/**
 * Marks matches in the drawn rows, in the DOM: with the CSS Custom Highlight API, which lays them over the text and
 * leaves the elements alone, so that a selection holds and nothing is laid out anew. Where the browser has none
 * (Firefox before 140) nothing is marked.
 */
import type { Pattern, Range } from './pattern.ts'

/** A pattern that is safe to run here, or what stands in for one that is not (`worker-ranges.ts`). */
export interface Marks {
  readonly isSafe: Pattern['isSafe']
  /** Undefined where that is not known yet. */
  ranges(text: string): readonly Range[] | undefined
}

/** A drawn row. */
export interface MarkedRow {
  readonly element: HTMLElement
  /** It was counted: its line as it was written matches. */
  readonly isMatch: boolean
  /** The visitor is at it. */
  readonly isCurrent: boolean
  /** What to say where nothing that is drawn of it matches. */
  readonly hidden: () => string
}

/** The names in `::highlight()` of styles/matches.css. */
const MATCH = 'match'
const MATCH_CURRENT = 'match-current'
/** An attribute of a row's text, which the style sheet shows. */
const HIDDEN = 'data-match'

/**
 * Marks the matches in `rows`, and nothing else any more. To be called after each drawing: rows are filled anew. At most 100
 * matches a row, as `Pattern.ranges` gives. True if words beside a row came or went: it may be wider or higher now.
 *
 * What is counted is marked, and what is marked is counted. A search looks through lines as they were written, without their
 * escape sequences; a row may draw its line otherwise, as a sentence, cut, or as a terminal overwrites it. A row that only
 * looks as if it matched is left alone, and one whose match is not drawn says so.
 */
export function highlight(rows: readonly MarkedRow[], marks: Marks | undefined): boolean {
  if (!('highlights' in CSS)) return false
  const found: StaticRange[] = []
  const foundCurrent: StaticRange[] = []
  let isOther = false
  for (const { element, isMatch, isCurrent, hidden } of rows) {
    const text = element.querySelector('.text')
    if (text === null) continue
    const isSeen = !marks?.isSafe || !isMatch || mark(text, marks, isCurrent ? foundCurrent : found)
    const whole = element.querySelector('.whole')
    if (whole && marks?.isSafe && isMatch) mark(whole, marks, isCurrent ? foundCurrent : found)
    const words = isSeen ? null : hidden()
    if (text.getAttribute(HIDDEN) === words) continue
    if (words === null) text.removeAttribute(HIDDEN)
    else text.setAttribute(HIDDEN, words)
    isOther = true
  }
  put(MATCH, found)
  put(MATCH_CURRENT, foundCurrent)
  return isOther
}

/** Static: a live Range has the browser look after it with each text that changes. */
function put(name: string, ranges: StaticRange[]): void {
  const registered = CSS.highlights.get(name)
  if (registered === undefined) {
    CSS.highlights.set(name, new Highlight(...ranges))
    return
  }
  if (registered.size > 0) registered.clear()
  for (const range of ranges) registered.add(range)
}

/** False if nothing in the element matches. */
function mark(element: Element, marks: Marks, found: StaticRange[]): boolean {
  const nodes: Text[] = []
  collect(element, nodes)
  const texts = nodes.map(({ data }) => data)
  const ranges = marks.ranges(texts.join(''))
  if (ranges === undefined) return true
  for (const [start, end] of placesIn(texts, ranges)) {
    const [startContainer, endContainer] = [nodes[start.node], nodes[end.node]]
    if (startContainer === undefined || endContainer === undefined) continue
    found.push(new StaticRange({ startContainer, startOffset: start.offset, endContainer, endOffset: end.offset }))
  }
  return ranges.length > 0
}

/** The text nodes of a line, without those of the words after it that say that there is more. */
function collect(element: Element, nodes: Text[]): void {
  for (const child of element.childNodes) {
    if (child instanceof Text) nodes.push(child)
    else if (child instanceof Element && child.className !== 'more') collect(child, nodes)
  }
}

export interface Place {
  /** Which of the texts. */
  node: number
  offset: number
}

/** Ranges of the joined `texts`, in order, as places in each: a range begins in the text of its first character, and ends in that of its last. */
export function placesIn(texts: readonly string[], ranges: readonly Range[]): [start: Place, end: Place][] {
  let node = 0
  let before = 0
  /** Where the character at `at` stands. */
  const find = (at: number): Place => {
    for (
      let length = texts[node]?.length;
      length !== undefined && at >= before + length;
      length = texts[node]?.length
    ) {
      before += length
      node++
    }
    return { node, offset: at - before }
  }
  return ranges.map(([from, to]) => {
    const start = find(from)
    const last = find(to - 1)
    return [start, { node: last.node, offset: last.offset + 1 }]
  })
}
