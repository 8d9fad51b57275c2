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

/** The wire's `Line`s, each as JSON. Put together by hand, as JSON.stringify takes longer for objects than for texts. */
export function linesToJson(lines: readonly LogLine[]): string[] {
  const messages = textsToJson(lines.map(({ message }) => message))
  return lines.map(({ time, ordinal, stream, level, truncated }, index) => {
    const counted = ordinal === 0 ? '' : `,"ordinal":${ordinal}`
    const end = truncated ? ',"truncated":true}' : '}'
    return `{"time":"${time}"${counted}${MIDDLES[stream][level ?? 'none']}${messages[index]}${end}`
  })
}

/** Each as JSON. All at once, a row each, as JSON has no line breaks of its own: V8 writes many texts at twice the speed of one. */
function textsToJson(texts: readonly string[]): string[] {
  const [, ...rows] = JSON.stringify([...texts, ''], undefined, 1).split('\n')
  return texts.map((_, index) => rows[index]?.slice(1, -1) ?? '') // a row is ` "text",`
}

/** What a line weighs in a buffer, in bytes: an estimate from above for the bounds, not an account. */
export function weightOf(line: LogLine): number {
  return line.message.length * 2 + 120
}
