/** The soak's viewer: what it takes for received, and what it does not forgive. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { Random } from '../../soak/random.ts'
import { Session, type SessionPlan } from '../../soak/session.ts'

const A = 'aaaaaaaaaaaa'
const B = 'bbbbbbbbbbbb'
const time = (second: number) => `1970-01-01T00:00:0${second}.000000000Z`
const id = (incarnation: string, second: number) => `${incarnation}.${second}.000000000.0`

const PLAIN: SessionPlan = { kind: 'plain', path: '/s?tail=1', names: ['web'], filter: 0 }
const MERGED: SessionPlan = { kind: 'merged', path: '/s', names: ['web', 'db'], filter: 0 }

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** Each connection gets the next answer, and is then cut; the last one stays. Resolves when that is served, with what was asked. */
async function visit(plan: SessionPlan, answers: readonly string[]): Promise<{ session: Session; asked: string[] }> {
  const asked: string[] = []
  let served = () => {}
  const all = new Promise<void>((resolve) => {
    served = resolve
  })
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { searchParams } = new URL(request.url ?? '', 'http://x')
    asked.push(request.headersDistinct['last-event-id']?.[0] ?? searchParams.get('after') ?? '')
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.write(answers[asked.length - 1], () => {
      if (asked.length < answers.length) setTimeout(() => response.destroy(), 50)
      else setTimeout(served, 50)
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const session = new Session('s', plan, { url: `http://127.0.0.1:${port}` }, new Random(1))
  session.calm()
  session.start()
  await all
  await session.leave()
  closing.push(async () => server.close())
  return { session, asked }
}

function event(lines: readonly object[], cursor: string): string {
  const whole = lines.map((line) => ({ stream: 'stdout', message: 'x', ...line }))
  return `event: message\nid: ${cursor}\ndata: ${JSON.stringify(whole)}\n\n`
}

it('takes no event whose blank line has not come, and goes on after the one before it', async () => {
  const torn = event([{ time: time(2) }], id(A, 2)).slice(0, -1)
  const { session, asked } = await visit(PLAIN, [
    event([{ time: time(1) }], id(A, 1)) + torn,
    `id: ${id(A, 3)}\n\n`,
    event([{ time: time(4) }], id(B, 4)),
  ])
  expect(asked).toEqual(['', id(A, 1), id(A, 3)])
  const inbox = session.inboxes.get('web')
  expect(inbox?.lines.length).toBe(2)
  expect(inbox?.incarnations.map(({ incarnation }) => incarnation)).toEqual([A, B])
  expect(session.offences).toEqual([])
})

it("does not forgive a batch whose id is not its last line's, nor an id that is no cursor", async () => {
  const { session } = await visit(PLAIN, [event([{ time: time(1) }], id(A, 2)), event([{ time: time(1) }], 'x')])
  expect(session.offences).toEqual([
    `a batch that ends with ${time(1)} has the id "${id(A, 2)}"`,
    'an event message has the id "x"',
    `a batch that ends with ${time(1)} has the id "x"`,
  ])
})

it('remembers where it was told to stand before its first line', async () => {
  const { session } = await visit(PLAIN, [`event: live\nid: ${id(A, 3)}\ndata: {}\n\n`, `id: ${id(A, 0)}\n\n`])
  expect(session.inboxes.get('web')?.anchor?.incarnation).toBe(A)
  expect(session.offences).toEqual([])
})

it("sorts a merged stream's lines and gaps by container", async () => {
  const compound = `${id(A, 1)},${id(B, 2)}`
  const lines = [
    { container: 'web', incarnation: A, time: time(1) },
    { container: 'db', incarnation: B, time: time(2) },
    { container: 'other', incarnation: B, time: time(2) },
  ]
  const gap = `event: gap\ndata: ${JSON.stringify({ container: 'db', reason: 'removed' })}\n\n`
  const { session, asked } = await visit(MERGED, [event(lines, compound), gap])
  expect(asked).toEqual(['', compound])
  expect([...session.inboxes.values()].map(({ lines, gaps }) => [lines.length, gaps.length])).toEqual([
    [1, 0],
    [1, 1],
  ])
  expect(session.offences).toEqual([])
})

it('wants merged lines by time, but for those marked late and for steps back within one container', async () => {
  const web = { container: 'web', incarnation: A }
  const db = { container: 'db', incarnation: B }
  const fine = [
    { ...web, time: time(1) },
    { ...web, time: time(4) },
    { ...web, time: time(3) },
    { ...db, time: time(2), late: true },
    { ...db, time: time(5) },
  ]
  expect((await visit(MERGED, [event(fine, id(A, 4))])).session.offences).toEqual([])
  const wrong = [
    { ...web, time: time(4) },
    { ...db, time: time(2) },
  ]
  expect((await visit(MERGED, [event(wrong, id(A, 4))])).session.offences).toHaveLength(1)
})
