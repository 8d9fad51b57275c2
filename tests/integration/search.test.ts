/** A search finds what `docker logs | grep` finds, for any kind of log, the newest first, and where it stands. */
import { describe, expect, it } from 'vitest'
import type { Match } from '../../server/wire.ts'
import type { Container } from '../engine/container.ts'
import { uniqueName } from '../engine/engine.ts'
import { useEngine } from '../engine/use-engine.ts'
import { kindsOfLogs, reference, written } from '../sluice/kinds-of-logs.ts'
import { search } from '../sluice/search.ts'
import { startSluice } from '../sluice/server.ts'

const engine = useEngine()
const sluice = await startSluice({ engine: engine.socket })

const MAX_LINE_BYTES = 64 * 1024

const address = ({ name }: Container, query: string) => `${sluice.url}api/containers/${name}/logs/search?${query}`
const shown = ({ time, stream, message }: Pick<Match, 'time' | 'stream' | 'message'>) => ({
  time,
  stream,
  message: message.slice(0, MAX_LINE_BYTES),
})

describe('search', () => {
  it.each(kindsOfLogs)('of $what finds every line, with those around it', async ({ options = {}, write }) => {
    const container = await written(engine, options, write)
    const all = (await reference(container)).map(shown)
    const wanted = all.flatMap(({ message }, index) => (/7|the end|x/.test(message) ? [index] : []))
    const expected = wanted.map((index) => ({
      ...all[index],
      before: all.slice(Math.max(0, index - 2), index),
      after: all.slice(index + 1, index + 3),
    }))
    const found = async (query: string) => {
      const { matches, done } = await search(address(container, `re=7|the+end|x&limit=10000&${query}`))
      expect(done).toMatchObject({ complete: true, matches: matches.length, lines: all.length })
      return matches.map(({ before = [], after = [], ...line }) => ({
        ...shown(line),
        before: before.map(shown),
        after: after.map(shown),
      }))
    }
    expect(await found('context=2')).toEqual(expected.toReversed())
    expect(await found('context=2&direction=forward')).toEqual(expected)
  })

  it('goes on from page to page, either way, and from the id of an answer that broke off', async () => {
    const container = await written(engine, {}, async (c) => void (await c.pace({ lines: 40_000 }).done))
    const all = (await reference(container)).map(({ message }) => message).filter((message) => message.includes('33'))
    for (const [direction, parameter] of [
      ['backward', 'before'],
      ['forward', 'after'],
    ] as const) {
      const walked: string[] = []
      for (let more = ''; ; ) {
        const { matches, done } = await search(address(container, `q=33&limit=150&direction=${direction}${more}`))
        walked.push(...matches.map(({ message }) => message))
        if (!done || done.complete) break
        expect(matches).toHaveLength(150)
        more = `&${parameter}=${done.next}`
      }
      expect(walked).toEqual(direction === 'forward' ? all : all.toReversed())
    }
    const { matches } = await search(address(container, 'q=33&limit=400'))
    const rest = await search(address(container, 'q=33&limit=10000'), matches.at(-1)?.cursor)
    expect([...matches, ...rest.matches].map(({ message }) => message)).toEqual(all.toReversed())
  })

  it('looks between two times, each included', async () => {
    const container = await written(engine, {}, async (c) => {
      await c.pace({ lines: 6_000, perSecond: 6_000 }).done
    })
    const all = await reference(container)
    const [since, until] = [all[700]!.time, all[4_900]!.time]
    const expected = all.filter(({ time, message }) => time >= since && time <= until && message.endsWith('1'))
    const { matches } = await search(address(container, `re=1$&limit=10000&since=${since}&until=${until}`))
    expect(matches.map(({ time }) => time)).toEqual(expected.map(({ time }) => time).reverse())
  })

  it('finds each line once that was there when it began, while 5 000 lines/s are written', async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.pace({ lines: 60_000 }).done
    await container.kept('line 59999', 1)
    const pace = container.pace({ lines: 1_000_000, perSecond: 5_000, first: 60_000 })
    const answers = await Promise.all(
      ['', '&direction=forward', '&context=3'].map((more) => search(address(container, `re=99$&limit=10000${more}`))),
    )
    await pace.stop()
    for (const [index, { matches, done }] of answers.entries()) {
      expect(done?.complete).toBe(true)
      const numbers = matches.map(({ message }) => Number(message.slice('line '.length)))
      if (index === 1) numbers.reverse()
      const newest = numbers[0] ?? 0
      expect(newest).toBeGreaterThanOrEqual(59_999)
      expect(numbers).toEqual(Array.from({ length: (newest + 1) / 100 }, (_, back) => newest - 100 * back))
    }
  })

  it('is of the container that has the name, and forward of those that had it, too', async () => {
    const name = uniqueName()
    const first = await engine.run({ name })
    await first.write('stdout', 'wanted 1\nwanted 2\n')
    await first.kept('wanted 2', 1)
    const earlier = await search(address(first, 'q=wanted'))
    expect(earlier.matches.map(({ message }) => message)).toEqual(['wanted 2', 'wanted 1'])
    await first.exit(0)
    expect((await search(address(first, 'q=wanted'))).matches).toEqual(earlier.matches)

    await first.rename(`${name}-old`)
    const second = await engine.run({ name })
    await second.write('stdout', 'wanted 3\n')
    await second.kept('wanted 3', 1)
    await expect
      .poll(async () => (await search(address(second, 'q=wanted'))).matches.map(({ message }) => message))
      .toEqual(['wanted 3'])
    const after = earlier.matches.at(-1)?.cursor
    const onward = await search(address(second, `q=wanted&after=${after}`))
    expect(onward.matches.map(({ message }) => message)).toEqual(['wanted 2', 'wanted 3'])
  })

  it('of many containers is merged by time', async () => {
    const project = uniqueName()
    const labels = { 'com.docker.compose.project': project }
    const containers = await Promise.all([1, 2, 3].map(() => engine.run({ name: uniqueName(), labels })))
    await Promise.all(containers.map((container) => container.pace({ lines: 3_000, perSecond: 6_000 }).done))
    await Promise.all(containers.map((container) => container.kept('line 2999', 1)))
    const logs = await Promise.all(containers.map(reference))
    const all = logs.flatMap((log, index) =>
      log.filter(({ message }) => message.endsWith('5')).map(({ time }) => `${time} ${containers[index]?.name}`),
    )
    const url = `${sluice.url}api/logs/search?q=5&re=5$&limit=10000&project=${project}`
    const told = async (more: string) =>
      (await search(url + more)).matches.map(({ time, container }) => `${time} ${container}`)
    await expect.poll(() => told('')).toEqual(all.toSorted().reverse())
    expect(await told('&direction=forward')).toEqual(all.toSorted())
  })
})
