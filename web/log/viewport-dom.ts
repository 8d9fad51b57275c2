/**
 * The viewport's driver: an element that scrolls, a spacer that gives it its length, and a window of recycled rows that
 * holds what is on screen and a margin. Draws at most once a frame, and within one frame of being told of new rows.
 */
import type { LineStore } from './line-store.ts'
import { RowElement } from './row-dom.ts'
import * as geometry from './viewport.ts'

const MARGIN_ROWS = 16 // what a wheel's notch or two shows before the next frame
const KEPT_ROWS = 1000 // rows of a selection that stay drawn after leaving the screen; a longer selection is let go
const AT_BOTTOM_PX = 2 // scroll positions are rounded to the device's pixels

export interface ViewportStatus {
  following: boolean
  /** Lines that came since the view was paused. */
  fresh: number
}

export class Viewport {
  /** Called after a frame in which lines or the status changed. */
  onDraw: (status: ViewportStatus) => void = () => {}

  readonly #store: LineStore
  readonly #scroller: HTMLElement
  readonly #spacer = document.createElement('div')
  readonly #window = document.createElement('div')
  /** The drawn rows, in order: `#rows[i]` shows row `#from + i`. */
  #rows: RowElement[] = []
  #from = 0
  #revision = 0
  readonly #byElement = new WeakMap<Node, RowElement>()
  /** The store's first row and row count as last drawn: what the scrollbar stands for. */
  #drawnFirst = 0
  #drawn: geometry.Geometry = { rows: 0, height: 0 }

  /** The reading position: px from the beginning of row 0 of all time, so that dropping old rows does not change it. */
  #top = 0
  #height = 0
  #following = true
  /** Held still while a mouse button is down in the log: the text under the pointer must not move away. */
  #pressed = false
  #appendedAtPause = 0
  /** The scrollTop last written or taken in: a scroll event that tells the same is our own echo. */
  #scroll = 0
  #spacerPx = -1
  #widest = 0
  #frame = 0
  /** Rows [from, to) that hold the selection. */
  #selection: [from: number, to: number] | undefined
  readonly #resize: ResizeObserver
  readonly #cleanup = new AbortController()

  constructor(scroller: HTMLElement, store: LineStore) {
    this.#scroller = scroller
    this.#store = store
    this.#spacer.className = 'spacer'
    this.#window.className = 'window'
    this.#spacer.append(this.#window)
    scroller.replaceChildren(this.#spacer)

    const signal = this.#cleanup.signal
    scroller.addEventListener('scroll', () => this.#scrolled(), { signal, passive: true })
    scroller.addEventListener('wheel', (event) => event.deltaY < 0 && !event.ctrlKey && this.#wheeledUp(), {
      signal,
      passive: true,
    })
    scroller.addEventListener('pointerdown', (event) => this.#press(event), { signal })
    this.#window.addEventListener('pointerover', (event) => this.#hovered(event), { signal })
    document.addEventListener('pointerup', () => this.#letGo(), { signal })
    document.addEventListener('pointercancel', () => this.#letGo(), { signal })
    document.addEventListener('selectionchange', () => this.#selected(), { signal })
    this.#resize = new ResizeObserver(() => {
      this.#height = scroller.clientHeight
      this.#draw()
    })
    // An upper bound, until the observer tells in the first frame: asking now would lay out the page once more.
    this.#height = screen.height
    this.#resize.observe(scroller)
    this.refresh()
  }

  dispose(): void {
    this.#cleanup.abort()
    this.#resize.disconnect()
    cancelAnimationFrame(this.#frame)
  }

  get following(): boolean {
    return this.#following
  }

  /** Rows were added, dropped or reworded: draw in the next frame. */
  refresh(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw())
  }

  /** Goes to the newest line and stays with it. */
  follow(): void {
    this.#following = true
    this.refresh()
  }

  /** Stays where it is. */
  pause(): void {
    if (!this.#following) return
    this.#following = false
    this.#appendedAtPause = this.#store.appended
    this.refresh()
  }

  scrollRows(rows: number): void {
    this.#moveTo(this.#top + rows * geometry.ROW_PX)
  }

  /** Scrolls by a screen, less one row to keep one's place. */
  scrollPages(pages: number): void {
    const rows = Math.max(1, Math.floor(this.#height / geometry.ROW_PX) - 1)
    this.scrollRows(pages * rows)
  }

  toTop(): void {
    this.#moveTo(this.#origin())
  }

  /** Where the oldest row that is still kept begins. */
  #origin(): number {
    return this.#store.first * geometry.ROW_PX
  }

  #moveTo(top: number): void {
    const all = { rows: this.#store.end - this.#store.first, height: this.#height }
    const target = this.#origin() + geometry.clampTop(top - this.#origin(), all)
    if (target < this.#top) this.pause()
    else if (target > this.#top && target - this.#origin() >= geometry.maxTop(all)) this.follow()
    this.#top = target
    this.refresh()
  }

  /** The reader has scrolled: by wheel, thumb or touch. */
  #scrolled(): void {
    // The time column sticks only when there is something to stay clear of: each sticky cell costs a layer a frame.
    this.#scroller.classList.toggle('shifted', this.#scroller.scrollLeft > 0)
    const scroll = this.#scroller.scrollTop
    if (Math.abs(scroll - this.#scroll) < 1) return
    const down = scroll > this.#scroll
    this.#scroll = scroll
    this.#top = this.#drawnFirst * geometry.ROW_PX + geometry.topAt(scroll, this.#drawn)
    if (down && scroll >= geometry.maxScroll(this.#drawn) - AT_BOTTOM_PX) this.follow()
    else this.pause()
    this.refresh()
  }

  #draw(): void {
    cancelAnimationFrame(this.#frame)
    this.#frame = 0
    const { first, end } = this.#store
    const all = { rows: end - first, height: this.#height }
    if (this.#following && !this.#pressed) this.#top = this.#origin() + geometry.maxTop(all)
    else this.#top = this.#origin() + geometry.clampTop(this.#top - this.#origin(), all)
    const top = this.#top - this.#origin()
    this.#store.pinned = this.#following ? Number.POSITIVE_INFINITY : Math.floor(this.#top / geometry.ROW_PX)

    const [from, to] = this.#withSelection(geometry.rowsAt(top, all, MARGIN_ROWS))
    this.#fill(from, to)
    const spacerPx = geometry.spacerPx(all)
    if (spacerPx !== this.#spacerPx) {
      this.#spacerPx = spacerPx
      this.#spacer.style.height = `${spacerPx}px`
    }
    const scroll = geometry.scrollAt(top, all)
    if (Math.abs(scroll - this.#scroll) >= 1) {
      this.#scroller.scrollTop = scroll // the one place where the browser has to lay out
      this.#scroll = this.#scroller.scrollTop
    }
    const offset = this.#scroll + geometry.rowTop(from - first) - top
    this.#window.style.transform = `translateY(${offset}px)`
    this.#drawn = all
    this.#drawnFirst = first
    this.onDraw({
      following: this.#following,
      fresh: this.#following ? 0 : this.#store.appended - this.#appendedAtPause,
    })
  }

  /** Widens a range of rows (relative to the store's first) by the selection, and makes it absolute. */
  #withSelection([from, to]: [from: number, to: number]): [from: number, to: number] {
    const { first, end } = this.#store
    const selection = this.#selection
    if (selection === undefined) return [first + from, first + to]
    const low = Math.max(first, Math.min(first + from, selection[0]))
    const high = Math.min(end, Math.max(first + to, selection[1]))
    return high - low > KEPT_ROWS ? [first + from, first + to] : [low, high]
  }

  /** Makes the drawn rows [from, to): rows that stay are left alone, those that leave come back at the other end. */
  #fill(from: number, to: number): void {
    const rows = this.#rows
    if (this.#revision !== this.#store.revision) {
      this.#revision = this.#store.revision
      this.#from = to // nothing that is drawn can be trusted
    }
    if (this.#from >= to || this.#from + rows.length <= from) {
      this.#from = from
      while (rows.length > to - from) rows.pop()?.element.remove()
      for (const [i, row] of rows.entries()) this.#show(row, from + i)
    }
    const spare: RowElement[] = []
    for (; this.#from < from; this.#from++) spare.push(...rows.splice(0, 1))
    while (this.#from + rows.length > to) spare.push(...rows.splice(-1))
    while (this.#from > from) {
      const row = spare.pop() ?? this.#makeRow()
      this.#show(row, --this.#from)
      this.#window.prepend(row.element)
      rows.unshift(row)
    }
    while (this.#from + rows.length < to) {
      const row = spare.pop() ?? this.#makeRow()
      this.#show(row, this.#from + rows.length)
      this.#window.append(row.element)
      rows.push(row)
    }
    for (const row of spare) row.element.remove()
  }

  #makeRow(): RowElement {
    const row = new RowElement()
    this.#byElement.set(row.element, row)
    return row
  }

  #show(row: RowElement, index: number): void {
    const content = this.#store.row(index)
    if (content === undefined) return
    const width = row.show(content)
    if (width <= this.#widest) return
    // Only grows: a log whose width followed the rows on screen would sway under the reader's hand.
    this.#widest = width
    this.#window.style.minWidth = `max(100%, calc(var(--text-left) + ${width}ch))`
  }

  #wheeledUp(): void {
    if (geometry.maxTop(this.#drawn) > 0) this.pause() // before the scroll itself, which may be animated
  }

  #press(event: PointerEvent): void {
    if (event.button === 0 && event.pointerType === 'mouse' && event.target !== this.#scroller) this.#pressed = true
  }

  #letGo(): void {
    if (!this.#pressed) return
    this.#pressed = false
    this.refresh()
  }

  #hovered(event: PointerEvent): void {
    if (event.buttons === 0) this.#letGo() // the button came up outside the window
    if (event.target instanceof Element && event.target.className === 'time') this.#rowOf(event.target)?.explainTime()
  }

  /** A selection in the log pauses it, and its rows stay drawn, so that copying gets them. */
  #selected(): void {
    const selection = document.getSelection()
    this.#selection = undefined
    if (selection === null || selection.isCollapsed) return
    const ends = [selection.anchorNode, selection.focusNode]
      .map((node) => (node === null ? undefined : this.#rowOf(node)))
      .flatMap((row) => (row === undefined ? [] : [this.#from + this.#rows.indexOf(row)]))
    if (ends.length === 0) return
    this.#selection = [Math.min(...ends), Math.max(...ends) + 1]
    this.pause()
  }

  #rowOf(node: Node): RowElement | undefined {
    for (let at: Node | null = node; at !== null && at !== this.#window; at = at.parentNode) {
      const row = this.#byElement.get(at)
      if (row !== undefined) return row
    }
    return undefined
  }
}
