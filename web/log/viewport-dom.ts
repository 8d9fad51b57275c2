/**
 * The viewport's driver: an element that scrolls, a spacer that gives it its length, and a window of recycled rows that
 * holds what is on screen, a margin, and the two ends of a selection. Draws at most once a frame, and within one frame of
 * being told of new rows. The reader's place is a row and not a number of px: what comes above it, or turns out higher than
 * was thought, moves nothing.
 */
import { selectedLines } from './copy-dom.ts'
import { Entries, MOST_ROWS } from './entries.ts'
import { Heights, type Place } from './heights.ts'
import { isLine, type LineStore, type Row } from './line-store.ts'
import { copyTextOf, RowElement, type RowLook } from './row-dom.ts'
import { clockMs } from './time.ts'
import * as geometry from './viewport.ts'

const MARGIN_PX = 320 // what a wheel's notch or two shows before the next frame
const AT_BOTTOM_PX = 2 // scroll positions are rounded to the device's pixels
const AHEAD_ROWS = 300 // some screens: so far from an end of what is loaded, more is fetched
/**
 * How often a flood is drawn. Each time all of the screen is another, which nobody can read, and to draw it costs the browser
 * more than to take in a thousand lines; ten times a second shows that it flows, and where it ends.
 */
const FLOOD_MS = 100
const FLOOD_DRAWS = 3 // in which no row stayed: a log that opens, or one burst of a screen, is none
/** A second click so soon is of a double one: what it is meant for stays under the pointer until then. */
const DOUBLE_CLICK_MS = 500
const SETTLE_TURNS = 3 // rows that turn out lower than was thought let more onto the screen, which may again be lower

export interface ViewportStatus {
  following: boolean
  /** Lines that came since the view was paused. */
  fresh: number
}

interface DrawnRow {
  readonly row: RowElement
  index: number
  /** Its row is to be shown anew, and in the same element. */
  isStale: boolean
  /** Off the screen and without a place in the window, kept for the selection that begins or ends in it. */
  isAway: boolean
}

export class Viewport {
  /** Called after a frame in which lines or the status changed. */
  onDraw: (status: ViewportStatus) => void = () => {}
  /** Called with what one of a row's buttons copies. */
  onCopy: (text: string) => void = () => {}
  /** Called when a line is opened. */
  onOpen: () => void = () => {}
  /** Called with the index of a line that is to be copied, with what continues it; or whose link is. */
  onCopyLine: (index: number) => void = () => {}
  onLink: (index: number) => void = () => {}
  /** Called with the row that a mouse is over, if it is over one. */
  onHover: (row: HTMLElement | undefined) => void = () => {}
  /** Called when another line has become the current one. */
  onCurrent: () => void = () => {}
  /** Whether the newest line that is loaded is the log's: else the bottom is no place to stay. */
  isAtEnd: () => boolean = () => true
  /** Called when the reader comes near an end of what is loaded. */
  onNear: (end: 'start' | 'end') => void = () => {}

  readonly #store: LineStore
  readonly #heights: Heights
  readonly #entries: Entries
  readonly #scroller: HTMLElement
  readonly #spacer = document.createElement('div')
  readonly #window = document.createElement('div')
  /** The drawn rows, by index. */
  #rows: DrawnRow[] = []
  #revision = 0
  readonly #byElement = new WeakMap<Node, DrawnRow>()
  #drawn: geometry.Geometry = { rows: 0, height: 0 }

  /** The row at the top edge, and how far it is above that; negative: the edge is in the air above the first row. */
  #place: Place = { index: 0, offset: 0 }
  #height = 0
  #width = 0
  /** The position that was drawn last; none was. */
  #drawnAt = Number.NEGATIVE_INFINITY
  #margin = 0
  #drawnMs = 0
  /** How many times in a row no row stayed on screen while it followed. */
  #floods = 0
  #floodTimer: ReturnType<typeof setTimeout> | undefined
  #following = true
  /** Held still while a mouse button is down in the log: the text under the pointer must not move away. */
  #pressed = false
  /** Text was selected when the pointer came down: the click only ends that. */
  #endsSelection = false
  #clickedMs = Number.NEGATIVE_INFINITY
  #appendedAtPause = 0
  /** The scrollTop last written or taken in: a scroll event that tells the same is our own echo. */
  #scroll = 0
  #spacerPx = -1
  #widest = 0
  #frame = 0
  #wrap = false
  #rowPx = geometry.ROW_PX
  #look: Omit<RowLook, 'opened'> = { time: clockMs, raw: false }
  /** The width of a character and where the text begins, in px; measured when first needed. */
  #cell: { ch: number; left: number } | undefined
  #current: number | undefined
  readonly #opened = new Set<number>()
  /** Was opened just now: all of it is to be seen, if it fits. */
  #openedNow: number | undefined
  /** The rows in which the selection begins and ends: wherever the reader goes they stay drawn, or it would be lost. */
  #selection: readonly number[] = []
  readonly #resize: ResizeObserver
  readonly #cleanup = new AbortController()

  constructor(scroller: HTMLElement, store: LineStore) {
    this.#scroller = scroller
    this.#store = store
    this.#heights = new Heights(store, (index) => this.#heightOf(index))
    this.#entries = new Entries(store)
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
    scroller.addEventListener('copy', (event) => this.#copy(event), { signal })
    this.#window.addEventListener('click', (event) => this.#clicked(event), { signal })
    this.#window.addEventListener('pointerover', (event) => this.#hovered(event), { signal })
    this.#window.addEventListener('pointerleave', () => this.onHover(undefined), { signal })
    document.addEventListener('pointerup', () => this.#letGo(), { signal })
    document.addEventListener('pointercancel', () => this.#letGo(), { signal })
    document.addEventListener('selectionchange', () => this.#selected(), { signal })
    this.#resize = new ResizeObserver(() => this.#resized())
    // An upper bound, until the observer tells in the first frame: asking now would lay out the page once more.
    this.#height = screen.height
    this.#resize.observe(scroller)
    this.refresh()
  }

  dispose(): void {
    this.#cleanup.abort()
    this.#resize.disconnect()
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#floodTimer)
  }

  get following(): boolean {
    return this.#following
  }

  /** The line that keys act on: one that was chosen, else the newest on screen. */
  get current(): number | undefined {
    return this.#current
  }

  /** The rows that touch the screen, [from, to). */
  get onScreen(): readonly [from: number, to: number] {
    const bottom = this.#top() + this.#height - geometry.EDGE_PX
    return [this.#place.index, Math.min(this.#heights.at(bottom - 1).index + 1, this.#store.end)]
  }

  /** What of the log is on screen, in px. */
  get view(): { total: number; top: number; height: number } {
    return { total: geometry.contentPx(this.#drawn), top: this.#top(), height: this.#height }
  }

  /** Which row is at a part of the log's height. */
  indexAt(position: number): number {
    return this.#heights.at(position * this.#heights.total).index
  }

  /** Puts a place of the log, 0 its beginning and 1 its end, into the middle of the screen. */
  seek(position: number): void {
    this.#moveTo(position * geometry.contentPx(this.#geometry()) - this.#height / 2)
  }

  /** The drawn rows' elements, each with its row's index. */
  get drawn(): readonly Readonly<DrawnRow>[] {
    return this.#rows
  }

  /** Rows were added, dropped or reworded: draw in the next frame; in a flood, in one of the next; once disposed, never. */
  refresh(): void {
    if (this.#frame !== 0 || this.#cleanup.signal.aborted) return
    const isFlood = this.#following && this.#floods >= FLOOD_DRAWS
    const wait = isFlood ? this.#drawnMs + FLOOD_MS - performance.now() : 0
    if (wait <= 0) this.#frame = requestAnimationFrame(() => this.#draw())
    else
      this.#floodTimer ??= setTimeout(() => {
        this.#floodTimer = undefined
        this.refresh()
      }, wait)
  }

  /** Goes to the newest line and stays with it. */
  follow(): void {
    this.#following = true
    this.#choose(undefined)
    this.refresh()
  }

  /** Stays where it is. */
  pause(): void {
    if (!this.#following) return
    this.#following = false
    this.#appendedAtPause = this.#store.appended
    this.refresh()
  }

  /** Wrapped lines, or each on one row. */
  set wrap(wrap: boolean) {
    if (this.#wrap === wrap) return
    this.#wrap = wrap
    this.#scroller.classList.toggle('wrap', wrap)
    if (wrap) this.#window.style.minWidth = ''
    this.#widest = 0
    this.redraw()
  }

  /** How high a row of one line is: `--row` of the style sheet. */
  set rowPx(px: number) {
    if (this.#rowPx === px) return
    this.#rowPx = px
    this.redraw()
  }

  /** Stack traces, and other entries of several lines, as their first line only. */
  set foldsAll(foldsAll: boolean) {
    if (this.#entries.foldsAll === foldsAll) return
    this.#entries.foldsAll = foldsAll
    this.redraw()
  }

  set look(look: Omit<RowLook, 'opened'>) {
    this.#look = look
    this.redraw()
  }

  /** How rows look has changed: all are drawn again, where they were. */
  redraw(): void {
    this.#cell = undefined
    this.#heights.reset()
    this.#revision = -1
    this.refresh()
  }

  scrollRows(rows: number): void {
    this.#moveTo(this.#top() + rows * this.#rowPx)
  }

  /** Scrolls by a screen, less one row to keep one's place. */
  scrollPages(pages: number): void {
    const rows = Math.max(1, Math.floor(this.#height / this.#rowPx) - 1)
    this.scrollRows(pages * rows)
  }

  toTop(): void {
    this.#moveTo(0)
  }

  /** Makes a row the current one; puts it a third down the screen, unless all of it is there already. */
  reveal(index: number): void {
    this.pause()
    this.#choose(index)
    this.#heights.sync()
    if (this.#isHidden(index)) this.toggleFold(index)
    const above = this.#heights.topOf(index) + geometry.EDGE_PX - this.#top()
    const isOnScreen = above >= 0 && above + this.#heights.heightOf(index) <= this.#height && this.#drawn.rows > 0
    const top = this.#heights.topOf(index) + geometry.EDGE_PX - Math.floor(this.#height / 3)
    if (!isOnScreen) this.#place = this.#placeAt(geometry.clampTop(top, this.#geometry()))
    this.refresh()
  }

  /** Makes the next line the current one, or the one before, and scrolls as far as it takes to show it. */
  moveCurrent(by: 1 | -1): void {
    const [from, to] = this.onScreen
    const start = this.#current ?? (by > 0 ? to - 2 : to)
    let index = start + by
    const isPassedOver = () => !this.#store.isLine(index) || this.#isHidden(index)
    while (index >= this.#store.first && index < this.#store.end && isPassedOver()) index += by
    if (index < this.#store.first || index >= this.#store.end) return
    if (start < from || start > to) {
      this.reveal(index)
      return
    }
    this.pause()
    this.#choose(index)
    const top = this.#heights.topOf(index) + geometry.EDGE_PX
    const height = this.#heights.heightOf(index)
    if (top < this.#top()) this.#moveTo(top)
    else if (top + height > this.#top() + this.#height) this.#place = this.#placeAt(top + height - this.#height)
    this.refresh()
  }

  /** Opens a line, or closes it. */
  toggleOpen(index: number): void {
    if (!this.#store.isLine(index)) return
    this.pause()
    const opens = !this.#opened.delete(index)
    if (opens) {
      this.#opened.add(index)
      this.onOpen()
    } else if (document.activeElement?.closest('.details')) this.#scroller.focus({ preventScroll: true })
    this.#openedNow = opens ? index : undefined
    this.#heights.set(index, this.#heightOf(index))
    this.#forget(index)
    this.refresh()
  }

  /** Folds the rest of the entry that a row is in away, or shows it again. False where it has none. */
  toggleFold(index: number): boolean {
    const head = this.#entries.entryOf(index)
    if (head === undefined) return false
    this.pause()
    this.#entries.toggle(head)
    this.#refold(head)
    if (this.#current !== undefined && this.#isHidden(this.#current)) this.#choose(head)
    this.refresh()
    return true
  }

  /** All rows that are loaded, or their first and last: those between need not be drawn. */
  selectAll(): void {
    this.#selection = [this.#store.first, this.#store.end - 1]
    this.#draw()
    const [top, bottom] = [this.#rows[0]?.row.element, this.#rows.at(-1)?.row.element]
    if (top && bottom) document.getSelection()?.setBaseAndExtent(top, 0, bottom, bottom.childNodes.length)
  }

  get openedCount(): number {
    return this.#opened.size
  }

  closeAll(): void {
    for (const index of [...this.#opened]) this.toggleOpen(index)
  }

  choose(index: number | undefined): void {
    this.#choose(index)
    this.refresh()
  }

  #choose(index: number | undefined): void {
    if (this.#current === index) return
    for (const drawn of this.#rows) drawn.row.element.classList.toggle('current', drawn.index === index)
    this.#current = index
    this.onCurrent()
  }

  #geometry(): geometry.Geometry {
    return { rows: this.#heights.total, height: this.#height }
  }

  /** The reading position, in px from the log's beginning. */
  #top(): number {
    return this.#heights.topOf(this.#place.index) + this.#place.offset + geometry.EDGE_PX
  }

  #placeAt(top: number): Place {
    const { first } = this.#heights
    return top < geometry.EDGE_PX
      ? { index: first, offset: top - geometry.EDGE_PX }
      : this.#heights.at(top - geometry.EDGE_PX)
  }

  #moveTo(top: number): void {
    this.#heights.sync()
    const all = this.#geometry()
    const before = this.#top()
    const target = geometry.clampTop(top, all)
    if (target < before) this.pause()
    else if (target > before && target >= geometry.maxTop(all) && this.isAtEnd()) this.follow()
    this.#place = this.#placeAt(target)
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
    this.#place = this.#placeAt(geometry.topAt(scroll, this.#drawn))
    if (down && scroll >= geometry.maxScroll(this.#drawn) - AT_BOTTOM_PX && this.isAtEnd()) this.follow()
    else this.pause()
    this.refresh()
  }

  #draw(): void {
    cancelAnimationFrame(this.#frame)
    this.#frame = 0
    const heights = this.#heights
    this.#sync()
    let top = this.#settledTop()
    // Where no row stays, as in a flood, or when the thumb is dragged, only what is on screen is drawn, and first.
    this.#margin = Math.abs(top - this.#drawnAt) > this.#height ? 0 : MARGIN_PX
    this.#floods = this.#margin === 0 && this.#following ? this.#floods + 1 : 0
    this.#drawnMs = performance.now()
    let wanted: readonly number[] = []
    for (let turn = 0; turn < SETTLE_TURNS; turn++) {
      wanted = this.#wanted(top)
      this.#fill(wanted)
      if (!this.#measure()) break
      top = this.#settledTop()
    }
    const drawnTop = heights.topOf(wanted[0] ?? heights.first)
    this.#place = this.#placeAt(top)
    this.#showOpened()
    const all = this.#geometry()
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
    this.#window.style.transform = `translateY(${this.#scroll + drawnTop + geometry.EDGE_PX - top}px)`
    if (this.#margin === 0) this.refresh() // with them, should it stay here
    this.#drawnAt = top
    this.#drawn = all
    const [from, to] = this.onScreen
    this.#store.pinned = this.#following ? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY] : [from, to]
    this.onDraw({
      following: this.#following,
      fresh: this.#following ? 0 : this.#store.appended - this.#appendedAtPause,
    })
    if (from - this.#store.first < AHEAD_ROWS) this.onNear('start')
    if (!this.#following && this.#store.end - to < AHEAD_ROWS) this.onNear('end')
  }

  /** Scrolls in the next frame as far as it takes to show what was opened, whose height is known now. */
  #showOpened(): void {
    const index = this.#openedNow
    if (index === undefined || this.#look.details === undefined) return // until there is something to see
    const wait = this.#clickedMs + DOUBLE_CLICK_MS - performance.now()
    if (wait > 0) {
      setTimeout(() => this.refresh(), wait)
      return
    }
    this.#openedNow = undefined
    const top = this.#heights.topOf(index) + geometry.EDGE_PX
    const over = top + this.#heights.heightOf(index) - this.#top() - this.#height
    if (over <= 0) return
    this.#place = this.#placeAt(geometry.clampTop(this.#top() + Math.min(over, top - this.#top()), this.#geometry()))
    this.refresh()
  }

  /** Takes in rows that came and went. Those at a seam may belong together: the row before it is drawn again. */
  #sync(): void {
    const heights = this.#heights
    const { first, end } = heights
    heights.sync()
    if (heights.first < first && first < heights.end) this.#refold(first - 1)
    if (heights.end > end && this.#entries.continuesAt(end))
      this.#forget(this.#entries.headOf(end, MOST_ROWS) ?? end - 1)
  }

  /** Where the screen is now: at the end if it follows, else where the reader's row is. */
  #settledTop(): number {
    const all = this.#geometry()
    return this.#following && !this.#pressed ? geometry.maxTop(all) : geometry.clampTop(this.#top(), all)
  }

  /** The rows to be drawn, in order: on screen and in the margins. */
  #wanted(top: number): number[] {
    const heights = this.#heights
    const margin = this.#margin
    const bottom = top - geometry.EDGE_PX + this.#height + margin
    const first = heights.at(Math.max(0, top - geometry.EDGE_PX - margin)).index
    const wanted: number[] = []
    let y = heights.topOf(first)
    for (
      let index = heights.shownFrom(first);
      index < heights.end && y < bottom;
      index = heights.shownFrom(index + 1)
    ) {
      wanted.push(index)
      y += heights.heightOf(index)
    }
    return wanted
  }

  /** With those in which the selection begins and ends, as far as they are loaded; in order. */
  #withSelection(wanted: readonly number[]): readonly number[] {
    const { first, end } = this.#heights
    const ends = this.#selection.filter((index) => index >= first && index < end)
    if (wanted.length === 0 || ends.length === 0) return wanted
    return [...new Set([...wanted, ...ends])].sort((a, b) => a - b)
  }

  /** Draws the wanted rows, and the selection's: those that are drawn are left alone, those that leave come back as others. */
  #fill(wanted: readonly number[]): void {
    if (this.#revision !== this.#store.revision) {
      this.#revision = this.#store.revision
      for (const drawn of this.#rows) drawn.isStale = true
    }
    const inWindow = new Set(wanted)
    const all = this.#withSelection(wanted)
    const wants = new Set(all)
    const kept = new Map<number, DrawnRow>()
    const spare: DrawnRow[] = []
    for (const drawn of this.#rows) {
      if (wants.has(drawn.index)) kept.set(drawn.index, drawn)
      else spare.push(drawn)
    }
    const rows: DrawnRow[] = []
    const leaving = new Set<ChildNode>(spare.map(({ row }) => row.element))
    const isFlood = !wanted.some((index) => kept.has(index))
    let at = this.#window.firstChild
    for (const index of all) {
      let drawn = kept.get(index)
      // Where nothing stays, as in a flood, elements keep their places; else those that leave go where others come. What
      // stays is never moved: that would end the selection in it.
      if (drawn || !isFlood) while (at && leaving.has(at)) at = at.nextSibling
      if (!drawn) {
        drawn = spare.shift() ?? this.#makeRow()
        leaving.delete(drawn.row.element)
        drawn.index = index
        drawn.isStale = true
      }
      if (drawn.isStale) this.#show(drawn)
      if (drawn.row.element === at) at = at.nextSibling
      else this.#window.insertBefore(drawn.row.element, at)
      drawn.isAway = !inWindow.has(index)
      drawn.row.element.classList.toggle('away', drawn.isAway)
      rows.push(drawn)
    }
    for (const drawn of spare) drawn.row.element.remove()
    this.#rows = rows
  }

  #makeRow(): DrawnRow {
    const row = new RowElement()
    const drawn = { row, index: Number.NaN, isStale: true, isAway: false }
    this.#byElement.set(row.element, drawn)
    return drawn
  }

  #show(drawn: DrawnRow): void {
    const { row, index } = drawn
    drawn.isStale = false
    const content = this.#store.row(index)
    if (content === undefined) return
    const entries = this.#entries
    const isFoldable = entries.isHead(index)
    const [from, to] = isFoldable && entries.isFolded(index) ? entries.rangeAt(index) : [0, 1]
    const width = row.show(content, {
      ...this.#look,
      opened: this.#opened.has(index),
      isFoldable,
      folded: to - from - 1,
    })
    const head = isFoldable ? undefined : entries.headOf(index)
    if (head !== undefined) row.element.classList.add('under', this.#store.level(head) ?? 'none')
    if (index === this.#current) row.element.classList.add('current')
    if (this.#wrap || width <= this.#widest) return
    // Only grows: a log whose width followed the rows on screen would sway under the reader's hand.
    this.#widest = width
    this.#window.style.minWidth = `max(100%, calc(var(--text-left) + ${width}ch))`
  }

  /** The rows of the entry that a line begins, [from, to). */
  entryAt(index: number): readonly [from: number, to: number] {
    return this.#entries.rangeAt(index)
  }

  #isHidden(index: number): boolean {
    return index >= this.#heights.first && index < this.#heights.end && this.#heights.heightOf(index) === 0
  }

  #refold(head: number): void {
    const heights = this.#heights
    this.#entries.refold(head, (index) => {
      const px = this.#heightOf(index)
      const isOther = (px === 0) !== this.#isHidden(index)
      if (isOther) heights.set(index, px)
      return isOther
    })
    this.#forget(head)
  }

  /** That row is to be drawn again. */
  #forget(index: number): void {
    for (const drawn of this.#rows) if (drawn.index === index) drawn.isStale = true
  }

  /** Takes the drawn rows' true heights, where they are not all alike. Whether one was another than thought. */
  #measure(): boolean {
    if (!this.#wrap && this.#opened.size === 0) return false
    let changed = false
    for (const { row, index, isAway } of this.#rows) {
      if (isAway) continue
      const px = row.element.offsetHeight
      if (px === this.#heights.heightOf(index)) continue
      this.#heights.set(index, px)
      changed = true
    }
    return changed
  }

  /** How high a row is, as far as can be told without drawing it. */
  #heightOf(index: number): number {
    const { first } = this.#heights
    if (this.#entries.isHidden(index, (at) => (at < first ? undefined : this.#isHidden(at)))) return 0
    const kind = this.#store.kind(index)
    if (!this.#wrap || kind === undefined || !isLine(kind)) return this.#rowPx
    this.#cell ??= this.#measureCell()
    const columns = Math.max(1, Math.floor((this.#width - this.#cell.left) / this.#cell.ch))
    return this.#rowPx * Math.max(1, Math.ceil((this.#store.text(index)?.length ?? 0) / columns))
  }

  #measureCell(): { ch: number; left: number } {
    const probe = new RowElement()
    const row: Row = {
      kind: 'stdout',
      level: undefined,
      seconds: 0,
      nanos: 0,
      ordinal: 0,
      incarnation: '',
      source: '',
      text: '0'.repeat(100),
      truncated: false,
    }
    probe.show(row, { ...this.#look, opened: false })
    probe.element.style.cssText = 'position:absolute;visibility:hidden;white-space:pre;width:max-content'
    this.#window.append(probe.element)
    const all = probe.element.getBoundingClientRect()
    const left = probe.text.getBoundingClientRect().left - all.left + 24 // past time, source and columns; `.row .text` pads
    probe.element.remove()
    const room = this.#window.getBoundingClientRect().width - left // where columns leave little, the rows are wider than the log
    return { ch: Math.max(1, (all.width - left) / 100), left: this.#width - room }
  }

  #resized(): void {
    this.#height = this.#scroller.clientHeight
    const width = this.#scroller.clientWidth
    if (width !== this.#width && this.#wrap) {
      this.#width = width
      this.redraw()
    }
    this.#width = width
    this.#draw()
  }

  #wheeledUp(): void {
    if (geometry.maxTop(this.#drawn) > 0) this.pause() // before the scroll itself, which may be animated
  }

  #press(event: PointerEvent): void {
    this.#endsSelection = this.#selection.length > 0 && document.getSelection()?.isCollapsed === false
    if (event.button === 0 && event.pointerType === 'mouse' && event.target !== this.#scroller) this.#pressed = true
  }

  #letGo(): void {
    if (!this.#pressed) return
    this.#pressed = false
    this.refresh()
  }

  /** A click on a line opens it, or closes it. One that selects, or ends a selection, does not: the second of two takes the first back. */
  #clicked(event: MouseEvent): void {
    const target = event.target
    if (!(target instanceof Element) || event.button !== 0) return
    const text = copyTextOf(target)
    if (text !== undefined) {
      this.onCopy(text)
      return
    }
    const drawn = this.rowOf(target)
    if (drawn === undefined || !this.#store.isLine(drawn.index)) return
    const { index } = drawn
    if (target.closest('.copy.line') !== null) this.onCopyLine(index)
    else if (target.closest('.copy.link') !== null) this.onLink(index)
    else if (target.closest('.entry') !== null) this.toggleFold(index)
    else if (target.closest('a, button, .details') === null) this.#clickedLine(index, event.detail)
  }

  #clickedLine(index: number, clicks: number): void {
    if (clicks > 1) {
      if (clicks === 2 && index === this.#current && !this.#endsSelection) this.toggleOpen(index)
      return
    }
    if (document.getSelection()?.isCollapsed === false) return
    this.#choose(index)
    if (this.#endsSelection) {
      this.refresh()
      return
    }
    this.#clickedMs = performance.now()
    this.toggleOpen(index)
  }

  #copy(event: ClipboardEvent): void {
    const lines = selectedLines(document.getSelection(), this, this.#store)
    if (lines === undefined) return
    event.clipboardData?.setData('text/plain', lines)
    event.preventDefault()
  }

  #hovered(event: PointerEvent): void {
    if (event.buttons === 0) this.#letGo() // the button came up outside the window
    const row = event.target instanceof Element ? this.rowOf(event.target)?.row : undefined
    if (event.pointerType === 'mouse' && !this.#pressed) this.onHover(row?.element)
    if (event.target instanceof Element && event.target.className === 'time') row?.explainTime()
  }

  /** A selection in the log pauses it. A mere caret does not, but a click with Shift, a thousand rows on, selects from there. */
  #selected(): void {
    const selection = document.getSelection()
    this.#selection = [selection?.anchorNode, selection?.focusNode]
      .map((node) => (node ? this.rowOf(node)?.index : undefined))
      .flatMap((index) => index ?? [])
    if (this.#selection.length > 0 && !selection?.isCollapsed) this.pause()
  }

  /** Which drawn row a node is in. */
  rowOf(node: Node): Readonly<DrawnRow> | undefined {
    for (let at: Node | null = node; at !== null && at !== this.#window; at = at.parentNode) {
      const drawn = this.#byElement.get(at)
      if (drawn !== undefined) return drawn
    }
    return undefined
  }
}
