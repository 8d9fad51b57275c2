/** What the page shows, live: the place, the containers, the log on screen, and the tab's one stream that feeds them. */
import { batch, createSignal } from 'solid-js'
import type { Container, ContainersEvent, GapEvent, Host, Line, StateEvent } from '../../server/wire.ts'
import { type Channel, ConnectionShare } from '../api/connection-share.ts'
import { takeEarly } from '../api/early.ts'
import { Inbox } from '../api/inbox.ts'
import { laterTask } from '../api/later-task.ts'
import type { Refusal } from '../api/refusal.ts'
import { createStream, type Stream, type StreamState } from '../api/stream.ts'
import { applyEvent, EMPTY_ROSTER } from '../containers/roster.ts'
import type { Heard } from '../containers/words.ts'
import { LogSession, type SessionStatus } from '../log/session.ts'
import { onDemand } from './on-demand.ts'
import {
  addressOf,
  type Look,
  lineQuery,
  lookOf,
  type Place,
  readPlace,
  selectionName,
  selectionQuery,
  showsOnlyMatches,
  titleOf,
} from './place.ts'

const HIDDEN_MS = 60_000 // a tab that nobody sees gives its connection back after this at the latest; resuming is exact
const ROSTER_MS = 30 // beside a log the list of containers comes two frames late, so that the first lines need not wait for it
const LEAVING_MS = 1500 // a container that is re-created is away for a second: its row does not blink
const TYPING_MS = 250 // what is typed, and leaves lines out, opens a stream: not for each letter
const TICK_MS = 10_000 // "up 3 min", "12 s ago" are right to within this

const NO_SESSION: SessionStatus = { phase: 'opening', empty: true, atStart: false }

const base = new URL(document.baseURI).pathname

const [place, setPlace] = createSignal<Place>(readPlace(location.pathname, location.search, base))
const [roster, setRoster] = createSignal(EMPTY_ROSTER)
const [now, setNow] = createSignal(Date.now())
const [streamState, setStreamState] = createSignal<StreamState>('connecting')
const [refusal, setRefusal] = createSignal<Refusal>()
/** The tab has given its stream back: nobody sees it, or other windows need the browser's connections. */
const [isAway, setAway] = createSignal(false)
const [session, setSession] = createSignal<LogSession>()
const [status, setStatus] = createSignal<SessionStatus>(NO_SESSION)

/** Hosts that do not answer, and when the page was told. */
const [silentSince, setSilentSince] = createSignal<ReadonlyMap<string, number>>(new Map())

export { isAway, now, place, refusal, roster, session, status, streamState }

/** The key of the container on screen. */
export function currentKey(): string | undefined {
  const at = place()
  return at.view === 'container' ? at.key : undefined
}

/** When a container's host last told of it: its times stop with that. */
export function heard({ host }: Container): Heard {
  const since = silentSince().get(host)
  return { at: since ?? now(), isAway: since !== undefined }
}

const inbox = new Inbox(() => performance.now(), laterTask())
let stream: Stream | undefined
const share = shareConnections()
let hiddenTimer: ReturnType<typeof setTimeout> | undefined

const loadFilters = onDemand(() => import('../log/filter-query.ts'))
/** Once it was loaded: makes the parameters of a search that leaves lines out. */
let filterQuery: ((look: Look) => Record<string, string>) | undefined

/** Which lines a place shows, as query parameters; undefined until {@link filterQuery} is there, if it takes that. */
function filterOf(at: Place): string | undefined {
  const shown = lookOf(at)
  const query = showsOnlyMatches(shown) ? filterQuery?.(shown) : lineQuery(shown)
  return query && new URLSearchParams(query).toString()
}

/** Opens the stream of the current place, instead of the one before. */
function connect(): void {
  const at = place()
  const filter = filterOf(at)
  if (filter === undefined) {
    void loadFilters().then((part) => {
      filterQuery = part?.filterQuery ?? lineQuery
      connect()
    })
    return
  }
  stream?.close()
  session()?.close()
  document.title = titleOf(at)
  const log =
    at.view === 'overview'
      ? undefined
      : new LogSession(keyOf(at), new Date(), {
          filter,
          elsewhere: at.look.at !== undefined,
          ...(at.view === 'merged' && { selection: selectionQuery(at.selection) }),
        })
  setSession(log)
  setStatus(log?.status ?? NO_SESSION)
  if (log !== undefined) {
    log.onStatus = setStatus
    log.onReopen = reopen
  }
  let wasOutOfMemory = false // the log's container: its last line says so before the list does
  stream = createStream({
    // Where the log is refused there is still the list, to go elsewhere from.
    address: () => (log?.status.refused ? undefined : log?.address()) ?? 'api/events',
    connect: (address) => takeEarly(address) ?? new EventSource(address),
    inbox,
    onState: (state, why) => {
      if (state === 'open') log?.connected()
      setStreamState(state)
      setRefusal(why)
    },
    onRefused: (why) => {
      log?.refused(why)
      if (log !== undefined) reopen()
    },
    events: {
      containers: (data) => {
        const event = data as ContainersEvent
        if (log === undefined) return rosterChanged(event)
        for (const { key, oomKilled } of toldIn(event)) if (key === log.key) wasOutOfMemory = oomKilled === true
        setTimeout(rosterChanged, ROSTER_MS, event)
      },
      message: (data, id) => log?.message(data as Line[], id),
      state: (data) => log?.state(data as StateEvent),
      gap: (data, id) => log?.gap(data as GapEvent, id),
      live: (_, id) => log?.live(id, wasOutOfMemory),
    },
  })
  setAway(isHidden())
  if (isAway()) return
  share?.claim()
  stream.open()
}

function isHidden(): boolean {
  return document.visibilityState === 'hidden'
}

/** Undefined where there is nothing to share: over HTTP/2 and 3 a browser has connections enough. */
function shareConnections(): ConnectionShare | undefined {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  if (/^h[23]/.test(navigation?.nextHopProtocol ?? '')) return undefined
  try {
    return new ConnectionShare({ channel: new BroadcastChannel('sluice') as Channel, isHidden, letGo })
  } catch {
    return undefined // storage is denied, and to Firefox this is of it
  }
}

function letGo(): void {
  setAway(true)
  stream?.close()
}

function reopen(): void {
  if (!isAway()) stream?.open()
}

/** The tab is turned to. What it waits for is tried at once: somebody may have signed in elsewhere. */
export function comeBack(): void {
  share?.claim()
  const isLive = !isAway() && streamState() !== 'lost'
  setAway(false)
  if (!isLive) stream?.open()
}

/** What goes, and the event that said so. */
const leaving = new Map<string, ContainersEvent>()

/** Takes in a `containers` event; what it removes goes a moment later, unless it is back by then. */
function rosterChanged(event: ContainersEvent): void {
  if (event.kind === 'snapshot') leaving.clear()
  for (const { key } of toldIn(event)) leaving.delete(key)
  batch(() => {
    setNow(Date.now())
    setSilentSince((before) => silentOf(event.hosts, before))
    if (event.kind === 'snapshot') setRoster((before) => applyEvent(before, event))
    else {
      const { removed = [], ...rest } = event
      setRoster((before) => applyEvent(before, rest))
      for (const key of removed) leaving.set(key, event)
      if (removed.length > 0) setTimeout(remove, LEAVING_MS, event)
    }
  })
}

function silentOf(
  hosts: readonly Host[] | undefined,
  before: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  if (hosts === undefined) return before
  const silent = hosts.filter(({ state }) => state !== 'connected')
  return new Map(silent.map(({ name }) => [name, before.get(name) ?? Date.now()]))
}

/** The containers that are there, or have changed. */
function toldIn(event: ContainersEvent): readonly Container[] {
  return event.kind === 'snapshot' ? event.containers : (event.changed ?? [])
}

/** Takes out what an event said is gone, and none has said is back: all at once, as there may be thousands. */
function remove(event: ContainersEvent): void {
  const removed = [...leaving.keys()].filter((key) => leaving.get(key) === event)
  for (const key of removed) leaving.delete(key)
  setRoster((before) => applyEvent(before, { kind: 'change', removed }))
}

/** Shows another place; the address bar follows. */
export function go(to: Place): void {
  if (addressOf(to) === addressOf(place())) return
  history.pushState(null, '', new URL(addressOf(to), document.baseURI))
  show(to)
}

/** Shows the container on screen in another way: a choice is a step of the history, what is typed is not. */
export function look(changes: Partial<Look>, how: 'push' | 'replace' = 'push'): void {
  const at = place()
  if (at.view === 'overview') return
  const to = { ...at, look: { ...at.look, ...changes } }
  if (addressOf(to) === addressOf(at)) return
  history[how === 'push' ? 'pushState' : 'replaceState'](null, '', new URL(addressOf(to), document.baseURI))
  show(to, how === 'replace' ? TYPING_MS : 0)
}

/** The address names what is looked at: a line's cursor, or nothing for the end. What is shown stays as it is. */
export function lookedAt(at: string | undefined): void {
  const from = place()
  if (from.view === 'overview' || from.look.at === at) return
  const to = { ...from, look: { ...from.look, at } }
  history.replaceState(null, '', new URL(addressOf(to), document.baseURI))
  setPlace(to)
}

let connecting: ReturnType<typeof setTimeout> | undefined

/** `delayMs`: before another stream is opened, should it take one. */
function show(to: Place, delayMs = 0): void {
  const from = place()
  const filter = filterOf(to)
  const isSame = filter !== undefined && filter === filterOf(from)
  const isShown = to.view === from.view && keyOf(to) === keyOf(from) && isSame
  if (isShown) {
    setPlace(to)
    const { at } = lookOf(to)
    if (connecting === undefined && at !== lookOf(from).at) void session()?.go(at === undefined ? 'end' : { at })
    return
  }
  clearTimeout(connecting)
  const open = () => {
    connecting = undefined
    connect()
  }
  if (delayMs > 0) {
    setPlace(to)
    connecting = setTimeout(open, delayMs)
  } else {
    batch(() => {
      setPlace(to)
      open()
    })
  }
}

/** What tells one log from another. */
function keyOf(at: Place): string {
  if (at.view === 'overview') return ''
  return at.view === 'merged' ? selectionName(at.selection) : at.key
}

connect()

addEventListener('popstate', () => show(readPlace(location.pathname, location.search, base)))

// Links to other places are ordinary links: they open in new tabs, can be copied, and here need no reload.
document.addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return
  const link = event.target instanceof Element ? event.target.closest('a') : null
  if (link === null || link.target !== '' || link.origin !== location.origin || link.hash !== '') return
  if (!link.pathname.startsWith(base)) return
  event.preventDefault()
  go(readPlace(link.pathname, link.search, base))
})

document.addEventListener('visibilitychange', () => {
  clearTimeout(hiddenTimer)
  if (!isHidden()) return comeBack()
  hiddenTimer = setTimeout(letGo, HIDDEN_MS)
  share?.hidden()
})
addEventListener('focus', comeBack)

// A network that has gone and come back leaves connections that look open and are dead.
addEventListener('online', reopen)

addEventListener('pagehide', () => share?.left())

// The browser has kept the page, but not its connection.
addEventListener('pageshow', (event) => {
  if (event.persisted) reopen()
})

setInterval(() => streamState() !== 'lost' && setNow(Date.now()), TICK_MS)
