/** A reader that falls behind misses no line, and no other reader waits for it. What it costs, the bench measures. */
import { get, type IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import type { Line } from '../../server/wire.ts'
import { uniqueName } from '../engine/engine.ts'
import { useEngine } from '../engine/use-engine.ts'
import { startSluice } from '../sluice/server.ts'
import { openStream } from '../sluice/stream.ts'

const engine = useEngine()
const LINES = 150_000

function openRaw(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => get(url, resolve).on('error', reject))
}

/** Reads on until the message has come; all messages so far, and the number of gaps. */
async function readUntil(response: IncomingMessage, last: string): Promise<{ messages: string[]; gaps: number }> {
  const messages: string[] = []
  let gaps = 0
  let rest = ''
  response.setEncoding('utf8')
  for await (const chunk of response) {
    rest += String(chunk)
    const events = rest.split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) {
      const data = /^data:(.*)$/m.exec(event)?.[1]
      if (event.startsWith('event:gap')) gaps++
      if (event.startsWith('event:message') && data)
        messages.push(...(JSON.parse(data) as Line[]).map(({ message }) => message))
    }
    if (messages.at(-1) === last) break
  }
  return { messages, gaps }
}

it('stops reading while a flood passes, reads on, and has every line once', { timeout: 120_000 }, async () => {
  const sluice = await startSluice({ engine: engine.socket })
  const container = await engine.run({ name: uniqueName() })
  const quick = await openStream(sluice, container.name).live()
  const slow = await openRaw(`${sluice.url}api/containers/${container.name}/logs/stream`)
  slow.pause()
  const template = `line {n} ${'.'.repeat(100)}`
  await container.pace({ lines: LINES, template }).done
  const last = template.replace('{n}', String(LINES - 1))
  await quick.until(({ lines }) => lines.at(-1)?.message === last)
  const { messages, gaps } = await readUntil(slow, last)
  expect(gaps).toBe(0)
  expect(messages).toEqual(Array.from({ length: LINES }, (_, n) => template.replace('{n}', String(n))))
  expect(quick.messages).toEqual(messages)
})
