/**
 * The last lines of a log for an engine whose own `tail=` is broken: Podman 4 loses pieces with it, and glues others
 * together, but sends the whole log as it is. Counts lines where other engines count pieces.
 */
import { isLines, type LogChunk } from '../logs/damage.ts'
import type { LogRead } from './engine.ts'

/** So many lines are held while the log is read once; for more it is read twice, and none is held. */
const MAX_HELD_LINES = 1_024

export interface TailOfWholeOptions {
  readonly tail: number
  readonly follow: boolean
  /** Opens a read of the whole log. */
  readonly open: (follow: boolean) => Promise<LogRead>
}

export async function openTailOfWhole({ tail, follow, open }: TailOfWholeOptions): Promise<LogRead> {
  if (!follow && tail <= MAX_HELD_LINES) return new Tail(await open(false), (read) => lastOf(read, tail))
  let count = 0
  for await (const chunk of await open(false)) count += lengthOf(chunk)
  return new Tail(await open(follow), (read) => skipping(read, Math.max(0, count - tail)))
}

class Tail implements LogRead {
  pieces = 0
  readonly passed = 0
  readonly #read: LogRead
  readonly #choose: (read: LogRead) => AsyncIterable<LogChunk>

  constructor(read: LogRead, choose: (read: LogRead) => AsyncIterable<LogChunk>) {
    this.#read = read
    this.#choose = choose
  }

  close(): void {
    this.#read.close()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LogChunk, void, void> {
    for await (const chunk of this.#choose(this.#read)) {
      this.pieces += lengthOf(chunk)
      yield chunk
    }
  }
}

/** What is damaged counts as one, so that it is not passed over alone. */
function lengthOf(chunk: LogChunk): number {
  return isLines(chunk) ? chunk.length : 1
}

async function* lastOf(read: LogRead, tail: number): AsyncGenerator<LogChunk> {
  let held: LogChunk[] = []
  let count = 0
  for await (const chunk of read) {
    held.push(chunk)
    count += lengthOf(chunk)
    if (held.length > 2 * MAX_HELD_LINES) {
      held = fromEnd(held, count - tail)
      count = Math.min(count, tail)
    }
  }
  yield* fromEnd(held, count - tail)
}

function fromEnd(chunks: readonly LogChunk[], skip: number): LogChunk[] {
  let left = skip
  return chunks.flatMap((chunk) => {
    const passed = Math.min(Math.max(0, left), lengthOf(chunk))
    left -= passed
    return rest(chunk, passed)
  })
}

async function* skipping(read: LogRead, skip: number): AsyncGenerator<LogChunk> {
  let left = skip
  for await (const chunk of read) {
    const passed = Math.min(left, lengthOf(chunk))
    left -= passed
    yield* rest(chunk, passed)
  }
}

/** The chunk without its first lines, if anything is left of it. */
function rest(chunk: LogChunk, passed: number): LogChunk[] {
  if (passed === 0) return [chunk]
  return isLines(chunk) && passed < chunk.length ? [chunk.slice(passed)] : []
}
