/**
 * A Docker-compatible engine: found, connected, watched, and found again when it was lost. Its picture of containers
 * stays while it is away, and is repaired by listing when it is back.
 */
import { EventEmitter, once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { Logger } from 'pino'
import { incarnationOf } from '../logs/cursor.ts'
import type { LineDecoder } from '../logs/decoder.ts'
import { MultiplexedDecoder } from '../logs/multiplexed.ts'
import { earlier, timeNow } from '../logs/time.ts'
import { TtyDecoder } from '../logs/tty.ts'
import type { Container, ContainerState, EngineProblem, Host, Run } from '../wire.ts'
import { BackOff } from './back-off.ts'
import { CatchUp } from './catch-up.ts'
import { Connection, type Identity, isForbidden } from './connection.ts'
import {
  type Change,
  type Engine,
  EngineError,
  type EngineEvents,
  type Happening,
  type LogRead,
  type ReadOptions,
} from './engine.ts'
import { type ContainerEvent, exitCodeOf, readEvents, STATE_OF_ACTION } from './events.ts'
import type { Endpoint } from './find.ts'
import { Inspections } from './inspections.ts'
import { KnownRuns } from './known-runs.ts'
import { ResponseLogRead } from './log-read.ts'
import { fromInspection, fromListing, healthOf, type Known, Picture } from './picture.ts'
import { explain } from './problem.ts'
import { Refusals } from './refusals.ts'
import { compare, relisted } from './relisting.ts'
import type { RequestName } from './requests.ts'
import { RunHistory } from './run-history.ts'
import { openTailOfWhole } from './tail-of-whole.ts'
import { Turns } from './turns.ts'
import { KnownDamage, WholeLogRead } from './whole-log-read.ts'

const PING_EVERY_MS = 10_000 // with its deadline: a daemon that hangs is noticed within 20 s
const STALL_MS = 15_000 // a read of history that brings nothing for so long has failed
/** A read of so few pieces is over in some milliseconds, and does not wait for its turn. */
const SHORT_PIECES = 1_024
/** Versions whose `tail=` loses pieces, and glues others together (seen with 4.3.1). */
const BROKEN_TAIL = /^Podman [1-4]\./
const LOOK_AGAIN_MS = 3_000 // while the demo is shown, for a real engine
const POLL_MS = 2_500 // between two listings, where a proxy forbids the event stream
const POLL_SHARE = 4 // an engine that takes long to list is asked less often: a quarter of the time at most
const NEWCOMERS_MS = 1_000 // between two listings for containers that cannot be inspected
const EVENTS_AGAIN_MS = 30_000 // somebody may have allowed them
const LOOK_MS = 1_000 // some hundred inspections, or one that waits for a start; after it the engine is shown all the same
const READY_MS = 2_000
/** How far back it is asked who had which name. Docker remembers 256 events; Podman may have kept years. */
const MEMORY_MS = 24 * 3_600_000
const SLICE = 500 // containers that are taken in or told of in one go: some milliseconds
const FAR_AHEAD_MS = 24 * 3_600_000
const MOST_UNANSWERED = 5 // in a row; a fault is over by then, and what is left does not know the question
/** What tells who has a name. */
const OF_NAMES: ReadonlySet<Happening['state']> = new Set(['created', 'renamed'])
/** States in which a container's last line may still get its end. */
const WRITING: ReadonlySet<ContainerState> = new Set(['running', 'paused'])

export interface DockerEngineOptions {
  /** Where to look, asked anew for each attempt. */
  readonly endpoints: () => Promise<Endpoint[]>
  /** The demo engine's endpoint, where no other answers. */
  readonly fallback?: () => Promise<Endpoint>
  readonly log: Logger
}

interface Found {
  readonly connection: Connection
  readonly identity: Identity
  /** The host's: as the engine says, or what it said before. */
  readonly name: string
  readonly demo: boolean
}

/** The event stream, and since when it tells. Without a body: a proxy forbids it. */
interface Subscription {
  readonly from: string
  readonly body: IncomingMessage | undefined
}

export class DockerEngine extends EventEmitter<EngineEvents> implements Engine {
  readonly ready: Promise<void>
  readonly #options: DockerEngineOptions
  readonly #closing = new AbortController()
  #host: Host = { name: 'localhost', state: 'connecting', problems: [] }
  #picture = new Picture('localhost')
  #catchUp = new CatchUp()
  #untold: Happening[] = []
  /** When the last event happened that was heard of. */
  #heard: string | undefined
  /** When the last event happened that was asked for: the stream may bring it once more. */
  #asked = ''
  /** How often, one time after the other, it did not answer that. */
  #unanswered = 0
  #connection: Connection | undefined
  #inspections: Inspections | undefined
  /** A proxy forbids the event stream: listings tell what happens. */
  #isPolling = false
  #newcomersTimer: NodeJS.Timeout | undefined
  readonly #refusals: Refusals
  /** Addresses of engines whose containers could not be listed, as that is forbidden. */
  readonly #unlistable = new Set<string>()
  /** By address. */
  readonly #names = new Map<string, string>()
  readonly #turns = new Turns(() => this.#follows > 0)
  /** Of any log, that are open. */
  #follows = 0
  readonly #runs = new KnownRuns()
  readonly #history = new RunHistory()
  /** By id. */
  readonly #damage = new Map<string, KnownDamage>()
  /** Aborted when the daemon hangs or another engine takes its place: what was asked of it will not be answered. */
  #gone = new AbortController()

  constructor(options: DockerEngineOptions) {
    super({ captureRejections: false })
    this.setMaxListeners(0) // one for each feed and session
    this.#options = options
    this.#refusals = new Refusals(options.log)
    this.ready = Promise.race([this.#hasHosts(), delay(READY_MS, undefined, { ref: false })])
    void this.#run()
  }

  hosts(): Host[] {
    return [this.#host]
  }

  containers(): Container[] {
    return this.#picture.containers()
  }

  find(key: string): Container | undefined {
    const known = this.#picture.find(key)
    if (known && !known.form) this.#inspections?.prefer(known.container.id) // somebody looks at it
    return known?.container
  }

  get(id: string): Container | undefined {
    return this.#picture.get(id)?.container
  }

  runs(id: string): Run[] {
    return this.#history.of(id, incarnationOf(id))
  }

  keptBytes(id: string): number | undefined {
    return this.#picture.get(id)?.form?.keptBytes
  }

  readLines(id: string, options: ReadOptions): Promise<LogRead> {
    return this.#open(id, false, options)
  }

  followLines(id: string, options: ReadOptions): Promise<LogRead> {
    return this.#open(id, true, options)
  }

  close(): void {
    this.#closing.abort()
    this.#gone.abort(new EngineError('cut', 'Sluice is stopping'))
  }

  async #open(id: string, follow: boolean, options: ReadOptions): Promise<LogRead> {
    const form = this.#picture.get(id)?.form ?? fromInspection(await this.#connected.inspect(id), this.#host.name).form
    const known = this.#damage.get(id) ?? new KnownDamage()
    this.#damage.set(id, known)
    const openAnswer = (tail: number | 'all', follows: boolean) =>
      this.#openAnswer(id, form, follows, { ...options, tail })
    const open = async (tail: number | 'all', follows: boolean) => {
      if (tail === 'all' || !BROKEN_TAIL.test(this.#host.version ?? '')) return openAnswer(tail, follows)
      return openTailOfWhole({ tail, follow: follows, open: (all) => openAnswer('all', all) })
    }
    const isFramed = form?.tty === false
    return WholeLogRead.open({ tail: options.tail, follow, known, after: options.after, isFramed, open })
  }

  get #connected(): Connection {
    if (!this.#connection) throw new EngineError('unreachable', 'Docker is not connected')
    return this.#connection
  }

  async #openAnswer(id: string, form: Known['form'], follow: boolean, options: ReadOptions): Promise<LogRead> {
    const connection = this.#connected
    const signal = AbortSignal.any([options.signal, this.#gone.signal])
    const next = () => this.#turns.take(signal)
    const isLong = options.tail === 'all' || options.tail > SHORT_PIECES
    const turn = isLong && !follow ? { first: await next(), next } : undefined
    const response = await connection.logs(id, follow, { ...options, signal }).catch((error: unknown) => {
      turn?.first.give()
      if (!(error instanceof EngineError && error.code === 'unreadable-driver')) throw error
      throw new EngineError('unreadable-driver', error.message, { cause: error, driver: form?.driver })
    })
    if (follow) this.#count(response)
    const isWriting = () => WRITING.has(this.#picture.get(id)?.container.state ?? 'removing')
    return new ResponseLogRead(response, this.#decoder(id, form?.tty === true, options), {
      isAtRest: () => !isWriting(),
      ...(!isWriting() && { confirmEmpty: () => confirmThere(connection, id) }),
      ...(!follow && { stallMs: STALL_MS }),
      ...(turn && { turn }),
    })
  }

  #decoder(id: string, tty: boolean, { mayHaveWanted }: ReadOptions): LineDecoder {
    if (!tty)
      return new MultiplexedDecoder({
        endsWithNewlineOnly: this.#host.version?.startsWith('Podman') ?? false,
        mayHaveWanted,
      })
    const mayHaveStarted = (after: string, until: string) => this.#runs.mayHaveStarted(id, after, until)
    return new TtyDecoder({ mayHaveStarted })
  }

  #count(follow: IncomingMessage): void {
    this.#follows++
    follow.once('close', () => {
      this.#follows--
    })
  }

  /** Resolves with the first word of whether an engine answers. */
  async #hasHosts(): Promise<void> {
    for (let hosts: Host[] | undefined; !hosts; ) [{ hosts }] = (await once(this, 'change')) as [Change]
  }

  async #run(): Promise<void> {
    const backOff = new BackOff()
    const { signal } = this.#closing
    while (!signal.aborted) {
      const found = await this.#locate()
      if (signal.aborted) return
      if (found) {
        const since = Date.now()
        const { address } = found.connection.endpoint
        await this.#watch(found).catch((error: unknown) => {
          if (isForbidden(error)) this.#unlistable.add(address)
          else if (!signal.aborted) this.#options.log.warn({ error: String(error) }, 'lost Docker; reconnecting')
        })
        if (Date.now() - since > 10_000) backOff.reset() // an engine that answers and fails at once is not hurried
        if (!signal.aborted) this.#setHost({ ...this.#host, state: 'connecting' })
      }
      await delay(backOff.next(), undefined, { signal }).catch(() => {})
    }
  }

  /** The first endpoint that answers, else the demo; undefined when there is neither. */
  async #locate(): Promise<Found | undefined> {
    const { problems, found } = await this.#probe()
    if (found) return found
    const demo = await this.#fallBack(problems)
    if (demo) return demo
    if (JSON.stringify(problems) !== JSON.stringify(this.#host.problems)) {
      const unnamed = problems.filter(({ code }) => code !== 'forbidden')
      for (const { address, detail } of unnamed) this.#options.log.warn({ address }, detail)
    }
    this.#setHost({ ...this.#host, state: 'unreachable', problems })
    return undefined
  }

  async #fallBack(problems: EngineProblem[]): Promise<Found | undefined> {
    try {
      const endpoint = await this.#options.fallback?.()
      if (!endpoint) return undefined
      const found = await this.#identify(endpoint, true)
      this.#host = { ...this.#host, demo: true, problems }
      return found
    } catch (error) {
      // It needs a folder for its socket, which a container with a read-only root does not have by itself.
      problems.push({ code: 'failed', address: 'demo', detail: `Can't start the demo: ${messageOf(error)}` })
      return undefined
    }
  }

  async #probe(): Promise<{ problems: EngineProblem[]; found?: Found }> {
    const problems: EngineProblem[] = []
    let endpoints: Endpoint[] = []
    try {
      endpoints = await this.#options.endpoints()
    } catch (error) {
      problems.push({
        code: 'failed',
        address: 'settings',
        detail: messageOf(error),
      })
    }
    for (const endpoint of endpoints) {
      try {
        return { problems, found: await this.#identify(endpoint, false) }
      } catch (error) {
        problems.push(await explain(endpoint, error))
      }
    }
    return { problems }
  }

  async #identify(endpoint: Endpoint, demo: boolean): Promise<Found> {
    const { address, host = 'localhost' } = endpoint
    const connection: Connection = new Connection(endpoint, {
      onAnswer: (name, refusal) => this.#onAnswer(connection, name, refusal),
    })
    const identity = await connection.identify()
    if (this.#unlistable.has(address)) await connection.mayList()
    this.#unlistable.delete(address)
    // An engine that is too busy to say its name is not another one.
    if (identity.name !== undefined) this.#names.set(address, identity.name)
    return { connection, identity, name: this.#names.get(address) ?? host, demo }
  }

  #onAnswer(connection: Connection, name: RequestName, refusal: EngineError | undefined): void {
    const { address } = connection.endpoint
    const isNews = refusal ? this.#refusals.add(address, name, refusal) : this.#refusals.remove(address, name)
    const { state, demo } = this.#host
    if (isNews && connection === this.#connection && state === 'connected' && !demo)
      this.#setHost({ ...this.#host, problems: this.#refusals.problems(address) })
  }

  /** Serves one connected engine until it is lost; always throws, with the reason. */
  async #watch(found: Found): Promise<void> {
    const { connection, demo } = found
    const lost = new AbortController()
    const signal = AbortSignal.any([lost.signal, this.#closing.signal])
    const timer = setInterval(() => {
      connection.ping().catch((error: unknown) => {
        this.#loseReads(new EngineError('timeout', 'Docker hangs'))
        lost.abort(error)
      })
    }, PING_EVERY_MS)
    const lookout =
      demo && setInterval(() => void this.#probe().then(({ found: real }) => real && lost.abort()), LOOK_AGAIN_MS)
    const inspections = this.#inspect(connection)
    try {
      // Subscribed before listing, so that what happens in between is in the stream.
      let subscription = await this.#subscribe(connection, signal)
      for (;;) {
        await this.#takeOver(found, subscription)
        if (subscription.body) break
        subscription = await this.#poll(connection, signal)
      }
      const onOdd = (reason: string) => this.#leftOut(connection, 'an event', reason)
      for await (const event of readEvents(subscription.body, onOdd)) this.#apply(event)
      throw new EngineError('cut', 'Docker ended the event stream')
    } finally {
      clearInterval(timer)
      if (lookout) clearInterval(lookout)
      lost.abort()
      // What they would tell is news for the next look at everything, which starts from how it was before.
      inspections.close()
      this.#inspections = undefined
      this.#isPolling = false
    }
  }

  async #subscribe(connection: Connection, signal: AbortSignal): Promise<Subscription> {
    const from = timeNow()
    // Of an engine whose clock is ahead it would bring again what was heard.
    const since = (this.#heard ?? '') < from ? from : undefined
    try {
      return { from, body: await connection.events(since, signal) }
    } catch (error) {
      if (isForbidden(error)) return { from, body: undefined }
      throw error
    }
  }

  /** Lists, and tells what changed since the picture that was there before; what happens from then on the stream tells. */
  async #takeOver({ connection, identity, name, demo }: Found, { from, body }: Subscription): Promise<void> {
    const before = this.#picture
    const another = before.host !== name
    if (another) {
      this.#loseReads(new EngineError('cut', 'another Docker engine took its place'))
      this.#catchUp = new CatchUp()
      this.#untold = []
      this.#heard = undefined
    }
    const isFirst = this.#heard === undefined
    const isOfKnown = ({ id, at }: Happening) => !isFirst && at < from && before.get(id) !== undefined
    const past = body ? await this.#missed(connection, this.#heard ?? earlier(timeNow(), MEMORY_MS)) : []
    const missed = past.filter((happening) => OF_NAMES.has(happening.state) || isOfKnown(happening))
    const asked = timeNow()
    // Not before: a listing that does not know of a rename yet would give the name back to who lost it.
    const listed = await this.#list(connection, name)
    await nextTurn()
    const last = missed.at(-1)
    // What happened since the first look at it is news, and told by the stream.
    if (last && !isFirst) this.#asked = last.at
    this.#heard = last?.at ?? this.#heard ?? timeNow()
    const picture = new Picture(name)
    const remembered = byId(missed.filter(({ state }) => !OF_NAMES.has(state)))
    for (const [index, known] of listed.entries()) {
      if (index % SLICE === SLICE - 1) await nextTurn()
      const { id } = known.container
      const old = another ? undefined : before.get(id)
      picture.set(old ? relisted(old, known) : known)
      if (old) this.#catchUp.expect(old.container, { remembered: remembered.get(id) ?? [] })
    }
    // Without events, what the listings show is all that tells who has lost a name.
    if (!body && !another && !isFirst) {
      missed.push(...compare(before, listed, asked).happenings.filter(({ state }) => state === 'renamed'))
    }
    this.#picture = picture
    this.#connection = connection
    const isListed = new Set(listed.map(({ container }) => container.id))
    for (const { id, state, at } of past) if (state === 'started' && isListed.has(id)) this.#runs.add(id, at)
    this.#history.keep(isListed)
    const inspected = this.#inspections?.askAll(isListed)
    // A log that is read again brings what the container wrote after a restart: that must be known by then.
    if (before.size > 0) await Promise.race([inspected, delay(LOOK_MS)])
    else await nextTurn()
    for (const happening of missed) {
      // Of one that is gone, what it did last comes before who has its name now: a name's containers are told in their order.
      if (!OF_NAMES.has(happening.state) && isListed.has(happening.id)) continue
      if (isFirst) this.emit('happened', { ...happening, isPast: true })
      else if (!isKnownBirth(happening, picture)) this.emit('happened', happening)
    }
    const changed = await this.#tellMost([...picture.all()], picture)
    const { problems } = this.#host
    this.#host = {
      name,
      state: 'connected',
      version: identity.version,
      problems: demo ? problems : this.#refusals.problems(connection.endpoint.address),
      ...(demo && { demo: true as const }),
    }
    const removed = [...before.all()].filter(({ key }) => !picture.find(key))
    this.emit('change', { hosts: [this.#host], changed, removed: removed.map(({ key }) => key) })
    this.#tell(this.#untold.splice(0))
    for (const { id } of before.all()) {
      if (picture.get(id)) continue
      this.#forget(id)
      this.#tell(this.#catchUp.release(id))
    }
    for (const { key, id } of removed) this.emit('happened', { key, id, state: 'removed', at: timeNow() })
  }

  /** Of thousands only the last are left to be told with the host: the others are told before, as that takes its time. */
  async #tellMost(containers: Container[], picture: Picture): Promise<Container[]> {
    let at = 0
    for (; containers.length - at > SLICE; at += SLICE) {
      const slice = containers.slice(at, at + SLICE)
      this.emit('change', { changed: slice.flatMap(({ id }) => picture.get(id)?.container ?? []) })
      await nextTurn()
    }
    return containers.slice(at).flatMap(({ id }) => picture.get(id)?.container ?? [])
  }

  #list(connection: Connection, host: string): Promise<Known[]> {
    const onOdd = (reason: string) => this.#leftOut(connection, 'a container in the list', reason)
    return connection.list((entry) => fromListing(entry, host), onOdd)
  }

  #leftOut(connection: Connection, what: string, reason: string): void {
    this.#refusals.odd(connection.endpoint.address, what, reason)
  }

  /** Lists again and again, where a proxy forbids the event stream, until it does not. Throws when the engine is lost. */
  async #poll(connection: Connection, signal: AbortSignal): Promise<Subscription & { body: IncomingMessage }> {
    let [asked, wait] = [Date.now(), POLL_MS]
    this.#isPolling = true
    for (;;) {
      await delay(wait, undefined, { signal })
      const start = performance.now()
      await this.#relist(connection)
      wait = Math.max(POLL_MS, POLL_SHARE * (performance.now() - start))
      if (Date.now() - asked < EVENTS_AGAIN_MS) continue
      const { from, body } = await this.#subscribe(connection, signal)
      if (body) {
        this.#isPolling = false
        return { from, body }
      }
      asked = Date.now()
    }
  }

  /** Lists, and tells what that shows to have happened since the last look. */
  async #relist(connection: Connection): Promise<void> {
    const at = timeNow()
    const before = this.#picture
    const listed = await this.#list(connection, before.host)
    const { known, changed, happenings, expected, stale } = compare(before, listed, at)
    const isListed = new Set(known.map(({ container }) => container.id))
    const gone = [...before.all()].filter(({ id }) => !isListed.has(id))
    for (const { before: container, implied } of expected) this.#catchUp.expect(container, { implied })
    const renamed = changed.flatMap(({ container: { id, key } }) => {
      const old = before.get(id)?.container.key
      return old !== undefined && old !== key ? [old] : []
    })
    for (const one of known) if (before.get(one.container.id) !== one) before.set(one)
    for (const { id } of gone) before.delete(id)
    const lost = gone.filter(({ key }) => !before.find(key))
    const removed = [...renamed, ...gone.map(({ key }) => key)].filter((key) => !before.find(key))
    for (const happening of happenings) this.emit('happened', happening)
    const current = changed.map(({ container }) => before.find(container.key)?.container ?? container)
    if (changed.length + removed.length > 0) this.emit('change', { changed: current, removed })
    for (const { id } of gone) {
      this.#forget(id)
      this.#tell(this.#catchUp.release(id))
    }
    for (const { key, id } of lost) this.emit('happened', { key, id, state: 'removed', at })
    this.#heard = at
    const hasChanged = new Set(changed.map(({ container }) => container.id))
    for (const id of stale) if (hasChanged.has(id) || !this.#inspections?.isGone(id)) this.#inspections?.ask(id)
  }

  /**
   * How names passed on while nobody listened, and who started and died, as far as the engine remembers. Rejects when it
   * does not answer: who had a name between two would not be known to be missing. One that never does is taken as it is.
   */
  async #missed(connection: Connection, since: string): Promise<Happening[]> {
    const missed: Happening[] = []
    try {
      const body = await connection.pastEvents(since, timeNow(), AbortSignal.timeout(LOOK_MS))
      for await (const { id, action, attributes, at } of readEvents(body)) {
        const { name } = attributes
        if (at === undefined || at <= since || name === undefined || isFarAhead(at)) continue
        this.#history.event({ id, action, attributes, at })
        if (action === 'create') missed.push({ key: name, id, state: 'created', at })
        if (action === 'rename')
          missed.push({ key: nameBefore(attributes) ?? name, to: name, id, state: 'renamed', at })
        if (action === 'start') missed.push({ key: name, id, state: 'started', at })
        if (action === 'die') missed.push({ key: name, id, state: 'died', at, ...exitCodeOf(attributes) })
      }
    } catch (error) {
      if (isForbidden(error)) return []
      this.#options.log.debug({ error: String(error) }, 'could not read past events')
      if (++this.#unanswered < MOST_UNANSWERED) throw error
      return []
    }
    this.#unanswered = 0
    return missed
  }

  #apply(event: ContainerEvent): void {
    const { id, action, attributes, at } = event
    this.#history.event(event)
    const [verb = '', detail = ''] = action.split(': ')
    const state = STATE_OF_ACTION[verb]
    if (!state) return
    const known = this.#picture.get(id)
    const name = attributes['name'] ?? known?.container.name
    const isRenamed = state === 'renamed'
    // Without its time or its name an event tells that there is something to look at, and no more.
    if (at === undefined || name === undefined || (isRenamed && attributes['name'] === undefined)) {
      this.#inspections?.ask(id)
      return
    }
    if (!isFarAhead(at)) this.#heard = at
    if (state === 'removed') {
      this.#remove(id)
    } else {
      if (known) this.#patch(known, state, name, attributes, at)
      this.#inspections?.ask(id)
    }
    const happening: Happening = {
      key: isRenamed ? (nameBefore(attributes) ?? known?.container.key ?? name) : name,
      id,
      state,
      at,
      ...(isRenamed && { to: name }),
      ...(state === 'died' && { ...exitCodeOf(attributes), ...(this.#history.wasStopped(id) && { stopped: true }) }),
      ...(state === 'health' && healthOf(detail)),
    }
    const isTold = at <= this.#asked && OF_NAMES.has(state)
    if (!isTold) this.#tell(this.#catchUp.event(happening))
  }

  /** Whoever hears of it reads on in the log to find its place there: not before the engine is back. */
  #tell(happenings: readonly Happening[]): void {
    if (this.#host.state !== 'connected') this.#untold.push(...happenings)
    else for (const happening of happenings) this.emit('happened', happening)
  }

  /** What an event alone tells, at once; inspecting follows, and is right where this is rough. */
  #patch(
    known: Known,
    state: Happening['state'],
    name: string,
    attributes: ContainerEvent['attributes'],
    at: string,
  ): void {
    const { exitCode, finished, oomKilled, ...rest } = known.container
    const code = Number(attributes['exitCode'])
    const patches: Partial<Record<Happening['state'], Container>> = {
      started: { ...rest, state: 'running', started: at },
      died: { ...known.container, state: 'exited', finished: at, ...(Number.isInteger(code) && { exitCode: code }) },
      paused: { ...known.container, state: 'paused' },
      unpaused: { ...known.container, state: 'running' },
      renamed: { ...known.container, name, key: name },
    }
    const container = patches[state]
    if (container) this.#update({ ...known, container })
  }

  /** Inspections through that connection, for as long as it is watched. */
  #inspect(connection: Connection): Inspections {
    const inspections = new Inspections({
      inspect: (id) => connection.inspect(id),
      answered: (id, inspection) => {
        const known = fromInspection(inspection, this.#host.name, this.#picture.get(id))
        this.#update(known)
        this.#tell(this.#catchUp.look(known.container))
      },
      // The next listing says so too, and is not contradicted by one that is on its way.
      gone: (id) => this.#isPolling || this.#remove(id),
      failed: (id, error, { isFirst, isFinal }) => {
        this.#options.log.debug({ id, error: String(error) }, 'could not inspect a container')
        if (isFinal) this.#leftOut(connection, 'the inspection of a container', messageOf(error))
        if (isFinal || !isFirst) this.#tell(this.#catchUp.release(id))
        if ((isFinal || isForbidden(error)) && !this.#picture.get(id)) this.#listNewcomers(connection)
      },
    })
    this.#inspections = inspections
    return inspections
  }

  /** Of a container that is new and cannot be inspected, a listing is all that tells. */
  #listNewcomers(connection: Connection): void {
    const inspections = this.#inspections
    const list = async () => {
      this.#newcomersTimer = undefined
      const listed = await this.#list(connection, this.#picture.host)
      if (inspections !== this.#inspections || this.#isPolling) return
      for (const known of listed) {
        if (this.#picture.get(known.container.id) || inspections?.isGone(known.container.id)) continue
        this.#update(known)
        inspections?.ask(known.container.id) // it may have gone meanwhile
      }
    }
    this.#newcomersTimer ??= setTimeout(() => void list().catch(() => {}), NEWCOMERS_MS).unref()
  }

  #update(seen: Known): void {
    this.#runs.see(seen.container)
    this.#history.see(seen.container)
    const container = withEnd(seen.container, this.#history.wasStopped(seen.container.id))
    const known = { ...seen, container }
    const old = this.#picture.get(container.id)?.container
    if (old && JSON.stringify(old) === JSON.stringify(container) && this.#picture.get(container.id)?.form) return
    this.#picture.set(known)
    const current = this.#picture.find(container.key)?.container ?? container
    const removed = old && old.key !== container.key && !this.#picture.find(old.key) ? [old.key] : []
    this.emit('change', { changed: [current], removed })
  }

  /** Drops what is kept of a container beside the picture. */
  #forget(id: string): void {
    this.#inspections?.forget(id)
    this.#runs.delete(id)
    this.#history.delete(id)
    this.#damage.delete(id)
  }

  #remove(id: string): void {
    this.#forget(id)
    this.#tell(this.#catchUp.release(id))
    const key = this.#picture.get(id)?.container.key
    if (key === undefined) return
    this.#picture.delete(id)
    const successor = this.#picture.find(key)?.container
    this.emit('change', successor ? { changed: [successor] } : { removed: [key] })
  }

  #loseReads(reason: EngineError): void {
    this.#gone.abort(reason)
    this.#gone = new AbortController()
  }

  #setHost(host: Host): void {
    if (JSON.stringify(host) === JSON.stringify(this.#host)) return
    this.#host = host
    this.emit('change', { hosts: [host] })
  }
}

/** A container that is being removed answers with an empty log, as one does that wrote nothing. Throws `no-container`. */
async function confirmThere(connection: Connection, id: string): Promise<void> {
  const { State } = await connection.inspect(id)
  if (State.Status === 'removing' || State.Status === 'dead')
    throw new EngineError('no-container', 'the container is being removed')
}

/** Of a container that was renamed; Docker gives it as the API has names, with a slash. Podman does not give it. */
function nameBefore({ oldName }: ContainerEvent['attributes']): string | undefined {
  return oldName?.replace(/^\//, '')
}

const DOWN: ReadonlySet<ContainerState> = new Set(['exited', 'dead', 'restarting'])

/** Says of a container that does not run whether somebody stopped it. */
function withEnd({ stopped: _, ...container }: Container, stopped: boolean | undefined): Container {
  return stopped === undefined || !DOWN.has(container.state) ? container : { ...container, stopped }
}

/** Of a container that is there, the creation is no news. */
function isKnownBirth({ id, state }: Happening, picture: Picture): boolean {
  return state === 'created' && picture.get(id) !== undefined
}

/** Whether the time is none that this engine's clock can have: as the last one heard of it would hide what happens. */
function isFarAhead(at: string): boolean {
  return Date.parse(at) > Date.now() + FAR_AHEAD_MS
}

function byId(happenings: readonly Happening[]): Map<string, Happening[]> {
  const all = new Map<string, Happening[]>()
  for (const happening of happenings) all.set(happening.id, [...(all.get(happening.id) ?? []), happening])
  return all
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
