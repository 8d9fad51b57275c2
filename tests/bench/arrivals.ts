/** Counts lines as they arrive, and tells when there are as many as were written: no fewer and no more. */

/** How long to look for lines beyond the last: a doubled one would be among those already on their way. */
const BEYOND_MS = 200

export class Arrivals {
  #count = 0
  #wanted = Number.POSITIVE_INFINITY
  #resolve: (at: number) => void = () => {}

  get count(): number {
    return this.#count
  }

  add(lines: number): void {
    this.#count += lines
    if (this.#count >= this.#wanted) this.#resolve(performance.now())
  }

  /** When the line arrived that makes them `wanted`, by `performance.now()`. */
  async reached(wanted: number, deadlineMs: number): Promise<number> {
    if (this.#count >= wanted) return performance.now()
    const reached = new Promise<number>((resolve) => {
      this.#wanted = wanted
      this.#resolve = resolve
    })
    const late = () => new Error(`lines are missing: ${this.#count} of ${wanted} after ${deadlineMs} ms`)
    return before(reached, deadlineMs, late)
  }

  /** The same for the last line, and that none comes after it. */
  async complete(wanted: number, deadlineMs: number): Promise<number> {
    const at = await this.reached(wanted, deadlineMs)
    await new Promise((resolve) => setTimeout(resolve, BEYOND_MS))
    if (this.#count !== wanted) throw new Error(`lines are duplicated: ${this.#count} where ${wanted} were written`)
    return at
  }
}

/** `promise`, unless it takes longer; then `late` says what is wrong. */
export async function before<T>(promise: Promise<T>, deadlineMs: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), deadlineMs)
  })
  try {
    return await Promise.race([promise, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
