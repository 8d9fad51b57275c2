/** Containers whose logs are each of a kind that history has to read as Docker does. */
import type { Container, RunOptions } from '../engine/container.ts'
import { type Engine, uniqueName } from '../engine/engine.ts'
import type { StreamName } from '../engine/writer.ts'

const KIB = 1024

/** Docker's own lines of it. A carriage return before the newline is part of the line ending. */
export async function reference(container: Container) {
  return (await container.lines()).map(({ time, stream, text }) => ({ time, stream, message: text.replace(/\r$/, '') }))
}

export interface WrittenOptions extends Omit<RunOptions, 'name'> {
  /** Streams that get a last line; with a TTY only stdout does, else both. */
  readonly ends?: readonly StreamName[]
}

/** A container that has written so, and a last line to its streams. */
export async function written(
  engine: Engine,
  { ends, ...options }: WrittenOptions,
  write: (container: Container) => Promise<void>,
) {
  const container = await engine.run({ name: uniqueName(), ...options })
  await write(container)
  // What one stream wrote may be on its way when the other's end is there.
  for (const stream of ends ?? (options.tty ? ['stdout'] : ['stdout', 'stderr'])) {
    await container.write(stream, `the end of ${stream}\n`)
    await container.kept(`the end of ${stream}`, 7_000)
  }
  return container
}

/** Lines to both streams by turns, as fast as it goes. */
export const numbered = (lines: number) => async (container: Container) => {
  await container.pace({ lines, streams: ['stdout', 'stderr'] }).done
}

export const kindsOfLogs: readonly {
  what: string
  options?: WrittenOptions
  write: (container: Container) => Promise<void>
  /** Sizes of pages to read it in. */
  limits: readonly number[]
}[] = [
  { what: 'two streams', write: numbered(3_000), limits: [7_000, 997, 500] },
  { what: 'the local driver', options: { logDriver: 'local' }, write: numbered(2_000), limits: [500] },
  {
    what: 'a TTY',
    options: { tty: true },
    write: (c) => c.write('stdout', `a\n${'t'.repeat(40 * KIB)}\nb\n`),
    limits: [1, 2],
  },
  { what: 'nothing', options: { ends: [] }, write: async () => {}, limits: [1, 500] },
  { what: 'a line', options: { ends: ['stderr'] }, write: async () => {}, limits: [1, 500] },
  {
    what: 'lines of many pieces, between others',
    write: async (container) => {
      for (let n = 0; n < 12; n++) {
        await container.write('stdout', `${n}${'x'.repeat(KIB * (10 + 9 * (n % 6)))}\n`)
        await container.write('stderr', `between ${n}\n`)
      }
    },
    limits: [1, 3, 25],
  },
  {
    what: 'a log that is rotated',
    options: { logOptions: { 'max-size': '100k', 'max-file': '3' } },
    write: numbered(6_000),
    limits: [400],
  },
]
