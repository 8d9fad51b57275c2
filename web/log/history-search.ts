/**
 * The search of what is not loaded: the server's, over a connection of its own for as long as it lasts. What it finds,
 * the newest first, page after page, until everything was looked at or more was found than anybody goes through.
 */
import type { GapEvent, Match, Problem, SearchDone, SearchProgress } from '../../server/wire.ts'
import type { Source } from '../api/stream.ts'

/** A line that was found: enough to list it, and to load the log around it. */
export interface Found {
  cursor: string
  time: string
  /** Its beginning, or all of it; escape sequences included. */
  text: string
}

export interface HistorySearchOptions {
  /** `api/containers/KEY/logs/search?`, the key encoded: takes further parameters. */
  readonly address: string
  /** A pattern's `query()`, and whatever else is to hold: `level`, `stream`. */
  readonly query: Readonly<Record<string, string>>
  /** Cursor of the oldest line that is loaded; without it the search begins at the log's end. */
  readonly before?: string | undefined
  readonly connect: (address: string) => Source
  /** Why an address is not answered with a stream, in words: an EventSource does not tell. */
  readonly explain?: (address: string) => Promise<string | undefined>
  /** How many lines are wanted, and how many characters of each; default 10 000, and 200. */
  readonly most?: number
  readonly chars?: number
  /** Something below has changed. */
  readonly onChange: () => void
}

export const MAX_FOUND = 10_000 // also what the server gives in one answer at most
const TEXT_CHARS = 200
const CLOSED = 2 // EventSource.CLOSED

export class HistorySearch {
  /** The newest first. Grows at its end until the search is over. */
  readonly found: Found[] = []
  /** Lines looked at, and about how many there are, once that is known. */
  lines = 0
  of: number | undefined
  /** `lost`: the connection broke, and the browser makes it again. The other three are the search's end. */
  state: 'searching' | 'lost' | 'done' | 'stopped' | 'failed' = 'searching'
  /** With `failed`: why, in a sentence. */
  error: string | undefined
  /** With `done`: everything was looked at. Otherwise there is more, older than what was found. */
  isComplete = false
  /** The log has a hole there, or cannot be read: told once. */
  gap: GapEvent | undefined

  readonly #options: HistorySearchOptions
  readonly #most: number
  #source: Source | undefined
  /** Lines that earlier connections of this search looked at: each tells its own. */
  #linesBefore = 0

  /** Begins at once. */
  constructor(options: HistorySearchOptions) {
    this.#options = options
    this.#most = options.most ?? MAX_FOUND
    this.#open(options.before)
  }

  /** Ends the search. What was found stays. */
  stop(): void {
    if (this.#source) this.#end('stopped')
  }

  #open(before: string | undefined): void {
    const { address, query, connect, onChange } = this.#options
    const limit = String(Math.min(MAX_FOUND, this.#most - this.found.length))
    const parameters = new URLSearchParams({ ...query, ...(before && { before }), limit })
    const opened = `${address}${address.endsWith('?') ? '' : '&'}${parameters}`
    const source = connect(opened)
    this.#source = source
    const on = <Data>(type: string, receive: (data: Data) => void) =>
      source.addEventListener(type, ({ data }) => {
        if (source !== this.#source) return
        receive(JSON.parse(data))
        onChange()
      })
    on<Match[]>('message', (matches) => {
      const { chars = TEXT_CHARS } = this.#options
      for (const match of matches) if (this.found.length < this.#most) this.found.push(foundOf(match, chars))
    })
    on<SearchProgress>('progress', (progress) => this.#count(progress))
    on<GapEvent>('gap', (gap) => {
      this.gap = gap
    })
    on<SearchDone>('done', (done) => this.#pageDone(done, before))
    source.addEventListener('open', () => {
      if (source !== this.#source) return
      this.#linesBefore = this.lines
      this.state = 'searching'
      onChange()
    })
    source.addEventListener('error', () => {
      if (source !== this.#source) return
      if (source.readyState === CLOSED) void this.#fail(opened)
      else this.state = 'lost'
      onChange()
    })
  }

  #count({ lines, of }: SearchProgress): void {
    this.lines = this.#linesBefore + lines
    if (of !== undefined) this.of = this.#linesBefore + of
  }

  /** The server ends the answer after `done`, upon which an EventSource would ask again: it is closed before. */
  #pageDone({ next, complete, lines }: SearchDone, before: string | undefined): void {
    this.#count({ lines })
    if (next !== null && next !== before && this.found.length < this.#most) {
      this.#source?.close()
      this.#open(next)
      return
    }
    this.isComplete = complete
    this.#end('done')
  }

  async #fail(address: string): Promise<void> {
    this.#end('failed')
    this.error = 'The server did not answer the search.'
    const words = await this.#options.explain?.(address).catch(() => undefined)
    if (words === undefined) return
    this.error = words
    this.#options.onChange()
  }

  #end(state: 'done' | 'stopped' | 'failed'): void {
    this.#source?.close()
    this.#source = undefined
    this.state = state
    if (state === 'stopped') this.#options.onChange()
  }
}

/** Asks once more, as a script would, for the words of an answer that is no stream. */
export async function explainRefusal(address: string): Promise<string | undefined> {
  const answer = await fetch(address)
  if (!answer.ok) return ((await answer.json()) as Problem).detail
  await answer.body?.cancel() // it is a stream now; the visitor can search again
  return undefined
}

/** A slice keeps the text that it is of in memory, 64 KiB of it at worst. Engines copy what they cannot share. */
function foundOf({ cursor, time, message }: Match, chars: number): Found {
  const text = message.length <= chars ? message : (JSON.parse(JSON.stringify(message.slice(0, chars))) as string)
  return { cursor, time, text }
}
