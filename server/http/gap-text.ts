/** Gaps in words, for answers that have no events: text that is followed, and notes in an archive. */
import { isOrigin, parseCursor } from '../logs/cursor.ts'
import type { GapEvent } from '../wire.ts'

/** What follows "lines are missing: ". */
const REASONS: Readonly<Record<GapEvent['reason'], string>> = {
  rotated: 'Docker rotated them away',
  removed: 'their container was removed',
  'unknown-cursor': 'the position is not in the log',
  'unreadable-driver': "Docker can't read this logging driver",
  damaged: "Docker can't read the log here",
}

/** `Docker can't read the log here: Error grabbing logs: EOF.` Details may be sentences. */
export function reasonOf({ reason, detail }: GapEvent): string {
  const text = detail ? `${REASONS[reason]}: ${detail}` : REASONS[reason]
  return text.endsWith('.') ? text : `${text}.`
}

/** The line in the place of a gap in text: no program's, as far as a person can see. */
export function gapLine(gap: GapEvent): string {
  return `--- Sluice: lines are missing here: ${reasonOf(gap)} ---\n`
}

/** A sentence for a note beside the text, with the time of the line before the gap where there is one. */
export function gapSentence(gap: GapEvent): string {
  const from = gap.from === undefined ? undefined : parseCursor(gap.from)
  const where = from && !isOrigin(from) ? ` after ${from.time}` : ''
  return `Lines are missing${where}: ${reasonOf(gap)}`
}
