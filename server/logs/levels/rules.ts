/** Tables of patterns, each tried only on lines that begin with a character that it can begin with. */
import type { Level } from '../../wire.ts'

export interface Rule {
  readonly example: string
  /** The characters that `pattern` can begin with: what keeps it off all other lines. */
  readonly first: string
  /** Sticky. Its repetitions are bounded or part by a character that ends them, so that its cost stays linear. */
  readonly pattern: RegExp
  /** The level, or the one of what the pattern's first group matched. */
  readonly level: Level | ((mark: string) => Level | undefined)
}

/** By the code of the first character; beyond ASCII under the remainder, as few rules begin there. */
export type RulesByFirst = readonly (readonly Rule[] | undefined)[]

export function byFirstCharacter(rules: readonly Rule[]): RulesByFirst {
  const byFirst: Rule[][] = Array.from({ length: 128 })
  for (const rule of rules) {
    for (const char of rule.first) {
      const code = char.charCodeAt(0) & 127
      byFirst[code] = [...(byFirst[code] ?? []), rule]
    }
  }
  return byFirst
}

/** The level of the first rule that matches at `at`. */
export function ruleAt(rules: RulesByFirst, text: string, at: number): Level | undefined {
  const candidates = rules[text.charCodeAt(at) & 127]
  if (candidates === undefined) return undefined
  for (const { pattern, level } of candidates) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match !== null) return typeof level === 'string' ? level : level(match[1] ?? '')
  }
  return undefined
}
