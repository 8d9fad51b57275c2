/** A log as text and as NDJSON is what `docker logs` prints, for any kind of log, and goes on as `docker logs -f` does not. */
import http, { type IncomingMessage } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { MergedLine } from '../../server/wire.ts'
import type { Container } from '../engine/container.ts'
import { uniqueName } from '../engine/engine.ts'
import { useEngine } from '../engine/use-engine.ts'
import { kindsOfLogs, numbered, reference, written } from '../sluice/kinds-of-logs.ts'
import { startSluice } from '../sluice/server.ts'
import { unzipped } from '../sluice/unzipped.ts'

const engine = useEngine()
const sluice = await startSluice({ engine: engine.socket })

const MAX_LINE_BYTES = 64 * 1024

const address = ({ name }: Container, query: string) => `${sluice.url}api/containers/${name}/logs?${query}`

async function text(container: Container, query = ''): Promise<string> {
  const response = await fetch(address(container, `format=text&${query}`))
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8'])
  return response.text()
}

async function objects(container: Container, query = ''): Promise<MergedLine[]> {
  const response = await fetch(address(container, query), { headers: { Accept: 'application/x-ndjson' } })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-ndjson'])
  return (await response.text())
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as MergedLine)
}

/** What `docker logs` prints of these lines, where it shows no more of a line than Sluice does. */
function printed(lines: Awaited<ReturnType<typeof reference>>, timestamps = false): string {
  return lines.map(({ time, message }) => `${timestamps ? `${time} ` : ''}${cut(message)}\n`).join('')
}

function cut(message: string): string {
  return message.slice(0, MAX_LINE_BYTES)
}

describe('lines', () => {
  it.each(kindsOfLogs)('of $what are what Docker prints', async ({ options = {}, write }) => {
    const container = await written(engine, options, write)
    const all = await reference(container)
    expect(await text(container)).toBe(printed(all))
    expect(await text(container, 'timestamps=true')).toBe(printed(all, true))
    for (const tail of [0, 1, 700])
      expect(await text(container, `tail=${tail}`)).toBe(printed(tail ? all.slice(-tail) : []))
    const told = (await objects(container)).map(({ time, stream, message }) => ({ time, stream, message }))
    expect(told).toEqual(all.map((line) => ({ ...line, message: cut(line.message) })))
  })

  it('since, until and after are as Docker has them, and filters leave out what they say', async () => {
    const container = await written(engine, {}, async (c) => void (await c.pace({ lines: 900, perSecond: 3_000 }).done))
    const all = await reference(container)
    const [from, to] = [all[200]!.time, all[700]!.time]
    expect(await text(container, `since=${from}`)).toBe(printed(all.filter(({ time }) => time >= from)))
    expect(await text(container, `until=${to}`)).toBe(printed(all.filter(({ time }) => time <= to)))
    const both = all.filter(({ time }) => time >= from && time <= to)
    expect(await text(container, `since=${from}&until=${to}`)).toBe(printed(both))
    expect(await text(container, `since=${from}&tail=10`)).toBe(printed(all.slice(-10)))
    const [line] = (await objects(container)).slice(500)
    const seconds = Date.parse(`${line!.time.slice(0, 19)}Z`) / 1_000
    const cursor = `${line!.incarnation}.${seconds}.${line!.time.slice(20, 29)}.${line!.ordinal ?? 0}`
    expect(await text(container, `after=${cursor}`)).toBe(printed(all.slice(501)))
    expect(await text(container, 'q=line%2012&not=120')).toBe(
      printed(all.filter(({ message }) => message.includes('line 12') && !message.includes('120'))),
    )
    expect(await text(container, 'stream=stderr')).toBe('the end of stderr\n')
  })

  it('end where the log ended when they were asked for, though the container writes on', async () => {
    const container = await written(engine, {}, numbered(3_000))
    const before = await reference(container)
    const writing = container.pace({ lines: 60_000, perSecond: 5_000, template: 'meanwhile {n}' })
    const first = await text(container)
    expect(first.startsWith(printed(before))).toBe(true)
    await writing.stop()
    expect(printed(await reference(container)).startsWith(first)).toBe(true)
  })

  it('followed go on through a stop, a start and a re-creation, a line at once as it is written', async () => {
    const name = uniqueName()
    const first = await engine.run({ name })
    await first.write('stdout', 'one\n')
    await first.logged('one\n')
    const following = await follow(first, 'format=text&follow=true')
    await following.until('one\n')
    await first.write('stdout', 'two\n')
    await following.until('one\ntwo\n')
    await first.stop()
    await first.start()
    await first.write('stdout', 'three\n')
    await following.until('one\ntwo\nthree\n')
    await first.remove()
    const second = await engine.run({ name })
    await second.write('stderr', 'four\n')
    await following.until('one\ntwo\nthree\nfour\n')
    following.close()
  })

  it('followed can be gone on with after the last of them, and are waited for by whoever is early', async () => {
    const container = await engine.run({ name: uniqueName() })
    const following = await follow(container, 'format=ndjson&follow=true&tail=0')
    await container.write('stdout', 'first\n')
    await following.until(/"message":"first".*\n$/)
    following.close()
    const { time, incarnation } = JSON.parse(following.text) as MergedLine
    await container.write('stdout', 'second\n')
    const seconds = Date.parse(`${time.slice(0, 19)}Z`) / 1_000
    const after = `${incarnation}.${seconds}.${time.slice(20, 29)}.0`
    const again = await follow(container, `format=text&follow=true&after=${after}`)
    await again.until('second\n')
    again.close()
  })

  it('are compressed for a client that can read that, unless they are followed', async () => {
    const container = await written(engine, {}, numbered(2_000))
    const all = printed(await reference(container))
    const zipped = await get(address(container, 'format=text'), { 'Accept-Encoding': 'gzip' })
    expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept, Accept-Encoding' })
    const chunks: Buffer[] = []
    for await (const chunk of zipped) chunks.push(chunk as Buffer)
    expect(Buffer.concat(chunks).length).toBeLessThan(all.length / 4)
    expect(gunzipSync(Buffer.concat(chunks)).toString()).toBe(all)
    const followed = await get(address(container, 'format=text&follow=true'), { 'Accept-Encoding': 'gzip' })
    expect(followed.headers['content-encoding']).toBeUndefined()
    followed.destroy()
  })
})

describe('a download', () => {
  it('is a file of the range and the lines that are asked for', async () => {
    const container = await written(engine, {}, async (c) => void (await c.pace({ lines: 500, perSecond: 2_000 }).done))
    const all = await reference(container)
    const { time } = all[300]!
    const response = await fetch(
      `${sluice.url}api/containers/${container.name}/logs/download?since=${time}&timestamps=true&q=line`,
    )
    expect(await response.text()).toBe(
      printed(
        all.filter((line) => line.time >= time && line.message.includes('line')),
        true,
      ),
    )
    expect(response.headers.get('content-disposition')).toMatch(
      new RegExp(`^attachment; filename="${container.name}_.*\\.log`),
    )
  })

  it('of several containers is a zip with a file each, and one that says why for whom there is none', async () => {
    const group = uniqueName('group')
    const options = { labels: { group } }
    const containers = [await written(engine, options, numbered(3_000)), await written(engine, options, numbered(10))]
    const mute = await engine.run({ name: uniqueName(), ...options, logDriver: 'none' })
    await expect.poll(async () => (await fetch(`${sluice.url}api/containers`)).text()).toContain(mute.name)
    const response = await fetch(`${sluice.url}api/logs/download?label=group=${group}`)
    expect(response.headers.get('content-type')).toBe('application/zip')
    const files = await unzipped(response.body!)
    const wanted = await Promise.all(
      containers.map(async (each) => [`${each.name}.log`, printed(await reference(each))] as const),
    )
    expect(files).toEqual({
      ...Object.fromEntries(wanted),
      [`${mute.name}.unreadable.txt`]: expect.stringMatching(/does not support reading/),
    })
  })
})

async function get(url: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    http.get(url, { headers, agent: false }, resolve).on('error', reject)
  })
}

async function follow(container: Container, query: string) {
  const response = await get(address(container, query))
  expect(response.statusCode).toBe(200)
  const following = {
    text: '',
    close: () => response.destroy(),
    /** Until all that came is this. */
    until: async (wanted: string | RegExp) => {
      const isThere = () => (typeof wanted === 'string' ? following.text === wanted : wanted.test(following.text))
      await expect.poll(isThere, { timeout: 10_000, interval: 10 }).toBe(true)
    },
  }
  response.setEncoding('utf8').on('data', (text: string) => {
    following.text += text
  })
  response.on('error', () => {})
  return following
}
