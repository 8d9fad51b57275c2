/** A Rust program that makes thumbnails, and took more memory than it was given: the log ends in the middle. */
import type { Say, Voice } from '../log.ts'
import { LAMPS } from '../story.ts'
import { iso } from './write.ts'

const write = (say: Say, start: number, at: number, level: string, text: string) =>
  say(at, `${iso(start + at).slice(0, 23)}041Z ${level.padStart(5)} resizer::${text}`)

export const imageResizer =
  (killedAt: number): Voice =>
  ({ start, random }, say) => {
    for (let at = random.int(0, 2000); at < 60_000; at += random.int(900, 4200)) {
      const left = (killedAt - start - at) / 1000
      const rss = Math.round(Math.max(120, 510 - left * 2))
      const image = `image=${random.pick(LAMPS).slug}-${random.int(1, 9)}.tiff`
      write(say, start, at, 'INFO', `pool: resized ${image} sizes=4 took=${random.int(120, 900)}ms rss=${rss}MiB`)
      if (rss > 440) write(say, start, at + 12, 'WARN', `memory: rss=${rss}MiB is close to the limit of 512MiB`)
    }
  }

export const imageResizerOpening = (say: Say, at: number) => {
  write(say, at, 12, 'INFO', 'main: watching /srv/images/incoming with 4 threads, limit 512MiB')
}
