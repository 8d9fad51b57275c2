/** PostgreSQL, which writes all of its log to stderr. */
import type { Say, Voice } from '../log.ts'
import { requests } from '../story.ts'
import { spaced } from './write.ts'

export const postgres =
  (seed: number): Voice =>
  ({ start, random }, say) => {
    const write = (at: number, pid: string, level: string, text: string) =>
      say(at, `${spaced(start + at)} UTC [${pid}] ${level}:  ${text}`, 'stderr')

    if ((start / 60_000) % 5 === 0) {
      const buffers = random.int(60, 420)
      const seconds = (buffers / 10.2).toFixed(3)
      write(1200, '27', 'LOG', 'checkpoint starting: time')
      const sizes = `distance=${random.int(400, 2900)} kB, estimate=${random.int(3000, 4200)} kB`
      const written = `wrote ${buffers} buffers (${(buffers / 163.84).toFixed(1)}%)`
      write(
        1200 + buffers * 98,
        '27',
        'LOG',
        `checkpoint complete: ${written}; write=${seconds} s, sync=0.021 s; ${sizes}`,
      )
    }
    for (const { at, took, path, order } of requests(seed, start / 60_000)) {
      const session = `${random.int(60, 67)}`
      if (path === '/api/lamps' && took > 800) {
        const query = 'SELECT slug, title, price FROM lamps WHERE $1 = ANY(rooms) ORDER BY sold DESC LIMIT 24'
        write(
          at + took - 2,
          session,
          'LOG',
          `duration: ${took - 9}.${random.int(100, 999)} ms  execute lamps: ${query}`,
        )
      }
      if (order?.failed) {
        const user = `${session}] shop@lamps [checkout`
        write(at + took - 3, user, 'ERROR', 'canceling statement due to lock timeout')
        write(at + took - 3, user, 'CONTEXT', `while updating tuple (12,${random.int(2, 90)}) in relation "stock"`)
        write(at + took - 3, user, 'STATEMENT', 'UPDATE stock SET reserved = reserved - $1 WHERE slug = $2')
      }
    }
    if (random.chance(0.03)) {
      const table = 'automatic vacuum of table "lamps.public.baskets": index scans: 1'
      write(random.int(0, 59_000), `${random.int(300, 900)}`, 'LOG', table)
    }
  }

export const postgresOpening = (say: Say, at: number) => {
  const write = (ms: number, pid: number, text: string) =>
    say(ms, `${spaced(at + ms)} UTC [${pid}] LOG:  ${text}`, 'stderr')
  write(20, 1, 'starting PostgreSQL 17.6 on x86_64-pc-linux-musl, compiled by gcc 14.2.0, 64-bit')
  write(21, 1, 'listening on IPv4 address "0.0.0.0", port 5432')
  write(24, 1, 'listening on Unix socket "/var/run/postgresql/.s.PGSQL.5432"')
  write(31, 29, 'database system was shut down at 2026-11-20 21:14:02 UTC')
  write(48, 1, 'database system is ready to accept connections')
}
