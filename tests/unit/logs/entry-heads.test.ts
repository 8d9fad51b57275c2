/** The head of each line's entry: as long as entries may be, and the same wherever a read begins. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ENTRY, EntryHeads, REACH } from '../../../server/logs/entry-heads.ts'
import type { LogLine } from '../../../server/logs/line.ts'
import { entryLog, headsByDefinition, lineOf } from './entry-logs.ts'

/** Where the head of each line stands, as it is found while the log is read on from a line. */
function headsFrom(log: readonly LogLine[], from: number): number[] {
  const heads = new EntryHeads()
  for (const line of log.slice(Math.max(0, from - REACH), from)) heads.next(line)
  return log.slice(from).map((line) => log.indexOf(heads.next(line).line))
}

describe('the heads of entries', () => {
  it('are those that the definition gives, wherever the log is read from', () => {
    fc.assert(
      fc.property(entryLog, fc.nat(), (log, cut) => {
        const expected = headsByDefinition(log)
        const from = cut % (log.length + 1)
        expect(headsFrom(log, from)).toEqual(expected.slice(from))
      }),
      { numRuns: 300 },
    )
  })

  it('are the same where what is kept of lines is copied', () => {
    fc.assert(
      fc.property(entryLog, (log) => {
        const [once, settled] = [new EntryHeads(), new EntryHeads()]
        for (const line of log) {
          const [one, other] = [once.next(line), settled.next(line)]
          expect(other.line).toEqual(one.line)
          settled.settle()
        }
      }),
    )
  })

  it('are no further than an entry is long, in lines of both streams and in characters', () => {
    const frames = (count: number, text = '\tat frame') => Array.from({ length: count }, () => lineOf(text))
    const heads = (log: readonly LogLine[]) => headsFrom(log, 0)
    const long = [lineOf('ERROR no'), ...frames(ENTRY.lines + 2)]
    expect(heads(long).slice(-3)).toEqual([0, ENTRY.lines + 1, ENTRY.lines + 2])
    const other = Array.from({ length: ENTRY.lines }, () => lineOf('GET /', 'stderr'))
    expect(heads([lineOf('ERROR no'), lineOf('\tat a'), ...other, lineOf('\tat b')]).at(-1)).toBe(ENTRY.lines + 2)
    expect(heads([lineOf('ERROR no'), lineOf('\tat a'), ...other.slice(2), lineOf('\tat b')]).at(-1)).toBe(0)
    const wide = [lineOf('ERROR no'), ...frames(20, `\tat ${'x'.repeat(ENTRY.chars / 8)}`)]
    expect(heads(wide).filter((head) => head === 0)).toHaveLength(9)
  })
})
