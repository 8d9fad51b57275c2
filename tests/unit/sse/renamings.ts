/**
 * A town of containers that are renamed, re-created and removed at random while a viewer of them all comes and goes, and
 * the verdict on what he got: each line once, in its log's order, and nothing missing but where a gap says so.
 */
import { EventEmitter } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { EventBuffer } from 'better-sse'
import { pino } from 'pino'
import { Feeds } from '../../../server/feed/feeds.ts'
import { incarnationOf, parsePlaces } from '../../../server/logs/cursor.ts'
import { timeFromNanoseconds } from '../../../server/logs/time.ts'
import { MergedSession } from '../../../server/sse/merged-session.ts'
import type { Viewer } from '../../../server/sse/session.ts'
import type { GapEvent } from '../../../server/wire.ts'
import type { Random } from '../../soak/random.ts'
import { SseReader } from '../../soak/sse.ts'
import { container, MemoryEngine } from '../memory-engine.ts'

export const NAMES = ['web', 'db', 'cache'] as const
const PAUSES_MS = [0, 0, 0, 3, 15, 20, 50, 200]
/** Longer than a merged stream waits for a log that is being read. */
const SETTLED_MS = 1_500
const ACTS = {
  write: 4,
  recreate: 1,
  replace: 1,
  takeOver: 1,
  awayAndBack: 1,
  comeOrGo: 2,
  cut: 1,
  appear: 1,
  restart: 2,
}

interface Line {
  readonly container: string
  readonly incarnation: string
  readonly message: string
}

interface Life {
  readonly id: string
  name: string
  isGone: boolean
  /** Under all that it has had. */
  readonly names: Set<string>
  /** Of each line, whether it is the viewer's to get. */
  readonly written: boolean[]
}

export interface Outcome {
  /** Empty: all is well. */
  readonly wrong: readonly string[]
  /** What happened and what was told, in order. */
  readonly story: readonly string[]
}

/** One viewer's connection, and what it brought. */
class Connection {
  readonly session = new EventEmitter()
  readonly #reader: SseReader
  readonly #onEvent: (type: string, data: string) => void
  connected = true

  constructor(lastEventId: string, onEvent: (type: string, data: string) => void) {
    this.#reader = new SseReader(lastEventId)
    this.#onEvent = onEvent
  }

  get lastEventId(): string {
    return this.#reader.lastEventId
  }

  async roomy(): Promise<void> {}

  send(event: EventBuffer): void {
    if (!this.connected) return
    for (const { type, data } of this.#reader.push(Buffer.from(event.read()))) this.#onEvent(type, data)
  }

  end(): void {
    this.connected = false
    this.session.emit('disconnected')
  }
}

export class Town {
  readonly #random: Random
  readonly #names: readonly string[]
  readonly #engine = new MemoryEngine()
  #feeds: Feeds
  readonly #lives: Life[] = []
  readonly #told: Line[] = []
  readonly #story: string[] = []
  readonly #gaps: GapEvent[] = []
  #serial = 0
  #last = 0n
  #connection: Connection | undefined
  #lastEventId = ''

  /** `names`: those that the viewer asks for; none: he asks for everything. */
  constructor(random: Random, names: readonly string[]) {
    this.#random = random
    this.#names = names
    this.#engine.framesAtOnce = random.between(1, 7)
    this.#slowDown(random.pick([0, 0, 5, 40]))
    for (const name of NAMES) if (random.chance(0.8)) this.#make(name)
    this.#feeds = this.#sluice()
  }

  #sluice(): Feeds {
    return new Feeds(this.#engine, pino({ level: 'silent' }))
  }

  async live(): Promise<Outcome> {
    const random = this.#random
    for (const life of this.#alive()) this.#write(life, random.between(0, 30))
    this.#come()
    const acts = random.between(4, 18)
    for (let act = 0; act < acts; act++) {
      await this.#act(random.weighted(ACTS))
      await delay(random.pick(PAUSES_MS))
    }
    if (!this.#connection) this.#come()
    await this.#quiet()
    this.#leave()
    this.#feeds.close()
    return { wrong: this.#verdict(), story: this.#story }
  }

  async #act(act: keyof typeof ACTS): Promise<void> {
    const name = this.#random.pick(NAMES)
    const life = this.#alive().find((each) => each.name === name)
    if (act === 'cut') this.#engine.cut()
    else if (act === 'comeOrGo') this.#comeOrGo()
    else if (act === 'restart') await this.#restart()
    else if (act === 'takeOver') await this.#takeOver(name, life)
    else if (act === 'appear' || !life) this.#appear(name, life)
    else if (act === 'write') this.#write(life, this.#random.between(1, 12))
    else if (act === 'recreate') await this.#recreate(life)
    else if (act === 'replace') await this.#replace(life)
    else await this.#awayAndBack(life)
  }

  /** Of Sluice: what happens meanwhile nobody sees. */
  async #restart(): Promise<void> {
    this.#leave()
    this.#feeds.close()
    this.#note('Sluice ends')
    for (let acts = this.#random.between(0, 4); acts > 0; acts--) {
      await this.#act(this.#random.weighted({ ...ACTS, comeOrGo: 0, restart: 0 }))
      await delay(this.#random.pick(PAUSES_MS))
    }
    this.#note('Sluice starts')
    this.#feeds = this.#sluice()
    for (const life of this.#lives) if (this.#isUnheardOf(life)) life.written.fill(false)
    if (this.#random.chance(0.7)) this.#come()
  }

  /** It has lost the name that the viewer asks for, and neither he nor this Sluice can know that it had it. */
  #isUnheardOf({ id, name }: Life): boolean {
    return this.#names.length > 0 && !this.#names.includes(name) && !this.#lastEventId.includes(incarnationOf(id))
  }

  #comeOrGo(): void {
    const wasThere = this.#connection !== undefined
    if (wasThere) this.#leave()
    if (!wasThere || this.#random.chance(0.4)) this.#come()
  }

  #appear(name: string, life: Life | undefined): void {
    if (!life) this.#make(name)
  }

  /** As Compose does. */
  async #recreate(life: Life): Promise<void> {
    const { name } = life
    this.#rename(life, `${incarnationOf(life.id)}_${name}`)
    await this.#while(40)
    const next = this.#make(name)
    this.#writeSome(next, 5)
    await this.#while(60)
    this.#remove(life)
  }

  async #replace(life: Life): Promise<void> {
    this.#remove(life)
    if (this.#random.chance(0.2)) return
    await this.#while(60)
    this.#writeSome(this.#make(life.name), 5)
  }

  /** Another is renamed into the name, from whoever has it. */
  async #takeOver(name: string, life: Life | undefined): Promise<void> {
    const next = this.#make(`${name}-next-${this.#serial}`)
    this.#writeSome(next, 5)
    await this.#while(60)
    this.#writeSome(next, 5)
    if (life) this.#rename(life, `${name}-old-${this.#serial}`)
    await this.#while(30)
    this.#rename(next, name)
    this.#writeSome(next, 5)
    if (life) this.#writeSome(life, 5)
  }

  async #awayAndBack(life: Life): Promise<void> {
    const { name } = life
    this.#rename(life, `away-${this.#serial++}`)
    this.#writeSome(life, 6)
    await this.#while(120)
    this.#rename(life, name)
    this.#writeSome(life, 6)
  }

  /** Mostly a while, at times no time at all. */
  async #while(mostMs: number): Promise<void> {
    if (this.#random.chance(0.7)) await delay(this.#random.between(0, mostMs))
  }

  #make(name: string): Life {
    const serial = this.#serial++
    const life: Life = {
      id: serial.toString(16).padStart(4, '0').padEnd(64, 'a'),
      name,
      isGone: false,
      names: new Set([name]),
      written: [],
    }
    const [created, started] = [this.#now(), this.#now()]
    this.#engine.add({ ...container(name, life.id), created, started })
    this.#engine.emit('happened', { key: name, id: life.id, state: 'created', at: created })
    this.#engine.emit('happened', { key: name, id: life.id, state: 'started', at: started })
    this.#lives.push(life)
    this.#note(`${name} is ${life.id.slice(0, 4)}`)
    return life
  }

  #writeSome(life: Life, most: number): void {
    if (this.#random.chance(0.7)) this.#write(life, this.#random.between(1, most))
  }

  #write(life: Life, count: number): void {
    const pieces = Array.from({ length: count }, () => ({
      time: this.#now(),
      text: `${life.written.push(this.#isDue(life)) - 1}\n`,
      stream: this.#random.pick(['stdout', 'stderr'] as const),
    }))
    this.#engine.write(life.id, ...pieces)
    this.#note(`${life.name} writes up to ${life.written.length - 1}`)
  }

  #rename(life: Life, to: string): void {
    this.#note(`${life.name} is renamed to ${to}`)
    this.#engine.rename(life.name, to, this.#now())
    life.name = to
    life.names.add(to)
  }

  #remove(life: Life): void {
    this.#note(`${life.name} is removed`)
    this.#engine.remove(life.name, this.#now())
    life.isGone = true
  }

  #come(): void {
    this.#note(`the viewer comes with ${this.#lastEventId}`)
    const connection = new Connection(this.#lastEventId, (type, data) => this.#onEvent(type, data))
    this.#connection = connection
    const after = this.#lastEventId === '' ? undefined : parsePlaces(this.#lastEventId, 200)
    const session = new MergedSession({
      feeds: this.#feeds,
      viewer: connection as unknown as Viewer,
      selection: { containers: this.#names, projects: [], labels: [] },
      start: after ? { after } : { tail: 1_000 },
    })
    void session.run()
  }

  #leave(): void {
    if (!this.#connection) return
    this.#lastEventId = this.#connection.lastEventId
    this.#connection.end()
    this.#connection = undefined
    this.#note('the viewer leaves')
  }

  #onEvent(type: string, data: string): void {
    this.#note(`  ${type} ${data}`)
    if (type === 'message' && data !== '') this.#told.push(...(JSON.parse(data) as Line[]))
    if (type === 'gap') this.#gaps.push(JSON.parse(data) as GapEvent)
  }

  /** Until nothing has been told for a while. */
  async #quiet(): Promise<void> {
    for (let told = -1; told !== this.#told.length; ) {
      told = this.#told.length
      await delay(SETTLED_MS)
    }
  }

  #verdict(): string[] {
    const wrong: string[] = []
    const times = new Map<string, number>()
    const latest = new Map<string, number>()
    for (const { container: name, incarnation, message } of this.#told) {
      const line = `${incarnation.slice(0, 4)}:${message}`
      const before = times.get(line) ?? 0
      times.set(line, before + 1)
      if (before === 1) wrong.push(`${line} is doubled, as ${name}`)
      const log = `${incarnation} ${name}`
      if ((latest.get(log) ?? -1) > Number(message)) wrong.push(`${line} comes late, as ${name}`)
      latest.set(log, Number(message))
    }
    for (const life of this.#lives) {
      const { id, name, written } = life
      const due = written.flatMap((isDue, index) => (isDue ? `${id.slice(0, 4)}:${index}` : []))
      const lost = due.filter((line) => !times.has(line))
      if (lost.length > 0 && !this.#isExcused(life, lost.at(-1) === due.at(-1)))
        wrong.push(`of ${name} are lost ${lost.join(' ')}`)
    }
    return wrong
  }

  /** Whether what it wrote may be lacking. `isEnd`: it is the last of it. */
  #isExcused({ id, isGone, names }: Life, isEnd: boolean): boolean {
    // What is removed before it is read is gone, and a gap may say so only to the next who has the name.
    if (isGone) return isEnd || this.#gaps.length > 0
    // What it was when no Sluice saw it is not guessed.
    const isOfIt = ({ container: key = '', from }: GapEvent) => names.has(key) || from?.startsWith(incarnationOf(id))
    return this.#gaps.some((gap) => gap.reason === 'unknown-cursor' && isOfIt(gap))
  }

  /** Of everything he gets all there is; of names, what is written under them once he has a place in their logs. */
  #isDue({ name }: Life): boolean {
    const hasPlace = (this.#connection?.lastEventId ?? this.#lastEventId) !== ''
    return this.#names.length === 0 || (hasPlace && this.#names.includes(name))
  }

  #alive(): Life[] {
    return this.#lives.filter(({ isGone }) => !isGone)
  }

  /** The time as it is, and later than it ever was. */
  #now(): string {
    const now = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6))
    this.#last = now > this.#last ? now : this.#last + 1_000n
    return timeFromNanoseconds(this.#last)
  }

  #slowDown(mostMs: number): void {
    const { readLines, followLines } = this.#engine
    const slowly = <Arguments extends unknown[], Result>(read: (...of: Arguments) => Promise<Result>) => {
      const bound = read.bind(this.#engine)
      return async (...of: Arguments) => {
        if (mostMs > 0) await delay(this.#random.between(0, mostMs))
        return bound(...of)
      }
    }
    this.#engine.readLines = slowly(readLines)
    this.#engine.followLines = slowly(followLines)
  }

  #note(text: string): void {
    this.#story.push(`${Math.round(performance.now())} ${text}`)
  }
}
