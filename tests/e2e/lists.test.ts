/** What labels and addresses make of the lists, in Chromium. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { at } from '../unit/logs/frames.ts'
import { container, MemoryEngine } from '../unit/memory-engine.ts'
import { useBrowser } from './browser.ts'
import { serveMemory } from './memory-sluice.ts'

const idOf = (n: number) => n.toString(16).padStart(12, '0').padEnd(64, '0')
const engine = new MemoryEngine()
const lines = (name: string) => [{ time: at(0), text: `of ${name}\n` }]
engine.add({ ...container('shop-web-1', idOf(1)), project: 'shop', displayName: 'Shop <b>front</b>' }, lines('web'))
engine.add({ ...container('shop-api-1', idOf(2)), project: 'shop', group: 'Front' }, lines('api'))
engine.add({ ...container('lone', idOf(3)), group: 'Front' }, lines('lone'))
engine.add({ ...container('agent', idOf(4)), hidden: true }, lines('agent'))
for (let n = 0; n < 201; n++)
  engine.add({ ...container(`many-${n}`, idOf(100 + n)), project: 'zoo', labels: { many: 'yes' } }, [
    { time: at(n), text: `of ${n}\n` },
  ])
const url = await serveMemory(engine)
const open = useBrowser()

const nav = (page: Page) => page.getByRole('navigation', { name: 'Containers' })

describe('labels', () => {
  it('name a container in the lists, the bar and the title, as text; its own name leads to it', async () => {
    const page = await open(url)
    await page.locator('.overview').getByRole('link', { name: 'Shop <b>front</b>' }).waitFor()
    await nav(page).getByRole('link', { name: 'Shop <b>front</b>' }).click()
    await page.waitForURL('**/containers/shop-web-1')
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Shop <b>front</b>')
    await page.waitForFunction(() => document.title === 'Shop <b>front</b> · Sluice')
    await page.keyboard.press('Control+k')
    await page.keyboard.type('shop-web')
    expect(await nav(page).locator('li').count()).toBe(1)
  })

  it('put containers under a heading, which opens their logs merged', async () => {
    const page = await open(url)
    await nav(page).getByRole('link', { name: 'Front', exact: true }).click()
    await page.waitForURL('**/logs?label=sluice.group%3DFront')
    await page.getByRole('log').getByText('of lone').waitFor()
    await page.getByRole('log').getByText('of api').waitFor()
    expect(await page.getByRole('log').getByText('of web').count()).toBe(0)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Front')
    expect(await nav(page).locator('[aria-current]').textContent()).toBe('Front')
  })

  it('hide a container from the lists, whose address works', async () => {
    const page = await open(`${url}containers/agent`)
    await page.getByRole('log').getByText('of agent').waitFor()
    await nav(page).locator('li').first().waitFor()
    expect(await page.locator('[data-key="agent"]').count()).toBe(0)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('agent')
  })
})

describe('more logs than can be merged', () => {
  const names = Array.from({ length: 201 }, (_, n) => `container=many-${n}`).join('&')
  it.each([
    ['201 names', names, 'Parameter "container" may be given at most 200 times.'],
    ['a project of 201', 'project=zoo', /201 containers are selected; the maximum is 200/],
    ['a label of 201', 'label=many%3Dyes', /201 containers are selected; the maximum is 200/],
  ])('are refused in words for %s, with the list to go elsewhere from', async (_, query, words) => {
    const page = await open(`${url}logs?${query}`, { expectsFailures: true })
    await page.getByRole('status').getByText(words).waitFor()
    await page.getByText('Waiting').waitFor()
    await nav(page).getByRole('link', { name: 'lone' }).click()
    await page.getByRole('log').getByText('of lone').waitFor()
    expect(await page.getByText("Can't show these logs").count()).toBe(0)
  })

  it('are 200 that can be', async () => {
    const page = await open(`${url}logs?${names.replace('container=many-200', 'container=many-0')}`)
    await page.getByRole('log').getByText('of 199', { exact: false }).first().waitFor()
  })
})
