/**
 * Whether the beginning of a log is gone by rotation. Docker does not tell: a log that is read from its start begins with
 * what is left. Where it is smaller than what its driver keeps, nothing is missing.
 */
import { type Engine, EngineError } from '../engine/engine.ts'
import { isLines } from '../logs/damage.ts'
import type { LogLine } from '../logs/line.ts'
import { millisecondsOf } from '../logs/time.ts'

/** A log kept in one file may have been emptied at any time. One that begins so soon after its container was not. */
const PROMPT_MS = 10_000
/** More is not read only to be counted. */
const MOST_COUNTED_BYTES = 32 * 1024 * 1024
/** Of a line in a json-file log: `{"log":"\n","stream":"stdout","time":"2026-11-24T10:00:00.123456789Z"}` and a newline. */
const FRAME_BYTES = 69

/**
 * `first`: the first line that a read from the log's start has brought. Throws `EngineError` `cut` if there are earlier ones: a
 * read that is opened while the log is rotated, and its container restarted, may pass over a file.
 */
export async function lacksBeginning(
  engine: Engine,
  id: string,
  first: LogLine,
  signal: AbortSignal,
): Promise<boolean> {
  const kept = engine.keptBytes(id)
  if (kept === undefined || kept > MOST_COUNTED_BYTES) return false
  if (kept === 0) return !isPrompt(engine, id, first)
  let bytes = 0
  for await (const lines of await engine.readLines(id, { tail: 'all', signal })) {
    if (!isLines(lines)) continue
    const [begin] = lines
    if (bytes === 0 && begin && begin.time > first.time) return true
    if (bytes === 0 && begin && begin.time < first.time) throw new EngineError('cut', 'Docker skipped lines')
    for (const { message } of lines) bytes += Buffer.byteLength(JSON.stringify(message)) + FRAME_BYTES
    if (bytes >= kept) return true
  }
  return false
}

function isPrompt(engine: Engine, id: string, first: LogLine): boolean {
  const { created, started, finished } = engine.get(id) ?? {}
  // One that has finished has run before it started last, and that run had lines too.
  const since = finished === undefined ? (started ?? created) : created
  return since === undefined || millisecondsOf(first.time) - Date.parse(since) < PROMPT_MS
}
