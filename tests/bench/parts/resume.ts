/** A client whose network is cut again and again: whether it ends up with every line, once. */
import { setTimeout as delay } from 'node:timers/promises'
import { NumberedLines } from '../numbered-lines.ts'
import type { Part } from '../part.ts'
import { JSON_LINE } from '../samples.ts'

const CUTS = 12
const CUT_MS = 1_000
const PER_SECOND = 500
const LINES = 2 * CUTS * (CUT_MS / 1000) * PER_SECOND // cut half of the time
const SETTLE_MS = 10_000

export const resume: Part = {
  names: ['resume.missing', 'resume.duplicated'],
  deadlineMs: 90_000,
  async run(bed) {
    const sluice = await bed.sluice()
    const container = await bed.container()
    await sluice.knows(container.name)
    const client = new NumberedLines(sluice.streamUrl(container.name), LINES)
    bed.defer(() => client.cut())
    await client.connect()
    const pace = container.pace({ lines: LINES, perSecond: PER_SECOND, template: JSON_LINE })
    for (let cut = 0; cut < CUTS; cut++) {
      await delay(CUT_MS)
      client.cut()
      await delay(CUT_MS)
      await client.connect()
    }
    await pace.done
    await client.settle(SETTLE_MS)
    return [
      { name: 'resume.missing', value: client.missing, reference: LINES },
      { name: 'resume.duplicated', value: client.duplicated, reference: LINES },
    ]
  },
}
