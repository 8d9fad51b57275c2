/** Docker's log as the soak reads it. */
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { referenceLines } from '../../engine/reference.ts'
import { ReferenceLog } from '../../soak/reference-log.ts'
import { RotatingLog } from '../../soak/rotating-log.ts'
import { FILTERS, passesOf, UNCERTAIN } from '../../soak/text.ts'

const at = (second: number) => `2026-11-22T10:00:0${second}.5Z`

it('puts pieces together, counts lines of equal time and cuts a line of more than 64 KiB', () => {
  const log = new ReferenceLog()
  log.piece(at(1), 'stdout', Buffer.alloc(40_000, 'x'))
  log.piece(at(1), 'stderr', Buffer.from('level=info n=7 fruit=pear code=200 pad=\n'))
  log.piece(at(1), 'stdout', Buffer.from(`${'x'.repeat(40_000)}\n`))
  const lines = log.end()
  expect([0, 1].map((index) => lines.note(index))).toMatchObject([
    { time: '2026-11-22T10:00:01.500000000Z', ordinal: 0, stream: 'stderr', number: 7, truncated: false },
    { ordinal: 1, stream: 'stdout', truncated: true },
  ])
  expect(log.torn).toEqual([])
})

it('places a line of more than 64 KiB where so much of it has come, not where it ends', () => {
  const log = new ReferenceLog()
  const piece = Buffer.alloc(16_384, 'x')
  const other = (n: number) => log.piece(at(n), 'stderr', Buffer.from(`level=info n=${n} fruit=pear code=200 pad=\n`))
  for (let n = 0; n < 4; n++) log.piece(at(1), 'stdout', piece)
  other(2)
  log.piece(at(1), 'stdout', piece) // more than fits
  other(3)
  log.piece(at(1), 'stdout', Buffer.from('end\n'))
  other(4)
  // Exactly as much as fits is whole when its ending has come.
  for (let n = 0; n < 4; n++) log.piece(at(5), 'stdout', piece)
  other(6)
  log.piece(at(5), 'stdout', Buffer.from('\r\n'))
  const lines = log.end()
  const notes = Array.from({ length: lines.length }, (_, index) => lines.note(index))
  expect(notes.map(({ number, truncated }) => [number, truncated])).toEqual([
    [2, false],
    [0, true],
    [3, false],
    [4, false],
    [6, false],
    [0, false],
  ])
  expect(log.torn).toEqual([])
})

it('takes a terminal’s whole ending off a line whose last two pieces part inside it', () => {
  const time = '2026-11-22T10:00:01.500000000Z '
  const log = Buffer.from(`${time}${'x'.repeat(16_383)}\r${time}\n`)
  expect(referenceLines(log, true).map(({ text }) => text)).toEqual(['x'.repeat(16_383)])
})

it('says which lines have no end', () => {
  const log = new ReferenceLog()
  log.piece(at(1), 'stdout', Buffer.from('half'))
  log.piece(at(2), 'stdout', Buffer.from('whole\n'))
  log.piece(at(3), 'stderr', Buffer.from('end'))
  expect(log.end().length).toBe(3)
  expect(log.torn).toEqual([`${at(1)} stdout`, `${at(3)} stderr`])
})

it('knows which filters let a line pass, and of which nobody can say', () => {
  const passing = (stream: 'stdout' | 'stderr', message: string) =>
    FILTERS.filter((_, bit) => passesOf(stream, message) & (1 << bit)).map(({ query }) => decodeURIComponent(query))
  expect(passing('stderr', 'level=error n=1 fruit=Pear code=503 pad=xx 🐳')).toEqual([
    'stream=stderr',
    'level=error,fatal',
    'q=pear',
    'q=Pear',
    're=code=5\\d\\d ',
    'not=plum',
  ])
  expect(passing('stdout', 'level=warn n=1 fruit=Plum code=200 pad=')).toEqual(['stream=stdout'])
  expect(passesOf('stdout', 'vel=error n=1 fruit=Pear code=503 pad=')).toBe(UNCERTAIN)
})

it('keeps what a rotated log has thrown away, and knows since when it is gone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-soak-'))
  const path = join(folder, 'json.log')
  const line = (n: number) => `${JSON.stringify({ log: `line ${n}\n`, stream: 'stdout', time: at(n) })}\n`
  const rotate = (n: number) => {
    renameSync(path, `${path}.1`)
    writeFileSync(path, line(n))
  }
  writeFileSync(path, line(1))
  const log = new RotatingLog(path, 2)
  appendFileSync(path, line(2))
  rotate(3)
  log.look()
  expect(log.isGone(0, Date.now())).toBe(false)
  rotate(4)
  log.look()
  const now = Date.now()
  expect([0, 1, 2, 3].map((index) => log.isGone(index, now))).toEqual([true, true, false, false])
  log.close()
  expect(log.reference.lines.length).toBe(4)
  rmSync(folder, { recursive: true })
})

it('keeps what was in a log that is emptied, and knows since when it is gone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-soak-'))
  const path = join(folder, 'json.log')
  const line = (n: number) => `${JSON.stringify({ log: `line ${n}\n`, stream: 'stdout', time: at(n) })}\n`
  writeFileSync(path, line(1))
  const log = new RotatingLog(path, 1)
  appendFileSync(path, line(2)) // not seen by a look yet
  const before = Date.now() - 1
  log.empty()
  expect(readFileSync(path, 'utf8')).toBe('')
  appendFileSync(path, line(3))
  log.look()
  const now = Date.now()
  expect([0, 1, 2].map((index) => log.isGone(index, now))).toEqual([true, true, false])
  expect(log.isGone(0, before)).toBe(false)
  log.close()
  expect([0, 1, 2].map((index) => log.reference.lines.note(index).time.slice(17, 19))).toEqual(['01', '02', '03'])
  expect(log.reference.torn).toEqual([])
  rmSync(folder, { recursive: true })
})
