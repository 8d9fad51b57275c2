/** Web addresses in the text of a line. Only http and https: what else a hostile line could make a link of stays text. */
import type { Run } from './ansi.ts'

export interface Link {
  href: string
  /** The host that it leads to, where the line writes another: to be shown beside it. */
  host: string | undefined
}

/** A run, or a part of one that is in a link or beside it. Those of a link have the same object. */
export interface Piece {
  run: Run
  link?: Link
}

// Ends at blanks, controls, their pictures, and quotes; and at a comma or bracket before the next address, which would not
// be one if it were of this. The character before it, if any, is none of a word.
const ADDRESS =
  /\bhttps?:\/\/(?:(?![,;，；、()[\]{}]https?:\/\/)[^\s"<>`|\\^\x00-\x20\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2400-\u2426])+/gi
const OPENERS = '([{'
const CLOSERS = ')]}'
/** What ends a sentence, or encloses an address, rather than being of it. */
const TRAILING = `.,;:!?'*_~…，。、；：！？${OPENERS}`

/** Runs as pieces that are in a link or in none, whatever looks an address is written in. */
export function linked(runs: readonly Run[]): Piece[] {
  const text = runs.map((run) => run.text).join('')
  const links = findLinks(text)
  if (links.length === 0) return runs.map((run) => ({ run }))
  const pieces: Piece[] = []
  let [at, next] = [0, 0]
  let link: Link | undefined
  for (const run of runs) {
    for (let from = 0; from < run.text.length; ) {
      const [start, end] = links[next] ?? [text.length, text.length]
      if (at === start) link = linkOf(text.slice(start, end))
      const to = Math.min(run.text.length, from + (at < start ? start : end) - at)
      const part = to - from === run.text.length ? run : { ...run, text: run.text.slice(from, to) }
      pieces.push(link ? { run: part, link } : { run: part })
      at += to - from
      from = to
      if (at < end) continue
      link = undefined
      next++
    }
  }
  return pieces
}

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

function linkOf(address: string): Link | undefined {
  const href = hrefOf(address)
  return href === undefined ? undefined : { href, host: hiddenHost(address) }
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

/**
 * The host to which an address leads, where it is written otherwise: a browser takes `www.аpple.com` with a Cyrillic `а` for
 * `www.xn--pple-43d.com`, and `http://2130706433` for 127.0.0.1; and what stands before an `@` is no host. Undefined where it
 * is there to be read.
 */
export function hiddenHost(address: string): string | undefined {
  const written = /\/\/([^/?#]*?)(?::\d*)?(?:[/?#]|$)/.exec(address)?.[1]
  const { hostname } = new URL(address)
  return written?.toLowerCase() === hostname ? undefined : hostname
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
