/** Traefik, which writes logfmt. */
import type { Say, Voice } from '../log.ts'
import { iso } from './write.ts'

const write = (say: Say, start: number, at: number, level: string, msg: string, fields = '') =>
  say(at, `time="${iso(start + at).slice(0, 19)}Z" level=${level} msg="${msg}"${fields && ` ${fields}`}`)

export const traefik: Voice = ({ start, random }, say) => {
  for (let at = random.int(0, 9000); at < 60_000; at += random.int(3000, 14_000)) {
    const roll = random.next()
    const client = `198.51.100.${random.int(2, 250)}`
    if (roll < 0.62) {
      const service = random.pick(['web@docker', 'web@docker', 'storefront-dev@docker'])
      write(
        say,
        start,
        at,
        'debug',
        'Service selected by WRR',
        `service=${service} server=http://192.0.2.${random.int(10, 14)}:80`,
      )
    } else if (roll < 0.82) {
      write(say, start, at, 'debug', `http: TLS handshake error from ${client}:${random.int(40_000, 60_000)}: EOF`)
    } else if (roll < 0.93) {
      write(say, start, at, 'info', 'Configuration received', 'providerName=docker routers=4 services=4')
    } else if (roll < 0.98) {
      write(
        say,
        start,
        at,
        'warn',
        'Health check failed',
        'serviceName=print-station@docker error="503 Service Unavailable"',
      )
    } else {
      const where = 'providerName=letters.acme domain=old.lamps.example'
      write(say, start, at, 'error', 'Unable to renew certificate: no such host', where)
    }
  }
}

export const traefikOpening = (say: Say, at: number) => {
  write(say, at, 20, 'info', 'Traefik version 2.11.30 built on 2026-10-14T09:12:41Z')
  write(say, at, 24, 'info', 'Starting provider aggregator aggregator.ProviderAggregator')
  write(say, at, 25, 'info', 'Starting provider *docker.Provider')
  write(say, at, 90, 'info', 'Configuration received', 'providerName=docker routers=4 services=4')
}
