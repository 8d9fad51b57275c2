/** A log that longer reads leave early is read whole all the same: each readable line once, and each damage in its place. */
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { EngineError, type LogRead } from '../../../server/engine/engine.ts'
import { KnownDamage, WholeLogRead } from '../../../server/engine/whole-log-read.ts'
import { isLines, type LogChunk } from '../../../server/logs/damage.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import { readOf } from '../log-reads.ts'
import { at } from '../logs/frames.ts'

const line = (number: number): LogLine => ({
  time: at(number * 1_000),
  ordinal: 0,
  stream: 'stdout',
  level: undefined,
  message: String(number),
  truncated: false,
})

interface Damaged {
  /** The line itself cannot be read either, and so many after it are dropped by a read that begins so far before it. */
  readonly drops?: ((distance: number) => number) | undefined
  /** Reads that begin before this line end there. */
  readonly before: number
  /** The engine's sentence; undefined: it ends without a word. */
  readonly sentence?: string | undefined
}

/** A log of `count` lines as an engine reads it. */
class DamagedLog {
  count: number
  /** Called before each read: the container may write. */
  grow = () => {}
  line = line
  reads = 0
  open = 0
  readonly known = new KnownDamage()
  readonly #damages: readonly Damaged[]
  readonly #chunk: number

  constructor(count: number, damages: readonly Damaged[], chunk = 7) {
    this.count = count
    this.#damages = damages
    this.#chunk = chunk
  }

  read(tail: number | 'all', follow = false, after?: string): Promise<WholeLogRead> {
    const open = async (some: number | 'all', follows: boolean) => this.#read(some, follows)
    return WholeLogRead.open({ tail, follow, after, known: this.known, isFramed: true, open })
  }

  #read(tail: number | 'all', follow: boolean): LogRead {
    this.reads++
    this.grow()
    const log = this
    const start = tail === 'all' ? 0 : Math.max(0, this.count - tail)
    const damage = this.#damages.filter(({ before }) => before > start).toSorted((a, b) => a.before - b.before)[0]
    const drops = damage?.drops
    const end = drops ? this.count : Math.min(damage?.before ?? this.count, this.count)
    const isDropped = (number: number) =>
      damage && drops && number >= damage.before - 1 && number < damage.before + drops(damage.before - start)
    return readOf(async function* (isClosed): AsyncGenerator<LogChunk> {
      log.open++
      try {
        for (let from = start; from < end; from += log.#chunk) {
          const all = Array.from({ length: Math.min(log.#chunk, end - from) }, (_, index) => log.line(from + index))
          const some = all.filter(({ message }) => !isDropped(Number(message)))
          if (some.length > 0) yield some
        }
        if (damage?.sentence && damage.before <= log.count) yield { detail: damage.sentence, isOfEngine: true }
        else if (follow) await isClosed
      } finally {
        log.open--
      }
    })
  }
}

async function storyOf(read: LogRead, most = Number.POSITIVE_INFINITY): Promise<string[]> {
  const story: string[] = []
  for await (const chunk of read) {
    story.push(...(isLines(chunk) ? chunk.map(({ message }) => message) : ['damage']))
    if (story.length >= most) break
  }
  return story
}

const numbers = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from) }, (_, index) => String(from + index))

describe('WholeLogRead', () => {
  it('gives every line of a log with damage anywhere, and says where that is, from any tail on', async () => {
    const damages = fc.uniqueArray(
      fc.record({
        before: fc.integer({ min: 1, max: 399 }),
        sentence: fc.option(fc.constant('EOF'), { nil: undefined }),
      }),
      {
        maxLength: 3,
        selector: ({ before }) => before,
      },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 400 }),
        damages,
        fc.option(fc.integer({ min: 1, max: 500 })),
        fc.integer({ min: 1, max: 40 }),
        async (count, all, some, chunk) => {
          const tail = some ?? 'all'
          const log = new DamagedLog(count, all, chunk)
          const start = tail === 'all' ? 0 : Math.max(0, count - tail)
          const expected = numbers(start, count).flatMap((number) =>
            all.some(({ before }) => before === Number(number) && before > start) ? ['damage', number] : [number],
          )
          // What the engine says at the very end has no line behind it.
          if (all.some(({ before, sentence }) => before === count && sentence)) expected.push('damage')
          const read = await log.read(tail)
          expect(await storyOf(read)).toEqual(expected)
          const met = all.filter(({ before }) => before > start && before <= count).length
          expect(log.reads).toBeLessThanOrEqual(3 + met * 25)
          // The next one knows where the last damage is, and looks less.
          const before = log.reads
          expect(await storyOf(await log.read(tail))).toEqual(expected)
          expect(log.reads - before).toBeLessThanOrEqual(met === 1 ? 9 : 3 + met * 25)
          expect(log.open).toBe(0)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('gives the lines that a read passes over behind a record that cannot be read', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 5, max: 300 }),
        fc.nat(1_000),
        fc.nat(40),
        fc.integer({ min: 1, max: 400 }),
        // Nothing, or how much earlier than in order lines are stamped, as stdout and stderr are stamped apart.
        fc.array(fc.nat(50), { maxLength: 10 }),
        async (count, place, drops, tail, steps) => {
          const damaged = 1 + (place % (count - 3)) // neither the first record nor one of the last two
          // How many records are lost with it depends on where the read began, as with buffers of a file.
          const dropsOf = (distance: number) => (drops * distance) % Math.max(1, Math.min(40, count - damaged - 2))
          const log = new DamagedLog(count, [{ before: damaged + 1, drops: dropsOf }])
          log.line = (number) => ({
            ...line(number),
            time: at(60_000 + number * 1_000 - (steps[number % steps.length] ?? 0) * 1_000),
          })
          const start = Math.max(0, count - tail)
          const story = await storyOf(await log.read(tail))
          if (start > damaged) expect(story).toEqual(numbers(start, count))
          else if (start < damaged) {
            expect(story).toEqual([...numbers(start, damaged), 'damage', ...numbers(damaged + 1, count)])
          }
          expect(log.reads).toBeLessThanOrEqual(14)
          expect(log.open).toBe(0)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('does not take lines that were written meanwhile for what is behind a damage', async () => {
    const some = fc.option(fc.integer({ min: 1, max: 120 }))
    await fc.assert(
      fc.asyncProperty(
        fc.nat(60),
        fc.nat(60),
        some,
        fc.integer({ min: 1, max: 20 }),
        async (count, more, tail, chunk) => {
          const log = new DamagedLog(count, [], chunk)
          const read = await log.read(tail ?? 'all')
          const story: string[] = []
          log.count = count + more // the read that is open has taken its end already
          for await (const chunk of read)
            story.push(...(isLines(chunk) ? chunk.map(({ message }) => message) : ['damage']))
          expect(story).toEqual(numbers(tail === null ? 0 : Math.max(0, count - tail), count))
          expect(log.open).toBe(0)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('gives every line once around a damage where times step back, as stdout and stderr are stamped apart', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 42, max: 200 }),
        fc.nat(1_000),
        fc.array(fc.nat(9), { minLength: 1, maxLength: 30 }),
        fc.option(fc.constant('EOF'), { nil: undefined }),
        async (count, place, steps, sentence) => {
          const before = 41 + (place % (count - 41))
          const log = new DamagedLog(count, [{ before, sentence }])
          // Up to nine lines' distance earlier than in order.
          log.line = (number) => ({
            ...line(number),
            time: at(20_000 + number * 1_000 - (steps[number % steps.length] ?? 0) * 1_001),
          })
          expect(await storyOf(await log.read('all'))).toEqual([
            ...numbers(0, before),
            'damage',
            ...numbers(before, count),
          ])
        },
      ),
      { numRuns: 300 },
    )
  })

  it('gives every line behind a damage though the container writes while it looks for the end of that', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 300 }),
        fc.nat(1_000),
        fc.option(fc.constant('EOF'), { nil: undefined }),
        fc.array(fc.nat(12), { maxLength: 25 }),
        fc.boolean(),
        async (count, place, sentence, writes, follow) => {
          const before = 1 + (place % (count - 1))
          const log = new DamagedLog(count, [{ before, sentence }])
          if (follow) await storyOf(await log.read('all')) // a follow has to know of it, or be told
          const left = [...writes]
          log.grow = () => {
            log.count += left.shift() ?? 0
          }
          const read = follow ? await log.read('all', true, line(before).time) : await log.read('all')
          const story = await storyOf(read, follow ? count - before : undefined)
          const expected = follow
            ? numbers(before, log.count)
            : [...numbers(0, before), 'damage', ...numbers(before, log.count)]
          expect(story).toEqual(expected.slice(0, story.length))
          expect(story.length).toBeGreaterThanOrEqual(follow ? count - before : count + 1)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('comes to an end though the container writes with every read, and gives no line twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 300 }),
        fc.nat(1_000),
        fc.option(fc.constant('EOF'), { nil: undefined }),
        fc.integer({ min: 1, max: 60 }),
        async (count, place, sentence, written) => {
          const before = 1 + (place % (count - 1))
          const log = new DamagedLog(count, [{ before, sentence }])
          log.grow = () => {
            log.count += written
          }
          const story = await storyOf(await log.read('all'))
          expect(story.slice(0, before + 1)).toEqual([...numbers(0, before), 'damage'])
          const rest = story.slice(before + 1).map(Number)
          expect(rest.length).toBeGreaterThan(0)
          expect(rest).toEqual(numbers(rest[0]!, rest[0]! + rest.length).map(Number))
          expect(log.reads).toBeLessThanOrEqual(400)
          expect(log.open).toBe(0)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('asks once where a log has as many lines as were asked for, and twice where it has fewer', async () => {
    const log = new DamagedLog(50, [])
    await storyOf(await log.read(50))
    expect(log.reads).toBe(1)
    await storyOf(await log.read(51))
    expect(log.reads).toBe(3)
    await storyOf(await log.read(1))
    expect(log.reads).toBe(4)
  })

  it('follows behind a damage that it knows, and does not read up to it', async () => {
    for (const sentence of ['EOF', undefined]) {
      const log = new DamagedLog(50, [{ before: 17, sentence }])
      await storyOf(await log.read('all'))
      const before = log.reads
      const follow = await log.read('all', true, line(40).time)
      expect(await storyOf(follow, 33)).toEqual(numbers(17, 50))
      expect(log.reads - before).toBeLessThanOrEqual(6)
      expect(log.open).toBe(0)
    }
  })

  it('lets go of all reads when it is closed while it looks for the end of the damage', async () => {
    const log = new DamagedLog(300, [{ before: 17, sentence: 'EOF' }])
    const read = await log.read('all')
    for await (const chunk of read) if (!isLines(chunk)) read.close()
    expect(log.open).toBe(0)
  })

  it('takes bytes that are no log for a fault of the connection for a while, and then for damage', async () => {
    const known = new KnownDamage()
    const garbled = (): LogRead => ({
      pieces: 0,
      passed: 0,
      close: () => {},
      async *[Symbol.asyncIterator]() {
        yield [line(0)]
        throw new EngineError('garbled', 'that is no log')
      },
    })
    const none: LogRead = { pieces: 0, passed: 0, close: () => {}, async *[Symbol.asyncIterator]() {} }
    const read = () =>
      WholeLogRead.open({
        tail: 'all',
        follow: false,
        known,
        isFramed: true,
        open: async (tail) => (tail === 1 ? none : garbled()),
      })
    vi.useFakeTimers({ toFake: ['performance'] })
    try {
      await expect(storyOf(await read())).rejects.toMatchObject({ code: 'garbled' })
      vi.advanceTimersByTime(4_999)
      await expect(storyOf(await read())).rejects.toMatchObject({ code: 'garbled' })
      vi.advanceTimersByTime(1)
      expect(await storyOf(await read())).toEqual(['0', 'damage'])
    } finally {
      vi.useRealTimers()
    }
  })

  it('takes what an engine cannot read for a moment for a cut, after which the next read has every line', async () => {
    for (const sentence of ['EOF', undefined]) {
      const damages: Damaged[] = [{ before: 17, sentence }]
      const log = new DamagedLog(50, damages)
      const read = await log.read('all')
      const story: string[] = []
      const reading = (async () => {
        for await (const chunk of read) {
          damages.length = 0
          story.push(...(isLines(chunk) ? chunk.map(({ message }) => message) : ['damage']))
        }
      })()
      if (sentence) await expect(reading).rejects.toMatchObject({ code: 'cut', message: sentence })
      else await reading
      expect(story).toEqual(numbers(0, 17))
      expect(await storyOf(await log.read('all'))).toEqual(numbers(0, 50))
      expect(log.open).toBe(0)
    }
  })

  it('takes it for damage when that happens again and again', async () => {
    const damages: Damaged[] = []
    const log = new DamagedLog(50, damages)
    const story = async () => {
      damages.push({ before: 17, sentence: 'EOF' })
      const seen: string[] = []
      for await (const chunk of await log.read('all')) {
        seen.push(...(isLines(chunk) ? chunk.map(({ message }) => message) : ['damage']))
        if (seen.length < 50) damages.length = 0
      }
      return seen
    }
    for (let times = 0; times < 3; times++) await expect(story()).rejects.toMatchObject({ code: 'cut' })
    damages.push({ before: 17, sentence: 'EOF' })
    expect((await storyOf(await log.read('all'))).filter((each) => each === 'damage')).toEqual(['damage'])
  })
})
