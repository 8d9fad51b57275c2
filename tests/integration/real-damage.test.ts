/** A real engine's log that a power loss has damaged: what it still has of it is shown, and the rest is said in its place. */
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { LogPage } from '../../server/wire.ts'
import type { Container } from '../engine/container.ts'
import { uniqueName } from '../engine/engine.ts'
import { useOwnDaemon } from '../engine/use-engine.ts'
import { startSluice } from '../sluice/server.ts'
import { openStream } from '../sluice/stream.ts'

const own = useOwnDaemon()

const COUNT = 200
const texts = Array.from({ length: COUNT }, (_, number) => `line ${number} of ${COUNT}`)

/** A container whose log has these lines, in which `damage` changed the file's bytes. */
async function damagedLog(damage: (log: Buffer) => Buffer): Promise<Container> {
  const container = await own.engine.run({ name: uniqueName() })
  await container.write('stdout', texts.map((text) => `${text}\n`).join(''))
  await container.kept(texts.at(-1)!, COUNT)
  const path = `${own.daemon.dir}/data/containers/${container.id}/${container.id}-json.log`
  writeFileSync(path, damage(readFileSync(path)))
  return container
}

/** Where the record of a line begins in the file. */
const recordOf = (log: Buffer, number: number) => log.lastIndexOf('\n', log.indexOf(`line ${number} of`)) + 1

describe('a json-file log', () => {
  it.each([
    [
      'NULs over the end of a record and the beginning of the next',
      99,
      101,
      (log: Buffer) => log.fill(0, recordOf(log, 100) - 20, recordOf(log, 100) + 20),
    ],
    ['NULs over many records', 50, 101, (log: Buffer) => log.fill(0, recordOf(log, 50), recordOf(log, 100))],
    [
      'a record of which a part is blank',
      100,
      101,
      (log: Buffer) => log.fill(' ', recordOf(log, 100) + 2, recordOf(log, 100) + 40),
    ],
  ])('with %s is shown on both sides of the damage, and live', async (_what, first, after, damage) => {
    const container = await damagedLog(damage)
    const sluice = await startSluice({ engine: own.daemon.socket })
    const stream = await openStream(sluice, container.name).live()
    const expected = [...texts.slice(0, first), 'damaged', ...texts.slice(after)]
    const story = () =>
      stream.arrivals.flatMap((arrival) => {
        if (arrival.kind === 'lines') return arrival.lines.map(({ message }) => message)
        return arrival.kind === 'gap' ? [arrival.event.reason] : []
      })
    expect(story()).toEqual(expected)
    await container.write('stdout', 'written later\n')
    await stream.message('written later')
    expect(story()).toEqual([...expected, 'written later'])

    const page = (await (await fetch(`${sluice.url}api/containers/${container.name}/logs`)).json()) as LogPage
    expect(page.damages).toMatchObject([{ at: first }])
    expect(page.lines.length).toBe(expected.length)
  })
})
