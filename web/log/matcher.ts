/** Runs patterns that might stall in a worker, and ends it when one does. */
import type { Batch } from './find-batch.ts'
import type { Range, Wanted } from './pattern.ts'

/** One batch at a time: the one before must have been answered. A promise rejects with an error in words for a person. */
export interface Matcher {
  /** Which of `texts` match: places in it, ascending. */
  matching(wanted: Wanted, texts: readonly string[]): Promise<readonly number[]>
  /** Where each of `texts` matches. */
  ranges(wanted: Wanted, texts: readonly string[]): Promise<readonly (readonly Range[])[]>
  /** Ends what is under way; its promise is never settled. The matcher can be used again. */
  close(): void
}

/** What is used of a Worker. Named here so that tests can stand in for the browser. */
export interface WorkerLike {
  onmessage: ((event: MessageEvent) => void) | null
  onerror: ((event: ErrorEvent) => void) | null
  postMessage(batch: Batch): void
  terminate(): void
}

/** Of one batch, the worker's start included: hundreds of times what a pattern takes that does not stall. */
export const PATIENCE_MS = 2000

const openWorker = (): WorkerLike => new Worker(new URL('./find-worker.ts', import.meta.url), { type: 'module' })

export class WorkerMatcher implements Matcher {
  readonly #open: () => WorkerLike
  #worker: WorkerLike | undefined
  #patience: ReturnType<typeof setTimeout> | undefined

  constructor(open: () => WorkerLike = openWorker) {
    this.#open = open
  }

  matching(wanted: Wanted, texts: readonly string[]): Promise<readonly number[]> {
    return this.#ask({ wanted, texts, asks: 'matching' })
  }

  ranges(wanted: Wanted, texts: readonly string[]): Promise<readonly (readonly Range[])[]> {
    return this.#ask({ wanted, texts, asks: 'ranges' })
  }

  close(): void {
    clearTimeout(this.#patience)
    this.#worker?.terminate()
    this.#worker = undefined
  }

  #ask<Answer>(batch: Batch): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const fail = (words: string) => {
        this.close()
        reject(new Error(words))
      }
      this.#worker ??= this.#open()
      this.#worker.onmessage = ({ data }) => {
        clearTimeout(this.#patience)
        resolve(data)
      }
      this.#worker.onerror = () => fail('This browser could not start the search for a pattern.')
      this.#patience = setTimeout(
        () => fail('This pattern takes too long on some line: the search stopped.'),
        PATIENCE_MS,
      )
      this.#worker.postMessage(batch)
    })
  }
}
