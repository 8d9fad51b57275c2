/** What passes a filter of an entry of several lines. */
import { describe, expect, it } from 'vitest'
import { admitsIn } from '../../../server/logs/entry-filter.ts'
import { EntryHeads } from '../../../server/logs/entry-heads.ts'
import { compileFilter, type FilterSpec } from '../../../server/logs/filter.ts'
import { lineOf } from './entry-logs.ts'
import { done } from './work.ts'

const LOG = [
  'INFO ready',
  'ERROR order 7: no pool',
  '',
  'java.lang.IllegalStateException: no pool',
  '\tat Pool.take(Pool.java:41)',
  'Caused by: java.net.ConnectException: refused by db',
  'INFO order 8 placed',
  '\tin 3 ms',
  'WARN pool is low',
  '\tat Pool.watch(Pool.java:9)',
  'GET /orders 200',
]

async function passing(spec: FilterSpec, log = LOG.map((text) => lineOf(text))): Promise<number[]> {
  const filter = await compileFilter(spec)
  const heads = new EntryHeads()
  return log.flatMap((line, index) => (done(admitsIn(filter, line, heads.next(line))) ? [index] : []))
}

describe('a line of an entry', () => {
  it.each<[string, FilterSpec, number[]]>([
    ['with its head, by level', { levels: ['error'] }, [1, 2, 3, 4, 5]],
    ['with its head, by text', { q: 'order 7' }, [1, 2, 3, 4, 5]],
    ['with its head, by pattern', { re: '^WARN' }, [8, 9]],
    ['with the level of its head', { levels: ['info'] }, [0, 6, 7]],
    ['as one without a level only where its head has none', { levels: ['none'] }, [10]],
    ['by itself where its head does not', { q: 'refused' }, [5]],
    ['by itself, of the level of its head', { q: 'refused', levels: ['error'] }, [5]],
    ['not by itself where its head is of another level', { q: 'refused', levels: ['warn'] }, []],
    ['not where its head has the text to leave out', { not: 'order 7' }, [0, 6, 7, 8, 9, 10]],
    ['not where it has that itself', { levels: ['error'], not: 'refused' }, [1, 2, 3, 4]],
    ['not by itself where its head is left out', { q: 'refused', not: 'order 7' }, []],
  ])('passes %s', async (_, spec, expected) => {
    expect(await passing(spec)).toEqual(expected)
  })

  it('continues what is before it in its stream, whatever the other one has between them', async () => {
    const log = [lineOf('ERROR no', 'stderr'), lineOf('INFO ready'), lineOf('\tat a', 'stderr'), lineOf('\tat b')]
    expect(await passing({ levels: ['error'] }, log)).toEqual([0, 2])
    expect(await passing({ levels: ['error'], stream: 'stdout' }, log)).toEqual([])
  })
})
