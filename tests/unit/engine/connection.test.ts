/** What dockerode sends for each question passes the guard: a GET that announces no body. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Connection } from '../../../server/engine/connection.ts'

const ID = '0123456789abcdef'.repeat(4)
const ANSWERS: Readonly<Record<string, unknown>> = {
  '/version': { ApiVersion: '1.45', Version: '28.2.2' },
  '/info': { Name: 'pi' },
  '/_ping': 'OK',
  '/containers/json': [],
  [`/containers/${ID}/json`]: { Id: ID, Name: '/web', State: { Status: 'running' }, Config: {} },
}

describe('Connection', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-unit-'))
  const socketPath = join(folder, 'docker.sock')
  const connection = new Connection({ address: `unix://${socketPath}`, socketPath })
  const asked: string[] = []
  const server = http.createServer((req, res) => {
    const path = req.url?.replace(/\?.*/, '') ?? ''
    asked.push(`${req.method} ${path}`)
    res.setHeader('Content-Type', 'application/json')
    res.end(JSON.stringify(ANSWERS[path] ?? {}))
  })

  beforeAll(async () => {
    server.listen(socketPath)
    await once(server, 'listening')
  })
  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    rmSync(folder, { recursive: true })
  })

  it('asks an engine everything that Sluice needs by GET', async () => {
    const { signal } = new AbortController()
    expect(await connection.identify()).toEqual({ name: 'pi', version: 'Docker 28.2.2' })
    await connection.ping()
    expect(await connection.list((entry) => entry)).toEqual([])
    expect(await connection.inspect(ID)).toMatchObject({ Id: ID })
    for (const stream of [
      await connection.events(undefined, signal),
      await connection.logs(ID, true, { tail: 5, signal }),
    ]) {
      expect(stream.statusCode).toBe(200)
      stream.destroy()
    }
    expect(asked).toEqual([
      'GET /version',
      'GET /info',
      'GET /_ping',
      'GET /containers/json',
      `GET /containers/${ID}/json`,
      'GET /events',
      `GET /containers/${ID}/logs`,
    ])
  })

  it.each(['', 'web', '../../info', `${ID}/kill`, `${ID}?x`, 'A'.repeat(64), '%2e%2e'])(
    'puts no id into a path that is none: %j',
    async (id) => {
      const { signal } = new AbortController()
      const before = asked.length
      const refusal = { name: 'EngineError', code: 'no-container' }
      await expect(connection.inspect(id)).rejects.toMatchObject(refusal)
      await expect(connection.logs(id, false, { tail: 1, signal })).rejects.toMatchObject(refusal)
      expect(asked).toHaveLength(before)
    },
  )

  it('keeps nothing of answers that were read, however long what could end them lives', async () => {
    const { signal } = new AbortController()
    const answers: WeakRef<object>[] = []
    for (let n = 0; n < 10; n++) {
      const answer = await connection.logs(ID, false, { tail: 5, signal })
      answers.push(new WeakRef(answer))
      answer.resume()
      await once(answer, 'close')
    }
    await new Promise(setImmediate)
    setFlagsFromString('--expose-gc')
    runInNewContext('gc')()
    expect(answers.filter((answer) => answer.deref()).length).toBeLessThan(2) // the last may be at hand
    expect(signal.aborted).toBe(false)
  })
})
