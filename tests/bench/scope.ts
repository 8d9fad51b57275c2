/** What has to be undone, in reverse: processes ended, containers removed. Node 20 has no AsyncDisposableStack. */

type Close = () => unknown

export class Scope {
  readonly #closes: Close[] = []
  #closing: Promise<void> | undefined

  get isClosing(): boolean {
    return this.#closing !== undefined
  }

  /** What comes too late, from a part that was given up, is undone at once. */
  defer(close: Close): void {
    this.#closes.push(close)
    if (this.#closing) this.#closing = this.#closing.then(() => this.#run())
  }

  /** Once, however often it is called. Goes on after a failure, and says it: what follows must still be undone. */
  close(): Promise<void> {
    this.#closing ??= this.#run()
    return this.#closing
  }

  async #run(): Promise<void> {
    for (let close = this.#closes.pop(); close; close = this.#closes.pop()) {
      try {
        await close()
      } catch (error) {
        console.error(`while clearing up: ${String(error)}`)
      }
    }
  }
}
