/** Many containers in one stream: complete for each, in its own order, by time among each other, and exact when it is cut. */
import { afterAll, describe, expect, it } from 'vitest'
import { incarnationOf } from '../../server/logs/cursor.ts'
import type { MergedLine, Problem } from '../../server/wire.ts'
import type { Container, RunOptions } from '../engine/container.ts'
import { uniqueName } from '../engine/engine.ts'
import { startFaultProxy } from '../engine/fault-proxy.ts'
import { useEngine } from '../engine/use-engine.ts'
import type { StreamName } from '../engine/writer.ts'
import { lastId, linesIn, type RawEvent, RawStream } from '../sluice/raw-stream.ts'
import { startSluice } from '../sluice/server.ts'
import { logOf, type Told } from '../sluice/story.ts'
import { openMerged, type Stream } from '../sluice/stream.ts'

const engine = useEngine()
const proxy = await startFaultProxy(engine.socket)
afterAll(() => proxy.close())
const sluice = await startSluice({ engine: proxy.socket })

const BOTH: readonly StreamName[] = ['stdout', 'stderr']

/** So many containers of one label, `group=<name>`. */
async function runGroup(
  count: number,
  options: Partial<RunOptions> = {},
): Promise<{ group: string; containers: Container[] }> {
  const group = uniqueName('group')
  const containers = await Promise.all(
    Array.from({ length: count }, () => engine.run({ name: uniqueName(), labels: { group }, ...options })),
  )
  return { group, containers }
}

/** Writes the last line of each, on both streams, until Docker has them. */
async function end(...containers: readonly Container[]): Promise<void> {
  await Promise.all(
    containers.map(async (container) => {
      await container.write('stdout', 'end\n')
      await container.logged('end\n', 2_000)
      await container.write('stderr', 'end of errors\n')
      await container.logged('end of errors\n', 2_000)
    }),
  )
}

/** Until the last line of each has come. */
async function ended(stream: Stream, ...containers: readonly Container[]): Promise<void> {
  for (const { id, name } of containers) {
    const isEnd = ({ incarnation, message }: MergedLine) =>
      incarnation === incarnationOf(id) && message === 'end of errors'
    await stream.until(({ lines }) => (lines as MergedLine[]).some(isEnd), `the end of ${name}`)
  }
}

function linesOf(lines: readonly MergedLine[], { id }: Container): Told[] {
  return lines
    .filter(({ incarnation }) => incarnation === incarnationOf(id))
    .map(({ incarnation, time, stream, message }) => ({ incarnation, time, stream, message }))
}

/** Of each its whole log, once and in its order. */
async function expectWhole(lines: readonly MergedLine[], containers: readonly Container[]): Promise<void> {
  for (const container of containers) expect(linesOf(lines, container)).toEqual(await logOf(container))
}

/** By time but for what is marked late. A line that is stamped before one above it in its own log counts as of that one's time. */
function expectOrdered(lines: readonly MergedLine[]): void {
  const own = new Map<string, string>()
  let latest = ''
  const wrong = lines.filter(({ container, time, late = false }) => {
    const before = own.get(container) ?? ''
    const counts = time > before ? time : before
    own.set(container, counts)
    const isLate = counts < latest
    if (!isLate) latest = counts
    return isLate !== late
  })
  expect(wrong).toEqual([])
}

const mergedLines = ({ lines }: Stream) => lines as MergedLine[]
const addressOf = (query: string) => `${sluice.url}api/logs/stream?${query}`

describe('what a merged stream shows', () => {
  it('is chosen by container, by project and by label, or is everything; each log complete, and all by time', async () => {
    const project = uniqueName('project')
    const { group, containers: labelled } = await runGroup(2)
    const composed = await engine.run({
      name: uniqueName(),
      labels: { 'com.docker.compose.project': project, 'com.docker.compose.service': 'web', group },
    })
    const single = await engine.run({ name: uniqueName() })
    const all = [...labelled, composed, single]
    const names = (some: readonly Container[]) => some.map(({ name }) => `container=${name}`).join('&')
    const choices: [query: string, chosen: Container[]][] = [
      [names([single, composed]), [single, composed]],
      [`${names([single])}&${names([single])}`, [single]],
      [`project=${project}`, [composed]],
      [`label=group=${group}`, [...labelled, composed]],
      [`project=${project}&${names([single])}`, [composed, single]],
      [`label=group=${group}&label=nowhere&wait=true`, [...labelled, composed]],
      ['', all],
    ]
    for (const container of all) await container.write('stdout', 'in the backlog\n')
    for (const container of all) await container.logged('in the backlog\n')
    const streams = await Promise.all(
      choices.map(async ([query, chosen]) => ({ stream: await openMerged(sluice, query).live(), chosen, query })),
    )
    const paces = all.map((container) => container.pace({ lines: 200, perSecond: 200, streams: BOTH }))
    await Promise.all(paces.map(({ done }) => done))
    await end(...all)
    for (const { stream, chosen, query } of streams) {
      await ended(stream, ...chosen)
      const lines = mergedLines(stream)
      await expectWhole(lines, chosen)
      expectOrdered(lines)
      if (query !== '')
        expect(new Set(lines.map(({ container }) => container))).toEqual(new Set(chosen.map(({ name }) => name)))
      stream.close()
    }
  })

  it('goes through a filter as that of one container does', async () => {
    const { group, containers } = await runGroup(3)
    const stream = await openMerged(sluice, `label=group=${group}&stream=stderr&not=7`).live()
    await Promise.all(containers.map((container) => container.pace({ lines: 200, streams: BOTH }).done))
    await end(...containers)
    await ended(stream, ...containers)
    for (const container of containers) {
      const wanted = (await logOf(container)).filter((line) => line.stream === 'stderr' && !line.message.includes('7'))
      expect(linesOf(mergedLines(stream), container)).toEqual(wanted)
    }
    stream.close()
  })

  it.each([
    ['container', 'web'],
    ['project', 'shop'],
    ['label', 'tier'],
  ])('is 404 where a %s names nothing, unless it is to wait or has been there before', async (parameter, stem) => {
    const name = uniqueName(stem)
    const labels = { 'com.docker.compose.project': name, 'com.docker.compose.service': 'x', [name]: 'yes' }
    await engine.run({ name, labels })
    // One that has only just started is there.
    const there = await new RawStream(addressOf(`${parameter}=${name}`)).live()
    there.close()
    const query = `${parameter}=${name}x`
    const answer = await fetch(addressOf(query))
    expect(answer.status).toBe(404)
    const problem = (await answer.json()) as Problem
    expect(problem.detail).toContain(`${name}x`)
    if (parameter !== 'label') expect(problem.closest).toContain(name)
    const cursor = '0123456789ab.1795341723.114000001.0'
    for (const stream of [
      new RawStream(addressOf(`${query}&wait=true`)),
      new RawStream(addressOf(query), { 'Last-Event-ID': cursor }),
    ]) {
      await stream.live()
      expect(stream.status).toBe(200)
      stream.close()
    }
  })
})

describe('containers that come and go', () => {
  it('join from their first line, go on when they are run again, and are told once under a new name', async () => {
    const {
      group,
      containers: [first],
    } = await runGroup(1)
    const labels = { group }
    const stream = await openMerged(sluice, `label=group=${group}`).live()
    const pace = first!.pace({ lines: 1e6, perSecond: 100, streams: BOTH })

    // It writes at once, before anybody can know of it.
    const command = [
      'sh',
      '-c',
      'for n in $(seq 500); do echo "young $n"; echo "young error $n" >&2; done; exec sleep 1000',
    ]
    const young = await engine.run({ name: uniqueName(), labels, command })
    await young.logged('young error 500\n')
    await stream.until(
      ({ messages }) => messages.includes('young error 500') && messages.includes('young 500'),
      'the newcomer',
    )
    expect(linesOf(mergedLines(stream), young)).toEqual(await logOf(young))

    const name = uniqueName()
    const second = await engine.run({ name, labels })
    await second.pace({ lines: 100, streams: BOTH }).done
    await end(second)
    await ended(stream, second)
    await expectWhole(mergedLines(stream), [second])
    await second.remove()
    const third = await engine.run({ name, labels })
    await third.pace({ lines: 100, streams: BOTH }).done
    await end(third)
    await ended(stream, third)
    await expectWhole(mergedLines(stream), [third])
    expect(linesOf(mergedLines(stream), second)).toHaveLength(102)

    const renaming = third.pace({ lines: 1e6, perSecond: 200, streams: BOTH, template: 'renamed {n}' })
    const count = () => linesOf(mergedLines(stream), third).length
    const before = count()
    await stream.until(() => count() >= before + 50, 'lines before the new name')
    await third.rename(`${name}-old`)
    const between = count()
    await stream.until(
      () =>
        mergedLines(stream).filter(({ container }) => container === `${name}-old`).length >= 50 && count() > between,
      'lines under the new name',
    )
    await renaming.stop()
    await pace.stop()
    await third.write('stdout', 'the very end\n')
    await stream.message('the very end')
    await end(first!)
    await ended(stream, first!)
    await expectWhole(mergedLines(stream), [first!])
    // Two names meet at the moment of the renaming, each in the order of its own lines.
    const inTime = (lines: readonly Told[]) =>
      lines.toSorted((a, b) => (`${a.time} ${a.message}` < `${b.time} ${b.message}` ? -1 : 1))
    expect(inTime(linesOf(mergedLines(stream), third))).toEqual(inTime(await logOf(third)))
    expect(stream.gaps).toEqual([])
    stream.close()
  })
})

describe('a name that passes from one to another, both in the stream', () => {
  it('shows nothing twice of who comes to it, nor of who lost it', async () => {
    const { group, containers } = await runGroup(2)
    const [old, next] = containers as [Container, Container]
    const { name } = old
    const stream = await openMerged(sluice, `label=group=${group}`).live()
    for (const container of containers) {
      await container.pace({ lines: 200, streams: BOTH }).done
      await container.write('stdout', `before ${container.name}\n`)
      await stream.message(`before ${container.name}`)
    }
    await old.rename(`${name}-old`)
    await next.rename(name)
    for (const container of containers) await container.pace({ lines: 200, streams: BOTH, first: 200 }).done
    await end(...containers)
    await ended(stream, ...containers)
    const inTime = (lines: readonly Told[]) =>
      lines.toSorted((a, b) => (`${a.time} ${a.message}` < `${b.time} ${b.message}` ? -1 : 1))
    for (const container of containers)
      expect(inTime(linesOf(mergedLines(stream), container))).toEqual(inTime(await logOf(container)))
    const names = mergedLines(stream).filter(({ incarnation }) => incarnation === incarnationOf(next.id))
    expect(names.at(-1)?.container).toBe(name)
    expect(stream.gaps).toEqual([])
    stream.close()
  })
})

describe('a container that cannot be read', () => {
  it('holds nobody up: its driver keeps no log', async () => {
    const { group, containers } = await runGroup(2)
    const mute = await engine.run({ name: uniqueName(), labels: { group }, logDriver: 'none' })
    const stream = await openMerged(sluice, `label=group=${group}`).live()
    await stream.until(({ gaps }) => gaps.length > 0, 'the gap')
    expect(stream.gaps).toMatchObject([{ container: mute.name, reason: 'unreadable-driver', driver: 'none' }])
    await Promise.all(containers.map((container) => container.pace({ lines: 100, streams: BOTH }).done))
    await end(...containers)
    await ended(stream, ...containers)
    await expectWhole(mergedLines(stream), containers)
    stream.close()
  })

  it('holds nobody up: its reads hang; and it is complete when they go on', async () => {
    const { group, containers } = await runGroup(3)
    const [hanging, ...others] = containers
    for (const container of containers) await container.write('stdout', 'backlog\n')
    for (const container of containers) await container.logged('backlog\n')
    const release = proxy.stall({ path: new RegExp(`${hanging!.id}/logs`) })
    const stream = await openMerged(sluice, `label=group=${group}`).live()
    await Promise.all(containers.map((container) => container.pace({ lines: 100, streams: BOTH }).done))
    await end(...containers)
    await ended(stream, ...others)
    await expectWhole(mergedLines(stream), others)
    expect(linesOf(mergedLines(stream), hanging!)).toEqual([])
    release()
    await ended(stream, hanging!)
    await expectWhole(mergedLines(stream), containers)
    expectOrdered(mergedLines(stream))
    stream.close()
  })
})

describe('a merged stream that is cut', () => {
  it('goes on exactly where it was, 20 times over, while 5 containers write on both streams', {
    timeout: 120_000,
  }, async () => {
    const { group, containers } = await runGroup(5)
    const query = `label=group=${group}&tail=10000`
    const paces = containers.map((container) => container.pace({ lines: 1e6, perSecond: 200, streams: BOTH }))
    const segments: MergedLine[][] = []
    let id = ''
    const next = (cut: number) => {
      if (id === '') return new RawStream(addressOf(query))
      // Both ways in which a client may come back.
      return cut % 2
        ? new RawStream(addressOf(query), { 'Last-Event-ID': id })
        : new RawStream(addressOf(`${query}&after=${id}`))
    }
    for (let cut = 0; cut < 20; cut++) {
      const wanted = 1 + ((cut * 37) % 61)
      const stream = next(cut)
      await stream.until((events) => events.length >= wanted, `${wanted} events`)
      const seen = stream.events.slice(0, wanted)
      segments.push(linesIn(seen))
      id = lastId(seen) || id
      expect(stream.gaps).toEqual([])
      stream.close()
    }
    await Promise.all(paces.map((pace) => pace.stop()))
    await end(...containers)
    const last = openMerged(sluice, query, { 'Last-Event-ID': id })
    await ended(last, ...containers)
    segments.push(mergedLines(last))
    await expectWhole(segments.flat(), containers)
    for (const lines of segments) expectOrdered(lines)
    last.close()
  })

  it('after any of its events goes on with the rest, and nothing twice', async () => {
    const { group, containers } = await runGroup(4)
    await Promise.all(containers.map((container) => container.pace({ lines: 400, perSecond: 400, streams: BOTH }).done))
    await end(...containers)
    const stream = await new RawStream(addressOf(`label=group=${group}&tail=10000`)).live()
    const { events } = stream
    stream.close()
    await expectWhole(linesIn(events), containers)
    const first = events.findIndex(({ id }) => id !== undefined)
    for (let cut = first + 1; cut <= events.length; cut += Math.max(1, Math.floor(events.length / 12))) {
      const seen = events.slice(0, cut)
      const back = await new RawStream(
        addressOf(`label=group=${group}&after=${encodeURIComponent(lastId(seen))}`),
      ).live()
      await expectWhole([...linesIn(seen), ...back.lines], containers)
      expect(back.gaps).toEqual([])
      back.close()
    }
  })

  it('resumes over 50 containers, by the header and by the address', { timeout: 120_000 }, async () => {
    const { group, containers } = await runGroup(8)
    // Nothing runs in the others: they count all the same, with the beginning of their logs.
    const idle = await Promise.all(
      Array.from({ length: 42 }, () => engine.create({ name: uniqueName(), labels: { group } })),
    )
    const query = `label=group=${group}`
    const stream = await new RawStream(addressOf(query)).live()
    await Promise.all(containers.map((container) => container.pace({ lines: 50, perSecond: 100, streams: BOTH }).done))
    await end(...containers)
    const last = (events: readonly RawEvent[]) => linesIn(events).filter(({ message }) => message === 'end of errors')
    await stream.until((events) => last(events).length === containers.length, 'every end')
    const { events } = stream
    stream.close()
    await idle[0]!.start()
    await end(idle[0]!)
    const first = events.findIndex(({ id }) => id !== undefined) + 1
    for (const cut of [first, Math.ceil((first + events.length) / 2), events.length]) {
      const seen = events.slice(0, cut)
      const id = lastId(seen)
      expect(id.split(',')).toHaveLength(50)
      for (const back of [
        new RawStream(addressOf(query), { 'Last-Event-ID': id }),
        new RawStream(addressOf(`${query}&after=${id}`)),
      ]) {
        await back.live()
        // Docker has it, and Sluice may not have heard of the start yet.
        await back.until((events) => last(events).some(({ container }) => container === idle[0]?.name), 'the last end')
        await expectWhole([...linesIn(seen), ...back.lines], [...containers, ...idle])
        expect(back.gaps).toEqual([])
        back.close()
      }
    }
  })
})

// Together, as the second is a wait.
describe.concurrent('a merged viewer', () => {
  it('that stops reading while a flood passes loses nothing, and no other waits', { timeout: 120_000 }, async () => {
    const FLOOD = 10_000
    const { group, containers } = await runGroup(3)
    const query = `label=group=${group}&tail=0`
    const quick = await openMerged(sluice, query).live()
    const slow = await new RawStream(addressOf(query)).live()
    slow.pause()
    const template = `{n} ${'.'.repeat(300)}`
    await Promise.all(containers.map((container) => container.pace({ lines: FLOOD, template }).done))
    await end(...containers)
    await ended(quick, ...containers)
    slow.resume()
    await slow.until((events) => events.filter(({ data }) => data?.includes('"end of errors"')).length > 0, 'an end')
    let looked = 0
    let ends = 0
    await slow.until((events) => {
      ends += linesIn(events.slice(looked)).filter(({ message }) => message === 'end of errors').length
      looked = events.length
      return ends === containers.length
    }, 'every end')
    for (const lines of [slow.lines, mergedLines(quick)]) {
      for (const container of containers) {
        const wanted = await logOf(container)
        const got = linesOf(lines, container)
        expect(got.length).toBe(wanted.length)
        expect(
          got.findIndex(
            ({ time, message }, index) => time !== wanted[index]?.time || message !== wanted[index]?.message,
          ),
        ).toBe(-1)
      }
    }
    expect(slow.gaps).toEqual([])
    slow.close()
    quick.close()
  })

  it('lets go of every container when it leaves: 10 s later no follow is left at the engine', async () => {
    const { group, containers } = await runGroup(6)
    const apart = await startFaultProxy(engine.socket)
    const other = await startSluice({ engine: apart.socket })
    const streams = [1, 2, 3].map(() => openMerged(other, `label=group=${group}`))
    await Promise.all(streams.map((stream) => stream.live()))
    await Promise.all(containers.map((container) => container.write('stdout', 'to all\n')))
    for (const stream of streams) await stream.until(({ lines }) => lines.length >= containers.length, 'a line of each')
    await apart.until(({ openFollows }) => openFollows === containers.length)
    for (const stream of streams) stream.close()
    await apart.until(({ openFollows }) => openFollows === 0, 20_000)
    await other.stop()
    await apart.close()
  })
})
