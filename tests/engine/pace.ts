/** Starts and stops the thread that writes lines at a rate (pace-worker.js), and says how exact it was. */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { StreamName } from './writer.ts'

export interface PaceOptions {
  lines: number
  /** Lines a second, each written by itself at its own time; Infinity (the default) is as fast as the container reads. */
  perSecond?: number
  /** Default stdout. With both, lines go out by turns: the first to the first. */
  streams?: readonly StreamName[]
  /**
   * One line, without its newline. `{n}` becomes its number, counted from `first`, and `{us}` the time it was written (unix
   * microseconds). Default `line {n}`. The same text can be had again from `paceLine`.
   */
  template?: string
  /** The first line's number; default 0. */
  first?: number
}

export interface PaceResult {
  /** Lines written: fewer than asked for if it was stopped. */
  written: number
  /** From the first write to the last. */
  seconds: number
  /** The latest any line was behind its time, in ms; 0 without a rate. */
  behindMs: number
}

export interface Pace {
  done: Promise<PaceResult>
  /** Ends it after a whole line. */
  stop(): Promise<PaceResult>
}

export function startPace(dir: string, options: PaceOptions): Pace {
  const {
    lines,
    perSecond = Number.POSITIVE_INFINITY,
    streams = ['stdout'],
    template = 'line {n}',
    first = 0,
  } = options
  const stopped = new Int32Array(new SharedArrayBuffer(4))
  const paths = streams.map((stream) => join(dir, stream))
  const worker = new Worker(new URL('./pace-worker.js', import.meta.url), {
    workerData: { paths, lines, perSecond, template, first, stopped },
  })
  const done = new Promise<PaceResult>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('the writing thread ended early')))
  })
  done.catch(() => {}) // Whoever awaits `done` or `stop()` is told; nobody has to.
  const stop = () => {
    Atomics.store(stopped, 0, 1)
    Atomics.notify(stopped, 0)
    return done
  }
  return { done, stop }
}

/** What a template without `{us}` came to for line `n`. */
export function paceLine(template: string, n: number): string {
  return template.replaceAll('{n}', String(n))
}
