/** Where in a message a filter's text and pattern stand, for whoever marks them. Pure. */
import { plainText, sequencesIn } from './plain-text.ts'

/** `[start, end)` in UTF-16 code units, as JavaScript counts a string. */
export type Range = readonly [start: number, end: number]

/** Finds what it looks for in a text without escape sequences, in order; overlapping none of its own. */
export type Finder = (text: string) => Iterable<Range>

/** Of a message: more than anybody sees of one line, and little enough that a line of one letter is no flood. */
export const MAX_RANGES = 100

/** The ranges in `message` as it stands: where an escape sequence parts a match, it is a part of its range. */
export function rangesIn(message: string, finders: readonly Finder[]): Range[] {
  const text = plainText(message)
  const found: Range[] = []
  for (const find of finders) {
    let count = 0
    for (const range of find(text)) {
      if (range[1] > range[0]) found.push(range)
      if (++count === MAX_RANGES) break
    }
  }
  const ranges = united(found).slice(0, MAX_RANGES)
  return text === message ? ranges : asWritten(message, ranges)
}

/** In order, and none touching another. */
function united(ranges: Range[]): Range[] {
  const united: Range[] = []
  for (const [start, end] of ranges.sort((a, b) => a[0] - b[0])) {
    const last = united.at(-1)
    if (last && start <= last[1]) united[united.length - 1] = [last[0], Math.max(last[1], end)]
    else united.push([start, end])
  }
  return united
}

/** From places in the text without sequences to those in the message with them. */
function asWritten(message: string, ranges: readonly Range[]): Range[] {
  const sequences = sequencesIn(message)
  let next = 0
  let shift = 0
  // Of a place between two sequences, what comes before it counts; at a match's end, not what follows.
  const place = (at: number, isEnd: boolean): number => {
    for (let sequence = sequences[next]; sequence; sequence = sequences[next]) {
      const [start, end] = sequence
      if (isEnd ? start >= at + shift : start > at + shift) break
      shift += end - start
      next++
    }
    return at + shift
  }
  return ranges.map(([start, end]) => [place(start, false), place(end, true)])
}

/** Every place in `text` that folds to `sought`, or to what that matches. */
export function* placesOf(sought: string | RegExp, text: string, fold: (text: string) => string): Generator<Range> {
  const folded = fold(text)
  const origin = folded.length === text.length ? undefined : origins(text, fold)
  for (const [at, end] of typeof sought === 'string' ? occurrences(folded, sought) : matches(folded, sought))
    yield origin ? [origin[at] ?? 0, (origin[end - 1] ?? 0) + 1] : [at, end]
}

function* occurrences(text: string, sought: string): Generator<Range> {
  for (let at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + sought.length))
    yield [at, at + sought.length]
}

function* matches(text: string, { source }: RegExp): Generator<Range> {
  for (const { 0: match, index } of text.matchAll(new RegExp(source, 'g'))) yield [index, index + match.length]
}

/** For each unit of the folded text the one of `text` that it came from: `İ` becomes two. */
function origins(text: string, fold: (text: string) => string): number[] {
  const origins: number[] = []
  let at = 0
  for (const character of text) {
    const { length } = fold(character)
    for (let unit = 0; unit < length; unit++) origins.push(at + Math.min(unit, character.length - 1))
    at += character.length
  }
  return origins
}
