/** The shop's worker, a Python program that logs with loguru: `date | LEVEL | module:function:line - text`. */
import type { Say, Voice } from '../log.ts'
import { requests } from '../story.ts'
import { spaced } from './write.ts'

export const worker =
  (seed: number): Voice =>
  ({ start, random }, say) => {
    const write = (at: number, level: string, place: string, text: string, more = '') =>
      say(at, `${spaced(start + at)} | ${level.padEnd(8)} | ${place} - ${text}${more}`)

    for (const { at, took, order } of requests(seed, start / 60_000)) {
      if (order === undefined || order.failed) continue
      let now = at + took + random.int(20, 200)
      const { id, lamp, quantity, city } = order
      write(now, 'INFO', 'worker.orders:receive:31', `order ${id}: ${quantity} x ${lamp.title} for ${city}`)
      now += random.int(300, 1500)
      if (random.chance(0.08)) {
        write(now, 'WARNING', 'worker.stock:reserve:58', `only ${random.int(1, 4)} of ${lamp.slug} left on the shelf`)
      }
      write(now + 40, 'DEBUG', 'worker.labels:render:77', `label for order ${id} rendered in ${random.int(21, 64)} ms`)
      write(
        now + 90,
        'SUCCESS',
        'worker.orders:pack:102',
        `order ${id} packed, parcel ${random.int(100, 999)}-${random.int(1000, 9999)}`,
      )
      now += random.int(200, 900)
      if (random.chance(0.04)) {
        write(
          now,
          'ERROR',
          'worker.mail:send_receipt:46',
          `receipt for order ${id} not sent, will try again`,
          TRACEBACK,
        )
        now += 4000
      }
      const slow = random.chance(0.1) ? random.int(2100, 4800) : random.int(80, 400)
      now += slow
      if (slow > 2000)
        write(now, 'WARNING', 'worker.mail:send_receipt:52', `mail.example took ${(slow / 1000).toFixed(1)} s`)
      write(now + 1, 'INFO', 'worker.mail:send_receipt:54', `receipt for order ${id} sent`)
    }
    const waiting = random.int(0, 3)
    write(random.int(0, 59_000), 'DEBUG', 'worker.queue:poll:19', `${waiting} waiting in queue orders`)
  }

export const workerOpening = (say: Say, at: number) => {
  say(
    800,
    `${spaced(at + 800)} | INFO     | worker.main:start:12 - worker 2.14.0, 4 threads, queues orders, mail, labels`,
  )
  say(840, `${spaced(at + 840)} | INFO     | worker.queue:connect:9 - connected to redis://redis:6379/0`)
}

const TRACEBACK = `
Traceback (most recent call last):
  File "/srv/worker/mail.py", line 41, in send_receipt
    with smtp.session(timeout=4) as mail:
  File "/usr/local/lib/python3.13/contextlib.py", line 141, in __enter__
    return next(self.gen)
  File "/srv/worker/smtp.py", line 27, in session
    raise MailServerBusy(reply)
worker.smtp.MailServerBusy: 421 mail.example: too many connections, try again later`
