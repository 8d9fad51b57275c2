/** Sluice as a process: how it starts, refuses to start, and stops. */

import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { uniqueName } from '../engine/engine.ts'
import { useEngine } from '../engine/use-engine.ts'
import { runSluice, SERVER, startSluice } from '../sluice/server.ts'
import { openStream } from '../sluice/stream.ts'

const engine = useEngine()

it.each(['SIGTERM', 'SIGINT'] as const)('%s ends streams with a retry and exits with 0 within 2 s', async (signal) => {
  const sluice = await startSluice({ engine: engine.socket })
  const container = await engine.run({ name: uniqueName() })
  const address = `${sluice.url}api/containers/${container.name}/logs/stream`
  await (await openStream(sluice, container.name).live()).live()
  const body = await new Promise<string>((resolve, reject) => {
    get(address, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.once('data', () => {
        const stopping = Date.now()
        sluice.stop(signal).then((code) => {
          expect(code).toBe(0)
          expect(Date.now() - stopping).toBeLessThan(2_000)
        }, reject)
      })
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve(text))
      response.on('error', reject)
    })
  })
  expect(body).toMatch(/retry:500\n\n$/)
})

it('a stream goes on where it was when Sluice is killed and started again', async () => {
  const first = await startSluice({ engine: engine.socket })
  const container = await engine.run({ name: uniqueName() })
  const stream = await openStream(first, container.name).live()
  await container.pace({ lines: 20, template: 'first {n}' }).done
  await stream.message('first 19')
  await first.stop('SIGKILL')
  await container.pace({ lines: 700, template: 'meanwhile {n}' }).done
  const { port } = new URL(first.url)
  await startSluice({ engine: engine.socket, args: ['--port', port] })
  await container.write('stdout', 'second\n')
  await stream.message('second')
  const numbered = (stem: string, count: number) => Array.from({ length: count }, (_, n) => `${stem} ${n}`)
  expect(stream.messages).toEqual([...numbered('first', 20), ...numbered('meanwhile', 700), 'second'])
  expect(stream.opened).toBe(2)
})

it.each([
  [['--prot', '80'], 'sluice: --prot is not a setting; did you mean --port?\n'],
  [['--port', 'x'], 'sluice: --port "x": must be a number from 0 to 65535\n'],
  [
    ['--docker-host', 'ftp://x'],
    'sluice: --docker-host "ftp://x": must be unix:///path, tcp://host:port or https://host:port\n',
  ],
  [['serve'], 'sluice: "serve" is not an option; options begin with --\n'],
])('%j is refused in one line, with exit code 2', async (args, message) => {
  expect(await runSluice({ args })).toEqual({ code: 2, stdout: '', stderr: message })
})

it('an unknown variable is refused with the nearest one', async () => {
  const { code, stderr } = await runSluice({ env: { SLUICE_PROT: '80' } })
  expect([code, stderr]).toEqual([2, 'sluice: SLUICE_PROT is not a setting; did you mean SLUICE_PORT?\n'])
})

it('DOCKER_HOST that is no address is refused in one line, with exit code 2', async () => {
  const { code, stderr } = await runSluice({ env: { DOCKER_HOST: 'tcp://host:99999' } })
  const forms = 'unix:///path, tcp://host:port or https://host:port'
  expect([code, stderr]).toEqual([2, `sluice: DOCKER_HOST "tcp://host:99999": must be ${forms}\n`])
})

it('serves in a cluster with a Service called sluice, and warns of a variable that is nothing like a setting', async () => {
  const env = {
    SLUICE_PORT: 'tcp://10.0.0.1:8080',
    SLUICE_SERVICE_HOST: '10.0.0.1',
    SLUICE_PORT_8080_TCP: 'tcp://10.0.0.1:8080',
    SLUICE_TOKEN: 'x',
  }
  const sluice = await startSluice({ engine: engine.socket, env })
  expect((await fetch(`${sluice.url}healthz`)).status).toBe(200)
  expect(sluice.log()).toContain('SLUICE_TOKEN is not a setting')
  expect(sluice.log()).not.toMatch(/SLUICE_(?:PORT|SERVICE)/)
})

it('a port in use is told in one line, with exit code 2', async () => {
  const server = createServer()
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
  const { code, stderr } = await runSluice({ args: ['--port', String(port)] })
  server.close()
  expect([code, stderr]).toEqual([2, `sluice: port ${port} on 127.0.0.1 is in use; choose another with --port\n`])
})

it('keeps a connection for longer than a reverse proxy does, which would else send a request into its end', async () => {
  const sluice = await startSluice({ engine: engine.socket })
  const { headers } = await fetch(`${sluice.url}healthz`)
  expect(Number(/timeout=(\d+)/.exec(headers.get('keep-alive') ?? '')?.[1])).toBeGreaterThan(60)
})

it('--healthcheck says whether a Sluice serves', async () => {
  const sluice = await startSluice({ engine: engine.socket })
  const { port } = new URL(sluice.url)
  expect((await runSluice({ args: ['--healthcheck', '--port', port] })).code).toBe(0)
  await sluice.stop()
  expect((await runSluice({ args: ['--healthcheck', '--port', port] })).code).toBe(1)
})

it('is built as ASCII: of a file with one other character V8 keeps two bytes for each there is', () => {
  const bytes = readFileSync(SERVER)
  const at = bytes.findIndex((byte) => byte > 0x7f)
  expect(at < 0 ? '' : bytes.toString('utf8', at - 40, at + 40)).toBe('')
})

it('serves under a base', async () => {
  const sluice = await startSluice({ engine: engine.socket, args: ['--base', '/tools/logs/'] })
  expect(new URL(sluice.url).pathname).toBe('/tools/logs')
  const page = await (await fetch(sluice.url)).text()
  expect(page).toContain('<base href="logs/"')
  expect((await fetch(new URL('/healthz', sluice.url))).status).toBe(404)
  expect((await fetch(`${sluice.url}/healthz`)).status).toBe(200)
})
