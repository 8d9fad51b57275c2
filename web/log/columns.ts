/** Which fields the lines around the screen have, what a column shows of them, and how wide columns are. Pure. */
import { plainText } from './ansi.ts'
import { type Field, membersOf, messageOf, pickFields, sentenceFields } from './fields.ts'
import { isLine, type LineStore } from './line-store.ts'

export interface SeenField {
  readonly name: string
  /** How many of the lines have it. */
  count: number
  /** What the newest of them have there, mostly. */
  example: string
  /** Characters of the longest value. */
  longest: number
  /** Whether all of its values are numbers. */
  isNumber: boolean
}

const SAMPLE_LINES = 500 // to read them takes some 5 ms, once
const SEEN_FIELDS = 1000 // of lines whose keys are data there would be no end
const SEEN_DEPTH = 3 // req.headers.host; what is further in can be named
const CELL_CHARS = 200 // wider than any column

/** Widths of columns, in characters. */
export const MIN_CH = 4
export const MAX_CH = 100
const MAX_FIRST_CH = 24
const MAX_NAME_CH = 12 // what a name alone may ask for; a longer one is cut
/** Between two columns: as the time keeps from the text, nearly. */
export const GAP_CH = 2

const KEPT_WIDTHS = 100

/** Lines around what is read: as many before it as after, and the newest of a log that is followed. */
export function linesAround(store: LineStore): string[] {
  const to = Math.min(store.pinned[0] + SAMPLE_LINES / 2, store.end)
  const lines: string[] = []
  for (let index = Math.max(store.first, to - SAMPLE_LINES); index < to; index++) {
    const row = store.row(index)
    if (row !== undefined && isLine(row.kind) && !row.truncated) lines.push(row.text)
  }
  return lines
}

/**
 * The fields of lines, messages aside, the most frequent first; those of an object each by itself, `req.method`. A name that
 * no address can hold is left out.
 */
export function seenFields(lines: readonly string[]): SeenField[] {
  const seen = new Map<string, SeenField>()
  for (const line of lines) {
    const fields = sentenceFields(line) ?? []
    const message = messageOf(fields)
    for (const field of fields) if (message.length !== 1 || field !== message[0]) seeEach(seen, field.key, field)
  }
  return [...seen.values()].filter(({ name }) => isWellFormed(name)).sort((a, b) => b.count - a.count)
}

/** The fields of those names, wherever they are: columns are as wide as what they show, be it an object or a message. */
export function seenColumns(lines: readonly string[], names: readonly string[]): SeenField[] {
  const seen = new Map<string, SeenField>()
  for (const line of lines) {
    for (const [at, field] of pickFields(sentenceFields(line) ?? [], names).entries()) {
      if (field !== undefined) see(seen, names[at] as string, field)
    }
  }
  return [...seen.values()]
}

/** The fields of an object, or one that is none. */
function seeEach(seen: Map<string, SeenField>, name: string, field: Field, depth = 1): void {
  const members = depth < SEEN_DEPTH ? membersOf(field) : []
  if (members.length === 0) see(seen, name, field)
  for (const member of members) seeEach(seen, `${name}.${member.key}`, member, depth + 1)
}

function see(seen: Map<string, SeenField>, name: string, field: Field): void {
  const value = cellText(field)
  const isNumber = field.kind === 'number'
  const before = seen.get(name)
  if (before !== undefined) {
    before.count++
    if (value !== '') before.example = value
    before.longest = Math.max(before.longest, value.length)
    before.isNumber &&= isNumber
  } else if (seen.size < SEEN_FIELDS) {
    seen.set(name, { name, count: 1, example: value, longest: value.length, isNumber })
  }
}

/** Without half of a character beyond 16 bits, as JSON can write it. */
function isWellFormed(name: string): boolean {
  return name !== '' && !/\p{Surrogate}/u.test(name)
}

/** A value as a cell shows it, in one line. */
export function cellText({ text }: Field): string {
  return plainText(text.slice(0, CELL_CHARS))
}

/** How wide a column is at first: its values are seen whole, and its name if that is a short one. */
export function firstWidth(name: string, longest: number): number {
  return Math.min(MAX_FIRST_CH, Math.max(MIN_CH, longest, Math.min(name.length, MAX_NAME_CH)))
}

export function clampWidth(width: number): number {
  return Math.min(MAX_CH, Math.max(MIN_CH, Math.round(width)))
}

/** The widths that were chosen, by field, from what {@link writeWidths} made; whatever else is there is none. */
export function readWidths(text: string | undefined): Map<string, number> {
  try {
    const pairs: unknown = JSON.parse(text ?? '[]')
    return new Map(Array.isArray(pairs) ? pairs.filter(isWidth).slice(-KEPT_WIDTHS) : [])
  } catch {
    return new Map()
  }
}

function isWidth(pair: unknown): pair is [string, number] {
  return (
    Array.isArray(pair) &&
    typeof pair[0] === 'string' &&
    Number.isInteger(pair[1]) &&
    pair[1] >= MIN_CH &&
    pair[1] <= MAX_CH
  )
}

/** As text, with one more: of the last {@link KEPT_WIDTHS} that were chosen. */
export function writeWidths(widths: ReadonlyMap<string, number>, name: string, width: number): string {
  const others = [...widths].filter(([other]) => other !== name)
  return JSON.stringify([...others, [name, width]].slice(-KEPT_WIDTHS))
}
