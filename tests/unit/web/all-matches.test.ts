/** All matches of a search, to be copied, over a stand-in for the browser's EventSource. */
import { expect, it } from 'vitest'
import { allMatches } from '../../../web/log/all-matches.ts'
import { FakeSource } from './fake-source.ts'

const match = (n: number, message: string) => ({
  time: `2026-11-22T10:00:00.${String(n).padStart(9, '0')}Z`,
  stream: 'stdout',
  message,
  cursor: `cursor-${n}`,
  ranges: [[0, 1]],
})

function setUp(mostChars = 1_000_000) {
  const sources: FakeSource[] = []
  const connect = (address: string) => {
    const source = new FakeSource(address)
    sources.push(source)
    return source
  }
  const wanted = new AbortController()
  const options = { address: 'api/logs/search?project=shop', query: { q: 'x' }, connect }
  const all = allMatches(options, mostChars, wanted.signal)
  const last = () => sources.at(-1) ?? expect.unreachable()
  return { all, sources, last, stop: () => wanted.abort() }
}

it('are all pages of them, whole, the oldest first', async () => {
  const { all, sources, last } = setUp()
  const long = 'x'.repeat(5_000)
  last().fire('message', [match(9, long), match(8, 'x8')])
  last().fire('done', { complete: false, next: 'cursor-8', lines: 10, matches: 2 })
  last().fire('message', [match(7, 'x7')])
  last().fire('done', { complete: true, next: null, lines: 10, matches: 1 })
  expect(await all).toEqual({ lines: ['x7', 'x8', long], isCut: false })
  const asked = sources.map(({ url }) => [url.searchParams.get('before'), url.searchParams.get('limit')])
  expect(asked).toEqual([
    [null, '10000'],
    ['cursor-8', '10000'],
  ])
})

it('are not bounded by what a search lists', async () => {
  const { all, last } = setUp()
  for (let page = 0; page < 3; page++) {
    const first = 30_000 - page * 10_000
    last().fire(
      'message',
      Array.from({ length: 10_000 }, (_, n) => match(first - n, 'x')),
    )
    last().fire('done', { complete: page === 2, next: page === 2 ? null : `p${page}`, lines: 1, matches: 1 })
  }
  const { lines, isCut } = await all
  expect(lines).toHaveLength(30_000)
  expect(isCut).toBe(false)
})

it('are the newest where there are more than can be copied, which is told', async () => {
  const { all, last } = setUp(25)
  last().fire('message', [match(9, 'x'.repeat(10)), match(8, 'x'.repeat(10))])
  last().fire('message', [match(7, 'x'.repeat(10))])
  const { lines, isCut } = await all
  expect(lines).toHaveLength(3)
  expect(isCut).toBe(true)
  expect(last().readyState).toBe(2)
})

it('are bounded though they be empty: each has its end', async () => {
  const { all, last } = setUp(25)
  last().fire(
    'message',
    Array.from({ length: 30 }, (_, n) => match(40 - n, '')),
  )
  expect((await all).isCut).toBe(true)
  expect(last().readyState).toBe(2)
})

it('are not had when something else is looked for', async () => {
  const { all, last, stop } = setUp()
  last().fire('message', [match(9, 'x9')])
  stop()
  await expect(all).rejects.toThrow('Not copied: something else is looked for')
  expect(last().readyState).toBe(2)
})

it('are not had where the server does not answer', async () => {
  const { all, last } = setUp()
  last().close()
  last().fire('error')
  await expect(all).rejects.toThrow('The server did not answer the search.')
})
