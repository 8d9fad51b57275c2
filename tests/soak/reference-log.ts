/**
 * Docker's own log as the soak's columns: what every session must end up with. Shares no code with the server. Every line
 * is whole: writers end their lines before a container is stopped, because what stands where when one did not is no
 * matter of order but of taste (its end is only known when the stream's next line comes).
 */
import { referenceFrames, referenceLines } from '../engine/reference.ts'
import { Lines } from './lines.ts'
import { passesOf } from './text.ts'

/** What is shown of a line; the design's bound, written down once more. */
const SHOWN_BYTES = 64 * 1024
/** `\r\n`, which is not shown. */
const ENDING_BYTES = 2
/** What Docker keeps together of a line. */
const PIECE_BYTES = 16 * 1024
/** How many lines back an equal time is looked for; the design's bound, too. */
const LOOK_BACK = 2_048

/** Pieces of lines, in Docker's order, to whole lines with their ordinals. */
export class ReferenceLog {
  readonly lines = new Lines()
  /** The times of lines that ended without a newline. None, or the harness did not do as it promised. */
  readonly torn: string[] = []
  readonly #open: { stdout?: Open; stderr?: Open } = {}
  #latest = ''
  /** The latest times and their ordinals, for lines of equal time. */
  readonly #recent: { time: string; ordinal: number }[] = []

  /** `bytes` with the newline, if it has one. A piece of another time than the one before it begins a line. */
  piece(time: string, stream: 'stdout' | 'stderr', bytes: Buffer): void {
    const before = this.#open[stream]
    if (before && before.time !== time) this.#tear(stream, before)
    const open = this.#open[stream] ?? { time, pieces: [], length: 0, isShown: false }
    if (!open.isShown) open.pieces.push(bytes)
    open.length += bytes.length
    this.#open[stream] = open
    // It is shown, and has its place among the lines, before it ends.
    if (open.length > SHOWN_BYTES + ENDING_BYTES) this.#show(stream, open)
    // A short piece is what the container had written of a line when it ended.
    if (bytes.at(-1) !== 0x0a) {
      if (bytes.length < PIECE_BYTES) this.#tear(stream, open)
      return
    }
    delete this.#open[stream]
    this.#show(stream, open)
  }

  #show(stream: 'stdout' | 'stderr', open: Open): void {
    if (open.isShown) return
    open.isShown = true
    const bytes = Buffer.concat(open.pieces)
    const ending = bytes.at(-1) !== 0x0a ? 0 : bytes.at(-2) === 0x0d ? 2 : 1
    this.line(open.time, stream, bytes.subarray(0, bytes.length - ending))
  }

  /** A whole line, without its ending. */
  line(time: string, stream: 'stdout' | 'stderr', bytes: Buffer): void {
    const full = `${time.slice(0, 19)}.${time.slice(20, -1).padEnd(9, '0')}Z`
    const truncated = bytes.length > SHOWN_BYTES
    const message = bytes.toString('utf8', 0, SHOWN_BYTES)
    this.lines.push({ time: full, ordinal: this.#ordinal(full), stream, truncated, message }, passesOf(stream, message))
  }

  /** The log's end. */
  end(): Lines {
    for (const stream of ['stdout', 'stderr'] as const) {
      const open = this.#open[stream]
      if (open) this.#tear(stream, open)
    }
    return this.lines
  }

  #tear(stream: 'stdout' | 'stderr', open: Open): void {
    this.torn.push(`${open.time} ${stream}`)
    delete this.#open[stream]
    this.#show(stream, open)
  }

  #ordinal(time: string): number {
    const isLatest = time > this.#latest
    const equal = isLatest ? undefined : this.#recent.slice(-LOOK_BACK).findLast((recent) => recent.time === time)
    const ordinal = equal ? equal.ordinal + 1 : 0
    if (isLatest) this.#latest = time
    this.#recent.push({ time, ordinal })
    if (this.#recent.length > LOOK_BACK * 2) this.#recent.splice(0, LOOK_BACK)
    return ordinal
  }
}

interface Open {
  readonly time: string
  readonly pieces: Buffer[]
  /** Of all pieces, in bytes. */
  length: number
  isShown: boolean
}

/** The whole log as the engine's API gives it with `timestamps=true`. */
export function referenceOf(log: Buffer, tty: boolean): ReferenceLog {
  const reference = new ReferenceLog()
  if (tty) {
    for (const { time, bytes } of referenceLines(log, true)) reference.line(time, 'stdout', bytes)
  } else {
    for (const { stream, payload } of referenceFrames(log)) {
      const space = payload.indexOf(0x20)
      reference.piece(payload.toString('latin1', 0, space), stream, payload.subarray(space + 1))
    }
  }
  reference.end()
  return reference
}
