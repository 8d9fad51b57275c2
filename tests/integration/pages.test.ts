/** Pages of history, walked back and on, are together what `docker logs` prints, for any kind of log. */
import { describe, expect, it } from 'vitest'
import type { Line, LogPage } from '../../server/wire.ts'
import type { Container } from '../engine/container.ts'
import { uniqueName } from '../engine/engine.ts'
import { useEngine } from '../engine/use-engine.ts'
import { kindsOfLogs, numbered, reference, written } from '../sluice/kinds-of-logs.ts'
import { startSluice } from '../sluice/server.ts'
import { openStream } from '../sluice/stream.ts'

const engine = useEngine()
const sluice = await startSluice({ engine: engine.socket })

async function pageOf(container: Container, query: string): Promise<LogPage> {
  const response = await fetch(`${sluice.url}api/containers/${container.name}/logs?${query}`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  return (await response.json()) as LogPage
}

/** Every line from the newest page back to the start. */
async function back(container: Container, limit: number): Promise<Line[]> {
  let page = await pageOf(container, `limit=${limit}`)
  const pages = [page.lines]
  while (!page.atStart) {
    page = await pageOf(container, `limit=${limit}&before=${page.before}`)
    expect(page).toMatchObject({ incarnation: container.id.slice(0, 12), atEnd: false })
    pages.unshift(page.lines)
  }
  return pages.flat()
}

/** Every line from the start to what is the end by then. */
async function on(container: Container, limit: number): Promise<Line[]> {
  const lines: Line[] = []
  for (let after = `${container.id.slice(0, 12)}.0.000000000.0`; ; ) {
    const page = await pageOf(container, `limit=${limit}&after=${after}`)
    expect(page.gap).toBeUndefined()
    lines.push(...page.lines)
    if (page.atEnd) return lines
    after = page.after ?? ''
  }
}

const plain = ({ time, stream, message }: Line) => ({ time, stream, message })

describe('pages', () => {
  it.each(kindsOfLogs)('of $what are what Docker has, walked back and on', async ({ options = {}, write, limits }) => {
    const container = await written(engine, options, write)
    const all = await reference(container)
    for (const limit of limits) {
      expect((await back(container, limit)).map(plain)).toEqual(all)
      expect((await on(container, limit)).map(plain)).toEqual(all)
    }
  })

  it('walked back and on while the container writes lack nothing that was there before', async () => {
    const container = await written(engine, {}, numbered(4_000))
    const before = await reference(container)
    const writing = container.pace({ lines: 60_000, perSecond: 5_000, template: 'meanwhile {n}' })
    const upTo = (lines: Line[]) => lines.map(plain).slice(0, before.length)
    expect(upTo(await back(container, 300))).toEqual(before)
    const forwards = await on(container, 5_000)
    expect(upTo(forwards)).toEqual(before)
    await writing.stop()
    const now = await reference(container)
    expect(forwards.map(plain)).toEqual(now.slice(0, forwards.length))
  })

  it('around a time are the lines on both sides of it, and those since and until it are as Docker has them', async () => {
    const container = await written(engine, {}, async (c) => void (await c.pace({ lines: 500, perSecond: 1_000 }).done))
    const all = await reference(container)
    const { time } = all[200]!
    const around = await pageOf(container, `around=${time}&limit=20`)
    expect(around.lines.map(plain)).toEqual(all.slice(190, 210))
    expect(around).toMatchObject({ atStart: false, atEnd: false })
    const since = await pageOf(container, `since=${time}&limit=1000`)
    expect(since.lines.map(plain)).toEqual(all.filter((line) => line.time >= time))
    const until = await pageOf(container, `until=${time}&limit=1000`)
    expect(until.lines.map(plain)).toEqual(all.filter((line) => line.time <= time))
    expect([since.atEnd, until.atStart]).toEqual([true, true])
  })

  it('of a stopped container are there, and lead on to the one that has its name now', async () => {
    const name = uniqueName()
    const first = await engine.run({ name })
    const stream = openStream(sluice, name) // Sluice has seen that the name was the first one's
    await first.write('stdout', 'one\ntwo\n')
    await stream.message('two')
    await first.exit(0)
    const [page] = [await pageOf(first, 'limit=1')]
    expect(page.lines).toMatchObject([{ message: 'two' }])
    await first.rename(`${name}-old`)
    const second = await engine.run({ name })
    await second.write('stdout', 'three\n')
    await stream.message('three')
    const rest = await pageOf(second, `after=${(await pageOf(second, `before=${page.before}`)).after}`)
    expect(rest).toMatchObject({ lines: [{ message: 'two' }], incarnation: first.id.slice(0, 12), atEnd: false })
    const next = await pageOf(second, `after=${rest.after}`)
    expect(next).toMatchObject({ lines: [{ message: 'three' }], incarnation: second.id.slice(0, 12), atEnd: true })
    await first.remove()
    await stream.until(({ arrivals }) => arrivals.length > 0)
    const gone = await pageOf(second, `after=${page.before}`)
    expect(gone).toMatchObject({ lines: [{ message: 'three' }], gap: 'removed', incarnation: second.id.slice(0, 12) })
  })

  it('of a log whose driver cannot be read say so, as Docker does', async () => {
    const container = await engine.run({ name: uniqueName(), logDriver: 'none' })
    const response = await fetch(`${sluice.url}api/containers/${container.name}/logs`)
    expect([response.status, response.headers.get('content-type')]).toEqual([
      501,
      expect.stringMatching(/problem\+json/),
    ])
    expect(await response.json()).toMatchObject({
      status: 501,
      detail: expect.stringMatching(/does not support reading/),
    })
  })
})
