/**
 * The interface's description, made of the schemas that validate its parameters. Source: OpenAPI 3.1.1. What that has no
 * word for, the events of a stream, stands under `x-events`: each one's name with what its data is.
 */
import * as z from 'zod'
import { containersQuery } from './containers.ts'
import { eventsQuery } from './events.ts'
import { downloadQuery, downloadsQuery } from './log-download.ts'
import { CONTENT_TYPE, linesQuery, timestamps } from './log-lines.ts'
import { pageQuery } from './log-page.ts'
import { logSearchQuery, searchQuery } from './log-search.ts'
import { logStreamQuery } from './log-stream.ts'
import { formatQuery } from './logs.ts'
import { mergedStreamQuery } from './merged-stream.ts'
import { WIRE, type WireName } from './wire-schema.ts'

/** What an answer with 200 may be: by media type, a shape, or several as an array, or, where there is none, text or bytes. */
type Content = Readonly<Record<string, WireName | readonly [WireName] | undefined>>

interface Operation {
  readonly summary: string
  readonly query: z.ZodRawShape
  readonly content: Content
  /** Of an event stream. */
  readonly events?: Readonly<Record<string, WireName | readonly [WireName]>>
  /** What it answers besides 200 and 400. */
  readonly others: readonly number[]
}

const EVENT_STREAM = { 'text/event-stream': undefined }
const LOG_EVENTS = {
  state: 'StateEvent',
  gap: 'GapEvent',
  live: 'LiveEvent',
  containers: 'ContainersEvent',
  end: 'EndEvent',
} as const
const SEARCH_EVENTS = {
  message: ['Match'],
  gap: 'GapEvent',
  progress: 'SearchProgress',
  done: 'SearchDone',
  end: 'EndEvent',
} as const
const ENGINE_FAILURES = [501, 502, 503, 504]

const OPERATIONS: Readonly<Record<string, Operation>> = {
  '/healthz': {
    summary: 'Health check: 200 while Sluice serves',
    query: {},
    content: { 'application/json': 'Health' },
    others: [],
  },
  '/api/containers': {
    summary: 'The containers',
    query: containersQuery,
    content: { 'application/json': ['Container'] },
    others: [429, 503],
  },
  '/api/events': {
    summary: 'What changes about the containers: first a snapshot, then changes',
    query: eventsQuery,
    content: EVENT_STREAM,
    events: { containers: 'ContainersEvent', end: 'EndEvent' },
    others: [429, 503],
  },
  '/api/containers/{key}/logs/stream': {
    summary: 'The live lines of a container',
    query: logStreamQuery,
    content: EVENT_STREAM,
    events: { message: ['Line'], ...LOG_EVENTS },
    others: [404, 429, 503],
  },
  '/api/logs/stream': {
    summary: 'The live lines of many containers, merged by time',
    query: mergedStreamQuery,
    content: EVENT_STREAM,
    events: { message: ['MergedLine'], ...LOG_EVENTS },
    others: [404, 429, 503],
  },
  '/api/containers/{key}/logs': {
    summary:
      "A page of a container's log as JSON, or lines of it as NDJSON or text; where lines are missing these break off, " +
      'or with follow=true say so in their place',
    query: { ...formatQuery, ...linesQuery, timestamps: timestamps.optional(), ...pageQuery },
    content: { 'application/json': 'LogPage', [CONTENT_TYPE.ndjson]: 'NdjsonLine', 'text/plain': undefined },
    others: [404, 406, 410, 429, ...ENGINE_FAILURES],
  },
  '/api/containers/{key}/logs/search': {
    summary: "The lines of a container's log that match, the newest first",
    query: logSearchQuery,
    content: EVENT_STREAM,
    events: SEARCH_EVENTS,
    others: [204, 404, 410, 429, ...ENGINE_FAILURES],
  },
  '/api/logs/search': {
    summary: 'The lines of many logs that match, merged by time, the newest first',
    query: searchQuery,
    content: EVENT_STREAM,
    events: SEARCH_EVENTS,
    others: [204, 404, 410, 429, ...ENGINE_FAILURES],
  },
  '/api/containers/{key}/logs/download': {
    summary:
      "A container's log as a file; where lines are missing it breaks off, or is a zip with a note NAME.INCOMPLETE.txt",
    query: downloadQuery,
    content: { 'text/plain': undefined, [CONTENT_TYPE.ndjson]: 'MergedLine', 'application/zip': undefined },
    others: [404, 410, 429, ...ENGINE_FAILURES],
  },
  '/api/logs/download': {
    summary: 'Many logs as a zip with a file each, and beside one that lacks lines a note NAME.INCOMPLETE.txt',
    query: downloadsQuery,
    content: { 'application/zip': undefined },
    others: [404, 410, 429, ...ENGINE_FAILURES],
  },
  '/api/openapi.json': {
    summary: 'This description',
    query: {},
    content: { 'application/json': undefined },
    others: [],
  },
}

const STATUS: Readonly<Record<number, string>> = {
  204: 'No more matches: ends an EventSource that reconnects after `done`',
  400: 'Unknown, malformed or conflicting parameters',
  404: 'Not found; `closest` has similar names',
  406: 'Not available in an accepted format',
  410: 'The lines at that position are gone',
  429: 'Too many streams or waiting requests from one address',
  501: 'The logging driver does not support reading',
  502: 'Docker failed',
  503: 'Docker is unreachable, or too many streams are open',
  504: 'Docker does not answer in time',
}

/** The description, as JSON. `base`: the prefix that everything is served under. */
export function describeInterface(base: string): string {
  return JSON.stringify(describe(base))
}

function describe(base: string) {
  const paths = Object.entries(OPERATIONS).map(([path, operation]) => [
    path,
    { get: describeOperation(path, operation) },
  ])
  return {
    openapi: '3.1.1',
    info: {
      title: 'Sluice',
      version: '1',
      summary: 'Live logs of Docker containers',
      description: 'Every route supports HEAD. Errors are problem details (RFC 9457).',
    },
    servers: [{ url: base }],
    paths: Object.fromEntries(paths),
    components: { schemas: describeSchemas() },
  }
}

function describeOperation(path: string, { summary, query, content, events, others }: Operation) {
  const key = {
    name: 'key',
    in: 'path',
    required: true,
    schema: { type: 'string' },
    description: "The container's name",
  }
  const resumes = {
    name: 'Last-Event-ID',
    in: 'header',
    schema: { type: 'string' },
    description: 'As `after`, or `before`',
  }
  const hasPosition = events !== undefined && 'after' in query
  const problem = { 'application/problem+json': { schema: refTo('Problem') } }
  const responses = [400, ...others].map((status) => [
    status,
    { description: STATUS[status], ...(status !== 204 && { content: problem }) },
  ])
  return {
    summary,
    parameters: [
      ...(path.includes('{key}') ? [key] : []),
      ...Object.entries(query).map(([name, schema]) => describeParameter(name, schema)),
      ...(hasPosition ? [resumes] : []),
    ],
    responses: {
      200: { description: summary, content: describeContent(content) },
      ...Object.fromEntries(responses),
    },
    ...(events && {
      'x-events': Object.fromEntries(Object.entries(events).map(([name, data]) => [name, shapeOf(data)])),
    }),
  }
}

function describeContent(content: Content) {
  const types = Object.entries(content).map(([type, shape]) => [
    type,
    type === 'application/zip'
      ? {}
      : { schema: shape ? shapeOf(shape) : { type: type === 'application/json' ? 'object' : 'string' } },
  ])
  return Object.fromEntries(types)
}

/** As it is written in an address, before it is read. */
function describeParameter(name: string, schema: z.core.$ZodType) {
  const { description, anyOf, ...rest } = z.toJSONSchema(schema, { io: 'input' }) as z.core.JSONSchema.JSONSchema
  delete rest.$schema
  if (rest.type === 'integer') delete rest.pattern
  const list = anyOf?.find((each) => typeof each === 'object' && each.type === 'array')
  const either = anyOf && !list ? { anyOf } : {}
  return { name, in: 'query', ...(description && { description }), schema: list ?? { ...rest, ...either } }
}

function describeSchemas() {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(WIRE)) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}` })
  return Object.fromEntries(Object.entries(schemas).map(([id, { $schema, $id, ...schema }]) => [id, schema]))
}

function shapeOf(shape: WireName | readonly [WireName]) {
  return typeof shape === 'string' ? refTo(shape) : { type: 'array', items: refTo(shape[0]) }
}

function refTo(name: WireName) {
  return { $ref: `#/components/schemas/${name}` }
}
