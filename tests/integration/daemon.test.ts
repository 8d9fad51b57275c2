/**
 * The daemon is stopped or killed, and started again, while a container writes: the one EventSource goes on, each line of
 * Docker's own log comes once, in order. With live-restore the container lives and writes on meanwhile, else it dies.
 */
import { describe, expect, it } from 'vitest'
import { useOwnDaemon } from '../engine/use-engine.ts'
import { startSluice } from '../sluice/server.ts'
import { linesOf, logOf, outline, runTalker, whileWriting } from '../sluice/story.ts'
import { openStream, type Stream } from '../sluice/stream.ts'

const SIGNALS = ['SIGTERM', 'SIGKILL'] as const
const BEFORE = ['[started]', 'begin', '[live]', '…']
const END = ['end', 'end of errors']

describe('with live-restore', () => {
  const own = useOwnDaemon({ liveRestore: true })

  it.each(SIGNALS)('%s of the daemon leaves no trace among the lines', async (signal) => {
    const sluice = await startSluice({ engine: own.engine.socket })
    const container = await runTalker(own.engine)
    const stream = await openStream(sluice, container.name).live()
    await whileWriting(container, stream, () => own.daemon.restart(signal), ['stdout', 'stderr'])
    expect(linesOf(stream)).toEqual(await logOf(container))
    // What has piled up in one pipe may take longer than what has in the other.
    expect(outline(stream, END)).toEqual(BEFORE)
    expect(stream.opened).toBe(1)
    await sluice.stop()
  })

  it('a container that dies while the daemon is away is told of when it is back, after its last line', async () => {
    const sluice = await startSluice({ engine: own.engine.socket })
    const container = await runTalker(own.engine)
    const stream = await openStream(sluice, container.name).live()
    await whileWriting(container, stream, async () => {
      const { State } = await container.inspect<{ State: { Pid: number } }>()
      await own.daemon.kill()
      process.kill(State.Pid, 'SIGKILL') // the shell that is the container's first process, and so all of it
      await own.daemon.start()
      await container.wait()
      await container.start()
    })
    expect(linesOf(stream)).toEqual(await logOf(container))
    expect(outline(stream)).toEqual([...BEFORE, '[died]', '[started]', 'begin', '…', ...END])
    expect(stream.opened).toBe(1)
    await sluice.stop()
  })
})

/**
 * Whether Docker still says that it stopped the container depends on how far the daemon's own end is. And of a death that it
 * could not report it tells the process's own time, while it logs what was left in the pipes after that.
 */
function expectTwoRuns(stream: Stream): void {
  const states = stream.states.map(({ state }) => state).filter((state) => state !== 'stopped')
  expect(states).toEqual(['started', 'died', 'started'])
  const UNSURE = ['[stopped]', '[died]']
  expect(outline(stream, UNSURE)).toEqual([...BEFORE, '[started]', 'begin', '…', ...END])
}

describe('without live-restore', () => {
  const own = useOwnDaemon()

  it.each(SIGNALS)(
    '%s of the daemon ends the container: its death, its start, and every line of both runs',
    async (signal) => {
      const sluice = await startSluice({ engine: own.engine.socket })
      const container = await runTalker(own.engine)
      const stream = await openStream(sluice, container.name).live()
      await whileWriting(container, stream, async () => {
        await own.daemon.restart(signal)
        await container.wait()
        await container.start()
      })
      expect(linesOf(stream)).toEqual(await logOf(container))
      expectTwoRuns(stream)
      expect(stream.opened).toBe(1)
      await sluice.stop()
    },
  )
})

describe('a container that Docker itself starts again with the daemon', () => {
  const own = useOwnDaemon()

  it.each(SIGNALS)('after %s goes on in the same stream', async (signal) => {
    const sluice = await startSluice({ engine: own.engine.socket })
    const container = await runTalker(own.engine, { restartPolicy: 'always' })
    const stream = await openStream(sluice, container.name).live()
    await whileWriting(container, stream, () => own.daemon.restart(signal))
    expect(linesOf(stream)).toEqual(await logOf(container))
    expectTwoRuns(stream)
    expect(stream.opened).toBe(1)
    await sluice.stop()
  })
})
