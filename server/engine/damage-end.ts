/**
 * Looks for the place where a damaged log can be read again: the longest tail that begins behind the damage. Shorter tails
 * begin behind it too, longer ones before it; those that begin with a damaged record bring nothing, and so do not tell.
 */
import { isLines } from '../logs/damage.ts'
import type { LogLine } from '../logs/line.ts'
import type { LastLines } from './last-lines.ts'
import { areSame, type Probe } from './probe.ts'

/** How many shorter tails are tried one by one where one brings nothing; then only some, as where a long stretch is damaged. */
const TRIED_EACH = 16
/** Records at a log's end that are looked past for one that can be read. */
const NEWEST_TAILS = [...Array.from({ length: TRIED_EACH }, (_, index) => index + 1), 32, 64]
/** No log has so many: the engine gives all it has. */
const MOST_PIECES = 2 ** 30
/** So many tails, each twice as long as the one before, that bring nothing: the log's first record is damaged. */
const MOST_EMPTY = 3
/** Lines that are compared to find which of two reads of a growing log begins first; after these, their times tell. */
const MOST_COMPARED = 1_024
/** After so many reads a search does not begin anew when the container writes: of one that always does, lines may stay behind. */
const MOST_READS = 64

export interface DamageEndOptions {
  /** The lines up to the damage. */
  readonly last: LastLines
  /** Nothing was read, so that the log may have nothing. */
  readonly mayBeEmpty: boolean
  /** It is known that there is damage. */
  readonly isCertain: boolean
  /** The tail to try first. */
  readonly tail: number
  /** A tail of so many pieces does not begin behind it, unless the log grows. */
  readonly tooMany: number
  /** The first line of the read that met the damage. */
  readonly begin: LogLine | undefined
  /** Pieces can be counted by lines. */
  readonly isFramed: boolean
  /** Only what can be read up to the log's end is looked for: there is too much damage to find every line. */
  readonly isLast: boolean
  /** Opens a read, which does not follow. */
  readonly probe: (tail: number) => Promise<Probe>
  readonly isClosed: () => boolean
}

/** `probe`: begins behind the damage, by a tail of so many pieces. */
export interface Found {
  readonly probe: Probe
  readonly first: LogLine
  readonly tail: number
}

type Place = 'empty' | 'before' | 'behind' | 'passes'

export class DamageEnd {
  readonly #options: DamageEndOptions
  #reads = 0
  #newest: LogLine | undefined
  /** How many pieces it takes to have that. */
  #newestTail = 1
  #best: Found | undefined
  /** Up to here tails begin behind the damage, or bring nothing; from `#upper` on they do not, as long as the log is. */
  #lower = 0
  #upper: number
  /** A read began before the damage. */
  #hasBefore = false
  #isCertain: boolean

  constructor(options: DamageEndOptions) {
    this.#options = options
    this.#upper = options.tooMany
    this.#isCertain = options.isCertain
  }

  /**
   * `nothing`: no line comes behind it. `readable`: a second read finds no damage; the log has grown, or the engine could not
   * read it for a moment.
   */
  async find(): Promise<Found | 'nothing' | 'readable'> {
    const { last, isLast } = this.#options
    this.#newest = await this.#readNewest()
    if (!this.#newest || this.#newestTail >= this.#upper) return 'nothing'
    if (!last.areEarlierThan(this.#newest) && (last.count === 0 || last.has(this.#newest))) return 'nothing'
    const isFound = await (isLast ? this.#findLast() : this.#search())
    if (isFound && this.#best) return this.#best
    this.#best?.probe.close()
    return isFound || this.#options.isClosed() ? 'nothing' : 'readable'
  }

  /** Whether there is damage for certain. */
  async #search(): Promise<boolean> {
    this.#lower = this.#newestTail - 1
    let tail = Math.max(this.#newestTail, Math.min(this.#options.tail, this.#upper - 1))
    let step = tail > this.#newestTail ? 1 : 2
    let empty = 0
    while (!this.#options.isClosed()) {
      const place = await this.#look(tail)
      if (place === 'passes') return false
      empty = place === 'empty' ? empty + 1 : 0
      const isAtBeginning = place === 'beginning' || this.#lower >= MOST_PIECES || empty >= MOST_EMPTY
      if (this.#lower + 1 >= this.#upper || (isAtBeginning && !Number.isFinite(this.#upper))) {
        const hasGrown = await this.#hasGrown()
        // A log that keeps growing is never read twice in one state, so reads cannot prove that it is damaged.
        if (hasGrown && this.#reads > MOST_READS) return this.#isCertain
        if (!hasGrown) break
        empty = 0
        step = 1
      }
      if (Number.isFinite(this.#upper)) {
        tail = Math.floor((this.#lower + this.#upper) / 2)
        continue
      }
      tail = this.#lower + step
      step *= 2
    }
    const isClosed = this.#hasBefore && this.#lower + 1 >= this.#upper // the shortest read that should go beyond does not
    return this.#isCertain || isClosed || this.#lower > (this.#best?.tail ?? 0)
  }

  /** Where a read of `tail` begins; of one that brings nothing: where the longest shorter one begins that brings something. */
  async #look(tail: number): Promise<Place | 'beginning'> {
    let empty = tail
    for (const shorter of downTo(tail, this.#lower)) {
      const place = await this.#lookAt(shorter)
      if (place === 'behind') await this.#lookBetween(shorter, empty)
      if (place === 'behind' || place === 'beginning') this.#lower = tail
      if (place !== 'empty') return place
      if (shorter === empty - 1) empty = shorter
    }
    this.#lower = tail
    return 'empty'
  }

  /** Looks for a longer one than `enough`, where only some were looked at. */
  async #lookBetween(enough: number, empty: number): Promise<void> {
    let [lower, upper] = [enough, empty]
    while (lower + 1 < upper && !this.#options.isClosed()) {
      const tail = upper - lower > TRIED_EACH ? Math.floor((lower + upper) / 2) : upper - 1
      const least = Math.max(lower + 1, tail - TRIED_EACH)
      let place: Place | 'beginning' = 'empty'
      for (let each = tail; place === 'empty' && each >= least; each--) place = await this.#lookAt(each)
      if (place === 'behind') lower = tail
      else upper = tail
    }
  }

  /** Where a read of just `tail` begins. */
  async #lookAt(tail: number): Promise<Place | 'beginning'> {
    const probe = await this.#probe(tail)
    const place = await this.#placeOf(probe, tail)
    if (place !== 'behind' || probe.isUsed) probe.close()
    if (place === 'before') {
      this.#upper = tail
      this.#hasBefore = true
    }
    if (place !== 'behind') return place
    const isBeginning =
      tail > 1 && areSame(probe.first, this.#best?.first) && (await this.#begins(tail + 1, probe.first))
    await this.#take(probe.isUsed ? await this.#probe(tail) : probe, tail)
    return isBeginning ? 'beginning' : place
  }

  /** Whether a read of `tail` begins with that line: as one of fewer does, too, there is none before it. Or the log has grown. */
  async #begins(tail: number, line: LogLine | undefined): Promise<boolean> {
    const probe = await this.#probe(tail)
    probe.close()
    return areSame(probe.first, line)
  }

  /** The longest tail that has all lines up to the log's end. */
  async #findLast(): Promise<true> {
    let tail = this.#newestTail
    let step = 1
    while (!this.#options.isClosed() && this.#lower + 1 < this.#upper && tail <= MOST_PIECES) {
      const probe = await this.#probe(tail)
      const isBehind = (await this.#placeOf(probe, tail)) === 'behind'
      probe.close()
      if (isBehind && (await this.#reachesEnd(tail))) this.#lower = tail
      else this.#upper = tail
      tail = Number.isFinite(this.#upper) ? Math.floor((this.#lower + this.#upper) / 2) : this.#lower + step
      step *= 2
    }
    const enough = Math.max(this.#lower, this.#newestTail)
    await this.#take(await this.#probe(enough), enough)
    return true
  }

  /** Keeps a read of `tail`, if it begins before the one that is kept. */
  async #take(probe: Probe, tail: number): Promise<void> {
    const { first } = probe
    if (!first) return probe.close()
    if (this.#best && (await this.#relation(first, tail)) === 'later') {
      probe.close()
      this.#best = { ...this.#best, tail }
      return
    }
    this.#best?.probe.close()
    this.#best = { probe, first, tail }
  }

  /** Where a probe begins. */
  async #placeOf(probe: Probe, tail: number): Promise<Place> {
    const { first } = probe
    if (!first) return 'empty'
    const isLater = this.#options.last.areEarlierThan(first)
    const place = isLater ? 'behind' : await this.#placeByLines(probe, first, tail)
    if (place !== 'behind') return place
    return (await this.#relation(first, tail)) === 'lacking' ? 'before' : place
  }

  /** The same where times do not tell: it begins before the damage if it comes to the last line before that. */
  async #placeByLines(probe: Probe, first: LogLine, tail: number): Promise<Place> {
    const { last, begin, isFramed } = this.#options
    const isBefore = last.count === 0 || last.has(first)
    if (isBefore && this.#isCertain) return 'before'
    // Of a read of the log's very beginning it is not known how many pieces it should have.
    const pieces = isFramed && first.time !== begin?.time ? tail : 0
    let hasLast = false
    let isBeyond = false
    for await (const chunk of probe.readable()) {
      if (!isLines(chunk)) break
      for (const line of chunk) {
        if (hasLast) isBeyond ||= !last.has(line)
        else if (last.endWith(line)) hasLast = true
        else if (last.areEarlierThan(line)) {
          if (!isBefore) return 'behind'
          isBeyond = true
        }
      }
      if (isBeyond && probe.read.pieces >= pieces) return 'passes'
    }
    this.#isCertain ||= hasLast
    return isBefore || hasLast ? 'before' : 'behind'
  }

  /**
   * How a read of `tail`, which begins with `first`, stands to the best of the shorter ones. `later`: the log has grown, and it
   * begins later. `lacking`: the engine dropped lines from it.
   */
  async #relation(first: LogLine, tail: number): Promise<'longer' | 'later' | 'lacking'> {
    const reference = this.#best ?? { first: this.#newest, tail: this.#newestTail }
    if (!reference.first || first.time <= reference.first.time) return 'longer'
    const same = await this.#probe(reference.tail)
    same.close()
    const isGrown = !areSame(same.first, reference.first)
    const probe = await this.#probe(tail)
    try {
      let end: LogLine | undefined
      for await (const chunk of probe.readable()) {
        if (!isLines(chunk) || chunk.some((line) => areSame(line, reference.first))) return 'longer'
        if (isGrown && probe.read.pieces > MOST_COMPARED) return 'later'
        end = chunk.at(-1)
      }
      if (isGrown || (this.#options.isFramed && probe.read.pieces === tail)) return 'later'
      return areSame(end, await this.#readNewest()) ? 'lacking' : 'longer'
    } finally {
      probe.close()
    }
  }

  /** Whether a read of `tail` has the log's newest line, and nothing in it is damaged. */
  async #reachesEnd(tail: number): Promise<boolean> {
    const probe = await this.#probe(tail)
    let end: LogLine | undefined
    try {
      for await (const chunk of probe.readable()) {
        if (!isLines(chunk)) return false
        end = chunk.at(-1)
      }
    } finally {
      probe.close()
    }
    return areSame(end, this.#newest)
  }

  /** Since this was asked last. What was too much before may then begin behind the damage. */
  async #hasGrown(): Promise<boolean> {
    const before = this.#newest
    this.#newest = await this.#readNewest()
    if (areSame(this.#newest, before)) return false
    this.#upper = Number.POSITIVE_INFINITY
    return true
  }

  async #readNewest(): Promise<LogLine | undefined> {
    const { mayBeEmpty, isClosed } = this.#options
    const newest = await readNewest((tail) => this.#probe(tail), isClosed, mayBeEmpty)
    this.#newestTail = newest.tail
    return newest.line
  }

  #probe(tail: number): Promise<Probe> {
    this.#reads++
    return this.#options.probe(tail)
  }
}

/**
 * The newest line that can be read, or one of the newest, and how many pieces it takes to have it: the last records may be
 * damaged themselves. `mayBeEmpty`: a log that brings nothing, and no damage, has nothing.
 */
export async function readNewest(
  open: (tail: number) => Promise<Probe>,
  isClosed: () => boolean,
  mayBeEmpty = false,
): Promise<{ readonly line: LogLine | undefined; readonly tail: number }> {
  for (const tail of NEWEST_TAILS) {
    if (isClosed()) break
    const probe = await open(tail)
    probe.close()
    if (probe.first || probe.isGarbled || (mayBeEmpty && !probe.hasDamage)) return { line: probe.first, tail }
  }
  return { line: undefined, tail: 1 }
}

/** `tail`, and shorter ones longer than `lower`: each of the next ones, then some. */
function* downTo(tail: number, lower: number): Generator<number> {
  let distance = 0
  while (tail - distance > lower) {
    yield tail - distance
    distance = distance < TRIED_EACH ? distance + 1 : distance * 2
  }
  if (distance > TRIED_EACH) yield lower + 1
}
