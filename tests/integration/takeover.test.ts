/**
 * Sluice itself is killed, started again, or another one takes its place: it keeps nothing, so a cursor is all that a viewer
 * needs to go on, with any of them.
 */
import { expect, it } from 'vitest'
import { uniqueName } from '../engine/engine.ts'
import { useEngine } from '../engine/use-engine.ts'
import { type Sluice, startSluice } from '../sluice/server.ts'
import { end, linesOf, logOf, more, outline, runTalker, whileWriting } from '../sluice/story.ts'
import { openStream, resumeStream } from '../sluice/stream.ts'

const engine = useEngine()

/** Another process on the port of one that has ended. */
function startInPlaceOf({ url }: Sluice): Promise<Sluice> {
  return startSluice({ engine: engine.socket, args: ['--port', new URL(url).port] })
}

it.each(['SIGTERM', 'SIGKILL'] as const)(
  'after %s and a new start the same EventSource goes on with every line written meanwhile',
  async (signal) => {
    const sluice = await startSluice({ engine: engine.socket })
    const container = await runTalker(engine)
    const stream = await openStream(sluice, container.name).live()
    const replace = async () => {
      await sluice.stop(signal)
      await container.write('stdout', 'nobody serves\n')
      await container.logged('nobody serves\n', 1_000)
      await startInPlaceOf(sluice)
      await stream.message('nobody serves')
    }
    await whileWriting(container, stream, replace, ['stdout', 'stderr'])
    expect(linesOf(stream)).toEqual(await logOf(container))
    expect(stream.gaps).toEqual([])
    expect(stream.states.map(({ state }) => state)).toEqual(['started', 'started']) // as each opening begins
    expect(stream.opened).toBe(2)
  },
)

it('killed and started again five times while lines are written: each line once', async () => {
  let sluice = await startSluice({ engine: engine.socket })
  const container = await runTalker(engine)
  const stream = await openStream(sluice, container.name).live()
  await whileWriting(container, stream, async () => {
    for (let round = 0; round < 5; round++) {
      await sluice.stop('SIGKILL')
      sluice = await startInPlaceOf(sluice)
      await more(stream)
    }
  })
  expect(linesOf(stream)).toEqual(await logOf(container))
  expect(stream.gaps).toEqual([])
})

it('another process on another port goes on from the same Last-Event-ID, to and fro, with nothing lost or doubled', async () => {
  const replicas = [await startSluice({ engine: engine.socket }), await startSluice({ engine: engine.socket })]
  const container = await runTalker(engine)
  const pace = container.pace({ lines: 1e6, perSecond: 500, streams: ['stdout', 'stderr'] })
  const streams = [await openStream(replicas[0]!, container.name, 'tail=10000').live()]
  for (let round = 1; round <= 6; round++) {
    const last = streams.at(-1)!
    await more(last)
    last.close()
    streams.push(resumeStream(replicas[round % 2]!, container.name, last.cursor))
  }
  const last = streams.at(-1)!
  await more(last)
  await pace.stop()
  await end(container, last)
  expect(linesOf(...streams)).toEqual(await logOf(container))
  expect(streams.flatMap(({ gaps }) => gaps)).toEqual([])
})

it('the container stopped and started while no Sluice ran: the lines of both runs', async () => {
  const sluice = await startSluice({ engine: engine.socket })
  const container = await runTalker(engine)
  const stream = await openStream(sluice, container.name).live()
  await whileWriting(container, stream, async () => {
    await sluice.stop('SIGKILL')
    await container.stop()
    await container.start()
    await container.logged('begin\n')
    await startInPlaceOf(sluice)
  })
  expect(linesOf(stream)).toEqual(await logOf(container))
  expect(stream.gaps).toEqual([])
  expect(stream.states.map(({ state }) => state)).toEqual(['started', 'started'])
})

it('the container removed and run again while no Sluice ran: a gap where lines may be missing, then all of the newcomer', async () => {
  const sluice = await startSluice({ engine: engine.socket })
  const name = uniqueName()
  const first = await runTalker(engine, { name })
  const stream = await openStream(sluice, name).live()
  await first.write('stdout', 'line 1\n')
  await stream.message('line 1')
  const { cursor } = stream
  const ofFirst = await logOf(first)
  await sluice.stop('SIGKILL')
  await first.remove()
  const second = await runTalker(engine, { name })
  await startInPlaceOf(sluice)
  await stream.until(({ opened }) => opened === 2)
  await end(second, stream)
  expect(linesOf(stream)).toEqual([...ofFirst, ...(await logOf(second))])
  // The last lines may be read with the backlog or come live.
  const END = ['begin', 'end', 'end of errors']
  expect(outline(stream, ['[live]'])).toEqual(['[started]', 'begin', '…', '[started]', '[gap removed]', ...END])
  expect(stream.gaps).toMatchObject([{ from: cursor }])
})
