/** What must not happen at once happens one after the other. */

export class Lock {
  #last: Promise<unknown> = Promise.resolve()

  /** Runs it when those before are over. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task)
    this.#last = result.catch(() => {}) // its caller hears of it
    return result
  }
}
