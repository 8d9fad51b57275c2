/**
 * Log lines as the soak keeps them: in columns, 20 bytes each whatever their length, since a run has millions. A text is
 * kept as a hash and the number its writer gave it, which is enough to compare and to say which line it was.
 */

export interface SoakLine {
  /** RFC 3339 with nine digits. */
  readonly time: string
  readonly ordinal: number
  readonly stream: 'stdout' | 'stderr'
  readonly truncated: boolean
  readonly message: string
}

/** One line of the columns, for a person. */
export interface LineNote {
  readonly time: string
  readonly ordinal: number
  readonly stream: 'stdout' | 'stderr'
  readonly truncated: boolean
  readonly number: number
  readonly hash: number
}

const STDERR = 1
const TRUNCATED = 2
const NUMBER = / n=(\d+) /

export class Lines {
  length = 0
  #seconds = new Uint32Array(64)
  #nanos = new Uint32Array(64)
  #ordinals = new Uint16Array(64)
  #hashes = new Uint32Array(64)
  #numbers = new Uint32Array(64)
  #marks = new Uint8Array(64)
  /** Which of the soak's filters let the line pass, a bit each; only the reference fills it. */
  #passes = new Uint16Array(64)

  push({ time, ordinal, stream, truncated, message }: SoakLine, passes = 0): void {
    if (this.length === this.#seconds.length) this.#grow()
    const at = this.length++
    this.#seconds[at] = secondsOf(time)
    this.#nanos[at] = Number(time.slice(20, 29))
    this.#ordinals[at] = ordinal
    this.#hashes[at] = hashOf(message)
    this.#numbers[at] = Number(NUMBER.exec(message.slice(0, 40))?.[1] ?? 0)
    this.#marks[at] = (stream === 'stderr' ? STDERR : 0) | (truncated ? TRUNCATED : 0)
    this.#passes[at] = passes
  }

  passes(at: number): number {
    return this.#passes[at] ?? 0
  }

  /** Whether both are the line of one cursor: same time and ordinal. */
  isAt(at: number, others: Lines, other: number): boolean {
    return (
      this.#seconds[at] === others.#seconds[other] &&
      this.#nanos[at] === others.#nanos[other] &&
      this.#ordinals[at] === others.#ordinals[other]
    )
  }

  equals(at: number, others: Lines, other: number): boolean {
    return (
      this.isAt(at, others, other) &&
      this.#hashes[at] === others.#hashes[other] &&
      this.#marks[at] === others.#marks[other] &&
      this.#numbers[at] === others.#numbers[other]
    )
  }

  /** Which comes first in time: below 0 the line at `at`. */
  compareTime(at: number, others: Lines, other: number): number {
    return (
      (this.#seconds[at] ?? 0) - (others.#seconds[other] ?? 0) || (this.#nanos[at] ?? 0) - (others.#nanos[other] ?? 0)
    )
  }

  /** Unix milliseconds, with the nanoseconds as a fraction. */
  milliseconds(at: number): number {
    return (this.#seconds[at] ?? 0) * 1e3 + (this.#nanos[at] ?? 0) / 1e6
  }

  note(at: number): LineNote {
    const marks = this.#marks[at] ?? 0
    const whole = new Date((this.#seconds[at] ?? 0) * 1000).toISOString().slice(0, 19)
    return {
      time: `${whole}.${String(this.#nanos[at]).padStart(9, '0')}Z`,
      ordinal: this.#ordinals[at] ?? 0,
      stream: marks & STDERR ? 'stderr' : 'stdout',
      truncated: (marks & TRUNCATED) !== 0,
      number: this.#numbers[at] ?? 0,
      hash: this.#hashes[at] ?? 0,
    }
  }

  #grow(): void {
    this.#seconds = doubled(this.#seconds, Uint32Array)
    this.#nanos = doubled(this.#nanos, Uint32Array)
    this.#ordinals = doubled(this.#ordinals, Uint16Array)
    this.#hashes = doubled(this.#hashes, Uint32Array)
    this.#numbers = doubled(this.#numbers, Uint32Array)
    this.#marks = doubled(this.#marks, Uint8Array)
    this.#passes = doubled(this.#passes, Uint16Array)
  }
}

interface Column<T> {
  readonly length: number
  set(values: T): void
}

function doubled<T extends Column<T>>(column: T, make: new (length: number) => T): T {
  const twice = new make(column.length * 2)
  twice.set(column)
  return twice
}

let knownText = ''
let knownSeconds = 0

/** Neighbouring lines mostly share their second. */
function secondsOf(time: string): number {
  const text = time.slice(0, 19)
  if (text !== knownText) {
    knownText = text
    knownSeconds = Date.parse(`${text}Z`) / 1000
  }
  return knownSeconds
}

/** FNV-1a over UTF-16 units. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
