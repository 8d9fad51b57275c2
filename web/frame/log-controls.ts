/** What the frame asks of the log on screen, and what the log tells the frame. The log's view implements and feeds it. */
import { createSignal } from 'solid-js'

export interface LogControls {
  readonly following: boolean
  follow(): void
  pause(): void
  scrollPages(pages: number): void
  toTop(): void
  /** Makes another line the current one, which is what is opened and copied; scrolls to it. */
  moveCurrent(by: 1 | -1): void
  nextMatch(by: 1 | -1): void
  nextError(by: 1 | -1): void
  /** Goes to the end of the container's previous run, or to the beginning of the next. */
  nextRun(by: 1 | -1): void
  toggleOpen(): void
  /** Folds the stack trace that the line is of, or shows it again. */
  toggleFold(): void
  copyLine(): void
  copyLink(): void
  copyVisible(): void
  /** Copies all lines that match the search, loaded or not. */
  copyMatches(): void
  /** Selects all lines that are loaded. */
  selectAll(): void
  /** Shows the lines at an RFC 3339 time. */
  goTo(time: string): void
  /** Closes an opened line, or whatever else is nearest; false when nothing was open. */
  closeNearest(): boolean
}

export interface SearchStatus {
  /** Matches found until now. */
  count: number
  /** The current match, from 1; 0 when none is. */
  position: number
  /** Whether everything that can be searched has been. */
  isComplete: boolean
  /** How far back, in words. */
  searched?: string
  /** Why it cannot be searched for, in words: a pattern with a mistake. */
  error?: string
}

/** Lines loaded of these levels; `error` with those that are fatal. */
export interface LevelCounts {
  readonly error: number
  readonly warn: number
  /** All lines are loaded: there are no more of these. */
  readonly isWhole: boolean
}

/** Undefined while nothing is searched for. */
export const [searchStatus, setSearchStatus] = createSignal<SearchStatus>()
/** Undefined while there is no log. */
export const [levelCounts, setLevelCounts] = createSignal<LevelCounts>()

const SAID_MS = 2500 // long enough to read a few words

const [said, setSaid] = createSignal<string>()
let saidTimer: ReturnType<typeof setTimeout> | undefined

/** What was just done, in a few words; undefined when that is a while ago. */
export { said }

export function say(words: string): void {
  clearTimeout(saidTimer)
  setSaid(words)
  saidTimer = setTimeout(setSaid, SAID_MS)
}
