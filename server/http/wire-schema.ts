/** The shapes of `wire.ts` as schemas, for the interface's description. The compiler sees that each is the type's own. */
import * as z from 'zod'
import type {
  Container,
  ContainersEvent,
  GapEvent,
  Host,
  Line,
  LogPage,
  Match,
  MergedLine,
  NdjsonLine,
  Problem,
  Run,
  SearchDone,
  SearchProgress,
  StateEvent,
} from '../wire.ts'

const instant = z.string().meta({ description: 'RFC 3339 in UTC.', examples: ['2026-11-22T10:02:03.114000000Z'] })
const count = z.int().min(0)
const cursor = z.string().meta({ description: 'A position, as `before` and `after` take it.' })

const line = z.strictObject({
  time: instant,
  ordinal: count
    .meta({ description: 'Counts the lines of one incarnation with the same time; left out when 0.' })
    .exactOptional(),
  stream: z.enum(['stdout', 'stderr']),
  level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).exactOptional(),
  message: z.string(),
  truncated: z.literal(true).meta({ description: '`message` is the beginning of a longer line.' }).exactOptional(),
}) satisfies z.ZodType<Line>

const origin = { container: z.string(), incarnation: z.string() }

const mergedLine = line.extend({ ...origin, late: z.literal(true).exactOptional() }) satisfies z.ZodType<MergedLine>

const gapReason = z.enum(['rotated', 'removed', 'unknown-cursor', 'unreadable-driver', 'damaged'])

const logPage = z.strictObject({
  ...origin,
  lines: z.array(line),
  before: cursor
    .nullable()
    .meta({ description: 'How far back it looked: the page before it ends there. Null: the log was empty.' }),
  after: cursor
    .nullable()
    .meta({ description: 'How far on it looked: the page after it begins there. Null: the log was empty.' }),
  atStart: z.boolean(),
  atEnd: z.boolean(),
  gap: gapReason.exactOptional(),
  damages: z
    .array(z.strictObject({ at: z.int(), detail: z.string() }))
    .meta({ description: 'Where Docker cannot read the log: after so many of the lines, and why.' })
    .exactOptional(),
}) satisfies z.ZodType<LogPage>

const match = line.extend({
  cursor,
  container: z.string().exactOptional(),
  ranges: z.array(z.tuple([count, count])).meta({ description: 'Where in `message`, in UTF-16 code units.' }),
  before: z.array(line).exactOptional(),
  after: z.array(line).exactOptional(),
}) satisfies z.ZodType<Match>

const searchProgress = z.strictObject({
  lines: count,
  of: count.exactOptional(),
  scannedTo: instant.exactOptional(),
}) satisfies z.ZodType<SearchProgress>

const searchDone = z.strictObject({
  complete: z.boolean(),
  next: z.string().nullable(),
  lines: count,
  matches: count,
}) satisfies z.ZodType<SearchDone>

const container = z.strictObject({
  key: z.string(),
  name: z.string(),
  host: z.string(),
  id: z.string(),
  image: z.string(),
  state: z.enum(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']),
  health: z.enum(['starting', 'healthy', 'unhealthy']).exactOptional(),
  created: instant,
  started: instant.exactOptional(),
  finished: instant.exactOptional(),
  exitCode: z.int().exactOptional(),
  oomKilled: z.literal(true).exactOptional(),
  stopped: z
    .boolean()
    .meta({ description: 'Whether somebody ended the last run; absent where that is not known.' })
    .exactOptional(),
  restarts: count
    .meta({ description: 'Starts by its restart policy since somebody last started it; absent: none.' })
    .exactOptional(),
  project: z.string().exactOptional(),
  service: z.string().exactOptional(),
  displayName: z.string().meta({ description: 'What lists call it, by its labels.' }).exactOptional(),
  group: z.string().meta({ description: 'The heading it stands under in lists, by its labels.' }).exactOptional(),
  hidden: z.literal(true).meta({ description: 'Lists leave it out, by its labels.' }).exactOptional(),
  labels: z
    .record(z.string(), z.string())
    .meta({ description: 'Those that `labels` names; what looks like a secret is `***`.' })
    .exactOptional(),
}) satisfies z.ZodType<Container>

const gap = z.strictObject({
  container: z.string().exactOptional(),
  from: cursor.exactOptional(),
  to: cursor.exactOptional(),
  reason: gapReason,
  driver: z.string().exactOptional(),
  detail: z.string().exactOptional(),
}) satisfies z.ZodType<GapEvent>

const ndjsonLine = z.union([
  mergedLine,
  z.strictObject({ gap }).meta({ description: 'With `follow=true`: lines are missing here.' }),
]) satisfies z.ZodType<NdjsonLine>

const run = z.strictObject({
  incarnation: z.string(),
  started: instant.exactOptional(),
  finished: instant.exactOptional(),
  exitCode: z.int().exactOptional(),
  oomKilled: z.literal(true).exactOptional(),
  stopped: z.boolean().exactOptional(),
}) satisfies z.ZodType<Run>

const state = z.strictObject({
  container: z.string(),
  state: z.enum([
    'created',
    'started',
    'stopped',
    'died',
    'oom',
    'restarting',
    'paused',
    'unpaused',
    'renamed',
    'removed',
    'recreated',
    'health',
    'absent',
  ]),
  exitCode: z.int().exactOptional(),
  stopped: z.literal(true).meta({ description: 'Somebody ended it.' }).exactOptional(),
  health: z.enum(['starting', 'healthy', 'unhealthy']).exactOptional(),
  incarnation: z.string().exactOptional(),
  at: instant,
  closest: z.array(z.string()).exactOptional(),
  images: z.tuple([z.string(), z.string()]).exactOptional(),
  runs: z
    .array(run)
    .meta({ description: 'In the first event of a stream: its latest runs, oldest first.' })
    .exactOptional(),
}) satisfies z.ZodType<StateEvent>

const host = z.strictObject({
  name: z.string(),
  state: z.enum(['connecting', 'connected', 'unreachable']),
  demo: z.literal(true).exactOptional(),
  version: z.string().exactOptional(),
  problems: z.array(
    z.strictObject({
      code: z.enum(['no-socket', 'permission', 'refused', 'timeout', 'tls', 'not-docker', 'forbidden', 'failed']),
      address: z.string(),
      detail: z.string(),
    }),
  ),
}) satisfies z.ZodType<Host>

const containers = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('snapshot'), hosts: z.array(host), containers: z.array(container) }),
  z.strictObject({
    kind: z.literal('change'),
    hosts: z.array(host).exactOptional(),
    changed: z.array(container).exactOptional(),
    removed: z.array(z.string()).exactOptional(),
  }),
]) satisfies z.ZodType<ContainersEvent>

const problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  parameter: z.string().exactOptional(),
  closest: z.array(z.string()).exactOptional(),
}) satisfies z.ZodType<Problem>

const health = z.strictObject({ status: z.literal('ok') })

/** By the names they have in the description. */
export const WIRE = {
  Line: line,
  MergedLine: mergedLine,
  NdjsonLine: ndjsonLine,
  LogPage: logPage,
  Match: match,
  SearchProgress: searchProgress,
  SearchDone: searchDone,
  Container: container,
  Host: host,
  StateEvent: state,
  GapEvent: gap,
  ContainersEvent: containers,
  LiveEvent: z.strictObject({}),
  EndEvent: z.strictObject({}),
  Health: health,
  Problem: problem,
} as const

export type WireName = keyof typeof WIRE
