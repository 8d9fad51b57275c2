/** What an engine could not do, as the answer to the request that needed it. */
import { type Engine, EngineError, type EngineErrorCode } from '../engine/engine.ts'
import { isConnected } from '../feed/known.ts'
import { MalformedLogError } from '../logs/decoder.ts'
import { HttpProblem } from './problem.ts'

const STATUS: Readonly<Record<EngineErrorCode, number>> = {
  'no-container': 404,
  'unreadable-driver': 501, // as Docker answers
  unreachable: 503,
  timeout: 504,
  cut: 502,
  failed: 502,
  garbled: 502,
  emptied: 502,
  forbidden: 502, // by the proxy before the engine, not by Sluice
}

/** A daemon that restarts is back within seconds. */
const RETRY_AFTER = { 'Retry-After': '2' }

/** What `error` is to a client, where it is the engine's doing; undefined for any other error. */
export function engineProblem(error: unknown): HttpProblem | undefined {
  if (error instanceof EngineError) return problemOf(STATUS[error.code], error.message)
  if (error instanceof MalformedLogError) return problemOf(502, error.message)
  // What the network says, as it is: the only connections that Sluice opens are those to engines.
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return NETWORK_CODE.test(code) ? problemOf(503, String((error as Error).message)) : undefined
}

/** Of the system and of Node's HTTP parser; not Node's own `ERR_...`. */
const NETWORK_CODE = /^(?:E(?!RR_)[A-Z_]+|HPE_\w+)$/

function problemOf(status: number, message: string): HttpProblem {
  return new HttpProblem(status, `Can't read the log: ${message}`, {}, status === 503 ? RETRY_AFTER : {})
}

/** Throws `HttpProblem` in place of what an engine could not do, and any other error as it is. */
export function rethrow(error: unknown): never {
  throw engineProblem(error) ?? error
}

/** Throws `HttpProblem` 503 while no engine is connected, also where one was: its containers stay listed, but cannot be read. */
export function requireConnected(engine: Engine): void {
  if (isConnected(engine)) return
  const hosts = engine.hosts()
  const tried = hosts.flatMap(({ problems }) => problems.map(({ address, detail }) => `${address}: ${detail}`))
  const detail = `Can't reach Docker on ${hosts.map(({ name }) => name).join(', ')}. ${tried.join(' ')}`
  throw new HttpProblem(503, detail.trim(), {}, RETRY_AFTER)
}
