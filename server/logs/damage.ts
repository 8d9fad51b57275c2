/**
 * What a log holds beside lines: an error that the engine sent in the place of what it could not read, or text without a
 * time, which has no cursor and so is no line. It is kept in its place among the lines, in words, and hides none of them.
 */
import type { LogLine } from './line.ts'

export interface Damage {
  /** The engine's own sentence, or the text without a time; its beginning, where it is long. */
  readonly detail: string
  /** It is the engine's sentence for certain. */
  readonly isOfEngine?: true
}

/** What a read of a log brings, in the log's order. */
export type LogChunk = LogLine[] | Damage

/** A sentence stays a sentence, also where a whole log has no times. */
const MAX_DETAIL_CHARS = 200

export function isLines(chunk: LogChunk): chunk is LogLine[] {
  return Array.isArray(chunk)
}

interface Found {
  at: number
  detail: string
  isOfEngine: boolean
}

function damageOf({ detail, isOfEngine }: Found): Damage {
  return { detail, ...(isOfEngine && { isOfEngine }) }
}

/** Collects damage while lines are decoded. What has no line between it is one damage. */
export class DamageCollector {
  readonly #found: Found[] = []

  get isEmpty(): boolean {
    return this.#found.length === 0
  }

  /** `at`: how many of the lines that are being decoded come before it. */
  add(at: number, text: string, isOfEngine = false): void {
    const detail = text.replaceAll(/\s+/g, ' ').trim()
    const last = this.#found.at(-1)
    if (last?.at === at) {
      last.detail = bounded(`${last.detail} ${detail}`.trim())
      last.isOfEngine ||= isOfEngine
    } else this.#found.push({ at, detail: bounded(detail), isOfEngine })
  }

  /** Puts what was found in its place among `lines`. What comes after the last of them stays, as there may be more of it. */
  among(lines: LogLine[]): LogChunk[] {
    const chunks: LogChunk[] = []
    let from = 0
    for (let next = this.#found[0]; next && next.at < lines.length; next = this.#found[0]) {
      if (next.at > from) chunks.push(lines.slice(from, next.at))
      chunks.push(damageOf(next))
      from = next.at
      this.#found.shift()
    }
    if (from < lines.length) chunks.push(lines.slice(from))
    for (const rest of this.#found) rest.at = 0
    return chunks
  }

  /** What no line has come after. */
  take(): Damage | undefined {
    const rest = this.#found.shift()
    return rest && damageOf(rest)
  }
}

function bounded(text: string): string {
  return text.length > MAX_DETAIL_CHARS ? `${text.slice(0, MAX_DETAIL_CHARS - 1)}…` : text
}
