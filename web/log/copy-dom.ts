/** What is copied of the log: lines exactly as they were written, whatever of them is drawn, and nothing of what stands between. */
import type { LineStore } from './line-store.ts'
import type { Viewport } from './viewport-dom.ts'

/** Beyond it a clipboard is no place for a log; a download is. */
export const MAX_CHARS = 50_000_000

/** The lines of the rows [from, to). */
export function linesOf(store: LineStore, from: number, to: number): string[] {
  const lines: string[] = []
  let chars = 0
  for (let index = Math.max(from, store.first); index < to && index < store.end && chars < MAX_CHARS; index++) {
    if (!store.isLine(index)) continue
    const text = store.text(index) ?? ''
    lines.push(text)
    chars += text.length
  }
  return lines
}

/** The text of a selection over several rows; undefined where the browser's own copy is right: within one row, or elsewhere. */
export function selectedLines(selection: Selection | null, viewport: Viewport, store: LineStore): string | undefined {
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0) return undefined
  const range = selection.getRangeAt(0)
  const first = viewport.rowOf(range.startContainer)
  const last = viewport.rowOf(range.endContainer)
  if (first === undefined || last === undefined || first.index === last.index) return undefined
  const lines: string[] = []
  if (store.isLine(first.index)) lines.push(partOf(first, store, { from: range }))
  lines.push(...linesOf(store, first.index + 1, last.index))
  const end = partOf(last, store, { to: range })
  if (store.isLine(last.index) && end !== '') lines.push(end)
  return lines.join('\n')
}

/** A line from where a selection begins, or up to where it ends; whole where it is drawn otherwise than it was written. */
function partOf(
  drawn: ReturnType<Viewport['rowOf']> & object,
  store: LineStore,
  edge: { from: Range } | { to: Range },
): string {
  const text = store.text(drawn.index) ?? ''
  const element = drawn.row.text
  const part = document.createRange()
  part.selectNodeContents(element)
  if ('from' in edge) {
    if (!element.contains(edge.from.startContainer)) return text
    part.setStart(edge.from.startContainer, edge.from.startOffset)
  } else {
    if (!element.contains(edge.to.endContainer)) return edge.to.comparePoint(element, 0) > 0 ? '' : text
    part.setEnd(edge.to.endContainer, edge.to.endOffset)
  }
  const selected = part.toString()
  if (selected === '') return ''
  return element.textContent === text ? selected : text
}
