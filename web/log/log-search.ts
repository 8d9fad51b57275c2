/**
 * A search of one log as the page shows it: over what is loaded at once, over all that Docker keeps a moment later. Knows
 * nothing of the screen: whoever draws asks it what to mark, and where to go next.
 */
import type { Source } from '../api/stream.ts'
import type { SearchStatus } from '../frame/log-controls.ts'
import { allMatches, type Gathered } from './all-matches.ts'
import { DRAWN_CHARS } from './ansi.ts'
import { copiedWords, NOT_COPIED } from './clipboard-dom.ts'
import { MAX_CHARS } from './copy-dom.ts'
import { copyLater } from './copy-later-dom.ts'
import { wireTime } from './cursor.ts'
import { Finder } from './finder.ts'
import { highlight } from './highlight-dom.ts'
import { explainRefusal, HistorySearch } from './history-search.ts'
import { Matches, type Spot } from './matches.ts'
import { groupDigits } from './number.ts'
import { compile, type Pattern, type Wanted } from './pattern.ts'
import { isOverwritten } from './screen.ts'
import type { LogSession } from './session.ts'
import { WorkerRanges } from './worker-ranges.ts'

const TYPING_MS = 400 // the engine reads a whole log for an answer: not for each letter

export interface LogSearchOptions {
  readonly defer: (run: () => void) => void
  readonly connect: (address: string) => Source
  /** More was found, or less; or what is to be marked is known. */
  readonly onChange: () => void
}

export class LogSearch {
  readonly #session: LogSession
  readonly #options: LogSearchOptions
  readonly #finder: Finder
  #pattern: Pattern | undefined
  #error: string | undefined
  #ranges: WorkerRanges | undefined
  #far: HistorySearch | undefined
  /** Of what is gathered to be copied. */
  #gathering: AbortController | undefined
  /** What the server is asked for. */
  #query: Readonly<Record<string, string>> = {}
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(session: LogSession, options: LogSearchOptions) {
    this.#session = session
    this.#options = options
    this.#finder = new Finder(session.store, options.defer)
    this.#finder.onChange = options.onChange
  }

  /** Marks what is found in the drawn rows. To be called after each drawing; true if a row may be of another size now. */
  highlight(drawn: readonly Readonly<{ row: { element: HTMLElement }; index: number }>[], current?: number): boolean {
    const { store } = this.#session
    const rows = drawn.map(({ row, index }) => ({
      element: row.element,
      isMatch: this.isMatch(index),
      isCurrent: index === current,
      hidden: () => hiddenWords(store.text(index) ?? ''),
    }))
    return highlight(rows, this.#ranges ?? this.#pattern)
  }

  /** The first row after another that matches, of those that are loaded. */
  nextLoaded(index: number): number | undefined {
    return this.#finder.next(index)
  }

  /** Looks for something else, or for nothing, near the row `from` first. `query`: which lines are looked at. */
  look(wanted: Wanted, from: number, query: Readonly<Record<string, string>>): void {
    this.#end()
    const compiled = wanted.text === '' ? undefined : compile(wanted)
    this.#error = compiled && 'error' in compiled ? compiled.error : undefined
    const pattern = compiled && 'error' in compiled ? undefined : compiled
    this.#pattern = pattern
    if (pattern && !pattern.isSafe) this.#ranges = new WorkerRanges(wanted, this.#options.onChange)
    this.#finder.look(pattern, from)
    this.#query = { ...query, ...pattern?.query }
    if (pattern) this.#timer = setTimeout(() => this.#lookFar(), TYPING_MS)
    this.#options.onChange()
  }

  /** Rows came or went. */
  refresh(): void {
    this.#finder.refresh()
  }

  close(): void {
    this.#end()
    this.#finder.close()
    highlight([], undefined)
  }

  /** The match after a row, or before it. */
  step(index: number, by: 1 | -1): Spot | undefined {
    return this.#matches().step(index, by)
  }

  isMatch(index: number): boolean {
    return this.#finder.previous(index + 1) === index
  }

  /** `current`: the row one is at. */
  status(current: number | undefined): SearchStatus | undefined {
    const error = this.#error ?? this.#finder.stalled ?? this.#far?.error
    if (this.#pattern === undefined) return error === undefined ? undefined : { ...NOTHING, error }
    const matches = this.#matches()
    const isMatch = current !== undefined && this.isMatch(current)
    const far = this.#far
    const isFarDone = this.#hasAll || (far !== undefined && far.state !== 'searching' && far.state !== 'lost')
    return {
      count: matches.count,
      position: isMatch ? matches.position(current) : 0,
      isComplete: this.#finder.isComplete && isFarDone,
      ...(far && !isFarDone && { searched: searchedWords(far) }),
      ...(error !== undefined && { error }),
    }
  }

  #matches(): Matches {
    const { store } = this.#session
    let [first, last] = [store.first, store.end - 1]
    while (first < store.end && !store.isLine(first)) first++
    while (last >= store.first && !store.isLine(last)) last--
    const times = [store.row(first), store.row(last)].map((row) => row && wireTime(row))
    const [from, to] = times
    return new Matches(this.#finder, this.#far, from && to ? [from, to] : undefined)
  }

  /** The whole log is loaded. */
  get #hasAll(): boolean {
    return this.#session.status.atStart && this.#session.isAttached
  }

  #lookFar(): void {
    if (this.#hasAll) return
    // From the log's end, although that may be loaded: what is loaded changes as one goes from match to match.
    this.#far = new HistorySearch({
      address: this.#session.searchAddress,
      query: this.#query,
      connect: this.#options.connect,
      explain: explainRefusal,
      onChange: this.#options.onChange,
    })
  }

  /** Copies all lines that match, and says in a few words how that goes. To be called in the moment of a press. */
  async copy(say: (words: string) => void): Promise<void> {
    if (this.#pattern === undefined) return say(this.#error ?? 'Nothing is looked for')
    say('Looking for all of them…')
    try {
      const gathered = this.#gather()
      const text = gathered.then(({ lines }) => lines.join('\n'))
      const [{ lines, isCut }, isCopied] = await Promise.all([gathered, copyLater(text)])
      const words = copiedWords(lines.length)
      say(isCopied ? (isCut ? `${words}, the newest: a download has all` : words) : NOT_COPIED)
    } catch (error) {
      say((error as Error).message)
    }
  }

  /** The lines that match, as many as are good for a clipboard. */
  async #gather(): Promise<Gathered> {
    const { store, searchAddress: address } = this.#session
    if (!this.#hasAll || !this.#finder.isComplete) {
      this.#gathering?.abort()
      this.#gathering = new AbortController()
      const { connect } = this.#options
      return allMatches({ address, query: this.#query, connect }, MAX_CHARS, this.#gathering.signal)
    }
    const lines: string[] = []
    let chars = 0
    let row = this.#finder.previous(store.end)
    for (; row !== undefined && chars <= MAX_CHARS; row = this.#finder.previous(row)) {
      const text = store.text(row) ?? ''
      lines.push(text)
      chars += text.length + 1
    }
    return { lines: lines.reverse(), isCut: row !== undefined }
  }

  #end(): void {
    clearTimeout(this.#timer)
    this.#far?.stop()
    this.#far = undefined
    this.#gathering?.abort()
    this.#gathering = undefined
    this.#ranges?.close()
    this.#ranges = undefined
  }
}

const NOTHING: SearchStatus = { count: 0, position: 0, isComplete: true }

/** Where a line matches that is drawn without the match. */
function hiddenWords(text: string): string {
  if (isOverwritten(text)) return 'match in overwritten text'
  return text.length > DRAWN_CHARS ? 'match further on in the line' : 'match in raw text'
}

function searchedWords({ lines, of }: HistorySearch): string {
  const all = of === undefined ? '' : ` of about ${groupDigits(of)}`
  return `${groupDigits(lines)}${all} lines searched`
}
