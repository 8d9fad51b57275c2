/** What an engine could not do, as the answer to the request that needed it. */
import { EngineError, type EngineErrorCode } from '../engine/engine.ts'
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

/** Throws `HttpProblem` in place of an `EngineError`, and whatever else as it is. */
export function rethrow(error: unknown): never {
  if (!(error instanceof EngineError)) throw error
  throw new HttpProblem(STATUS[error.code], `The engine could not give the log: ${error.message}`)
}
