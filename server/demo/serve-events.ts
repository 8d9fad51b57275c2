/**
 * `GET /events`: what happens to the containers, one JSON object a line, as long as the client listens.
 * https://docs.docker.com/reference/api/engine/version/v1.51/#tag/System/operation/SystemEvents
 */
import type { ServerResponse } from 'node:http'
import { clientOf } from './client.ts'
import type { DemoContainer } from './containers.ts'
import { Failure } from './failure.ts'
import { type Filters, hasLabels, parseFilters, passes } from './filters.ts'
import type { Change } from './life.ts'
import { type Clock, instant, parseUnix } from './time.ts'

export interface EventsQuery {
  /** Milliseconds since 1970. */
  since?: number
  until?: number
  filters: Filters
}

/** How far back `since` reaches. Docker keeps the last 256 events. */
const KEEP_MS = 30 * 60_000
/** With nothing to come, a listener is looked after this often; it costs nothing. */
const IDLE_MS = 3_600_000

/** From a change to the event that tells of it. `since` includes the moment it names; a number holds 0.0003 ms. */
const OFFSET_MS = 0.208

const KNOWN = ['type', 'event', 'container', 'image', 'label', 'daemon', 'scope', 'network', 'volume', 'plugin']

export function parseEventsQuery(query: URLSearchParams): EventsQuery {
  const time = (name: 'since' | 'until') => {
    const text = query.get(name) ?? ''
    if (text === '') return {}
    const parsed = parseUnix(text)
    if (parsed === undefined) throw new Failure(400, `invalid value for "${name}": failed to parse value "${text}"`)
    return { [name]: parsed.seconds * 1000 + parsed.nanos / 1e6 }
  }
  return { ...time('since'), ...time('until'), filters: parseFilters(query.get('filters'), KNOWN) }
}

/** Resolves when `until` is reached, or the client has gone. */
export async function serveEvents(
  res: ServerResponse,
  containers: DemoContainer[],
  { since, until = Number.POSITIVE_INFINITY, filters }: EventsQuery,
  clock: Clock,
) {
  res.setHeader('Content-Type', 'application/json')
  res.flushHeaders()
  const client = clientOf(res)
  let after = since === undefined ? clock.now() : Math.max(since - OFFSET_MS - 0.002, clock.now() - KEEP_MS)
  for (;;) {
    const now = clock.now()
    const to = Math.min(now, until)
    const happened = containers
      .flatMap((container) => container.life.changes(after, to).map((change) => ({ container, change })))
      .filter(({ container, change }) => isWanted(filters, container, change))
      .sort((a, b) => a.change.at - b.change.at)
    if (happened.length > 0) {
      await client.send(happened.map(({ container, change }) => encode(container, change)).join(''))
    }
    after = Math.max(after, to)
    if (client.gone.aborted || now >= until) break
    const next = Math.min(until, ...containers.map(({ life }) => life.next(after) ?? Number.POSITIVE_INFINITY))
    await clock.wait(Math.min(IDLE_MS, Math.max(1, Math.ceil(next - clock.now()))), client.gone)
  }
  res.end()
}

function isWanted(filters: Filters, { id, name, image, labels }: DemoContainer, { action }: Change): boolean {
  return (
    passes(filters, 'type', (type) => type === 'container') &&
    passes(filters, 'event', (event) => action === event || action.startsWith(`${event}:`)) &&
    passes(filters, 'container', (wanted) => wanted === name || (wanted !== '' && id.startsWith(wanted))) &&
    passes(filters, 'image', (wanted) => image === wanted || image.startsWith(`${wanted}:`)) &&
    hasLabels(filters, labels)
  )
}

function encode({ id, name, image, labels }: DemoContainer, { at, action, attributes }: Change): string {
  const { seconds, nanos } = instant(at + OFFSET_MS)
  const event = {
    status: action,
    id,
    from: image,
    Type: 'container',
    Action: action,
    Actor: { ID: id, Attributes: { ...labels, ...attributes, image, name } },
    scope: 'local',
    time: seconds,
  }
  // Nanoseconds since 1970 are beyond what a number holds exactly, so they are written as text.
  return `${JSON.stringify(event).slice(0, -1)},"timeNano":${seconds}${String(nanos).padStart(9, '0')}}\n`
}
