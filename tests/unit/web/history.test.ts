/** History of filtered and merged logs, read from searches: in order, each line once, page after page. */
import { describe, expect, it } from 'vitest'
import type { Match } from '../../../server/wire.ts'
import { HistoryReader } from '../../../web/log/history.ts'

const [A, B] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb']
const time = (n: number) => `2026-11-22T10:00:00.${String(n).padStart(9, '0')}Z`
const match = (n: number, incarnation = A): Match => ({
  time: time(n),
  stream: 'stdout',
  message: `line ${n}`,
  cursor: `${incarnation}.1795341600.${String(n).padStart(9, '0')}.0`,
  ranges: [],
})
const event = (type: string, data: unknown, id = '') =>
  `event:${type}\n${id && `id:${id}\n`}data:${JSON.stringify(data)}\n\n`
const done = (complete: boolean, next: string | null) => event('done', { complete, next, lines: 9, matches: 9 }, 'done')

/** A reader of these answers, cut anywhere, and what it asked for. */
function reading(answers: readonly string[], { selection = '', filter = 'level=error', cut = 7 } = {}) {
  const asked: string[] = []
  const fetch = async (address: string | URL | Request) => {
    asked.push(String(address))
    const bytes = new TextEncoder().encode(answers[asked.length - 1] ?? '')
    let at = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at >= bytes.length) return controller.close()
        controller.enqueue(bytes.slice(at, at + cut))
        at += cut
      },
    })
    return new Response(body)
  }
  const source = { logs: 'api/logs', selection, filter }
  return { asked, reader: new HistoryReader(source, fetch as typeof globalThis.fetch) }
}

const signal = new AbortController().signal
const linesIn = (stretches: readonly { incarnation: string; lines: readonly { message: string }[] }[]) =>
  stretches.flatMap(({ incarnation, lines }) => lines.map(({ message }) => `${incarnation[0]} ${message}`))

describe('history of a filtered or merged log', () => {
  it('comes in the order of the log, whatever its answer is cut into, with whose lines they are', async () => {
    const answer =
      event('message', [match(9), match(8, B)], 'x') + event('message', [match(7, B), match(6)], 'y') + done(false, 'z')
    for (const cut of [1, 2, 5, 1000]) {
      const { reader, asked } = reading([answer], { selection: 'project=shop', filter: '', cut })
      const history = await reader.before('2026-11-22T10:00:01Z', signal)
      expect(linesIn(history.stretches)).toEqual(['a line 6', 'b line 7', 'b line 8', 'a line 9'])
      expect(history).toMatchObject({ atStart: false, before: 'z' })
      expect(asked).toEqual(['api/logs/search?project=shop&limit=1000&until=2026-11-22T10%3A00%3A01Z'])
    }
  })

  it('is known to begin where all was searched', async () => {
    const { reader, asked } = reading([event('message', [match(3)], 'x') + done(true, null)])
    expect(await reader.before('a-cursor', signal)).toMatchObject({ atStart: true, before: undefined })
    expect(asked).toEqual(['api/logs/search?level=error&limit=1000&before=a-cursor'])
  })

  it('forward it goes on after its last line, where there is no more for now', async () => {
    const last = match(4).cursor
    const { reader } = reading([event('message', [match(3), match(4)], 'x') + done(true, last), done(true, null)])
    expect(await reader.after('a-cursor', signal)).toMatchObject({ atEnd: true, after: last })
    expect(await reader.after('b-cursor', signal)).toMatchObject({ atEnd: true, after: 'b-cursor', stretches: [] })
  })

  it('around a time has the lines of that time once', async () => {
    const both = [
      event('message', [match(5), match(4)], 'x') + done(true, null),
      event('message', [match(5), match(6)], 'y') + done(true, null),
    ]
    const { reader } = reading(both)
    const { stretches } = await reader.around(time(5), signal)
    expect(linesIn(stretches)).toEqual(['a line 4', 'a line 5', 'a line 6'])
  })

  it('that is cut before anything was found has failed', async () => {
    const { reader } = reading([event('progress', { lines: 10 }, 'x')])
    await expect(reader.before('a-cursor', signal)).rejects.toThrow('cut')
  })

  it('does not wait for the whole search once something was found: it goes on from there', async () => {
    const first = event('message', [match(9)], 'reached')
    const slow: typeof globalThis.fetch = async () => {
      const encoder = new TextEncoder()
      return new Response(
        new ReadableStream<Uint8Array>({
          start(controller) {
            controller.enqueue(encoder.encode(first))
            setTimeout(() => controller.enqueue(encoder.encode(event('progress', { lines: 1 }, 'further'))), 300)
          },
        }),
      )
    }
    const patient = new HistoryReader({ logs: 'api/logs', selection: '', filter: 'q=x' }, slow)
    const history = await patient.before('a-cursor', signal)
    expect(linesIn(history.stretches)).toEqual(['a line 9'])
    expect(history).toMatchObject({ atStart: false, before: 'further' })
  })
})

describe('a page of a damaged log', () => {
  const page = (count: number, damages?: { at: number; detail: string }[]) => {
    const lines = Array.from({ length: count }, (_, n) => ({ time: time(n), stream: 'stdout', message: `line ${n}` }))
    return JSON.stringify({
      incarnation: A,
      lines,
      atStart: true,
      atEnd: true,
      before: 'x',
      after: 'y',
      ...(damages && { damages }),
    })
  }
  const shape = async (count: number, damages?: { at: number; detail: string }[]) => {
    const { reader } = reading([page(count, damages)], { filter: '', cut: 1_000 })
    const { stretches } = await reader.before('a-cursor', signal)
    return stretches.map(({ lines, damage }) => [damage, lines.length])
  }

  it('is parted where Docker cannot read it, at its ends too', async () => {
    expect(await shape(3)).toEqual([[undefined, 3]])
    expect(await shape(3, [{ at: 2, detail: 'EOF' }])).toEqual([
      [undefined, 2],
      ['EOF', 1],
    ])
    expect(
      await shape(3, [
        { at: 0, detail: 'a' },
        { at: 3, detail: 'b' },
      ]),
    ).toEqual([
      ['a', 3],
      ['b', 0],
    ])
    expect(await shape(0, [{ at: 0, detail: 'a' }])).toEqual([['a', 0]])
    expect(await shape(0)).toEqual([])
  })
})
