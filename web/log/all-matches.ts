/** Every line of a log that a search finds, loaded or not, whole: to be copied. */
import { HistorySearch, type HistorySearchOptions } from './history-search.ts'

/** As many as a page holds of a log: a line of one character costs some hundred bytes. */
const MOST_LINES = 1_000_000

export interface Gathered {
  /** From the oldest to the newest. */
  readonly lines: string[]
  /** There are older ones. */
  readonly isCut: boolean
}

/**
 * Begins with the newest, and goes back until they are `mostChars` characters with their ends. Rejects, with words for people,
 * where they cannot be had, or when `signal` is aborted as they are no longer wanted.
 */
export function allMatches(
  options: Pick<HistorySearchOptions, 'address' | 'query' | 'connect'>,
  mostChars: number,
  signal: AbortSignal,
): Promise<Gathered> {
  return new Promise((resolve, reject) => {
    let [counted, chars] = [0, 0]
    const onChange = () => {
      const { found, state, error, isComplete } = search
      while (counted < found.length) chars += (found[counted++]?.text.length ?? 0) + 1
      if (state === 'failed') reject(new Error(error))
      else if (state === 'done' || state === 'stopped')
        resolve({ lines: found.map(({ text }) => text).reverse(), isCut: !isComplete })
      else if (chars > mostChars) search.stop()
    }
    const search = new HistorySearch({ ...options, most: MOST_LINES, chars: mostChars, onChange })
    signal.addEventListener('abort', () => {
      reject(new Error('Not copied: something else is looked for'))
      search.stop()
    })
  })
}
