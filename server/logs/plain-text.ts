/** A message as a person sees it: without the escape sequences that only a terminal reads. */

// The sequences that the page drops (`web/log/ansi.ts`): CSI, OSC, the other string sequences, and short escapes. None
// scans past the next ESC, so the time is linear in the text.
const SEQUENCES =
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -/]+[0-~]|[0-OQ-WYZ\\`-~])/g

/** `message` without escape sequences. An ESC that begins none stays, as the page shows it. */
export function plainText(message: string): string {
  return message.includes('\x1b') ? message.replace(SEQUENCES, '') : message
}

/** Where the escape sequences of `message` stand, in order. */
export function sequencesIn(message: string): (readonly [start: number, end: number])[] {
  return [...message.matchAll(SEQUENCES)].map(({ 0: sequence, index }) => [index, index + sequence.length])
}
