/**
 * Lines of a log that the stream does not bring: what was written before what is loaded, what comes after it where the
 * stream is ahead, what was written around a time. Of a log that is shown whole by pages, of one that is filtered by searches.
 */
import type { Line, LogPage, Match, SearchDone } from '../../server/wire.ts'
import { cursorOfLine } from './cursor.ts'

const PAGE_LINES = 1000
const PATIENCE_MS = 250 // what is not felt as waiting

/** Lines that follow on each other, of one incarnation. */
export interface Stretch {
  readonly incarnation: string
  readonly lines: readonly Line[]
  /** Why Docker cannot read what stands just before them. */
  readonly damage?: string
}

export interface History {
  readonly stretches: readonly Stretch[]
  /** There is nothing before it, or after it, as far as the engine has it now. */
  readonly atStart: boolean
  readonly atEnd: boolean
  /** Where to go on to: before the first line that was looked at, after the last. */
  readonly before: string | undefined
  readonly after: string | undefined
}

export interface HistorySource {
  /** The address of the logs. */
  readonly logs: string
  /** Which of them, and which lines: query parameters, empty for the only one, and for all. */
  readonly selection: string
  readonly filter: string
}

export class HistoryReader {
  readonly #source: HistorySource
  /** There are pages of it: it is one log, whole. */
  readonly #hasPages: boolean
  readonly #fetch: typeof fetch

  constructor(source: HistorySource, fetcher: typeof fetch = (...args) => fetch(...args)) {
    this.#source = source
    this.#hasPages = source.selection === '' && source.filter === ''
    this.#fetch = fetcher
  }

  /** Before a cursor, or up to a time, RFC 3339. */
  before(place: string, signal: AbortSignal, limit = PAGE_LINES): Promise<History> {
    const query = { [isTime(place) ? 'until' : 'before']: place, limit: String(limit) }
    return this.#hasPages ? this.#page(query, signal) : this.#search(query, signal)
  }

  /** After a cursor, or from a time on. */
  after(place: string, signal: AbortSignal, limit = PAGE_LINES): Promise<History> {
    const query = { [isTime(place) ? 'since' : 'after']: place, limit: String(limit) }
    return this.#hasPages ? this.#page(query, signal) : this.#search({ ...query, direction: 'forward' }, signal)
  }

  /** From half a page before that time on, RFC 3339. */
  async around(time: string, signal: AbortSignal): Promise<History> {
    if (this.#hasPages) return this.#page({ around: time }, signal)
    const [before, after] = await Promise.all([
      this.#search({ until: time }, signal),
      this.#search({ since: time, direction: 'forward' }, signal),
    ])
    const stretches = withoutRepeats(before.stretches, after.stretches)
    return { stretches, atStart: before.atStart, atEnd: after.atEnd, before: before.before, after: after.after }
  }

  async #page(place: Record<string, string>, signal: AbortSignal): Promise<History> {
    const response = await this.#get(`${this.#source.logs}?${query({ limit: String(PAGE_LINES), ...place })}`, signal)
    const page = (await response.json()) as LogPage
    const { atStart, atEnd, before, after } = page
    const stretches = stretchesOfPage(page)
    return { stretches, atStart, atEnd, before: before ?? undefined, after: after ?? undefined }
  }

  async #search(place: Record<string, string>, signal: AbortSignal): Promise<History> {
    const isForward = place['direction'] === 'forward'
    const { logs, selection, filter } = this.#source
    const parameters = [selection, filter, query({ limit: String(PAGE_LINES), ...place })].filter((part) => part !== '')
    const response = await this.#get(`${logs}/search?${parameters.join('&')}`, signal)
    const found: Match[] = []
    let done: SearchDone | undefined
    let reached: string | undefined
    const began = performance.now()
    for await (const { type, id, data } of eventsOf(response)) {
      if (id !== '') reached = id
      if (type === 'message') found.push(...(JSON.parse(data) as Match[]))
      else if (type === 'done') done = JSON.parse(data) as SearchDone
      // The rest may take long: what there is is shown, and the next page goes on from there.
      if (done || (found.length > 0 && performance.now() - began > PATIENCE_MS)) break
    }
    if (!done && found.length === 0) throw new Error('the search was cut')
    if (!isForward) found.reverse()
    const isWhole = done?.complete ?? false
    const next = done ? done.next : reached
    return {
      stretches: stretchesOf(found),
      atStart: !isForward && isWhole,
      atEnd: isForward && isWhole,
      before: isForward ? undefined : (next ?? undefined),
      after: isForward ? (next ?? place['after']) : undefined,
    }
  }

  /** Rejects with a TypeError, as `fetch` does without an answer, where it is none of Sluice's: a sign-in's. */
  async #get(address: string, signal: AbortSignal): Promise<Response> {
    const response = await this.#fetch(address, { signal, headers: { Accept: 'application/json, text/event-stream' } })
    const isPage = response.headers.get('Content-Type')?.startsWith('text/html')
    if (isPage || response.status === 401 || response.status === 403) throw new TypeError('not signed in')
    if (!response.ok) throw new Error(`the server answers ${response.status}`)
    return response
  }
}

function isTime(place: string): boolean {
  return /^\d{4}-/.test(place)
}

function query(parameters: Record<string, string>): string {
  return new URLSearchParams(parameters).toString()
}

/** A page's lines, parted where Docker cannot read the log. */
function stretchesOfPage({ incarnation, lines, damages = [] }: LogPage): Stretch[] {
  const starts = [{ at: 0, damage: {} }, ...damages.map(({ at, detail }) => ({ at, damage: { damage: detail } }))]
  const stretches = starts.map(({ at, damage }, index) => {
    return { incarnation, lines: lines.slice(at, starts[index + 1]?.at), ...damage }
  })
  return stretches.filter(({ lines, damage }) => lines.length > 0 || damage !== undefined)
}

/** Lines that were found, in order, by incarnation. */
function stretchesOf(found: readonly Match[]): Stretch[] {
  const stretches: { incarnation: string; lines: Line[] }[] = []
  for (const match of found) {
    const incarnation = match.cursor.slice(0, 12)
    const last = stretches.at(-1)
    if (last?.incarnation === incarnation) last.lines.push(match)
    else stretches.push({ incarnation, lines: [match] })
  }
  return stretches
}

/** Both, without what the second begins with and the first ends with: lines of the very time that both were asked for. */
function withoutRepeats(before: readonly Stretch[], after: readonly Stretch[]): Stretch[] {
  const seen = new Set(before.flatMap(({ incarnation, lines }) => lines.map((line) => cursorOfLine(incarnation, line))))
  const rest = after.map(({ incarnation, lines }) => ({
    incarnation,
    lines: lines.filter((line) => !seen.has(cursorOfLine(incarnation, line))),
  }))
  return [...before, ...rest.filter(({ lines }) => lines.length > 0)]
}

/** The events of a stream, as Sluice writes them: one `data` each, no `\r`. Whoever wants no more ends it. */
async function* eventsOf({ body }: Response): AsyncGenerator<{ type: string; id: string; data: string }> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  try {
    for (;;) {
      const { value, done } = (await reader?.read()) ?? { done: true, value: undefined }
      if (done) return
      const blocks = (rest + value).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1] ?? ''
        yield { type: field('event'), id: field('id'), data: field('data') }
      }
    }
  } finally {
    await reader?.cancel()
  }
}
