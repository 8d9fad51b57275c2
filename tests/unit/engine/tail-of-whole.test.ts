/** The last lines of a log that can only be read whole. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { LogRead } from '../../../server/engine/engine.ts'
import { openTailOfWhole } from '../../../server/engine/tail-of-whole.ts'
import { isLines, type LogChunk } from '../../../server/logs/damage.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import { at } from '../logs/frames.ts'

const line = (number: number): LogLine => {
  const message = String(number)
  return { time: at(number), ordinal: 0, stream: 'stdout', level: undefined, message, truncated: false }
}

/** Chunks of so many lines; 0: a damage. */
function chunksOf(sizes: readonly number[]): LogChunk[] {
  let number = 0
  return sizes.map((size) => (size === 0 ? { detail: 'EOF' } : Array.from({ length: size }, () => line(number++))))
}

const plain = (chunks: readonly LogChunk[]) =>
  chunks.flatMap((chunk) => (isLines(chunk) ? chunk.map(({ message }) => message) : ['damage']))

it('gives the last of them, in a read that ends and in one that follows, and counts them', async () => {
  const sizes = fc.array(
    fc.oneof({ arbitrary: fc.integer({ min: 1, max: 900 }), weight: 5 }, { arbitrary: fc.constant(0), weight: 1 }),
    { maxLength: 12 },
  )
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 1, max: 3_000 }), fc.boolean(), async (all, tail, follow) => {
      const chunks = chunksOf(all)
      let opened = 0
      const open = async (): Promise<LogRead> => ({
        pieces: 0,
        passed: 0,
        close: () => {},
        async *[Symbol.asyncIterator]() {
          opened++
          yield* chunks
        },
      })
      const read = await openTailOfWhole({ tail, follow, open })
      const got: LogChunk[] = []
      for await (const chunk of read) got.push(chunk)
      const expected = plain(chunks).slice(-tail)
      expect(plain(got)).toEqual(expected)
      expect(read.pieces).toBe(expected.length)
      expect(opened).toBe(!follow && tail <= 1_024 ? 1 : 2)
    }),
    { numRuns: 200 },
  )
})
