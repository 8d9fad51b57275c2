/** Server-sent events from bytes, as the specification says (WHATWG HTML, "Server-sent events", 9.2.6), cut anywhere. */

export interface SseEvent {
  readonly type: string
  /** Empty for an event that only moves the last event's id. */
  readonly data: string
  /** The last event's id after this event. */
  readonly id: string
}

export class SseReader {
  /** The id that a reconnection sends: of the last event whose blank line has come. */
  lastEventId: string
  /** What the server asked for, in ms. */
  retry: number | undefined
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: false })
  #rest = ''
  #type = ''
  #data: string[] = []
  #id: string
  #any = false

  constructor(lastEventId = '') {
    this.lastEventId = lastEventId
    this.#id = lastEventId
  }

  push(chunk: Uint8Array): SseEvent[] {
    const text = this.#rest + this.#decoder.decode(chunk, { stream: true })
    const events: SseEvent[] = []
    let at = 0
    const ending = /\r\n|\n|\r/g
    for (let match = ending.exec(text); match; match = ending.exec(text)) {
      if (match[0] === '\r' && ending.lastIndex === text.length) break // its \n may be on the way
      const event = this.#line(text.slice(at, match.index))
      if (event) events.push(event)
      at = ending.lastIndex
    }
    this.#rest = text.slice(at)
    return events
  }

  #line(line: string): SseEvent | undefined {
    if (line === '') return this.#dispatch()
    const colon = line.indexOf(':')
    if (colon === 0) return undefined
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    this.#any ||= field === 'id' || field === 'data'
    if (field === 'event') this.#type = value
    else if (field === 'data') this.#data.push(value)
    else if (field === 'id' && !value.includes('\0')) this.#id = value
    else if (field === 'retry' && /^\d+$/.test(value)) this.retry = Number(value)
    return undefined
  }

  #dispatch(): SseEvent | undefined {
    const event = { type: this.#type || 'message', data: this.#data.join('\n'), id: this.#id }
    const any = this.#any
    this.lastEventId = this.#id
    this.#type = ''
    this.#data = []
    this.#any = false
    return any ? event : undefined
  }
}
