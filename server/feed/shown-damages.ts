/** Which damage a reader of a log has been shown: a read that is repeated from the same place meets the same again. */

/** After one line. What the engine says of a place may change with each read. */
const MAX_SHOWN = 2

export class ShownDamages {
  #from: string | undefined
  #details = new Set<string>()

  /** Whether the damage after the line `from` has not been shown; it has from now on. */
  isNew(from: string | undefined, detail: string): boolean {
    if (from !== this.#from) this.#details.clear()
    this.#from = from
    if (this.#details.has(detail) || this.#details.size === MAX_SHOWN) return false
    this.#details.add(detail)
    return true
  }
}
