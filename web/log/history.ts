/**
 * Lines of a log that the stream does not bring: what was written before what is loaded, what comes after it where the
 * stream is ahead, what was written around a time. Of a log that is shown whole by pages, of one that is filtered by searches.
 */
import type { Line, LogPage, Match, SearchDone } from '../../server/wire.ts'

const PAGE_LINES = 1000

/** Lines that follow on each other, of one incarnation. */
export interface Stretch {
  readonly incarnation: string
  readonly lines: readonly Line[]
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

export class HistoryReader {
  readonly #address: string
  readonly #filter: string
  readonly #fetch: typeof fetch

  /** `address`: of the container's logs; `filter`: query parameters, empty for all lines. */
  constructor(address: string, filter: string, fetcher: typeof fetch = (...args) => fetch(...args)) {
    this.#address = address
    this.#filter = filter
    this.#fetch = fetcher
  }

  before(cursor: string, signal: AbortSignal, limit = PAGE_LINES): Promise<History> {
    const place = { before: cursor, limit: String(limit) }
    return this.#filter === '' ? this.#page(place, signal) : this.#search(place, signal)
  }

  after(cursor: string, signal: AbortSignal, limit = PAGE_LINES): Promise<History> {
    const place = { after: cursor, limit: String(limit) }
    return this.#filter === '' ? this.#page(place, signal) : this.#search({ ...place, direction: 'forward' }, signal)
  }

  /** From half a page before that time on, RFC 3339. */
  async around(time: string, signal: AbortSignal): Promise<History> {
    if (this.#filter === '') return this.#page({ around: time }, signal)
    const [before, after] = await Promise.all([
      this.#search({ until: time }, signal),
      this.#search({ since: time, direction: 'forward' }, signal),
    ])
    const stretches = withoutRepeats(before.stretches, after.stretches)
    return { stretches, atStart: before.atStart, atEnd: after.atEnd, before: before.before, after: after.after }
  }

  async #page(place: Record<string, string>, signal: AbortSignal): Promise<History> {
    const response = await this.#get(`${this.#address}?${query({ limit: String(PAGE_LINES), ...place })}`, signal)
    const { incarnation, lines, atStart, atEnd, before, after } = (await response.json()) as LogPage
    const stretches = lines.length > 0 ? [{ incarnation, lines }] : []
    return { stretches, atStart, atEnd, before: before ?? undefined, after: after ?? undefined }
  }

  async #search(place: Record<string, string>, signal: AbortSignal): Promise<History> {
    const isForward = place['direction'] === 'forward'
    const parameters = query({ limit: String(PAGE_LINES), ...place })
    const response = await this.#get(`${this.#address}/search?${this.#filter}&${parameters}`, signal)
    const found: Match[] = []
    let done: SearchDone | undefined
    for (const { type, data } of eventsOf(await response.text())) {
      if (type === 'message') found.push(...(JSON.parse(data) as Match[]))
      else if (type === 'done') done = JSON.parse(data) as SearchDone
    }
    if (!done) throw new Error('the search was cut')
    if (!isForward) found.reverse()
    const isWhole = done.complete
    return {
      stretches: stretchesOf(found),
      atStart: !isForward && isWhole,
      atEnd: isForward && isWhole,
      before: isForward ? found[0]?.cursor : (done.next ?? found[0]?.cursor),
      after: isForward ? (done.next ?? found.at(-1)?.cursor) : found.at(-1)?.cursor,
    }
  }

  async #get(address: string, signal: AbortSignal): Promise<Response> {
    const response = await this.#fetch(address, { signal, headers: { Accept: 'application/json, text/event-stream' } })
    if (!response.ok) throw new Error(`the server answers ${response.status}`)
    return response
  }
}

function query(parameters: Record<string, string>): string {
  return new URLSearchParams(parameters).toString()
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
  const seen = new Set(before.flatMap(({ incarnation, lines }) => lines.map((line) => nameOf(incarnation, line))))
  const rest = after.map(({ incarnation, lines }) => ({
    incarnation,
    lines: lines.filter((line) => !seen.has(nameOf(incarnation, line))),
  }))
  return [...before, ...rest.filter(({ lines }) => lines.length > 0)]
}

function nameOf(incarnation: string, line: Line): string {
  return `${incarnation} ${line.time} ${line.ordinal ?? 0}`
}

/** The events of a stream that has ended, as Sluice writes them: one `data` each, no `\r`. */
function* eventsOf(text: string): Generator<{ type: string; data: string }> {
  for (const block of text.split('\n\n')) {
    const type = /^event: ?(.*)$/m.exec(block)?.[1]
    const data = /^data: ?(.*)$/m.exec(block)?.[1]
    if (type !== undefined && data !== undefined) yield { type, data }
  }
}
