/** Every line of a log that a search finds, loaded or not, whole: to be copied. */
import { HistorySearch, type HistorySearchOptions } from './history-search.ts'

export class AllMatches {
  /** From the oldest to the newest. Rejects, with words for people, where they cannot be had or are no longer wanted. */
  readonly lines: Promise<string[]>
  readonly #noLonger = new AbortController()

  /** `mostChars`: of the newest lines; when there are so many, the older ones are not looked for. */
  constructor(options: Pick<HistorySearchOptions, 'address' | 'query' | 'connect'>, mostChars: number) {
    this.lines = new Promise((resolve, reject) => {
      let [counted, chars] = [0, 0]
      const onChange = () => {
        const { found, state, error } = search
        while (counted < found.length) chars += found[counted++]?.text.length ?? 0
        if (state === 'failed') reject(new Error(error))
        else if (state === 'done' || state === 'stopped') resolve(found.map(({ text }) => text).reverse())
        else if (chars > mostChars) search.stop()
      }
      const search = new HistorySearch({ ...options, most: Number.POSITIVE_INFINITY, chars: mostChars, onChange })
      this.#noLonger.signal.onabort = () => {
        reject(new Error('Not copied: something else is looked for'))
        search.stop()
      }
    })
  }

  stop(): void {
    this.#noLonger.abort()
  }
}
