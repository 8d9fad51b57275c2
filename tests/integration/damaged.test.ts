/** Logs that an engine cannot give whole: what can be read is shown, and the rest is said in its place, in every form. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type Damage, type FakeEngine, startFakeEngine } from '../engine/fake-engine.ts'
import { type Sluice, startSluice } from '../sluice/server.ts'
import { type Arrival, openMerged, openStream, type Stream } from '../sluice/stream.ts'
import { unzipped } from '../sluice/unzipped.ts'
import { at, frame, stamped } from '../unit/logs/frames.ts'

const COUNT = 50
const DAMAGED_AT = 17
const SENTENCE = "Error grabbing logs: invalid character '\\x00' looking for beginning of value"

const text = (number: number) => `line ${number}`
const line = (number: number) => frame('stdout', stamped(at(number * 1_000_000_000), `${text(number)}\n`))
const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => line(from + index))
const texts = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => text(from + index))

const GOOD = texts(0, COUNT)

async function serve(damage: Damage | undefined, pieces: readonly Buffer[] = lines(0, COUNT)) {
  const fake = await startFakeEngine()
  fake.add({ name: 'web', pieces, ...(damage && { damage }) })
  return { fake, sluice: await startSluice({ engine: fake.socket }) }
}

/** The messages of what arrived, with each gap in its place. */
function story(stream: Stream): string[] {
  return stream.arrivals.flatMap((arrival: Arrival) => {
    if (arrival.kind === 'lines') return arrival.lines.map(({ message }) => message)
    return arrival.kind === 'gap' ? [`gap: ${arrival.event.reason}: ${arrival.event.detail}`] : []
  })
}

async function get(sluice: Sluice, path: string) {
  const headers = { 'Accept-Encoding': 'identity' } // what is zipped before a cut may not have gone out
  const response = await fetch(new URL(`api/${path}`, sluice.url), { headers, signal: AbortSignal.timeout(10_000) })
  let body = ''
  let isCut = false
  try {
    for await (const chunk of response.body ?? []) body += Buffer.from(chunk).toString()
  } catch {
    isCut = true
  }
  return { status: response.status, body, isCut }
}

async function search(sluice: Sluice, path: string) {
  const { body } = await get(sluice, path)
  const events = body.split('\n\n').map((block) => ({
    event: /^event: ?(.*)$/m.exec(block)?.[1],
    data: JSON.parse(/^data: ?(.*)$/m.exec(block)?.[1] ?? 'null'),
  }))
  const of = (name: string) => events.filter(({ event }) => event === name).map(({ data }) => data)
  return { matches: of('message').flat(), gaps: of('gap'), done: of('done')[0] }
}

const follows = (fake: FakeEngine) => fake.count(/\/logs\?.*follow=1/)

describe.each([
  ['with a sentence of the engine’s', { at: DAMAGED_AT, error: frame(3, `${SENTENCE}\n`) }, SENTENCE],
  [
    'with the sentence that a record is too long',
    { at: DAMAGED_AT, error: frame(3, 'Error grabbing logs: log message is too large (1937007717 > 1000000)\n') },
    'Error grabbing logs: log message is too large (1937007717 > 1000000)',
  ],
  ['without a word', { at: DAMAGED_AT }, 'Docker stopped sending here, but the log has newer lines.'],
])('a log that long reads leave %s', (_how, damage, detail) => {
  const sentence = detail.endsWith('.') ? detail : `${detail}.`
  const whole = [...texts(0, DAMAGED_AT), `gap: damaged: ${detail}`, ...texts(DAMAGED_AT, COUNT)]

  it('is shown on both sides of the damage, is live, and goes on', async () => {
    const { fake, sluice } = await serve(damage)
    const stream = await openStream(sluice, 'web').live()
    expect(story(stream)).toEqual(whole)
    fake.write('web', line(COUNT), line(COUNT + 1))
    await stream.message(text(COUNT + 1))
    expect(story(stream)).toEqual([...whole, text(COUNT), text(COUNT + 1)])
    expect(follows(fake)).toBeLessThan(20)
    const tail = await openStream(sluice, 'web', 'tail=20').live()
    expect(story(tail)).toEqual(texts(COUNT - 18, COUNT + 2))
    const resumed = await openStream(sluice, 'web', `after=${cursorOf(stream, 5)}`).live()
    expect(story(resumed)).toEqual([...whole.slice(6), text(COUNT), text(COUNT + 1)])
  })

  it('has pages, which say where it is damaged', async () => {
    const { sluice } = await serve(damage)
    const { status, body } = await get(sluice, 'containers/web/logs')
    const page = JSON.parse(body)
    expect([status, page.lines.map(({ message }: { message: string }) => message)]).toEqual([200, GOOD])
    expect(page).toMatchObject({ damages: [{ at: DAMAGED_AT, detail }], atStart: true, atEnd: true })
    const back = JSON.parse((await get(sluice, 'containers/web/logs?limit=10')).body)
    expect([back.lines.length, back.damages, back.atStart]).toEqual([10, undefined, false])
    const around = JSON.parse((await get(sluice, `containers/web/logs?around=${at(DAMAGED_AT * 1e9)}&limit=6`)).body)
    expect(around.damages).toEqual([{ at: 3, detail }])
  })

  it('is searched on both sides', async () => {
    const { sluice } = await serve(damage)
    for (const path of ['containers/web/logs/search?q=line', 'containers/web/logs/search?q=line&direction=forward']) {
      const { matches, gaps, done } = await search(sluice, path)
      expect(matches.map(({ message }) => message).sort()).toEqual([...GOOD].sort())
      expect([gaps, done.complete]).toEqual([[{ container: 'web', reason: 'damaged', detail }], true])
    }
  })

  it('is text up to the damage, which breaks off, and its end is text', async () => {
    const { sluice, fake } = await serve(damage)
    for (const path of ['containers/web/logs?format=text', 'containers/web/logs/download']) {
      const { body, isCut } = await get(sluice, path)
      expect([body, isCut]).toEqual([
        texts(0, DAMAGED_AT)
          .map((each) => `${each}\n`)
          .join(''),
        true,
      ])
    }
    const ndjson = await get(sluice, 'containers/web/logs?format=ndjson')
    expect([ndjson.body.trim().split('\n').length, ndjson.isCut]).toEqual([DAMAGED_AT, true])
    const tail = await get(sluice, 'containers/web/logs?format=text&tail=20')
    expect([tail.status, tail.isCut, tail.body]).toEqual([
      200,
      false,
      texts(30, 50)
        .map((each) => `${each}\n`)
        .join(''),
    ])
    expect(fake.count(/\/logs\?/)).toBeLessThan(120)
    expect(sluice.log()).toContain('"path":"/api/containers/web/logs/download"')
    expect(sluice.log()).not.toMatch(/"level":[56]0/)
  })

  it('is whole in an archive but for the damage, with a note beside it, and breaks no other file', async () => {
    const { fake, sluice } = await serve(damage)
    fake.add({ name: 'db', pieces: lines(0, 3) })
    const note = `web.log is incomplete.\nLines are missing after ${at((DAMAGED_AT - 1) * 1e9)}: Docker can't read the log here: ${sentence}\n`
    const printed = (all: readonly string[]) => all.map((each) => `${each}\n`).join('')
    const response = await fetch(new URL('api/logs/download', sluice.url))
    expect(await unzipped(response.body!)).toEqual({
      'db.log': printed(texts(0, 3)),
      'web.log': printed(GOOD),
      'web.log.INCOMPLETE.txt': note,
    })
    const own = await fetch(new URL('api/containers/web/logs/download?format=zip', sluice.url))
    expect(await unzipped(own.body!)).toEqual({ 'web.log': printed(GOOD), 'web.log.INCOMPLETE.txt': note })
  })

  it('says where it is damaged while it is followed as NDJSON or text', async () => {
    const { fake, sluice } = await serve(damage)
    const said = {
      text: `--- Sluice: lines are missing here: Docker can't read the log here: ${sentence} ---`,
      ndjson: expect.objectContaining({
        gap: expect.objectContaining({ container: 'web', reason: 'damaged', detail }),
      }),
    }
    for (const format of ['text', 'ndjson'] as const) {
      const leave = new AbortController()
      const { signal } = leave
      const url = new URL(`api/containers/web/logs?format=${format}&follow=true`, sluice.url)
      const response = await fetch(url, { signal })
      let body = ''
      for await (const chunk of response.body ?? []) {
        body += Buffer.from(chunk).toString()
        if (body.split('\n').length > COUNT + 1) break
      }
      leave.abort()
      const shown = body.trim().split('\n')
      const seen = format === 'text' ? shown : shown.map((each) => JSON.parse(each) as { message?: string })
      expect(seen).toEqual([
        ...texts(0, DAMAGED_AT).map((message) => (format === 'text' ? message : expect.objectContaining({ message }))),
        said[format],
        ...texts(DAMAGED_AT, COUNT).map((message) =>
          format === 'text' ? message : expect.objectContaining({ message }),
        ),
      ])
    }
    expect(sluice.log()).not.toMatch(/"level":[56]0/)
    expect(follows(fake)).toBeLessThan(20)
  })

  it('does not hold up the others of a merged stream or search', async () => {
    const { fake, sluice } = await serve(damage)
    fake.add({ name: 'other', pieces: lines(0, 5) })
    const merged = await openMerged(sluice).live()
    const of = (name: string) => merged.lines.filter((each) => 'container' in each && each.container === name)
    expect(of('other').map(({ message }) => message)).toEqual(texts(0, 5))
    expect(of('web').map(({ message }) => message)).toEqual(GOOD)
    expect(merged.gaps).toMatchObject([{ container: 'web', reason: 'damaged', detail }])
    const { matches, gaps } = await search(sluice, 'logs/search?q=line')
    expect([matches.length, gaps]).toEqual([COUNT + 5, [{ container: 'web', reason: 'damaged', detail }]])
  })
})

describe('a log whose end is damaged', () => {
  it('is shown up to there, says so once, and is live', async () => {
    const unreadable = Buffer.alloc(0)
    const { fake, sluice } = await serve({ at: COUNT + 1, error: frame(3, SENTENCE) }, [...lines(0, COUNT), unreadable])
    const stream = await openStream(sluice, 'web').live()
    const damaged = `gap: damaged: ${SENTENCE}`
    expect(story(stream)).toEqual([...GOOD, damaged])
    const { lines: some, damages } = JSON.parse((await get(sluice, 'containers/web/logs?limit=3')).body)
    expect([some.length, damages]).toEqual([3, [{ at: 3, detail: SENTENCE }]])
    const { body, isCut } = await get(sluice, 'containers/web/logs?format=text')
    expect([body.split('\n').length - 1, isCut]).toEqual([COUNT, true])
    fake.write('web', line(COUNT + 1))
    await stream.message(text(COUNT + 1))
    expect(story(stream)).toEqual([...GOOD, damaged, text(COUNT + 1)])
  })
})

describe('what has no time', () => {
  const tty = (number: number) => Buffer.from(`${at(number * 1_000_000_000)} ${text(number)}\r\n`)

  it.each([
    ['one frame', false, [frame('stdout', 'no stamp line\n')], 'no stamp line'],
    [
      'three frames of time, blank and text',
      false,
      [at(17e9), ' ', 'text\n'].map((each) => frame(1, each)),
      `${at(17e9)} text`,
    ],
    ['a TTY line', true, [Buffer.from('no stamp line\r\n')], 'no stamp line'],
    ['an engine’s sentence in a TTY’s log', true, [Buffer.from(`${SENTENCE}\n`)], SENTENCE],
  ])('is a gap in its place, for %s', async (_what, isTty, damaged, detail) => {
    const some = (from: number, to: number) =>
      isTty ? Array.from({ length: to - from }, (_, index) => tty(from + index)) : lines(from, to)
    const fake = await startFakeEngine()
    fake.add({ name: 'web', tty: isTty, pieces: [...some(0, DAMAGED_AT), ...damaged, ...some(DAMAGED_AT, COUNT)] })
    const sluice = await startSluice({ engine: fake.socket })
    const stream = await openStream(sluice, 'web').live()
    expect(story(stream)).toEqual([...texts(0, DAMAGED_AT), `gap: damaged: ${detail}`, ...texts(DAMAGED_AT, COUNT)])
    fake.write('web', ...damaged, ...some(COUNT, COUNT + 1))
    await stream.message(text(COUNT))
    expect(story(stream).slice(-2)).toEqual([`gap: damaged: ${detail}`, text(COUNT)])
    const { matches, gaps } = await search(sluice, 'containers/web/logs/search?q=line')
    expect([matches.length, gaps]).toEqual([COUNT + 1, [{ container: 'web', reason: 'damaged', detail }]])
  })
})

describe('a log that cannot be read at all', () => {
  it.each([
    ['whose engine says so', 500, '{"message":"error from daemon in stream: disk on fire"}', 'disk on fire'],
    ['that is no log', 200, '<html>proxy error</html>', 'no frame begins with the bytes 3c68746d6c3e7072'],
  ])('%s is a gap with a sentence, live, and asked for with back-off', async (_why, status, body, sentence) => {
    const { fake, sluice } = await serve(undefined)
    fake.add({ name: 'other', pieces: lines(0, 5) })
    const [id] = fake.idsOf('web')
    const ofWeb = new RegExp(`/containers/${id}/logs`)
    const answer = fake.answer(ofWeb, { status, body })
    const gap = { container: 'web', reason: 'damaged', detail: expect.stringContaining(sentence) }
    const stream = await openStream(sluice, 'web').live()
    expect(stream.gaps).toMatchObject([gap])
    // It is live without the one that cannot be read.
    const merged = await (await openMerged(sluice).live()).until(({ gaps }) => gaps.length > 0)
    expect([merged.messages, merged.gaps]).toMatchObject([texts(0, 5), [gap]])
    const { matches, gaps } = await search(sluice, 'logs/search?q=line')
    expect([matches.length, gaps]).toEqual([5, [gap]])
    for (const path of [
      'logs?format=text',
      'logs/download',
      ...(status === 500 ? ['logs', 'logs/search?q=line'] : []),
    ]) {
      const { status, body } = await get(sluice, `containers/web/${path}`)
      expect([path, status, JSON.parse(body).detail]).toEqual([path, 502, expect.stringContaining(sentence)])
    }
    // Without back-off these are hundreds a second. How long the rest takes is a matter of the machine.
    const asked = fake.count(ofWeb)
    await sleep(1_000)
    expect(fake.count(ofWeb) - asked).toBeLessThan(40)

    answer.remove()
    await stream.message(text(COUNT - 1))
    expect(stream.messages).toEqual(GOOD)
  })

  it('does not hold up a stream that resumes, and is whole in it when it can be read again', async () => {
    const { fake, sluice: before } = await serve(undefined)
    fake.add({ name: 'other', pieces: lines(0, 5) })
    const { cursor } = await openMerged(before, 'container=web&container=other').live()
    await before.stop()
    const [id] = fake.idsOf('web')
    const answer = fake.answer(new RegExp(`/containers/${id}/logs`), {
      status: 500,
      body: '{"message":"disk on fire"}',
    })
    const sluice = await startSluice({ engine: fake.socket })
    const query = new URLSearchParams({ container: 'web', after: cursor })
    const merged = openMerged(sluice, `${query}&container=other`)
    await merged.until(({ gaps }) => gaps.length > 0)
    fake.write('other', line(COUNT + 1))
    await merged.live()
    await merged.message(text(COUNT + 1))
    fake.write('web', ...lines(COUNT + 2, COUNT + 9))
    answer.remove()
    await merged.message(text(COUNT + 8))
    expect(merged.messages).toEqual([text(COUNT + 1), ...texts(COUNT + 2, COUNT + 9)])
  }, 120_000)

  it('for a moment is no gap', async () => {
    const { fake, sluice } = await serve(undefined)
    let refusals = 2
    fake.answer(/\/logs/, (request, response) => {
      if (refusals-- > 0) response.writeHead(500).end('{"message":"not now"}')
      else fake.serve(request, response)
    })
    const stream = await openStream(sluice, 'web').live()
    expect([stream.messages, stream.gaps]).toEqual([GOOD, []])
  })
})

describe('a file truncated under a follow', () => {
  it('is told of, and what is written within a second after that is shown', async () => {
    const { fake, sluice } = await serve(undefined)
    const stream = await openStream(sluice, 'web').live()
    await expect.poll(() => follows(fake)).toBeGreaterThan(0)
    fake.write('web', line(COUNT))
    await stream.message(text(COUNT))
    // The follow stands where it was in the file, and so brings nothing; the lines are stamped 100 and 200 ms after the last.
    const late = [1, 2].map((tenth) => frame('stdout', stamped(at(COUNT * 1e9 + tenth * 1e8), `late ${tenth}\n`)))
    fake.replace('web', late)
    const looks = fake.count(/tail=1$/)
    await expect.poll(() => fake.count(/tail=1$/), { timeout: 30_000 }).toBeGreaterThan(looks)
    await stream.message('late 2')
    expect(story(stream).slice(COUNT + 1)).toEqual(['gap: rotated: undefined', 'late 1', 'late 2'])
    fake.write('web', line(COUNT + 1))
    await stream.message(text(COUNT + 1))
    const again = await openStream(sluice, 'web', 'tail=3').live()
    expect(again.messages).toEqual(['late 1', 'late 2', text(COUNT + 1)])
  }, 60_000)
})

function cursorOf(stream: Stream, index: number): string {
  const { time } = stream.lines[index]!
  const [incarnation] = stream.cursor.split('.')
  return `${incarnation}.${Date.parse(`${time.slice(0, 19)}Z`) / 1000}.${time.slice(20, 29)}.0`
}
