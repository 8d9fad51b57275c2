/** The image as people run it: built from the Dockerfile, started by docker-compose.yml, a container's lines read through it. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EventSource } from 'eventsource'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NODE_FLAGS } from '../../scripts/node-flags.js'
import { importNodeImage } from '../engine/node-image.ts'
import { paceLine } from '../engine/pace.ts'
import { useOwnDaemon } from '../engine/use-engine.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Half a minute with a near registry; the packages are what takes the time. */
const BUILD_DEADLINE_MS = 300_000

// Never an engine that somebody uses: a stand-in called node:24-alpine would be in their way.
const own = useOwnDaemon()
let compose: (...args: string[]) => Promise<string>
let origin: string

beforeAll(async () => {
  const { daemon, engine } = own
  await importNodeImage(engine.api, 'node:24-alpine')
  const port = await freePort()
  origin = `http://127.0.0.1:${port}`
  // All that differs from a person's machine is where the engine's socket is.
  const override = join(daemon.dir, 'override.json')
  const volumes = [`${daemon.socket}:/var/run/docker.sock:ro`]
  writeFileSync(override, JSON.stringify({ services: { sluice: { volumes } } }))
  const files = ['-f', join(ROOT, 'docker-compose.yml'), '-f', override, '--project-directory', ROOT]
  compose = (...args) => run('docker-compose', [...files, '-p', 'sluice', ...args], { SLUICE_PORT: String(port) })

  await run('docker', ['build', '--network', 'host', '--tag', 'sluice', ROOT], { DOCKER_BUILDKIT: '0' })
  await compose('up', '--detach', '--no-build')
}, BUILD_DEADLINE_MS)

afterAll(() => compose('down', '--timeout', '5'))

test('shows the lines of a container as they are written, hardened as the compose file has it', async () => {
  const web = await own.engine.run({ name: 'web' })
  await web.write('stdout', 'before anybody looked\n')
  await web.logged('before anybody looked\n')
  await ready()

  const stream = new EventSource(`${origin}/api/containers/web/logs/stream`)
  try {
    const messages: string[] = []
    const expected = ['before anybody looked', ...Array.from({ length: 500 }, (_, n) => paceLine('line {n}', n))]
    const live = new Promise((resolve) => stream.addEventListener('live', resolve))
    const complete = new Promise<void>((resolve) => {
      stream.addEventListener('message', ({ data }) => {
        messages.push(...(JSON.parse(data) as { message: string }[]).map(({ message }) => message))
        if (messages.length >= expected.length) resolve()
      })
    })
    await live
    await web.pace({ lines: 500, perSecond: 1000 }).done
    await complete
    expect(messages).toEqual(expected)
  } finally {
    stream.close()
  }

  const { Config, HostConfig, Mounts } = await inspect()
  expect(Config.Cmd).toEqual(['node', ...NODE_FLAGS, 'server.js'])
  expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges:true'] })
  expect(Mounts).toMatchObject([{ Destination: '/var/run/docker.sock', RW: false }])
})

test('serves the page', async () => {
  await ready()
  const page = await fetch(origin)
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('<title>Sluice')
})

test('answers its own health check without a shell', async () => {
  await ready()
  const { Config } = await inspect()
  const [kind, ...command] = Config.Healthcheck.Test
  expect(kind).toBe('CMD')
  await run('docker', ['exec', await id(), ...command])
  await expect(run('docker', ['exec', '--env', 'SLUICE_PORT=1', await id(), ...command])).rejects.toMatchObject({
    code: 1,
  })
})

test('holds the bundle and the page, and no packages', async () => {
  const files = await run('docker', ['exec', await id(), 'find', '/sluice', '-type', 'f'])
  const outside = files
    .trim()
    .split('\n')
    .filter((path) => !/^\/sluice\/(server\.js|package\.json|THIRD-PARTY-LICENSES\.txt|web\/.*)$/.test(path))
  expect(outside).toEqual([])
})

test('stops at once when it is told to', async () => {
  await ready()
  const began = performance.now()
  await compose('stop', '--timeout', '30')
  expect(performance.now() - began).toBeLessThan(10_000)
  expect((await inspect()).State).toMatchObject({ Status: 'exited', ExitCode: 0 })
  await compose('start')
})

interface Inspected {
  State: { Status: string; ExitCode: number }
  Config: { Cmd: string[]; Healthcheck: { Test: string[] } }
  HostConfig: object
  Mounts: object[]
}

async function id(): Promise<string> {
  return (await compose('ps', '--quiet', 'sluice')).trim()
}

async function inspect(): Promise<Inspected> {
  return own.engine.api.json<Inspected>({ path: `/containers/${await id()}/json` })
}

/** Until it serves. Asked again and again, as by whoever starts it: nothing outside of it knows. */
async function ready(): Promise<void> {
  await expect.poll(status, { timeout: 20_000, interval: 50 }).toBe(200)
}

function status(): Promise<number> {
  return new Promise((resolve) => {
    get(`${origin}/healthz`, (response) => resolve(response.resume().statusCode ?? 0)).on('error', () => resolve(0))
  })
}

function run(program: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const variables = { ...process.env, DOCKER_HOST: `unix://${own.daemon.socket}`, ...env }
  const options = { env: variables, maxBuffer: 16 * 1024 * 1024 }
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      // A build says on stdout what went wrong.
      if (error)
        reject(Object.assign(error, { message: `${error.message}\n${stdout.slice(-5000)}\n${stderr.slice(-1000)}` }))
      else resolve(stdout)
    })
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
