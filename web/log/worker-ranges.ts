/**
 * Where a pattern that might stall matches in the lines on screen, as a worker finds it: known a moment after it was first
 * asked for, remembered, and never asked for again once the pattern has stalled.
 */
import { type Matcher, WorkerMatcher } from './matcher.ts'
import type { Range, Wanted } from './pattern.ts'

const MAX_TEXTS = 4000 // more than are drawn at once, a selection included; beyond it the oldest is forgotten

export class WorkerRanges {
  /** It answers from what it remembers. */
  readonly isSafe = true

  readonly #wanted: Wanted
  readonly #onKnown: () => void
  readonly #matcher: Matcher
  readonly #known = new Map<string, readonly Range[]>()
  #unknown = new Set<string>()
  #isAsking = false

  /** `onKnown` is called when ranges are known that were not when they were asked for. */
  constructor(wanted: Wanted, onKnown: () => void, matcher: Matcher = new WorkerMatcher()) {
    this.#wanted = wanted
    this.#onKnown = onKnown
    this.#matcher = matcher
  }

  /** Undefined as long as they are not known. */
  ranges(text: string): readonly Range[] | undefined {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    this.#unknown.add(text)
    if (!this.#isAsking) {
      this.#isAsking = true
      queueMicrotask(() => void this.#ask())
    }
    return undefined
  }

  close(): void {
    this.#matcher.close()
  }

  /** Asks for all that was wanted since; of rows that have left the screen meanwhile, the caller will not ask again. */
  async #ask(): Promise<void> {
    const texts = [...this.#unknown]
    this.#unknown = new Set()
    try {
      const found = await this.#matcher.ranges(this.#wanted, texts)
      for (const [place, text] of texts.entries()) this.#known.set(text, found[place] ?? [])
    } catch {
      return // stalled, as the Finder tells in words: it stays asking, and asks no more
    }
    for (const text of this.#known.keys()) {
      if (this.#known.size <= MAX_TEXTS) break
      this.#known.delete(text)
    }
    this.#unknown = new Set()
    this.#isAsking = false
    this.#onKnown()
  }
}
