/** Reads of logs as an engine's, made of chunks. */
import type { LogRead } from '../../server/engine/engine.ts'
import { isLines, type LogChunk } from '../../server/logs/damage.ts'

/** A read that brings these chunks, each line as one piece. `isClosed` resolves when the read is closed. */
export function readOf(chunks: (isClosed: Promise<void>) => AsyncIterable<LogChunk>): LogRead {
  let close = () => {}
  const isClosed = new Promise<void>((resolve) => {
    close = resolve
  })
  let pieces = 0
  return {
    get pieces() {
      return pieces
    },
    passed: 0,
    close,
    async *[Symbol.asyncIterator]() {
      for await (const chunk of chunks(isClosed)) {
        if (isLines(chunk)) pieces += chunk.length
        yield chunk
      }
    },
  }
}

/** The same read, of which only the chunks that `some` gives are brought. */
export function partOf(read: LogRead, some: (chunks: LogRead) => AsyncGenerator<LogChunk>): LogRead {
  return {
    get pieces() {
      return read.pieces
    },
    get passed() {
      return read.passed
    },
    close: () => read.close(),
    [Symbol.asyncIterator]: () => some(read),
  }
}
