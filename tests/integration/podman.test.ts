/** Podman as the engine: its pieces end anywhere, and have times of their own. */
import { expect, it } from 'vitest'
import { startPodman } from '../engine/podman.ts'
import { startSluice } from '../sluice/server.ts'
import { openStream } from '../sluice/stream.ts'

const podman = await startPodman()

/** On a busy machine Podman takes its time to answer at all. */
const connected = (url: string) =>
  expect.poll(async () => (await fetch(`${url}api/containers`)).status, { timeout: 30_000 }).toBe(200)

it('shows 20 000 lines, which conmon cuts wherever its buffer ends, byte for byte as podman logs does', async () => {
  podman.run('counting', 'i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done')
  const sluice = await startSluice({ engine: podman.socket })
  await connected(sluice.url)
  const answer = await fetch(`${sluice.url}api/containers/counting/logs?format=text`)
  const text = Buffer.from(await answer.arrayBuffer())
  expect(text.equals(podman.logs('counting'))).toBe(true)
  const lines = Array.from({ length: 20_000 }, (_, number) => `line ${number}`)
  expect(text.toString()).toBe(lines.map((line) => `${line}\n`).join(''))
  const stream = await openStream(sluice, 'counting', 'tail=500').live()
  expect([stream.messages, stream.gaps]).toEqual([lines.slice(-500), []])
})

it('joins the pieces of long and slow lines, and characters that a piece cuts', async () => {
  const script = [
    'head -c 20000 /dev/zero | tr "\\0" a; echo; printf part; sleep 1; echo tial',
    'i=0; while [ $i -lt 3000 ]; do echo "é€🐳 $i"; i=$((i+1)); done',
  ]
  podman.run('slow', script.join('; '))
  const sluice = await startSluice({ engine: podman.socket })
  await connected(sluice.url)
  const answer = await fetch(`${sluice.url}api/containers/slow/logs?format=text`)
  const text = await answer.text()
  expect(text).toBe(podman.logs('slow').toString())
  expect(text.split('\n').length - 1).toBe(3_002)
  const stream = await openStream(sluice, 'slow', 'tail=10000').live()
  expect(stream.messages.map((message) => `${message}\n`).join('')).toBe(text)
})
