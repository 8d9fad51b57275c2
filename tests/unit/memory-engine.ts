/**
 * An engine in memory: logs are arrays of pieces, and reads of them go through the real decoder, frame by frame, so that
 * `tail=` counts and cuts as Docker's does.
 */
import { EventEmitter } from 'node:events'
import {
  type Engine,
  EngineError,
  type EngineEvents,
  type LogRead,
  type ReadOptions,
} from '../../server/engine/engine.ts'
import { KnownDamage, WholeLogRead } from '../../server/engine/whole-log-read.ts'
import type { LogChunk } from '../../server/logs/damage.ts'
import type { LogLine } from '../../server/logs/line.ts'
import { MultiplexedDecoder } from '../../server/logs/multiplexed.ts'
import type { Container, Host, Run, Stream } from '../../server/wire.ts'
import { frame, stamped } from './logs/frames.ts'

export interface Piece {
  readonly time: string
  readonly stream?: Stream
  /** With its newline, unless the line goes on in another piece. */
  readonly text: string
}

export const CONNECTED: Host = { name: 'here', state: 'connected', version: 'Docker 28.2.2', problems: [] }

export function container(name: string, id = '0123456789ab'.padEnd(64, '0')): Container {
  return {
    key: name,
    name,
    host: 'here',
    id,
    image: 'shop/web',
    state: 'running',
    created: '2026-11-22T10:00:00.000000000Z',
    started: '2026-11-22T10:00:01.000000000Z',
    labels: {},
  }
}

/** Where a read that begins before piece `at` ends: with the engine's sentence, or without a word. */
export interface MemoryDamage {
  readonly at: number
  readonly error?: string
}

interface Log {
  readonly pieces: Piece[]
  damage?: MemoryDamage
  readonly known: KnownDamage
  ended: boolean
  /** How many pieces the follows that were open at its end brought. */
  followed?: number
}

export class MemoryEngine extends EventEmitter<EngineEvents> implements Engine {
  host: Host = CONNECTED
  readonly ready = Promise.resolve()
  /** What was asked for, in order. */
  readonly reads: { readonly follow: boolean; readonly tail: number | 'all' }[] = []
  /** How many frames come at once. */
  framesAtOnce = 7
  open = 0
  /** The runs of its containers, as events told of them. */
  known: readonly Run[] = []
  /** What its logs are at least once their beginnings were rotated away. */
  kept: number | undefined
  #cuts = 0
  readonly #containers = new Map<string, Container>()
  readonly #logs = new Map<string, Log>()
  readonly #written = new EventEmitter().setMaxListeners(0)

  constructor() {
    super()
    this.setMaxListeners(0) // as the engine's own: one for each feed and reader
  }

  add(added: Container, pieces: readonly Piece[] = []): this {
    this.#containers.set(added.key, added)
    this.#logs.set(added.id, { pieces: [...pieces], ended: false, known: new KnownDamage() })
    this.emit('change', { changed: [added] })
    return this
  }

  /** Takes the name from whoever carries it; `at`: when the engine says that it was. */
  rename(key: string, name: string, time: string): void {
    const renamed = this.#take(key)
    const carrier = { ...renamed, key: name, name }
    this.#containers.set(name, carrier)
    this.emit('change', { changed: [carrier], removed: [key] })
    this.emit('happened', { key, id: renamed.id, state: 'renamed', at: time })
  }

  /** The container goes, and its log with it: reads of it end. */
  remove(key: string, time: string): void {
    const { id } = this.#take(key)
    this.end(id)
    this.#logs.delete(id)
    this.emit('change', { removed: [key] })
    this.emit('happened', { key, id, state: 'removed', at: time })
  }

  write(id: string, ...pieces: Piece[]): void {
    this.#log(id).pieces.push(...pieces)
    this.#written.emit('more')
  }

  /** Nothing is heard of what happens, though reads go on; then it is again. */
  hears(state: 'connecting' | 'connected'): void {
    this.host = { ...CONNECTED, state }
    this.emit('change', { hosts: [this.host] })
  }

  /** The connections of all reads are cut. */
  cut(): void {
    this.#cuts++
    this.#written.emit('more')
  }

  /** From now on reads end there that begin before. */
  damage(id: string, damage: MemoryDamage): this {
    this.#log(id).damage = damage
    return this
  }

  /** Somebody empties the log's file. */
  truncate(id: string): void {
    this.#log(id).pieces.length = 0
  }

  /** The container stops: follows end. What it writes last is in its log, and no follow has brought it. */
  end(id: string, ...last: Piece[]): void {
    const log = this.#log(id)
    log.ended = true
    log.followed = log.pieces.length
    log.pieces.push(...last)
    for (const [key, container] of this.#containers) {
      if (container.id === id) this.#containers.set(key, { ...container, state: 'exited' })
    }
    this.#written.emit('more')
  }

  /** Every line of a log, as one read from its start gives them. */
  lines(id: string): LogLine[] {
    const decoder = new MultiplexedDecoder({ pieceBytes: 0 })
    return [...decoder.push(encode(this.#log(id).pieces)), ...decoder.end()]
  }

  hosts(): Host[] {
    return [this.host]
  }

  containers(): Container[] {
    return [...this.#containers.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  find(key: string): Container | undefined {
    return this.#containers.get(key)
  }

  get(id: string): Container | undefined {
    return [...this.#containers.values()].find((container) => container.id.startsWith(id))
  }

  runs(id: string): Run[] {
    return this.known.filter(({ incarnation }) => id.startsWith(incarnation))
  }

  keptBytes(): number | undefined {
    return this.kept
  }

  readLines(id: string, options: ReadOptions): Promise<LogRead> {
    return this.#open(id, false, options)
  }

  followLines(id: string, options: ReadOptions): Promise<LogRead> {
    return this.#open(id, true, options)
  }

  close(): void {
    this.removeAllListeners()
  }

  #take(key: string): Container {
    const container = this.#containers.get(key)
    if (!container) throw new Error(`no container is named ${key}`)
    this.#containers.delete(key)
    return container
  }

  #log(id: string): Log {
    const log = this.#logs.get(id)
    if (!log) throw new EngineError('no-container', `there is no container ${id}`)
    return log
  }

  /** As the engine's own reads do, where a log is damaged: other logs' reads are counted as they are asked for. */
  async #open(id: string, follow: boolean, options: ReadOptions): Promise<LogRead> {
    const { damage, known } = this.#log(id)
    if (!damage) return this.#read(id, follow, options)
    const open = async (tail: number | 'all', follows: boolean) => this.#read(id, follows, { ...options, tail })
    return WholeLogRead.open({ tail: options.tail, after: options.after, follow, known, isFramed: true, open })
  }

  #read(id: string, follow: boolean, { tail, mayHaveWanted, signal }: ReadOptions): LogRead {
    this.reads.push({ follow, tail })
    const log = this.#log(id)
    const decoder = new MultiplexedDecoder({ pieceBytes: 0, mayHaveWanted })
    const written = this.#written
    const start = tail === 'all' ? 0 : Math.max(0, log.pieces.length - tail)
    const engine = this
    const cuts = this.#cuts
    const wasOpen = follow && !log.ended
    const isCut = log.damage !== undefined && start < log.damage.at
    const end = () => (isCut ? log.damage?.at : wasOpen && log.followed) || log.pieces.length
    let closed = false
    async function* lines(): AsyncGenerator<LogChunk, void, void> {
      engine.open++
      try {
        for (let at = start; !closed; ) {
          if (signal.aborted || engine.#cuts > cuts) throw new EngineError('cut', 'the engine closed the connection')
          const pieces = log.pieces.slice(at, Math.min(at + engine.framesAtOnce, end()))
          at += pieces.length
          const decoded = decoder.push(encode(pieces))
          if (decoded.length > 0) yield decoded
          if (at < end()) continue
          if (isCut && log.damage?.error) {
            yield { detail: log.damage.error, isOfEngine: true }
            break
          }
          if (!follow || log.ended) break
          if (!signal.aborted) await change(written, signal)
        }
        const rest = decoder.end()
        if (rest.length > 0) yield rest
      } finally {
        engine.open--
      }
    }
    return {
      get pieces() {
        return decoder.pieces
      },
      get passed() {
        return decoder.passed
      },
      close: () => {
        closed = true
        written.emit('more')
      },
      [Symbol.asyncIterator]: lines,
    }
  }
}

function encode(pieces: readonly Piece[]): Buffer {
  return Buffer.concat(pieces.map(({ time, stream, text }) => frame(stream ?? 'stdout', stamped(time, text))))
}

/** Resolves when something is written anywhere, or the read is ended. */
function change(written: EventEmitter, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      written.off('more', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    written.on('more', done)
    signal.addEventListener('abort', done)
  })
}
