/** However many people look at a container, the engine serves one follow; and Sluice never asks it for more than to read. */
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, expect, it } from 'vitest'
import { uniqueName } from '../engine/engine.ts'
import { startFaultProxy } from '../engine/fault-proxy.ts'
import { useEngine } from '../engine/use-engine.ts'
import { startSluice } from '../sluice/server.ts'
import { openStream } from '../sluice/stream.ts'

const engine = useEngine()
const proxy = await startFaultProxy(engine.socket)
afterAll(() => proxy.close())
const sluice = await startSluice({ engine: proxy.socket })

it('25 sessions of a container cost one follow, and none 10 s after they have left', async () => {
  const container = await engine.run({ name: uniqueName() })
  await container.pace({ lines: 800, perSecond: 4_000 }).done
  await container.logged('line 799\n')
  const streams = Array.from({ length: 25 }, () => openStream(sluice, container.name, 'tail=100'))
  await Promise.all(streams.map((stream) => stream.live()))
  await container.write('stdout', 'to all\n')
  await Promise.all(streams.map((stream) => stream.message('to all')))
  expect(proxy.openFollows).toBe(1)
  for (const stream of streams) {
    expect(stream.messages).toEqual([...Array.from({ length: 100 }, (_, n) => `line ${n + 700}`), 'to all'])
  }
  expect(proxy.requests.filter(({ path }) => path.includes('follow=1'))).toHaveLength(1)

  for (const stream of streams) stream.close()
  await proxy.until(({ openFollows }) => openFollows === 0, 10_000)
})

it('a page that reloads finds the follow as it was', async () => {
  const container = await engine.run({ name: uniqueName() })
  const follows = () =>
    proxy.requests.filter(({ path }) => path.includes(container.id) && path.includes('follow=1')).length
  const first = await openStream(sluice, container.name).live()
  first.close()
  await delay(500) // less than the time a feed lingers
  await openStream(sluice, container.name).live()
  expect(follows()).toBe(1)
})

it('a session that wants more than the ring has reads the rest apart, and meets it exactly', async () => {
  const container = await engine.run({ name: uniqueName() })
  await container.pace({ lines: 3_000 }).done
  await container.logged('line 2999\n')
  const short = await openStream(sluice, container.name, 'tail=10').live()
  const long = await openStream(sluice, container.name, 'tail=2500').live()
  await container.write('stdout', 'new\n')
  await Promise.all([short.message('new'), long.message('new')])
  expect(short.messages).toEqual([...Array.from({ length: 10 }, (_, n) => `line ${n + 2_990}`), 'new'])
  expect(long.messages).toEqual([...Array.from({ length: 2_500 }, (_, n) => `line ${n + 500}`), 'new'])
  expect(proxy.openFollows).toBeGreaterThanOrEqual(1)
})

it('only GET and HEAD have reached the engine', () => {
  const methods = new Set(proxy.requests.map(({ method }) => method))
  expect(proxy.requests.length).toBeGreaterThan(5)
  expect([...methods].filter((method) => method !== 'GET' && method !== 'HEAD')).toEqual([])
})
