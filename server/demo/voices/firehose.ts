/** Light meters, 200 lines a second: what a log looks like that nobody can read. */
import type { Voice } from '../log.ts'
import { iso } from './write.ts'

export const FIREHOSE_LINES = 200 // a second: a busy service, and well below what any viewer should mind

/** Slots are seconds. */
export const firehose: Voice = ({ start, random }, say) => {
  for (let line = 0; line < FIREHOSE_LINES; line++) {
    const at = Math.floor((line * 1000) / FIREHOSE_LINES)
    const meter = `meter-${String(random.int(1, 48)).padStart(2, '0')}`
    const reading = `lux=${random.int(180, 620)} watt=${(random.int(38, 92) / 10).toFixed(1)} temp=${random.int(28, 41)}`
    const hot = random.chance(0.002)
    say(
      at,
      `${iso(start + at)} ${hot ? 'WARN ' : 'DEBUG'} ${meter} ${hot ? `is hot: temp=${random.int(61, 74)}` : reading}`,
    )
  }
}
