/**
 * What the engines forbid, and what of their answers is left out: each is logged once, and what a person should know is kept
 * as a problem of the host.
 */
import type { Logger } from 'pino'
import type { EngineProblem } from '../wire.ts'
import type { EngineError } from './engine.ts'
import type { RequestName } from './requests.ts'

/** What Sluice does without: nobody misses anything. */
const SPARE: ReadonlySet<RequestName> = new Set(['ping', 'version', 'info'])
/** Of one container it may be forbidden, and of another not: one that is allowed says nothing of the rest. */
const OF_CONTAINERS: ReadonlySet<RequestName> = new Set(['inspect', 'logs'])
/** What Sluice does instead, where that is not nothing. */
const INSTEAD: Readonly<Partial<Record<RequestName, string>>> = {
  events: 'Sluice lists the containers every few seconds instead',
}
const MOST_LOGGED = 100 // different oddities; an engine that makes up new ones for ever fills no disk

export class Refusals {
  readonly #log: Logger
  /** By address and request. */
  readonly #refused = new Map<string, Map<RequestName, string>>()
  readonly #odd = new Set<string>()

  constructor(log: Logger) {
    this.#log = log
  }

  /** Whether that is news. */
  add(address: string, name: RequestName, { message }: EngineError): boolean {
    const refused = this.#refused.get(address) ?? new Map<RequestName, string>()
    this.#refused.set(address, refused)
    if (refused.has(name)) return false
    const instead = INSTEAD[name]
    const detail = instead ? `${message}. ${instead}.` : `${message}.`
    refused.set(name, detail)
    this.#log.warn({ address }, detail)
    return true
  }

  /** Whether that is news: the request was forbidden before. */
  remove(address: string, name: RequestName): boolean {
    if (OF_CONTAINERS.has(name)) return false
    return this.#refused.get(address)?.delete(name) ?? false
  }

  /** Those that matter to a person. */
  problems(address: string): EngineProblem[] {
    const refused = [...(this.#refused.get(address) ?? [])]
    return refused.flatMap(([name, detail]) => (SPARE.has(name) ? [] : { code: 'forbidden' as const, address, detail }))
  }

  /** Something that an engine answered is left out. */
  odd(address: string, what: string, reason: string): void {
    const key = `${address} ${what} ${reason}`
    if (this.#odd.has(key) || this.#odd.size >= MOST_LOGGED) return
    this.#odd.add(key)
    this.#log.warn({ address, reason }, `ignored ${what}`)
    if (this.#odd.size === MOST_LOGGED) this.#log.warn('more ignored answers will not be logged')
  }
}
