/**
 * The one EventSource of a tab, kept open. The browser reconnects by itself after a network error (and resumes, with
 * `Last-Event-ID`); after an answer that is no stream it gives up, and this file goes on, from the address that the
 * caller makes anew each time, so that it can hold the cursor reached.
 */
import type { Inbox } from './inbox.ts'
import { type Refusal, refusalOf } from './refusal.ts'

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
  /** `refusal`: why it is lost, where that is known. */
  onState: (state: StreamState, refusal?: Refusal) => void
  /** Sluice refuses the address, and says why. Unless the caller opens another, it is asked again all the same. */
  onRefused?: (why: string) => void
  /** To ask why: an EventSource does not say. */
  fetch?: typeof fetch
  connect: (address: string) => Source
  inbox: Inbox
}

export interface Stream {
  /** Makes a connection, from a new address, and drops the one before. */
  open(): void
  close(): void
}

const CLOSED = 2 // EventSource.CLOSED
const ASK_MS = 5_000 // until a proxy that does not answer is asked no longer why
const RETRY_MIN_MS = 500
const RETRY_MAX_MS = 15_000 // a proxy that answers 502 for an hour is still noticed to be back within seconds

/** The pause before attempt `n` (from 0): doubling, capped, the upper half of it random so that tabs do not come in step. */
export function retryDelay(attempt: number, random: number): number {
  const ceiling = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(attempt, 20))
  return ceiling / 2 + (ceiling / 2) * random
}

/** Nothing is open until `open` is called. */
export function createStream(options: StreamOptions): Stream {
  let source: Source | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let attempt = 0
  let refusal: Refusal | undefined

  const close = () => {
    clearTimeout(timer)
    source?.close()
    source = undefined
    options.inbox.clear() // what was received and not taken in comes again: addresses hold the cursor of what was
  }

  const askWhy = async (address: string): Promise<Refusal | undefined> => {
    const leave = new AbortController()
    const late = setTimeout(() => leave.abort(), ASK_MS)
    try {
      return await refusalOf(await (options.fetch ?? fetch)(address, { redirect: 'manual', signal: leave.signal }))
    } catch {
      return undefined // the network: the state of the stream says so
    } finally {
      clearTimeout(late)
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
      refusal = undefined
      options.inbox.put(() => options.onState('open')) // after the last events of the connection before
    })
    mine.addEventListener('error', async () => {
      if (mine !== source) return
      const isNetwork = mine.readyState !== CLOSED
      if (isNetwork) refusal = undefined
      options.onState('lost', refusal)
      if (isNetwork) return
      refusal = await askWhy(address)
      if (mine !== source) return
      options.onState('lost', refusal)
      timer = setTimeout(open, retryDelay(attempt++, Math.random()))
      if (refusal?.isFinal) options.onRefused?.(refusal.words)
    })
    for (const [type, receive] of Object.entries(options.events)) {
      mine.addEventListener(type, (event) => {
        if (mine === source) options.inbox.put(() => receive(JSON.parse(event.data), event.lastEventId))
      })
    }
  }

  options.onState('connecting')
  return { open, close }
}
