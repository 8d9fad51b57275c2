/** A log line as the server handles it, and its form on the wire. */
import type { Level, Stream } from '../wire.ts'

export interface LogLine {
  /** `2026-11-22T10:02:03.114000000Z`: UTC, always nine digits, so that equal instants are equal strings. */
  readonly time: string
  /** Counts, from 0, the lines of this incarnation with the same `time`, in Docker's order. */
  readonly ordinal: number
  readonly stream: Stream
  readonly level: Level | undefined
  readonly message: string
  /** `message` is the first `MAX_LINE_BYTES` of a longer line. */
  readonly truncated: boolean
}

/** What is shown of one line; the rest of a longer one is counted, never kept. */
export const MAX_LINE_BYTES = 64 * 1024

/** The wire's `Line` as JSON. Written by hand: one pass over a million lines costs a third of JSON.stringify's on objects. */
export function lineToJson(line: LogLine): string {
  let json = `{"time":"${line.time}"`
  if (line.ordinal !== 0) json += `,"ordinal":${line.ordinal}`
  json += `,"stream":"${line.stream}"`
  if (line.level !== undefined) json += `,"level":"${line.level}"`
  json += `,"message":${JSON.stringify(line.message)}`
  return line.truncated ? `${json},"truncated":true}` : `${json}}`
}

/** What a line weighs in a buffer, in bytes: an estimate from above for the bounds, not an account. */
export function weightOf(line: LogLine): number {
  return line.message.length * 2 + 120
}
