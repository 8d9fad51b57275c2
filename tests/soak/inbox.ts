/** What one session has received of one container name, kept for the verdict. */
import { Lines, type SoakLine } from './lines.ts'
import type { Gap, Received } from './verdict.ts'

/** `<incarnation>.<unix seconds>.<nanoseconds>.<ordinal>`; with no seconds it stands before a first line. Of a merged stream, `@<name>` may follow. */
const CURSOR = /^([0-9a-f]{12})\.(\d{1,11})\.(\d{9})\.(\d{1,9})(?:@[\w.-]+)?$/

export interface Position {
  readonly incarnation: string
  readonly time: string
  readonly ordinal: number
  /** Before the first line of the incarnation, or of the name. */
  readonly atStart: boolean
}

/** A cursor's parts; undefined if it has not the form. */
export function positionOf(cursor: string): Position | undefined {
  const [, incarnation, seconds, nanos, ordinal] = CURSOR.exec(cursor) ?? []
  if (incarnation === undefined) return undefined
  const time = `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${nanos}Z`
  return { incarnation, time, ordinal: Number(ordinal), atStart: Number(seconds) === 0 }
}

export class Inbox implements Received {
  readonly lines = new Lines()
  readonly incarnations: { from: number; incarnation: string }[] = []
  readonly gaps: Gap[] = []
  anchor: Received['anchor']

  line(incarnation: string, line: SoakLine): void {
    if (this.incarnations.at(-1)?.incarnation !== incarnation)
      this.incarnations.push({ from: this.lines.length, incarnation })
    this.lines.push(line)
  }

  gap(reason: string, knowsSince?: number, isNameless = false): void {
    this.gaps.push({ reason, before: this.lines.length, at: Date.now(), knowsSince, isNameless })
  }

  /** The session is told that it stands just after that line. Only what it hears before its first line is news. */
  stands({ incarnation, time, ordinal, atStart }: Position): void {
    if (this.anchor || this.lines.length > 0 || atStart) return
    const lines = new Lines()
    lines.push({ time, ordinal, stream: 'stdout', truncated: false, message: '' })
    this.anchor = { incarnation, lines }
  }
}
