/** A message as a person sees it: without the escape sequences that only a terminal reads. */

/**
 * An escape sequence, in its form of seven bits (`ESC [`) or of eight (U+009B, ECMA-48 §5.3): CSI, whose parameters and
 * final character are groups 1 and 2; the strings (OSC, and DCS, SOS, PM, APC), which BEL or ST ends; the short escapes; ST
 * alone. What the page drops is what a search passes over: both read this.
 */
// No string scans past the next ESC or C1 control, so the time is linear in the text.
export const SEQUENCE =
  /(?:\x1b\[|\x9b)([0-?]*)[ -/]*([@-~])|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x80-\x9f]*(?:\x07|\x1b\\|\x9c)|\x1b(?:[ -/]+[0-~]|[0-OQ-WYZ\\`-~])|\x9c/g

/** Whether `message` may have a sequence. Eight searches for a character take a third less than one for a class of them. */
export function mayHaveSequences(message: string): boolean {
  return (
    message.includes('\x1b') ||
    message.includes('\x9b') ||
    message.includes('\x9d') ||
    message.includes('\x90') ||
    message.includes('\x98') ||
    message.includes('\x9e') ||
    message.includes('\x9f') ||
    message.includes('\x9c')
  )
}

/** `message` without escape sequences. An ESC that begins none stays, as the page shows it. */
export function plainText(message: string): string {
  return mayHaveSequences(message) ? message.replace(SEQUENCE, '') : message
}

/** Where the escape sequences of `message` stand, in order. */
export function sequencesIn(message: string): (readonly [start: number, end: number])[] {
  return [...message.matchAll(SEQUENCE)].map(({ 0: sequence, index }) => [index, index + sequence.length])
}
