/** What goes wrong between Sluice and the engine costs no line, and is told in words. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { ContainersEvent, Host, Problem } from '../../server/wire.ts'
import { uniqueName } from '../engine/engine.ts'
import { startFaultProxy } from '../engine/fault-proxy.ts'
import { useEngine } from '../engine/use-engine.ts'
import { startSluice } from '../sluice/server.ts'
import { openStream, Stream } from '../sluice/stream.ts'

const engine = useEngine()
const FOLLOW = /\/logs\?.*follow=1/

async function behindProxy() {
  const proxy = await startFaultProxy(engine.socket)
  closing.push(() => proxy.close())
  return { proxy, sluice: await startSluice({ engine: proxy.socket }) }
}

const closing: (() => Promise<void> | void)[] = []
afterAll(async () => {
  await Promise.all(closing.map((close) => close()))
})

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `line ${n}`)
}

describe('a follow that is', () => {
  it('cut again and again while lines are written loses none and doubles none', async () => {
    const { proxy, sluice } = await behindProxy()
    const container = await engine.run({ name: uniqueName() })
    const stream = await openStream(sluice, container.name).live()
    const pace = container.pace({ lines: 3_000, perSecond: 1_000 })
    for (let cuts = 0; cuts < 8; cuts++) {
      const seen = stream.lines.length
      await proxy.until(({ openFollows }) => openFollows === 1)
      await stream.until(({ lines }) => lines.length > seen)
      proxy.cut({ path: FOLLOW })
    }
    await pace.done
    await stream.message('line 2999')
    expect(stream.messages).toEqual(numbered(3_000))
    expect(stream.gaps).toEqual([])
  })

  it('truncated in the middle of a frame goes on with the whole line', async () => {
    const { proxy, sluice } = await behindProxy()
    // 45 to 47 bytes a frame: these cut headers, times and texts.
    for (const after of [3, 8, 20, 60, 1_005, 2_011]) {
      const container = await engine.run({ name: uniqueName() })
      await container.pace({ lines: 100 }).done
      await container.logged('line 99\n')
      const rule = proxy.on({ path: FOLLOW, times: 1 }, { kind: 'truncate', after })
      const stream = await openStream(sluice, container.name, 'tail=1000').live()
      await container.write('stdout', 'line 100\n')
      await stream.message('line 100')
      expect(stream.messages).toEqual(numbered(101))
      expect(rule.hits).toBe(1)
      stream.close()
    }
  })

  it('answered with 500, cut, or with what is not HTTP is tried again', async () => {
    const { proxy, sluice } = await behindProxy()
    const container = await engine.run({ name: uniqueName() })
    await container.write('stdout', 'there\n')
    proxy.on({ path: FOLLOW, times: 1 }, { kind: 'answer', status: 500, body: '{"message":"on fire"}' })
    proxy.on({ path: FOLLOW, times: 1 }, { kind: 'cut' })
    proxy.on({ path: FOLLOW, times: 1 }, { kind: 'garbage' })
    const stream = openStream(sluice, container.name)
    await stream.message('there')
    expect(stream.messages).toEqual(['there'])
  })

  it('sent bytes that are no log is given up for a new one, in the name of the container only', async () => {
    const { proxy, sluice } = await behindProxy()
    const container = await engine.run({ name: uniqueName() })
    const other = await engine.run({ name: uniqueName() })
    await container.write('stdout', 'good\n')
    await other.write('stdout', 'other\n')
    await other.logged('other')
    const isIts = ({ path }: { path: string }) => FOLLOW.test(path) && path.includes(container.id)
    proxy.on({ path: FOLLOW, times: 1 }, { kind: 'answer', status: 200, body: Buffer.alloc(64, 0x42) })
    const stream = openStream(sluice, container.name)
    await proxy.until(({ requests }) => requests.some(isIts))
    await (await openStream(sluice, other.name).live()).message('other')
    await stream.message('good')
    await proxy.until(({ requests }) => requests.filter(isIts).length > 1)
    expect(stream.messages).toEqual(['good'])
    expect(sluice.log()).toContain('garbled')
  })
})

it('a lost event stream is made up for by listing: what came, went and stopped meanwhile is seen', async () => {
  const { proxy, sluice } = await behindProxy()
  const gone = await engine.run({ name: uniqueName('gone') })
  const stopped = await engine.run({ name: uniqueName('stopped') })
  const events = new Stream(`${sluice.url}api/events`)
  const keys = new Map<string, string>()
  const read = (event: ContainersEvent) => {
    const changed = event.kind === 'snapshot' ? event.containers : (event.changed ?? [])
    for (const container of changed) keys.set(container.key, container.state)
    if (event.kind === 'change') for (const key of event.removed ?? []) keys.delete(key)
  }
  const picture = () => {
    keys.clear()
    for (const arrival of events.arrivals) if (arrival.kind === 'containers') read(arrival.event)
    return keys
  }
  await events.until(() => picture().has(gone.name) && picture().has(stopped.name))
  const log = await openStream(sluice, stopped.name).live()
  await proxy.refuse()
  proxy.cut()
  await gone.remove()
  await stopped.exit(9)
  const come = await engine.run({ name: uniqueName('come') })
  await proxy.accept()
  await events.until(
    () => picture().has(come.name) && !picture().has(gone.name) && picture().get(stopped.name) === 'exited',
  )
  await log.until(({ states }) => states.some(({ state, exitCode }) => state === 'died' && exitCode === 9))
})

it('what a stopped container wrote in a run that nobody saw, and that went with it, is a gap', async () => {
  const { proxy, sluice } = await behindProxy()
  const name = uniqueName()
  const first = await engine.run({ name })
  const stream = await openStream(sluice, name).live()
  await first.write('stdout', 'one\n')
  await first.exit()
  await stream.until(({ states }) => states.some(({ state }) => state === 'died'))
  await stream.message('one')
  await proxy.until(({ openFollows }) => openFollows === 0)
  await proxy.refuse()
  proxy.cut()
  await first.start()
  await first.write('stdout', 'two\n')
  await first.logged('two\n')
  await first.exit()
  await first.remove()
  const second = await engine.run({ name })
  await second.write('stdout', 'three\n')
  await proxy.accept()
  await stream.message('three')
  expect(stream.messages).toEqual(['one', 'three'])
  expect(stream.gaps).toMatchObject([{ container: name, reason: 'removed' }])
})

it('a driver that cannot be read is named in a gap, with what Docker says', async () => {
  const sluice = await startSluice({ engine: engine.socket })
  const container = await engine.run({ name: uniqueName(), logDriver: 'none' })
  const stream = await openStream(sluice, container.name).live()
  expect(stream.gaps).toMatchObject([
    { reason: 'unreadable-driver', driver: 'none', detail: expect.stringContaining('driver') },
  ])
})

describe('an engine that cannot be reached is told with what to check:', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-faults-'))
  closing.push(() => rmSync(folder, { recursive: true, force: true }))

  async function hostOf(socket: string): Promise<Host> {
    const sluice = await startSluice({ engine: socket })
    const events = new Stream(`${sluice.url}api/events`)
    const hosts = () =>
      events.arrivals.flatMap((arrival) => (arrival.kind === 'containers' ? (arrival.event.hosts ?? []) : []))
    await events.until(() => hosts().some(({ problems }) => problems.length > 0))
    events.close()
    return hosts().at(-1)!
  }

  it('no socket', async () => {
    const host = await hostOf(join(folder, 'nothing.sock'))
    expect(host).toMatchObject({ state: 'unreachable', problems: [{ code: 'no-socket' }] })
    expect(host.problems[0]!.detail).toMatch(/no such socket/i)
  })

  it('a directory where the socket should be, as Docker makes of a mistyped mount', async () => {
    mkdirSync(join(folder, 'folder.sock'))
    expect((await hostOf(join(folder, 'folder.sock'))).problems[0]!.code).toMatch(/not-docker|refused/)
  })

  it('a socket nobody listens on', async () => {
    const { proxy } = await behindProxy()
    await proxy.refuse()
    expect(await hostOf(proxy.socket)).toMatchObject({ problems: [{ code: 'refused' }] })
  })

  it('something that is not Docker', async () => {
    const { proxy } = await behindProxy()
    proxy.greet({ kind: 'garbage' })
    expect(await hostOf(proxy.socket)).toMatchObject({ problems: [{ code: 'not-docker' }] })
  })

  it('a daemon that hangs', async () => {
    const { proxy } = await behindProxy()
    proxy.greet({ kind: 'hang' })
    expect(await hostOf(proxy.socket)).toMatchObject({ problems: [{ code: 'timeout' }] })
  })

  it('no permission, with the user and the group', async () => {
    const socket = join(folder, 'closed.sock')
    const server = createServer().listen(socket)
    closing.push(() => void server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    chmodSync(socket, 0o600)
    chmodSync(folder, 0o755)
    writeFileSync(join(folder, 'empty'), '')
    const sluice = await startSluice({ engine: socket, uid: 65534 })
    const problem = (await (await fetch(`${sluice.url}api/containers`)).json()) as Problem
    expect(problem.status).toBe(503)
    expect(problem.detail).toMatch(/uid 65534.*group root \(gid 0\)/)
  })
})

it('a daemon that hangs later is noticed, and come back to', { timeout: 90_000 }, async () => {
  const { proxy, sluice } = await behindProxy()
  const container = await engine.run({ name: uniqueName() })
  const stream = await openStream(sluice, container.name, 'containers=true').live()
  const release = proxy.stall()
  const states = () =>
    stream.arrivals.flatMap((arrival) => (arrival.kind === 'containers' ? (arrival.event.hosts ?? []) : []))
  await expect.poll(() => states().at(-1)?.state, { timeout: 40_000 }).not.toBe('connected')
  await container.write('stdout', 'while hanging\n')
  release()
  await expect.poll(() => stream.messages, { timeout: 30_000 }).toEqual(['while hanging'])
})
