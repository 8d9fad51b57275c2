/**
 * A socket that takes the chunked coding off an answer before Node's HTTP parser sees it. Docker flushes each line as a
 * chunk of its own, and the parser makes a buffer, an event and a stream's step of each: 2 µs a line, a third of what a
 * line cost in all. Here a read of the socket stays one buffer. For connections that carry one answer; source: RFC 9112,
 * section 7.1.
 */
import type { OnReadOpts, Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { Rests } from './rests.ts'

const MAX_HEAD_BYTES = 64 * 1024
const MAX_SIZE_LINE_BYTES = 1024 // a size, and extensions that nobody sends
/** What one read of any of these sockets brings at most. One for all: it is copied from before the next read. */
const READ = Buffer.allocUnsafeSlow(64 * 1024)
const HTTP = Buffer.from('HTTP/')
const NOTHING = Buffer.alloc(0)
const RETURN = 0x0d
const NEWLINE = 0x0a
const DELIMITERS = Buffer.from('\r\n; \t')

const CHUNKED = /\r\ntransfer-encoding:[ \t]*chunked[ \t]*(?=\r\n)/i

type State = 'head' | 'size' | 'data' | 'after-data' | 'unchunked' | 'ended' | 'malformed'

export class DechunkingSocket extends Duplex {
  readonly #socket: Socket
  #state: State = 'head'
  /** The beginning of a head, or of a size line, whose end has not come. */
  #partial: Buffer | undefined
  /** Bytes of the present chunk that have not come. */
  #left = 0
  readonly #rests = new Rests()
  #divert: ((body: Buffer) => boolean | undefined) | undefined

  /** `connect`: gives a socket that is not used otherwise, with these options. */
  constructor(connect: (onread: OnReadOpts) => Socket) {
    super({ allowHalfOpen: true, readableHighWaterMark: 64 * 1024 })
    const socket = connect({ buffer: READ, callback: (bytes) => this.#receive(READ.subarray(0, bytes)) })
    this.#socket = socket
    socket.on('connect', () => this.emit('connect'))
    socket.on('secureConnect', () => this.emit('secureConnect'))
    socket.on('timeout', () => this.emit('timeout'))
    socket.on('end', this.#end)
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', this.#close)
    socket.resume()
  }

  // What an HTTP client asks of its socket beyond a stream.
  setTimeout(ms: number): this {
    this.#socket.setTimeout(ms)
    return this
  }

  setNoDelay(on: boolean): this {
    this.#socket.setNoDelay(on)
    return this
  }

  setKeepAlive(on: boolean, ms: number): this {
    this.#socket.setKeepAlive(on, ms)
    return this
  }

  /**
   * What comes of the body goes to `to` once nothing of it waits here, unless Node's parser has to count it. `to` says whether
   * it wants more, if not until `readOn`; undefined: it does not take this yet.
   */
  divert(to: (body: Buffer) => boolean | undefined): void {
    this.#divert = to
  }

  readOn(): void {
    this.#socket.resume()
  }

  override _read(): void {
    this.readOn()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done)
  }

  /**
   * Before an answer, with the error. After its head without one: a socket that closes is a cut answer to Node's client,
   * but one that closes with an error is the end of a body without a length, which is what the parser sees here.
   */
  override destroy(error?: Error): this {
    return super.destroy(this.#state === 'head' ? error : undefined)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }

  /** Whether it wants more. `bytes` are its own only until it returns. */
  #receive(received: Buffer): boolean {
    this.#rests.after(received.length)
    // A copy, in which the data can be moved together.
    let bytes = this.#partial ? Buffer.concat([this.#partial, received]) : Buffer.from(received)
    this.#partial = undefined
    if (this.#state === 'head') bytes = this.#head(bytes)
    const plain = this.#state === 'unchunked' ? bytes : this.#body(bytes)
    const isRoomy = plain.length === 0 || this.#pass(plain)
    if (this.#state === 'ended') this.#over()
    else if (this.#state === 'malformed') this.destroy()
    return isRoomy
  }

  /** Whether there is room for more. */
  #pass(body: Buffer): boolean {
    const isDiverted = this.#state !== 'unchunked' && this.readableLength === 0
    return (isDiverted ? this.#divert?.(body) : undefined) ?? this.push(body)
  }

  #end = (): void => {
    if (this.#state === 'unchunked') this.#over()
    else if (this.#state !== 'ended') this.destroy()
  }

  /** The answer is whole: what of it waits here is still to be read, whatever becomes of the connection. */
  #over(): void {
    this.#state = 'ended'
    this.push(null)
  }

  #close = (): void => {
    if (this.#state === 'ended' && !this.readableEnded) this.once('end', () => this.destroy())
    else this.destroy()
  }

  /** Pushes the head, without its word of the coding; returns what came behind it. */
  #head(bytes: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
    const end = bytes.indexOf('\r\n\r\n')
    if (end < 0) {
      // What is no HTTP, or has no end, is for the parser to name.
      const isHead = HTTP.subarray(0, bytes.length).equals(bytes.subarray(0, HTTP.length))
      if (isHead && bytes.length <= MAX_HEAD_BYTES) {
        this.#partial = bytes
        return NOTHING
      }
      this.#state = 'unchunked'
      return bytes
    }
    const head = bytes.toString('latin1', 0, end + 4)
    const chunked = CHUNKED.test(head)
    this.#state = chunked ? 'size' : 'unchunked'
    this.push(Buffer.from(chunked ? head.replace(CHUNKED, '') : head, 'latin1'))
    return bytes.subarray(end + 4)
  }

  /** The data of the chunks in `bytes`, moved together in place. */
  #body(bytes: Buffer): Buffer {
    let from = 0
    let to = 0
    while (from < bytes.length) {
      switch (this.#state) {
        case 'size': {
          const end = lineEnd(bytes, from)
          if (end < 0) {
            this.#partial = Buffer.from(bytes.subarray(from))
            if (this.#partial.length > MAX_SIZE_LINE_BYTES) this.#state = 'malformed'
            return bytes.subarray(0, to)
          }
          this.#left = sizeIn(bytes, from, end)
          this.#state = this.#left > 0 ? 'data' : this.#left === 0 ? 'ended' : 'malformed'
          from = end + 1
          break
        }
        case 'data': {
          const length = Math.min(this.#left, bytes.length - from)
          if (to !== from) bytes.copyWithin(to, from, from + length)
          from += length
          to += length
          this.#left -= length
          if (this.#left === 0) this.#state = 'after-data'
          break
        }
        case 'after-data': {
          const byte = bytes[from++]
          if (byte === NEWLINE) this.#state = 'size'
          else if (byte !== RETURN) this.#state = 'malformed'
          break
        }
        default:
          return bytes.subarray(0, to) // ended: trailers are of no use here
      }
    }
    return bytes.subarray(0, to)
  }
}

/** Where the next line feed is; -1 if there is none. A size line is so short that `indexOf` is longer in being called. */
function lineEnd(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at++) if (bytes[at] === NEWLINE) return at
  return -1
}

/** The hexadecimal number at the beginning of the line [from, end); NaN if there is none. */
function sizeIn(bytes: Buffer, from: number, end: number): number {
  let size = 0
  let at = from
  for (; at < end; at++) {
    const digit = hexDigit(bytes[at] ?? 0)
    if (digit < 0) break
    size = size * 16 + digit
  }
  // Behind it: the line's end, or an extension.
  const delimited = DELIMITERS.includes(bytes[at] ?? 0)
  return at > from && delimited && size <= Number.MAX_SAFE_INTEGER ? size : Number.NaN
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
