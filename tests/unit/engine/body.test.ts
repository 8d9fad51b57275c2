/** A body comes whole and in order, most of it past Node's parser, and stops its writer while nobody wants it. */
import type { RequestListener } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Body } from '../../../server/engine/body.ts'
import { ask, serve, WAYS } from './serve.ts'

const LINES = 400_000
const line = (n: number) => `${String(n).padStart(9, '0')}\n`

/** So many numbered lines, as fast as they are taken. */
function answer(headers: Record<string, string>, onWait: () => void = () => {}): RequestListener {
  return async (_req, res) => {
    res.writeHead(200, headers)
    for (let sent = 0; sent < LINES; sent += 1_000) {
      if (res.write(Array.from({ length: 1_000 }, (_, n) => line(sent + n)).join(''))) continue
      onWait()
      await new Promise((resolve) => res.once('drain', resolve))
    }
    res.end()
  }
}

function expectWhole(received: readonly Buffer[]): void {
  const text = Buffer.concat(received).toString('latin1')
  expect(text.length).toBe(LINES * 10)
  const wrong = Array.from({ length: LINES }, (_, n) => n).find((n) => Number(text.slice(n * 10, n * 10 + 9)) !== n)
  expect(wrong).toBe(undefined)
}

it.each(
  WAYS.flatMap((way) => [
    { ...way, coding: 'chunked' },
    { ...way, coding: 'identity' },
  ]),
)('comes over $over, $coding, however often it is paused', async (way) => {
  let waits = 0
  const headers = way.coding === 'chunked' ? {} : { 'Content-Length': String(LINES * 10) }
  const port = await serve(
    answer(headers, () => waits++),
    way.server(),
  )
  const response = await ask(port, way.connect)
  let parsed = 0
  response.on('data', (bytes: Buffer) => {
    parsed += bytes.length
  })
  const received: Buffer[] = []
  let pauses = 0
  const body = new Body(response, (bytes) => {
    received.push(bytes)
    if (received.length % 5 > 0) return
    pauses++
    body.pause()
    setTimeout(() => body.resume(), received.length % 3)
  })
  await new Promise((resolve) => response.once('end', resolve))
  expectWhole(received)
  expect(pauses).toBeGreaterThan(5)
  expect(waits).toBeGreaterThan(0)
  // Of a body with a length the parser has to know when it is whole.
  if (way.coding === 'chunked') expect(parsed).toBeLessThan(LINES * 5)
  else expect(parsed).toBe(LINES * 10)
})

it('comes whole where it is asked for late, and paused at once', async () => {
  const port = await serve(answer({}))
  const response = await ask(port, connect)
  await delay(50) // what fits waits in the response, and in the socket
  const received: Buffer[] = []
  const body = new Body(response, (bytes) => received.push(bytes))
  body.pause()
  await delay(50)
  const before = Buffer.concat(received).length
  await delay(50)
  expect(Buffer.concat(received).length).toBe(before)
  body.resume()
  await new Promise((resolve) => response.once('end', resolve))
  expectWhole(received)
})

it('tells where it is cut', async () => {
  const port = await serve((_req, res) => {
    res.write('half', () => setTimeout(() => res.socket?.destroy(), 20))
  })
  const response = await ask(port, connect)
  const received: Buffer[] = []
  new Body(response, (bytes) => received.push(bytes))
  const outcome = await new Promise((resolve) => response.once('error', resolve).once('end', () => resolve('ended')))
  expect(outcome).toMatchObject({ message: 'aborted' })
  expect(Buffer.concat(received).toString()).toBe('half')
})
