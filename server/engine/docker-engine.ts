/**
 * A Docker-compatible engine: found, connected, watched, and found again when it was lost. Its picture of containers
 * stays while it is away, and is repaired by listing when it is back.
 */
import { EventEmitter, once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { ContainerInspectInfo } from 'dockerode'
import type { Logger } from 'pino'
import type { LineDecoder } from '../logs/decoder.ts'
import { MultiplexedDecoder } from '../logs/multiplexed.ts'
import { earlier, timeNow } from '../logs/time.ts'
import { TtyDecoder } from '../logs/tty.ts'
import type { Container, ContainerState, EngineProblem, Host } from '../wire.ts'
import { BackOff } from './back-off.ts'
import { CatchUp } from './catch-up.ts'
import { Connection, type Identity } from './connection.ts'
import {
  type Engine,
  EngineError,
  type EngineEvents,
  type Happening,
  type LogRead,
  type ReadOptions,
} from './engine.ts'
import { type ContainerEvent, readEvents, STATE_OF_ACTION } from './events.ts'
import type { Endpoint } from './find.ts'
import { KnownRuns } from './known-runs.ts'
import { ResponseLogRead } from './log-read.ts'
import { fromInspection, fromListing, healthOf, type Known, Picture } from './picture.ts'
import { explain } from './problem.ts'
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
const INSPECTIONS_AT_ONCE = 8
const LOOK_MS = 1_000 // some hundred inspections, or one that waits for a start; after it the engine is shown all the same
const READY_MS = 2_000
/** How far back it is asked who had which name. Docker remembers 256 events; Podman may have kept years. */
const MEMORY_MS = 24 * 3_600_000
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
  readonly demo: boolean
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
  /** Inspections under way, by id: one at a time, so that what the last one tells is the latest there is. */
  #inspections = new Map<string, { again: boolean }>()
  /** Ids of those whose inspection failed: each is tried again until it does not. */
  #failing = new Set<string>()
  readonly #turns = new Turns(() => this.#follows > 0)
  /** Of any log, that are open. */
  #follows = 0
  readonly #runs = new KnownRuns()
  /** By id. */
  readonly #damage = new Map<string, KnownDamage>()
  /** Aborted when the daemon hangs or another engine takes its place: what was asked of it will not be answered. */
  #gone = new AbortController()

  constructor(options: DockerEngineOptions) {
    super({ captureRejections: false })
    this.setMaxListeners(0) // one for each feed and session
    this.#options = options
    this.ready = Promise.race([once(this, 'change').then(() => {}), delay(READY_MS, undefined, { ref: false })])
    void this.#run()
  }

  hosts(): Host[] {
    return [this.#host]
  }

  containers(): Container[] {
    return this.#picture.containers()
  }

  find(key: string): Container | undefined {
    return this.#picture.find(key)?.container
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
    if (!this.#connection) throw new EngineError('unreachable', 'no engine is connected')
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

  async #run(): Promise<void> {
    const backOff = new BackOff()
    const { signal } = this.#closing
    while (!signal.aborted) {
      const found = await this.#locate()
      if (signal.aborted) return
      if (found) {
        const since = Date.now()
        await this.#watch(found).catch((error: unknown) => {
          if (!signal.aborted) this.#options.log.warn({ error: String(error) }, 'lost the engine; looking for it')
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
      for (const { address, detail } of problems) this.#options.log.warn({ address }, detail)
    }
    this.#setHost({ ...this.#host, state: 'unreachable', problems })
    return undefined
  }

  async #fallBack(problems: EngineProblem[]): Promise<Found | undefined> {
    try {
      const endpoint = await this.#options.fallback?.()
      if (!endpoint) return undefined
      const connection = new Connection(endpoint)
      const identity = await connection.identify()
      this.#host = { ...this.#host, demo: true, problems }
      return { connection, identity, demo: true }
    } catch (error) {
      // It needs a folder for its socket, which a container with a read-only root does not have by itself.
      problems.push({ code: 'failed', address: 'demo', detail: `The demo could not be started: ${messageOf(error)}` })
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
      const connection = new Connection(endpoint)
      try {
        return { problems, found: { connection, identity: await connection.identify(), demo: false } }
      } catch (error) {
        problems.push(await explain(endpoint, error))
      }
    }
    return { problems }
  }

  /** Serves one connected engine until it is lost; always throws, with the reason. */
  async #watch({ connection, identity, demo }: Found): Promise<void> {
    const lost = new AbortController()
    const signal = AbortSignal.any([lost.signal, this.#closing.signal])
    const timer = setInterval(() => {
      connection.ping().catch((error: unknown) => {
        this.#loseReads(new EngineError('timeout', 'the engine hangs'))
        lost.abort(error)
      })
    }, PING_EVERY_MS)
    const lookout =
      demo && setInterval(() => void this.#probe().then(({ found }) => found && lost.abort()), LOOK_AGAIN_MS)
    try {
      // Subscribed before listing, so that what happens in between is in the stream.
      const now = timeNow()
      // Of an engine whose clock is ahead it would bring again what was heard.
      const since = (this.#heard ?? '') < now ? now : undefined
      const events = readEvents(await connection.events(since, signal))
      await this.#takeOver(connection, identity, demo, now)
      for await (const event of events) this.#apply(connection, event)
      throw new EngineError('cut', 'the event stream ended')
    } finally {
      clearInterval(timer)
      if (lookout) clearInterval(lookout)
      lost.abort()
      // What they would tell is news for the next look at everything, which starts from how it was before.
      this.#inspections = new Map()
      this.#failing = new Set()
    }
  }

  /** Lists, and tells what changed since the picture that was there before; what happens `from` then on the stream tells. */
  async #takeOver(connection: Connection, identity: Identity, demo: boolean, from: string): Promise<void> {
    const before = this.#picture
    const another = before.host !== identity.name
    if (another) {
      this.#loseReads(new EngineError('cut', 'another engine took its place'))
      this.#catchUp = new CatchUp()
      this.#untold = []
      this.#heard = undefined
    }
    const isFirst = this.#heard === undefined
    const isOfKnown = ({ id, at }: Happening) => !isFirst && at < from && before.get(id) !== undefined
    const remembered = await this.#missed(connection, this.#heard ?? earlier(timeNow(), MEMORY_MS))
    const missed = remembered.filter((happening) => OF_NAMES.has(happening.state) || isOfKnown(happening))
    // Not before: a listing that does not know of a rename yet would give the name back to who lost it.
    const listed = await connection.list()
    const last = missed.at(-1)
    // What happened since the first look at it is news, and told by the stream.
    if (last && !isFirst) this.#asked = last.at
    this.#heard = last?.at ?? this.#heard ?? timeNow()
    const picture = new Picture(identity.name)
    const fresh: Known[] = []
    for (const info of listed) {
      const known = fromListing(info, identity.name)
      const old = another ? undefined : before.get(info.Id)
      // What inspecting told stands until it tells anew, so that nothing blinks.
      picture.set(old ? { ...old, container: { ...old.container, ...known.container } } : known)
      const isRemembered = ({ id, state }: Happening) => id === info.Id && !OF_NAMES.has(state)
      if (old) this.#catchUp.expect(old.container, missed.filter(isRemembered))
      fresh.push(known)
    }
    this.#picture = picture
    this.#connection = connection
    const queue = fresh.map(({ container }) => container.id)
    const isListed = new Set(queue)
    for (const { id, state, at } of remembered) if (state === 'started' && isListed.has(id)) this.#runs.add(id, at)
    const inspections = this.#inspections
    const inspectSome = async () => {
      for (let id = queue.shift(); id && inspections === this.#inspections; id = queue.shift())
        await this.#inspect(connection, id)
    }
    const inspected = Promise.all(Array.from({ length: INSPECTIONS_AT_ONCE }, inspectSome))
    // A log that is read again brings what the container wrote after a restart: that must be known by then.
    if (before.containers().length > 0) await Promise.race([inspected, delay(LOOK_MS)])
    const { problems } = this.#host
    this.#host = {
      name: identity.name,
      state: 'connected',
      version: identity.version,
      problems: demo ? problems : [],
      ...(demo && { demo: true as const }),
    }
    for (const happening of missed) {
      // Of one that is gone, what it did last comes before who has its name now: a name's containers are told in their order.
      if (!OF_NAMES.has(happening.state) && isListed.has(happening.id)) continue
      if (isFirst) this.emit('happened', { ...happening, isPast: true })
      else if (!isKnownBirth(happening, picture)) this.emit('happened', happening)
    }
    const removed = before.containers().filter(({ key }) => !picture.find(key))
    this.emit('change', { hosts: [this.#host], changed: picture.containers(), removed: removed.map(({ key }) => key) })
    this.#tell(this.#untold.splice(0))
    for (const { id } of before.containers()) if (!picture.get(id)) this.#tell(this.#catchUp.release(id))
    for (const { key, id } of removed) this.emit('happened', { key, id, state: 'removed', at: timeNow() })
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
        if (at <= since || name === undefined) continue
        if (action === 'create') missed.push({ key: name, id, state: 'created', at })
        if (action === 'rename')
          missed.push({ key: nameBefore(attributes) ?? name, to: name, id, state: 'renamed', at })
        if (action === 'start') missed.push({ key: name, id, state: 'started', at })
        if (action === 'die') missed.push({ key: name, id, state: 'died', at, ...exitCodeOf(attributes) })
      }
    } catch (error) {
      this.#options.log.debug({ error: String(error) }, 'could not ask what was missed')
      if (++this.#unanswered < MOST_UNANSWERED) throw error
      return []
    }
    this.#unanswered = 0
    return missed
  }

  #apply(connection: Connection, { id, action, attributes, at }: ContainerEvent): void {
    const [verb = '', detail = ''] = action.split(': ')
    const state = STATE_OF_ACTION[verb]
    if (!state) return
    const known = this.#picture.get(id)
    const name = attributes['name'] ?? known?.container.name
    if (name === undefined) return
    this.#heard = at
    if (state === 'removed') {
      this.#remove(id)
    } else {
      if (known) this.#patch(known, state, name, attributes, at)
      void this.#inspect(connection, id)
    }
    const happening: Happening = {
      key: state === 'renamed' ? (nameBefore(attributes) ?? known?.container.key ?? name) : name,
      id,
      state,
      at,
      ...(state === 'renamed' && { to: name }),
      ...(state === 'died' && exitCodeOf(attributes)),
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

  /** What an answer tells of a container that was removed, or changed again, while it was on its way is passed over. */
  async #inspect(connection: Connection, id: string): Promise<void> {
    const underWay = this.#inspections.get(id)
    if (underWay) {
      underWay.again = true
      return
    }
    const mine = { again: true }
    this.#inspections.set(id, mine)
    try {
      let info: ContainerInspectInfo | undefined
      while (mine.again) {
        mine.again = false
        info = await connection.inspect(id)
        if (this.#inspections.get(id) !== mine) return
      }
      if (!info) return
      this.#failing.delete(id)
      const known = fromInspection(info, this.#host.name)
      this.#update(known)
      this.#tell(this.#catchUp.look(known.container))
    } catch (error) {
      if (this.#inspections.get(id) !== mine) return
      if (error instanceof EngineError && error.code === 'no-container') this.#remove(id)
      else {
        this.#options.log.debug({ id, error: String(error) }, 'could not inspect a container')
        if (this.#failing.has(id)) this.#tell(this.#catchUp.release(id))
        else void this.#inspectAgain(connection, id)
      }
    } finally {
      if (this.#inspections.get(id) === mine) this.#inspections.delete(id)
    }
  }

  /** Of one that was created just now, an inspection is all that tells of it. */
  async #inspectAgain(connection: Connection, id: string): Promise<void> {
    const failing = this.#failing
    failing.add(id)
    const backOff = new BackOff()
    const { signal } = this.#closing
    for (;;) {
      await delay(backOff.next(), undefined, { signal, ref: false }).catch(() => {})
      const isOver = signal.aborted || failing !== this.#failing || !failing.has(id)
      if (isOver) return
      await this.#inspect(connection, id)
    }
  }

  #update(known: Known): void {
    const { container } = known
    this.#runs.see(container)
    const old = this.#picture.get(container.id)?.container
    if (old && JSON.stringify(old) === JSON.stringify(container) && this.#picture.get(container.id)?.form) return
    this.#picture.set(known)
    const current = this.#picture.find(container.key)?.container ?? container
    const removed = old && old.key !== container.key && !this.#picture.find(old.key) ? [old.key] : []
    this.emit('change', { changed: [current], removed })
  }

  #remove(id: string): void {
    this.#inspections.delete(id)
    this.#failing.delete(id)
    this.#runs.delete(id)
    this.#damage.delete(id)
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
    throw new EngineError('no-container', 'it is being removed, and its log cannot be read any more')
}

/** Of a container that was renamed; Docker gives it as the API has names, with a slash. Podman does not give it. */
function nameBefore({ oldName }: ContainerEvent['attributes']): string | undefined {
  return oldName?.replace(/^\//, '')
}

/** Docker's word for it, or Podman's. */
function exitCodeOf(attributes: ContainerEvent['attributes']): { exitCode?: number } {
  const exitCode = Number(attributes['exitCode'] ?? attributes['containerExitCode'] ?? Number.NaN)
  return Number.isInteger(exitCode) ? { exitCode } : {}
}

/** Of a container that is there, the creation is no news. */
function isKnownBirth({ id, state }: Happening, picture: Picture): boolean {
  return state === 'created' && picture.get(id) !== undefined
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
