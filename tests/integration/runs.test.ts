/** What is known of a container's runs on a real engine: from its events, of Sluice's time and of before, and from inspections. */
import { describe, expect, it } from 'vitest'
import type { Container as Listed, Run } from '../../server/wire.ts'
import { uniqueName } from '../engine/engine.ts'
import { startFaultProxy } from '../engine/fault-proxy.ts'
import { useEngine } from '../engine/use-engine.ts'
import { type Sluice, startSluice } from '../sluice/server.ts'
import { openStream } from '../sluice/stream.ts'

const engine = useEngine()
const sluice = await startSluice({ engine: engine.socket })

async function listed(name: string, on: Sluice = sluice): Promise<Listed | undefined> {
  const all = (await (await fetch(`${on.url}api/containers`)).json()) as Listed[]
  return all.find((container) => container.name === name)
}

/** Those that a new stream is told of. */
async function runsOf(name: string, on: Sluice = sluice): Promise<Run[]> {
  const stream = await openStream(on, name).live()
  const [first] = stream.states
  stream.close()
  return first?.runs ?? []
}

describe.each([
  ['that Sluice saw', async () => sluice],
  ['from before Sluice was started', () => startSluice({ engine: engine.socket })],
])('the runs %s', (_, chosen) => {
  it('of a crash loop: each with its start, its end and its exit code, in order, and how often it was restarted', async () => {
    const script =
      'n=$(cat /tmp/n 2>/dev/null || echo 0); n=$((n+1)); echo $n > /tmp/n; echo "run $n"; sleep 0.1; exit $n'
    const container = await engine.run({
      name: uniqueName(),
      command: ['sh', '-c', script],
      hostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } },
    })
    await expect.poll(async () => (await container.lines()).at(-1)?.text, { timeout: 30_000 }).toBe('run 4')
    await container.wait()
    const asked = await chosen()
    await expect
      .poll(() => listed(container.name, asked), { timeout: 10_000 })
      .toMatchObject({
        state: 'exited',
        exitCode: 4,
        restarts: 3,
        stopped: false,
      })
    const runs = await runsOf(container.name, asked)
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([1, 2, 3, 4])
    const lines = await container.lines()
    for (const [n, { started = '', finished = '' }] of runs.entries()) {
      const { time = '' } = lines[n] ?? {}
      expect([n, Date.parse(started) - 500 < Date.parse(time), time < finished]).toEqual([n, true, true])
      expect(started < finished).toBe(true)
      expect(finished < (runs[n + 1]?.started ?? '3')).toBe(true)
    }
  })

  it.each([
    ['docker stop, which ended in 137', 'stop'],
    ['docker kill', 'kill'],
    ['docker restart', 'restart'],
  ] as const)('tell %s from a death of its own', async (_, act) => {
    const container = await engine.run({ name: uniqueName() })
    await container.write('stdout', 'here\n')
    await container.logged('here')
    await container[act]()
    if (act === 'restart') await container.write('stdout', 'here again\n')
    if (act === 'restart') await container.logged('here again')
    const asked = await chosen()
    const first = async () => (await runsOf(container.name, asked))[0]
    await expect.poll(first, { timeout: 10_000 }).toMatchObject({ exitCode: 137, stopped: true })
    const expected = act === 'restart' ? { state: 'running' } : { state: 'exited', exitCode: 137, stopped: true }
    await expect.poll(() => listed(container.name, asked), { timeout: 10_000 }).toMatchObject(expected)
    expect(await listed(container.name, asked)).not.toHaveProperty('restarts')
  })
})

it('a stream says of a stop that it was one, and of a death of its own that it was none', async () => {
  const container = await engine.run({ name: uniqueName() })
  const stream = await openStream(sluice, container.name).live()
  await container.stop()
  await stream.until(({ states }) => states.some(({ state }) => state === 'died'), 'a death')
  expect(stream.states.find(({ state }) => state === 'died')).toMatchObject({ exitCode: 137, stopped: true })
  await container.start()
  await container.exit(3)
  await stream.until(({ states }) => states.filter(({ state }) => state === 'died').length === 2, 'two deaths')
  const last = stream.states.findLast(({ state }) => state === 'died')
  expect(last).toMatchObject({ exitCode: 3 })
  expect(last).not.toHaveProperty('stopped')
})

it('the deaths and starts while the engine was away are told with their exit codes, in their places', async () => {
  const proxy = await startFaultProxy(engine.socket)
  const own = await startSluice({ engine: proxy.socket })
  const container = await engine.run({ name: uniqueName() })
  await container.write('stdout', 'one\n')
  const stream = await openStream(own, container.name).live()
  await stream.until(({ lines }) => lines.some(({ message }) => message === 'one'), 'the first line')
  await proxy.refuse()
  proxy.cut()
  for (const [code, next] of [
    [4, 'two'],
    [5, 'three'],
  ] as const) {
    await container.exit(code)
    await container.start()
    await container.write('stdout', `${next}\n`)
    await container.logged(next)
  }
  await proxy.accept()
  await stream.until(({ lines }) => lines.some(({ message }) => message === 'three'), 'the last line')
  await stream.until(({ states }) => states.filter(({ state }) => state === 'started').length === 3, 'the last start')
  const told = stream.states.map(({ state, exitCode }) => (exitCode === undefined ? state : `${state} ${exitCode}`))
  expect(told).toEqual(['started', 'died 4', 'started', 'died 5', 'started'])
  stream.close()
  await proxy.close()
})
