const NON_ASCII = /[^\0-\x7f]/

/** Whether a text has no other characters, so that its bytes are its characters. */
export function isAscii(text: string): boolean {
  return !NON_ASCII.test(text)
}
