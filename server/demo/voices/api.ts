/** The shop's API, a Node program: pino's JSON on stdout, and the stack of what it did not expect on stderr. */
import type { Say, Voice } from '../log.ts'
import { requests } from '../story.ts'

const INFO = 30
const WARN = 40
const ERROR = 50

export const api =
  (seed: number): Voice =>
  ({ start, random }, say) => {
    const write = (at: number, level: number, msg: string, fields: object) =>
      say(at, JSON.stringify({ level, time: start + at, pid: 1, hostname: 'api', ...fields, msg }))

    for (const { at, took, method, path, status, id, lamp, order } of requests(seed, start / 60_000)) {
      if (id === undefined) continue
      const done = at + took
      if (path === '/api/basket') write(at + 1, INFO, 'added to basket', { reqId: id, lamp: lamp?.slug })
      if (path === '/api/lamps' && took > 800)
        write(done - 1, WARN, 'slow query', { reqId: id, table: 'lamps', ms: took - 9 })
      if (order !== undefined) {
        const total = order.quantity * order.lamp.price
        write(at + 2, INFO, 'reserved stock', { reqId: id, lamp: order.lamp.slug, quantity: order.quantity })
        if (order.failed) {
          write(at + 2500, WARN, 'payment provider is slow, trying again', { reqId: id, order: order.id, attempt: 2 })
          const err = { type: 'PaymentTimeout', message: 'no answer from pay.example within 5000 ms' }
          write(done - 2, ERROR, 'could not take payment', { reqId: id, order: order.id, total, err })
          say(done - 1, STACK, 'stderr')
        } else {
          write(at + Math.floor(took / 2), INFO, 'payment authorised', { reqId: id, order: order.id, total })
          write(done - 1, INFO, 'order placed', { reqId: id, order: order.id, city: order.city })
        }
      }
      const fields = { reqId: id, req: { method, url: path }, res: { statusCode: status }, responseTime: took }
      if (status >= 500) write(done, ERROR, 'request errored', fields)
      else write(done, INFO, 'request completed', fields)
    }
    if (random.chance(0.12)) {
      const used = random.int(301, 344)
      write(random.int(0, 59_000), WARN, 'heap is filling up', { heapUsedMiB: used, heapLimitMiB: 384 })
    }
  }

export const apiOpening = (say: Say, at: number) => {
  const write = (ms: number, msg: string, fields: object) =>
    say(ms, JSON.stringify({ level: INFO, time: at + ms, pid: 1, hostname: 'api', ...fields, msg }))
  write(310, 'connected to postgres', { host: 'postgres', database: 'lamps', poolSize: 8 })
  write(322, 'connected to redis', { host: 'redis' })
  write(350, 'listening', { port: 3000, version: '2.14.0' })
}

const STACK = `PaymentTimeout: no answer from pay.example within 5000 ms
    at Timeout.onDeadline (file:///srv/api/payments/client.js:88:19)
    at listOnTimeout (node:internal/timers:588:17)
    at process.processTimers (node:internal/timers:523:7)
    at async takePayment (file:///srv/api/payments/take.js:41:18)
    at async checkout (file:///srv/api/routes/checkout.js:63:21) {
  code: 'ETIMEDOUT',
  provider: 'pay.example'
}`
