/**
 * Marks matches in the drawn rows, in the DOM: with the CSS Custom Highlight API, which lays them over the text and
 * leaves the elements alone, so that a selection holds and nothing is laid out anew. Where the browser has none
 * (Firefox before 140) nothing is marked.
 */
import type { Pattern, Range } from './pattern.ts'

/** A pattern that is safe to run here, or what stands in for one that is not (`worker-ranges.ts`). */
export interface Marks {
  readonly isSafe: Pattern['isSafe']
  ranges(text: string): readonly Range[]
}

/** The names in `::highlight()` of styles/search.css. */
const MATCH = 'match'
const MATCH_CURRENT = 'match-current'

/**
 * Marks the matches in `rows`, those of `current` as the one that the visitor is at, and nothing else any more. To be called
 * after each drawing: rows are filled anew. At most 100 matches a row, as `Pattern.ranges` gives.
 */
export function highlight(rows: Iterable<HTMLElement>, marks: Marks | undefined, current?: HTMLElement): void {
  if (!('highlights' in CSS)) return
  if (!marks?.isSafe) {
    CSS.highlights.delete(MATCH)
    CSS.highlights.delete(MATCH_CURRENT)
    return
  }
  const found: StaticRange[] = []
  const foundCurrent: StaticRange[] = []
  for (const row of rows) mark(row, marks, row === current ? foundCurrent : found)
  put(MATCH, found)
  put(MATCH_CURRENT, foundCurrent)
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

function mark(row: HTMLElement, marks: Marks, found: StaticRange[]): void {
  const text = row.querySelector('.text')
  if (text === null || row.classList.contains('rule')) return
  const nodes: Text[] = []
  collect(text, nodes)
  const texts = nodes.map(({ data }) => data)
  for (const [start, end] of placesIn(texts, marks.ranges(texts.join('')))) {
    const [startContainer, endContainer] = [nodes[start.node], nodes[end.node]]
    if (startContainer === undefined || endContainer === undefined) continue
    found.push(new StaticRange({ startContainer, startOffset: start.offset, endContainer, endOffset: end.offset }))
  }
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
