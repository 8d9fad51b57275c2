/** The fault proxy's damage to a log, however its bytes arrive. */
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FrameDamage, type LogDamage } from '../../engine/frame-damage.ts'
import { frame, stamped } from '../logs/frames.ts'

const SEND = frame(3, 'Error grabbing logs: EOF')
const time = (second: number) => `2026-11-22T10:00:${String(second).padStart(2, '0')}.000000000Z`

interface Piece {
  readonly stream: 'stdout' | 'stderr'
  readonly isLast: boolean
}

const pieces = fc.array(
  fc.record({ stream: fc.constantFrom<Piece['stream']>('stdout', 'stderr'), isLast: fc.boolean() }),
  { maxLength: 20 },
)

/** Each piece a second later than the one before. */
const framesOf = (log: readonly Piece[]) =>
  log.map(({ stream, isLast }, at) => frame(stream, stamped(time(at), isLast ? 'end\n' : 'begin')))

/** Whether no line is open before the piece at `at`; written anew from the description of the format. */
function isBorder(log: readonly Piece[], at: number): boolean {
  return (['stdout', 'stderr'] as const).every(
    (stream) => log.slice(0, at).findLast((piece) => piece.stream === stream)?.isLast ?? true,
  )
}

async function through(log: Buffer, sizes: readonly number[], damage: LogDamage): Promise<Buffer> {
  let hasToEnd = false
  const stage = new FrameDamage(
    damage,
    () => false,
    () => {
      hasToEnd = true
    },
  )
  const all = buffer(stage)
  for (let at = 0, turn = 0; at < log.length && !hasToEnd; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    stage.write(log.subarray(at, at + size))
    at += size
  }
  stage.end()
  return all
}

const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 })

it('stands at the first border of two lines after so many frames, and only there', async () => {
  await fc.assert(
    fc.asyncProperty(pieces, sizes, fc.nat({ max: 20 }), fc.boolean(), async (log, chunks, count, ends) => {
      const frames = framesOf(log)
      const at = frames.findIndex((_, index) => index >= count && isBorder(log, index))
      const expected =
        at < 0 ? frames : ends ? [...frames.slice(0, at), SEND] : [...frames.slice(0, at), SEND, ...frames.slice(at)]
      const passed = await through(Buffer.concat(frames), chunks, { after: { frames: count }, send: SEND, ends })
      expect(passed).toEqual(Buffer.concat(expected))
    }),
  )
})

it('stands before the first line later than its time, and nowhere in an answer that begins later', async () => {
  await fc.assert(
    fc.asyncProperty(pieces, sizes, fc.nat({ max: 20 }), fc.nat({ max: 20 }), async (log, chunks, second, tail) => {
      const kept = log.slice(-tail - 1)
      const first = log.length - kept.length
      const frames = framesOf(log).slice(first)
      const at = frames.findIndex((_, index) => index > 0 && first + index > second && isBorder(kept, index))
      const isHit = first <= second && at >= 0
      const passed = await through(Buffer.concat(frames), chunks, { after: { time: time(second) }, ends: true })
      expect(passed).toEqual(Buffer.concat(isHit ? frames.slice(0, at) : frames))
    }),
  )
})
