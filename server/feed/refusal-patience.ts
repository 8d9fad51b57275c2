/** How long a log that its engine refuses is asked for again before it is said that it cannot be read. */
import type { EngineError, EngineErrorCode } from '../engine/engine.ts'

/** What an engine cannot give now it may give a moment later, as while it starts a container. */
const PATIENCE_MS = 5_000

/** When a log that is refused for good is read again: whoever forbids it may allow it. */
export const REFUSED_AGAIN_MS = 60_000

/** Neither time mends these nor what happens to the container. */
const REFUSED: ReadonlySet<EngineErrorCode> = new Set(['unreadable-driver', 'forbidden'])

export function isRefused({ code }: EngineError): boolean {
  return REFUSED.has(code)
}

export class RefusalPatience {
  readonly #clock: () => number
  #since: number | undefined

  /** `clock` in milliseconds. */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock
  }

  /** Whether the log is to be called unreadable after this failure, one of those since `reset`. */
  isOver(failure: EngineError): boolean {
    this.#since ??= this.#clock()
    return isRefused(failure) || this.#clock() - this.#since >= PATIENCE_MS
  }

  /** The log could be read. */
  reset(): void {
    this.#since = undefined
  }
}
