/** What keys and buttons do with the log on screen. */
import type { LogControls } from '../frame/log-controls.ts'
import { copiedWords, copyText, NOT_COPIED } from './clipboard-dom.ts'
import { linesOf } from './copy-dom.ts'
import { cursorOfLine } from './cursor.ts'
import type { LogSearch } from './log-search.ts'
import type { LogSession } from './session.ts'
import type { Viewport } from './viewport-dom.ts'

/** The levels that are looked for as errors. */
export const ERRORS = ['error', 'fatal'] as const

export interface ControlsOptions {
  readonly session: LogSession
  readonly viewport: Viewport
  /** Undefined as long as nothing was searched for. */
  readonly search: () => LogSearch | undefined
  /** The address of a line, by its cursor. */
  readonly linkTo: (cursor: string, source: string) => string
  /** A time was chosen to be looked at. */
  readonly onTime: (time: string) => void
  /** Tells the visitor what was done, in a few words. */
  readonly say: (words: string) => void
}

export class Controls implements LogControls {
  readonly #options: ControlsOptions
  /** A step that waits for the search to find where it leads. */
  #step: 1 | -1 | undefined
  #asking: AbortController | undefined

  constructor(options: ControlsOptions) {
    this.#options = options
  }

  get following(): boolean {
    return this.#options.viewport.following
  }

  follow(): void {
    const { session, viewport } = this.#options
    if (session.isAttached) viewport.follow()
    else void session.go('end')
  }

  pause(): void {
    this.#options.viewport.pause()
  }

  scrollPages(pages: number): void {
    this.#options.viewport.scrollPages(pages)
  }

  toTop(): void {
    const { session, viewport } = this.#options
    if (session.status.atStart) viewport.toTop()
    else void session.go('start')
  }

  moveCurrent(by: 1 | -1): void {
    this.#options.viewport.moveCurrent(by)
  }

  nextMatch(by: 1 | -1): void {
    this.#step = by
    this.searched()
  }

  /** The search has found more: a step that waited for it may be possible now. */
  searched(): void {
    const by = this.#step
    if (by === undefined) return
    const { session, viewport } = this.#options
    const search = this.#options.search()
    if (search === undefined) return
    const { current } = viewport
    const isAtMatch = current !== undefined && search.isMatch(current)
    // From elsewhere it is the last one before, as one reads a log from its end.
    const spot = isAtMatch ? search.step(current, by) : search.step(current ?? viewport.onScreen[1], -1)
    if (spot === undefined) {
      if (search.status(current)?.isComplete !== false) this.#step = undefined
      return
    }
    this.#step = undefined
    if ('index' in spot) viewport.reveal(spot.index)
    else void session.go({ at: spot.cursor })
  }

  nextError(by: 1 | -1): void {
    const { session, viewport, say } = this.#options
    const { current } = viewport
    const direction = current === undefined ? -1 : by
    const near = session.store.nearestOf(ERRORS, current ?? viewport.onScreen[1], direction)
    if (near !== undefined) viewport.reveal(near)
    else if (direction > 0 && session.isAttached) say('No later error')
    else if (direction < 0 && session.status.atStart) say('No earlier error')
    else void this.#farError(direction)
  }

  nextRun(by: 1 | -1): void {
    const { session, viewport, say } = this.#options
    const { store } = session
    const isBoundary = (index: number) => store.kind(index) === 'run'
    const isIn = (index: number) => index >= store.first && index < store.end
    let at = viewport.current ?? viewport.onScreen[1]
    do at += by
    while (isIn(at) && !isBoundary(at))
    while (isIn(at) && !store.isLine(at)) at += by
    const beyond = session.stateBeyond(by)
    if (isIn(at)) viewport.reveal(at)
    else if (beyond !== undefined) void session.go({ at: beyond, side: by > 0 ? 'after' : 'before' })
    else say(by > 0 ? 'No later run' : 'No earlier run is known')
  }

  /** The log is left: what was asked for is no longer wanted. */
  close(): void {
    this.#asking?.abort()
  }

  /** An error beyond what is loaded. */
  async #farError(direction: 1 | -1): Promise<void> {
    const { session, say } = this.#options
    this.#asking?.abort()
    const asking = new AbortController()
    this.#asking = asking
    const from = session.edge(direction > 0 ? 'last' : 'first')
    if (from === undefined) return
    try {
      const reader = await session.historyOf(`level=${ERRORS.join(',')}`)
      const { stretches } = await (direction > 0
        ? reader.after(from, asking.signal, 1)
        : reader.before(from, asking.signal, 1))
      if (asking.signal.aborted) return
      const [stretch] = stretches
      const [line] = stretch?.lines ?? []
      if (stretch && line) await session.go({ at: cursorOfLine(stretch.incarnation, line) })
      else say(direction > 0 ? 'No later error' : 'No earlier error')
    } catch {
      if (!asking.signal.aborted) say('The server does not answer')
    }
  }

  toggleOpen(): void {
    const { viewport } = this.#options
    const index = this.#line()
    if (index === undefined) return
    viewport.choose(index)
    viewport.toggleOpen(index)
  }

  toggleFold(): void {
    const { viewport, say } = this.#options
    const index = this.#line()
    if (index === undefined || !viewport.toggleFold(index)) say('Not part of a stack trace')
  }

  /** With what belongs to it: an error is copied with its stack trace. */
  copyLine(index = this.#line()): void {
    const { viewport, session } = this.#options
    if (index === undefined) return
    const lines = linesOf(session.store, ...viewport.entryAt(index))
    void this.copy(lines.join('\n'), copiedWords(lines.length))
  }

  copyLink(index = this.#line()): void {
    const cursor = index === undefined ? undefined : this.#options.session.store.cursor(index)
    const source = this.#options.session.store.row(index ?? 0)?.source ?? ''
    if (cursor !== undefined) void this.copy(this.#options.linkTo(cursor, source), 'Link to the line copied')
  }

  copyVisible(): void {
    const { viewport, session } = this.#options
    const lines = linesOf(session.store, ...viewport.onScreen)
    void this.copy(lines.join('\n'), copiedWords(lines.length))
  }

  copyMatches(): void {
    void this.#options.search()?.copy(this.#options.say)
  }

  async copy(text: string, words: string): Promise<void> {
    this.#options.say((await copyText(text)) ? words : NOT_COPIED)
  }

  selectAll(): void {
    this.#options.viewport.selectAll()
  }

  goTo(time: string): void {
    this.#options.onTime(time)
  }

  closeNearest(): boolean {
    const { viewport } = this.#options
    if (viewport.openedCount > 0) viewport.closeAll()
    else if (viewport.current !== undefined) viewport.choose(undefined)
    else return false
    return true
  }

  /** The line that is meant: the current one, else the last on screen. */
  #line(): number | undefined {
    const { viewport, session } = this.#options
    if (viewport.current !== undefined) return viewport.current
    const [from, to] = viewport.onScreen
    for (let index = to - 1; index >= from; index--) if (session.store.isLine(index)) return index
    return undefined
  }
}
