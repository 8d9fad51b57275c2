/**
 * The narrow map of a log at its right edge: where errors, warnings and matches are, and what part is on screen. One path
 * for each kind, drawn by the browser in the style sheet's colours: a change of theme costs nothing here, and a scroll
 * moves one element. What is a tick's place is the caller's affair: rows differ in height.
 */
const KINDS = ['warn', 'error', 'match'] as const // in the order in which they are drawn: the last is on top

export type TickKind = (typeof KINDS)[number]

export interface Tick {
  /** Of the log's height, from 0 to 1. */
  position: number
  kind: TickKind
}

export interface View {
  /** All in px: of the log, of what is above the screen, of the screen. */
  total: number
  top: number
  height: number
}

const TICK_PX = 3
const MIN_PANE_PX = 8 // a thumb that is seen, and hit

/** Matches are half as wide, so that an error beneath one is still seen. */
const TICK: Record<TickKind, { left: number; width: number }> = {
  warn: { left: 2, width: 9 },
  error: { left: 2, width: 9 },
  match: { left: 2, width: 5 },
}

/**
 * The px rows, 0 to `height` - 1, that hold a tick of each kind: ascending, each once. A tick costs a few nanoseconds;
 * where there may be a million, give those of {@link sample}.
 */
export function merge(ticks: Iterable<Tick>, height: number): Record<TickKind, number[]> {
  const size = Math.max(0, Math.floor(height))
  const rows = new Uint8Array(size) // a bit for each kind
  for (const { position, kind } of ticks) {
    const row = Math.min(size - 1, Math.max(0, Math.floor(position * size)))
    rows[row] = (rows[row] ?? 0) | (1 << KINDS.indexOf(kind))
  }
  const merged: Record<TickKind, number[]> = { warn: [], error: [], match: [] }
  for (const [bit, kind] of KINDS.entries())
    for (const [row, kinds] of rows.entries()) if (kinds & (1 << bit)) merged[kind].push(row)
  return merged
}

/**
 * Ticks of one kind, at most one for each of the map's px, however many rows have one. `indexAt` gives the log's row at a
 * position, `next` the first row after a row that has a tick, as `Finder.next` does.
 */
export function* sample(
  kind: TickKind,
  height: number,
  indexAt: (position: number) => number,
  next: (index: number) => number | undefined,
): Generator<Tick> {
  let found = next(indexAt(0) - 1)
  for (let y = 0; y < height && found !== undefined; y++) {
    const end = y + 1 < height ? indexAt((y + 1) / height) : Number.POSITIVE_INFINITY
    // Rows taller than a px of the map share it with no other: their tick is where they begin.
    if (found >= end) continue
    yield { position: (y + 0.5) / height, kind }
    found = next(end - 1)
  }
}

/** Where the pane is on a map of `height` px. Where all is on screen there is none. */
export function paneOf({ total, top, height: seen }: View, height: number): { top: number; height: number } {
  if (total <= seen) return { top: 0, height: 0 }
  const size = Math.min(height, Math.max(MIN_PANE_PX, (seen / total) * height))
  const progress = Math.min(1, Math.max(0, top / (total - seen)))
  return { top: progress * (height - size), height: size }
}

/** The outline of ticks `TICK_PX` high about the middle of their px rows, those that touch as one. */
export function pathOf(rows: readonly number[], { left, width }: { left: number; width: number }): string {
  let path = ''
  let top = -1
  let bottom = -1
  const close = () => {
    if (bottom > top) path += `M${left} ${top}h${width}v${bottom - top}h-${width}z`
  }
  for (const row of rows) {
    const start = Math.max(0, row - (TICK_PX >> 1))
    if (start > bottom) {
      close()
      top = start
    }
    bottom = start + TICK_PX
  }
  close()
  return path
}

const SVG = 'http://www.w3.org/2000/svg'

export class Minimap {
  /** Not for a screen reader, nor for the keyboard: the log itself scrolls, and `n` and `e` go where the ticks are. */
  readonly element = document.createElement('div')
  readonly #pane = document.createElement('div')
  readonly #paths = new Map<TickKind, SVGPathElement>()

  /** `onSeek` is told where the visitor pressed, or drags to: 0 the log's beginning, 1 its end. */
  constructor(onSeek: (position: number) => void) {
    const { element } = this
    element.className = 'map'
    element.ariaHidden = 'true'
    this.#pane.className = 'pane'
    this.#pane.hidden = true
    const svg = document.createElementNS(SVG, 'svg')
    for (const kind of KINDS) {
      const path = document.createElementNS(SVG, 'path')
      path.classList.add(kind)
      path.setAttribute('shape-rendering', 'crispEdges')
      this.#paths.set(kind, path)
      svg.append(path)
    }
    element.append(this.#pane, svg)

    const seek = ({ clientY }: PointerEvent) => {
      const { top, height } = element.getBoundingClientRect()
      if (height > 0) onSeek(Math.min(1, Math.max(0, (clientY - top) / height)))
    }
    element.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return
      event.preventDefault() // no selection begins here
      element.setPointerCapture(event.pointerId)
      seek(event)
    })
    element.addEventListener('pointermove', (event) => element.hasPointerCapture(event.pointerId) && seek(event))
  }

  /** In px: what `sample` takes. Lays the page out: ask when its size changed, not each frame. */
  get height(): number {
    return this.element.clientHeight
  }

  /** Draws ticks anew on a map of `height` px. For when they or the height changed: some 0.1 ms. */
  drawTicks(ticks: Iterable<Tick>, height: number): void {
    const rows = merge(ticks, height)
    for (const [kind, path] of this.#paths) path.setAttribute('d', pathOf(rows[kind], TICK[kind]))
  }

  /** Moves the pane: for each frame. */
  drawPane(view: View, height: number): void {
    const pane = paneOf(view, height)
    this.#pane.hidden = pane.height === 0
    this.#pane.style.transform = `translateY(${pane.top}px)`
    this.#pane.style.height = `${pane.height}px`
  }
}
