/** Speaks to a demo engine over its socket, under a clock that only moves when told. */
import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { type DemoEngine, startDemoEngine } from '../../../server/demo/server.ts'
import type { Clock } from '../../../server/demo/time.ts'

/** A moment well within a minute, a run of `cron-sync` and a healthy time of `print-station`. */
export const NOON = Date.parse('2026-11-22T12:00:05.000Z')

export class ManualClock implements Clock {
  #now: number
  readonly #waits = new Set<{ at: number; wake: () => void }>()

  constructor(now = NOON) {
    this.#now = now
  }

  get waiting(): number {
    return this.#waits.size
  }

  now(): number {
    return this.#now
  }

  wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wait = {
        at: this.#now + ms,
        wake: () => {
          this.#waits.delete(wait)
          resolve()
        },
      }
      if (signal.aborted) return resolve()
      this.#waits.add(wait)
      signal.addEventListener('abort', wait.wake)
    })
  }

  advance(ms: number): void {
    this.#now += ms
    for (const { at, wake } of this.#waits) if (at <= this.#now) wake()
  }
}

export interface Frame {
  stream: 'stdout' | 'stderr'
  text: string
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

export class Demo {
  readonly engine: DemoEngine
  readonly clock: ManualClock

  private constructor(engine: DemoEngine, clock: ManualClock) {
    this.engine = engine
    this.clock = clock
  }

  static async start(options: { seed?: number; now?: number } = {}): Promise<Demo> {
    const clock = new ManualClock(options.now)
    return new Demo(await startDemoEngine({ seed: options.seed ?? 7, clock }), clock)
  }

  async open(path: string, method = 'GET'): Promise<IncomingMessage> {
    const req = request({ socketPath: this.engine.socketPath, path, method, agent: false })
    req.end()
    const [res] = (await once(req, 'response')) as [IncomingMessage]
    return res
  }

  async get(path: string, method = 'GET'): Promise<Answer> {
    const res = await this.open(path, method)
    return { status: res.statusCode ?? 0, headers: res.headers, body: await whole(res) }
  }

  // biome-ignore lint/suspicious/noExplicitAny: bodies of a foreign interface, looked into by the tests
  async json(path: string): Promise<any> {
    const { body } = await this.get(path)
    return JSON.parse(body.toString())
  }

  async logs(name: string, query = ''): Promise<Frame[]> {
    return frames((await this.get(`/containers/${name}/logs?stdout=1&stderr=1&timestamps=1${query}`)).body)
  }

  /** Resolves when the engine waits for nothing: all its streams have ended or been left. */
  async idle(): Promise<void> {
    while (this.clock.waiting > 0) await this.get('/_ping')
  }

  async close(): Promise<void> {
    await this.engine.close()
  }
}

export async function whole(res: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of res) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Every frame holds one whole line here: none of the demo's is long enough for pieces. */
export function frames(body: Buffer): Frame[] {
  const found: Frame[] = []
  for (let at = 0; at < body.length; ) {
    const length = body.readUInt32BE(at + 4)
    if (body[at] !== 1 && body[at] !== 2) throw new Error(`frame of stream ${body[at]}`)
    const text = body.toString('utf8', at + 8, at + 8 + length)
    if (!text.endsWith('\n')) throw new Error('a line without its end')
    found.push({ stream: body[at] === 1 ? 'stdout' : 'stderr', text: text.slice(0, -1) })
    at += 8 + length
  }
  return found
}

/** Reads on until `done` says that what has come is enough. */
export async function readUntil(res: IncomingMessage, done: (body: Buffer) => boolean): Promise<Buffer> {
  let body = Buffer.alloc(0)
  while (!done(body)) {
    const chunk: Buffer | null = res.read()
    if (chunk !== null) body = Buffer.concat([body, chunk])
    else if (res.readableEnded) throw new Error('ended before enough had come')
    else await Promise.race([once(res, 'readable'), once(res, 'end')])
  }
  return body
}
