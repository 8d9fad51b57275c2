/**
 * The first read of a log: the backlog that the first viewer asked for and what is written after it, in one follow, so that
 * nothing can be lost between them. A follow does not tell where the one ends and the other begins; the log's last line,
 * read apart at the same time, does.
 */
import type { Engine } from '../engine/engine.ts'
import type { LogLine } from '../logs/line.ts'
import { certainLines, MARGINS, restOfLine, tailOf, WindowStart } from './history.ts'

/** How long a follow is quiet before its backlog counts as complete although its last line was not recognised. */
const QUIET_MS = 300

export interface FirstReader {
  /** Once, with at least `tail` lines if the log has them; `whole`: the log has no others. */
  backlog(lines: readonly LogLine[], whole: boolean): void
  /** What is written after the backlog. */
  lines(lines: readonly LogLine[]): void
}

/** Resolves when the log ends. What a failed read had brought of the backlog is not told. */
export async function readFirst(
  engine: Engine,
  id: string,
  tail: number,
  signal: AbortSignal,
  reader: FirstReader,
): Promise<void> {
  for (const margin of MARGINS) {
    if ((await readWithin(engine, id, tail, margin, signal, reader)) === 'ended') return
  }
}

async function readWithin(
  engine: Engine,
  id: string,
  tail: number,
  margin: number,
  signal: AbortSignal,
  reader: FirstReader,
): Promise<'ended' | 'too-few'> {
  const read = await engine.followLines(id, { tail: tailOf(tail, margin), signal })
  const end = lastLine(engine, id, signal)
  let window: LogLine[] | undefined = []
  let tooFew = false
  let quiet: NodeJS.Timeout | undefined
  const complete = () => {
    if (!window || signal.aborted) return
    clearTimeout(quiet)
    const whole = read.pieces < tail + margin
    const certain = certainLines(window, whole)
    window = undefined
    tooFew = certain.length < tail && !whole
    if (tooFew) read.close()
    else reader.backlog(certain, whole)
  }
  const completeIfPassed = async () => {
    const last = await end
    if (!window) return
    clearTimeout(quiet)
    if (last === 'none' || (last !== 'unknown' && window.some((line) => isAtOrAfter(line, last)))) complete()
    else quiet = setTimeout(complete, QUIET_MS)
  }
  void completeIfPassed()
  const begin = new WindowStart()
  try {
    for await (const lines of read) {
      if (tooFew) break
      const hasRest = lines.some((line) => begin.isRest(line))
      if (hasRest && !window) throw restOfLine()
      if (!window) {
        reader.lines(lines)
        continue
      }
      window.push(...lines)
      void completeIfPassed()
    }
    complete()
  } finally {
    clearTimeout(quiet)
    window = undefined // of a read that was cut nothing is kept: the next one brings it again
  }
  return tooFew ? 'too-few' : 'ended'
}

async function lastLine(engine: Engine, id: string, signal: AbortSignal): Promise<LogLine | 'none' | 'unknown'> {
  let last: LogLine | undefined
  try {
    const read = await engine.readLines(id, { tail: 1, signal })
    for await (const lines of read) last = lines.at(-1)
    return last ?? (read.pieces === 0 ? 'none' : 'unknown') // a line that is being written is not told yet
  } catch {
    return 'unknown' // the follow meets the same trouble, and reports it
  }
}

/** Whether `line` is `last` or later. Times of whole seconds (Podman's) say so only when they are past. */
function isAtOrAfter(line: LogLine, last: LogLine): boolean {
  if (line.time !== last.time) return line.time > last.time
  return !line.time.endsWith('.000000000Z') && line.stream === last.stream
}
