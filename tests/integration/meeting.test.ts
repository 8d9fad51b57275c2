/** Where the backlog ends and live begins, no line is lost and none comes twice, while the container writes all the time. */
import { expect, it } from 'vitest'
import { uniqueName } from '../engine/engine.ts'
import { useEngine } from '../engine/use-engine.ts'
import { startSluice } from '../sluice/server.ts'
import { openStream, type Stream } from '../sluice/stream.ts'

const engine = useEngine()

const LINES_PER_SECOND = 2_000
const ROUNDS = 50
const LINES_AFTER = 300

function numbers({ messages }: Stream): number[] {
  return messages.map((message) => Number(message.slice('line '.length)))
}

function expectUnbroken(stream: Stream): void {
  const seen = numbers(stream)
  const first = seen[0] ?? 0
  expect(seen).toEqual(seen.map((_, index) => first + index))
}

it(`${ROUNDS} times over, at ${LINES_PER_SECOND} lines a second`, { timeout: 180_000 }, async () => {
  const container = await engine.run({ name: uniqueName() })
  const pace = container.pace({ lines: LINES_PER_SECOND * 150, perSecond: LINES_PER_SECOND })
  await container.logged('line 1000\n', 100)
  const sluice = await startSluice({ engine: engine.socket })
  // Every fifth round waits until the feed is gone, so that both ways in are met: a feed's start, and a join to one.
  for (let round = 0; round < ROUNDS; round++) {
    const tail = [0, 1, 100, 500, 2_000, 7_000][round % 6] ?? 0
    const apart = round % 5 === 0 ? await startSluice({ engine: engine.socket }) : sluice
    const stream = await openStream(apart, container.name, `tail=${tail}`).live()
    const atLive = stream.lines.length
    await stream.until(({ lines }) => lines.length >= atLive + LINES_AFTER)
    expectUnbroken(stream)
    expect(atLive).toBeGreaterThanOrEqual(Math.min(tail, 1_000))
    stream.close()
    if (apart !== sluice) await apart.stop()
  }
  await pace.stop()
})
