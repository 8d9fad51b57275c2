/** What a part stands on: containers of the run's engine, a server of its own, a browser. All of it goes when the part ends. */
import type { Browser } from 'playwright-core'
import type { Container } from '../engine/container.ts'
import { type Engine, uniqueName } from '../engine/engine.ts'
import { freshPage, launchBrowser, type WatchedPage } from './browser.ts'
import { Scope } from './scope.ts'
import { Sluice } from './sluice.ts'

export interface BedOptions {
  readonly engine: Engine
  /** Of dockerd itself, for its CPU. */
  readonly enginePid: number
  /** The production build's server.js. */
  readonly bundle: string
}

export class Bed {
  readonly engine: Engine
  readonly enginePid: number
  readonly bundle: string
  readonly #scope = new Scope()
  #browser: Promise<Browser> | undefined

  constructor({ engine, enginePid, bundle }: BedOptions) {
    this.engine = engine
    this.enginePid = enginePid
    this.bundle = bundle
  }

  /** A running container whose log holds one line, marked `ready`: who asks for its tail of 1 has it as a start. */
  async container(): Promise<Container> {
    const container = await this.engine.run({ name: uniqueName('bench') })
    this.defer(() => container.remove())
    await container.write('stdout', 'mark-ready;\n')
    await container.logged('mark-ready;')
    return container
  }

  /** `socket`: of another engine than the bed's; `preload`: see `Sluice.start`. */
  async sluice(socket: string = this.engine.socket, preload?: string): Promise<Sluice> {
    const sluice = Sluice.start(this.bundle, socket, preload)
    this.defer(async () => (await settled(sluice))?.stop())
    return sluice
  }

  async page(): Promise<WatchedPage> {
    if (!this.#browser) {
      const browser = launchBrowser()
      this.#browser = browser
      this.defer(async () => (await settled(browser))?.close())
    }
    return freshPage(await this.#browser)
  }

  defer(close: () => unknown): void {
    this.#scope.defer(close)
  }

  /** Says what was measured on the way. */
  say(text: string): void {
    console.log(`    ${text}`)
  }

  close(): Promise<void> {
    return this.#scope.close()
  }
}

/** What is still starting when the part ends is waited for, and then ended; a failed start has cleared up after itself. */
function settled<T>(starting: Promise<T>): Promise<T | undefined> {
  return starting.catch(() => undefined)
}
