/** The engine's event stream: JSON objects, one a line, of which only those about containers' lives matter here. */
import type { Readable } from 'node:stream'
import * as z from 'zod'
import { timeFromNanoseconds } from '../logs/time.ts'
import type { StateEvent } from '../wire.ts'
import { EngineError } from './engine.ts'

/** What an event tells, with the engine's words for it. */
export interface ContainerEvent {
  readonly id: string
  /** `start`, `die`, `health_status: healthy`, ... */
  readonly action: string
  /** Those that Sluice uses; none of them where one is no text. */
  readonly attributes: Readonly<Record<string, string>>
  /** RFC 3339 with nine digits; undefined where the event has no time: something happened, and that is all it says. */
  readonly at: string | undefined
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

/**
 * Events until the stream ends. Throws what the stream does when it is cut, `EngineError` when it is no event stream.
 * `onOdd` is called for an event that is left out, and for an attribute that is.
 */
export async function* readEvents(
  body: Readable,
  onOdd: (reason: string) => void = () => {},
): AsyncGenerator<ContainerEvent, void, void> {
  let rest = ''
  body.setEncoding('utf8')
  for await (const chunk of body) {
    rest += String(chunk)
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      const event = parseEvent(rest.slice(0, end), onOdd)
      rest = rest.slice(end + 1)
      if (event) yield event
    }
    if (rest.length > MAX_EVENT_BYTES) throw new EngineError('failed', 'Docker sent an event that is too long')
  }
}

/** Only what Sluice uses of it; labels are attributes too. */
const attributes = z.object({
  name: z.string().nullish(),
  oldName: z.string().nullish(),
  exitCode: z.union([z.string(), z.number()]).nullish(),
  containerExitCode: z.union([z.string(), z.number()]).nullish(), // Podman
  signal: z.union([z.string(), z.number()]).nullish(),
})

const containerEvent = z.object({
  Type: z.literal('container').optional(),
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.unknown().optional() }),
  time: z.unknown().optional(),
})

function parseEvent(text: string, onOdd: (reason: string) => void): ContainerEvent | undefined {
  if (text.trim() === '') return undefined
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return void onOdd('it is not JSON')
  }
  const event = containerEvent.safeParse(json).data
  if (!event) return undefined // of an image, a network, ...
  const at = nanosecondsOf(text) ?? secondsOf(event.time)
  if (at === undefined) onOdd('it has no time')
  return {
    id: event.Actor.ID,
    action: event.Action,
    attributes: attributesOf(event.Actor.Attributes, onOdd),
    at: at === undefined ? undefined : timeFromNanoseconds(at),
  }
}

function attributesOf(given: unknown, onOdd: (reason: string) => void): ContainerEvent['attributes'] {
  const { data, error } = attributes.safeParse(given ?? {})
  if (error) onOdd(`attributes are not text: ${error.issues[0]?.path.map(String).join('.')}`)
  const known = Object.entries(data ?? {}).filter(([, value]) => value !== undefined && value !== null)
  return Object.fromEntries(known.map(([name, value]) => [name, String(value)]))
}

/** Docker's word for it, or Podman's. */
export function exitCodeOf({ exitCode, containerExitCode }: ContainerEvent['attributes']): { exitCode?: number } {
  const code = Number(exitCode ?? containerExitCode ?? Number.NaN)
  return Number.isInteger(code) ? { exitCode: code } : {}
}

function secondsOf(time: unknown): bigint | undefined {
  const isTime = typeof time === 'number' && Number.isInteger(time) && time >= 0 && time <= MAX_SECONDS
  return isTime ? BigInt(time) * 1_000_000_000n : undefined
}

/** `timeNano` exceeds what JSON.parse keeps of a number; its digits are read from the text. */
function nanosecondsOf(text: string): bigint | undefined {
  const digits = /"timeNano":(\d{1,20})\b/.exec(text)?.[1]
  return digits === undefined ? undefined : BigInt(digits)
}
