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

/** What stands between a line's time and its message. Made once, as every piece that is put together costs each line. */
const MIDDLES = { stdout: middlesOf('stdout'), stderr: middlesOf('stderr') }

function middlesOf(stream: Stream): Record<Level | 'none', string> {
  const none = `,"stream":"${stream}","message":`
  const of = (level: Level) => `,"stream":"${stream}","level":"${level}","message":`
  return {
    none,
    trace: of('trace'),
    debug: of('debug'),
    info: of('info'),
    warn: of('warn'),
    error: of('error'),
    fatal: of('fatal'),
  }
}

/**
 * The wire's `Line`s as JSON, parted by `separator`; each with what `more` gives for its index, members that begin with a
 * comma. Put together by hand, as JSON.stringify takes longer for objects than for texts.
 */
export function linesToJson(lines: readonly LogLine[], more?: (index: number) => string, separator = ','): string {
  const texts = lines.map(({ message }) => message)
  texts.push('')
  // All at once, a row each, as JSON has no line breaks of its own: V8 writes many texts at twice the speed of one.
  const rows = JSON.stringify(texts, undefined, 1)
  let json = ''
  let row = '[\n '.length
  for (let index = 0; index < lines.length; index++) {
    const { time, ordinal, stream, level, truncated } = lines[index] as LogLine
    const end = rows.indexOf(',\n', row)
    json += `${index === 0 ? '' : separator}{"time":"${time}"`
    if (ordinal !== 0) json += `,"ordinal":${ordinal}`
    json += MIDDLES[stream][level ?? 'none'] + rows.slice(row, end)
    if (truncated) json += ',"truncated":true'
    json += more ? `${more(index)}}` : '}'
    row = end + ',\n '.length
  }
  return json
}

/** What a line weighs in a buffer, in bytes: an estimate from above for the bounds, not an account. */
export function weightOf(line: LogLine): number {
  return line.message.length * 2 + 120
}
