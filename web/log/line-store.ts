/**
 * The loaded rows of one log: lines, and the dividers among them, in the order in which they were written. Chunks of typed
 * columns: a million lines cost little more than their text. Rows are named by an index which never changes: what comes
 * later gets higher ones, history that is fetched lower ones, below 0 too. When the bound is reached the chunk goes that is
 * farthest from where the reader is, and `first` or `end` moves.
 */
import { mayHaveSequences } from '../../server/logs/plain-text.ts'
import type { Level } from '../../server/wire.ts'
import { cursorOf } from './cursor.ts'

/** What a row is: a line of either stream, or a divider. `run`: between two runs of a container; `state`: what else happened to it. */
export type RowKind = 'stdout' | 'stderr' | 'day' | 'state' | 'run' | 'gap'

export interface Row {
  kind: RowKind
  level: Level | undefined
  /** Unix time, whole seconds, and the nanoseconds within that second. */
  seconds: number
  nanos: number
  /** Counts the lines of one incarnation with the same time. */
  ordinal: number
  /** The container that wrote it, 12 hex digits; empty for a divider. */
  incarnation: string
  /** In merged logs its key, by which it is told from others; else empty. */
  source: string
  text: string
  /** The server cut the line: `text` is its beginning. */
  truncated: boolean
}

export interface StoreBounds {
  rows: number
  /** Of text, estimated at a byte a character: browsers keep Latin text so, other text at two. */
  bytes: number
}

const DEFAULT_BOUNDS: StoreBounds = { rows: 1_000_000, bytes: 256 * 1024 * 1024 }
const CHUNK_SHIFT = 9
const CHUNK_ROWS = 1 << CHUNK_SHIFT // 512: small enough to drop without notice, large enough that columns cost nothing
const ROW_OVERHEAD_BYTES = 40 // columns, pointer and string header

const KINDS: readonly RowKind[] = ['stdout', 'stderr', 'day', 'state', 'run', 'gap']
const LEVELS: readonly (Level | undefined)[] = [undefined, 'trace', 'debug', 'info', 'warn', 'error', 'fatal']
const KIND_CODE = new Map(KINDS.map((kind, code) => [kind, code]))
const LEVEL_CODE = new Map(LEVELS.map((level, code) => [level, code]))
const TRUNCATED = 0x80

class Chunk {
  readonly texts: string[] = new Array<string>(CHUNK_ROWS).fill('')
  readonly seconds = new Float64Array(CHUNK_ROWS)
  readonly nanos = new Uint32Array(CHUNK_ROWS)
  readonly ordinals = new Uint32Array(CHUNK_ROWS)
  /** Places in the store's list of incarnations. */
  readonly incarnations = new Uint16Array(CHUNK_ROWS)
  /** The same for the sources. */
  readonly sources = new Uint16Array(CHUNK_ROWS)
  readonly kinds = new Uint8Array(CHUNK_ROWS)
  readonly levels = new Uint8Array(CHUNK_ROWS)
  /** How many lines there are of each level, by its code. */
  readonly counts = new Uint16Array(LEVELS.length)
  lines = 0
  bytes = 0
  /** No line here has an escape sequence. Looked at once, when it is full: a search would look at each line each time. */
  isPlain = false
}

/** Which chunk a row is in: below 0 too, they follow on each other. */
function chunkOf(index: number): number {
  return index >> CHUNK_SHIFT
}

export class LineStore {
  /** The oldest row's index, and the one after the newest's. */
  first = 0
  end = 0
  /** Lines (not dividers) ever appended, and those that are here. */
  appended = 0
  lines = 0
  /** Grows when a row that was there already has changed: whoever drew it must draw it again. */
  revision = 0
  /** The rows that are being read, [from, to): none of them is dropped. */
  pinned: readonly [from: number, to: number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]

  readonly #bounds: StoreBounds
  /** As `Chunk.counts`, of all. */
  readonly #counts = new Float64Array(LEVELS.length)
  #chunks: Chunk[] = []
  /** Names in the order they came; a store that sees more re-creations than can be counted forgets whose its lines are. */
  readonly #incarnations: string[] = ['']
  readonly #sources: string[] = ['']
  #bytes = 0

  constructor(bounds: StoreBounds = DEFAULT_BOUNDS) {
    this.#bounds = bounds
  }

  get isEmpty(): boolean {
    return this.end === this.first
  }

  /** Appends a row. False when the bound is reached and everything else is being read: the row was not taken. */
  append(row: Row): boolean {
    if (this.isEmpty || (this.end & (CHUNK_ROWS - 1)) === 0) {
      if (!this.#makeRoom('first')) return false
      if (this.isEmpty) this.#chunks = []
      this.#chunks.push(new Chunk())
    }
    this.end++
    this.#put(this.end - 1, row)
    if (isLine(row.kind)) this.appended++
    if ((this.end & (CHUNK_ROWS - 1)) === 0) this.#looksPlain(this.end - 1)
    return true
  }

  /** Puts a row before the oldest. False as with `append`. */
  prepend(row: Row): boolean {
    if (this.isEmpty || (this.first & (CHUNK_ROWS - 1)) === 0) {
      if (!this.#makeRoom('end')) return false
      if (this.isEmpty) this.#chunks = []
      this.#chunks.unshift(new Chunk())
    }
    this.first--
    this.#put(this.first, row)
    if ((this.first & (CHUNK_ROWS - 1)) === 0) this.#looksPlain(this.first)
    return true
  }

  /** The row at an index, or undefined outside `first`..`end`. */
  row(index: number): Row | undefined {
    const chunk = this.#chunkAt(index)
    if (chunk === undefined) return undefined
    const slot = index & (CHUNK_ROWS - 1)
    const level = chunk.levels[slot] ?? 0
    return {
      kind: KINDS[chunk.kinds[slot] ?? 0] ?? 'stdout',
      level: LEVELS[level & ~TRUNCATED],
      seconds: chunk.seconds[slot] ?? 0,
      nanos: chunk.nanos[slot] ?? 0,
      ordinal: chunk.ordinals[slot] ?? 0,
      incarnation: this.#incarnations[chunk.incarnations[slot] ?? 0] ?? '',
      source: this.#sources[chunk.sources[slot] ?? 0] ?? '',
      text: chunk.texts[slot] ?? '',
      truncated: (level & TRUNCATED) !== 0,
    }
  }

  // What is asked of many rows, without making an object of each.

  text(index: number): string | undefined {
    return this.#chunkAt(index)?.texts[index & (CHUNK_ROWS - 1)]
  }

  /** Whether the row's text is known to have no escape sequence. */
  isPlain(index: number): boolean {
    return this.#chunkAt(index)?.isPlain === true
  }

  kind(index: number): RowKind | undefined {
    const code = this.#chunkAt(index)?.kinds[index & (CHUNK_ROWS - 1)]
    return code === undefined ? undefined : KINDS[code]
  }

  isLine(index: number): boolean {
    return (this.#chunkAt(index)?.kinds[index & (CHUNK_ROWS - 1)] ?? 2) <= 1
  }

  /** Whether two rows are of the same container of merged logs; of one log all are. */
  isOfOneSource(index: number, other: number): boolean {
    const [one, two] = [index, other].map((at) => this.#chunkAt(at)?.sources[at & (CHUNK_ROWS - 1)])
    return one === two
  }

  /** The first line from a row on; `end` if there is none. */
  lineFrom(index: number): number {
    let at = Math.max(index, this.first)
    while (at < this.end && !this.isLine(at)) at++
    return at
  }

  level(index: number): Level | undefined {
    return LEVELS[(this.#chunkAt(index)?.levels[index & (CHUNK_ROWS - 1)] ?? 0) & ~TRUNCATED]
  }

  /** How many of the lines here are of one of these levels. */
  countOf(levels: readonly Level[]): number {
    return levels.reduce((sum, level) => sum + (this.#counts[LEVEL_CODE.get(level) ?? 0] ?? 0), 0)
  }

  /** The nearest line of one of these levels after a row (`by` 1), or before it (-1). Passes over chunks that have none. */
  nearestOf(levels: readonly Level[], index: number, by: 1 | -1): number | undefined {
    const codes = levels.map((level) => LEVEL_CODE.get(level) ?? 0)
    let at = by > 0 ? Math.max(index + 1, this.first) : Math.min(index - 1, this.end - 1)
    while (at >= this.first && at < this.end) {
      const chunk = this.#chunkAt(at)
      if (!codes.some((code) => (chunk?.counts[code] ?? 0) > 0)) {
        at = by > 0 ? (chunkOf(at) + 1) << CHUNK_SHIFT : (chunkOf(at) << CHUNK_SHIFT) - 1
        continue
      }
      const slot = at & (CHUNK_ROWS - 1)
      if (codes.includes((chunk?.levels[slot] ?? 0) & ~TRUNCATED) && (chunk?.kinds[slot] ?? 2) <= 1) return at
      at += by
    }
    return undefined
  }

  /** A line's cursor; undefined for a divider. */
  cursor(index: number): string | undefined {
    if (!this.isLine(index)) return undefined
    const row = this.row(index)
    return row && row.incarnation !== '' ? cursorOf(row) : undefined
  }

  /** The row of a line, looked for from the newest on. */
  find(cursor: string): number | undefined {
    const [incarnation, seconds, nanos, ordinal] = cursor.split('.')
    for (let index = this.end - 1; index >= this.first; index--) {
      const chunk = this.#chunkAt(index)
      const slot = index & (CHUNK_ROWS - 1)
      if (chunk?.seconds[slot] !== Number(seconds) || chunk.nanos[slot] !== Number(nanos)) continue
      if (chunk.ordinals[slot] !== Number(ordinal) || (chunk.kinds[slot] ?? 2) > 1) continue
      if (this.#incarnations[chunk.incarnations[slot] ?? 0] === incarnation) return index
    }
    return undefined
  }

  /** Forgets all rows. Those to come get indexes that none of these had. */
  clear(): void {
    this.first = this.end = (chunkOf(this.end) + 1) << CHUNK_SHIFT
    this.#chunks = []
    this.#bytes = 0
    this.lines = 0
    this.#counts.fill(0)
  }

  /** Changes a divider's words, if it is still here. */
  reword(index: number, text: string): void {
    const chunk = this.#chunkAt(index)
    if (chunk === undefined) return
    chunk.texts[index & (CHUNK_ROWS - 1)] = text
    this.revision++
  }

  #chunkAt(index: number): Chunk | undefined {
    if (index < this.first || index >= this.end) return undefined
    return this.#chunks[chunkOf(index) - chunkOf(this.first)]
  }

  #looksPlain(index: number): void {
    const chunk = this.#chunkAt(index)
    if (chunk) chunk.isPlain = !chunk.texts.some(mayHaveSequences)
  }

  #put(index: number, row: Row): void {
    const chunk = this.#chunkAt(index)
    if (chunk === undefined) return
    const slot = index & (CHUNK_ROWS - 1)
    chunk.texts[slot] = row.text
    chunk.seconds[slot] = row.seconds
    chunk.nanos[slot] = row.nanos
    chunk.ordinals[slot] = row.ordinal
    chunk.incarnations[slot] = placeIn(this.#incarnations, row.incarnation)
    chunk.sources[slot] = placeIn(this.#sources, row.source)
    chunk.kinds[slot] = KIND_CODE.get(row.kind) ?? 0
    chunk.levels[slot] = (LEVEL_CODE.get(row.level) ?? 0) | (row.truncated ? TRUNCATED : 0)
    const cost = row.text.length + ROW_OVERHEAD_BYTES
    chunk.bytes += cost
    this.#bytes += cost
    if (!isLine(row.kind)) return
    const code = LEVEL_CODE.get(row.level) ?? 0
    chunk.counts[code] = (chunk.counts[code] ?? 0) + 1
    this.#counts[code] = (this.#counts[code] ?? 0) + 1
    chunk.lines++
    this.lines++
  }

  /** Drops whole chunks at one end until another fits. False when what would have to go is being read. */
  #makeRoom(at: 'first' | 'end'): boolean {
    while (this.#chunks.length > 0) {
      const isFull = (this.#chunks.length + 1) * CHUNK_ROWS > this.#bounds.rows || this.#bytes > this.#bounds.bytes
      if (!isFull) break
      const [from, to] = this.pinned
      if (at === 'first') {
        const next = (chunkOf(this.first) + 1) * CHUNK_ROWS
        if (next > from) return false
        this.#forget(this.#chunks.shift())
        this.first = Math.min(next, this.end)
      } else {
        const next = chunkOf(this.end - 1) * CHUNK_ROWS
        if (next < to) return false
        this.#forget(this.#chunks.pop())
        this.end = Math.max(next, this.first)
      }
    }
    return true
  }

  #forget(chunk: Chunk | undefined): void {
    this.#bytes -= chunk?.bytes ?? 0
    this.lines -= chunk?.lines ?? 0
    for (const [code, count] of chunk?.counts.entries() ?? []) this.#counts[code] = (this.#counts[code] ?? 0) - count
  }
}

/** Where a name is in a list of them, which grows as far as places can be told; then it is none. */
function placeIn(names: string[], name: string): number {
  const last = names.length - 1
  if (names[last] === name) return last
  const known = names.indexOf(name)
  if (known >= 0) return known
  return last < 0xffff ? names.push(name) - 1 : 0
}

export function isLine(kind: RowKind): boolean {
  return kind === 'stdout' || kind === 'stderr'
}
