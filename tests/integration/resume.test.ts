/**
 * A viewer goes away, much happens, and he comes back with the last id he saw: he gets what there is after it, each line once,
 * or is told what cannot be had any more.
 */
import { afterAll, describe, expect, it } from 'vitest'
import { formatCursor, incarnationOf } from '../../server/logs/cursor.ts'
import type { Problem } from '../../server/wire.ts'
import type { Container } from '../engine/container.ts'
import { uniqueName } from '../engine/engine.ts'
import { startFaultProxy } from '../engine/fault-proxy.ts'
import { useEngine } from '../engine/use-engine.ts'
import { type Sluice, startSluice } from '../sluice/server.ts'
import { linesOf, logOf, more, outline } from '../sluice/story.ts'
import { openStream, resumeStream, Stream } from '../sluice/stream.ts'

const engine = useEngine()
// The tests that wait for a feed to end wait for 8 s: they do so together.
const proxy = await startFaultProxy(engine.socket)
afterAll(() => proxy.close())
const sluice = await startSluice({ engine: proxy.socket })

const LINGER_DEADLINE_MS = 15_000 // a feed lingers for 8 s
const BETWEEN_WINDOWS_MS = 1_500

/** Until Sluice does not follow the container any more, and so knows no more of its log than Docker does. */
async function forgotten({ id }: Container): Promise<void> {
  const isOpen = () => proxy.requests.some(({ open, path }) => open && path.includes(id) && path.includes('follow=1'))
  for (let wasOpen = true; wasOpen; ) {
    await proxy.until(() => !isOpen(), LINGER_DEADLINE_MS)
    // A feed that begins may ask for one window after another: for a moment none is open.
    wasOpen = await proxy.until(isOpen, BETWEEN_WINDOWS_MS).then(
      () => true,
      () => false,
    )
  }
}

/** Until Sluice knows that the container has its name: what happened before has then been heard of. */
async function known({ id, name }: Container): Promise<void> {
  const events = new Stream(`${sluice.url}api/events`)
  await events.until(({ arrivals }) =>
    arrivals.some((arrival) => {
      if (arrival.kind !== 'containers') return false
      const containers = arrival.event.kind === 'snapshot' ? arrival.event.containers : (arrival.event.changed ?? [])
      return containers.some((container) => container.id === id && container.name === name)
    }),
  )
  events.close()
}

/** Writes the line, until Docker has it. */
async function say(container: Container, text: string): Promise<void> {
  await container.write('stdout', `${text}\n`)
  await container.logged(`${text}\n`)
}

/** Looks at the container until `text` has come, and leaves: the cursor is that line's. */
async function seen(name: string, text: string): Promise<Stream> {
  const stream = await openStream(sluice, name, 'tail=10000').live()
  await stream.message(text)
  stream.close()
  return stream
}

/** A container that has carried the name and said this, and is gone. */
async function runAndRemove(name: string, text: string): Promise<void> {
  const container = await engine.run({ name })
  await say(container, text)
  await container.remove()
}

describe.concurrent('two re-creations later', () => {
  it('finds all three, and what happened, as long as somebody else has stayed', async () => {
    const name = uniqueName()
    const first = await engine.run({ name })
    const stays = await openStream(sluice, name).live()
    await say(first, 'one')
    const left = await seen(name, 'one')
    await say(first, 'one more')
    await stays.message('one more') // what was not read when its container is removed is nobody's any more
    await first.remove()
    const second = await engine.run({ name })
    await say(second, 'two')
    await stays.message('two')
    await second.remove()
    const third = await engine.run({ name })
    await say(third, 'three')
    await known(third)
    const back = await resumeStream(sluice, name, left.cursor).live()
    await back.message('three')
    await stays.message('three')
    const life = ['[died]', '[removed]', '[recreated]', '[started]']
    expect(outline(back, ['[live]'])).toEqual(['[started]', 'one more', ...life, 'two', ...life, 'three'])
    expect(linesOf(left, back)).toEqual(linesOf(stays))
  })

  it('is told that lines are gone with their containers, when nobody looked, and gets the third from its first line', async () => {
    const name = uniqueName()
    const first = await engine.run({ name })
    await say(first, 'one')
    const left = await seen(name, 'one')
    await forgotten(first)
    await first.remove()
    await runAndRemove(name, 'two')
    const third = await engine.run({ name })
    await say(third, 'three')
    await known(third)
    const back = await resumeStream(sluice, name, left.cursor).live()
    expect(outline(back)).toEqual(['[started]', '[gap removed]', 'three', '[live]'])
    expect(back.gaps).toMatchObject([{ container: name, from: left.cursor }])
    expect(linesOf(back)).toEqual(await logOf(third))
    await third.write('stdout', 'live\n')
    await back.message('live')
    expect(linesOf(back)).toEqual(await logOf(third))
  })

  it('is told so as well by a Sluice that has never seen the container, as Docker remembers who had the name', async () => {
    const name = uniqueName()
    const first = await engine.run({ name })
    await say(first, 'one')
    const left = await seen(name, 'one')
    await first.remove()
    await runAndRemove(name, 'two')
    const third = await engine.run({ name })
    await say(third, 'three')
    const another = await startSluice({ engine: engine.socket })
    const back = await resumeStream(another, name, left.cursor).live()
    expect(outline(back)).toEqual(['[started]', '[gap removed]', 'three', '[live]'])
    expect(back.gaps).toMatchObject([{ container: name, from: left.cursor }])
    expect(linesOf(back)).toEqual(await logOf(third))
  })
})

describe.concurrent('the container was renamed away, and another has its name', () => {
  /** Leaves `first` in a cursor's place: its rest is in Docker's log, under another name. */
  async function replaced(end: (first: Container) => Promise<void>) {
    const name = uniqueName()
    const first = await engine.run({ name, labels: labelsOf(name) })
    await say(first, 'one')
    const left = await seen(name, 'one')
    await forgotten(first)
    await say(first, 'one more')
    await end(first)
    await first.rename(`${name}-old`)
    const second = await engine.run({ name, labels: labelsOf(name) })
    await say(second, 'two')
    await say(second, 'two more')
    await known(second)
    return { name, first, second, left }
  }

  const labelsOf = (name: string) => ({ 'com.docker.compose.project': name, 'com.docker.compose.service': 'web' })

  async function expectAll(back: Stream, left: Stream, first: Container, second: Container) {
    await back.live()
    expect(back.messages).toEqual(['one more', 'two', 'two more'])
    expect(linesOf(left, back)).toEqual([...(await logOf(first)).slice(0, 2), ...(await logOf(second))])
    expect(back.gaps).toEqual([])
    await second.write('stdout', 'live\n')
    await back.message('live')
  }

  it('after it had stopped: its rest, then the other from its first line', async () => {
    const { name, first, second, left } = await replaced((container) => container.kill())
    await expectAll(resumeStream(sluice, name, left.cursor), left, first, second)
  })

  it('while it ran on: its rest up to then and nothing of later, then the other from its first line', async () => {
    const { name, first, second, left } = await replaced(async () => {})
    await say(first, 'not of this name any more')
    await expectAll(resumeStream(sluice, name, left.cursor), left, first, second)
  })

  it('stopped, and restarted under its new name: nothing of its later run', async () => {
    const { name, first, second, left } = await replaced((container) => container.kill())
    await first.start()
    await say(first, 'not of this name any more')
    await expectAll(resumeStream(sluice, name, left.cursor), left, first, second)
  })

  it('unseen by this Sluice, but of the same compose service: its rest, then the other from its first line', async () => {
    const { name, first, second, left } = await replaced((container) => container.kill())
    const another = await startSluice({ engine: engine.socket })
    await expectAll(resumeStream(another, name, left.cursor), left, first, second)
  })

  it('and that one too, by a third: all three in the order of their lives', async () => {
    const { name, first, second, left } = await replaced((container) => container.kill())
    await second.kill()
    await second.rename(`${name}-older`)
    const third = await engine.run({ name, labels: labelsOf(name) })
    await say(third, 'three')
    await known(third)
    const back = await resumeStream(sluice, name, left.cursor).live()
    expect(linesOf(left, back)).toEqual([...(await logOf(first)), ...(await logOf(second)), ...(await logOf(third))])
    expect(back.gaps).toEqual([])
  })
})

describe('a cursor', () => {
  const MALFORMED = [
    'x',
    '0123456789ab',
    '0123456789ab.1795341723.114000001',
    '0123456789AB.1795341723.114000001.0',
    '0123456789ab.1795341723.114000001.0x',
    '0123456789ab.1795341723.1140000010.0',
    '0123456789ab.-1.114000001.0',
    '../../../etc/passwd',
  ]

  it('that is none is 400, in the header and in the address', async () => {
    const { name } = await engine.run({ name: uniqueName() })
    const address = `${sluice.url}api/containers/${name}/logs/stream`
    for (const cursor of MALFORMED) {
      for (const answer of [
        await fetch(address, { headers: { 'Last-Event-ID': cursor } }),
        await fetch(`${address}?after=${encodeURIComponent(cursor)}`),
      ]) {
        expect([cursor, answer.status]).toEqual([cursor, 400])
        expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json\b/)
        expect(((await answer.json()) as Problem).parameter).toMatch(/^(Last-Event-ID|after)$/)
      }
    }
  })

  /** Well formed, of a container that never was. */
  const strangers = (time: string) => formatCursor({ incarnation: 'f'.repeat(12), time, ordinal: 0 })

  it('of a container never seen, from when this one was there already, is a gap, and then only what is new', async () => {
    const container = await engine.run({ name: uniqueName() })
    await say(container, 'old')
    const [line] = await container.lines()
    const cursor = strangers(line!.time)
    const back = await resumeStream(sluice, container.name, cursor).live()
    expect(outline(back)).toEqual(['[started]', '[gap unknown-cursor]', '[live]'])
    expect(back.gaps).toMatchObject([{ container: container.name, from: cursor }])
    await say(container, 'new')
    await back.message('new')
    expect(back.messages).toEqual(['new'])
  })

  it('of a container never seen, from before this one was created, is a gap, and then all of this one', async () => {
    const container = await engine.run({ name: uniqueName() })
    await say(container, 'first')
    const cursor = strangers('2020-01-01T00:00:00.000000000Z')
    const back = await resumeStream(sluice, container.name, cursor).live()
    expect(outline(back)).toEqual(['[started]', '[gap unknown-cursor]', 'first', '[live]'])
    expect(linesOf(back)).toEqual(await logOf(container))
  })

  it('of another container, which exists, is a gap, and not one line of that other is sent', async () => {
    const [mine, other] = [await engine.run({ name: uniqueName() }), await engine.run({ name: uniqueName() })]
    await say(mine, 'mine')
    await say(other, 'secret 1')
    const left = await seen(other.name, 'secret 1')
    await say(other, 'secret 2')
    for (const of of [sluice, await startSluice({ engine: engine.socket })]) {
      const back = await resumeStream(of, mine.name, left.cursor).live()
      expect(outline(back)).toEqual(['[started]', '[gap unknown-cursor]', '[live]'])
      await say(other, 'secret 3')
      await mine.write('stdout', 'mine again\n')
      await back.message('mine again')
      expect(back.messages).toEqual(['mine again'])
      back.close()
    }
  })

  it('of a line that rotation has cut away is a gap, and then the lines that are left', async () => {
    const container = await engine.run({
      name: uniqueName(),
      logOptions: { 'max-size': '20k', 'max-file': '2' },
    })
    await say(container, 'one')
    const left = await seen(container.name, 'one')
    await forgotten(container)
    await container.pace({ lines: 1_000 }).done
    await container.kept('line 999\n', 10)
    const back = await resumeStream(sluice, container.name, left.cursor).live()
    const log = await logOf(container)
    expect(log.length).toBeLessThan(1_000)
    expect(outline(back)).toEqual(['[started]', '[gap rotated]', '…', '[live]'])
    expect(linesOf(back)).toEqual(log)
  })
})

it('a log whose first lines rotation has cut away is not taken for the whole of it', async () => {
  const container = await engine.run({ name: uniqueName(), logOptions: { 'max-size': '100k', 'max-file': '2' } })
  const left = await openStream(sluice, container.name).live()
  left.close()
  await forgotten(container)
  await container.pace({ lines: 3_000 }).done
  await container.kept('line 2999\n', 10)
  const back = await resumeStream(sluice, container.name, left.cursor).live()
  const log = await logOf(container)
  expect(log.length).toBeLessThan(3_000)
  expect(outline(back)).toEqual(['[started]', '[gap rotated]', '…', '[live]'])
  expect(linesOf(back)).toEqual(log)
})

describe.concurrent('a stream that has brought no line has a cursor all the same', () => {
  const LINES = 700
  const numbered = Array.from({ length: LINES }, (_, n) => `line ${n}`)

  /** How Sluice may have got on by the time that the viewer is back. */
  const MEANWHILE: [string, (container: Container) => Promise<Sluice>][] = [
    ['at once', async () => sluice],
    ['when nobody has looked for long', (container) => forgotten(container).then(() => sluice)],
    ['at another Sluice', () => startSluice({ engine: engine.socket })],
  ]

  it.each(MEANWHILE)('of a silent container; %s it goes on with everything written meanwhile', async (_, meanwhile) => {
    const container = await engine.run({ name: uniqueName() })
    const left = await openStream(sluice, container.name).live()
    left.close()
    expect(left.cursor).toBe(`${incarnationOf(container.id)}.0.000000000.0`)
    const then = await meanwhile(container)
    await container.pace({ lines: LINES }).done
    await container.logged(`line ${LINES - 1}\n`, 10)
    const back = resumeStream(then, container.name, left.cursor)
    await back.message(`line ${LINES - 1}`)
    expect(back.messages).toEqual(numbered)
    expect(back.gaps).toEqual([])
  })

  it.each(MEANWHILE)('with tail=0; %s it goes on with everything written meanwhile', async (_, meanwhile) => {
    const container = await engine.run({ name: uniqueName() })
    await say(container, 'old')
    const left = await openStream(sluice, container.name, 'tail=0').live()
    left.close()
    expect(left.lines).toEqual([])
    expect(left.cursor).toMatch(new RegExp(`^${incarnationOf(container.id)}\\.[1-9]\\d*\\.\\d{9}\\.0$`))
    const then = await meanwhile(container)
    await container.pace({ lines: LINES }).done
    await container.logged(`line ${LINES - 1}\n`, 10)
    const back = resumeStream(then, container.name, left.cursor)
    await back.message(`line ${LINES - 1}`)
    expect(back.messages).toEqual(numbered)
    expect(back.gaps).toEqual([])
  })

  it('of a container that was created only; it goes on from its first line', async () => {
    const container = await engine.create({ name: uniqueName() })
    const left = await openStream(sluice, container.name).live()
    left.close()
    expect(left.cursor).toBe(`${incarnationOf(container.id)}.0.000000000.0`)
    await container.start()
    await say(container, 'first')
    const back = resumeStream(sluice, container.name, left.cursor)
    await back.message('first')
    expect(linesOf(back)).toEqual(await logOf(container))
  })

  it('of a silent container that was then re-created; it gets all of the newcomer', async () => {
    const name = uniqueName()
    const first = await engine.run({ name })
    const left = await openStream(sluice, name).live()
    left.close()
    await forgotten(first)
    await first.remove()
    const second = await engine.run({ name })
    await say(second, 'first')
    await known(second)
    const back = await resumeStream(sluice, name, left.cursor).live()
    expect(linesOf(back)).toEqual(await logOf(second))
    expect(back.gaps).toMatchObject([{ reason: 'removed' }])
  })
})

it('a viewer that is cut a hundred times, at any moment, has each line once', async () => {
  const container = await engine.run({ name: uniqueName() })
  const pace = container.pace({ lines: 1e6, perSecond: 1_000, streams: ['stdout', 'stderr'] })
  const streams = [await openStream(sluice, container.name, 'tail=10000').live()]
  await more(streams[0]!)
  for (let round = 0; round < 100; round++) {
    const last = streams.at(-1)!
    await more(last, (round % 7) * 5 + 1)
    last.close()
    streams.push(resumeStream(sluice, container.name, last.cursor))
  }
  await pace.stop()
  await container.write('stdout', 'end\n')
  await container.logged('end\n', 100)
  await container.write('stderr', 'end of errors\n')
  await streams.at(-1)!.message('end of errors')
  expect(linesOf(...streams)).toEqual(await logOf(container))
})
