/** One container's log: what is drawn of its stream, and from where it is resumed. */
import { describe, expect, it } from 'vitest'
import type { Line, LogPage, StateEvent } from '../../../server/wire.ts'
import { LogSession } from '../../../web/log/session.ts'

const ID = 'a1b2c3d4e5f6'
const NOW = new Date('2026-11-22T10:00:00Z')
const START = 1_795_341_600

/** Line `n` of a log that writes three lines in each millisecond, so that ordinals matter. */
const line = (n: number): Line => ({
  time: new Date(START * 1000 + Math.floor(n / 3)).toISOString().replace('Z', '000000Z'),
  stream: 'stdout',
  message: `line ${n}`,
  ...(n % 3 === 0 ? {} : { ordinal: n % 3 }),
})
const cursor = (n: number) => {
  const ms = START * 1000 + Math.floor(n / 3)
  return `${ID}.${Math.floor(ms / 1000)}.${String((ms % 1000) * 1e6).padStart(9, '0')}.${n % 3}`
}
const state = (name: StateEvent['state'], more: Partial<StateEvent> = {}): StateEvent => ({
  container: 'web',
  state: name,
  incarnation: ID,
  at: '2026-11-22T09:59:00Z',
  ...more,
})
const texts = (session: LogSession) => {
  const { first, end } = session.store
  return Array.from({ length: end - first }, (_, i) => session.store.row(first + i)?.text ?? '')
}

describe('log session', () => {
  it('asks for the backlog first, and for what follows the last line afterwards', () => {
    const session = new LogSession('web@vm 1/x', NOW)
    expect(session.address()).toBe('api/containers/web%40vm%201%2Fx/logs/stream?containers=true&wait=true&tail=500')
    session.message([line(0), line(1)], cursor(1))
    expect(session.address()).toContain(`&after=${cursor(1)}`)
    session.live(cursor(5), false)
    expect(session.address()).toContain(`&after=${cursor(5)}`)
  })

  it('asks the whole log of a line’s container for what stands around it, whatever is filtered or merged', async () => {
    const asked: string[] = []
    const fetch = async (input: string | URL | Request) => {
      asked.push(String(input))
      const lines = String(input).includes('before=') ? [line(3)] : [line(5), line(6)]
      return Response.json({ incarnation: ID, lines, atStart: false, atEnd: false, before: null, after: null })
    }
    const session = new LogSession('shop', NOW, { filter: 'q=4', selection: 'project=shop', fetch })
    expect(session.isFiltered).toBe(true)
    const merged = { ...line(4), incarnation: ID, container: 'web@vm 1' }
    session.message([merged], cursor(4))
    const row = session.store.row(session.store.first)
    if (row === undefined) throw new Error('the line is not loaded')
    const { before, after } = await session.around(row, 2)
    expect([...before, ...after].map(({ message }) => message)).toEqual(['line 3', 'line 5', 'line 6'])
    const logs = 'api/containers/web%40vm%201/logs?limit=2'
    expect(asked).toEqual([`${logs}&before=${cursor(4)}`, `${logs}&after=${cursor(4)}`])
  })

  it('draws what happened, but not the state that opens a connection', () => {
    const session = new LogSession('web', NOW)
    session.connected()
    session.state(state('started'))
    session.message([line(0)], cursor(0))
    session.live(cursor(0), false)
    expect(texts(session)).toEqual(['line 0'])
    session.state(state('paused'))
    expect(texts(session)).toHaveLength(2)
    session.connected()
    session.state(state('paused'))
    expect(texts(session)).toHaveLength(2)
  })

  it('ends the lines of a stopped container with why it stopped, once', () => {
    const session = new LogSession('web', NOW)
    for (let connection = 0; connection < 2; connection++) {
      session.connected()
      session.state(state('died', { exitCode: 137 }))
      if (connection === 0) session.message([line(0)], cursor(0))
      session.live(cursor(0), true)
    }
    expect(texts(session)).toHaveLength(2)
    expect(texts(session)[1]).toMatch(/^web exited · .* · code 137, out of memory · waiting for it to start again$/)
  })

  it('tells of a start that was missed while the connection was away', () => {
    const session = new LogSession('web', NOW)
    session.message([line(0)], cursor(0))
    session.connected()
    session.state(state('died', { exitCode: 0 }))
    session.live(cursor(0), false)
    session.connected()
    session.state(state('started'))
    expect(texts(session).at(-1)).toMatch(/^web started again/)
  })

  it('stays without a row when the driver cannot be read: the page says so in words', () => {
    const session = new LogSession('web', NOW)
    session.gap({ container: 'web', reason: 'unreadable-driver', driver: 'syslog' }, '')
    expect(texts(session)).toEqual([])
    expect(session.status.unreadable?.driver).toBe('syslog')
    expect(session.status.empty).toBe(true)
  })

  it('stays without a row while Docker reads nothing of the log, and says so before the first line that it does', () => {
    const session = new LogSession('web', NOW)
    session.gap({ container: 'web', reason: 'damaged', detail: 'EOF' }, '')
    expect([texts(session), session.status.unreadable?.detail, session.status.empty]).toEqual([[], 'EOF', true])
    session.message([line(0)], cursor(0))
    expect(texts(session)).toEqual(["Docker can't read the log here: EOF", line(0).message])
    expect([session.status.unreadable, session.status.empty]).toEqual([undefined, false])
    session.gap({ container: 'web', reason: 'damaged', detail: 'later' }, '')
    expect(texts(session).at(-1)).toBe("Docker can't read the log here: later")
    expect(session.status.unreadable).toBeUndefined()
  })
})

/** A log of so many lines, and an interface that gives pages of it as the server does. */
function served(lines: number, page: number) {
  const requests: string[] = []
  const fetch = async (address: string | URL | Request) => {
    const url = new URL(String(address), 'http://localhost/')
    requests.push(url.search)
    const query = url.searchParams
    const at = (name: string) => {
      const wanted = query.get(name)
      return wanted === null ? undefined : Array.from({ length: lines }, (_, n) => cursor(n)).indexOf(wanted)
    }
    const around = query.get('around')
    const middle =
      around === null ? 0 : Array.from({ length: lines }, (_, n) => line(n)).findIndex(({ time }) => time >= around)
    const [before, after] = [at('before'), at('after')]
    const first =
      after !== undefined ? after + 1 : before !== undefined ? before - page : (middle < 0 ? lines : middle) - page / 2
    const from = Math.max(0, first)
    const to = Math.min(lines, before ?? (after !== undefined ? from + page : first + page))
    const body: LogPage = {
      container: 'web',
      incarnation: ID,
      lines: Array.from({ length: to - from }, (_, i) => line(from + i)),
      before: to > from ? cursor(from) : query.get('before'),
      after: to > from ? cursor(to - 1) : query.get('after'),
      atStart: from === 0,
      atEnd: to === lines,
    }
    return new Response(JSON.stringify(body))
  }
  return { requests, fetch: fetch as typeof globalThis.fetch }
}

const batchTo = (session: LogSession, from: number, to: number) =>
  session.message(
    Array.from({ length: to - from }, (_, i) => line(from + i)),
    cursor(to - 1),
  )
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `line ${from + i}`)

/** Until nothing is being fetched. */
const settled = (session: LogSession) => expect.poll(() => session.status.loading, { interval: 1 }).toBeUndefined()

describe('history', () => {
  it('comes page by page as the reader nears the start, to the first line, each line once', async () => {
    const { fetch, requests } = served(900, 100)
    const session = new LogSession('web', NOW, { fetch })
    session.address()
    batchTo(session, 400, 900)
    session.live(cursor(899), false)
    for (let page = 1; page <= 4; page++) {
      session.near('start')
      session.near('start')
      await settled(session)
      expect(texts(session)).toEqual(numbers(400 - page * 100, 900))
      expect(session.status.atStart).toBe(page === 4)
    }
    session.near('start')
    expect(requests).toHaveLength(4)
    expect(session.isAttached).toBe(true)
  })

  it('is not asked for where the backlog is the whole log', () => {
    const { fetch, requests } = served(3, 100)
    const session = new LogSession('web', NOW, { fetch })
    session.address()
    batchTo(session, 0, 3)
    session.live(cursor(2), false)
    expect(session.status.atStart).toBe(true)
    session.near('start')
    expect(requests).toEqual([])
  })

  it('is tried again later when it could not be had, and the lines stay', async () => {
    const session = new LogSession('web', NOW, { fetch: async () => new Response('', { status: 503 }) })
    session.address()
    batchTo(session, 400, 900)
    session.live(cursor(899), false)
    session.near('start')
    await settled(session)
    expect(texts(session)).toEqual(numbers(400, 900))
    expect(session.status.atStart).toBe(false)
  })

  const html = { headers: { 'Content-Type': 'text/html' } }
  it.each<[string, number, typeof fetch]>([
    ['a sign-in’s page', 1, async () => new Response('<h1>Sign in</h1>', html)],
    ['401', 1, async () => new Response('', { status: 401 })],
    ['403', 1, async () => new Response('', { status: 403 })],
    ['no answer', 1, () => Promise.reject(new TypeError('Failed to fetch'))],
    ['Sluice’s own 503', 0, async () => Response.json({ detail: 'No engine.' }, { status: 503 })],
  ])('that brings %s has the stream opened anew %i times, which says why', async (_, times, fetch) => {
    const session = new LogSession('web', NOW, { fetch })
    let reopened = 0
    session.onReopen = () => reopened++
    session.address()
    batchTo(session, 400, 900)
    session.live(cursor(899), false)
    session.near('start')
    await settled(session)
    session.near('start')
    await settled(session)
    expect(reopened).toBe(times)
  })

  it('far from the end: the newest are let go, counted, and come back, each line once', async () => {
    const { fetch } = served(5000, 500)
    const session = new LogSession('web', NOW, { fetch, bounds: { rows: 2048, bytes: 1e9 } })
    let reopened = 0
    session.onReopen = () => {
      reopened++
    }
    session.address()
    batchTo(session, 4500, 5000)
    session.live(cursor(4999), false)
    while (session.isAttached) {
      session.store.pinned = [session.store.first, session.store.first + 40]
      session.near('start')
      await settled(session)
    }
    expect(reopened).toBe(1)
    expect(session.address()).toContain('&tail=0')
    const all = texts(session)
    const first = Number(all[0]?.slice(5))
    expect(all).toEqual(numbers(first, first + all.length))
    const { appended } = session.store
    session.message([line(5000)], cursor(5000))
    expect(session.store.appended).toBe(appended + 1)
    expect(texts(session)).toEqual(all)
    while (!session.isAttached) {
      session.store.pinned = [session.store.end - 40, session.store.end]
      session.near('end')
      await settled(session)
    }
    expect(texts(session).at(-1)).toBe('line 4999')
    expect(session.address()).toContain(`&after=${cursor(4999)}`)
    const again = texts(session)
    const start = Number(again[0]?.slice(5))
    expect(again).toEqual(numbers(start, 5000))
  })

  it('asks for no history while the stream still brings its backlog, though that begins near for a moment', async () => {
    const { fetch, requests } = served(3000, 500)
    const session = new LogSession('web', NOW, { fetch })
    session.address()
    session.state(state('started'))
    batchTo(session, 2500, 2600)
    session.near('start')
    batchTo(session, 2600, 3000)
    session.live(cursor(2999), false)
    expect(requests).toEqual([])
    session.near('start')
    await settled(session)
    expect(texts(session)).toEqual(numbers(2000, 3000))
  })

  it('takes no more lines when all that is loaded is being read, and goes on from there', async () => {
    const { fetch } = served(3000, 500)
    const session = new LogSession('web', NOW, { fetch, bounds: { rows: 1024, bytes: 1e9 } })
    session.address()
    session.state(state('started'))
    session.store.pinned = [0, 40]
    batchTo(session, 0, 3000)
    expect(texts(session)).toEqual(numbers(0, 1024))
    expect(session.isAttached).toBe(false)
    expect(session.store.appended).toBe(3000)
    session.store.pinned = [1000, 1020]
    session.near('end')
    await settled(session)
    expect(texts(session)).toEqual(numbers(512, 1524))
  })
})

describe('going to a place', () => {
  it('of a cursor shows its line among those around it, and goes on from there both ways', async () => {
    const { fetch } = served(3000, 100)
    const session = new LogSession('web', NOW, { fetch, elsewhere: true })
    const placed: (string | undefined)[] = []
    session.onPlace = (index) => placed.push(index === undefined ? undefined : session.store.text(index))
    expect(session.address()).toContain('&tail=0')
    await session.go({ at: cursor(1501) })
    expect(placed).toEqual(['line 1501'])
    expect(session.status.lost).toBe(false)
    expect(session.store.appended).toBe(0)
    const [first] = texts(session)
    const from = Number(first?.slice(5))
    expect(texts(session)).toEqual(numbers(from, from + 100))
    session.state(state('started'))
    session.near('end')
    await settled(session)
    session.near('start')
    await settled(session)
    expect(texts(session)).toEqual(numbers(from - 100, from + 200))
    expect(session.isAttached).toBe(false)
    await session.go({ at: cursor(1502) })
    expect(placed).toEqual(['line 1501', 'line 1502'])
  })

  it('of a line that is gone says so, and shows what was written then', async () => {
    const { fetch } = served(300, 100)
    const session = new LogSession('web', NOW, { fetch, elsewhere: true })
    let placed: number | undefined
    session.onPlace = (index) => {
      placed = index
    }
    await session.go({ at: cursor(150).replace(ID, 'ffffffffffff') })
    expect(session.status.lost).toBe(true)
    expect(session.store.text(placed ?? 0)).toBe('line 150')
  })

  it('of the end has the newest lines again, and follows them', async () => {
    const { fetch } = served(3000, 100)
    const session = new LogSession('web', NOW, { fetch, elsewhere: true })
    await session.go({ at: cursor(1500) })
    let placed: number | undefined = 1
    session.onPlace = (index) => {
      placed = index
    }
    await session.go('end')
    expect(placed).toBeUndefined()
    expect(session.address()).toContain('&tail=500')
    batchTo(session, 2500, 3000)
    session.live(cursor(2999), false)
    expect(texts(session)).toEqual(numbers(2500, 3000))
  })

  it('of the start shows the first lines', async () => {
    const { fetch } = served(3000, 100)
    const session = new LogSession('web', NOW, { fetch, elsewhere: true })
    await session.go('start')
    expect(texts(session)[0]).toBe('line 0')
    expect(session.status.atStart).toBe(true)
  })
})

describe('merged logs', () => {
  /** A session whose past is these lines, as a search finds them, and the addresses that it asks. */
  function merged(past: readonly Line[]) {
    const found = past.map((one, n) => ({ ...one, cursor: cursor(n), ranges: [] })).reverse()
    const answer =
      `event:message\nid:x\ndata:${JSON.stringify(found)}\n\n` +
      'event:done\nid:done\ndata:{"complete":true,"next":null,"lines":7,"matches":7}\n\n'
    const asked: string[] = []
    const fetch = async (address: string | URL | Request) => {
      asked.push(String(address))
      return new Response(answer)
    }
    const options = { selection: 'project=shop', fetch: fetch as typeof globalThis.fetch }
    return { session: new LogSession('shop', NOW, options), asked }
  }

  it('have each line once, though the history that is asked for by time brings some that the stream has brought', async () => {
    const all = Array.from({ length: 9 }, (_, n) => ({ ...line(n), container: 'web', incarnation: ID }))
    const { session, asked } = merged(all.slice(0, 7))
    expect(session.address()).toBe('api/logs/stream?containers=true&wait=true&tail=0&project=shop')
    session.live('', false)
    session.near('start')
    expect([session.status.peopled, asked]).toEqual([undefined, []])
    session.state(state('started'))
    session.message(all.slice(4), 'a,b')
    session.near('start')
    await settled(session)
    expect(asked).toHaveLength(1)
    expect(texts(session).filter((text) => text.startsWith('line'))).toEqual(numbers(0, 9))
    expect(session.status).toMatchObject({ atStart: true, peopled: true })
  })

  it('have each line once, though the first that the stream has brought is not the earliest', async () => {
    const all = Array.from({ length: 7 }, (_, n) => ({ ...line(n), container: 'web', incarnation: ID }))
    const { session } = merged(all)
    session.live('', false)
    session.state(state('started'))
    session.message(all.slice(6), 'a')
    session.message(all.slice(4, 6), 'a,b') // they come late
    session.near('start')
    await settled(session)
    const lines = texts(session).filter((text) => text.startsWith('line'))
    expect(lines).toEqual([...numbers(0, 4), ...numbers(6, 7), ...numbers(4, 6)])
  })

  it('have each line once, though history brings what the stream brings a moment later', async () => {
    const all = Array.from({ length: 9 }, (_, n) => ({ ...line(n), container: 'web', incarnation: ID }))
    const { session } = merged(all.slice(0, 7))
    session.live('', false)
    session.state(state('started'))
    session.near('start')
    await settled(session)
    session.message(all.slice(5), 'a,b')
    expect(texts(session).filter((text) => text.startsWith('line'))).toEqual(numbers(0, 9))
  })
})
