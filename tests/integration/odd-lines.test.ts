/** What programs write that looks like what an engine adds, or has no end: on a real engine, every line is as it was written. */
import { describe, expect, it } from 'vitest'
import { MAX_LINE_BYTES } from '../../server/logs/line.ts'
import { uniqueName } from '../engine/engine.ts'
import { useEngine } from '../engine/use-engine.ts'
import { startSluice } from '../sluice/server.ts'
import { openStream } from '../sluice/stream.ts'

const engine = useEngine()

const sh = (script: string) => ['sh', '-c', script]

describe('a TTY', () => {
  it('has one line of a text that looks like the engine’s time, also of a container that was restarted', async () => {
    const text = 'next retry at 2027-11-30T16:49:52.105074204Z ok'
    const container = await engine.run({
      name: uniqueName(),
      tty: true,
      command: sh(`echo '${text}'; printf 'unfinished '`),
    })
    await container.wait()
    await container.start()
    await container.wait()
    const sluice = await startSluice({ engine: engine.socket })
    const stream = await openStream(sluice, container.name).live()
    expect(stream.messages).toEqual([text, 'unfinished ', text, 'unfinished '])
  })

  it('has its lines whole and counted where a character straddles 16 KiB', async () => {
    const script =
      'head -c 16383 /dev/zero | tr "\\0" x; echo "éend"; i=0; while [ $i -lt 600 ]; do echo "line $i"; i=$((i+1)); done'
    const container = await engine.run({ name: uniqueName(), tty: true, command: sh(script) })
    await container.wait()
    const sluice = await startSluice({ engine: engine.socket })
    const some = await openStream(sluice, container.name, 'tail=20').live()
    expect(some.messages).toEqual(Array.from({ length: 20 }, (_, index) => `line ${580 + index}`))
    const all = await openStream(sluice, container.name, 'tail=1000').live()
    // json-file has stored U+FFFD for each half of the character.
    expect([all.messages.length, all.messages[0]]).toEqual([601, `${'x'.repeat(16_383)}\ufffd\ufffdend`])
  })
})

describe.each([false, true])('a program that never ends its line, with tty %s', (tty) => {
  it('shows the first 64 KiB, marked as truncated, while it runs', async () => {
    const container = await engine.run({ name: uniqueName(), tty, command: sh('while :; do printf hello; done') })
    const sluice = await startSluice({ engine: engine.socket })
    const stream = await openStream(sluice, container.name).until(({ lines }) => lines.length > 0)
    await container.kill()
    const [line] = stream.lines
    expect([line?.message, line?.truncated]).toEqual([
      'hello'.repeat(MAX_LINE_BYTES / 5 + 1).slice(0, MAX_LINE_BYTES),
      true,
    ])
    await stream.until(({ states }) => states.some(({ state }) => state === 'died'))
    expect(stream.lines.length).toBe(1)
  })
})
