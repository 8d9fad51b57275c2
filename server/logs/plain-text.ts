/** A message as a person sees it: without the escape sequences that only a terminal reads. */

// The sequences that the page drops (`web/log/ansi.ts`): CSI, OSC, the other string sequences, and short escapes; CSI, OSC
// and DCS also in one character (ECMA-48 §5.3: U+009B, U+009D, U+0090, and U+009C for their end). None scans past
// what may begin the next, so the time is linear in the text.
const SEQUENCES =
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x90\x9b-\x9d]*(?:\x07|\x1b\\|\x9c)|(?:\x1b[PX^_]|\x90)[^\x1b\x90\x9b-\x9d]*(?:\x1b\\|\x9c)|\x1b(?:[ -/]+[0-~]|[0-OQ-WYZ\\`-~])/g

/** Whether `message` may hold an escape sequence: a few nanoseconds a search, where a RegExp takes one a character. */
export function mayHoldSequences(message: string): boolean {
  return message.includes('\x1b') || message.includes('\x9b') || message.includes('\x9d') || message.includes('\x90')
}

/** `message` without escape sequences. An ESC that begins none stays, as the page shows it. */
export function plainText(message: string): string {
  return mayHoldSequences(message) ? message.replace(SEQUENCES, '') : message
}

/** Where the escape sequences of `message` stand, in order. */
export function sequencesIn(message: string): (readonly [start: number, end: number])[] {
  return [...message.matchAll(SEQUENCES)].map(({ 0: sequence, index }) => [index, index + sequence.length])
}
