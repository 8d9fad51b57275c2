/** A stream's events as rows: lines, days, dividers, gaps. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { GapEvent, Line, Run, StateEvent } from '../../../server/wire.ts'
import { gapDivider, withTimes } from '../../../web/log/dividers.ts'
import { LineStore } from '../../../web/log/line-store.ts'
import { StateHistory } from '../../../web/log/state-history.ts'
import { clock, cursorTime, readTime } from '../../../web/log/time.ts'
import { Transcript } from '../../../web/log/transcript.ts'

const ID = 'a1b2c3d4e5f6'
const NOON = new Date(2026, 10, 22, 12)
const iso = (date: Date) => date.toISOString().replace('Z', '000000Z')
const line = (message: string, date = NOON): Line => ({ time: iso(date), stream: 'stdout', message })
const event = (state: StateEvent['state'], more: Partial<StateEvent> = {}): StateEvent => ({
  container: 'web',
  state,
  incarnation: 'a1b2c3d4e5f6',
  at: iso(NOON),
  ...more,
})
const AT = clock(readTime(iso(NOON)))

function transcript(past = new StateHistory(), name = 'web') {
  const store = new LineStore()
  const rows = () =>
    Array.from({ length: store.end - store.first }, (_, i) => withTimes(store.row(store.first + i)?.text ?? ''))
  return { store, rows, transcript: new Transcript(store, NOON, past, name) }
}

describe('transcript', () => {
  it('puts a date row between days, and before the first line of the log when it is not of today', () => {
    const { rows, transcript: it } = transcript()
    it.lines([line('a', new Date(2026, 10, 21, 23, 59)), line('b'), line('c')], ID)
    expect(rows()).toEqual(['a', 'Sunday 22 November 2026', 'b', 'c'])
    it.beginning()
    it.beginning()
    expect(rows()).toEqual(['Saturday 21 November 2026', 'a', 'Sunday 22 November 2026', 'b', 'c'])
  })

  it('puts history before what is here, with the date rows that it would have had', () => {
    const days = [19, 20, 20, 20, 21, 22, 22]
    const lines = days.map((day, n) => line(`${n}`, new Date(2026, 10, day, 10, n)))
    const whole = transcript()
    whole.transcript.lines(lines, ID)
    whole.transcript.beginning()
    for (let cut = 0; cut <= lines.length; cut++) {
      for (let earlier = 0; earlier <= cut; earlier++) {
        const { rows, transcript: it } = transcript()
        it.lines(lines.slice(cut), ID)
        expect(it.history(lines.slice(earlier, cut), ID)).toBe(cut - earlier)
        it.history(lines.slice(0, earlier), ID)
        it.beginning()
        expect(rows()).toEqual(whole.rows())
      }
    }
  })

  it('has no date row while all lines are of today', () => {
    const { rows, transcript: it } = transcript()
    it.lines([line('a'), line('b')], ID)
    expect(rows()).toEqual(['a', 'b'])
  })

  it('says that it waits after an exit, until something follows', () => {
    const { rows, transcript: it } = transcript()
    it.state(event('died', { exitCode: 1 }))
    expect(rows()).toEqual([`web exited · ${AT} · code 1 · waiting for it to start again`])
    it.state(event('started'))
    expect(rows()).toEqual([`web exited · ${AT} · code 1`, `web started again · ${AT}`])
  })

  it('draws one row for a stop, which Docker reports twice', () => {
    const { rows, transcript: it } = transcript()
    it.state(event('died', { exitCode: 0 }))
    it.state(event('stopped', { exitCode: 0 }))
    expect(rows()).toHaveLength(1)
  })

  it('tells once what a resumed stream tells again', () => {
    const { rows, transcript: it } = transcript()
    const events = [
      event('died', { exitCode: 1, at: iso(new Date(NOON.getTime() + 1000)) }),
      event('started', { at: iso(new Date(NOON.getTime() + 2000)) }),
      event('paused', { at: iso(new Date(NOON.getTime() + 3000)) }),
    ]
    for (const one of [...events, ...events]) it.state(one)
    expect(rows()).toHaveLength(3)
    const gap = { container: 'web', reason: 'rotated' as const, from: 'a1b2c3d4e5f6.1.000000000.0' }
    it.gap(gap)
    it.gap(gap)
    expect(rows()).toHaveLength(4)
  })

  it('tells the second exit of a container that was started between', () => {
    const { rows, transcript: it } = transcript()
    for (const [i, state] of (['died', 'started', 'died', 'started'] as const).entries())
      it.state(event(state, { at: iso(new Date(NOON.getTime() + i * 1000)) }))
    expect(rows()).toHaveLength(4)
  })

  it('names memory as the cause when Docker did', () => {
    const { rows, transcript: it } = transcript()
    it.state(event('oom'))
    it.state(event('died', { exitCode: 137 }))
    expect(rows()).toEqual([
      `web ran out of memory · ${AT}`,
      `web exited · ${AT} · code 137, out of memory · waiting for it to start again`,
    ])
    const later = new Date(NOON.getTime() + 1000)
    it.state(event('started'))
    it.state(event('died', { exitCode: 1, at: iso(later) }))
    expect(rows().at(-1)).toBe(`web exited · ${clock(readTime(iso(later)))} · code 1 · waiting for it to start again`)
  })

  it('tells of a re-creation, with the images where they differ', () => {
    const { rows, transcript: it } = transcript()
    it.state(event('recreated', { images: ['nginx:1.29', 'nginx:1.29.1'] }))
    it.state(event('recreated', { incarnation: 'b1b2c3d4e5f6' }))
    expect(rows()).toEqual([`web was re-created · ${AT} · nginx:1.29 → nginx:1.29.1`, `web was re-created · ${AT}`])
  })

  it('leaves health to the top bar', () => {
    const { rows, transcript: it } = transcript()
    it.state(event('health', { health: 'unhealthy' }))
    it.state(event('created'))
    expect(rows()).toEqual([])
  })
})

describe('gaps', () => {
  const gapWords = (gap: GapEvent) => withTimes(gapDivider(gap))
  const cursor = (seconds: number) => `a1b2c3d4e5f6.${1_795_341_731 + seconds}.000000000.0`
  const at = (seconds: number) => clock(cursorTime(cursor(seconds)) ?? { seconds: 0, nanos: 0 })

  it.each([
    [61, `1 minute of lines, ${at(0)} to ${at(61)}, is no longer kept by Docker`],
    [38, `38 seconds of lines, ${at(0)} to ${at(38)}, are no longer kept by Docker`],
    [7200, `2 hours of lines, ${at(0)} to ${at(7200)}, are no longer kept by Docker`],
    [0, `1 second of lines, ${at(0)} to ${at(0)}, is no longer kept by Docker`],
  ])('of %i s say how much is missing, and why', (seconds, words) => {
    expect(gapWords({ container: 'web', reason: 'rotated', from: cursor(0), to: cursor(seconds) })).toBe(words)
  })

  it('say what is known when one end is not', () => {
    const gap = { container: 'web', reason: 'rotated' as const }
    expect(gapWords({ ...gap, to: cursor(0) })).toBe(`Lines before ${at(0)} are no longer kept by Docker`)
    expect(gapWords({ ...gap, from: cursor(0) })).toBe(`Lines after ${at(0)} are no longer kept by Docker`)
    expect(gapWords({ ...gap, from: 'nonsense' })).toBe('Lines are missing here: they are no longer kept by Docker')
  })
})

describe('damage', () => {
  it('is said in its place, in Docker’s words, once for each place', () => {
    const { rows, transcript: it } = transcript()
    it.lines([line('b')], ID)
    const gap = { container: 'web', reason: 'damaged' as const, from: `${ID}.1.000000000.0`, detail: 'unexpected EOF' }
    it.gap(gap)
    it.gap(gap)
    it.gap({ ...gap, detail: 'no time here' })
    it.lines([line('c')], ID)
    it.damage('invalid character', 'after')
    it.damage('too large', 'before')
    it.history([line('a')], ID)
    expect([it.hasGap, transcript().transcript.hasGap]).toEqual([true, false])
    expect(rows()).toEqual([
      'a',
      "Docker can't read the log here: too large",
      'b',
      "Docker can't read the log here: unexpected EOF",
      "Docker can't read the log here: no time here",
      'c',
      "Docker can't read the log here: invalid character",
    ])
  })
})

describe('runs before one looked', () => {
  const second = (n: number) => new Date(NOON.getTime() + n * 1000)
  const at = (n: number) => clock(readTime(iso(second(n))))
  const run = (from: number, to?: number, more: Partial<Run> = {}): Run => ({
    incarnation: ID,
    started: iso(second(from)),
    ...(to !== undefined && { finished: iso(second(to)), exitCode: 1 }),
    ...more,
  })
  const opened = (runs: Run[], state: StateEvent['state'] = 'started') => {
    const past = new StateHistory()
    past.add(event(state, { runs }))
    return past
  }
  const lines = (...seconds: number[]) => seconds.map((n) => line(`${n}`, second(n)))

  it('are told apart by dividers, with their exit codes, wherever a page of the past is cut', () => {
    const past = opened([run(0, 20), run(30, 50, { exitCode: 137, oomKilled: true }), run(60)])
    const all = lines(1, 2, 19, 31, 49, 61, 62)
    const expected = [
      `web started · ${at(0)}`,
      '1',
      '2',
      '19',
      `web exited · ${at(20)} · code 1`,
      `web started again · ${at(30)}`,
      '31',
      '49',
      `web exited · ${at(50)} · code 137, out of memory`,
      `web started again · ${at(60)}`,
      '61',
      '62',
    ]
    for (let cut = 0; cut <= all.length; cut++) {
      for (let earlier = 0; earlier <= cut; earlier++) {
        const { rows, transcript: it } = transcript(past)
        it.lines(all.slice(cut), ID)
        it.caughtUp()
        it.history(all.slice(earlier, cut), ID)
        it.history(all.slice(0, earlier), ID)
        if (cut === all.length) it.caughtUp()
        it.beginning()
        expect(rows()).toEqual(expected)
      }
    }
  })

  it('are told once, whatever a stream that resumes tells again', () => {
    const runs = [run(0, 20), run(30)]
    const past = opened(runs)
    const { rows, transcript: it } = transcript(past)
    it.lines(lines(1, 31), ID)
    const before = rows()
    expect(before).toHaveLength(4)
    past.add(event('started', { runs }))
    it.state(event('died', { exitCode: 1, at: iso(second(20)) }))
    it.state(event('started', { at: iso(second(30)) }))
    it.lines(lines(32), ID)
    it.caughtUp()
    expect(rows()).toEqual([...before, '32'])
  })

  it('stand before what a stream tells again of later ones', () => {
    const { rows, transcript: it } = transcript(opened([run(0, 20, { exitCode: 3 }), run(30)]))
    it.lines(lines(1), ID)
    it.state(event('started', { at: iso(second(30)) }))
    it.lines(lines(31), ID)
    expect(rows()).toEqual(['1', `web exited · ${at(20)} · code 3`, `web started again · ${at(30)}`, '31'])
  })

  it('are told in the zone in use', () => {
    const { store, transcript: it } = transcript(opened([run(0, 20), run(30)]))
    it.lines(lines(1, 31), ID)
    const { text = '' } = store.row(store.first + 1) ?? {}
    expect(withTimes(text, 'utc')).toBe(`web exited · ${clock(readTime(iso(second(20))), 'utc')} · code 1`)
  })

  it('stand before lines that the program wrote a little before its start was told', () => {
    const { rows, transcript: it } = transcript(opened([run(0, 20), run(30)]))
    it.lines([...lines(19), line('early', new Date(second(30).getTime() - 80)), ...lines(31)], ID)
    expect(rows()).toEqual(['19', `web exited · ${at(20)} · code 1`, `web started again · ${at(30)}`, 'early', '31'])
  })

  it('say of one that somebody stopped that it was stopped', () => {
    const { rows, transcript: it } = transcript(opened([run(0, 20, { exitCode: 137, stopped: true }), run(30)]))
    it.lines(lines(1, 31), ID)
    expect(rows()).toContain(`web was stopped · ${at(20)} · code 137`)
  })

  it('leave to the stream the end that the container has come to', () => {
    const past = opened([run(0, 20), run(30, 50)], 'died')
    const { rows, transcript: it } = transcript(past)
    it.lines(lines(1, 31), ID)
    it.caughtUp()
    it.state(event('died', { exitCode: 1, at: iso(second(50)) }))
    expect(rows().filter((text) => text?.includes('exited'))).toEqual([
      `web exited · ${at(20)} · code 1`,
      `web exited · ${at(50)} · code 1 · waiting for it to start again`,
    ])
  })

  it('of a container that is restarting end with the last one’s exit code', () => {
    const { rows, transcript: it } = transcript(opened([run(0, 20), run(30, 50)], 'restarting'))
    it.lines(lines(1, 31), ID)
    it.caughtUp()
    expect(rows().at(-1)).toBe(`web exited · ${at(50)} · code 1`)
  })

  it('that wrote nothing are counted, not listed', () => {
    const runs = Array.from({ length: 20 }, (_, n) => run(n * 10 + 2, n * 10 + 8))
    const { rows, transcript: it } = transcript(opened([...runs, run(300)]))
    it.lines(lines(1, 301), ID)
    expect(rows()).toEqual([
      '1',
      `web started again · ${at(2)}`,
      `web exited · ${at(8)} · code 1`,
      '19 more runs without a line',
      `web exited · ${at(198)} · code 1`,
      `web started again · ${at(300)}`,
      '301',
    ])
  })

  it('stand where they belong, and once, whatever was loaded first (property)', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(
        lengths,
        fc.array(fc.nat(100), { minLength: 1, maxLength: 40 }),
        fc.nat(40),
        (spans, offsets, split) => {
          let from = 0
          const runs = spans.map((span) => {
            const [start, end] = [from + 5, from + 5 + span * 10]
            from = end
            return run(start, end)
          })
          const all = lines(...[...new Set(offsets.map((it) => 6 + ((it * 7) % from)))].sort((a, b) => a - b))
          const past = opened([...runs, run(from + 5)])
          const { store, transcript: it } = transcript(past)
          it.lines(all.slice(split), ID)
          it.history(all.slice(0, split), ID)
          const rows = Array.from({ length: store.end - store.first }, (_, i) => store.row(store.first + i))
          const times = rows.map((row) => (row ? row.seconds * 1e3 + row.nanos / 1e6 : 0))
          expect(times).toEqual(times.toSorted((a, b) => a - b))
          const runOf = (n: number) => runs.findIndex(({ finished = '' }) => iso(second(n)) <= finished)
          for (const [index, row] of rows.entries()) {
            const before = rows[index - 1]
            if (row?.kind !== 'stdout' || before?.kind !== 'stdout') continue
            expect(runOf(Number(row.text))).toBe(runOf(Number(before.text)))
          }
        },
      ),
    )
  })

  it('of another container of that name are told apart', () => {
    const { rows, transcript: it } = transcript()
    it.lines(lines(10, 11), ID)
    it.history(lines(1, 2), 'b1b2c3d4e5f6')
    expect(rows()).toEqual(['1', '2', `web was re-created · ${at(10)}`, '10', '11'])
  })
})
