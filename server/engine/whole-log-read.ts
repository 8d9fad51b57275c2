/**
 * Reads a log past the places where the engine cannot read it. A damaged log (a power loss, a full disk) sends what it can and
 * then a sentence, or ends early without a word; so does every longer read, while a shorter one, which begins behind the damage,
 * has the newest lines. Or it passes over lines, and goes on: as Docker reads a file by buffers, and drops one that it cannot
 * read with all the records in it. Sources: moby issue 53631, and `decoder.Decode` in daemon/logger/jsonfilelog/read.go.
 */
import { type Damage, isLines, type LogChunk } from '../logs/damage.ts'
import { type LogLine, weightOf } from '../logs/line.ts'
import { unshared } from '../logs/unshared.ts'
import { DamageEnd, type Found, readNewest } from './damage-end.ts'
import { EngineError, type LogRead } from './engine.ts'
import { LastLines } from './last-lines.ts'
import { areSame, isGarbled, Probe } from './probe.ts'

/** A read of so few pieces is held until it is known that it is whole, up to so many bytes. */
const MAX_HELD_PIECES = 1_024
const MAX_HELD_BYTES = 1024 * 1024

/** How long bytes that are no log may come at the same place. */
const GARBLED_MS = 5_000
/** How often an engine may fail at a place where a second read does not, and of how many places that is remembered. */
const MOST_READABLE = 3
const MOST_READABLE_PLACES = 64
/** A read of a log that has more damage looks for its end only: each place takes some reads to get past. */
const MOST_LOOKS = 512
/** How often a follow is opened where the log grows, so that it begins too late; then a read brings the lines before it. */
const MOST_FOLLOWS = 2

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
  /** Those lines. */
  last = new LastLines()
  /** The last line before bytes that were no log, and since when. */
  #garbled: { readonly after: string; readonly since: number } | undefined
  /** How often the engine failed after lines of that time, and then did not. */
  readonly #readable = new Map<string, number>()

  /** Whether bytes that are no log come after that line again and again: then they are no fault of the connection. */
  isGarbledForLong(after: string, now = performance.now()): boolean {
    if (this.#garbled?.after !== after) this.#garbled = { after, since: now }
    return now - this.#garbled.since >= GARBLED_MS
  }

  /** Whether the engine has failed there, and then did not, so often that it is damage all the same. Counts. */
  wasReadable(after: string): boolean {
    const count = this.#readable.get(after) ?? 0
    this.#readable.delete(after)
    this.#readable.set(unshared(after), count + 1)
    for (const place of this.#readable.keys())
      if (this.#readable.size > MOST_READABLE_PLACES) this.#readable.delete(place)
    return count >= MOST_READABLE
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
  /** `pieces` at the chunk that was handed out last, while others are held. */
  #shownPieces: number | undefined
  /** The `tail` of the read under way. */
  #tail: number | 'all'
  #beginsBehindDamage = false
  #looks = 0
  /** What comes next is the last that is looked for. */
  #isLast = false
  /** The first line that was read. */
  #begin: LogLine | undefined
  /** The log is known to have no more. */
  #isWhole = false
  #isClosed = false

  /** Resolves when the engine has begun to answer. Rejects with `EngineError`. */
  static async open(options: WholeLogReadOptions): Promise<WholeLogRead> {
    const read = new WholeLogRead(options)
    read.#beginsBehindDamage = await read.#isBehindDamage()
    if (!read.#beginsBehindDamage) read.#read = await read.#open(options.tail, options.follow)
    return read
  }

  private constructor(options: WholeLogReadOptions) {
    this.#options = options
    this.#tail = options.tail
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
      const last = this.#read ? new LastLines() : this.#options.known.last.copy()
      let mayComeFurther = this.#read !== undefined
      let renumber = last.renumbering()
      let chunks = this.#read ? this.#checked(this.#read) : await this.#behind(last, KNOWN)
      while (typeof chunks === 'object') {
        let damage: Damage | undefined
        /** The engine's sentence, until it is known whether there is damage. */
        let held: Damage | undefined
        const { count } = last
        try {
          for await (const chunk of chunks) {
            if (held) yield held
            damage = isLines(chunk) ? undefined : chunk
            held = damage?.isOfEngine && damage
            const own = isLines(chunk) ? renumber(chunk) : chunk
            if (isLines(own)) {
              this.#begin ??= own[0] && { ...own[0], time: unshared(own[0].time) }
              last.push(own)
            }
            if (!held) yield own
          }
        } catch (error) {
          if (!isGarbled(error)) throw error
          if (!this.#options.known.isGarbledForLong(last.latest)) throw error
          damage = held = { detail: error.message, isOfEngine: true }
        }
        if (this.#isClosed || this.#isWhole || !(damage || this.#mayHaveEndedEarly)) return
        mayComeFurther ||= last.count > count // if not, it would not the next time
        chunks = mayComeFurther ? await this.#behind(last, damage) : 'nothing'
        mayComeFurther = false
        renumber = last.renumbering()
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
    const again = await this.#probe(lines.length, false)
    if (areSame(again.first, lines[0])) {
      again.close()
      this.#isWhole = true
      return undefined
    }
    const behind = await again.lines()
    const isShort = behind.length < lines.length
    // Lines were written meanwhile, or they are the same.
    const end = isShort
      ? await readNewest(
          (some) => this.#probe(some, false),
          () => this.#isClosed,
        )
      : { line: behind.at(-1) }
    if (!areSame(end.line, lines.at(-1)) || commonEnd(behind, lines) === lines.length) return undefined
    this.#isWhole = true
    const [enough, tooMany] = isShort ? [[], lines.length] : [behind, asked]
    const rest = await this.#longestWhole(enough, tooMany)
    const before = new LastLines()
    before.push(lines.slice(0, lines.length - commonEnd(rest, lines)))
    this.#options.known.after = unshared(before.latest)
    this.#options.known.pieces = rest.length
    this.#options.known.last = before
    const sides = [lines.slice(0, before.count), PASSED_OVER, before.renumbering()(rest)]
    return sides.filter((chunk) => !isLines(chunk) || chunk.length > 0)
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
  async #isBehindDamage(): Promise<boolean> {
    const { follow, tail, after, known } = this.#options
    if (!follow || !after || known.after === undefined || (tail !== 'all' && tail <= known.pieces)) return false
    if (after > known.after) return true
    // Its clock was set back, or is coarse: the lines tell.
    const probe = await this.#probe(known.pieces, false)
    try {
      for await (const chunk of probe.readable())
        if (isLines(chunk) && chunk.some(({ time }) => time === after)) return true
      return false
    } finally {
      probe.close()
    }
  }

  /** A read that has as many pieces as it asked for has come to the log's end; and there is none that is shorter than of one. */
  get #mayHaveEndedEarly(): boolean {
    const { tail, follow } = this.#options
    return !follow && tail !== 1 && (tail === 'all' || this.pieces < tail)
  }

  /**
   * The lines behind the damage after `last`. `nothing`: there is none. `readable`: a second read finds no damage; the log has
   * grown, or the engine could not read it for a moment.
   */
  async #behind(
    last: LastLines,
    damage: Damage | undefined,
  ): Promise<AsyncIterable<LogChunk> | 'nothing' | 'readable'> {
    if (this.#isLast) return 'nothing'
    const { known, follow, isFramed } = this.#options
    // The read under way has ended just before the damage, so many pieces before the log's end, if it had as many as it asked for.
    const distance = isFramed && this.#tail !== 'all' ? this.#tail - (this.#read?.pieces ?? 0) : 0
    this.#pieces = this.pieces
    this.#passed = this.passed
    this.#read = undefined
    const isCertain = damage === KNOWN || (damage !== undefined && known.wasReadable(last.latest))
    this.#isLast = this.#looks > MOST_LOOKS
    const find = (tail: number) =>
      new DamageEnd({
        last,
        mayBeEmpty: last.latest === '' && !damage,
        isCertain,
        tail,
        tooMany: last.count === 0 && !follow && distance > 0 ? distance + 1 : Number.POSITIVE_INFINITY,
        begin: this.#begin,
        isFramed,
        isLast: this.#isLast,
        probe: (some) => this.#probe(some, false),
        isClosed: () => this.#isClosed,
      }).find()
    let found: Followed | 'nothing' | 'readable' = await find(known.after === last.latest ? known.pieces : distance)
    if (found === 'nothing' && damage?.isOfEngine && !isCertain && (await this.#isEndWhole())) return 'readable'
    if (follow) found = await this.#followed(found, find, damage === KNOWN ? this.#options.after : undefined)
    if (typeof found === 'string') return found
    if (damage !== KNOWN) known.last = last.copy()
    known.after = unshared(last.latest)
    known.pieces = this.#tail = found.tail
    this.#read = found.probe.read
    return found.follow ? joined(found.probe, found.follow) : found.probe.chunks()
  }

  /** A follow that begins with the line with which the read begins that was found, or at `after`, if that is enough. */
  async #followed(
    first: Found | 'nothing' | 'readable',
    find: (tail: number) => Promise<Found | 'nothing' | 'readable'>,
    after = '',
  ): Promise<Followed | 'nothing' | 'readable'> {
    let found = first
    for (let times = 1; typeof found === 'object'; times++) {
      found.probe.close()
      const probe = await this.#probe(found.tail, true)
      const isEarly = probe.first && probe.first.time <= after
      if (isEarly || areSame(probe.first, found.first)) return { ...found, probe }
      const isLast = times >= MOST_FOLLOWS
      if (!isLast || !probe.first) probe.close()
      if ((isLast && !probe.first) || this.#isClosed) return 'nothing'
      found = await find(found.tail) // the log has grown
      if (isLast) return typeof found === 'object' ? { ...found, follow: probe } : (probe.close() ?? found)
    }
    return found
  }

  /** Whether the last record can be read. */
  async #isEndWhole(): Promise<boolean> {
    const end = await this.#probe(1, false)
    return end.isWhole()
  }

  async #probe(tail: number, follow: boolean): Promise<Probe> {
    this.#looks++
    return Probe.begin(await this.#open(tail, follow), follow)
  }

  async #open(tail: number | 'all', follow: boolean): Promise<LogRead> {
    const read = await this.#options.open(tail, follow)
    if (this.#isClosed) read.close()
    this.#opened.add(read)
    return read
  }
}

/** With how many lines both end. */
function commonEnd(some: readonly LogLine[], others: readonly LogLine[]): number {
  let count = 0
  while (count < some.length && areSame(some.at(-1 - count), others.at(-1 - count))) count++
  return count
}

/** `follow`: a follow that was opened before `probe`, and takes over at its own first line. */
interface Followed extends Found {
  readonly follow?: Probe
}

async function* joined(read: Probe, follow: Probe): AsyncGenerator<LogChunk, void, void> {
  for await (const chunk of read.readable()) {
    const met = isLines(chunk) ? chunk.findIndex((line) => areSame(line, follow.first)) : -1
    if (!isLines(chunk) || met < 0) {
      yield chunk
      continue
    }
    if (met > 0) yield chunk.slice(0, met)
    break
  }
  yield* follow.chunks()
}

interface HeldChunk {
  readonly chunk: LogChunk
  /** How many there were when it had come. */
  readonly pieces: number
}
