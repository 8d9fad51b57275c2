/**
 * Judges a line within its entry: it passes a filter with its head, so that an error keeps its stack trace, and by itself,
 * with its head's level where it names none. What a filter leaves out stays out with all that continues it. Pure.
 */
import type { Head } from './entry-heads.ts'
import type { Filter, Verdict } from './filter.ts'
import type { LogLine } from './line.ts'
import type { Work } from './program.ts'

export type LineFilter = Pick<Filter, 'admits' | 'excludes'>

/** Whether a line passes whose entry has that head. */
export function admitsIn(filter: LineFilter, line: LogLine, head: Head): Verdict {
  const passes = passesOf(filter, head)
  if (head.line === line) return passes
  if (filter.excludes) {
    head.isExcluded ??= filter.excludes(head.line)
    if (head.isExcluded || filter.excludes(line)) return false
  }
  if (typeof passes !== 'boolean') return either(passes, () => byItself(filter, line, head))
  return passes || byItself(filter, line, head)
}

function byItself(filter: LineFilter, line: LogLine, { line: { level } }: Head): Verdict {
  return filter.admits(line.level === undefined && level !== undefined ? { ...line, level } : line)
}

function passesOf(filter: LineFilter, head: Head): Verdict {
  if (head.passes !== undefined) return head.passes
  const verdict = filter.admits(head.line)
  if (typeof verdict !== 'boolean') return noted(head, verdict)
  head.passes = verdict
  return verdict
}

function* noted(head: Head, verdict: Work<boolean>): Work<boolean> {
  head.passes = yield* verdict
  return head.passes
}

function* either(first: Work<boolean>, second: () => Verdict): Work<boolean> {
  if (yield* first) return true
  const verdict = second()
  return typeof verdict === 'boolean' ? verdict : yield* verdict
}
