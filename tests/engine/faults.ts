/** What the fault proxy can do to a request, and which requests a rule means: plain values that read like a sentence. */
import type { LogDamage } from './frame-damage.ts'

/** Which requests: all of these that are given must hold. */
export interface Match {
  method?: string
  /** Tested against path and query as sent: `/logs\?.*follow=1/`. */
  path?: RegExp
}

export type Fault =
  /** The connection closes without an answer. The engine never hears of the request. */
  | { kind: 'cut' }
  /** The request is swallowed; the connection stays open. */
  | { kind: 'hang' }
  /** This answer instead of the engine's: `{ kind: 'answer', status: 500 }`. */
  | { kind: 'answer'; status: number; headers?: Record<string, string>; body?: string | Buffer }
  /** These bytes in the place of an HTTP answer, then the end of the connection. */
  | { kind: 'garbage'; bytes?: string | Buffer }
  /**
   * The engine's answer up to so many bytes of its body (so a frame can be cut anywhere); its `ending`: the connection is cut (the
   * default), or nothing comes any more, or the answer ends as if it were complete.
   */
  | { kind: 'truncate'; after: number; ending?: 'cut' | 'stall' | 'end' }
  /** The request goes on to the engine so much later. */
  | { kind: 'delay'; ms: number }
  /** The answer's body comes in pieces of at most so many bytes, at most one each `ms` (0: each in an event of its own). */
  | { kind: 'trickle'; bytes: number; ms: number }
  /** The log in the answer is damaged between two of its lines, while the rule is there. A TTY's, which has no frames, is not. */
  | ({ kind: 'damage' } & LogDamage)
  /** The engine's answer, a JSON array, with these elements more at its beginning and end. */
  | { kind: 'extend'; before?: readonly unknown[]; after?: readonly unknown[] }

/** What happens to a connection before anybody has said a word on it. */
export type Greeting =
  /** It is accepted and never heard of again. */
  | { kind: 'hang' }
  | { kind: 'cut' }
  /** What is not HTTP, at once. */
  | { kind: 'garbage'; bytes?: string | Buffer }

export interface RuleOptions extends Match {
  /** How many matching requests it applies to; default: all. */
  times?: number
  /** How many matching requests it lets through first; default 0. */
  skip?: number
}

export const GARBAGE = 'SSH-2.0-OpenSSH_9.2p1\r\n'

export function matches({ method, path }: Match, request: { method: string; path: string }): boolean {
  // A RegExp with the g flag would remember where it stopped last time.
  return (method === undefined || method === request.method) && (path === undefined || request.path.search(path) !== -1)
}

/** A fault for chosen requests, from `proxy.on()` until it is used up or removed. */
export class Rule {
  readonly fault: Fault
  /** How many requests it has met. */
  hits = 0
  readonly #options: RuleOptions
  #skipped = 0

  constructor(options: RuleOptions, fault: Fault) {
    this.#options = options
    this.fault = fault
  }

  /** Whether it applies to this request; counts it if so. */
  take(request: { method: string; path: string }): boolean {
    const { times = Number.POSITIVE_INFINITY, skip = 0 } = this.#options
    if (this.hits >= times || !matches(this.#options, request)) return false
    if (this.#skipped < skip) {
      this.#skipped += 1
      return false
    }
    this.hits += 1
    return true
  }
}
