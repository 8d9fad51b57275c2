/** An SSE client on plain node:http, so that little of what is measured is the client. */
import { get, type IncomingMessage } from 'node:http'

/** A stream's answer; destroy it to leave. Rejects where the answer is no stream. */
export function openSse(url: string, lastEventId?: string): Promise<IncomingMessage> {
  const headers = { Accept: 'text/event-stream', ...(lastEventId && { 'Last-Event-ID': lastEventId }) }
  return new Promise((resolve, reject) => {
    const request = get(url, { headers, agent: false })
    request.on('error', reject)
    request.on('response', (response) => {
      if (response.statusCode === 200) resolve(response)
      else reject(new Error(`${url} answers ${response.statusCode}`))
    })
  })
}

export interface SseEvent {
  readonly type: string
  /** Of this event; empty if it has none. */
  readonly id: string
  readonly data: string
}

/** Reads events whose lines end with `\n`, as Sluice's do. */
export class EventReader {
  #rest = ''
  readonly #decoder = new TextDecoder()

  push(chunk: Buffer): SseEvent[] {
    const blocks = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n\n')
    this.#rest = blocks.pop() ?? ''
    return blocks.map(readEvent)
  }
}

function readEvent(block: string): SseEvent {
  let type = 'message'
  let id = ''
  const data: string[] = []
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':')
    const field = line.slice(0, colon)
    const value = line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'event') type = value
    else if (field === 'id') id = value
    else if (field === 'data') data.push(value)
  }
  return { type, id, data: data.join('\n') }
}

/** How each line of a `message` begins. Inside a line's text its quotes would be escaped. */
export const LINE_START = '{"time":"'

/** Counts lines without reading events: a fraction of the cost, which the machine's two cores would have to bear. */
export class LineCounter {
  /** The end of what came before, in which a beginning may have begun. */
  #seam = ''

  push(chunk: Buffer): number {
    const text = this.#seam + chunk.toString('latin1')
    let count = 0
    for (let at = text.indexOf(LINE_START); at >= 0; at = text.indexOf(LINE_START, at + 1)) count++
    this.#seam = text.slice(1 - LINE_START.length)
    return count
  }
}
