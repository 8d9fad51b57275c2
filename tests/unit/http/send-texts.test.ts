/** An answer in parts: made as it is taken, and given up where nobody takes it. */
import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import express, { type Response } from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { sendParts } from '../../../server/http/send-texts.ts'

const PART = 'x'.repeat(64 * 1024)
const PARTS = 1_000 // more than sockets hold

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** `made`: how many parts were made so far; `done`: when it is over, however it ends. */
async function answerOf(unreadMs?: number) {
  const state = { made: 0, done: Promise.resolve() }
  function* parts() {
    for (let n = 0; n < PARTS; n++) {
      state.made++
      yield PART
    }
  }
  const app = express()
  app.get('/', (_req, res) => {
    state.done = sendParts(parts(), res, unreadMs)
  })
  const server = http.createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const request = http.get({ host: '127.0.0.1', port, agent: false }).on('error', () => {})
  closing.push(() => {
    request.destroy()
    server.close()
    server.closeAllConnections()
  })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return { state, request, response: response.pause().on('error', () => {}) }
}

/** What of a response an answer in parts uses. */
function responseOn(writable: Writable): Response {
  return Object.assign(writable, { req: { socket: { remoteAddress: '127.0.0.1' } } }) as unknown as Response
}

describe('an answer in parts', () => {
  it('is whole, and over when it was taken', async () => {
    const { state, response } = await answerOf()
    let bytes = 0
    for await (const chunk of response) bytes += (chunk as Buffer).length
    await state.done
    expect(bytes).toBe(PARTS * PART.length)
  })

  it('that nobody takes is not made on, and cut after a while', async () => {
    const { state, response } = await answerOf(100)
    await state.done
    expect(state.made).toBeLessThan(PARTS / 2)
    let bytes = 0
    const reading = (async () => {
      for await (const chunk of response) bytes += (chunk as Buffer).length
    })()
    await expect(reading).rejects.toThrow('aborted')
    expect(bytes).toBeLessThan(PARTS * PART.length)
  })

  it('leaves others their turn where the operating system takes every part at once', async () => {
    const perTurn: number[] = [0]
    let timer = setImmediate(next)
    function next() {
      perTurn.push(0)
      timer = setImmediate(next)
    }
    function* parts() {
      for (let n = 0; n < 40; n++) {
        perTurn.push((perTurn.pop() ?? 0) + 1)
        const began = performance.now()
        while (performance.now() - began < 2);
        yield PART
      }
    }
    const taking = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, taken) => process.nextTick(taken) })
    await sendParts(parts(), responseOn(taking))
    clearImmediate(timer)
    expect(perTurn.reduce((sum, made) => sum + made)).toBe(40)
    expect(Math.max(...perTurn)).toBeLessThanOrEqual(3) // the first of 2 ms begins before a slice of 4 ms is over, the last too
  })

  it('ends with its client, without an error', async () => {
    const { state, request } = await answerOf()
    request.destroy()
    await state.done
    expect(state.made).toBeLessThan(PARTS / 2)
  })
})
