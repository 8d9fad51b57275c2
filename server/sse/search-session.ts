/** One viewer of one search: what it finds as it finds it, how far it is, and that it is done. */

import { filtering } from '../feed/filtering.ts'
import type { MergedMatch, MergedSearch } from '../feed/merged-search.ts'
import type { Filter } from '../logs/filter.ts'
import type { SearchDone, SearchProgress } from '../wire.ts'
import { betweenLines, doneEvent, type FoundLine, foundEvent, progressEvent } from './events.ts'
import type { Viewer } from './session.ts'

/**
 * The id of `done`. An EventSource comes back with it, as it does whenever a stream ends, and is told that there is nothing
 * more by an answer without content.
 */
export const DONE_ID = 'done'

const PROGRESS_MS = 250

export interface SearchSessionOptions {
  readonly search: MergedSearch
  /** As `search.run` gives them. */
  readonly matches: AsyncGenerator<readonly MergedMatch[]>
  readonly filter: Filter
  /** What each match is sent with. */
  readonly shown: { readonly context: boolean; readonly container: boolean }
  readonly viewer: Viewer
}

export class SearchSession {
  readonly #options: SearchSessionOptions
  #matches = 0
  /** The containers whose gaps were told. */
  readonly #gaps = new Set<string | undefined>()
  /** What was told last. */
  #progress = ''

  constructor(options: SearchSessionOptions) {
    this.#options = options
  }

  /** Resolves when it is done, or the viewer has gone. Rejects with what the search throws. */
  async run(): Promise<void> {
    const { matches, viewer, search } = this.#options
    // Of what was sent, as progress: the search may have found more, which waits for the viewer.
    let id = ''
    let scannedTo: string | undefined
    const timer = setInterval(() => this.#tellProgress(scannedTo, id), PROGRESS_MS)
    try {
      for await (const some of matches) {
        await viewer.roomy()
        if (!viewer.connected) return
        this.#tellGaps()
        await this.#send(some)
        id = search.position
        scannedTo = search.scannedTo
      }
      viewer.end((retryMs) => doneEvent(this.#done(), DONE_ID, retryMs))
    } finally {
      clearInterval(timer)
    }
  }

  async #send(matches: readonly MergedMatch[]): Promise<void> {
    if (matches.length === 0) return
    const { viewer, filter, shown, search } = this.#options
    const found: FoundLine[] = []
    for (const match of matches) {
      const ranges = filter.ranges(match.line.message)
      found.push({ ...match, ranges: Array.isArray(ranges) ? ranges : await filtering.run(ranges) })
      if (filtering.isOver) await filtering.next()
    }
    viewer.send(foundEvent(found, shown, search.position))
    this.#matches += matches.length
  }

  #tellGaps(): void {
    const { search, viewer } = this.#options
    for (const event of search.gaps) {
      if (this.#gaps.has(event.container)) continue
      this.#gaps.add(event.container)
      viewer.send(betweenLines({ kind: 'gap', event }))
    }
  }

  #tellProgress(scannedTo: string | undefined, id: string): void {
    const { search, viewer } = this.#options
    const { lines, of } = search
    const progress: SearchProgress = { lines, ...(of !== undefined && { of }), ...(scannedTo && { scannedTo }) }
    const text = JSON.stringify(progress)
    if (text === this.#progress || viewer.isBehind) return
    this.#progress = text
    viewer.send(progressEvent(progress, id))
  }

  #done(): SearchDone {
    const { isComplete, next = null, lines } = this.#options.search
    return { complete: isComplete, next, lines, matches: this.#matches }
  }
}
