/**
 * Logs of which records are damaged, with the times of bad days, while they are followed, and more than one: what some read
 * brings is shown once and in order, gaps are where the damage is, and the stream is live.
 */
import { describe, expect, it } from 'vitest'
import { type DamagedRecord, type Piece, startFakeEngine } from '../engine/fake-engine.ts'
import { startSluice } from '../sluice/server.ts'
import { type Arrival, openStream, type Stream } from '../sluice/stream.ts'
import { at, frame, stamped } from '../unit/logs/frames.ts'

const SENTENCE: DamagedRecord = { error: frame(3, 'Error grabbing logs: unexpected EOF\n') }
const SILENT: DamagedRecord = {}
const HANGS: DamagedRecord = { hangs: true }
const KINDS = [
  ['says so', SENTENCE],
  ['ends without a word', SILENT],
  ['hangs', HANGS],
] as const

const SECOND = 1_000_000_000
/** Of a whole second, as Podman's are. */
const WHOLE = 886_000_000
const inOrder = (number: number) => number * SECOND

const line = (number: number, nanoseconds = inOrder(number)) =>
  frame('stdout', stamped(at(nanoseconds), `line ${number}.\n`))
const text = (number: number) => `line ${number}.`
const texts = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => text(from + index))

/** The messages of what arrived, with each gap in its place. */
function story(stream: Stream): string[] {
  return stream.arrivals.flatMap((arrival: Arrival) => {
    if (arrival.kind === 'lines') return arrival.lines.map(({ message }) => message)
    return arrival.kind === 'gap' ? [`gap: ${arrival.event.reason}`] : []
  })
}

/** A follow that is quiet is looked after each 15 s. */
const QUIET = { timeout: 40_000 }

const GAP = 'gap: damaged'

async function serve(pieces: readonly Piece[]) {
  const fake = await startFakeEngine()
  fake.add({ name: 'web', pieces })
  return { fake, sluice: await startSluice({ engine: fake.socket }) }
}

describe('a damage with odd times around it', () => {
  const CLOCKS = [
    ['steps back by a second', (number: number) => (number < 17 ? 1_000 : 999) * SECOND + number],
    ['steps back by an hour', (number: number) => (number < 17 ? 7_200 : 3_600) * SECOND + number * 1_000],
    ['stands still', () => SECOND],
    ['has whole seconds', (number: number) => WHOLE + Math.floor(number / 20) * SECOND],
  ] as const
  it.each(CLOCKS.flatMap((clock) => KINDS.map(([how, record]) => [clock[0], how, clock[1], record] as const)))(
    'is a gap, and hides no line, where the clock %s and the engine %s',
    async (_what, _how, timeOf, record) => {
      const { fake, sluice } = await serve([])
      const numbered = (from: number, to: number) =>
        Array.from({ length: to - from }, (_, index) => line(from + index, timeOf(from + index)))
      fake.replace('web', [...numbered(0, 17), record, ...numbered(17, 50)])
      const stream = await openStream(sluice, 'web').live()
      const whole = [...texts(0, 17), GAP, ...texts(17, 50)]
      expect(story(stream)).toEqual(whole)
      fake.write('web', ...numbered(50, 52))
      await stream.message(text(51))
      expect(story(stream)).toEqual([...whole, ...texts(50, 52)])
    },
    60_000,
  )
})

describe('a record that is damaged while the log is followed', () => {
  it.each(KINDS)(
    'is a gap, and what comes after it is shown, where the engine %s',
    async (_how, record) => {
      const lines = Array.from({ length: 50 }, (_, number) => line(number))
      const { fake, sluice } = await serve(lines)
      const stream = await openStream(sluice, 'web').live()
      await expect.poll(() => fake.count(/follow=1/)).toBeGreaterThan(0)
      fake.write('web', record)
      fake.write('web', line(51), line(52))
      await expect.poll(() => stream.lines.length, QUIET).toBe(52)
      expect(story(stream)).toEqual([...texts(0, 50), GAP, ...texts(51, 53)])
      fake.write('web', line(53))
      await stream.message(text(53))
      expect(story(stream)).toEqual([...texts(0, 50), GAP, ...texts(51, 54)])
    },
    60_000,
  )
})

describe('more than one damaged record', () => {
  const damages = KINDS.flatMap(([how, first]) =>
    KINDS.filter(([also]) => also !== 'hangs' || how === also).map(([also, last]) => [how, also, first, last] as const),
  )
  it.each(damages)(
    'of which the first %s, and the newest, which %s, are gaps',
    async (_how, _also, first, last) => {
      const some = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => line(from + index))
      const { fake, sluice } = await serve([...some(0, 17), first, ...some(17, 30), first, ...some(30, 50), last])
      const short = await openStream(sluice, 'web', 'tail=10').live()
      const stream = await openStream(sluice, 'web').live()
      const whole = [...texts(0, 17), GAP, ...texts(17, 30), GAP, ...texts(30, 50)]
      const seen = story(stream)
      expect(seen.slice(0, whole.length)).toEqual(whole)
      fake.write('web', line(50))
      await expect.poll(() => [stream.messages.at(-1), short.messages.at(-1)], QUIET).toEqual([text(50), text(50)])
      expect(story(stream)).toEqual([...whole, GAP, text(50)])
      expect(story(short).slice(-3)).toEqual([text(49), GAP, text(50)])
    },
    60_000,
  )

  it('every other one, hides no line', async () => {
    const turns = Array.from({ length: 60 }, (_, number) => [line(number), number % 3 === 0 ? SENTENCE : SILENT]).flat()
    const { fake, sluice } = await serve([...turns, line(60)])
    const stream = await openStream(sluice, 'web').live()
    const whole = texts(0, 61).flatMap((each, index) => (index < 60 ? [each, GAP] : [each]))
    expect(story(stream)).toEqual(whole)
    fake.write('web', line(61))
    await stream.message(text(61))
    expect(story(stream)).toEqual([...whole, text(61)])
  })
})
