/**
 * The elements of a JSON array, cut apart as its bytes come: an array of any length is read with the memory and in the time
 * of one element, and one element that is no JSON does not spoil the others. One pass over the bytes.
 */

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const NULL = Buffer.from('null')

/** An element's text; undefined: it is longer than the bound, and was passed over. */
export type Element = string | undefined

export class JsonElements {
  readonly #maxBytes: number
  #state: 'before' | 'inside' | 'after' | 'null' = 'before'
  #depth = 0
  #inString = false
  #escaped = false
  #parts: Buffer[] = []
  #bytes = 0
  #isEmpty = true
  #hasComma = false
  #nullBytes = 0

  /** `maxBytes`: of one element. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The elements that end in `bytes`, or undefined if this is no array. `null` is an empty one, as Go writes it. */
  push(bytes: Buffer): Element[] | undefined {
    let at = 0
    while (this.#state === 'before' && at < bytes.length) {
      const byte = bytes[at] ?? 0
      if (byte === OPEN_BRACKET) this.#state = 'inside'
      else if (byte === NULL[0]) this.#state = 'null'
      else if (!isSpace(byte)) return undefined
      if (this.#state !== 'null') at++
    }
    if (this.#state === 'null') return this.#pushNull(bytes, at)
    return this.#state === 'inside' ? this.#elements(bytes, at) : []
  }

  /** Whether the array has come to its end. */
  get isWhole(): boolean {
    return this.#state === 'after' || (this.#state === 'null' && this.#nullBytes === NULL.length)
  }

  #pushNull(bytes: Buffer, from: number): Element[] | undefined {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0
      if (this.#nullBytes < NULL.length ? byte !== NULL[this.#nullBytes++] : !isSpace(byte)) return undefined
    }
    return []
  }

  #elements(bytes: Buffer, from: number): Element[] {
    const elements: Element[] = []
    let start = from
    let at = from
    for (; at < bytes.length && this.#state === 'inside'; at++) {
      const byte = bytes[at] ?? 0
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (byte === BACKSLASH) this.#escaped = true
        else if (byte === QUOTE) this.#inString = false
        continue
      }
      if (byte === QUOTE) {
        this.#inString = true
        this.#isEmpty = false
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        this.#depth++
        this.#isEmpty = false
      } else if (this.#depth > 0) {
        if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.#depth--
      } else if (byte === COMMA || byte === CLOSE_BRACKET) {
        this.#keep(bytes.subarray(start, at))
        const isLast = byte === CLOSE_BRACKET
        if (!(isLast && this.#isEmpty && !this.#hasComma)) elements.push(this.#take())
        this.#hasComma = true
        if (isLast) this.#state = 'after'
        start = at + 1
      } else if (!isSpace(byte)) this.#isEmpty = false
    }
    if (this.#state === 'inside') this.#keep(bytes.subarray(start, at))
    return elements
  }

  #keep(part: Buffer): void {
    this.#bytes += part.length
    if (this.#bytes > this.#maxBytes) this.#parts = []
    else if (part.length > 0) this.#parts.push(part)
  }

  #take(): Element {
    const text = this.#bytes > this.#maxBytes ? undefined : textOf(this.#parts)
    this.#parts = []
    this.#bytes = 0
    this.#isEmpty = true
    return text
  }
}

function textOf(parts: readonly Buffer[]): string {
  const [first] = parts
  return first && parts.length === 1 ? first.toString('utf8') : Buffer.concat(parts).toString('utf8')
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
