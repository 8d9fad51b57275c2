/**
 * Reads a log past the places where the engine cannot read it. A damaged log (a power loss, a full disk) sends what it can and
 * then a sentence, or ends early without a word; so does every longer read, while a shorter one, which begins behind the damage,
 * has the newest lines. Or it passes over lines, and goes on: as Docker reads a file by buffers, and drops one that it cannot
 * read with all the records in it. Sources: moby issue 53631, and `decoder.Decode` in daemon/logger/jsonfilelog/read.go.
 */
import { type Damage, isLines, type LogChunk } from '../logs/damage.ts'
import { type LogLine, weightOf } from '../logs/line.ts'
import { unshared } from '../logs/unshared.ts'
import { EngineError, type LogRead } from './engine.ts'
import { LastLines } from './last-lines.ts'

/** How long a follow that begins behind the damage may take to bring its first line; one that begins in it brings none. */
const FIRST_LINE_MS = 2_000

/** A read of so few pieces is held until it is known that it is whole, up to so many bytes. */
const MAX_HELD_PIECES = 1_024
const MAX_HELD_BYTES = 1024 * 1024

/** How long bytes that are no log may come at the same place. */
const GARBLED_MS = 5_000
/** How often an engine may fail at a place where a second read does not. */
const MOST_READABLE = 3

/** Of damage that an earlier read has met. */
const KNOWN: Damage = { detail: '' }
const PASSED_OVER: Damage = { detail: 'Docker skipped lines here that it could not read.' }
const ENDED_EARLY: Damage = { detail: 'Docker stopped sending here, but the log has newer lines.' }

/** Where a log is damaged, as far as reads have shown. One for each log: it spares the next read most of the search. */
export class KnownDamage {
  /** The latest time of the lines before the damage; undefined while none was met. */
  after: string | undefined
  /** A read of so few pieces begins behind it; as logs grow, so does any later one. */
  pieces = 0
  /** The last line before bytes that were no log, and since when. */
  #garbled: { readonly after: string; readonly since: number } | undefined
  /** The last line after which the engine failed, and then did not. */
  #readable: { readonly after: string; count: number } | undefined

  /** Whether bytes that are no log come after that line again and again: then they are no fault of the connection. */
  isGarbledForLong(after: string, now = performance.now()): boolean {
    if (this.#garbled?.after !== after) this.#garbled = { after, since: now }
    return now - this.#garbled.since >= GARBLED_MS
  }

  /** Whether the engine has failed there, and then did not, so often that it is damage all the same. Counts. */
  wasReadable(after: string): boolean {
    if (this.#readable?.after !== after) this.#readable = { after, count: 0 }
    return this.#readable.count++ >= MOST_READABLE
  }
}

export interface WholeLogReadOptions {
  readonly tail: number | 'all'
  readonly follow: boolean
  readonly known: KnownDamage
  /** Lines of that time and earlier are not needed. */
  readonly after?: string | undefined
  /** Each line that is not longer than a piece is one for certain, as `tail=` counts them: not so with a TTY. */
  readonly isFramed: boolean
  /** Opens a read of the same log. */
  readonly open: (tail: number | 'all', follow: boolean) => Promise<LogRead>
}

export class WholeLogRead implements LogRead {
  readonly #options: WholeLogReadOptions
  /** The read under way. */
  #read: LogRead | undefined
  readonly #opened = new Set<LogRead>()
  #pieces = 0
  #passed = 0
  /** Of the chunk that was handed out last, while others are held. */
  #shownPieces: number | undefined
  /** When the first line was written that was read. */
  #begin: string | undefined
  /** The log is known to have no more. */
  #isWhole = false
  #isClosed = false

  /** Resolves when the engine has begun to answer. Rejects with `EngineError`. */
  static async open(options: WholeLogReadOptions): Promise<WholeLogRead> {
    const read = new WholeLogRead(options)
    if (!read.#beginsBehindDamage) read.#read = await read.#open(options.tail, options.follow)
    return read
  }

  private constructor(options: WholeLogReadOptions) {
    this.#options = options
  }

  get pieces(): number {
    return this.#shownPieces ?? this.#pieces + (this.#read?.pieces ?? 0)
  }

  get passed(): number {
    return this.#passed + (this.#read?.passed ?? 0)
  }

  close(): void {
    this.#isClosed = true
    for (const read of this.#opened) read.close()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LogChunk, void, void> {
    try {
      const last = new LastLines(this.#read ? '' : this.#options.known.after)
      let chunks = this.#read ? this.#checked(this.#read) : await this.#behind(last, KNOWN)
      while (typeof chunks === 'object') {
        let damage: Damage | undefined
        /** The engine's sentence, until it is known whether there is damage. */
        let held: Damage | undefined
        const { latest } = last
        try {
          for await (const chunk of chunks) {
            if (held) yield held
            damage = isLines(chunk) ? undefined : chunk
            held = damage?.isOfEngine && damage
            if (isLines(chunk)) {
              this.#begin ??= unshared(chunk[0]?.time ?? '')
              last.push(chunk)
            }
            if (!held) yield chunk
          }
        } catch (error) {
          if (!isGarbled(error)) throw error
          if (!this.#options.known.isGarbledForLong(last.latest)) throw error
          damage = held = { detail: error.message, isOfEngine: true }
        }
        if (this.#isClosed || this.#isWhole || !(damage || this.#mayHaveEndedEarly)) return
        const isNoFurther = last.latest === latest && latest !== '' // nor would it come further again
        chunks = isNoFurther ? 'nothing' : await this.#behind(last, damage)
        if (chunks === 'readable' && damage?.isOfEngine) throw new EngineError('cut', damage.detail)
        if (held) yield held
        else if (typeof chunks === 'object' && !damage) yield ENDED_EARLY
      }
    } finally {
      this.close()
    }
  }

  /** The same; one of few pieces with the lines that the engine passed over, if it did. */
  async *#checked(read: LogRead): AsyncGenerator<LogChunk, void, void> {
    const { tail, follow, isFramed } = this.#options
    if (!isFramed || follow || tail === 'all' || tail === 1 || tail > MAX_HELD_PIECES) return yield* read
    let held: HeldChunk[] | undefined = []
    let bytes = 0
    for await (const chunk of read) {
      if (!held) {
        yield chunk
        continue
      }
      held.push({ chunk, pieces: read.pieces })
      if (isLines(chunk)) for (const line of chunk) bytes += weightOf(line)
      if (read.pieces < tail && bytes < MAX_HELD_BYTES) continue
      yield* this.#release(held)
      held = undefined
    }
    if (!held || this.#isClosed) return
    const lines = held.flatMap(({ chunk }) => (isLines(chunk) ? chunk : []))
    const isPlain = lines.length > 0 && held.every(({ chunk }) => isLines(chunk)) && read.passed === 0
    const mended = isPlain && read.pieces === lines.length ? await this.#mend(lines, tail) : undefined
    if (mended) yield* mended
    else yield* this.#release(held)
  }

  *#release(held: readonly HeldChunk[]): Generator<LogChunk> {
    for (const { chunk, pieces } of held) {
      this.#shownPieces = pieces
      yield chunk
    }
    this.#shownPieces = undefined
  }

  /**
   * A log that has just these lines begins with the first of them when it is asked for as many. If it does not, and has not
   * grown, lines were passed over: those behind the damage are read again. Undefined where nothing is to be mended.
   */
  async #mend(lines: readonly LogLine[], asked: number): Promise<LogChunk[] | undefined> {
    const [first, last] = [lines[0], lines.at(-1)]
    const again = await this.#probe(lines.length, false)
    if (again.first?.time === first?.time && again.first?.message === first?.message) {
      again.close()
      this.#isWhole = true
      return undefined
    }
    const behind = await again.lines()
    if ((await this.#newest())?.time !== last?.time) return undefined
    const times = new Set(lines.map(({ time }) => time))
    const isShort = behind.length < lines.length
    if (!isShort && behind.every(({ time }) => times.has(time))) return undefined
    this.#isWhole = true
    const [enough, tooMany] = isShort ? [[], lines.length] : [behind, asked]
    const rest = await this.#longestWhole(enough, tooMany)
    const begin = rest[0]?.time ?? ''
    const before = lines.filter(({ time }) => time < begin)
    this.#options.known.after = unshared(before.at(-1)?.time ?? '')
    this.#options.known.pieces = rest.length
    return [...(before.length > 0 ? [before] : []), PASSED_OVER, ...(rest.length > 0 ? [rest] : [])]
  }

  /** The lines of the longest tail, shorter than `tooMany`, that brings as many as it was asked for; it brings `enough`. */
  async #longestWhole(enough: LogLine[], tooMany: number): Promise<LogLine[]> {
    let rest = enough
    let most = tooMany
    while (rest.length + 1 < most && !this.#isClosed) {
      const tail = Math.floor((rest.length + most) / 2)
      const lines = await (await this.#probe(tail, false)).lines()
      if (lines.length < tail) most = tail
      else rest = lines
    }
    return rest
  }

  /** A follow of lines behind a damage that is known does not read up to it: it may stop there without a word. */
  get #beginsBehindDamage(): boolean {
    const { follow, tail, after = '', known } = this.#options
    return follow && known.after !== undefined && after > known.after && (tail === 'all' || tail > known.pieces)
  }

  /** A read that has as many pieces as it asked for has come to the log's end; and there is none that is shorter than of one. */
  get #mayHaveEndedEarly(): boolean {
    const { tail, follow } = this.#options
    return !follow && tail !== 1 && (tail === 'all' || this.pieces < tail)
  }

  /**
   * The lines behind the damage after `last`: the longest tail that begins with a later one. `nothing`: there is none.
   * `readable`: a second read finds no damage; the log has grown, or the engine could not read it for a moment.
   */
  async #behind(
    last: LastLines,
    damage: Damage | undefined,
  ): Promise<AsyncIterable<LogChunk> | 'nothing' | 'readable'> {
    const { known, follow } = this.#options
    this.#pieces = this.pieces
    this.#passed = this.passed
    this.#read = undefined
    const isLater = (line: LogLine | undefined) => line !== undefined && last.areBefore(line)
    let newest = await this.#newest()
    if (!isLater(newest)) return damage?.isOfEngine && (await this.#isEndWhole()) ? 'readable' : 'nothing'
    let isCertain = damage === KNOWN || (damage !== undefined && known.wasReadable(last.latest))
    /** The one that begins first. */
    let best: Probe | undefined
    let shorter = newest // the first line of the longest tail that was whole, as long as the log is
    let enough = 0 // the longest tail known to begin behind the damage
    let tooMany = Number.POSITIVE_INFINITY // the shortest known not to, as long as the log is
    let [tail, step] = known.after === last.latest ? [known.pieces, 1] : [1, 2]
    let reads = 0
    /** Since this was asked last. What was too much before may then begin behind the damage. */
    const hasGrown = async () => {
      if (reads > MOST_READS) return false
      const before = newest
      newest = await this.#newest()
      if (newest?.time === before?.time) return false
      shorter = newest
      tooMany = Number.POSITIVE_INFINITY
      return true
    }
    while (!this.#isClosed && tail <= MOST_PIECES) {
      reads++
      const probe = await this.#probe(tail, follow)
      // What begins later than a shorter tail has dropped lines; a follow then begins with what is written now. Or lines came,
      // or times step back there.
      const isWhole = (probe.first?.time ?? '') <= (shorter?.time ?? '')
      const isGrown = isLater(probe.first) && !isWhole && (await hasGrown())
      if (isLater(probe.first) && (isWhole || isGrown || (this.#options.isFramed && (await this.#hasAll(tail))))) {
        const beginsAlike = isWhole && tail > 1 && probe.begins(shorter)
        // One that is longer than the best begins before it; after growth, times tell.
        const isBest = !best || best.first === shorter || !best.isBefore(probe)
        shorter = isGrown ? shorter : probe.first
        const isBeginning = !isCertain && beginsAlike && reads <= MOST_READS && !(await hasGrown())
        enough = tail
        if (isBest) {
          best?.close()
          best = probe
        } else {
          probe.close()
        }
        if (isBeginning) break
      } else {
        const again = follow ? await this.#probe(tail, false) : probe
        const isReadable = !isCertain && (await this.#isReadable(again, tail, isLater))
        again.close()
        probe.close()
        if (isReadable) {
          best?.close()
          return 'readable'
        }
        tooMany = tail
      }
      if (enough + 1 >= tooMany) {
        if (!best || !(await hasGrown())) {
          isCertain = true // the shortest read that should go beyond does not
          break
        }
        step = 1
      }
      if (Number.isFinite(tooMany)) {
        tail = Math.floor((enough + tooMany) / 2)
        continue
      }
      tail = enough + step
      step *= 2
    }
    if (this.#isClosed || !best || !isCertain) {
      best?.close()
      return isCertain ? 'nothing' : 'readable'
    }
    known.after = unshared(last.latest)
    known.pieces = enough
    this.#read = best.read
    return best.chunks()
  }

  /** Whether a read of `tail` pieces, which begins before later lines, has some of them. */
  async #isReadable(probe: Probe, tail: number, isLater: (line: LogLine) => boolean): Promise<boolean> {
    // Of a read of the log's very beginning it is not known how many pieces it should have.
    const pieces = this.#options.isFramed && probe.first?.time !== this.#begin ? tail : 0
    return probe.goesBeyond(isLater, pieces)
  }

  /** The newest line that can be read, or one of the newest: the last records may be damaged themselves. */
  async #newest(): Promise<LogLine | undefined> {
    for (let tail = 1; tail <= MOST_DAMAGED_AT_END && !this.#isClosed; tail *= 2) {
      const probe = await this.#probe(tail, false)
      probe.close()
      if (probe.first || !probe.hasDamage) return probe.first
    }
    return undefined
  }

  /** Whether the last record can be read. */
  async #isEndWhole(): Promise<boolean> {
    const end = await this.#probe(1, false)
    return end.isWhole()
  }

  /** Whether a read of so many pieces brings them. */
  async #hasAll(tail: number): Promise<boolean> {
    const probe = await this.#probe(tail, false)
    await probe.lines()
    return probe.read.pieces === tail
  }

  async #probe(tail: number, follow: boolean): Promise<Probe> {
    return Probe.begin(await this.#open(tail, follow), follow)
  }

  async #open(tail: number | 'all', follow: boolean): Promise<LogRead> {
    const read = await this.#options.open(tail, follow)
    if (this.#isClosed) read.close()
    this.#opened.add(read)
    return read
  }
}

interface HeldChunk {
  readonly chunk: LogChunk
  /** How many there were when it had come. */
  readonly pieces: number
}

/** Records at a log's end that are looked past for one that can be read. */
const MOST_DAMAGED_AT_END = 64

/** After so many reads a search no longer begins anew when the container writes: of one that always does, lines may stay behind. */
const MOST_READS = 64

/** No log has so many: the engine gives all it has, and that begins after the line that is looked for. */
const MOST_PIECES = 2 ** 30

/** A read of which the first line is known. */
class Probe {
  readonly read: LogRead
  /** Undefined if it has none. */
  first: LogLine | undefined
  readonly #iterator: AsyncIterator<LogChunk>
  readonly #begun: LogChunk[] = []

  private constructor(read: LogRead) {
    this.read = read
    this.#iterator = read[Symbol.asyncIterator]()
  }

  static async begin(read: LogRead, follow: boolean): Promise<Probe> {
    const probe = new Probe(read)
    const timer = follow && setTimeout(() => read.close(), FIRST_LINE_MS)
    try {
      while (!probe.first) {
        const next = await probe.#iterator.next()
        if (next.done) break
        probe.#begun.push(next.value)
        if (isLines(next.value)) probe.first = next.value[0]
      }
    } catch (error) {
      if (!isGarbled(error)) throw error
    } finally {
      if (timer) clearTimeout(timer)
    }
    return probe
  }

  /** Something before its first line could not be read. */
  get hasDamage(): boolean {
    return !this.#begun.every(isLines)
  }

  /** Whether it has lines, and nothing that could not be read. */
  async isWhole(): Promise<boolean> {
    let isWhole = this.first !== undefined && !this.hasDamage
    for await (const chunk of this.chunks()) isWhole &&= isLines(chunk)
    return isWhole
  }

  /** With that line. */
  begins(line: LogLine | undefined): boolean {
    return this.first !== undefined && this.first.time === line?.time && this.first.message === line.message
  }

  isBefore({ first }: Probe): boolean {
    return (this.first?.time ?? '') < (first?.time ?? '')
  }

  close(): undefined {
    this.read.close()
    void this.#iterator.return?.()
  }

  /** From its first line on: what is damaged before that was the reason to look here. */
  async *chunks(): AsyncGenerator<LogChunk, void, void> {
    yield* this.#begun.filter(isLines)
    yield* { [Symbol.asyncIterator]: () => this.#iterator }
  }

  /** All of its lines. */
  async lines(): Promise<LogLine[]> {
    const all: LogLine[] = []
    for await (const chunk of this.chunks()) if (isLines(chunk)) all.push(...chunk)
    return all
  }

  /** Whether it has a line that is later, and all pieces that it should have. */
  async goesBeyond(isLater: (line: LogLine) => boolean, pieces: number): Promise<boolean> {
    let isBeyond = false
    try {
      for await (const chunk of this.chunks()) {
        isBeyond ||= isLines(chunk) && chunk.some(isLater)
        if (isBeyond && this.read.pieces >= pieces) return true
      }
    } catch (error) {
      if (!isGarbled(error)) throw error
    }
    return false
  }
}

function isGarbled(error: unknown): error is EngineError {
  return error instanceof EngineError && error.code === 'garbled'
}
