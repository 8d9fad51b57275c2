/** A stream read as a person reads it down the page, Docker's own log to hold it against, and containers that never fall silent. */
import type { Container, RunOptions } from '../engine/container.ts'
import { type Engine, uniqueName } from '../engine/engine.ts'
import type { ReferenceLine } from '../engine/reference.ts'
import { type StreamName, WRITER_COMMAND } from '../engine/writer.ts'
import type { Stream } from './stream.ts'

/** What a line is when it is compared; the incarnation says whose it is. */
export interface Told {
  readonly incarnation: string
  readonly time: string
  readonly stream: 'stdout' | 'stderr'
  readonly message: string
}

/** Every line of the streams, in the order of arrival. */
export function linesOf(...streams: readonly Stream[]): Told[] {
  return streams.flatMap(({ arrivals }) =>
    arrivals.flatMap((arrival) => {
      if (arrival.kind !== 'lines') return []
      const incarnation = arrival.id.slice(0, 12)
      return arrival.lines.map(({ time, stream, message }) => ({ incarnation, time, stream, message }))
    }),
  )
}

/** The same of Docker's log. */
export async function logOf(container: Container): Promise<Told[]> {
  return told(container.id, await container.lines())
}

export function told(id: string, lines: readonly ReferenceLine[]): Told[] {
  return lines.map(({ time, stream, text }) => ({ incarnation: id.slice(0, 12), time, stream, message: text }))
}

/**
 * States, gaps and lines from top to bottom: `[started]`, `[gap removed]`, `[live]`, `begin`; any number of numbered lines one
 * after the other are `…`. `without`: parts whose place is not told by what happened.
 */
export function outline({ arrivals }: Stream, without: readonly string[] = []): string[] {
  const parts = arrivals.flatMap((arrival) => {
    if (arrival.kind === 'lines') return arrival.lines.map(({ message }) => message.replace(/^line \d+$/, '…'))
    if (arrival.kind === 'state') return [`[${arrival.event.state}]`]
    if (arrival.kind === 'gap') return [`[gap ${arrival.event.reason}]`]
    return arrival.kind === 'live' ? ['[live]'] : []
  })
  const kept = parts.filter((part) => !without.includes(part))
  // Docker tells of a start some milliseconds after a run's first lines, which wait for nothing.
  for (let index = kept.indexOf('begin'); index >= 0; index = kept.indexOf('begin', index + 2)) {
    let next = index + 1
    while (kept[next] === '…') next++
    if (kept[next] === '[started]' && kept[index - 1] !== '[started]') kept.splice(index, 0, ...kept.splice(next, 1))
  }
  return kept.filter((part, index) => part !== '…' || kept[index - 1] !== '…')
}

/** The writer, which says `begin` first: each run of a container can be told from the one before. */
export async function runTalker(engine: Engine, options: Partial<RunOptions> = {}): Promise<Container> {
  const container = await engine.run({ name: uniqueName(), ...talker(), ...options })
  await container.logged('begin\n')
  return container
}

function talker(): Partial<RunOptions> {
  const [shell = '', flag = '', script = ''] = WRITER_COMMAND
  return { command: [shell, flag, `echo begin\n${script}`], config: { StopSignal: 'SIGKILL' } }
}

const LINES_PER_SECOND = 500
const LINES_BESIDE = 50 // seen before a fault, and again after it

/**
 * Has the container write numbered lines before, during and after `fault`, until `stream` shows them again; then `end`. With
 * both streams Docker may log an early line of errors before `begin`.
 */
export async function whileWriting(
  container: Container,
  stream: Stream,
  fault: () => Promise<unknown>,
  streams: readonly StreamName[] = ['stdout'],
): Promise<void> {
  const pace = container.pace({ lines: 1e6, perSecond: LINES_PER_SECOND, streams })
  await more(stream)
  await fault()
  await more(stream)
  await pace.stop()
  await end(container, stream)
}

/** Until the stream has brought many more lines than now. */
export async function more(stream: Stream, count = LINES_BESIDE): Promise<void> {
  const seen = stream.lines.length
  await stream.until(({ lines }) => lines.length >= seen + count, `${count} more lines than ${seen}`)
}

/** Writes the container's last line to each stream, and waits until they have arrived: everything before them has then, too. */
export async function end(container: Container, stream: Stream): Promise<void> {
  const incarnation = container.id.slice(0, 12)
  await container.write('stdout', 'end\n')
  await container.logged('end\n', 1_000)
  await container.write('stderr', 'end of errors\n')
  await stream.until(
    () => linesOf(stream).some((line) => line.incarnation === incarnation && line.message === 'end of errors'),
    `the end of ${container.name}`,
  )
}

/** Until one more state of this kind than now, and what stands before it, has arrived. */
export async function state(stream: Stream, wanted: string, act: () => Promise<unknown>): Promise<void> {
  const count = () => stream.states.filter((event) => event.state === wanted).length
  const before = count()
  await act()
  await stream.until(() => count() > before, `another state ${wanted}`)
}
