/** The sessions of a run: so many at any time, of the wanted kinds; some leave for good, and others come. */
import { setTimeout as delay } from 'node:timers/promises'
import { castSession } from './cast.ts'
import type { Deployment } from './deployment.ts'
import { Random } from './random.ts'
import { type Kind, Session } from './session.ts'

/** From one session's leaving for good to the next one's. */
const CHANGE_MS = [1_000, 20_000] as const

export class Audience {
  /** Those here now. */
  readonly present: Session[] = []
  readonly departed: Session[] = []
  readonly #kinds: readonly Kind[]
  readonly #names: readonly string[]
  readonly #deployment: Deployment
  readonly #seed: number
  readonly #random: Random
  #count = 0

  constructor(seed: number, kinds: readonly Kind[], names: readonly string[], deployment: Deployment) {
    this.#seed = seed
    this.#kinds = kinds
    this.#names = names
    this.#deployment = deployment
    this.#random = Random.of(seed, 'audience')
  }

  get all(): readonly Session[] {
    return [...this.departed, ...this.present]
  }

  enter(): void {
    const number = this.#count++
    const kind = this.#kinds[number % this.#kinds.length] ?? 'plain'
    const plan = castSession(kind, this.#names, this.#random)
    const name = `${kind} ${number}`
    const session = new Session(name, plan, this.#deployment, Random.of(this.#seed, name))
    session.start()
    this.present.push(session)
  }

  /** Comings and goings until `stop`. */
  async change(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await delay(this.#random.magnitude(...CHANGE_MS), undefined, { signal: stop }).catch(() => {})
      if (stop.aborted) return
      const [leaving] = this.present.splice(this.#random.between(0, this.present.length - 1), 1)
      this.enter()
      if (!leaving) continue
      await leaving.leave()
      this.departed.push(leaving)
    }
  }
}
