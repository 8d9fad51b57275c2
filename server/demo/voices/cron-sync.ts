/** A shell script that fetches a price list, never gets all of it, and gives up. A slot is one of its runs. */
import { crashAt } from '../life.ts'
import type { Voice } from '../log.ts'
import { clock } from './write.ts'

export const cronSync =
  (seed: number): Voice =>
  ({ index, start, random }, say) => {
    const end = crashAt(seed, index) - start
    const write = (at: number, text: string) => say(at, `[cron-sync] ${clock(start + at)} ${text}`)
    const rows = random.int(1120, 1198)
    write(180, 'fetching https://supplier.example/prices/lamps.csv')
    for (let page = 1, at = 1900; at < end - 4200; page++, at += random.int(1400, 2300)) {
      write(at, `page ${page}: ${random.int(140, 170)} rows`)
    }
    say(end - 3600, 'curl: (28) Operation timed out after 3000 milliseconds with 0 bytes received', 'stderr')
    say(end - 3590, `[cron-sync] WARN: page missing, trying once more`, 'stderr')
    say(end - 420, 'curl: (28) Operation timed out after 3000 milliseconds with 0 bytes received', 'stderr')
    say(end - 60, `ERROR: price list is incomplete, ${rows} of 1204 rows: prices left as they were`, 'stderr')
  }
