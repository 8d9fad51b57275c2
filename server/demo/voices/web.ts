/** nginx before the shop: access lines in the combined format, JSON for what it hands to the API, errors on stderr. */
import type { Say, Voice } from '../log.ts'
import { requests } from '../story.ts'
import { common, iso, slashed } from './write.ts'

export const web =
  (seed: number): Voice =>
  ({ start }, say) => {
    for (const { at, took, visit, method, path, status, bytes, id } of requests(seed, start / 60_000)) {
      const now = start + at + took
      if (id === undefined) {
        const line = `${method} ${path} HTTP/1.1`
        say(
          at + took,
          `${visit.ip} - - [${common(now)}] "${line}" ${status} ${bytes} "https://lamps.example/" "${visit.agent}"`,
        )
        if (status === 404) {
          const missing = `open() "/srv/www${path}" failed (2: No such file or directory)`
          say(at, `${slashed(now)} [error] 31#31: ${missing}, client: ${visit.ip}, server: lamps.example`, 'stderr')
        }
        continue
      }
      const seconds = took / 1000
      const upstream = { upstream: 'api:3000', status, request_time: seconds, request_id: id }
      say(
        at + took,
        JSON.stringify({ time: iso(now), remote_addr: visit.ip, request: `${method} ${path}`, ...upstream }),
      )
      if (status === 502) {
        const reason = 'upstream prematurely closed connection while reading response header from upstream'
        const asked = `client: ${visit.ip}, server: lamps.example, request: "${method} ${path} HTTP/1.1"`
        say(
          at + took,
          `${slashed(now)} [error] 31#31: ${reason}, ${asked}, upstream: "http://api:3000${path}"`,
          'stderr',
        )
      } else if (took > 1500) {
        const buffered = 'an upstream response is buffered to a temporary file /var/cache/nginx/proxy_temp/3/00'
        say(
          at + took,
          `${slashed(now)} [warn] 31#31: ${buffered}, client: ${visit.ip}, server: lamps.example`,
          'stderr',
        )
      }
    }
  }

export const webOpening = (say: Say, at: number) => {
  say(5, '/docker-entrypoint.sh: Configuration complete; ready for start up')
  for (const [ms, text] of [
    [30, 'using the "epoll" event method'],
    [31, 'nginx/1.29.3'],
    [32, 'OS: Linux 6.12.57'],
    [33, 'start worker processes'],
    [34, 'start worker process 31'],
  ] as const) {
    say(ms, `${slashed(at + ms)} [notice] 1#1: ${text}`, 'stderr')
  }
}
