/** A stream's address holds a name: whatever happens to the container that carries it, the same stream goes on. */
import { describe, expect, it } from 'vitest'
import { uniqueName } from '../engine/engine.ts'
import { useEngine, useOwnDaemon } from '../engine/use-engine.ts'
import { startSluice } from '../sluice/server.ts'
import { openStream, type Stream } from '../sluice/stream.ts'

const engine = useEngine()
const sluice = await startSluice({ engine: engine.socket })

/**
 * Messages and states in the order of arrival, which is what a person reads down the page; but for a creation, which is told
 * only where the stream was open before Sluice had heard of it, and a start of which Docker tells after the run's first
 * lines, which wait for nothing.
 */
function story({ arrivals }: Stream): string[] {
  const parts = arrivals.flatMap((arrival) => {
    if (arrival.kind === 'lines') return arrival.lines.map(({ message }) => message)
    if (arrival.kind === 'state') return [`[${arrival.event.state}]`]
    return arrival.kind === 'gap' ? ['[gap]'] : []
  })
  if (parts[0] === '[created]') parts.shift()
  for (const [at, part] of parts.entries()) {
    if (part !== '[started]') continue
    const to = parts.findLastIndex((before, index) => index < at && before.startsWith('[')) + 1
    parts.splice(at, 1)
    parts.splice(to, 0, part)
  }
  return parts
}

/** Until the container has been told to have started so many times. */
const starts = (stream: Stream, count: number) =>
  stream.until(({ states }) => states.filter(({ state }) => state === 'started').length >= count, `${count} starts`)

it('stop and start: says so, waits, and goes on after the last line', async () => {
  const container = await engine.run({ name: uniqueName() })
  const stream = await openStream(sluice, container.name).live()
  await container.write('stdout', 'before\n')
  await stream.message('before')
  await container.stop()
  await stream.until(({ states }) => states.some(({ state }) => state === 'stopped'))
  await container.start()
  await container.write('stdout', 'after\n')
  await stream.message('after')
  expect(story(stream)).toEqual(['[started]', 'before', '[died]', '[stopped]', '[started]', 'after'])
  expect(stream.opened).toBe(1)
})

it('restart: every line of both runs, with the restart between them', async () => {
  const container = await engine.run({ name: uniqueName(), command: ['sh', '-c', 'echo hello; sleep 1000'] })
  const stream = await openStream(sluice, container.name).live()
  await stream.message('hello')
  await container.kill('SIGKILL')
  await container.restart()
  await stream.until(({ lines }) => lines.length >= 2)
  await starts(stream, 2)
  // Whether Docker says that it stopped one that has just been killed depends on how far its end is.
  expect(story(stream).filter((part) => part !== '[stopped]')).toEqual([
    '[started]',
    'hello',
    '[died]',
    '[started]',
    'hello',
  ])
})

it('removed and run again: tells of the re-creation, then every line of the newcomer from its first', async () => {
  const name = uniqueName()
  const first = await engine.run({ name })
  const stream = await openStream(sluice, name).live()
  await first.write('stdout', 'old\n')
  await stream.message('old')
  await first.kill()
  await first.remove()
  await stream.until(({ states }) => states.some(({ state }) => state === 'removed'))
  const second = await engine.run({ name, command: ['sh', '-c', 'echo new 1; echo new 2; sleep 1000'] })
  await stream.message('new 2')
  await starts(stream, 2)
  expect(story(stream)).toEqual([
    '[started]',
    'old',
    '[died]',
    '[removed]',
    '[recreated]',
    '[started]',
    'new 1',
    'new 2',
  ])
  expect(stream.states.find(({ state }) => state === 'recreated')?.incarnation).toBe(second.id.slice(0, 12))
  const ids = stream.arrivals.flatMap((arrival) => (arrival.kind === 'lines' ? [arrival.id.slice(0, 12)] : []))
  expect([...new Set(ids)]).toEqual([first.id.slice(0, 12), second.id.slice(0, 12)])
  expect(stream.opened).toBe(1)
})

it('renamed away while another takes the name, as compose does: the other is followed', async () => {
  const name = uniqueName()
  const old = await engine.run({ name })
  const stream = await openStream(sluice, name).live()
  await old.write('stdout', 'old\n')
  await stream.message('old')
  await old.rename(`${old.id.slice(0, 12)}_${name}`)
  const fresh = await engine.run({ name })
  await old.write('stdout', 'not ours any more\n')
  await fresh.write('stdout', 'new\n')
  await stream.message('new')
  await old.remove()
  await fresh.write('stdout', 'newer\n')
  await stream.message('newer')
  expect(stream.messages).toEqual(['old', 'new', 'newer'])
})

it('paused: quiet but alive', async () => {
  const container = await engine.run({ name: uniqueName() })
  const stream = await openStream(sluice, container.name).live()
  await container.pause()
  await stream.until(({ states }) => states.some(({ state }) => state === 'paused'))
  await container.unpause()
  await container.write('stdout', 'awake\n')
  await stream.message('awake')
  expect(story(stream)).toEqual(['[started]', '[paused]', '[unpaused]', 'awake'])
})

it('a name that nobody carries yet is waited for when asked to', async () => {
  const name = uniqueName()
  const near = await engine.run({ name: `${name}x` })
  await openStream(sluice, near.name).live() // known by now
  const stream = await openStream(sluice, name, 'wait=true').live()
  expect(stream.states).toMatchObject([
    { state: 'absent', container: name, closest: expect.arrayContaining([near.name]) },
  ])
  const container = await engine.run({ name })
  await container.write('stdout', 'here I am\n')
  await stream.message('here I am')
})

it('a container that is created but not started is waited for', async () => {
  const container = await engine.create({ name: uniqueName() })
  const stream = await openStream(sluice, container.name).live()
  expect(stream.states).toMatchObject([{ state: 'created' }])
  await container.start()
  await container.write('stdout', 'begun\n')
  await stream.message('begun')
})

describe('a restarted daemon', () => {
  const own = useOwnDaemon({ liveRestore: true })

  it.each(['SIGTERM', 'SIGKILL'] as const)('after %s: what was written meanwhile is not lost', async (signal) => {
    const container = await own.engine.run({ name: uniqueName() })
    const ofOwn = await startSluice({ engine: own.engine.socket })
    const stream = await openStream(ofOwn, container.name).live()
    await container.pace({ lines: 50, template: 'before {n}' }).done
    await stream.message('before 49')
    await own.daemon.restart(signal)
    await container.pace({ lines: 50, template: 'after {n}' }).done
    await stream.message('after 49')
    const expected = ['before', 'after'].flatMap((when) => Array.from({ length: 50 }, (_, n) => `${when} ${n}`))
    expect(stream.messages).toEqual(expected)
    expect(stream.opened).toBe(1)
    await ofOwn.stop()
  })
})

it('a stream may be asked for the moment its container is created', async () => {
  for (let round = 0; round < 10; round++) {
    const container = await engine.create({ name: uniqueName() })
    const answer = await fetch(`${sluice.url}api/containers/${container.name}/logs/stream`)
    expect(answer.status).toBe(200)
    await answer.body?.cancel()
  }
})
