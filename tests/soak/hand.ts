/** The hand that writes in one container, as its profile says, until it is held or stopped. All its lines are numbered. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Container } from '../engine/container.ts'
import type { Random } from './random.ts'
import { lineText } from './text.ts'

/** What a container's writer does, by turns; weights. */
export type Profile = Readonly<Partial<Record<Way, number>>>
/** trickle: a line now and then; burst: thousands at once; fat: hundreds of some KiB; long: one of 16 to 200 KiB; quiet: nothing. */
export type Way = 'trickle' | 'burst' | 'fat' | 'long' | 'quiet'

const FINALE_LINES = 60 // so many that each filter lets some pass
const LOGGED_DEADLINE_MS = 30_000
const MOST_LOOKED_AT = 5_000 // lines: more than one write's

export class Hand {
  /** Lines written so far, on both streams. */
  written = 0
  /**
   * Single short lines only, each in one write. Whoever ends a container or a daemon while it writes ends it between two lines
   * then.
   */
  gentle = false
  readonly #container: Container
  readonly #random: Random
  readonly #profile: Profile
  #stopped = false
  #held: Promise<void> | undefined
  #release: () => void = () => {}
  #step: Promise<void> = Promise.resolve()
  #ended: Promise<void> = Promise.resolve()

  constructor(container: Container, random: Random, profile: Profile) {
    this.#container = container
    this.#random = random
    this.#profile = profile
  }

  start(): void {
    this.#ended = this.#run()
  }

  /** Until `release`, nothing is written; what was is in Docker's log when this resolves. The container has to run. */
  async hold(): Promise<void> {
    this.#held ??= new Promise((resolve) => {
      this.#release = resolve
    })
    await this.#step
    await this.sync()
  }

  release(): void {
    this.#held = undefined
    this.#release()
  }

  /** Nothing is in any pipe: two lines that mark the ends are in Docker's log. */
  async sync(): Promise<void> {
    const streams = this.#container.tty ? (['stdout'] as const) : (['stdout', 'stderr'] as const)
    for (const stream of streams) {
      const line = lineText(this.#random, ++this.written, 0)
      await this.#container.write(stream, `${line}\n`)
      await this.#logged(line)
    }
  }

  /** The last lines of all. */
  async finale(): Promise<void> {
    for (let line = 0; line < FINALE_LINES; line++) await this.#write(1, 0)
    await this.sync()
  }

  /** For good. What is in the container's pipe stays there. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.release()
    await this.#ended
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#held
      if (this.#stopped || this.#held) continue
      this.#step = this.#once().catch(() => {
        this.#stopped = true // the container is removed
      })
      await this.#step
      await delay(this.gentle ? this.#random.between(2, 40) : this.#random.magnitude(1, 400))
    }
  }

  async #once(): Promise<void> {
    const way = this.gentle ? 'trickle' : this.#random.weighted(this.#profile)
    if (way === 'burst') await this.#write(this.#random.magnitude(100, 3_000), 80)
    else if (way === 'fat') await this.#write(this.#random.magnitude(100, 1_500), 4_000)
    else if (way === 'long') await this.#write(1, this.#random.between(14_000, 200_000))
    else if (way === 'trickle') await this.#write(1, 60)
    else await delay(this.#random.between(200, 2_000))
  }

  /** So many lines, on the streams by turns of a few, in one write a stream. */
  async #write(lines: number, padding: number): Promise<void> {
    const texts = { stdout: '', stderr: '' }
    let stream = this.#stream()
    for (let line = 0; line < lines; line++) {
      if (this.#random.chance(0.2)) stream = this.#stream()
      texts[stream] += `${lineText(this.#random, ++this.written, this.#padding(lines, padding))}\n`
    }
    const write = (name: 'stdout' | 'stderr') =>
      texts[name] === '' ? undefined : this.#container.write(name, texts[name])
    await Promise.all([write('stdout'), write('stderr')])
  }

  #padding(lines: number, most: number): number {
    return lines === 1 ? most : this.#random.between(0, most)
  }

  #stream(): 'stdout' | 'stderr' {
    // On a TTY both are one, and two writers' bytes would mix inside lines.
    return this.#container.tty || this.#random.chance(0.6) ? 'stdout' : 'stderr'
  }

  /**
   * Looks again and again, since a follow could itself miss it in a log that is rotated; and further back each time, since the
   * other stream's lines may come after it.
   */
  async #logged(line: string): Promise<void> {
    let tail = 10
    for (const deadline = Date.now() + LOGGED_DEADLINE_MS; Date.now() < deadline; await delay(20)) {
      if ((await this.#container.logs({ tail, timestamps: false })).includes(line)) return
      tail = Math.min(tail * 2, MOST_LOOKED_AT)
    }
    throw new Error(`${this.#container.name} has not logged ${line} in ${LOGGED_DEADLINE_MS} ms`)
  }
}
