/**
 * The small interface through which everything above sees a source of containers and lines. Docker is behind it, and
 * only this room knows. Another source (Kubernetes, files) would be one more implementation.
 */
import type { EventEmitter } from 'node:events'
import type { LogChunk } from '../logs/damage.ts'
import type { Container, Health, Host, Run, StateEvent } from '../wire.ts'

/** Something that happened to a container, as the engine reported it or as two listings show it. */
export interface Happening {
  /** Of one that was renamed: what it was before. */
  readonly key: string
  /** Of one that was renamed: what it is since. */
  readonly to?: string
  readonly id: string
  readonly state: StateEvent['state']
  readonly exitCode?: number
  /** With `died`: somebody ended it. */
  readonly stopped?: boolean
  readonly health?: Health
  /** RFC 3339 with nine digits: comparable with the times of lines, which the same clock stamped. */
  readonly at: string
  /** Remembered by the engine from before it was first connected: no news, but it tells who had which name. */
  readonly isPast?: boolean
}

/** What changed in the picture of containers; `hosts` when an engine came, went or became another one. */
export interface Change {
  readonly hosts?: Host[]
  readonly changed?: Container[]
  /** Keys. */
  readonly removed?: string[]
}

export interface EngineEvents {
  change: [Change]
  happened: [Happening]
}

/** Lines of a log from `tail` pieces before its end on. */
export interface ReadOptions {
  readonly tail: number | 'all'
  /**
   * Whether a line that is wanted may be in a text, which has many as the engine sends them. Where none is, all but the last
   * may be passed over: to make lines of them takes most of what reading them costs.
   */
  readonly mayHaveWanted?: ((text: string) => boolean) | undefined
  /** Lines of that time and earlier are not needed, which helps a follow past a place where the log cannot be read. */
  readonly after?: string | undefined
  /** Ends the read, and the engine's work for it. */
  readonly signal: AbortSignal
}

/**
 * A log being read: yields what has come so far whenever asked, never an empty array, and in its place what cannot be read.
 * Ends when the log does (a follow: when the container stops). Throws `EngineError` when the read was cut: lines may be
 * missing after the last one. Not asking for more makes the engine wait.
 */
export interface LogRead extends AsyncIterable<LogChunk> {
  /** How many pieces came so far, as `tail` counts them. */
  readonly pieces: number
  /** How many lines so far were passed over. */
  readonly passed: number
  close(): void
}

export interface Engine extends EventEmitter<EngineEvents> {
  /** Resolves when it is known, for the first time, whether an engine answers; after two seconds in any case. */
  readonly ready: Promise<void>
  hosts(): Host[]
  /** Ordered by name. */
  containers(): Container[]
  /** The container that carries the name now. */
  find(key: string): Container | undefined
  /** The container of that id, or of that incarnation: the first 12 digits of one. */
  get(id: string): Container | undefined
  /** The latest runs of a container, oldest first, as far as the engine has told. */
  runs(id: string): Run[]
  /** How large a container's log is at least where its beginning was rotated away; undefined where it never is. */
  keptBytes(id: string): number | undefined
  readLines(id: string, options: ReadOptions): Promise<LogRead>
  followLines(id: string, options: ReadOptions): Promise<LogRead>
  close(): void
}

/**
 * What the engine could not do. The first four mean the engine itself; the others, one container. `garbled`: an answer that
 * is no log, or ends inside a frame. `emptied`: a log has nothing, though it had lines: its container is being removed, or
 * somebody has truncated the file. `forbidden`: a proxy before the engine, or the engine itself, refuses the request; the
 * message is a sentence for whoever may allow it.
 */
export type EngineErrorCode =
  | 'unreachable'
  | 'timeout'
  | 'cut'
  | 'failed'
  | 'garbled'
  | 'no-container'
  | 'forbidden'
  | 'emptied'
  | 'unreadable-driver'

export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly code: EngineErrorCode
  /** With `unreadable-driver`: its name. */
  readonly driver: string | undefined

  constructor(code: EngineErrorCode, message: string, options: ErrorOptions & { driver?: string | undefined } = {}) {
    super(message, options)
    this.code = code
    this.driver = options.driver
  }
}

/** Whether the engine is there and refuses the log: no other log has to do with it. */
export function isOfLog({ code }: EngineError): boolean {
  return code === 'failed' || code === 'garbled' || code === 'forbidden' || code === 'unreadable-driver'
}
