/** The URL is the page's state: which view an address names, and back. Pure; relative to the base path that the server set. */
import { TIME_FORMATS, type TimeFormat } from '../log/time.ts'

/** How a container's log is looked at. What is not its default is in the address. */
export interface Look {
  /** Lines of these levels only, in the order of `LEVELS`; empty: of all. */
  readonly levels: readonly string[]
  readonly stream?: 'stdout' | 'stderr' | undefined
  /** What is searched for; empty: nothing. */
  readonly q: string
  readonly regex: boolean
  readonly matchCase: boolean
  readonly word: boolean
  /** Whether only the lines that match are shown. */
  readonly only: boolean
  /** Lines with this text are left out; of any case unless it has an upper-case letter, as the server reads it. */
  readonly not: string
  /** Fields of lines that are shown in columns, from the left: as `columnFields` gives them. */
  readonly fields: readonly string[]
  /** What is looked at: a line's cursor, or an RFC 3339 time. */
  readonly at?: string | undefined
  readonly time: TimeFormat
}

/** Which logs are merged into one: containers by name, of Compose projects, with labels (`NAME` or `NAME=VALUE`). */
export interface Selection {
  readonly containers: readonly string[]
  readonly projects: readonly string[]
  readonly labels: readonly string[]
}

export type Place =
  | { view: 'overview' }
  | { view: 'container'; key: string; look: Look }
  | { view: 'merged'; selection: Selection; look: Look }

/** A place of which only the name need be given. */
export type Target =
  | { view: 'overview' }
  | { view: 'container'; key: string; look?: Partial<Look> }
  | { view: 'merged'; selection: Selection; look?: Partial<Look> }

/** As in addresses: the most severe first; `none` are lines that name no level. */
export const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'none'] as const

export const MAX_FIELDS = 8 // as columns: more leave no room for the message
const MAX_FIELD_CHARS = 100 // of a name
const MAX_TEXT_CHARS = 480 // the server takes patterns of 1000, and escaping may double a text

export const DEFAULT_LOOK: Look = {
  levels: [],
  q: '',
  regex: false,
  matchCase: false,
  word: false,
  only: false,
  not: '',
  fields: [],
  time: 'local',
}

/** The view that a path and a query name. Whatever names none is the overview; what a query has of no sense is left out. */
export function readPlace(pathname: string, search: string, base: string): Place {
  const path = pathname.startsWith(base) ? pathname.slice(base.length) : ''
  if (/^logs\/?$/.test(path)) {
    const selection = readSelection(search)
    if (selection) return { view: 'merged', selection, look: readLook(search) }
  }
  const key = /^containers\/([^/]+)\/?$/.exec(path)?.[1]
  return key === undefined ? { view: 'overview' } : { view: 'container', key: decode(key), look: readLook(search) }
}

/** Undefined if it selects nothing. */
function readSelection(search: string): Selection | undefined {
  const query = new URLSearchParams(search)
  const all = (name: string) => [...new Set(query.getAll(name))].filter((value) => value !== '')
  const selection = { containers: all('container'), projects: all('project'), labels: all('label') }
  return Object.values(selection).some((names) => names.length > 0) ? selection : undefined
}

/** The server's parameters for a selection, each name as often as it takes. */
export function selectionQuery({ containers, projects, labels }: Selection): string {
  const of = (name: string, values: readonly string[]) => values.map((value) => `${name}=${encode(value)}`)
  return [...of('container', containers), ...of('project', projects), ...of('label', labels)].join('&')
}

/** What merged logs are called: the names that select them. */
export function selectionName({ containers, projects, labels }: Selection): string {
  const names = labels.map((label) => label.replace(/^sluice\.group=/, '')) // those of a heading are called as it is
  return [...new Set([...projects, ...names, ...containers])].join(', ')
}

function readLook(search: string): Look {
  const query = new URLSearchParams(search)
  const is = (name: string) => query.get(name) === 'true'
  const text = (name: string) => bounded(query.get(name) ?? '')
  const stream = query.get('stream')
  return {
    levels: chosen((query.get('level') ?? '').toLowerCase().split(',')),
    ...((stream === 'stdout' || stream === 'stderr') && { stream }),
    q: text('q'),
    regex: is('re'),
    matchCase: is('case'),
    word: is('word'),
    only: is('only'),
    not: text('not'),
    fields: columnFields((query.get('fields') ?? '').split(',').map(decode)),
    ...readAt(query.get('at') ?? ''),
    time: TIME_FORMATS.find((format) => format === query.get('time')) ?? 'local',
  }
}

/** Each level once, in order; all of them are no choice. */
function chosen(names: readonly string[]): readonly string[] {
  const levels = LEVELS.filter((level) => names.includes(level))
  return levels.length === LEVELS.length ? [] : levels
}

/** Names that can be columns: each once, and as many as there may be. */
export function columnFields(names: readonly string[]): readonly string[] {
  return [...new Set(names)].filter((name) => name !== '' && name.length <= MAX_FIELD_CHARS).slice(0, MAX_FIELDS)
}

/** As long as the server takes, and without what it refuses. */
export function bounded(text: string): string {
  return text
    .replaceAll('\0', '')
    .slice(0, MAX_TEXT_CHARS)
    .replace(/[\ud800-\udbff]$/, '')
}

const CURSOR = /^[0-9a-f]{12}\.\d{1,11}\.\d{9}\.\d{1,9}$/
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/

function readAt(text: string): { at?: string } {
  const at = text.replace(' ', '+') // a zone's sign, of an address put together by hand
  return CURSOR.test(at) || (INSTANT.test(at) && !Number.isNaN(Date.parse(at))) ? { at } : {}
}

/** A view's address, relative to the base. Its parameters are always in one order, so that equal views have equal addresses. */
export function addressOf(place: Target): string {
  if (place.view === 'overview') return './'
  const { levels, stream, q, regex, matchCase, word, only, not, fields, at, time } = { ...DEFAULT_LOOK, ...place.look }
  const parameters = {
    q,
    re: regex,
    case: matchCase,
    word,
    only,
    not,
    level: levels.join(','),
    stream,
    fields: fields.map((name) => name.replace(/[%,]/g, encodeURIComponent)).join(), // a comma within a name is none between two
    at,
    time: time !== 'local' && time,
  }
  const query = Object.entries(parameters).flatMap(([name, value]) => (value ? `${name}=${encode(String(value))}` : []))
  if (place.view === 'merged') return `logs?${[selectionQuery(place.selection), ...query].join('&')}`
  return `containers/${encodeURIComponent(place.key)}${query.length > 0 ? `?${query.join('&')}` : ''}`
}

/** Legible in the address bar: of what a query may hold as it is, `encodeURIComponent` escapes more than it must. */
function encode(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replace(/%(2C|3A|2F)/g, decodeURIComponent)
}

export function lookOf(place: Place): Look {
  return place.view === 'overview' ? DEFAULT_LOOK : place.look
}

/**
 * How another log is looked at that one goes to from a place. Times stay as they are; with `keeps` so do search, levels and
 * stream; the line one was at, and the fields of its lines, never do.
 */
export function lookElsewhere(place: Place, keeps: boolean): Look {
  const look = lookOf(place)
  return keeps ? { ...look, at: undefined, fields: [] } : { ...DEFAULT_LOOK, time: look.time }
}

/** Whether a place leaves out lines, or searches for some. */
export function isNarrowed(place: Place): boolean {
  const { levels, stream, q, not } = lookOf(place)
  return levels.length > 0 || stream !== undefined || q !== '' || not !== ''
}

/** Whether a path names a view. */
export function isPage(pathname: string, base: string): boolean {
  return /^(?:logs\/?|containers\/[^/]+\/?)?$/.test(pathname.startsWith(base) ? pathname.slice(base.length) : pathname)
}

/**
 * The server's parameters (`server/http/filter-query.ts`) for the lines that a look shows, but for what its search leaves
 * out: `web/log/filter-query.ts` has that too.
 */
export function lineQuery({ levels, stream, not }: Look): Record<string, string> {
  const query: Record<string, string> = {}
  if (levels.length > 0) query['level'] = levels.join(',')
  if (stream !== undefined) query['stream'] = stream
  if (not !== '') query['not'] = not
  return query
}

/** Whether a look shows only the lines that its search finds. */
export function showsOnlyMatches({ only, q }: Look): boolean {
  return only && q !== ''
}

/** The levels in force after one button of the level group, which stands for `group`, is pressed. Empty: all. */
export function toggleLevels(on: readonly string[], group: readonly string[]): readonly string[] {
  if (on.length === 0) return chosen(group)
  const isOn = group.every((level) => on.includes(level))
  return chosen(isOn ? on.filter((level) => !group.includes(level)) : [...on, ...group])
}

export function titleOf(place: Place): string {
  if (place.view === 'overview') return 'Sluice'
  return `${place.view === 'merged' ? selectionName(place.selection) : place.key} · Sluice`
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a stray %: a name that nobody carries, which the page then says
  }
}
