/** `docker-compose up --force-recreate`, as it is typed: compose stops the old container, renames it, runs the new one, removes the old. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { uniqueName } from '../engine/engine.ts'
import { ensureBusybox } from '../engine/image.ts'
import { referenceLines } from '../engine/reference.ts'
import { useEngine } from '../engine/use-engine.ts'
import { startSluice } from '../sluice/server.ts'
import { linesOf, more, outline, type Told, told } from '../sluice/story.ts'
import { openStream, resumeStream, Stream } from '../sluice/stream.ts'

const engine = useEngine()
const sluice = await startSluice({ engine: engine.socket })

/** Writes all the time, and has last words. `$$` is compose's way to write a dollar. */
const SCRIPT =
  'trap "echo bye; exit" TERM; echo begin; i=0; while :; do echo "line $$i"; i=$$((i+1)); usleep 5000; done'

let project: string
const folder = mkdtempSync(join(tmpdir(), 'sluice-compose-'))
const file = join(folder, 'docker-compose.json')

async function compose(...args: string[]): Promise<void> {
  const env = { ...process.env, DOCKER_HOST: `unix://${engine.socket}` }
  await promisify(execFile)('docker-compose', ['--file', file, '--project-name', project, ...args], { env })
}

beforeAll(async () => {
  await ensureBusybox(engine.api)
  const web = { image: 'busybox:latest', command: ['sh', '-c', SCRIPT], network_mode: 'none', stop_grace_period: '5s' }
  writeFileSync(file, JSON.stringify({ version: '3.7', services: { web } }))
})

beforeEach(async () => {
  project = uniqueName('shop')
  await compose('up', '--detach')
})

afterEach(() => compose('down'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The container that compose runs now, and its log from first to last, read by Docker's own follow: compose removes the rest. */
async function present(): Promise<{ name: string; log: Promise<Told[]> }> {
  const filters = JSON.stringify({ label: [`com.docker.compose.project=${project}`] })
  const listed = await engine.api.json<{ Id: string; Names: string[] }[]>({
    path: '/containers/json',
    query: { filters },
  })
  const { Id, Names } = listed[0]!
  const query = { stdout: true, stderr: true, timestamps: true, follow: true }
  const follow = await engine.api.open({ path: `/containers/${Id}/logs`, query })
  return {
    name: Names[0]!.slice(1),
    log: buffer(follow).then((bytes) => told(Id, referenceLines(bytes, false))),
  }
}

it('up --force-recreate, twice: the end of the old one, what happened, the new one from its first line', async () => {
  const first = await present()
  const stream = await openStream(sluice, first.name, 'tail=10000').live()
  await more(stream)
  await compose('up', '--detach', '--force-recreate')
  const second = await present()
  await more(stream)
  await compose('up', '--detach', '--force-recreate')
  const third = await present()
  await more(stream)
  await compose('stop')
  await stream.until(({ states }) => states.filter(({ state }) => state === 'stopped').length === 3, 'the third stop')
  expect(linesOf(stream)).toEqual([...(await first.log), ...(await second.log), ...(await third.log)])
  const life = ['begin', '…', 'bye', '[died]', '[stopped]']
  const recreation = ['[renamed]', '[recreated]', '[started]']
  expect(outline(stream, ['[live]'])).toEqual(['[started]', ...life, ...recreation, ...life, ...recreation, ...life])
  expect(stream.gaps).toEqual([])
  expect(stream.opened).toBe(1)
})

it('up --force-recreate while the viewer was away for a moment and another stayed: all of both', async () => {
  const first = await present()
  const stays = await openStream(sluice, first.name, 'tail=10000').live()
  const leaves = await openStream(sluice, first.name, 'tail=10000').live()
  await more(leaves)
  leaves.close()
  await compose('up', '--detach', '--force-recreate')
  const second = await present()
  await more(stays)
  const back = resumeStream(sluice, first.name, leaves.cursor)
  await more(back)
  await compose('stop')
  for (const stream of [stays, back]) {
    await stream.until(({ states }) => states.some(({ state }) => state === 'stopped'), 'the stop')
    await stream.until(({ messages }) => messages.at(-1) === 'bye', 'the last bye')
  }
  expect(linesOf(stays)).toEqual([...(await first.log), ...(await second.log)])
  expect(linesOf(leaves, back)).toEqual(linesOf(stays))
  expect(back.gaps).toEqual([])
})

it('up --force-recreate in the project’s stream: the old one dies once, under its name', async () => {
  const { name } = await present()
  const stream = new Stream(`${sluice.url}api/logs/stream?project=${project}&tail=10`)
  await stream.until(({ arrivals }) => arrivals.some(({ kind }) => kind === 'live'), 'live')
  const states = () => stream.arrivals.flatMap((arrival) => (arrival.kind === 'state' ? arrival.event : []))
  const [first] = states()
  await compose('up', '--detach', '--force-recreate')
  await stream.until(() => states().some(({ state }) => state === 'recreated'), 'the re-creation')
  await stream.until(() => states().some(({ state }) => state === 'removed'), 'the removal')
  const deaths = states().filter(({ state, incarnation }) => state === 'died' && incarnation === first?.incarnation)
  expect(deaths.map(({ container }) => container)).toEqual([name])
  stream.close()
})
