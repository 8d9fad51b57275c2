/** The words of what stands between the lines: what happened to the container, and lines that cannot be had. */
import type { GapEvent, StateEvent } from '../../server/wire.ts'
import { clock, cursorTime, type LineTime, readTime, type Zone } from './time.ts'

/** A time in a divider's words, which is shown in the zone in use when they are drawn: Unix seconds between U+2063, which is invisible. */
const MARK = /\u2063(\d+)\u2063/g

function timeMark({ seconds }: LineTime): string {
  return `\u2063${seconds}\u2063`
}

/** A divider's words as they are shown. */
export function withTimes(text: string, zone: Zone = 'local'): string {
  return text.replace(MARK, (_, seconds: string) => clock({ seconds: Number(seconds), nanos: 0 }, zone))
}

/** A divider's words; `waits` is added while it is the log's last row. */
export interface Divider {
  text: string
  waits?: string
}

/** Words for a state event; undefined where the top bar alone tells it (health, created). */
export function stateDivider(event: StateEvent, seenStopped: boolean): Divider | undefined {
  const name = event.container
  const at = timeMark(readTime(event.at))
  switch (event.state) {
    case 'started':
      return { text: `${name} started${seenStopped ? ' again' : ''} · ${at}` }
    case 'restarting':
      return {
        text: `${name} is restarting · ${at}${event.exitCode === undefined ? '' : ` · exited ${event.exitCode}`}`,
      }
    case 'stopped':
    case 'died': {
      const ended = event.stopped ? 'was stopped' : 'exited'
      return { text: `${name} ${ended} · ${at}${exitWords(event)}`, waits: 'waiting for it to start again' }
    }
    case 'oom':
      return { text: `${name} ran out of memory · ${at}` }
    case 'paused':
      return { text: `${name} was paused · ${at}` }
    case 'unpaused':
      return { text: `${name} resumed · ${at}` }
    case 'renamed':
      return { text: `${name} was renamed · ${at}`, waits: 'waiting for a container of this name' }
    case 'removed':
      return { text: `${name} was removed · ${at}`, waits: 'waiting for a container of this name' }
    case 'recreated':
      return {
        text: `${recreationDivider(name, readTime(event.at))}${event.images ? ` · ${event.images.join(' → ')}` : ''}`,
      }
    case 'created':
    case 'health':
    case 'absent':
      return undefined
  }
}

export function recreationDivider(name: string, time: LineTime): string {
  return `${name} was re-created · ${timeMark(time)}`
}

function exitWords(event: StateEvent): string {
  return event.exitCode === undefined ? '' : ` · code ${event.exitCode}`
}

/** Words for a gap. */
export function gapDivider(event: GapEvent): string {
  const from = event.from === undefined ? undefined : cursorTime(event.from)
  const to = event.to === undefined ? undefined : cursorTime(event.to)
  const gone = event.reason === 'removed' ? 'gone with the container that wrote them' : 'no longer kept by Docker'
  switch (event.reason) {
    case 'unreadable-driver':
      return `Lines that Docker cannot read back${event.driver ? ` (log driver ${event.driver})` : ''}`
    case 'damaged':
      return damageDivider(event.detail)
    case 'unknown-cursor':
      return `The last line seen${from ? `, ${timeMark(from)},` : ''} is no longer kept by Docker: lines may be missing here`
    case 'rotated':
    case 'removed':
      if (from !== undefined && to !== undefined && to.seconds >= from.seconds) {
        const [amount, one] = spanWords(to.seconds - from.seconds)
        return `${amount} of lines, ${timeMark(from)} to ${timeMark(to)}, ${one ? 'is' : 'are'} ${gone}`
      }
      if (to !== undefined) return `Lines before ${timeMark(to)} are ${gone}`
      if (from !== undefined) return `Lines after ${timeMark(from)} are ${gone}`
      return `Lines are missing here: they are ${gone}`
  }
}

/** Words for a part of the log that Docker cannot read. */
export function damageDivider(detail: string | undefined): string {
  return `Docker can't read the log here${detail ? `: ${detail}` : ''}`
}

/** `38 seconds`, `1 minute`, in the largest unit that does not round to nothing, and whether it is one of them. */
function spanWords(seconds: number): [words: string, one: boolean] {
  const units: [name: string, size: number][] = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
  ]
  const [name, size] = units.find(([, unit]) => seconds >= unit) ?? ['second', 1]
  const count = Math.max(1, Math.round(seconds / size))
  return [`${count} ${name}${count === 1 ? '' : 's'}`, count === 1]
}
