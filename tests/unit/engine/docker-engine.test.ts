/** The picture of containers stays right whatever order an engine's events and answers come in. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import http, { type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DockerEngine } from '../../../server/engine/docker-engine.ts'
import { isLines } from '../../../server/logs/damage.ts'

const A = 'a'.repeat(64)
const B = 'b'.repeat(64)
const log = pino({ level: 'silent' })

function inspection(id: string, status: string, { started = '', finished = '' } = {}) {
  return {
    Id: id,
    Name: `/name-${id[0]}`,
    Created: '2026-11-22T10:00:00Z',
    Path: 'sh',
    Args: [],
    State: { Status: status, Running: status === 'running', ExitCode: 0, StartedAt: started, FinishedAt: finished },
    Config: { Image: 'busybox', Labels: {}, Tty: false },
    HostConfig: { LogConfig: { Type: 'json-file' } },
  }
}

describe('DockerEngine', () => {
  let folder: string
  let server: http.Server
  let engine: DockerEngine
  let events: ServerResponse
  let socketPath: string
  /** What the engine remembers, where it is asked for a time that has passed. */
  let past: string
  /** What happens when it has answered with the event stream, and does not listen yet: it has that for who asks from when. */
  let between: string
  /** From when the event stream was asked for, each time. */
  let asOf: (string | null)[]
  /** How often it fails at that, first. */
  let failures: number
  let listFailures: number
  let listing: Promise<object[]>
  /** What was asked for of containers and of the past. */
  let order: string[]
  /** Inspections that wait for the test's answer, in the order they were asked for. */
  let asked: {
    id: string
    answer: (status: string, times?: { started: string; finished?: string }) => void
    fail: (status?: number) => void
  }[]
  let onAsked: () => void
  /** Logs that were asked for, and what answers. */
  let logs: { isFollow: boolean; response: ServerResponse }[]
  let answerLog: (response: ServerResponse) => void

  /** Until so many inspections have been asked for in all. */
  async function inspected(count: number): Promise<(typeof asked)[number]> {
    while (asked.length < count) {
      await new Promise<void>((resolve) => {
        onAsked = resolve
      })
    }
    return asked[count - 1]!
  }

  function event(action: string, id: string, attributes: Record<string, string> = {}, time = 1): string {
    const actor = { ID: id, Attributes: { name: `name-${id[0]}`, ...attributes } }
    return `${JSON.stringify({ Type: 'container', Action: action, Actor: actor, time })}\n`
  }

  function happen(action: string, id: string): void {
    events.write(event(action, id))
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(engine, 'change')
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-unit-'))
    socketPath = join(folder, 'docker.sock')
    past = ''
    between = ''
    asOf = []
    failures = 0
    listFailures = 0
    listing = Promise.resolve([])
    order = []
    asked = []
    onAsked = () => {}
    logs = []
    answerLog = (response) => response.end()
    let subscribe: (response: ServerResponse) => void
    const subscribed = new Promise<ServerResponse>((resolve) => {
      subscribe = resolve
    })
    server = http.createServer((req, res) => {
      const id = /^\/containers\/([0-9a-f]{64})\/json/.exec(req.url ?? '')?.[1]
      if (id) {
        asked.push({
          id,
          answer: (status, times) => void res.end(JSON.stringify(inspection(id, status, times))),
          fail: (status = 500) => void res.writeHead(status).end('{"message":"not now"}'),
        })
        onAsked()
      } else if (/^\/containers\/[0-9a-f]{64}\/logs/.test(req.url ?? '')) {
        logs.push({ isFollow: req.url?.includes('follow=1') ?? false, response: res })
        answerLog(res)
      } else if (req.url?.includes('until=')) {
        order.push('past')
        if (failures-- > 0) res.statusCode = 500
        res.end(past)
      } else if (req.url?.startsWith('/events')) {
        const since = new URL(req.url, 'http://engine').searchParams.get('since')
        asOf.push(since)
        res.flushHeaders()
        if (since !== null) res.write(between)
        events = res
        subscribe(res)
      } else if (req.url?.startsWith('/containers/json')) {
        if (listFailures-- > 0) res.statusCode = 500
        order.push('list')
        void listing.then((listed) => res.end(JSON.stringify(listed)))
      } else res.end(JSON.stringify({ ApiVersion: '1.41', Version: '20.10', Name: 'vm' }))
    })
    server.listen(socketPath)
    await once(server, 'listening')
    engine = new DockerEngine({ endpoints: async () => [{ address: `unix://${socketPath}`, socketPath }], log })
    await until(() => engine.hosts()[0]?.state === 'connected')
    events = await subscribed
  })

  afterEach(async () => {
    engine.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    rmSync(folder, { recursive: true })
  })

  it('does not bring back a container that was removed while its inspection was on its way', async () => {
    happen('create', A)
    const late = await inspected(1)
    happen('destroy', A)
    // Events are taken in order: with this one the removal has been seen.
    happen('create', B)
    const other = await inspected(2)
    late.answer('created')
    other.answer('created')
    await until(() => engine.find('name-b') !== undefined)
    expect(engine.containers().map(({ id }) => id)).toEqual([B])
    happen('start', B)
    ;(await inspected(3)).answer('running')
    await until(() => engine.find('name-b')?.state === 'running')
    expect(engine.containers().map(({ id }) => id)).toEqual([B])
  })

  it('asks again for a container that changed while its inspection was on its way, and believes the last answer', async () => {
    happen('create', A)
    ;(await inspected(1)).answer('running')
    await until(() => engine.find('name-a') !== undefined)
    const states: (string | undefined)[] = []
    happen('die', A)
    const first = await inspected(2)
    happen('start', A)
    await until(() => engine.find('name-a')?.state === 'running')
    engine.on('change', () => states.push(engine.find('name-a')?.state))
    first.answer('exited')
    ;(await inspected(3)).answer('running')
    happen('pause', A)
    await until(() => engine.find('name-a')?.state === 'paused')
    expect(states).not.toContain('exited')
    expect(asked.map(({ id }) => id)).toEqual(expect.arrayContaining([A, A, A]))
  })

  it('asks again for a new container that could not be inspected, until it can', async () => {
    happen('create', A)
    for (const number of [1, 2]) (await inspected(number)).fail()
    const third = await inspected(3)
    third.answer('running')
    await until(() => engine.find('name-a') !== undefined)
    expect(engine.find('name-a')).toMatchObject({ id: A, state: 'running' })
  })

  it('asks for one that cannot be inspected no oftener for the events that come meanwhile', async () => {
    const EVENTS = 8
    for (let number = 1; number <= EVENTS; number++) {
      happen('start', A)
      ;(await inspected(number)).fail()
    }
    // As long as another is asked for five times, of which there was one event.
    happen('create', B)
    const times = (id: string) => asked.filter((each) => each.id === id).length
    for (let number = EVENTS + 1; times(B) < 5; number++) (await inspected(number)).fail()
    expect(times(A) - EVENTS).toBeLessThanOrEqual(7)
  })

  describe('of a container that was started again while the engine was away', () => {
    const FIRST = { started: '2026-11-22T10:00:01Z' }
    const SECOND = { started: '2026-11-22T10:00:09Z', finished: '2026-11-22T10:00:05Z' }
    const LISTED = [{ Id: A, Names: ['/name-a'], Image: 'busybox', Command: 'sh', State: 'running', Created: 1 }]
    let told: string[]

    beforeEach(async () => {
      happen('create', A)
      ;(await inspected(1)).answer('running', FIRST)
      await until(() => engine.find('name-a') !== undefined)
      told = []
      engine.on('happened', ({ state }) => told.push(state))
    })

    async function tellsOfBoth(): Promise<void> {
      while (!told.includes('started')) await once(engine, 'happened')
      expect(told).toEqual(['died', 'started'])
    }

    it('tells its death and start, though an inspection from before could be answered before all are listed', async () => {
      let list: (listed: object[]) => void = () => {}
      listing = new Promise((resolve) => {
        list = resolve
      })
      events.write(event('die', A, {}, Date.parse(SECOND.finished) / 1000 + 1))
      ;(await inspected(2)).fail()
      while (!told.includes('died')) await once(engine, 'happened')
      events.end()
      onAsked = () => asked[2]?.answer('running', SECOND)
      await new Promise((resolve) => setTimeout(resolve, 500)) // several times what it waits before it asks again
      list(LISTED)
      ;(await inspected(3)).answer('running', SECOND)
      await tellsOfBoth()
    })

    it('tells them though it could not be inspected at first', async () => {
      listing = Promise.resolve(LISTED)
      events.end()
      ;(await inspected(2)).fail()
      ;(await inspected(3)).answer('running', SECOND)
      await tellsOfBoth()
    })
  })

  it.each(['listed no more', 'gone when it is inspected'])(
    'tells that a container started and died while the engine was away, though it is %s',
    async (gone) => {
      const now = Math.floor(Date.now() / 1000)
      happen('create', A)
      ;(await inspected(1)).answer('running', { started: '2026-11-22T10:00:01Z' })
      await until(() => engine.find('name-a') !== undefined)
      const told: string[] = []
      engine.on('happened', ({ state, exitCode }) => told.push(exitCode === undefined ? state : `${state} ${exitCode}`))
      events.write(event('die', A, {}, now - 9))
      ;(await inspected(2)).answer('exited')
      await until(() => engine.find('name-a')?.state === 'exited')
      past = event('start', A, {}, now - 7) + event('die', A, { exitCode: '3' }, now - 5)
      const isListed = gone !== 'listed no more'
      if (isListed) listing = Promise.resolve([{ Id: A, Names: ['/name-a'], State: 'exited', Created: 1 }])
      events.end()
      if (isListed) (await inspected(3)).fail(404)
      while (!told.includes('removed')) await once(engine, 'happened')
      expect(told).toEqual(['died', 'started', 'died 3', 'removed'])
    },
  )

  it('does not take the log of a container that is being removed for empty', async () => {
    happen('die', A)
    ;(await inspected(1)).answer('exited')
    await until(() => engine.find('name-a')?.state === 'exited')
    const { signal } = new AbortController()
    const linesOf = async (status: string) => {
      const before = asked.length
      const lines: string[] = []
      const reading = (async () => {
        for await (const some of await engine.readLines(A, { tail: 1, signal }))
          if (isLines(some)) lines.push(...some.map(({ message }) => message))
        return lines
      })()
      ;(await inspected(before + 1)).answer(status)
      return reading
    }
    expect(await linesOf('exited')).toEqual([])
    await expect(linesOf('removing')).rejects.toMatchObject({ code: 'no-container' })
    await expect(linesOf('dead')).rejects.toMatchObject({ code: 'no-container' })
  })

  it('reads two logs at a time, and one while any is followed', async () => {
    happen('start', A)
    ;(await inspected(1)).answer('running')
    await until(() => engine.find('name-a')?.state === 'running')
    answerLog = (response) => response.flushHeaders()
    const { signal } = new AbortController()
    const reads = () => logs.filter(({ isFollow }) => !isFollow)
    const asksFor = async (count: number) => {
      await vi.waitFor(() => expect(reads()).toHaveLength(count))
      await delay(20) // for one too many
      expect(reads()).toHaveLength(count)
    }
    const follow = await engine.followLines(A, { tail: 0, signal })
    const reading = [1, 2, 3, 4].map(() => engine.readLines(A, { tail: 'all', signal }))
    await asksFor(1)
    ;(await reading[0])?.close()
    await asksFor(2)
    follow.close()
    await vi.waitFor(() => expect(logs.find(({ isFollow }) => isFollow)?.response.closed).toBe(true))
    ;(await reading[1])?.close()
    await asksFor(4)
  })

  it('tells who had which name before it came, as the engine remembers it, and that this is no news', async () => {
    const now = Math.floor(Date.now() / 1000)
    past = event('create', A, { name: 'web' }, now - 9) + event('rename', A, { name: 'old', oldName: '/web' }, now - 5)
    const newcomer = new DockerEngine({ endpoints: async () => [{ address: 'here', socketPath }], log })
    const told: unknown[] = []
    newcomer.on('happened', ({ key, to, id, state, isPast }) => told.push({ key, to, id, state, isPast }))
    await newcomer.ready
    while (newcomer.hosts()[0]?.state !== 'connected') await once(newcomer, 'change')
    newcomer.close()
    expect(told).toEqual([
      { key: 'web', id: A, state: 'created', isPast: true },
      { key: 'web', to: 'old', id: A, state: 'renamed', isPast: true },
    ])
  })

  it('tells as news what happens from its first look on, though the engine remembers it by then', async () => {
    const rename = event('rename', A, { name: 'old', oldName: '/web' }, Math.floor(Date.now() / 1000))
    past = rename
    const newcomer = new DockerEngine({ endpoints: async () => [{ address: 'here', socketPath }], log })
    const told: unknown[] = []
    newcomer.on('happened', ({ key, state, isPast = false }) => told.push([key, state, isPast]))
    while (newcomer.hosts()[0]?.state !== 'connected') await once(newcomer, 'change')
    events.write(rename)
    while (told.length < 2) await once(newcomer, 'happened')
    newcomer.close()
    expect(told).toEqual([
      ['web', 'renamed', true],
      ['web', 'renamed', false],
    ])
  })

  it('hears what happens before the engine listens that has answered already', async () => {
    const before = Math.floor(Date.now() / 1000)
    between = event('rename', A, { name: 'web', oldName: '/old' }, before)
    const newcomer = new DockerEngine({ endpoints: async () => [{ address: 'here', socketPath }], log })
    const told: unknown[] = []
    newcomer.on('happened', ({ key, to, state }) => told.push([key, to, state]))
    while (told.length < 1) await once(newcomer, 'happened')
    newcomer.close()
    expect(told).toEqual([['old', 'web', 'renamed']])
    expect(Number(asOf.at(-1))).toBeGreaterThanOrEqual(before)
    expect(Number(asOf.at(-1))).toBeLessThanOrEqual(Date.now() / 1000)
  })

  it('asks an engine whose clock is ahead for what is new, as it would bring again what was heard', async () => {
    events.write(event('start', A, {}, Math.floor(Date.now() / 1000) + 60))
    await inspected(1)
    events.destroy()
    while (asOf.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(asOf).toEqual([expect.any(String), null])
  })

  it('lists the containers only when it has asked what was missed, and asks again if it could not list them', async () => {
    past = event('rename', A, { name: 'old', oldName: '/web' }, Math.floor(Date.now() / 1000))
    listFailures = 1
    order = []
    const newcomer = new DockerEngine({ endpoints: async () => [{ address: 'here', socketPath }], log })
    const told: unknown[] = []
    newcomer.on('happened', ({ key, state }) => told.push([key, state]))
    while (newcomer.hosts()[0]?.state !== 'connected') await once(newcomer, 'change')
    newcomer.close()
    expect(order).toEqual(['past', 'list', 'past', 'list'])
    expect(told).toEqual([['web', 'renamed']])
  })

  it('asks again who had which name where the engine does not answer, and takes one that never does as it is', async () => {
    const told: unknown[] = []
    const newcomer = () => {
      const one = new DockerEngine({ endpoints: async () => [{ address: 'here', socketPath }], log })
      one.on('happened', ({ key, id, state }) => told.push({ key, id, state }))
      return one
    }
    const connected = async (one: DockerEngine) => {
      while (one.hosts()[0]?.state !== 'connected') await once(one, 'change')
      one.close()
    }
    past = event('create', A, { name: 'web' }, Math.floor(Date.now() / 1000) - 9)
    failures = 2
    await connected(newcomer())
    expect(told).toEqual([{ key: 'web', id: A, state: 'created' }])
    failures = 1_000
    await connected(newcomer())
    expect(told).toHaveLength(1)
  })

  it('tells why the demo could not be started, where nothing else answers', async () => {
    const alone = new DockerEngine({
      endpoints: async () => [],
      fallback: async () => Promise.reject(new Error('EROFS: read-only file system')),
      log,
    })
    await alone.ready
    expect(alone.hosts()).toMatchObject([
      {
        state: 'unreachable',
        problems: [{ address: 'demo', detail: expect.stringContaining('read-only file system') }],
      },
    ])
    alone.close()
  })
})
