/**
 * Chance that can be repeated: numbers that follow from a key. What a container says in a minute follows from the seed,
 * its name and the minute, so a log need not be kept: it can be told again, the same, from anywhere in it.
 */

export interface Random {
  /** At least 0, below 1. */
  next(): number
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number
  chance(probability: number): boolean
  pick<T>(choices: readonly [T, ...T[]]): T
  /** `length` hex digits. */
  hex(length: number): string
}

export function random(...key: (string | number)[]): Random {
  let state = hash(key.join('/'))
  const next = () => {
    // mulberry32: 32 bits of state, one multiplication a number, good enough to look like chance.
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    int: (min, max) => min + Math.floor(next() * (max - min + 1)),
    chance: (probability) => next() < probability,
    pick: (choices) => choices[Math.floor(next() * choices.length)] ?? choices[0],
    hex: (length) => {
      let text = ''
      while (text.length < length)
        text += Math.floor(next() * 2 ** 24)
          .toString(16)
          .padStart(6, '0')
      return text.slice(0, length)
    },
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value
}
