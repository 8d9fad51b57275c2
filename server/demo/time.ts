/**
 * Time as the demo engine keeps it: milliseconds since 1970 where a state changes, nanoseconds where a line is stamped,
 * and a clock that a test can put in the place of the machine's.
 */

/** The machine's time, and waiting for it. Waits are taken only for a client that follows something. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after `ms`, or as soon as `signal` aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  wait: (ms, signal) =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      if (signal.aborted) done()
      else signal.addEventListener('abort', done)
    }),
}

/** Nanoseconds since 1970 do not fit into a number: kept in two parts. */
export interface Instant {
  seconds: number
  nanos: number
}

/** `ms` may have a fraction; it is kept to the nanosecond. */
export function instant(ms: number): Instant {
  const seconds = Math.floor(ms / 1000)
  return { seconds, nanos: Math.min(999_999_999, Math.round((ms - seconds * 1000) * 1e6)) }
}

export function isAfter(a: Instant, b: Instant): boolean {
  return a.seconds === b.seconds ? a.nanos > b.nanos : a.seconds > b.seconds
}

let told = { seconds: Number.NaN, text: '' }

/** `2006-01-02T15:04:05`. The last one is kept: lines come in the order of their times, and a Date costs a microsecond. */
export function toSecond(seconds: number): string {
  if (told.seconds !== seconds) told = { seconds, text: new Date(seconds * 1000).toISOString().slice(0, 19) }
  return told.text
}

/** `2006-01-02T15:04:05.000000000Z`, always nine digits: what `timestamps=true` puts before a line. */
export function rfc3339({ seconds, nanos }: Instant): string {
  return `${toSecond(seconds)}.${String(nanos).padStart(9, '0')}Z`
}

/** Unix seconds with up to nine digits of fraction, as `since` and `until` come; undefined for anything else. */
export function parseUnix(text: string): Instant | undefined {
  const parts = /^(\d{1,11})(?:\.(\d{1,9}))?$/.exec(text)
  if (parts === null) return undefined
  return { seconds: Number(parts[1]), nanos: Number((parts[2] ?? '').padEnd(9, '0')) }
}
