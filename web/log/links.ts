/** Web addresses in the text of a line. Only http and https: what else a hostile line could make a link of stays text. */

// Ends at blanks, controls and quotes. The character before it, if any, is none of a word.
const ADDRESS = /\bhttps?:\/\/[^\s"<>`|\\^\x00-\x20\x7f-\x9f\u202a-\u202e\u2066-\u2069]+/gi
const OPENERS = '([{'
const CLOSERS = ')]}'
/** What ends a sentence, or encloses an address, rather than being of it. */
const TRAILING = `.,;:!?'*_~…，。、；：！？${OPENERS}`

/** Where addresses stand in a text, as ranges [start, end) in order. Linear in the text. */
export function findLinks(text: string): [start: number, end: number][] {
  const links: [number, number][] = []
  if (!text.includes('://')) return links
  for (const match of text.matchAll(ADDRESS)) {
    const host = match.index + match[0].indexOf('//') + 2
    const end = addressEnd(text, host, match.index + match[0].length)
    if (end > host) links.push([match.index, end])
  }
  return links
}

/** What a link leads to; undefined for what is no address of http or https after all. */
export function hrefOf(text: string): string | undefined {
  try {
    const url = new URL(text)
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined
  } catch {
    return undefined // `http://[` and the like: shown, and leads nowhere
  }
}

/** Ends at a closing bracket which nothing in the address opened: that is the text's. */
function addressEnd(text: string, start: number, limit: number): number {
  const open: Record<string, number> = {}
  let end = start
  for (; end < limit; end++) {
    const char = text.charAt(end)
    if (OPENERS.includes(char)) open[char] = (open[char] ?? 0) + 1
    const opener = OPENERS[CLOSERS.indexOf(char)]
    if (opener === undefined) continue
    const left = (open[opener] ?? 0) - 1
    if (left < 0) break
    open[opener] = left
  }
  while (end > start && TRAILING.includes(text.charAt(end - 1))) end--
  return end
}
