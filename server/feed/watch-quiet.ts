/**
 * Looks after a follow that is quiet: is there nothing to tell, or has it stalled, as behind a proxy that forgot the
 * connection? The log's last line, read apart, tells.
 */
import type { Engine } from '../engine/engine.ts'
import type { Cursor } from '../logs/cursor.ts'
import type { LogLine } from '../logs/line.ts'
import { slices } from '../slices.ts'
import { newestLine } from './history.ts'

const LOOK_EVERY_MS = 15_000
/** How soon it is noticed that a follow is quiet: a look comes so much later than it could. */
const TICK_MS = 2_500
/** The log's last records may be damaged. */
const LAST_TAILS = [1, 2, 4, 8, 16, 32]
/** How long a line that the log has may be on its way. */
const ON_ITS_WAY_MS = 2_000

/** Aborts `reading` when lines that the log has do not come. `position`: just after the last that came. */
export function watchQuiet(
  engine: Engine,
  id: string,
  position: () => Cursor | undefined,
  reading: AbortController,
): { end(): void } {
  let timer: NodeJS.Timeout | undefined
  let ended = false
  const later = (run: () => void, ms: number) => {
    if (!ended) timer = setTimeout(run, ms)
  }
  let seen = position()
  let quietMs = 0
  const tick = () => {
    const now = position()
    quietMs = now === seen ? quietMs + TICK_MS : 0
    seen = now
    if (quietMs < LOOK_EVERY_MS) later(tick, TICK_MS)
    else void look(now)
  }
  const look = async (before: Cursor | undefined) => {
    const last = before && (await lastLine(engine, id, reading.signal))
    // Not by which is later, as clocks are set back.
    if (before && last && last.time !== before.time) later(() => judge(before), ON_ITS_WAY_MS)
    else lookLater()
  }
  const judge = (before: Cursor) => {
    if (position() === before) reading.abort()
    else lookLater()
  }
  const lookLater = () => {
    seen = position()
    quietMs = 0
    later(tick, TICK_MS)
  }
  lookLater()
  return {
    end: () => {
      ended = true
      clearTimeout(timer)
    },
  }
}

/** The log's newest line, or one shortly before it. */
async function lastLine(engine: Engine, id: string, signal: AbortSignal): Promise<LogLine | undefined> {
  // Follows that began together come to this together: hundreds of requests in one turn of the loop.
  await slices.turn('feeds')
  try {
    for (const tail of LAST_TAILS) {
      const last = await newestLine(engine, id, signal, tail)
      if (last) return last
    }
  } catch {} // an engine in trouble is noticed elsewhere
  return undefined
}
