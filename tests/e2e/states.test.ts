/** What the page says of containers that are not well, and of an engine that does not answer. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { Container, Run } from '../../server/wire.ts'
import { at } from '../unit/logs/frames.ts'
import { container, MemoryEngine } from '../unit/memory-engine.ts'
import { useBrowser } from './browser.ts'
import { line, log, onScreen, pill } from './log-on-screen.ts'
import { serveMemory } from './memory-sluice.ts'

const open = useBrowser()
const second = (n: number) => at(n * 1e9)
const ID = 'a'.repeat(64)
const long = new Date(Date.now() - 86_400_000).toISOString()

/** Sluice in front of one container, and what it wrote each so many seconds after the first. */
async function served(changes: Partial<Container>, seconds: readonly number[], runs: Omit<Run, 'incarnation'>[] = []) {
  const engine = new MemoryEngine()
  engine.known = runs.map((run) => ({ incarnation: ID.slice(0, 12), ...run }))
  const pieces = seconds.map((n) => ({ time: second(n), text: `second ${n}\n` }))
  engine.add({ ...container('web', ID), ...changes }, pieces)
  return { engine, url: await serveMemory(engine) }
}

const row = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Containers' }).locator(`[data-key="${name}"]`)
const rules = (page: Page) => log(page).locator('.row.run').allTextContents()

describe('a crash loop', () => {
  const RUNS = [
    { started: second(0), finished: second(10), exitCode: 3, stopped: false },
    { started: second(20), finished: second(30), exitCode: 137, oomKilled: true as const, stopped: false },
    { started: second(40), finished: second(50), exitCode: 3, stopped: false },
  ]

  it('waits while it is restarting, and never says Live; it says how often, and with which code', async () => {
    const { engine, url } = await served({ state: 'restarting', exitCode: 3, restarts: 14 }, [1, 21, 41], RUNS)
    const page = await open(`${url}containers/web`)
    await line(page, 'second 41').waitFor()
    await pill(page).getByText('Waiting').waitFor()
    await page.locator('.bar .words').getByText('restarting, exited 3, 14 restarts').waitFor()
    expect(await row(page, 'web').locator('em').textContent()).toBe('14 restarts')
    expect(await row(page, 'web').locator('.mark.restarting').count()).toBe(1)
    engine.add({ ...container('web', ID), started: new Date().toISOString(), restarts: 15 }, [])
    await pill(page).getByText('Live').waitFor()
    expect(await row(page, 'web').locator('em').textContent()).toBe('15 restarts')
  })

  it('has its runs told apart that ended before one looked', async () => {
    const { url } = await served({ state: 'restarting', exitCode: 3, restarts: 2 }, [1, 21, 22, 41], RUNS)
    const page = await open(`${url}containers/web`)
    await line(page, 'second 41').waitFor()
    await expect
      .poll(async () => (await rules(page)).map((text) => text.replace(/ · [\d:]+/, '')))
      .toEqual([
        'web started',
        'web exited · code 3',
        'web started again',
        'web exited · code 137, out of memory',
        'web started again',
        'web exited · code 3',
      ])
    expect(await onScreen(page)).toEqual(['second 1', 'second 21', 'second 22', 'second 41'])
  })
})

describe('runs that are longer than what is loaded at first', () => {
  const LINES = 700
  const RUNS = [0, 1, 2, 3]
  const id = ID.slice(0, 12)

  it('are gone back to one by one, also where a start is told after the first lines', async () => {
    const engine = new MemoryEngine()
    engine.known = RUNS.map((run) => ({
      incarnation: id,
      started: at(run * 100e9 + 4e8),
      ...(run < 3 && { finished: second(run * 100 + 50), exitCode: 1 }),
    }))
    const pieces = RUNS.flatMap((run) =>
      Array.from({ length: LINES }, (_, n) => ({ time: at(run * 100e9 + n * 1e5), text: `run ${run} line ${n}\n` })),
    )
    engine.add({ ...container('web', ID), restarts: 3 }, pieces)
    const page = await open(`${await serveMemory(engine)}containers/web`)
    await line(page, 'run 3 line 699').waitFor()
    for (const run of [2, 1, 0]) {
      await page.keyboard.press('R')
      await expect.poll(() => log(page).locator('.row.current .text').textContent()).toBe(`run ${run} line 699`)
    }
    await page.keyboard.press('r')
    await expect.poll(() => log(page).locator('.row.current .text').textContent()).toBe('run 1 line 0')
  })

  it('are no pauses', async () => {
    const runs = [{ started: second(0), finished: second(10), exitCode: 1 }, { started: second(20) }]
    const { engine, url } = await served({}, [1, 21], runs)
    const page = await open(`${url}containers/web`)
    await line(page, 'second 21').waitFor()
    engine.emit('happened', { key: 'web', id: ID, state: 'paused', at: second(30) })
    await log(page).getByText('was paused').waitFor()
    await page.keyboard.press('R')
    await expect.poll(() => log(page).locator('.row.current .text').textContent()).toBe('second 1')
  })
})

describe('a log without a line to show', () => {
  const RUNS = [{ started: second(0), finished: second(10), exitCode: 3 }, { started: second(20) }]

  it('for its filter says so, whatever happened to its container meanwhile', async () => {
    const { engine, url } = await served({}, [1, 21], RUNS)
    const page = await open(`${url}containers/web?level=error`)
    await page.getByText('No line matches').waitFor()
    engine.emit('happened', { key: 'web', id: ID, state: 'died', exitCode: 3, at: second(30) })
    engine.emit('happened', { key: 'web', id: ID, state: 'started', at: second(31) })
    await expect.poll(async () => (await rules(page)).length, { timeout: 10_000 }).toBeGreaterThan(1)
    await page.getByRole('button', { name: 'Show all lines' }).click()
    await line(page, 'second 21').waitFor()
  })

  it('of a container that crashes again and again says how often', async () => {
    const { url } = await served({ state: 'restarting', exitCode: 3, restarts: 14 }, [], RUNS)
    const page = await open(`${url}containers/web`)
    await page.getByText('web has written nothing yet').waitFor()
    await page.getByText('It is restarting, exited 3, 14 restarts.').waitFor()
  })
})

it('merged logs say of a container that stands still how it ended', async () => {
  const engine = new MemoryEngine()
  const other = 'b'.repeat(64)
  engine.known = [{ incarnation: ID.slice(0, 12), started: second(0), finished: second(3), exitCode: 3 }]
  engine.add({ ...container('api', ID), project: 'shop', state: 'exited', exitCode: 3, finished: second(3) }, [
    { time: second(1), text: 'a\n' },
  ])
  engine.add({ ...container('web', other), project: 'shop' }, [{ time: second(5), text: 'b\n' }])
  const page = await open(`${await serveMemory(engine)}logs?project=shop`)
  await line(page, 'b').waitFor()
  await log(page)
    .locator('.row.run')
    .getByText(/^api exited · .* · code 3$/)
    .waitFor()
})

describe('a container that stands still', () => {
  it('after a stop that ended in 137 is no alarm; after a failure it keeps its place, and is one', async () => {
    const { engine, url } = await served({}, [1])
    const ended = { state: 'exited' as const, exitCode: 137, finished: long }
    engine.add({ ...container('stopped', 'b'.repeat(64)), ...ended, stopped: true })
    engine.add({ ...container('failed', 'c'.repeat(64)), ...ended, stopped: false })
    const page = await open(url)
    await row(page, 'failed').locator('.mark.failed').waitFor()
    expect(await row(page, 'stopped').count()).toBe(0) // folded away
    await page.getByRole('button', { name: 'stopped 1' }).click()
    expect(await row(page, 'stopped').locator('em').textContent()).toBe('stopped')
    expect(await row(page, 'stopped').locator('.mark.stopped').count()).toBe(1)
  })
})

it('an engine that does not answer: its containers are grey, their times stop, and go on when it is back', async () => {
  const { engine, url } = await served({ started: new Date(Date.now() - 60_000).toISOString() }, [1])
  const page = await open('about:blank')
  await page.clock.install({ time: Date.now() })
  await page.goto(`${url}containers/web`)
  await line(page, 'second 1').waitFor()
  await row(page, 'web').locator('.mark.up').waitFor()
  engine.hears('connecting')
  await row(page, 'web').locator('.mark.unknown').waitFor()
  const words = page.locator('.bar .words')
  await words.getByText('up 1 min when last seen').waitFor()
  await page.clock.runFor(3 * 60_000)
  expect(await words.textContent()).toContain('up 1\u00a0min when last seen')
  engine.hears('connected')
  await row(page, 'web').locator('.mark.up').waitFor()
  await words.getByText(/^up 4.min · /).waitFor()
})
