/** How programs write times. All in UTC. */
import { toSecond } from '../time.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** `2026-11-22T10:02:11.123Z` */
export function iso(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  return `${toSecond(seconds)}.${String(Math.floor(ms - seconds * 1000)).padStart(3, '0')}Z`
}

/** `2026-11-22 10:02:11.123` */
export function spaced(ms: number): string {
  return iso(ms).slice(0, 23).replace('T', ' ')
}

/** `2026/11/22 10:02:11` */
export function slashed(ms: number): string {
  return iso(ms).slice(0, 19).replaceAll('-', '/').replace('T', ' ')
}

/** `22/Nov/2026:10:02:11 +0000`, the common log format's. */
export function common(ms: number): string {
  return `${calendar(ms).join('/')}:${clock(ms)} +0000`
}

/** `22 Nov 2026 10:02:11.123` */
export function worded(ms: number): string {
  return `${calendar(ms).join(' ')} ${iso(ms).slice(11, 23)}`
}

function calendar(ms: number) {
  const [year, month, day] = iso(ms).slice(0, 10).split('-')
  return [day, MONTHS[Number(month) - 1], year]
}

/** `10:02:11` */
export function clock(ms: number): string {
  return iso(ms).slice(11, 19)
}

/** `10:02:11 AM` */
export function twelve(ms: number): string {
  const hours = Number(clock(ms).slice(0, 2))
  return `${hours % 12 || 12}${clock(ms).slice(2)} ${hours < 12 ? 'AM' : 'PM'}`
}
