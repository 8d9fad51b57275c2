// What cannot wait for the page's module: the theme, which has to be set before the first paint, and the stream, whose
// first lines are on their way while the module is loaded. A file of its own, since the Content-Security-Policy allows no
// inline script. `api/early.ts` takes the stream over, if its address is the one that the page would ask for.
try {
  const theme = localStorage.getItem('sluice.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.setAttribute('data-theme', theme)
} catch {
  // Storage is denied: the system's theme it is.
}

try {
  const path = location.pathname.slice(new URL(document.baseURI).pathname.length)
  const name = /^containers\/([^/]+)\/?$/.exec(path)?.[1]
  const address = name
    ? `api/containers/${encodeURIComponent(decodeURIComponent(name))}/logs/stream?containers=true&wait=true&tail=500`
    : 'api/events'
  // What a query asks for, search, levels, a place in the past, is the module's to know. A tab that was opened in the
  // background takes no connection until it is looked at.
  if (location.search === '' && document.visibilityState !== 'hidden') openEarly(address)
} catch {
  // A name that cannot be decoded: the page's module says so.
}

/** @param {string} address */
function openEarly(address) {
  const source = new EventSource(address)
  /** @type {Event[]} */
  const events = []
  const taken = new AbortController()
  for (const type of ['open', 'error', 'containers', 'message', 'state', 'gap', 'live']) {
    source.addEventListener(type, (event) => void events.push(event), { signal: taken.signal })
  }
  Object.assign(window, { sluiceEarly: { address, source, events, taken } })
  // The module may wait for this very connection: windows that open together can take all that a browser makes to a host.
  setTimeout(() => taken.signal.aborted || source.close(), 5000)
}
