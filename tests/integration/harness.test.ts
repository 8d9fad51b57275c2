/** The tests' own engine: what every other integration test takes for granted. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startDaemon } from '../engine/daemon.ts'
import { uniqueName } from '../engine/engine.ts'
import { paceLine } from '../engine/pace.ts'
import { processesOf } from '../engine/processes.ts'
import { referenceFrames } from '../engine/reference.ts'
import { sweepScratch } from '../engine/scratch.ts'
import { useEngine, useOwnDaemon } from '../engine/use-engine.ts'

const engine = useEngine()

describe('a container', () => {
  test('writes exactly the bytes it is told to, on the stream it is told to', async () => {
    // Not json-file, which stores U+FFFD for what is not UTF-8.
    const container = await engine.run({ name: uniqueName(), logDriver: 'local' })
    await container.write('stdout', 'one\n')
    await container.logged('one\n')
    await container.write('stderr', Buffer.from([0x00, 0xff, 0x0d, 0x0a]))
    await container.logged(Buffer.from([0x00, 0xff, 0x0d, 0x0a]))
    await container.write('stdout', 'no newline')
    await container.exit(0)

    const frames = referenceFrames(await container.logs({ timestamps: false }))
    expect(frames.map(({ stream, payload }) => [stream, payload.toString('latin1')])).toEqual([
      ['stdout', 'one\n'],
      ['stderr', '\x00\xff\r\n'],
      ['stdout', 'no newline'],
    ])
  })

  test('loses nothing when it is told to exit right after a write', async () => {
    const container = await engine.run({ name: uniqueName() })
    await Promise.all([container.write('stdout', 'x'.repeat(1_000_000)), container.write('stderr', 'last words\n')])
    await container.exit(3)

    expect(await container.wait()).toBe(3)
    const lines = await container.lines()
    expect(lines.find(({ stream }) => stream === 'stdout')?.bytes.length).toBe(1_000_000)
    expect(lines.find(({ stream }) => stream === 'stderr')?.text).toBe('last words')
  })

  test('loses nothing when it is told to exit before it is up', async () => {
    const container = await engine.create({ name: uniqueName() })
    await container.write('stdout', 'early bird\n')
    await container.start()
    await container.exit(0)
    expect((await container.lines()).map(({ text }) => text)).toEqual(['early bird'])
  })

  test('writes on after exit, stop, kill, restart, pause and rename', async () => {
    const container = await engine.run({ name: uniqueName() })
    const steps = {
      exit: async () => {
        await container.exit(0)
        await container.start()
      },
      stop: async () => {
        await container.stop()
        await container.start()
      },
      kill: async () => {
        await container.kill()
        await container.wait()
        await container.start()
      },
      restart: () => container.restart(),
      pause: async () => {
        await container.pause()
        await container.unpause()
      },
      rename: () => container.rename(uniqueName('renamed')),
    }
    for (const [name, step] of Object.entries(steps)) {
      await container.write('stdout', `before ${name}\n`)
      await container.logged(`before ${name}\n`)
      await step()
      await container.write('stdout', `after ${name}\n`)
      await container.logged(`after ${name}\n`)
    }
    expect((await container.lines()).map(({ text }) => text)).toEqual(
      Object.keys(steps).flatMap((name) => [`before ${name}`, `after ${name}`]),
    )
  })

  test('with a TTY has one raw stream with carriage returns', async () => {
    const container = await engine.run({ name: uniqueName(), tty: true })
    await container.write('stdout', 'to a terminal\n')
    await container.logged('to a terminal\r\n')
    await container.write('stderr', 'and so is this\n')
    await container.exit(0)

    expect((await container.logs({ timestamps: false })).toString()).toBe('to a terminal\r\nand so is this\r\n')
    expect((await container.lines()).map(({ text, stream }) => [stream, text])).toEqual([
      ['stdout', 'to a terminal'],
      ['stdout', 'and so is this'],
    ])
  })

  test('has the log driver, labels and command it is given', async () => {
    const container = await engine.run({
      name: uniqueName(),
      command: ['sh', '-c', 'seq 1 3; exit 7'],
      labels: { 'com.docker.compose.project': 'shop' },
      logDriver: 'local',
    })
    expect(await container.wait()).toBe(7)
    expect((await container.lines()).map(({ text }) => text)).toEqual(['1', '2', '3'])
    const { Config } = await container.inspect<{ Config: { Labels: object } }>()
    expect(Config.Labels).toEqual({ 'com.docker.compose.project': 'shop' })
  })

  test('that cannot be started leaves its name free', async () => {
    const name = uniqueName()
    await expect(engine.run({ name, command: ['/no/such/program'] })).rejects.toThrow('no such file or directory')
    await engine.run({ name })
  })
})

describe('a pace', () => {
  test('writes numbered lines, each once and in order, by turns on both streams', async () => {
    const template = '{"n":{n},"message":"request served"}'
    const container = await engine.run({ name: uniqueName() })
    const { written } = await container.pace({ lines: 1000, perSecond: 4000, streams: ['stdout', 'stderr'], template })
      .done
    await container.exit(0)

    expect(written).toBe(1000)
    const lines = await container.lines()
    for (const [turn, stream] of (['stdout', 'stderr'] as const).entries()) {
      const texts = lines.filter((line) => line.stream === stream).map(({ text }) => text)
      expect(texts).toEqual(Array.from({ length: 500 }, (_, k) => paceLine(template, 2 * k + turn)))
    }
  })

  test('stamps each line with the time it was written', async () => {
    const container = await engine.run({ name: uniqueName() })
    const before = Date.now() * 1000
    await container.pace({ lines: 100, perSecond: 1000, template: '{us}' }).done
    await container.exit(0)

    const stamps = (await container.lines()).map(({ text }) => Number(text))
    expect(stamps).toHaveLength(100)
    expect(stamps.every((stamp, index) => stamp >= (stamps[index - 1] ?? before))).toBe(true)
    expect(stamps[99]! - stamps[0]!).toBeGreaterThan(90_000)
  })

  test('stops after a whole line, even while the container reads nothing', async () => {
    const container = await engine.run({ name: uniqueName() })
    const pace = container.pace({ lines: 1_000_000, perSecond: 1000 })
    await container.logged('line 10\n')
    const { written } = await pace.stop()
    await container.exit(0)
    expect(await container.lines()).toHaveLength(written)

    await container.start()
    await container.pause()
    const blocked = container.pace({ lines: 1_000_000 })
    await blocked.stop()
    await container.unpause()
  })
})

describe.each([
  { liveRestore: false, how: 'SIGTERM' },
  { liveRestore: false, how: 'SIGKILL' },
  { liveRestore: true, how: 'SIGTERM' },
  { liveRestore: true, how: 'SIGKILL' },
] as const)('a daemon of its own ($how, live-restore: $liveRestore)', ({ liveRestore, how }) => {
  const own = useOwnDaemon({ liveRestore })

  test('comes back after its end with the container and its log', async () => {
    const container = await own.engine.run({ name: 'web' })
    await container.write('stdout', 'before\n')
    await container.logged('before\n')
    if (how === 'SIGTERM') await own.daemon.stop()
    else await own.daemon.kill()
    if (liveRestore) await container.write('stdout', 'meanwhile\n')
    await own.daemon.start()
    if (!liveRestore) await container.start()
    await container.write('stdout', 'after\n')
    await container.logged('after\n')

    const expected = liveRestore ? ['before', 'meanwhile', 'after'] : ['before', 'after']
    expect((await container.lines()).map(({ text }) => text)).toEqual(expected)
  })
})

test('what a killed test run left behind is gone after the start of the next', async () => {
  const daemon = await startDaemon()
  await daemon.engine().run({ name: 'orphan' })
  writeFileSync(join(daemon.dir, 'owner'), '1 0') // As if by a process that is no more: its pid has a new owner.

  await sweepScratch()

  await expect.poll(() => daemon.pid).toBeUndefined() // Its end is an event of its own, which may be on its way yet.
  expect(existsSync(daemon.dir)).toBe(false)
  expect(readFileSync('/proc/self/mountinfo', 'latin1')).not.toContain(daemon.dir)
  expect(processesOf(daemon.dir)).toEqual([])
  await expect(engine.api.bytes({ path: '/_ping' })).resolves.toBeDefined() // Of a living run: untouched.
})
