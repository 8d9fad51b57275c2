/**
 * Lines as bytes, in blocks that are filled one after the other and used again. What a ring holds is then no garbage,
 * however many lines pass: as objects they would outlive the young generation, and be collected late.
 */
import type { LogLine } from '../logs/line.ts'
import type { Level } from '../wire.ts'

/** More than the longest line can take, whose bytes may each have become the three of U+FFFD. */
const BLOCK_BYTES = 256 * 1024
/** Of those that are let go of, so many are kept for what comes next. */
const SPARE_BLOCKS = 1
const TIME_CHARS = 30
const MOST_BYTES_OF_CHAR = 4

/** Each line's head is two words: how many bytes its text has, and `META`; then its ordinal. */
const HEAD_WORDS = 2
const HEAD_BYTES = HEAD_WORDS * 4
const LENGTH = 0xff_ffff
const META = { stderr: 1 << 24, truncated: 1 << 25, level: 1 << 26 } as const
const LEVELS: readonly (Level | undefined)[] = [undefined, 'trace', 'debug', 'info', 'warn', 'error', 'fatal']

/** Texts, each a time and a message, fill it from its begin; heads, in the same order, from its end down. */
interface Block {
  readonly text: Buffer
  readonly heads: Uint32Array
  textEnd: number
  /** The index of the last head. */
  headsBegin: number
  /** Of the lines in it, those that were not let go of. */
  lines: number
}

/** Some lines in a row, in one block. */
export interface Packed {
  readonly block: Block
  /** Where the first one's text begins, and the index after its head. */
  readonly text: number
  readonly head: number
  readonly count: number
  readonly bytes: number
}

export class PackedLines {
  #block: Block | undefined
  readonly #free: Block[] = []

  /** Packs lines from `first` on, as many as one block takes: just after those before them, if it is the same block. */
  pack(lines: readonly LogLine[], first: number): Packed {
    const needed = bytesOf(lines[first])
    if (!this.#block || roomOf(this.#block) < needed) this.#block = this.#free.pop() ?? newBlock()
    const block = this.#block
    const { textEnd: text, headsBegin: head } = block
    const count = writeAscii(block, lines, first) || writeAny(block, lines, first)
    block.lines += count
    return { block, text, head, count, bytes: block.textEnd - text + count * HEAD_BYTES }
  }

  /** The oldest lines are let go of first. */
  release({ block, count }: Packed): void {
    block.lines -= count
    if (block.lines > 0) return
    block.textEnd = 0
    block.headsBegin = block.heads.length
    if (block !== this.#block && this.#free.length < SPARE_BLOCKS) this.#free.push(block)
  }
}

/** `a` and `b` as one, if `b` stands just after `a`. */
export function joined(a: Packed, b: Packed): Packed | undefined {
  const follows = a.block === b.block && a.head - a.count * HEAD_WORDS === b.head
  return follows ? { ...a, count: a.count + b.count, bytes: a.bytes + b.bytes } : undefined
}

/** The lines from `from` on, up to `to`. */
export function unpack(packed: Packed, from = 0, to = packed.count): LogLine[] {
  const lines: LogLine[] = []
  each(packed, (index, text, end, meta, ordinal) => {
    if (index >= to) return true
    if (index < from) return false
    lines.push({
      time: timeAt(packed, text),
      ordinal,
      stream: meta & META.stderr ? 'stderr' : 'stdout',
      level: LEVELS[Math.floor(meta / META.level)],
      message: packed.block.text.toString('utf8', text + TIME_CHARS, end),
      truncated: (meta & META.truncated) !== 0,
    })
    return false
  })
  return lines
}

/** Which of the lines has this time and ordinal; -1 if none has. */
export function indexOf(packed: Packed, time: string, wanted: number): number {
  return each(packed, (_, text, _end, _meta, ordinal) => ordinal === wanted && timeAt(packed, text) === time)
}

/** Which of the lines is the first with a later time; -1 if none is. */
export function indexAfter(packed: Packed, time: string): number {
  return each(packed, (_, text) => timeAt(packed, text) > time)
}

export interface Times {
  readonly earliest: string
  readonly latest: string
}

export function timesOf(packed: Packed): Times {
  let earliest = timeAt(packed, packed.text)
  let latest = earliest
  each(packed, (_, text) => {
    const time = timeAt(packed, text)
    if (time > latest) latest = time
    else if (time < earliest) earliest = time
    return false
  })
  return { earliest, latest }
}

type Visit = (index: number, text: number, end: number, meta: number, ordinal: number) => boolean

/** The index of the first line for which `visit` is true; -1 if there is none. */
function each({ block: { heads }, text, head, count }: Packed, visit: Visit): number {
  let begin = text
  for (let index = 0; index < count; index++) {
    const word = heads[head - index * HEAD_WORDS - 1] ?? 0
    const end = begin + (word & LENGTH)
    if (visit(index, begin, end, word, heads[head - index * HEAD_WORDS - 2] ?? 0)) return index
    begin = end
  }
  return -1
}

function timeAt({ block }: Packed, text: number): string {
  return block.text.toString('latin1', text, text + TIME_CHARS)
}

function newBlock(): Block {
  const text = Buffer.allocUnsafeSlow(BLOCK_BYTES)
  const heads = new Uint32Array(text.buffer)
  return { text, heads, textEnd: 0, headsBegin: heads.length, lines: 0 }
}

function roomOf({ textEnd, headsBegin }: Block): number {
  return headsBegin * 4 - textEnd
}

function bytesOf(line: LogLine | undefined): number {
  return line ? HEAD_BYTES + TIME_CHARS + Buffer.byteLength(line.message) : 0
}

/** Writes as many as there is room for, all at once. How many; 0, and nothing is written, if they are not all ASCII. */
function writeAscii(block: Block, lines: readonly LogLine[], first: number): number {
  let texts = ''
  let room = roomOf(block) - MOST_BYTES_OF_CHAR // a text that is cut off at the limit is longer than it has characters
  let at = first
  for (let line = lines[at]; line; line = lines[++at]) {
    room -= HEAD_BYTES + TIME_CHARS + line.message.length
    if (room < 0) break
    texts += line.time + line.message
  }
  const limit = block.headsBegin * 4 - (at - first) * HEAD_BYTES - block.textEnd
  if (block.text.write(texts, block.textEnd, limit, 'utf8') !== texts.length) return 0
  for (let index = first; index < at; index++) {
    const line = lines[index]
    if (line) writeHead(block, line, TIME_CHARS + line.message.length)
  }
  return at - first
}

function writeAny(block: Block, lines: readonly LogLine[], first: number): number {
  let at = first
  for (let line = lines[at]; line && bytesOf(line) <= roomOf(block); line = lines[++at]) {
    writeHead(block, line, block.text.write(line.time + line.message, block.textEnd, 'utf8'))
  }
  return at - first
}

function writeHead(block: Block, { ordinal, stream, level, truncated }: LogLine, length: number): void {
  const flags = (stream === 'stderr' ? META.stderr : 0) + (truncated ? META.truncated : 0)
  block.heads[--block.headsBegin] = length + flags + LEVELS.indexOf(level) * META.level
  block.heads[--block.headsBegin] = ordinal
  block.textEnd += length
}
