/** A container name under test: which containers carried it when, who writes in them, and what Docker logged of them. */
import type { Container, RunOptions } from '../engine/container.ts'
import type { Engine } from '../engine/engine.ts'
import { Hand, type Profile } from './hand.ts'
import type { Random } from './random.ts'
import { type ReferenceLog, referenceOf } from './reference-log.ts'
import { RotatingLog } from './rotating-log.ts'
import type { Tenure } from './verdict.ts'

export interface SubjectOptions {
  readonly name: string
  readonly profile: Profile
  readonly run: Omit<RunOptions, 'name'>
}

/** One container, and when it carried the name. Times in Unix ms; at both ends nothing is written for some. */
export interface Stay {
  readonly container: Container
  readonly hand: Hand
  /** Of a log that does not keep all its lines. */
  file?: RotatingLog | undefined
  /** Undefined: from its creation on. */
  since?: number
  until?: number
  removedAt?: number
  /** For the first time. */
  startedAt: number
  log?: ReferenceLog
}

export class Subject {
  readonly name: string
  /** In the order in which they carried the name. */
  readonly stays: Stay[] = []
  /** Have lost the name to another, and still exist. */
  readonly displaced: Stay[] = []
  readonly #engine: Engine
  readonly #random: Random
  readonly #options: SubjectOptions

  constructor(engine: Engine, random: Random, options: SubjectOptions) {
    this.name = options.name
    this.#engine = engine
    this.#random = random
    this.#options = options
  }

  get current(): Stay {
    const stay = this.stays.at(-1)
    if (!stay) throw new Error(`nobody carries ${this.name} yet`)
    return stay
  }

  get tty(): boolean {
    return this.#options.run.tty ?? false
  }

  /** Whether its log is one file, as text: truncated, it begins anew. */
  get canBeEmptied(): boolean {
    const { logDriver, logOptions } = this.#options.run
    return logDriver === undefined && logOptions === undefined
  }

  get written(): number {
    return [...this.stays].reduce((sum, { hand }) => sum + hand.written, 0)
  }

  /** Lines of the reference without their end: where, and when they began. */
  get torn(): string[] {
    return this.stays.flatMap(({ log }) => log?.torn.map((line) => `${this.name}: ${line}`) ?? [])
  }

  /** Creates a container, not started; under the name or another. */
  async create(name = this.name): Promise<Stay> {
    const container = await this.#engine.create({ ...this.#options.run, name })
    const hand = new Hand(container, this.#random, this.#options.profile)
    return { container, hand, startedAt: Number.POSITIVE_INFINITY }
  }

  /** Starts it for the first time. */
  async begin(created: Stay): Promise<Stay> {
    await created.container.start()
    created.startedAt = Date.now()
    const kept = this.#options.run.logOptions?.['max-file']
    if (kept !== undefined) created.file = await logFile(created.container, Number(kept))
    created.hand.start()
    return created
  }

  /** Creates and starts the name's next container. */
  async run(): Promise<Stay> {
    const stay = await this.begin(await this.create())
    this.stays.push(stay)
    return stay
  }

  /** Ends its container and takes down its log, before it is removed. */
  async retire(stay: Stay): Promise<void> {
    await stay.hand.stop()
    await stay.container.kill().catch(() => {}) // It is not running.
    await stay.container.wait()
    await this.takeDown(stay)
  }

  /** Reads its log, which nobody writes in any more. */
  async takeDown(stay: Stay): Promise<void> {
    stay.file?.close()
    stay.log = stay.file?.reference ?? referenceOf(await stay.container.logs(), stay.container.tty)
  }

  /** Nobody writes any more, and every log is taken down. Again, it does nothing. */
  async close(): Promise<void> {
    for (const stay of this.stays) {
      await stay.hand.stop()
      if (!stay.log) await this.takeDown(stay)
    }
  }

  /** Truncates the log to nothing. Meanwhile nobody writes. */
  async empty(stay: Stay): Promise<void> {
    stay.file ??= await logFile(stay.container, 1)
    stay.file.empty()
  }

  async remove(stay: Stay): Promise<void> {
    stay.removedAt = Date.now()
    await stay.container.remove()
  }

  /** What belongs to the name, when all logs are taken down. */
  tenures(): Tenure[] {
    return this.stays.map(({ container, log, since, until, removedAt, file }) => {
      if (!log) throw new Error(`the log of ${container.id} was not taken down`)
      const { lines } = log
      let from = 0
      let to = lines.length
      while (since !== undefined && from < to && lines.milliseconds(from) < since) from++
      while (until !== undefined && to > from && lines.milliseconds(to - 1) > until) to--
      return {
        incarnation: container.id.slice(0, 12),
        lines,
        from,
        to,
        lostNameAt: until ?? removedAt,
        removedAt,
        isGone: file && ((index, at) => file.isGone(index, at)),
      }
    })
  }
}

/** `kept`: how many files there may be. */
async function logFile(container: Container, kept: number): Promise<RotatingLog> {
  const { LogPath } = await container.inspect<{ LogPath: string }>()
  return new RotatingLog(LogPath, kept)
}
