/**
 * Pipe-separated lines as Python's loguru writes them, `date | LEVEL | module:function:line - text`, in parts: the date
 * and the place step back, the level takes its colour, the text stays.
 */
import type { Run } from './ansi.ts'

// The bounds keep a hostile line linear, and this from taking a table for a log.
const LINE =
  /^(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z| ?[+-]\d\d:?\d\d)?)( *\| *)(TRACE|DEBUG|INFO|SUCCESS|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)( *\| *)(?:([^\s|]{1,200}:\d{1,7})( +- +))?/

const ROLES: Record<string, string> = {
  TRACE: 'level-trace',
  DEBUG: 'level-debug',
  INFO: 'level-info',
  SUCCESS: 'level-success',
  NOTICE: 'level-info',
  WARN: 'level-warn',
  WARNING: 'level-warn',
  ERROR: 'level-error',
  CRITICAL: 'level-fatal',
  FATAL: 'level-fatal',
}

/** The parts of a loguru line; undefined for any other. Joined, they are the text. */
export function readLoguru(text: string): Run[] | undefined {
  if (!text.startsWith('20')) return undefined
  const match = LINE.exec(text)
  if (match === null) return undefined
  const [whole, date = '', pipe = '', level = '', pipe2 = '', place, dash = ''] = match
  const runs: Run[] = [
    { text: date, role: 'aside' },
    { text: pipe, role: 'aside' },
    { text: level, role: ROLES[level] ?? 'level-info' },
    { text: pipe2, role: 'aside' },
  ]
  if (place !== undefined) runs.push({ text: place, role: 'place' }, { text: dash, role: 'aside' })
  if (whole.length < text.length) runs.push({ text: text.slice(whole.length) })
  return runs
}
