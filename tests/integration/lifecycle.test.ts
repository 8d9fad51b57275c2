/**
 * Whatever is done to a container while it writes, the one EventSource on its name goes on: no line of Docker's own log is
 * lost or comes twice, and what happened stands among them, in order.
 */
import { expect, it } from 'vitest'
import { uniqueName } from '../engine/engine.ts'
import { useEngine } from '../engine/use-engine.ts'
import { startSluice } from '../sluice/server.ts'
import { end, linesOf, logOf, more, outline, runTalker, state, whileWriting } from '../sluice/story.ts'
import { openStream } from '../sluice/stream.ts'

const engine = useEngine()
const sluice = await startSluice({ engine: engine.socket })

const BEFORE = ['[started]', 'begin', '[live]', '…']
const END = ['end', 'end of errors']

it('stop, then start: the last lines, the stop, the start, the next lines', async () => {
  const container = await runTalker(engine)
  const stream = await openStream(sluice, container.name).live()
  await whileWriting(container, stream, async () => {
    await state(stream, 'stopped', () => container.stop())
    await container.start()
  })
  expect(linesOf(stream)).toEqual(await logOf(container))
  expect(outline(stream)).toEqual([...BEFORE, '[died]', '[stopped]', '[started]', 'begin', '…', ...END])
  expect(stream.opened).toBe(1)
})

it('restart, three times in a row: each between the lines of two runs', async () => {
  const container = await runTalker(engine)
  const stream = await openStream(sluice, container.name).live()
  await whileWriting(container, stream, async () => {
    for (let round = 0; round < 3; round++) {
      await state(stream, 'started', () => container.restart())
      await more(stream)
    }
  })
  const restarts = Array.from({ length: 3 }, () => ['[died]', '[started]', 'begin', '…']).flat()
  expect(linesOf(stream)).toEqual(await logOf(container))
  // Docker reports the stop of a restart when the start is under way: before that, and after the death, is all it promises.
  expect(outline(stream, ['[stopped]'])).toEqual([...BEFORE, ...restarts, ...END])
  expect(stream.opened).toBe(1)
})

it('dies by itself and is restarted by Docker: its exit code, and every line of both runs', async () => {
  const script = 'echo begin; i=0; while [ $i -lt 500 ]; do echo "line $i"; i=$((i+1)); done; echo over; exit 7'
  const container = await engine.create({
    name: uniqueName(),
    command: ['sh', '-c', script],
    restartPolicy: 'on-failure',
    hostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } },
  })
  const stream = await openStream(sluice, container.name).live()
  await container.start()
  await stream.until(({ states }) => states.filter(({ state }) => state === 'died').length === 3, 'three deaths')
  expect(linesOf(stream)).toEqual(await logOf(container))
  const run = ['[started]', 'begin', '…', 'over', '[died]']
  expect(outline(stream)).toEqual(['[created]', '[live]', ...run, ...run, ...run])
  expect(stream.states.flatMap(({ exitCode }) => exitCode ?? [])).toEqual([7, 7, 7])
})

it('pause, then unpause: quiet but alive, and nothing lost that was written into its pipes meanwhile', async () => {
  const container = await runTalker(engine)
  const stream = await openStream(sluice, container.name).live()
  const nap = async () => {
    await state(stream, 'paused', () => container.pause())
    await state(stream, 'unpaused', () => container.unpause())
  }
  await whileWriting(container, stream, nap, ['stdout', 'stderr'])
  expect(linesOf(stream)).toEqual(await logOf(container))
  expect(stream.states.map((event) => event.state)).toEqual(['started', 'paused', 'unpaused'])
  const awoke = stream.arrivals.findIndex((arrival) => arrival.kind === 'state' && arrival.event.state === 'unpaused')
  expect(stream.arrivals.slice(awoke).some(({ kind }) => kind === 'lines')).toBe(true)
  expect(stream.opened).toBe(1)
})

/** Docker tells of a name apart from the lines: those that come before its word are of the old name, whatever their time. */
const WORD_MS = 50

it('renamed away while it writes: the lines up to Docker’s word of it, and not one of later', async () => {
  const container = await runTalker(engine)
  const { name } = container
  const stream = await openStream(sluice, name).live()
  const pace = container.pace({ lines: 1e6, perSecond: 2_000 })
  await more(stream)
  const before = (await logOf(container)).length
  await container.rename(`${name}-old`)
  await stream.until(({ states }) => states.some((event) => event.state === 'renamed'))

  const underNewName = await openStream(sluice, `${name}-old`, 'tail=0').live()
  await more(underNewName, 500)
  await pace.stop()
  expect(outline(stream)).toEqual([...BEFORE, '[renamed]'])
  expect(linesOf(stream)).toEqual((await logOf(container)).slice(0, stream.lines.length))
  expect(stream.lines.length).toBeGreaterThanOrEqual(before)
  const renamedAt = stream.states.find((event) => event.state === 'renamed')?.at ?? ''
  const late = Date.parse(stream.lines.at(-1)?.time ?? '') - Date.parse(renamedAt)
  expect(late).toBeLessThanOrEqual(WORD_MS)
})

it('renamed into, once the name is free: the other container from its first line', async () => {
  const first = await runTalker(engine)
  const { name } = first
  const second = await runTalker(engine)
  const writing = second.pace({ lines: 1e6, perSecond: 500 })
  await second.logged('line 100\n')
  const stream = await openStream(sluice, name).live()
  await end(first, stream)
  await state(stream, 'renamed', () => first.rename(`${name}-old`))
  await second.rename(name)
  await stream.message('line 500')
  await writing.stop()
  await end(second, stream)
  expect(linesOf(stream)).toEqual([...(await logOf(first)), ...(await logOf(second))])
  expect(outline(stream)).toEqual([
    '[started]',
    'begin',
    '[live]',
    ...END,
    '[renamed]',
    '[recreated]',
    'begin',
    '…',
    ...END,
  ])
  expect(stream.opened).toBe(1)
})

it('removed and run again while it writes: all that each of them wrote, and the re-creation between', async () => {
  const first = await runTalker(engine)
  const { name } = first
  const stream = await openStream(sluice, name).live()
  const pace = first.pace({ lines: 1e6, perSecond: 500, streams: ['stdout', 'stderr'] })
  await more(stream)
  await first.kill()
  const ofFirst = await logOf(first)
  await pace.stop()
  await first.remove()
  const second = await runTalker(engine, { name })
  await whileWriting(second, stream, async () => {})
  expect(linesOf(stream)).toEqual([...ofFirst, ...(await logOf(second))])
  expect(outline(stream)).toEqual([...BEFORE, '[died]', '[removed]', '[recreated]', '[started]', 'begin', '…', ...END])
  expect(stream.opened).toBe(1)
})

it('re-created five times as fast as Docker can: each one from its first line to its last', async () => {
  const name = uniqueName()
  const logs = []
  let container = await runTalker(engine, { name })
  const stream = await openStream(sluice, name).live()
  for (let round = 0; ; round++) {
    await container.write('stdout', `line ${round}\n`)
    await container.logged(`line ${round}\n`)
    if (round === 5) break
    await container.kill()
    logs.push(...(await logOf(container)))
    await container.remove()
    container = await runTalker(engine, { name })
  }
  await end(container, stream)
  expect(linesOf(stream)).toEqual([...logs, ...(await logOf(container))])
  const life = ['[died]', '[removed]', '[recreated]', '[started]', 'begin', '…']
  expect(outline(stream, ['[live]'])).toEqual([
    '[started]',
    'begin',
    '…',
    ...Array.from({ length: 5 }, () => life).flat(),
    ...END,
  ])
})
