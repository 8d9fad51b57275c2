/** `npm start`'s way: looks for an engine, shows the demo where none answers, and goes over to a real one that appears. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { Container, Host } from '../../server/wire.ts'
import { uniqueName } from '../engine/engine.ts'
import { useEngine } from '../engine/use-engine.ts'
import { startSluice } from '../sluice/server.ts'
import { openStream, Stream } from '../sluice/stream.ts'

const engine = useEngine()
const home = mkdtempSync(join(tmpdir(), 'sluice-home-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

function hosts({ arrivals }: Stream): Host[] {
  return arrivals.flatMap((arrival) => (arrival.kind === 'containers' ? (arrival.event.hosts ?? []) : []))
}

it('the demo is shown while no engine answers, says why, and gives way to a real one', async () => {
  const runtime = join(home, 'run')
  mkdirSync(runtime)
  // The context names a socket that is not there yet.
  const socket = join(runtime, 'docker.sock')
  const env = { SLUICE_DEMO: 'auto', HOME: home, XDG_RUNTIME_DIR: runtime, DOCKER_HOST: `unix://${socket}` }
  const sluice = await startSluice({ env })
  const events = new Stream(`${sluice.url}api/events`)
  await events.until((stream) => hosts(stream).some(({ demo, state }) => demo && state === 'connected'))
  expect(hosts(events).at(-1)?.problems).toMatchObject([{ code: 'no-socket', address: `unix://${socket}` }])
  const demo = (await (await fetch(`${sluice.url}api/containers`)).json()) as Container[]
  expect(demo.length).toBeGreaterThan(5)
  const stream = await openStream(sluice, demo[0]!.key, 'tail=20').live()
  expect(stream.lines.length).toBe(20)

  const container = await engine.run({ name: uniqueName() })
  symlinkSync(engine.socket, socket)
  await events.until((watched) => hosts(watched).some(({ demo, state }) => !demo && state === 'connected'))
  const real = (await (await fetch(`${sluice.url}api/containers`)).json()) as Container[]
  expect(real.map(({ id }) => id)).toContain(container.id)
  expect(real.map(({ key }) => key)).not.toContain(demo[0]!.key)
  await stream.until(({ states }) => states.at(-1)?.state === 'removed')
})

it('an engine that is named to Sluice itself and does not answer is not covered up by the demo', async () => {
  const sluice = await startSluice({ engine: join(home, 'none.sock'), env: { SLUICE_DEMO: 'auto' } })
  const answer = await fetch(`${sluice.url}api/containers`)
  expect(answer.status).toBe(503)
  expect(answer.headers.get('content-type')).toContain('application/problem+json')
})

it('the usual sockets are looked at, and the first that answers is taken', async () => {
  const runtime = join(home, 'rootless')
  mkdirSync(runtime)
  symlinkSync(engine.socket, join(runtime, 'docker.sock'))
  const sluice = await startSluice({ env: { HOME: home, XDG_RUNTIME_DIR: runtime } })
  const containers = await fetch(`${sluice.url}api/containers`)
  expect(containers.status).toBe(200)
})
