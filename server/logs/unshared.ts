/**
 * Texts that do not keep others in memory: what is cut from a text is, for V8, a view of it, and one line so keeps the 64 KiB
 * that it was read with.
 */
import type { LogLine } from './line.ts'

const BEYOND_LATIN1 = /[^\0-\xff]/

/** The same text, that is no part of a longer one. */
export function unshared(text: string): string {
  const encoding = BEYOND_LATIN1.test(text) ? 'utf16le' : 'latin1' // either keeps every unit, and Latin-1 takes half the memory
  return Buffer.from(text, encoding).toString(encoding)
}

/** The same line, of such texts. */
export function unsharedLine(line: LogLine): LogLine {
  return { ...line, time: unshared(line.time), message: unshared(line.message) }
}
