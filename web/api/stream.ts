/**
 * The one EventSource of a tab, kept open. The browser reconnects by itself after a network error (and resumes, with
 * `Last-Event-ID`); after an answer that is no stream it gives up, and this file goes on, from the address that the
 * caller makes anew each time, so that it can hold the cursor reached.
 */
import type { Inbox } from './inbox.ts'

/** What is used of an EventSource. Named here so that tests can stand in for the browser. */
export interface Source {
  readonly readyState: number
  addEventListener(type: string, listener: (event: { data: string; lastEventId: string }) => void): void
  close(): void
}

export type StreamState = 'connecting' | 'open' | 'lost'

export interface StreamOptions {
  /** Asked anew for each connection that the browser does not make by itself. */
  address: () => string
  /** Receives each event's data, parsed, and the id that the stream has reached. */
  events: Record<string, (data: unknown, id: string) => void>
  onState: (state: StreamState) => void
  /** The server refuses the address, and says why. Unless the caller reopens another, it is asked again all the same. */
  onRefused?: (why: string) => void
  /** To ask why: an EventSource does not say. */
  fetch?: typeof fetch
  connect: (address: string) => Source
  inbox: Inbox
}

export interface Stream {
  /** Drops the connection and makes a new one, from a new address. */
  reopen(): void
  close(): void
}

const CLOSED = 2 // EventSource.CLOSED
const RETRY_MIN_MS = 500
const RETRY_MAX_MS = 15_000 // a proxy that answers 502 for an hour is still noticed to be back within seconds

/** The pause before attempt `n` (from 0): doubling, capped, the upper half of it random so that tabs do not come in step. */
export function retryDelay(attempt: number, random: number): number {
  const ceiling = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(attempt, 20))
  return ceiling / 2 + (ceiling / 2) * random
}

export function openStream(options: StreamOptions): Stream {
  let source: Source | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let attempt = 0

  const close = () => {
    clearTimeout(timer)
    source?.close()
    source = undefined
    options.inbox.clear() // what was received and not taken in comes again: addresses hold the cursor of what was
  }

  /** Once for each series of attempts. An answer of 503 or 429 passes by itself; the page says what is wrong by then. */
  const askWhy = async (address: string, isCurrent: () => boolean) => {
    const leave = new AbortController()
    try {
      const answer = await (options.fetch ?? fetch)(address, { signal: leave.signal })
      const problem: unknown = answer.status === 400 ? await answer.json() : undefined
      const why = typeof problem === 'object' && problem && 'detail' in problem ? String(problem.detail) : undefined
      if (why !== undefined && isCurrent()) options.onRefused?.(why)
    } catch {
      // The network, or an answer that is none of Sluice's: the state of the stream says so.
    } finally {
      leave.abort()
    }
  }

  const open = () => {
    close()
    const address = options.address()
    const mine = options.connect(address)
    source = mine
    mine.addEventListener('open', () => {
      if (mine !== source) return
      attempt = 0
      options.inbox.put(() => options.onState('open')) // after the last events of the connection before
    })
    mine.addEventListener('error', () => {
      if (mine !== source) return
      options.onState('lost')
      if (mine.readyState !== CLOSED) return
      if (attempt === 0) void askWhy(address, () => mine === source)
      timer = setTimeout(open, retryDelay(attempt++, Math.random()))
    })
    for (const [type, receive] of Object.entries(options.events)) {
      mine.addEventListener(type, (event) => {
        if (mine === source) options.inbox.put(() => receive(JSON.parse(event.data), event.lastEventId))
      })
    }
  }

  options.onState('connecting')
  open()
  return { reopen: open, close }
}
