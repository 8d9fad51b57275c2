/** The same text, that is no part of a longer one and does not keep it from being collected. */
export function unshared(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le')
}
