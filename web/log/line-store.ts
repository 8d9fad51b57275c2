/**
 * The loaded rows of one log: lines, and the dividers among them, in the order in which they came. Chunks of typed
 * columns: a million lines cost little more than their text. Rows are named by an index which never changes; when the
 * bound is reached the oldest chunk goes, and `first` moves up.
 */
import type { Level } from '../../server/wire.ts'

/** What a row is: a line of either stream, or a divider. */
export type RowKind = 'stdout' | 'stderr' | 'day' | 'state' | 'gap'

export interface Row {
  kind: RowKind
  level: Level | undefined
  /** Unix time, whole seconds, and the nanoseconds within that second. */
  seconds: number
  nanos: number
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
const ROW_OVERHEAD_BYTES = 36 // columns, pointer and string header

const KINDS: readonly RowKind[] = ['stdout', 'stderr', 'day', 'state', 'gap']
const LEVELS: readonly (Level | undefined)[] = [undefined, 'trace', 'debug', 'info', 'warn', 'error', 'fatal']
const KIND_CODE = new Map(KINDS.map((kind, code) => [kind, code]))
const LEVEL_CODE = new Map(LEVELS.map((level, code) => [level, code]))
const TRUNCATED = 0x80

class Chunk {
  readonly texts: string[] = []
  readonly seconds = new Float64Array(CHUNK_ROWS)
  readonly nanos = new Uint32Array(CHUNK_ROWS)
  readonly kinds = new Uint8Array(CHUNK_ROWS)
  readonly levels = new Uint8Array(CHUNK_ROWS)
  bytes = 0
}

export class LineStore {
  /** The oldest row's index, and the index that the next row will get. */
  first = 0
  end = 0
  /** Lines (not dividers) ever appended, and those among them still here. */
  appended = 0
  lines = 0
  /** Grows when a row that was there already has changed: whoever drew it must draw it again. */
  revision = 0
  /** The first row that is being read: from here on nothing is dropped. Infinity while the view follows the newest. */
  pinned = Number.POSITIVE_INFINITY

  readonly #bounds: StoreBounds
  readonly #chunks: Chunk[] = []
  #bytes = 0

  constructor(bounds: StoreBounds = DEFAULT_BOUNDS) {
    this.#bounds = bounds
  }

  /** Appends a row. False when the bound is reached and everything up to it is being read: the row was not taken. */
  append(row: Row): boolean {
    const slot = this.end & (CHUNK_ROWS - 1)
    if (slot === 0) {
      if (!this.#makeRoom()) return false
      this.#chunks.push(new Chunk())
    }
    const chunk = this.#chunks[this.#chunks.length - 1]
    if (chunk === undefined) return false
    chunk.texts.push(row.text)
    chunk.seconds[slot] = row.seconds
    chunk.nanos[slot] = row.nanos
    chunk.kinds[slot] = KIND_CODE.get(row.kind) ?? 0
    chunk.levels[slot] = (LEVEL_CODE.get(row.level) ?? 0) | (row.truncated ? TRUNCATED : 0)
    const cost = row.text.length + ROW_OVERHEAD_BYTES
    chunk.bytes += cost
    this.#bytes += cost
    this.end++
    if (isLine(row.kind)) {
      this.appended++
      this.lines++
    }
    return true
  }

  /** The row at an index, or undefined outside `first`..`end`. */
  row(index: number): Row | undefined {
    const chunk = this.#chunks[(index - this.first) >> CHUNK_SHIFT]
    if (chunk === undefined || index < this.first || index >= this.end) return undefined
    const slot = index & (CHUNK_ROWS - 1)
    const level = chunk.levels[slot] ?? 0
    return {
      kind: KINDS[chunk.kinds[slot] ?? 0] ?? 'stdout',
      level: LEVELS[level & ~TRUNCATED],
      seconds: chunk.seconds[slot] ?? 0,
      nanos: chunk.nanos[slot] ?? 0,
      text: chunk.texts[slot] ?? '',
      truncated: (level & TRUNCATED) !== 0,
    }
  }

  /** Changes a divider's words, if it is still here. */
  reword(index: number, text: string): void {
    const chunk = this.#chunks[(index - this.first) >> CHUNK_SHIFT]
    if (chunk === undefined || index < this.first || index >= this.end) return
    chunk.texts[index & (CHUNK_ROWS - 1)] = text
    this.revision++
  }

  /** Drops the oldest chunks until another fits. False when what would have to go is being read. */
  #makeRoom(): boolean {
    while (this.end - this.first + CHUNK_ROWS > this.#bounds.rows || this.#bytes > this.#bounds.bytes) {
      const oldest = this.#chunks[0]
      if (oldest === undefined) return true
      if (this.first + CHUNK_ROWS > this.pinned) return false
      this.#chunks.shift()
      this.first += CHUNK_ROWS
      this.#bytes -= oldest.bytes
      for (const kind of oldest.kinds) if (kind <= 1) this.lines--
    }
    return true
  }
}

export function isLine(kind: RowKind): boolean {
  return kind === 'stdout' || kind === 'stderr'
}
