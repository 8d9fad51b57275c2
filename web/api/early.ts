/** Takes over the stream that `public/early.js` opened before this module was loaded, with what it has brought so far. */

interface Early {
  address: string
  source: EventSource
  /** What came until now, in order. */
  events: Event[]
  /** Ends the collecting. */
  taken: AbortController
}

declare global {
  interface Window {
    sluiceEarly?: Early
  }
}

/** The early stream, when its address is the one wanted, and it was not given up. Its events are fired again once the caller listens to it. */
export function takeEarly(address: string): EventSource | undefined {
  const early = window.sluiceEarly
  if (early === undefined) return undefined
  delete window.sluiceEarly
  early.taken.abort()
  if (early.address !== address || early.source.readyState === EventSource.CLOSED) {
    early.source.close()
    return undefined
  }
  queueMicrotask(() => {
    for (const event of early.events) early.source.dispatchEvent(event)
  })
  return early.source
}
