/** Tables of patterns, each tried only on lines that begin with a character that it can begin with. */
import type { Level } from '../../wire.ts'

export interface Rule {
  readonly example: string
  /** The characters that `pattern` can begin with: what keeps it off all other lines. */
  readonly first: string
  /** The characters that can come second. Default any. */
  readonly second?: string
  /** Sticky. Its repetitions are bounded or part by a character that ends them, so that its cost stays linear. */
  readonly pattern: RegExp
  /** The level, or the one of what the pattern's first group matched. */
  readonly level: Level | ((mark: string) => Level | undefined)
}

/** A rule as it is tried: all of one shape, which makes it several times faster. */
interface Candidate {
  /** By code, 1 for the characters that can come second. */
  readonly seconds: Uint8Array
  readonly pattern: RegExp
  readonly level: (mark: string) => Level | undefined
}

/** By the code of the first character; beyond ASCII under the remainder, as few rules begin there. */
export type RulesByFirst = readonly (readonly Candidate[] | undefined)[]

export function byFirstCharacter(rules: readonly Rule[]): RulesByFirst {
  const byFirst: Candidate[][] = []
  for (const { first, second, pattern, level } of rules) {
    const seconds = second === undefined ? new Uint8Array(128).fill(1) : codesOf(second)
    const candidate = { seconds, pattern, level: typeof level === 'string' ? () => level : level }
    for (const char of first) {
      const code = char.charCodeAt(0) & 127
      byFirst[code] = [...(byFirst[code] ?? []), candidate]
    }
  }
  return Array.from({ length: 128 }, (_, code) => byFirst[code])
}

function codesOf(characters: string): Uint8Array {
  const codes = new Uint8Array(128)
  for (const char of characters) codes[char.charCodeAt(0)] = 1
  return codes
}

/** The level of the first rule that matches at `at`. */
export function ruleAt(rules: RulesByFirst, text: string, at: number): Level | undefined {
  const candidates = rules[text.charCodeAt(at) & 127]
  if (candidates === undefined) return undefined
  const second = text.charCodeAt(at + 1) & 127
  for (let i = 0; i < candidates.length; i++) {
    const { seconds, pattern, level } = candidates[i] as Candidate
    if (seconds[second] !== 1) continue
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match !== null) return level(match[1] ?? '')
  }
  return undefined
}
