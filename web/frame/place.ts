/** The URL is the page's state: which view an address names, and back. Pure; relative to the base path that the server set. */

export type Place = { view: 'overview' } | { view: 'container'; key: string }

/** The view that a path names. Whatever names none is the overview. */
export function readPlace(pathname: string, base: string): Place {
  const path = pathname.startsWith(base) ? pathname.slice(base.length) : ''
  const match = /^containers\/([^/]+)\/?$/.exec(path)
  return match?.[1] === undefined ? { view: 'overview' } : { view: 'container', key: decode(match[1]) }
}

/** A view's address, relative to the base. */
export function addressOf(place: Place): string {
  return place.view === 'overview' ? './' : `containers/${encodeURIComponent(place.key)}`
}

export function titleOf(place: Place): string {
  return place.view === 'overview' ? 'Sluice' : `${place.key} · Sluice`
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a stray %: a name that nobody carries, which the page then says
  }
}
