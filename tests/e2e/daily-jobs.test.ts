/** What people on call do each day, with keys and taps counted. Seven tabs, and a sign-in in front: connection.test.ts. */
import type { Page } from 'playwright-core'
import { afterEach, describe, expect, it } from 'vitest'
import { uniqueName } from '../engine/engine.ts'
import { useEngine } from '../engine/use-engine.ts'
import { startSluice } from '../sluice/server.ts'
import { useBrowser } from './browser.ts'
import { line, log, onScreen } from './log-on-screen.ts'

const engine = useEngine()
afterEach(() => engine.close())
const sluice = await startSluice({ engine: engine.socket })
const open = useBrowser()

const current = (page: Page) => log(page).locator('.row.current .text')

/** Presses these keys, and nothing else. */
async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key)
}

const TRACE = [
  'Traceback (most recent call last):',
  '  File "/app/jobs.py", line 31, in run',
  '    total = sum(order.lines)',
  "AttributeError: 'NoneType' object has no attribute 'lines'",
]
const quiet = (from: number, count: number) => Array.from({ length: count }, (_, n) => `job ${from + n} done`)

/** A program that names no level: it crashed twice among its lines, the second time in another way. */
async function crashed() {
  const container = await engine.run({ name: uniqueName() })
  const older = TRACE.map((text) => text.replace('jobs.py', 'old.py'))
  const text = [...quiet(0, 200), ...older, ...quiet(200, 200), ...TRACE, ...quiet(400, 300)]
  await container.write('stderr', `${text.join('\n')}\n`)
  await container.logged('job 699 done')
  return container
}

async function openLog(name: string, options = {}): Promise<Page> {
  const page = await open(`${sluice.url}containers/${name}`, options)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await log(page).locator('.row').first().waitFor()
  return page
}

it('the newest crash of a service that names no level: one key', async () => {
  const page = await openLog((await crashed()).name)
  await line(page, 'job 699 done').waitFor()
  await press(page, 'E')
  await expect.poll(() => current(page).textContent()).toBe(TRACE[0])
  expect(await onScreen(page)).toEqual(expect.arrayContaining([...TRACE]))
})

it('its whole trace copied: two keys', async () => {
  const page = await openLog((await crashed()).name)
  await line(page, 'job 699 done').waitFor()
  await press(page, 'E', 'c')
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(TRACE.join('\n'))
})

it('only errors, with their traces, across a project: two keys', async () => {
  const project = uniqueName('shop')
  const texts: string[] = []
  for (const service of ['api', 'worker']) {
    const labels = { 'com.docker.compose.project': project, 'com.docker.compose.service': service }
    const container = await engine.run({ name: `${project}-${service}-1`, labels })
    const trace = [...TRACE.slice(0, 3), `KeyError: '${service}'`]
    await container.write('stderr', `${[...quiet(0, 50), ...trace, ...quiet(50, 50)].join('\n')}\n`)
    await container.logged('job 99 done')
    texts.push(...trace)
  }
  const page = await open(`${sluice.url}logs?project=${project}`)
  await log(page).getByText('job 99 done').first().waitFor()
  await press(page, 'l', 'Enter')
  await expect.poll(() => onScreen(page)).toEqual(texts)
})

describe('what ran before the last crash of a container that crashes again and again', () => {
  /** Its third run waits; the two before ended with 3. */
  async function crashLooping() {
    const script = 'n=$(cat /tmp/n 2>/dev/null || echo 0); n=$((n+1)); echo $n > /tmp/n; echo "run $n begins"; '
    const work = 'for i in $(seq 40); do echo "run $n step $i"; done; sleep 0.2; [ $n -lt 3 ] && exit 3; sleep 1000'
    const container = await engine.run({
      name: uniqueName('loop'),
      command: ['sh', '-c', script + work],
      restartPolicy: 'on-failure',
    })
    await expect.poll(async () => (await container.lines()).at(-1)?.text, { timeout: 30_000 }).toBe('run 3 step 40')
    return container
  }

  const shows = async (page: Page, name: string) => {
    await expect.poll(() => current(page).textContent()).toBe('run 2 step 40')
    const around = log(page).locator('.row.run')
    await around.getByText(`${name} exited`).last().waitFor()
    expect(await around.allTextContents()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/ exited · .* · code 3$/),
        expect.stringMatching(/ started again /),
      ]),
    )
  }

  it('one key; and how often it was restarted is in the bar', async () => {
    const { name } = await crashLooping()
    const page = await openLog(name)
    await line(page, 'run 3 step 40').waitFor()
    await press(page, 'R')
    await shows(page, name)
    await page.locator('.bar .words').getByText('2 restarts').waitFor()
    await press(page, 'R')
    await expect.poll(() => current(page).textContent()).toBe('run 1 step 40')
    await press(page, 'r')
    await expect.poll(() => current(page).textContent()).toBe('run 2 begins')
  })

  it('by touch, from the first page: three taps', async () => {
    const { name } = await crashLooping()
    const page = await open(sluice.url, { width: 390, height: 844, touch: true })
    await page.locator('.overview').getByText(name).tap()
    await line(page, 'run 3 step 40').waitFor()
    await page.getByRole('button', { name: 'Menu' }).tap()
    await page.getByRole('button', { name: 'Previous run' }).tap()
    await shows(page, name)
  })
})
