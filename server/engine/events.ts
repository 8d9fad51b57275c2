/** The engine's event stream: JSON objects, one a line, of which only those about containers' lives matter here. */
import type { Readable } from 'node:stream'
import { timeFromNanoseconds } from '../logs/time.ts'
import type { StateEvent } from '../wire.ts'
import { EngineError } from './engine.ts'

/** What an event tells, with the engine's words for it. */
export interface ContainerEvent {
  readonly id: string
  /** `start`, `die`, `health_status: healthy`, ... */
  readonly action: string
  readonly attributes: Readonly<Record<string, string>>
  /** RFC 3339 with nine digits. */
  readonly at: string
}

const MAX_EVENT_BYTES = 1024 * 1024 // labels are part of an event; no engine allows this many

const MAX_SECONDS = 99_999_999_999 // as many digits as a cursor takes

/** The words for what happened. Other actions (exec_start, attach, top, ...) do not change a container's life. */
export const STATE_OF_ACTION: Readonly<Record<string, StateEvent['state'] | undefined>> = {
  create: 'created',
  start: 'started',
  stop: 'stopped',
  die: 'died',
  died: 'died', // Podman
  oom: 'oom',
  pause: 'paused',
  unpause: 'unpaused',
  rename: 'renamed',
  destroy: 'removed',
  remove: 'removed', // Podman
  health_status: 'health',
}

/** Events until the stream ends. Throws what the stream does when it is cut, `EngineError` when it is no event stream. */
export async function* readEvents(body: Readable): AsyncGenerator<ContainerEvent, void, void> {
  let rest = ''
  body.setEncoding('utf8')
  for await (const chunk of body) {
    rest += String(chunk)
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const event = parseEvent(rest.slice(0, end))
      rest = rest.slice(end + 1)
      if (event) yield event
    }
    if (rest.length > MAX_EVENT_BYTES) throw new EngineError('failed', 'the engine sent an event without an end')
  }
}

function parseEvent(text: string): ContainerEvent | undefined {
  if (text.trim() === '') return undefined
  let event: unknown
  try {
    event = JSON.parse(text)
  } catch (cause) {
    throw new EngineError('failed', 'the engine sent an event that is not JSON', { cause })
  }
  if (typeof event !== 'object' || event === null) return undefined
  const { Type, Action, Actor, time } = event as { Type?: unknown; Action?: unknown; Actor?: unknown; time?: unknown }
  const { ID, Attributes } = (Actor ?? {}) as { ID?: unknown; Attributes?: unknown }
  if ((Type !== undefined && Type !== 'container') || typeof Action !== 'string' || typeof ID !== 'string')
    return undefined
  return {
    id: ID,
    action: Action,
    attributes: typeof Attributes === 'object' && Attributes !== null ? (Attributes as Record<string, string>) : {},
    at: timeFromNanoseconds(nanosecondsOf(text) ?? secondsOf(time) * 1_000_000_000n),
  }
}

function secondsOf(time: unknown): bigint {
  if (typeof time === 'number' && Number.isInteger(time) && time >= 0 && time <= MAX_SECONDS) return BigInt(time)
  throw new EngineError('failed', 'the engine sent an event without a time')
}

/** `timeNano` exceeds what JSON.parse keeps of a number; its digits are read from the text. */
function nanosecondsOf(text: string): bigint | undefined {
  const digits = /"timeNano":(\d{1,20})\b/.exec(text)?.[1]
  return digits === undefined ? undefined : BigInt(digits)
}
