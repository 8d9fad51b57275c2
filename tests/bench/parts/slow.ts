/** A client that stops reading while very much passes: what that costs the server, and whether it gets it all later. */
import type { Container } from '../../engine/container.ts'
import type { Bed } from '../bed.ts'
import { followSluice } from '../follow.ts'
import { NumberedLines } from '../numbered-lines.ts'
import type { Part } from '../part.ts'
import { rssMiB, watchRss } from '../process-usage.ts'
import { JSON_LINE } from '../samples.ts'
import type { Sluice } from '../sluice.ts'

const LINES = 400_000
const DEADLINE_MS = 90_000

export const slow: Part = {
  names: ['slow.missing', 'slow.rss'],
  deadlineMs: 240_000,
  async run(bed) {
    const sluice = await bed.sluice()
    // What as many lines leave in the heap without it is no slow client's doing: V8's young generation doubles, sooner or later.
    await pass(bed, sluice, await bed.container(), LINES)

    const container = await bed.container()
    await sluice.knows(container.name)
    const client = new NumberedLines(sluice.streamUrl(container.name), LINES)
    bed.defer(() => client.cut())
    await client.connect()
    const before = rssMiB(sluice.pid)
    const watch = watchRss(sluice.pid)
    client.pause()
    await pass(bed, sluice, container, LINES)
    const passed = rssMiB(sluice.pid)
    client.resume()
    await client.settle(DEADLINE_MS)
    const highest = watch.stop()
    const figures = [before, passed, rssMiB(sluice.pid), highest].map((mib) => mib.toFixed(0))
    bed.say(
      `RSS ${figures[0]} MiB before, ${figures[1]} after all had passed, ${figures[2]} at the end, ${figures[3]} at its highest`,
    )
    if (client.duplicated > 0) throw new Error(`${client.duplicated} lines came twice`)
    return [
      { name: 'slow.missing', value: client.missing, reference: LINES },
      { name: 'slow.rss', value: highest - before, reference: before },
    ]
  },
}

/** Lines through the feed; a second client that reads, and must not be held up, says when they have passed. */
async function pass(bed: Bed, sluice: Sluice, container: Container, lines: number): Promise<void> {
  const { arrivals, close } = await followSluice(bed, sluice, container)
  await container.pace({ lines, template: JSON_LINE }).done
  await arrivals.complete(lines + 1, DEADLINE_MS)
  close()
}
