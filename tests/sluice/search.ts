/** A search's whole answer, as a client that waits for it has it. */
import type { Match, SearchDone } from '../../server/wire.ts'

export interface SearchAnswer {
  readonly matches: readonly Match[]
  /** Undefined if it broke off. */
  readonly done: SearchDone | undefined
  readonly gaps: number
  /** The last, which resumes it. */
  readonly id: string | undefined
}

export async function search(url: string, lastEventId?: string): Promise<SearchAnswer> {
  const response = await fetch(url, lastEventId === undefined ? {} : { headers: { 'Last-Event-ID': lastEventId } })
  if (response.status !== 200) throw new Error(`${url} answers ${response.status}: ${await response.text()}`)
  const events = (await response.text()).split('\n\n').map(fieldsOf)
  const dataOf = (type: string) =>
    events.flatMap(({ event, data }) => (event === type && data ? [JSON.parse(data)] : []))
  return {
    matches: dataOf('message').flat() as Match[],
    done: dataOf('done')[0] as SearchDone | undefined,
    gaps: dataOf('gap').length,
    id: events.findLast(({ id }) => id)?.id,
  }
}

function fieldsOf(block: string): { event?: string; id?: string; data?: string } {
  return Object.fromEntries(
    block.split('\n').map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')]
    }),
  )
}
