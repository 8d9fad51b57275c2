/** A log of a million lines, in every form that history has: each line once, in order, as `docker logs` prints it. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http, { type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Line, LogPage } from '../../server/wire.ts'
import type { Container } from '../engine/container.ts'
import { uniqueName } from '../engine/engine.ts'
import { useEngine } from '../engine/use-engine.ts'
import { reference } from '../sluice/kinds-of-logs.ts'
import { search } from '../sluice/search.ts'
import { startSluice } from '../sluice/server.ts'

const LINES = 1_000_000
const ENDS = 2 // a line for each stream
const PAGE = 10_000

const engine = useEngine()
const sluice = await startSluice({ engine: engine.socket })

/** A million lines are compared as one number: a difference of two such arrays takes minutes to print. */
class Digest {
  count = 0
  readonly #hash = createHash('sha256')

  add(lines: readonly Pick<Line, 'time' | 'stream' | 'message'>[]): this {
    this.count += lines.length
    this.#hash.update(lines.map(({ time, stream, message }) => `${time} ${stream} ${message}\n`).join(''))
    return this
  }

  get value(): { count: number; hash: string } {
    return { count: this.count, hash: this.#hash.copy().digest('hex') }
  }
}

describe('a log of a million lines', () => {
  let container: Container
  let all: Awaited<ReturnType<typeof reference>>
  let expected: Digest['value']

  const address = (rest: string) => `${sluice.url}api/containers/${container.name}/logs${rest}`

  beforeAll(async () => {
    container = await engine.run({ name: uniqueName() })
    await container.pace({ lines: LINES, streams: ['stdout', 'stderr'] }).done
    // Either stream may be far behind the other.
    for (const stream of ['stdout', 'stderr'] as const) {
      await container.write(stream, `the end of ${stream}\n`)
      await container.logged(`the end of ${stream}\n`)
    }
    all = await reference(container)
    expected = new Digest().add(all).value
    expect(expected.count).toBe(LINES + ENDS)
  }, 240_000)

  async function page(query: string): Promise<LogPage> {
    const response = await fetch(address(`?limit=${PAGE}${query}`))
    expect(response.status).toBe(200)
    const page = (await response.json()) as LogPage
    expect(page.gap).toBeUndefined()
    return page
  }

  it('is whole when it is walked back by pages', async () => {
    const pages: LogPage[] = [await page('')]
    while (!pages[0]?.atStart) pages.unshift(await page(`&before=${pages[0]?.before}`))
    const digest = new Digest()
    for (const { lines } of pages) digest.add(lines)
    expect(digest.value).toEqual(expected)
  }, 300_000)

  it('is whole when it is walked on by pages', async () => {
    const digest = new Digest()
    for (let after = `${container.id.slice(0, 12)}.0.000000000.0`; ; ) {
      const next = await page(`&after=${after}`)
      digest.add(next.lines)
      if (next.atEnd) break
      after = next.after ?? ''
    }
    expect(digest.value).toEqual(expected)
  }, 300_000)

  it('is whole as text and as NDJSON', async () => {
    const digests = await Promise.all(
      ['?format=ndjson', '/download?format=ndjson'].map(async (rest) => {
        const { body } = await fetch(address(rest))
        const digest = new Digest()
        for await (const line of createInterface({ input: Readable.fromWeb(body!) })) digest.add([JSON.parse(line)])
        return digest.value
      }),
    )
    expect(digests).toEqual([expected, expected])
    const text = createHash('sha256')
      .update(all.map(({ message }) => `${message}\n`).join(''))
      .digest('hex')
    const answer = createHash('sha256')
    for await (const chunk of (await fetch(address('?format=text'))).body!) answer.update(chunk)
    expect(answer.digest('hex')).toBe(text)
  }, 300_000)

  it.each(['backward', 'forward'])(
    'is searched to the last match, %s',
    async (direction) => {
      const wanted = all.filter(({ message }) => message.endsWith('777')).map(({ message }) => message)
      const { matches, done } = await search(address(`/search?re=777$&limit=${PAGE}&direction=${direction}`))
      expect(done).toMatchObject({ complete: true, lines: LINES + ENDS, matches: wanted.length })
      const found = matches.map(({ message }) => message)
      expect(found).toEqual(direction === 'forward' ? wanted : wanted.toReversed())
    },
    120_000,
  )

  it('costs little for clients who ask for all of it and take next to nothing', async () => {
    const rests = ['?format=text', '?format=ndjson', '/download', '/search?q=line&limit=10000&context=100']
    await fetch(address('?format=text')).then((response) => response.text()) // whatever that makes the process hold, it holds
    const before = residentMiB(sluice.pid)
    const clients = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const client = await begun(address(rests[index % rests.length] ?? ''))
        const timer = setInterval(() => client.read(1_024), 1_000)
        client.once('close', () => clearInterval(timer))
        return client
      }),
    )
    const highest: number[] = []
    for (let second = 0; second < 10; second++) {
      await delay(1_000)
      highest.push(residentMiB(sluice.pid) - before)
    }
    expect(Math.max(...highest)).toBeLessThan(20 * MAX_MIB_EACH)
    expect(clients.every((client) => !client.destroyed)).toBe(true)
    for (const client of clients) client.destroy()
    const { done } = await search(address('/search?re=777$'))
    expect(done?.complete).toBe(false) // with 500 of them
  }, 120_000)
})

/** What is on its way to one client at most: what it has not taken, what was read for it, and what waits at the engine's door. */
const MAX_MIB_EACH = 5

function residentMiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1024
}

/** An answer of which nothing is taken but what is read. */
async function begun(url: string): Promise<IncomingMessage> {
  const request = http.get(url, { agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  expect(response.statusCode).toBe(200)
  return response
}
