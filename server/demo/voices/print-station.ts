/** A .NET program that prints parcel labels. While its health check fails, its printer is off. */
import { AIL_PERIOD_MS, AILS_AT_MS } from '../life.ts'
import type { Voice } from '../log.ts'

/** Slots are periods of its health. */
export const printStation: Voice = ({ index, random }, say) => {
  const write = (at: number, level: string, from: string, text: string) =>
    say(at, `${level}: Shop.Labels.${from}\n      ${text}`)
  let label = (index % 10_000) * 12
  if (index % 2 === 0) write(150, 'info', 'Printer[4]', 'Printer LP-2 is back, 3 labels waiting')
  for (let at = random.int(2000, 9000); at < AILS_AT_MS; at += random.int(6000, 19_000)) {
    write(at, 'info', 'Spooler[21]', `Printed label ${++label} in ${random.int(310, 690)} ms`)
  }
  write(AILS_AT_MS - 900, 'warn', 'Printer[7]', 'LP-2: paper is low')
  for (let at = AILS_AT_MS + 2000; at < AIL_PERIOD_MS - 2000; at += random.int(14_000, 24_000)) {
    write(at, 'fail', 'Printer[9]', `LP-2 does not answer at 192.0.2.40:9100, label ${label + 1} stays in the queue`)
  }
}
