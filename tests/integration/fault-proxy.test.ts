/** The fault proxy, in front of the real engine: each fault as a client meets it. */
import { Agent, get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EngineApi } from '../engine/api.ts'
import type { Container } from '../engine/container.ts'
import { uniqueName } from '../engine/engine.ts'
import { type FaultProxy, startFaultProxy } from '../engine/fault-proxy.ts'
import { referenceLines } from '../engine/reference.ts'
import { useEngine } from '../engine/use-engine.ts'
import { frame } from '../unit/logs/frames.ts'

const engine = useEngine()
let proxy: FaultProxy
let api: EngineApi

beforeEach(async () => {
  proxy = await startFaultProxy(engine.socket)
  api = new EngineApi(proxy.socket)
})
afterEach(() => proxy.close())

const LOGS = { path: /\/logs/ }

/** Opens a follow through the proxy and collects what comes. */
async function follow(container: Container) {
  const response = await api.open({
    path: `/containers/${container.id}/logs`,
    query: { stdout: true, stderr: true, timestamps: true, follow: 1 },
  })
  const collected = new Collected(response)
  return collected
}

class Collected {
  bytes = Buffer.alloc(0)
  readonly closed: Promise<'ended' | 'broken'>
  readonly response: IncomingMessage
  #look = () => {}

  constructor(response: IncomingMessage) {
    this.response = response
    response.on('data', (chunk: Buffer) => {
      this.bytes = Buffer.concat([this.bytes, chunk])
      this.#look()
    })
    this.closed = new Promise((resolve) => {
      response.once('end', () => resolve('ended'))
      response.once('error', () => resolve('broken'))
    })
  }

  async has(needle: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#look = () => {
        if (this.bytes.includes(needle)) resolve()
      }
      this.#look()
    })
  }
}

describe('without a fault', () => {
  test('passes every byte of an answer, its status and its headers', async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.pace({ lines: 20_000, streams: ['stdout', 'stderr'] }).done
    await container.exit(0)

    const request = {
      path: `/containers/${container.id}/logs`,
      query: { stdout: true, stderr: true, timestamps: true },
    }
    const [direct, through] = [await engine.api.open(request), await api.open(request)]
    direct.destroy()
    expect(through.rawHeaders.filter(notDate)).toEqual(direct.rawHeaders.filter(notDate))
    const collected = new Collected(through)
    expect(await collected.closed).toBe('ended')
    expect(collected.bytes.equals(await container.logs())).toBe(true)
    await expect(api.bytes({ path: '/containers/no-such/json' })).rejects.toMatchObject({ status: 404 })
  })

  test('passes a line of a follow as it is written, and the end of the follow', async () => {
    const container = await engine.run({ name: uniqueName() })
    const live = await follow(container)
    await container.write('stdout', 'hello\n')
    await live.has('hello\n')
    await container.exit(0)
    expect(await live.closed).toBe('ended')
  })

  test('passes bodies of requests', async () => {
    const name = uniqueName()
    const { Id } = await api.json<{ Id: string }>({
      method: 'POST',
      path: '/containers/create',
      query: { name },
      body: { Image: 'busybox:latest', Cmd: ['true'] },
    })
    await api.bytes({ method: 'DELETE', path: `/containers/${Id}` })
    expect(proxy.requests.map(({ method, status }) => [method, status])).toEqual([
      ['POST', 201],
      ['DELETE', 204],
    ])
  })

  test('keeps a connection for many requests, as the engine does', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let k = 0; k < 20; k++) expect(await getText('/_ping', agent)).toBe('OK')
    expect(proxy.connections).toBe(1)
    agent.destroy()
    await proxy.until(({ connections }) => connections === 0)
  })
})

describe('the record', () => {
  test('holds every method and path that came', async () => {
    await api.bytes({ path: '/_ping' })
    await api.bytes({ method: 'HEAD', path: '/_ping' })
    await api.bytes({ path: '/containers/json', query: { all: true } })
    expect(proxy.requests.map(({ method, path, status, open }) => [method, path, status, open])).toEqual([
      ['GET', '/_ping', 200, false],
      ['HEAD', '/_ping', 200, false],
      ['GET', '/containers/json?all=true', 200, false],
    ])
  })

  test('counts the follows that are open, and no more when their client has left or their container ended', async () => {
    const container = await engine.run({ name: uniqueName() })
    await api.bytes({ path: `/containers/${container.id}/logs`, query: { stdout: true, follow: 0 } })
    expect(proxy.openFollows).toBe(0)
    const first = await follow(container)
    await follow(container)
    expect(proxy.openFollows).toBe(2)
    first.response.destroy()
    await proxy.until(({ openFollows }) => openFollows === 1)
    await container.exit(0)
    await proxy.until(({ openFollows }) => openFollows === 0)
  })

  test('a wait that comes to nothing says what was open', async () => {
    const container = await engine.run({ name: uniqueName() })
    await follow(container)
    await expect(proxy.until(({ openFollows }) => openFollows === 5, 50)).rejects.toThrow(
      `/containers/${container.id}/logs`,
    )
  })
})

describe('cut', () => {
  test('ends all matching requests that are open, at once, and no other', async () => {
    const [one, two] = [await engine.run({ name: uniqueName() }), await engine.run({ name: uniqueName() })]
    const [first, second, other] = [await follow(one), await follow(one), await follow(two)]
    expect(proxy.cut({ path: new RegExp(one.id) })).toBe(2)
    expect([await first.closed, await second.closed]).toEqual(['broken', 'broken'])
    await two.write('stdout', 'still here\n')
    await other.has('still here\n')
    expect(proxy.cut()).toBe(1)
    expect(await other.closed).toBe('broken')
  })

  test('as a rule ends a request before the engine hears of it, as often as it says', async () => {
    const rule = proxy.on({ path: /_ping/, skip: 1, times: 2 }, { kind: 'cut' })
    const outcomes = []
    for (let k = 0; k < 4; k++) outcomes.push(await api.bytes({ path: '/_ping' }).then(String, () => 'cut'))
    expect(outcomes).toEqual(['OK', 'cut', 'cut', 'OK'])
    expect(rule.hits).toBe(2)
    expect(proxy.requests.map(({ forwarded }) => forwarded)).toEqual([true, false, false, true])
  })

  test('of the engine itself is a cut for the client, after all that the engine had sent', async () => {
    const container = await engine.run({ name: uniqueName() })
    const second = await startFaultProxy(proxy.socket)
    api = new EngineApi(second.socket)
    const live = await follow(container)
    await container.write('stdout', 'the last line\n')
    await live.has('the last line\n')
    proxy.cut(LOGS)
    expect(await live.closed).toBe('broken')
    await second.until(({ connections }) => connections === 0)
    await second.close()
  })
})

describe('stall', () => {
  test('holds an answer back and then lets all of it go, in order', async () => {
    const container = await engine.run({ name: uniqueName() })
    const live = await follow(container)
    await container.write('stdout', 'before\n')
    await live.has('before\n')
    const resume = proxy.stall(LOGS, 'response')
    const { written } = await container.pace({ lines: 3000 }).done
    await container.logged('line 2999\n')
    expect(live.bytes.includes('line')).toBe(false)
    resume()
    await live.has('line 2999\n')
    expect(referenceLines(live.bytes, false)).toHaveLength(1 + written)
  })

  test('of requests keeps them from the engine until it is over', async () => {
    const resume = proxy.stall({ path: /_ping/ }, 'request')
    const answer = api.bytes({ path: '/_ping' })
    await proxy.until(({ requests }) => requests.length === 1)
    await api.bytes({ path: '/version' })
    expect(proxy.requests[0]?.forwarded).toBe(false)
    resume()
    expect(String(await answer)).toBe('OK')
  })

  test('holds the end of an answer back too', async () => {
    const container = await engine.run({ name: uniqueName() })
    const live = await follow(container)
    const resume = proxy.stall()
    await container.exit(0)
    expect(await Promise.race([live.closed, engine.api.bytes({ path: '/_ping' }).then(() => 'open')])).toBe('open')
    resume()
    expect(await live.closed).toBe('ended')
  })
})

describe('an answer', () => {
  test('is cut after exactly so many bytes, inside a frame', async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.write('stdout', 'a first line\na second line\n')
    await container.logged('a second line\n')
    const whole = await container.logs()
    for (const after of [0, 3, 8, 60, whole.length - 1]) {
      proxy.on({ ...LOGS, times: 1 }, { kind: 'truncate', after })
      const live = await follow(container)
      expect(await live.closed).toBe('broken')
      expect(live.bytes.equals(whole.subarray(0, after))).toBe(true)
    }
    expect(proxy.requests.at(-1)).toMatchObject({ fault: 'truncate', bytes: whole.length - 1, open: false })
  })

  test('ends inside a frame as if it were complete', async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.write('stdout', 'a line\n')
    await container.logged('a line\n')
    proxy.on(LOGS, { kind: 'truncate', after: 11, ending: 'end' })
    const live = await follow(container)
    expect(await live.closed).toBe('ended')
    expect(live.bytes).toHaveLength(11)
  })

  test('falls silent inside a frame', async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.write('stdout', 'a line\n')
    await container.logged('a line\n')
    proxy.on(LOGS, { kind: 'truncate', after: 11, ending: 'stall' })
    const live = await follow(container)
    await proxy.until(({ requests }) => requests.some(({ bytes }) => bytes === 11))
    expect(proxy.openFollows).toBe(1)
    await proxy.heal()
    expect(proxy.cut(LOGS)).toBe(1)
    expect(await live.closed).toBe('broken')
    expect(live.bytes).toHaveLength(11)
  })

  test('comes byte by byte', async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.write('stdout', 'crumbs\n')
    await container.logged('crumbs\n')
    proxy.on(LOGS, { kind: 'trickle', bytes: 1, ms: 0 })
    const live = await follow(container)
    let pieces = 0
    live.response.on('data', () => {
      pieces += 1
    })
    await live.has('crumbs\n')
    expect(live.bytes.equals(await container.logs())).toBe(true)
    expect(pieces).toBeGreaterThan(10)
  })

  test('is any status and body', async () => {
    proxy.on({ method: 'GET', path: /_ping/ }, { kind: 'answer', status: 500, body: '{"message":"disk on fire"}' })
    await expect(api.bytes({ path: '/_ping' })).rejects.toThrow('500 disk on fire')
    expect(proxy.requests[0]).toMatchObject({ fault: 'answer', status: 500, forwarded: false })
  })

  test('comes later', async () => {
    proxy.on({ path: /_ping/ }, { kind: 'delay', ms: 80 })
    const began = performance.now()
    expect(String(await api.bytes({ path: '/_ping' }))).toBe('OK')
    expect(performance.now() - began).toBeGreaterThanOrEqual(79)
  })

  test('never comes, until the connection is cut', async () => {
    proxy.on(LOGS, { kind: 'hang' })
    const container = await engine.run({ name: uniqueName() })
    const answer = follow(container)
    await proxy.until(({ requests }) => requests.length === 1)
    expect(proxy.openFollows).toBe(0)
    expect(proxy.cut(LOGS)).toBe(1)
    await expect(answer).rejects.toThrow()
  })

  test('is not HTTP', async () => {
    proxy.on({ path: /_ping/ }, { kind: 'garbage' })
    await expect(api.bytes({ path: '/_ping' })).rejects.toThrow('Parse Error')
  })
})

describe('a log', () => {
  const NO_TIME = frame('stdout', 'no stamp line\n')

  async function written(...texts: string[]): Promise<{ container: Container; frames: Buffer[] }> {
    const container = await engine.run({ name: uniqueName() })
    for (const text of texts) await container.write('stdout', text)
    await container.logged(texts.at(-1) ?? '')
    return { container, frames: framesOf(await container.logs()) }
  }

  test('ends after so many frames as if it were complete, with an error in its place', async () => {
    const { container, frames } = await written('one\n', 'two\n', 'three\n')
    for (const [count, send] of [
      [0, frame(3, 'Error grabbing logs: EOF')],
      [2, frame(3, 'Error grabbing logs: EOF')],
      [2, undefined],
    ] as const) {
      const rule = proxy.on(LOGS, { kind: 'damage', after: { frames: count }, ends: true, ...(send && { send }) })
      const log = await follow(container)
      expect(await log.closed).toBe('ended')
      expect(log.bytes).toEqual(Buffer.concat([...frames.slice(0, count), ...(send ? [send] : [])]))
      rule.remove()
    }
    expect(proxy.requests.at(-1)).toMatchObject({ fault: 'damage', open: false })
  })

  test('ends before the first line later than a time, and is whole where it begins behind that', async () => {
    const { container, frames } = await written('one\n', 'two\n', 'three\n', 'four\n')
    const time = frames[1]!.toString('latin1', 8, 38)
    proxy.on(LOGS, { kind: 'damage', after: { time }, ends: true })
    const query = { stdout: true, stderr: true, timestamps: true }
    const through = (tail: number) => api.bytes({ path: `/containers/${container.id}/logs`, query: { ...query, tail } })
    expect(await through(4)).toEqual(Buffer.concat(frames.slice(0, 2)))
    expect(await through(3)).toEqual(frames[1])
    expect(await through(2)).toEqual(Buffer.concat(frames.slice(2)))
  })

  test('has a frame without a time in it, and goes on', async () => {
    const { container, frames } = await written('one\n', 'two\n')
    proxy.on(LOGS, { kind: 'damage', after: { frames: 1 }, send: NO_TIME, ends: false })
    const log = await follow(container)
    await container.write('stdout', 'three\n')
    await log.has('three\n')
    expect(log.bytes.subarray(0, frames[0]!.length + NO_TIME.length + frames[1]!.length)).toEqual(
      Buffer.concat([frames[0]!, NO_TIME, frames[1]!]),
    )
  })

  test('is damaged between two lines only, not between the pieces of one', async () => {
    const { container, frames } = await written(`${'x'.repeat(40_000)}\n`, 'two\n')
    expect(frames).toHaveLength(4)
    proxy.on(LOGS, { kind: 'damage', after: { frames: 1 }, ends: true })
    const log = await follow(container)
    expect(await log.closed).toBe('ended')
    expect(log.bytes).toEqual(Buffer.concat(frames.slice(0, 3)))
  })

  test('is damaged no more when the rule is removed, even where it is being followed', async () => {
    const { container } = await written('one\n')
    const rule = proxy.on(LOGS, { kind: 'damage', after: { frames: 1 }, ends: true })
    const log = await follow(container)
    await log.has('one\n')
    rule.remove()
    await container.write('stdout', 'two\n')
    await log.has('two\n')
    await container.exit(0)
    expect(await log.closed).toBe('ended')
    expect(log.bytes).toEqual(await container.logs())
  })

  test('of a terminal, which has no frames, passes as it is', async () => {
    const container = await engine.run({ name: uniqueName(), tty: true })
    await container.write('stdout', 'one\ntwo\n')
    await container.logged('two\r\n')
    proxy.on(LOGS, { kind: 'damage', after: { frames: 0 }, send: NO_TIME, ends: true })
    const log = await follow(container)
    await log.has('two\r\n')
    expect(log.bytes).toEqual(await container.logs())
  })
})

describe('a list', () => {
  test('has more elements, and is as it is where the answer is none', async () => {
    const container = await engine.run({ name: uniqueName() })
    proxy.on({ path: /json/ }, { kind: 'extend', before: [null], after: [{ Id: 5 }] })
    const direct = await engine.api.json<{ Id: string }[]>({ path: '/containers/json' })
    const listed = await api.json<unknown[]>({ path: '/containers/json' })
    expect(listed[0]).toBe(null)
    expect(listed.at(-1)).toEqual({ Id: 5 })
    expect(listed).toHaveLength(direct.length + 2)
    expect(listed).toContainEqual(expect.objectContaining({ Id: container.id }))
    const path = `/containers/${container.id}/json`
    expect(await api.json({ path })).toMatchObject({ Id: container.id })
    await expect(api.bytes({ path: '/containers/no-such/json' })).rejects.toMatchObject({ status: 404 })
  })
})

describe('bytes put into an open answer', () => {
  test('come between two lines, and after a stall', async () => {
    const container = await engine.run({ name: uniqueName() })
    const live = await follow(container)
    expect(proxy.insert(LOGS, 'first\n')).toBe(1)
    await live.has('first\n')
    await container.write('stdout', 'one\n')
    await live.has('one\n')
    const resume = proxy.stall(LOGS, 'response')
    expect(proxy.insert(LOGS, 'second\n')).toBe(1)
    expect(proxy.insert({ path: /events/ }, 'nowhere\n')).toBe(0)
    await container.write('stdout', 'two\n')
    await container.logged('two\n')
    expect(live.bytes.includes('second')).toBe(false)
    resume()
    await live.has('two\n')
    await live.has('second\n')
    const [one, two] = framesOf(await container.logs())
    expect([
      Buffer.concat([Buffer.from('first\n'), one!, Buffer.from('second\n'), two!]),
      Buffer.concat([Buffer.from('first\n'), one!, two!, Buffer.from('second\n')]),
    ]).toContainEqual(live.bytes)
  })

  test('wait for the end of the line that is on its way', async () => {
    const container = await engine.run({ name: uniqueName() })
    proxy.on(LOGS, { kind: 'trickle', bytes: 1, ms: 0 })
    const live = await follow(container)
    await container.write('stdout', 'a line\n')
    await live.has('a l')
    proxy.insert(LOGS, 'between\n')
    await live.has('between\n')
    expect(String(live.bytes)).toMatch(/ a line\nbetween\n$/)
  })
})

describe('a connection', () => {
  test('is refused, finds no socket, and is accepted again; one that is open goes on', async () => {
    const container = await engine.run({ name: uniqueName() })
    const live = await follow(container)
    await proxy.refuse()
    await expect(api.bytes({ path: '/_ping' })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await proxy.refuse('missing')
    await expect(api.bytes({ path: '/_ping' })).rejects.toMatchObject({ code: 'ENOENT' })
    await container.write('stdout', 'still here\n')
    await live.has('still here\n')
    await proxy.accept()
    expect(String(await api.bytes({ path: '/_ping' }))).toBe('OK')
  })

  test('is accepted and never heard of again', async () => {
    proxy.greet({ kind: 'hang' })
    const answer = api.bytes({ path: '/_ping' })
    await proxy.until(({ connections }) => connections === 1)
    expect(proxy.requests).toEqual([])
    proxy.cut()
    await expect(answer).rejects.toThrow()
  })

  test('is greeted with what is not HTTP, or closed at once', async () => {
    proxy.greet({ kind: 'garbage', bytes: '220 mail.example ESMTP\r\n' })
    expect(await text(connect(proxy.socket))).toBe('220 mail.example ESMTP\r\n')
    proxy.greet({ kind: 'cut' })
    await expect(api.bytes({ path: '/_ping' })).rejects.toThrow()
    await proxy.heal()
    expect(String(await api.bytes({ path: '/_ping' }))).toBe('OK')
  })

  test('is closed when there is no engine behind', async () => {
    const orphan = await startFaultProxy('/no/such/engine.sock')
    await expect(new EngineApi(orphan.socket).bytes({ path: '/_ping' })).rejects.toThrow('socket hang up')
    await orphan.close()
  })
})

function framesOf(log: Buffer): Buffer[] {
  const frames: Buffer[] = []
  for (let at = 0; at < log.length; ) {
    const end = at + 8 + log.readUInt32BE(at + 4)
    frames.push(log.subarray(at, end))
    at = end
  }
  return frames
}

function notDate(header: string): boolean {
  return Number.isNaN(Date.parse(header))
}

function getText(path: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ socketPath: proxy.socket, path, agent }, (response) => resolve(text(response))).on('error', reject)
  })
}
