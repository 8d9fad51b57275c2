/**
 * What happens to a demo container, as a function of time: its state at a moment, and the changes between two. Nothing
 * runs in between. All times are milliseconds since 1970.
 */
import { random } from './random.ts'

export interface State {
  status: 'running' | 'restarting' | 'exited'
  startedAt: number
  /** When the last run ended, if one has. */
  finishedAt?: number
  exitCode: number
  oomKilled: boolean
  restartCount: number
  health?: 'healthy' | 'unhealthy'
  /** When the present run will end, if it will: nobody who asks over the API learns of it. */
  endsAt?: number
}

/** One container event. `action` is Docker's word: `start`, `die`, `oom`, `health_status: unhealthy`. */
export interface Change {
  at: number
  action: string
  attributes?: Record<string, string>
}

export interface Life {
  created: number
  stateAt(now: number): State
  /** Later than `after`, and up to `to`. */
  changes(after: number, to: number): Change[]
  /** When the next change after `after` comes, if one does. */
  next(after: number): number | undefined
}

const RUNNING = { status: 'running', exitCode: 0, oomKilled: false, restartCount: 0 } as const

/** Runs, and goes on running. */
export function steady(startedAt: number, health?: 'healthy'): Life {
  const state: State = { ...RUNNING, startedAt, ...(health && { health }) }
  return fromList(startedAt - 900, () => state, [{ at: startedAt, action: 'start' }])
}

/** Ran, and was killed for want of memory. */
export function outOfMemory(startedAt: number, finishedAt: number): Life {
  const state: State = { ...RUNNING, status: 'exited', startedAt, finishedAt, exitCode: 137, oomKilled: true }
  return fromList(startedAt - 700, () => state, [
    { at: startedAt, action: 'start' },
    { at: finishedAt - 40, action: 'oom' },
    { at: finishedAt, action: 'die', attributes: died(137, startedAt, finishedAt) },
  ])
}

/** A period of `crashing`. Long enough to be seen, both running and waiting to be started again. */
export const CRASH_PERIOD_MS = 30_000

/** When, in the period of that number, the run ends: after about 20 s. */
export function crashAt(seed: number, period: number): number {
  return period * CRASH_PERIOD_MS + random(seed, 'crash', period).int(18_500, 21_500)
}

/** Starts with every period, exits 1, and is restarting until the next. */
export function crashing(seed: number, created: number): Life {
  const first = Math.ceil(created / CRASH_PERIOD_MS)
  const changesOf = (period: number): Change[] => {
    const start = period * CRASH_PERIOD_MS
    const end = crashAt(seed, period)
    return [
      { at: start, action: 'start' },
      { at: end, action: 'die', attributes: died(1, start, end) },
    ]
  }
  return {
    created,
    stateAt(now) {
      const period = Math.max(first, Math.floor(now / CRASH_PERIOD_MS))
      const startedAt = period * CRASH_PERIOD_MS
      const endsAt = crashAt(seed, period)
      const before: Partial<State> = period > first ? { finishedAt: crashAt(seed, period - 1) } : {}
      const run: State = { ...RUNNING, ...before, startedAt, restartCount: period - first, endsAt }
      return now < endsAt ? run : { ...run, status: 'restarting', exitCode: 1, finishedAt: endsAt }
    },
    changes(after, to) {
      const found: Change[] = []
      for (
        let period = Math.max(first, Math.floor(after / CRASH_PERIOD_MS));
        period * CRASH_PERIOD_MS <= to;
        period++
      ) {
        found.push(...changesOf(period).filter(({ at }) => at > after && at <= to))
      }
      return found
    },
    next(after) {
      const period = Math.max(first, Math.floor(after / CRASH_PERIOD_MS))
      return [...changesOf(period), ...changesOf(period + 1)].find(({ at }) => at > after)?.at
    },
  }
}

/** A period of `ailing`, and when in it the health check fails and passes again. */
export const AIL_PERIOD_MS = 180_000
export const AILS_AT_MS = 100_000

/** Runs, but its health check fails for a part of every period. */
export function ailing(startedAt: number): Life {
  const changesOf = (period: number): Change[] => [
    { at: period * AIL_PERIOD_MS, action: 'health_status: healthy' },
    { at: period * AIL_PERIOD_MS + AILS_AT_MS, action: 'health_status: unhealthy' },
  ]
  return {
    created: startedAt - 900,
    stateAt: (now) => ({ ...RUNNING, startedAt, health: now % AIL_PERIOD_MS < AILS_AT_MS ? 'healthy' : 'unhealthy' }),
    changes(after, to) {
      const found: Change[] = startedAt > after && startedAt <= to ? [{ at: startedAt, action: 'start' }] : []
      const from = Math.max(after, startedAt)
      for (let period = Math.floor(from / AIL_PERIOD_MS); period * AIL_PERIOD_MS <= to; period++) {
        found.push(...changesOf(period).filter(({ at }) => at > from && at <= to))
      }
      return found
    },
    next(after) {
      const period = Math.floor(after / AIL_PERIOD_MS)
      return [...changesOf(period), ...changesOf(period + 1)].find(({ at }) => at > after)?.at
    },
  }
}

function fromList(created: number, stateAt: () => State, changes: Change[]): Life {
  return {
    created,
    stateAt,
    changes: (after, to) => changes.filter(({ at }) => at > after && at <= to),
    next: (after) => changes.find(({ at }) => at > after)?.at,
  }
}

function died(exitCode: number, start: number, end: number): Record<string, string> {
  return { execDuration: String(Math.round((end - start) / 1000)), exitCode: String(exitCode) }
}
