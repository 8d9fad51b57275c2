/**
 * The verdict on one session and one container name: from its first line on a session has Docker's lines, each once, in
 * Docker's order, but for gaps that say so in place and had to be. Pure.
 */
import type { Lines } from './lines.ts'
import { UNCERTAIN } from './text.ts'

/** The time in which one incarnation carried the name. A name's tenures, in order, are its reference. */
export interface Tenure {
  /** 12 hex digits. */
  readonly incarnation: string
  /** The incarnation's whole log; what belongs to the name is a part of it. */
  readonly lines: Lines
  /**
   * Where a session has to begin with it at the latest. Below: lines from before the container was renamed into the name, which
   * may be shown or not.
   */
  readonly from: number
  /** After the last line written under the name. */
  readonly to: number
  /** Unix ms: from then on another may have had the name. */
  readonly lostNameAt?: number | undefined
  /** Unix ms: from then on Docker may have refused to read it. */
  readonly removedAt?: number | undefined
  /** Of a log that is rotated: the line could not be had any more at that time (Unix ms). */
  readonly isGone?: ((index: number, at: number) => boolean) | undefined
}

export interface Gap {
  readonly reason: string
  /** It stands before the received line of this index. */
  readonly before: number
  /** When it came; Unix ms. */
  readonly at: number
  /** Since when the Sluice that said so runs, if it is known; Unix ms. */
  readonly knowsSince?: number | undefined
  /** Of a merged stream: it may be of another container. */
  readonly isNameless?: boolean
}

export interface Received {
  readonly lines: Lines
  /** Which incarnation the lines are of, from `from` on. */
  readonly incarnations: readonly { readonly from: number; readonly incarnation: string }[]
  readonly gaps: readonly Gap[]
  /** Where the session stood before any line, if it was told: the cursor of a line. */
  readonly anchor?: { readonly incarnation: string; readonly lines: Lines } | undefined
}

/** Unix ms. */
export interface Period {
  readonly from: number
  readonly to: number
}

export interface Expectation {
  /** The bit of the session's filter; 0 for none. */
  readonly filter: number
  /** The session has had the time to get everything. */
  readonly complete: boolean
  /**
   * Of a merged stream that selects containers by what they are: when Sluices were started (Unix ms). One that did not see a
   * container lose a name goes on with it under the name it has now.
   */
  readonly starts?: readonly number[]
  /** Of a merged stream: lines that came under a name that is nobody's reference, by incarnation. */
  readonly elsewhere?: ReadonlyMap<string, Lines>
  /** When answers of logs were damaged or refused on their way. */
  readonly spoilt?: readonly Period[]
}

export interface Difference {
  readonly what: 'lost' | 'doubled' | 'reordered' | 'unknown' | 'not-of-the-name' | 'changed' | 'illegitimate-gap'
  /** Index of the received line; `received.lines.length` at the end. */
  readonly received: number
  /** What should stand there. */
  readonly tenure: number
  readonly expected: number
  readonly detail: string
}

/** Between a loss and our knowing of it, or a gap's sending and its arrival here. */
const SLACK_MS = 1_000
/** Within which a Sluice has its first look at an engine that is in trouble. */
const FIRST_LOOK_MS = 10_000
/** By how much an engine that is in trouble may tell of a name later than of lines. */
const LATE_NAME_MS = 3_000
/** How long a session may be away. */
const AWAY_MS = 60_000

interface Place {
  readonly tenure: number
  readonly index: number
}

export interface Verdict {
  /** The first; undefined if there is none. */
  readonly difference: Difference | undefined
  /** How many lines are missing where a gap says that the log is damaged, up to the first difference. */
  readonly missing: number
}

export function verdictOn(tenures: readonly Tenure[], received: Received, expectation: Expectation): Verdict {
  const comparison = new Comparison(tenures, received, expectation)
  return { difference: comparison.run(), missing: comparison.missing }
}

/** The first difference; undefined if there is none. */
export function differenceOf(
  tenures: readonly Tenure[],
  received: Received,
  expectation: Expectation,
): Difference | undefined {
  return verdictOn(tenures, received, expectation).difference
}

class Comparison {
  readonly #tenures: readonly Tenure[]
  readonly #received: Received
  readonly #expectation: Expectation
  readonly #gaps: readonly Gap[]
  /** Lines that a damaged log has kept, as a gap says. */
  missing = 0
  /** The index of the next gap to be met. */
  #gap = 0

  constructor(tenures: readonly Tenure[], received: Received, expectation: Expectation) {
    this.#tenures = tenures
    this.#received = received
    this.#expectation = expectation
    this.#gaps = received.gaps
  }

  run(): Difference | undefined {
    const { lines, incarnations } = this.#received
    let place = this.#anchor()
    let span = 0
    for (let at = 0; at < lines.length; at++) {
      while ((incarnations[span + 1]?.from ?? Number.POSITIVE_INFINITY) <= at) span++
      const incarnation = incarnations[span]?.incarnation ?? ''
      const gaps = this.#gapsBefore(at)
      const next = place && this.#next(place)
      let found = next && this.#isAt(next, incarnation, at) ? next : undefined
      if (!found || gaps.length > 0) {
        found ??= this.#find(place, incarnation, at)
        const wrong = found ? this.#skip(place, found, gaps, at) : this.#strange(place, incarnation, at)
        if (wrong) return wrong
      }
      if (!found) return this.#difference('unknown', at, place, 'no such line')
      if (!lines.equals(at, this.#lines(found), found.index))
        return this.#difference('changed', at, found, 'its text, stream or truncation is another')
      place = { tenure: found.tenure, index: found.index + 1 }
    }
    return this.#expectation.complete ? this.#rest(place) : undefined
  }

  #gapsBefore(at: number): Gap[] {
    const gaps: Gap[] = []
    for (let gap = this.#gaps[this.#gap]; gap && gap.before <= at; gap = this.#gaps[++this.#gap]) gaps.push(gap)
    return gaps
  }

  #lines({ tenure }: Place): Lines {
    return this.#of(tenure).lines
  }

  #of(tenure: number): Tenure {
    const found = this.#tenures[tenure]
    if (!found) throw new Error(`there is no tenure ${tenure}`)
    return found
  }

  /** After the line that the session was told to stand at. */
  #anchor(): Place | undefined {
    const { anchor } = this.#received
    if (!anchor) return undefined
    for (const [tenure, { incarnation, lines, to }] of this.#tenures.entries()) {
      if (incarnation !== anchor.incarnation) continue
      for (let index = 0; index < to; index++) {
        if (lines.isAt(index, anchor.lines, 0)) return { tenure, index: index + 1 }
      }
    }
    return undefined
  }

  #passes(tenure: Tenure, index: number): boolean {
    const { filter } = this.#expectation
    return filter === 0 || (tenure.lines.passes(index) & filter) !== 0
  }

  /** The line that must come after `place`; undefined at the end. */
  #next(place: Place): Place | undefined {
    for (let tenure = place.tenure, index = place.index; tenure < this.#tenures.length; tenure++) {
      const here = this.#of(tenure)
      for (; index < here.to; index++) if (this.#passes(here, index)) return { tenure, index }
      index = this.#tenures[tenure + 1]?.from ?? 0
    }
    return undefined
  }

  #isAt({ tenure, index }: Place, incarnation: string, at: number): boolean {
    const here = this.#of(tenure)
    return here.incarnation === incarnation && here.lines.isAt(index, this.#received.lines, at)
  }

  /** The received line's place among those of the name, looked for onwards first. */
  #find(place: Place | undefined, incarnation: string, at: number): Place | undefined {
    for (let tenure = place?.tenure ?? 0; tenure < this.#tenures.length; tenure++) {
      const start = tenure === place?.tenure ? place.index : 0
      const index = this.#indexIn(tenure, start, this.#of(tenure).to, incarnation, at)
      if (index !== undefined) return { tenure, index }
    }
    return undefined
  }

  #indexIn(tenure: number, start: number, end: number, incarnation: string, at: number): number | undefined {
    const here = this.#of(tenure)
    if (here.incarnation !== incarnation) return undefined
    for (let index = start; index < end; index++) {
      if (here.lines.isAt(index, this.#received.lines, at)) return index
    }
    return undefined
  }

  /** A line that is not further on: had before, or none of the name's. */
  #strange(place: Place | undefined, incarnation: string, at: number): Difference {
    for (const [tenure, { to, lines }] of this.#tenures.entries()) {
      const earlier = this.#indexIn(tenure, 0, to, incarnation, at)
      if (earlier !== undefined) {
        const had = this.#hadBefore({ tenure, index: earlier }, at)
        return this.#difference(had ? 'doubled' : 'reordered', at, place, `it is line ${earlier} of tenure ${tenure}`)
      }
      if (this.#indexIn(tenure, to, lines.length, incarnation, at) !== undefined)
        return this.#difference('not-of-the-name', at, place, `written when ${incarnation} had the name no more`)
    }
    const known = this.#tenures.some((tenure) => tenure.incarnation === incarnation)
    return this.#difference('unknown', at, place, known ? 'Docker has no such line' : `${incarnation} had not the name`)
  }

  #hadBefore(place: Place, at: number): boolean {
    return this.#isAmong(place, 0, at)
  }

  /** Whether the line at `place` is one of those received from `start` on, before `end`. */
  #isAmong({ tenure, index }: Place, start: number, end: number): boolean {
    const { lines, incarnation } = this.#of(tenure)
    const { lines: received, incarnations } = this.#received
    for (let at = start; at < end; at++) {
      if (!lines.isAt(index, received, at)) continue
      if (incarnations.findLast(({ from }) => from <= at)?.incarnation === incarnation) return true
    }
    return false
  }

  /** Whether the session may go on at `found` after `place`, given these gaps between. */
  #skip(place: Place | undefined, found: Place, gaps: readonly Gap[], at: number): Difference | undefined {
    const here = this.#of(found.tenure)
    if (!this.#passes(here, found.index) && !(here.lines.passes(found.index) & UNCERTAIN))
      return this.#difference('unknown', at, place, 'the filter does not let it pass')
    if (!place) return this.#illegitimate(found, found, gaps, at)
    const lost = this.#lost(place, found, gaps)
    if (lost)
      return this.#difference(this.#comesLater(lost, at) ? 'reordered' : 'lost', at, lost, 'skipped without a reason')
    return this.#illegitimate(place, found, gaps, at)
  }

  /** The first line between that no gap accounts for. */
  #lost(place: Place, found: Place, gaps: readonly Gap[]): Place | undefined {
    for (let tenure = place.tenure; tenure <= found.tenure; tenure++) {
      const here = this.#of(tenure)
      const end = tenure === found.tenure ? found.index : here.to
      // Into a newcomer a session may come with older lines than it must: `from` is where it has to begin at the latest.
      for (let index = tenure === place.tenure ? place.index : here.from; index < end; index++) {
        if (!this.#passes(here, index)) continue
        if (tenure < found.tenure && this.#goesOnElsewhere(here)) continue
        if (this.#cameElsewhere(here, index)) continue
        const excused = gaps.some(
          (gap) =>
            isRotatedAway(gap, here, index) ||
            isOver(gap, here) ||
            (tenure < found.tenure && isUnseen(gap, here)) ||
            // Where Sluice could not know whether the newcomer is one, it goes on with what is new.
            (tenure > place.tenure &&
              (tenure === found.tenure || here.lines.milliseconds(index) <= gap.at) &&
              isUnseen(gap, this.#of(place.tenure))) ||
            (tenure > place.tenure && tenure < found.tenure && isUnknowable(gap, here)),
        )
        if (excused) continue
        if (!gaps.some((gap) => this.#isSpoilt(gap, here, index))) return { tenure, index }
        this.missing++
      }
    }
    return undefined
  }

  /** Written before its log could be read again. */
  #isSpoilt({ reason, at }: Gap, { lines }: Tenure, index: number): boolean {
    if (reason !== 'damaged') return false
    const written = lines.milliseconds(index)
    return this.#spoiltBefore(at).some(({ to }) => written <= to + SLACK_MS)
  }

  #spoiltBefore(at: number): readonly Period[] {
    return (this.#expectation.spoilt ?? []).filter(({ from }) => from <= at + SLACK_MS)
  }

  #goesOnElsewhere({ lostNameAt }: Tenure): boolean {
    const { starts = [] } = this.#expectation
    return (
      lostNameAt !== undefined &&
      starts.some((start) => start + FIRST_LOOK_MS >= lostNameAt && start - AWAY_MS <= lostNameAt)
    )
  }

  /** Under the name that it had before: an engine may tell of the new one later than of the line. */
  #cameElsewhere({ incarnation, lines, from }: Tenure, index: number): boolean {
    const others = this.#expectation.elsewhere?.get(incarnation)
    if (!others || lines.milliseconds(index) > lines.milliseconds(from) + LATE_NAME_MS) return false
    for (let at = 0; at < others.length; at++) if (lines.isAt(index, others, at)) return true
    return false
  }

  #comesLater(place: Place, at: number): boolean {
    return this.#isAmong(place, at + 1, this.#received.lines.length)
  }

  /** A gap where there can be none. */
  #illegitimate(place: Place, found: Place, gaps: readonly Gap[], at: number): Difference | undefined {
    for (const gap of gaps) {
      if (gap.isNameless) continue
      if (gap.reason === 'damaged' && this.#spoiltBefore(gap.at).length > 0) continue
      const passed = this.#tenures.slice(place.tenure, found.tenure)
      // Of a log that is gone, later lines may have been kept.
      const here = this.#of(found.tenure)
      const first = place.tenure === found.tenure ? place.index : here.from
      if (first < found.index && isOver(gap, here)) continue
      const fits =
        gap.reason === 'rotated'
          ? [...passed, here].some(({ isGone }) => isGone !== undefined)
          : isUnseen(gap, here) || // and another Sluice, that did see it, went on
            passed.some(
              (tenure, at) => isOver(gap, tenure) || isUnseen(gap, tenure) || (at > 0 && isUnknowable(gap, tenure)),
            )
      // Before the first line nothing is known of what the session stood at.
      if (!fits && this.#received.lines.length > 0 && at > 0)
        return this.#difference('illegitimate-gap', at, found, `a gap, reason ${gap.reason}`)
    }
    return undefined
  }

  /** What should have come after the last line. */
  #rest(place: Place | undefined): Difference | undefined {
    const end = this.#received.lines.length
    if (!place) {
      const any = this.#next({ tenure: 0, index: this.#tenures[0]?.from ?? 0 })
      return any && this.#difference('lost', end, any, 'nothing was received at all')
    }
    const next = this.#next(place)
    return next && this.#difference('lost', end, next, 'not received in the end')
  }

  #difference(what: Difference['what'], received: number, place: Place | undefined, detail: string): Difference {
    const expected = (place && this.#next(place)) ?? place ?? { tenure: 0, index: 0 }
    return { what, received, tenure: expected.tenure, expected: expected.index, detail }
  }
}

const OVER = ['removed', 'unknown-cursor']

/** Docker had not the rest of it any more. */
function isOver({ reason, at }: Gap, { removedAt }: Tenure): boolean {
  return OVER.includes(reason) && removedAt !== undefined && removedAt <= at
}

/** Who was not there while it had the name cannot know that it had. Only for those in which the session does not stand. */
function isUnknowable({ reason, at }: Gap, { lostNameAt }: Tenure): boolean {
  return OVER.includes(reason) && lostNameAt !== undefined && lostNameAt <= at
}

/** The Sluice that is asked did not see it carry the name: by a cursor alone nobody may read it. */
function isUnseen({ reason, knowsSince }: Gap, { lostNameAt }: Tenure): boolean {
  if (reason !== 'unknown-cursor' || lostNameAt === undefined || knowsSince === undefined) return false
  return lostNameAt <= knowsSince + FIRST_LOOK_MS
}

function isRotatedAway({ reason, at }: Gap, { isGone }: Tenure, index: number): boolean {
  return reason === 'rotated' && (isGone?.(index, at + SLACK_MS) ?? false)
}
