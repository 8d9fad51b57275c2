/** The requests that Sluice sends to an engine, and what it says where an answer refuses one. */
import { STATUS_CODES } from 'node:http'
import { EngineError } from './engine.ts'

export type RequestName = 'ping' | 'version' | 'info' | 'events' | 'list' | 'inspect' | 'logs'

interface RequestWords {
  /** As the Engine API names it. */
  readonly request: string
  /** The variable of docker-socket-proxy that allows it. Source: its README, "Grant or revoke access to certain API sections". */
  readonly allow: string
}

const REQUESTS: Readonly<Record<RequestName, RequestWords>> = {
  ping: { request: 'GET /_ping', allow: 'PING' },
  version: { request: 'GET /version', allow: 'VERSION' },
  info: { request: 'GET /info', allow: 'INFO' },
  events: { request: 'GET /events', allow: 'EVENTS' },
  list: { request: 'GET /containers/json', allow: 'CONTAINERS' },
  inspect: { request: 'GET /containers/{id}/json', allow: 'CONTAINERS' },
  logs: { request: 'GET /containers/{id}/logs', allow: 'CONTAINERS' },
}

export function requestOf(name: RequestName): string {
  return REQUESTS[name].request
}

const MAX_TEXT_CHARS = 300 // a sentence or two; whole pages are of no use in one
/** Of a page that a proxy answers with. Not any `<...>`: Docker's own sentences hold `<nil>` and `<none>`. */
const MARKUP = /<!doctype|<\/?(?:html|head|title|body|h[1-6]|p|div|span|center|hr|br|pre|a|table|script|style|meta)\b/i
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\s]+/g

/** The error for an answer with a status that is not 200; `body` may be cut short. Markup is never part of its message. */
export function refusalOf(name: RequestName, status: number, body: string): EngineError {
  const message = messageIn(body)
  const text = message ?? plainTextOf(body)
  const words = text ?? `HTTP ${status} ${STATUS_CODES[status] ?? ''}`.trim()
  if (status === 401 || status === 403) return new EngineError('forbidden', forbiddenWords(name, message))
  // 409: it is being removed, and its log cannot be read any more.
  if (status === 404 || status === 409) return new EngineError('no-container', words)
  if (status === 501 || /logging driver does not support reading/i.test(words))
    return new EngineError('unreadable-driver', words)
  return new EngineError('failed', text === undefined ? words : `${text} (HTTP ${status})`)
}

/** An authorization plugin of Docker's says why, in JSON; a proxy says nothing that helps. */
function forbiddenWords(name: RequestName, message: string | undefined): string {
  const { request, allow } = REQUESTS[name]
  if (message !== undefined) return `Docker forbids ${request}: ${message}`
  return `The proxy in front of Docker forbids ${request}; allow ${allow}`
}

/** What `{"message":"..."}` says, as Docker and Podman answer errors. */
function messageIn(body: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(body)
    const message = typeof answer === 'object' && answer !== null && 'message' in answer ? answer.message : undefined
    return typeof message === 'string' ? plainTextOf(message) : undefined
  } catch {
    return undefined
  }
}

function plainTextOf(text: string): string | undefined {
  if (MARKUP.test(text) || /^\s*[{[]/.test(text)) return undefined
  const plain = text.replace(CONTROLS, ' ').trim()
  return plain === '' ? undefined : plain.slice(0, MAX_TEXT_CHARS)
}
