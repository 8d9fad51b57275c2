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
const rules = (page: Page) => log(page).locator('.row.state').allTextContents()

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
