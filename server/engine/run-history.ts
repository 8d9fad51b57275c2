/**
 * The latest runs of each container, from the engine's events and from inspections: when each began and ended, with which
 * exit code, and whether somebody stopped it. Docker keeps only the last run; its event stream remembers some more.
 */
import { earlier, normalizeTime } from '../logs/time.ts'
import type { Container, Run } from '../wire.ts'
import { type ContainerEvent, exitCodeOf } from './events.ts'

/** Runs kept of a container, the latest: a crash loop may have thousands. */
const MAX_RUNS = 50
/** An inspection's times are a little earlier than those of the events that tell of the same start or end. */
const EVENT_LAG_MS = 2_000
/** Or a moment later, as the demo has it. Docker waits twice as long before it starts a container again. */
const EVENT_LEAD_MS = 50
/** A container that ends within this time after a signal ended because of it. `docker stop` waits for 10 s before it kills. */
const SIGNAL_MS = 15_000
/** How long after an end the engine tells that it was a stop, at most, where it told of no signal. */
const STOP_LAG_MS = 500
/** SIGINT, SIGQUIT, SIGKILL, SIGTERM: what people end programs with. Others (SIGHUP, SIGUSR1) tell a program to do something. */
const ENDING_SIGNALS: ReadonlySet<string> = new Set(['2', '3', '9', '15', 'INT', 'QUIT', 'KILL', 'TERM'])

/** Times are RFC 3339 with nine digits. */
interface KnownRun {
  started?: string
  finished?: string
  exitCode?: number
  oomKilled?: true
  stopped?: boolean
}

interface History {
  readonly runs: KnownRun[]
  /** When the last signal was sent, and the last of those that end programs. */
  lastSignal?: string
  signalled?: string
  /** When memory last ran out. */
  oom?: string
}

export class RunHistory {
  readonly #histories = new Map<string, History>()

  event({ id, action, attributes, at }: ContainerEvent): void {
    if (at === undefined) return
    switch (action) {
      case 'start':
        this.#started(id, at)
        break
      case 'die':
      case 'died': // Podman
        this.#died(id, at, exitCodeOf(attributes))
        break
      case 'kill':
        this.#of(id).lastSignal = at
        if (isEnding(attributes['signal'])) this.#of(id).signalled = at
        break
      case 'stop':
        this.#stopped(id, at)
        break
      case 'oom':
        this.#of(id).oom = at
    }
  }

  #started(id: string, at: string): void {
    const { runs } = this.#of(id)
    const known = runs.find(({ started = '', finished = at }) => isSame(started, at) && finished >= at)
    if (known) known.started = at
    else insert(runs, { started: at })
  }

  #died(id: string, at: string, code: { exitCode?: number }): void {
    const history = this.#of(id)
    const { signalled = '', oom = '' } = history
    const run = runThatEnds(history.runs, at)
    run.finished = at
    const isOfThisRun = signalled >= (run.started ?? '') && signalled <= at
    run.stopped ||= isOfThisRun && signalled >= earlier(at, SIGNAL_MS)
    Object.assign(run, code)
    if (oom <= at && oom >= (run.started ?? earlier(at, SIGNAL_MS))) run.oomKilled = true
  }

  /** Somebody has stopped it: the engine says so after its end. Nothing was to be stopped while it waited to be restarted. */
  #stopped(id: string, at: string): void {
    const { runs, lastSignal = '' } = this.#of(id)
    const run = runs.findLast(({ finished }) => finished !== undefined && finished <= at)
    if (!run) return
    const wasSignalled = lastSignal >= (run.started ?? '') && lastSignal <= (run.finished ?? '')
    if (wasSignalled || (run.finished ?? '') >= earlier(at, STOP_LAG_MS)) run.stopped = true
  }

  /** Takes in what an inspection tells: the last start, and the last end. */
  see({ id, started, finished, exitCode, oomKilled, state }: Container): void {
    const [start, end] = [normalizeTime(started ?? ''), normalizeTime(finished ?? '')]
    const { runs } = this.#of(id)
    if (start !== undefined && !runs.some((run) => isSame(start, run.started ?? ''))) insert(runs, { started: start })
    if (end === undefined || runs.some((run) => isSame(end, run.finished ?? ''))) return
    const run = runThatEnds(runs, end)
    run.finished = end
    if (state === 'running' || state === 'paused') return // the codes are of the run that goes on
    if (exitCode !== undefined) run.exitCode = exitCode
    if (oomKilled) run.oomKilled = true
  }

  /** Oldest first. */
  of(id: string, incarnation: string): Run[] {
    return (this.#histories.get(id)?.runs ?? []).map((run) => ({ incarnation, ...run }))
  }

  /** Whether somebody stopped the run that ended last; undefined where no event told of its end. */
  wasStopped(id: string): boolean | undefined {
    return this.#histories.get(id)?.runs.findLast(({ finished }) => finished !== undefined)?.stopped
  }

  delete(id: string): void {
    this.#histories.delete(id)
  }

  /** Forgets all containers but these. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#histories.keys()) if (!ids.has(id)) this.#histories.delete(id)
  }

  #of(id: string): History {
    const history = this.#histories.get(id) ?? { runs: [] }
    this.#histories.set(id, history)
    return history
  }
}

/** A signal's number, or its name with or without `SIG`. */
function isEnding(signal = ''): boolean {
  return ENDING_SIGNALS.has(signal.toUpperCase().replace(/^SIG/, ''))
}

/** Whether an inspection's time and an event's are of one moment. */
function isSame(inspected: string, told: string): boolean {
  if (inspected === '' || told === '') return false
  return inspected >= earlier(told, EVENT_LAG_MS) && inspected <= earlier(told, -EVENT_LEAD_MS)
}

/** The run that was under way at that time; a new one, of unknown start, where none is known. */
function runThatEnds(runs: KnownRun[], at: string): KnownRun {
  const run = runs.findLast(({ started }) => started !== undefined && started <= at)
  if (run && (run.finished === undefined || isSame(run.finished, at))) return run
  const unknown: KnownRun = {}
  insert(runs, unknown, at)
  return unknown
}

/** Keeps the runs in order, and the latest of them. */
function insert(runs: KnownRun[], run: KnownRun, at: string = run.started ?? ''): void {
  const index = runs.findLastIndex(({ started, finished }) => (started ?? finished ?? '') <= at)
  runs.splice(index + 1, 0, run)
  if (runs.length > MAX_RUNS) runs.shift()
}
