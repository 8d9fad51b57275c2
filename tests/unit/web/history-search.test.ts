/** The search of what is not loaded, over a stand-in for the browser's EventSource. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Match } from '../../../server/wire.ts'
import { explainRefusal, HistorySearch, type HistorySearchOptions, MAX_FOUND } from '../../../web/log/history-search.ts'
import { FakeSource } from './fake-source.ts'

const match = (n: number, message = `error ${n}`): Match => ({
  time: `2026-11-22T10:00:00.${String(n).padStart(9, '0')}Z`,
  stream: 'stdout',
  message,
  cursor: `cursor-${n}`,
  ranges: [[0, 5]],
})

function setUp(more: Partial<HistorySearchOptions> = {}) {
  const sources: FakeSource[] = []
  const onChange = vi.fn()
  const search = new HistorySearch({
    address: 'api/containers/web/logs/search?',
    query: { q: 'error' },
    before: 'cursor-100',
    onChange,
    connect: (address) => {
      sources.push(new FakeSource(address))
      return sources.at(-1) as FakeSource
    },
    ...more,
  })
  sources[0]?.fire('open')
  return { search, sources, onChange, open: () => sources.filter(({ readyState }) => readyState !== 2) }
}

describe('a search of the history', () => {
  it('asks for what is older than what is loaded, and collects what is found, the newest first', () => {
    const { search, sources, onChange } = setUp()
    expect(sources[0]?.url.pathname).toBe('/api/containers/web/logs/search')
    expect(Object.fromEntries(sources[0]?.url.searchParams ?? [])).toEqual({
      q: 'error',
      before: 'cursor-100',
      limit: '10000',
    })
    onChange.mockClear()
    sources[0]?.fire('message', [match(90), match(80)])
    sources[0]?.fire('progress', { lines: 700, of: 50_000 })
    sources[0]?.fire('message', [match(70, 'x'.repeat(5000))])
    expect(onChange).toHaveBeenCalledTimes(3)
    expect(search.found.map(({ cursor }) => cursor)).toEqual(['cursor-90', 'cursor-80', 'cursor-70'])
    expect(search.found[0]).toEqual({ cursor: 'cursor-90', time: match(90).time, text: 'error 90' })
    expect(search.found[2]?.text).toBe('x'.repeat(200))
    expect(search).toMatchObject({ state: 'searching', lines: 700, of: 50_000, isComplete: false })
  })

  it('closes the connection when all was looked at, before the browser makes it again', () => {
    const { search, sources, open } = setUp()
    sources[0]?.fire('done', { complete: true, next: null, lines: 51_000, matches: 0 })
    sources[0]?.fire('error')
    expect(open()).toEqual([])
    expect(sources).toHaveLength(1)
    expect(search).toMatchObject({ state: 'done', lines: 51_000, isComplete: true, error: undefined })
  })

  it('goes on with the next page, and counts the lines of all of them', () => {
    const { search, sources, open } = setUp()
    sources[0]?.fire('message', [match(90), match(80)])
    sources[0]?.fire('done', { complete: false, next: 'cursor-80', lines: 1000, matches: 2 })
    expect(open()).toEqual([sources[1]])
    expect(sources[1]?.url.search).toBe('?q=error&before=cursor-80&limit=9998')
    sources[1]?.fire('open')
    sources[1]?.fire('progress', { lines: 50, of: 500 })
    expect(search).toMatchObject({ state: 'searching', lines: 1050, of: 1500 })
    sources[0]?.fire('message', [match(1)])
    expect(search.found).toHaveLength(2)
  })

  it('ends with ten thousand found, and tells that there is more', () => {
    const { search, sources, open } = setUp()
    sources[0]?.fire(
      'message',
      Array.from({ length: MAX_FOUND + 5 }, (_, n) => match(n)),
    )
    sources[0]?.fire('done', { complete: false, next: 'cursor-7', lines: 1e6, matches: MAX_FOUND })
    expect(open()).toEqual([])
    expect(search.found).toHaveLength(MAX_FOUND)
    expect(search).toMatchObject({ state: 'done', isComplete: false })
  })

  it('does not ask for the same page forever', () => {
    const { search, sources, open } = setUp()
    sources[0]?.fire('done', { complete: false, next: 'cursor-100', lines: 0, matches: 0 })
    expect(open()).toEqual([])
    expect(search).toMatchObject({ state: 'done', isComplete: false })
  })

  it('lets the browser resume a connection that broke, and says that it is lost meanwhile', () => {
    const { search, sources, open } = setUp()
    sources[0]?.fire('progress', { lines: 300 })
    if (sources[0]) sources[0].readyState = 0
    sources[0]?.fire('error')
    expect(search.state).toBe('lost')
    sources[0]?.fire('open')
    sources[0]?.fire('progress', { lines: 40 })
    expect(search).toMatchObject({ state: 'searching', lines: 340 })
    expect(open()).toHaveLength(1)
  })

  it('tells in words why the server refused', async () => {
    const explain = vi.fn(async () => 'Parameter "re" is not an RE2 pattern.')
    const { search, sources, onChange, open } = setUp({ explain })
    sources[0]?.close()
    sources[0]?.fire('error')
    expect(search).toMatchObject({ state: 'failed', error: 'The server did not answer the search.' })
    onChange.mockClear()
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledOnce())
    expect(search.error).toBe('Parameter "re" is not an RE2 pattern.')
    expect(explain).toHaveBeenCalledWith(expect.stringContaining('api/containers/web/logs/search?q=error'))
    expect(open()).toEqual([])
  })

  it('stops when it is told to, and keeps what was found', () => {
    const { search, sources, onChange, open } = setUp()
    sources[0]?.fire('message', [match(90)])
    search.stop()
    expect(open()).toEqual([])
    expect(search.state).toBe('stopped')
    onChange.mockClear()
    sources[0]?.fire('message', [match(80)])
    search.stop()
    expect(search.found).toHaveLength(1)
    expect(onChange).not.toHaveBeenCalled()
  })

  it('remembers that the log has a hole', () => {
    const { search, sources } = setUp()
    sources[0]?.fire('gap', { container: 'web', reason: 'rotated' })
    expect(search.gap).toEqual({ container: 'web', reason: 'rotated' })
  })
})

describe('the words of a refusal', () => {
  afterEach(() => void vi.unstubAllGlobals())

  it('are those of the problem, and none where it is answered by now', async () => {
    vi.stubGlobal('fetch', async () => Response.json({ detail: 'No container has that name.' }, { status: 404 }))
    expect(await explainRefusal('x')).toBe('No container has that name.')
    const cancel = vi.fn()
    vi.stubGlobal('fetch', async () => new Response(new ReadableStream({ cancel })))
    expect(await explainRefusal('x')).toBeUndefined()
    expect(cancel).toHaveBeenCalled()
  })
})
