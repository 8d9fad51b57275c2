/**
 * `GET /containers/{id}/logs`: a container's lines, framed as Docker frames them, or raw for one with a TTY.
 * https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Container/operation/ContainerLogs
 */
import type { ServerResponse } from 'node:http'
import { clientOf } from './client.ts'
import type { DemoContainer } from './containers.ts'
import { Failure } from './failure.ts'
import type { Entry } from './log.ts'
import { type Clock, type Instant, instant, isAfter, parseUnix, rfc3339 } from './time.ts'

export interface LogsQuery {
  stdout: boolean
  stderr: boolean
  follow: boolean
  timestamps: boolean
  tail: number | 'all'
  since?: Instant
  until?: Instant
}

/** Lines written at once: some kilobytes, after which the client is given a chance to say that it is enough. */
const BATCH_LINES = 256
/** A follow wakes no more often than this, however many lines fall due. */
const WAKE_MS = 10

export function parseLogsQuery(query: URLSearchParams): LogsQuery {
  const on = (name: string) => /^(?:1|true|t)$/i.test(query.get(name) ?? '')
  const tail = query.get('tail') ?? 'all'
  const time = (name: 'since' | 'until') => {
    const text = query.get(name) ?? ''
    if (text === '' || text === '0') return {}
    const parsed = parseUnix(text)
    if (parsed === undefined) throw new Failure(400, `invalid value for "${name}": failed to parse value "${text}"`)
    return { [name]: parsed }
  }
  const parsed: LogsQuery = {
    stdout: on('stdout'),
    stderr: on('stderr'),
    follow: on('follow'),
    timestamps: on('timestamps'),
    tail: /^\d+$/.test(tail) ? Number(tail) : 'all', // what is not a number counts as "all" in Docker too
    ...time('since'),
    ...time('until'),
  }
  if (!parsed.stdout && !parsed.stderr) throw new Failure(400, 'Bad parameters: you must choose at least one stream')
  return parsed
}

/** Resolves when all is sent, when the run that was followed has ended, or when the client has gone. */
export async function serveLogs(res: ServerResponse, container: DemoContainer, query: LogsQuery, clock: Clock) {
  const { log, life, tty } = container
  res.setHeader('Content-Type', `application/vnd.docker.${tty ? 'raw' : 'multiplexed'}-stream`)
  res.flushHeaders()
  const client = clientOf(res)

  const asked = clock.now()
  const state = life.stateAt(asked)
  const follow = query.follow && state.status === 'running'
  const { since, until } = query
  const wanted = ({ at, stream }: Entry) => query[stream] && (since === undefined || !isAfter(since, at))
  const encode = tty ? raw : framed

  let position =
    query.tail === 'all'
      ? since === undefined
        ? log.first(asked)
        : log.from(since, asked)
      : log.tail(query.tail, asked)
  while (!client.gone.aborted) {
    const now = clock.now()
    const last = follow ? Math.min(now, state.endsAt ?? now) : asked
    const to = until !== undefined && isAfter(instant(last), until) ? until : instant(last)
    const { entries, after } = log.read(position, to, BATCH_LINES)
    position = after
    const bytes = Buffer.concat(entries.filter(wanted).map((entry) => encode(entry, query.timestamps)))
    if (bytes.length > 0) await client.send(bytes)
    if (entries.length === BATCH_LINES) continue
    const ended = now >= (state.endsAt ?? Number.POSITIVE_INFINITY) || to === until
    if (!follow || ended) break
    const stop = until === undefined ? Number.POSITIVE_INFINITY : until.seconds * 1000 + 1000
    const next = Math.min(log.nextAt(position), state.endsAt ?? Number.POSITIVE_INFINITY, stop)
    await clock.wait(Math.max(WAKE_MS, next - clock.now()), client.gone)
  }
  res.end()
}

/** Eight bytes (stream, three zeros, length in big endian), then the line. */
function framed({ at, stream, text }: Entry, timestamps: boolean): Buffer {
  const line = `${timestamps ? `${rfc3339(at)} ` : ''}${text}\n`
  const frame = Buffer.alloc(8 + Buffer.byteLength(line))
  frame[0] = stream === 'stdout' ? 1 : 2
  frame.writeUInt32BE(frame.length - 8, 4)
  frame.write(line, 8)
  return frame
}

function raw({ at, text }: Entry, timestamps: boolean): Buffer {
  return Buffer.from(`${timestamps ? `${rfc3339(at)} ` : ''}${text}\r\n`)
}
