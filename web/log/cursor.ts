/** The position of a line, `<incarnation>.<seconds>.<nanoseconds>.<ordinal>`, as the server has it (`server/logs/cursor.ts`). */
import type { Line } from '../../server/wire.ts'
import { type LineTime, readTime } from './time.ts'

export interface Position extends LineTime {
  /** 12 hex digits. */
  readonly incarnation: string
  /** Counts the lines of one incarnation with the same time. */
  readonly ordinal: number
}

export function cursorOf({ incarnation, seconds, nanos, ordinal }: Position): string {
  return `${incarnation}.${seconds}.${String(nanos).padStart(9, '0')}.${ordinal}`
}

/** That of a line as it comes over the wire. */
export function cursorOfLine(incarnation: string, { time, ordinal = 0 }: Line): string {
  return cursorOf({ incarnation, ordinal, ...readTime(time) })
}

/** A time as the interface has it: `2026-11-22T10:02:03.114000000Z`. */
export function wireTime({ seconds, nanos }: LineTime): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(nanos).padStart(9, '0')}Z`
}
