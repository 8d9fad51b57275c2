/** What one keeps when one goes to another container, and the files one takes along. */
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { startSluice } from '../sluice/server.ts'
import { at } from '../unit/logs/frames.ts'
import { container, MemoryEngine } from '../unit/memory-engine.ts'
import { useBrowser } from './browser.ts'
import { line } from './log-on-screen.ts'
import { serveMemory } from './memory-sluice.ts'

const engine = new MemoryEngine()
for (const [n, name] of ['api', 'web', 'worker'].entries())
  engine.add(container(name, String(n + 1).repeat(64)), [
    { time: at(0), text: `INFO timeout of ${name}\n` },
    { time: at(1e6), text: `ERROR timeout of ${name}\n`, stream: 'stderr' },
  ])
const url = await serveMemory(engine)
const open = useBrowser()

const search = (page: Page) => new URL(page.url()).search
const list = (page: Page) => page.getByRole('navigation', { name: 'Containers' })
const NARROWED = '?q=timeout&level=error&stream=stderr&time=utc'

describe('another container', () => {
  it('is looked at with times alone, and with one switch as this one is', async () => {
    const page = await open(`${url}containers/api${NARROWED}`)
    await line(page, 'ERROR timeout of api').waitFor()
    await list(page).getByRole('link', { name: 'web' }).click()
    await line(page, 'INFO timeout of web').waitFor()
    expect(search(page)).toBe('?time=utc')
    expect(await page.getByLabel('Keep search and levels').count()).toBe(0) // there is nothing to keep
    await page.goBack()
    await line(page, 'ERROR timeout of api').waitFor()
    await page.getByLabel('Keep search and levels').check()
    await list(page).getByRole('link', { name: 'web' }).click()
    await line(page, 'ERROR timeout of web').waitFor()
    expect(search(page)).toBe(NARROWED)
    await page.keyboard.press('Control+k')
    await page.keyboard.type('work')
    await page.keyboard.press('Enter')
    await line(page, 'ERROR timeout of worker').waitFor()
    expect(search(page)).toBe(NARROWED)
  })

  it('is looked at as this one is with the keys that step', async () => {
    const page = await open(`${url}containers/api${NARROWED}`)
    await line(page, 'ERROR timeout of api').waitFor()
    await page.keyboard.press(']')
    await line(page, 'ERROR timeout of web').waitFor()
    expect(search(page)).toBe(NARROWED)
    await page.keyboard.press('[')
    await line(page, 'ERROR timeout of api').waitFor()
  })
})

describe('a download', () => {
  const openWeb = async () => {
    const page = await open(`${url}containers/web`)
    await line(page, 'ERROR timeout of web').waitFor()
    await page.keyboard.press('d')
    await page.locator('#download').waitFor()
    return page
  }

  it('begins with Enter, says that it has begun, and has the times in its text', async () => {
    const page = await openWeb()
    const saved = page.waitForEvent('download')
    await page.keyboard.press('Enter')
    const file = await readFile(await (await saved).path(), 'utf8')
    expect(file).toBe(`${at(0)} INFO timeout of web\n${at(1e6)} ERROR timeout of web\n`)
    await page.locator('#download').waitFor({ state: 'detached' })
    await page.locator('.foot').getByText('The download has begun').waitFor()
  })

  it('is without them where that is wanted, and begins with Enter in a field', async () => {
    const page = await openWeb()
    await page.getByLabel('Time before each line of text').uncheck()
    await page.getByLabel('From').fill('2026-11-22')
    const saved = page.waitForEvent('download')
    await page.getByLabel('From').press('Enter')
    expect(await readFile(await (await saved).path(), 'utf8')).toBe('INFO timeout of web\nERROR timeout of web\n')
  })

  it('is of a span that is chosen, or said in words', async () => {
    const page = await openWeb()
    const since = async () => {
      const saved = page.waitForEvent('download')
      await page.getByRole('link', { name: 'Text' }).click()
      const asked = new URL((await saved).url()).searchParams.get('since')
      await page.locator('#download').waitFor({ state: 'detached' })
      return (Date.now() - Date.parse(asked ?? '')) / 60_000
    }
    await page.getByRole('button', { name: 'last hour' }).click()
    expect(await page.getByRole('button', { name: 'last hour' }).getAttribute('aria-pressed')).toBe('true')
    const hour = await since()
    expect(hour).toBeGreaterThanOrEqual(60)
    expect(hour).toBeLessThan(61)
    await page.keyboard.press('d')
    await page.getByLabel('From').fill('last 3 minutes')
    const minutes = await since()
    expect(minutes).toBeGreaterThanOrEqual(3)
    expect(minutes).toBeLessThan(4)
  })
})

it('a download that ends before it begins says so, and does not begin', async () => {
  const page = await open(`${url}containers/web`)
  await line(page, 'ERROR timeout of web').waitFor()
  await page.keyboard.press('d')
  await page.getByLabel('From').fill('5m')
  await page.getByLabel('Until').fill('10m')
  await page.locator('#download').getByText('It ends before it begins.').waitFor()
  await page.getByLabel('Until').press('Enter')
  await page.getByLabel('Until').fill('')
  await page.getByRole('link', { name: 'Text' }).waitFor()
})

it('an address that names nothing is a page, from which one gets on', async () => {
  const page = await open(`${url}no/such/page`, { expectsFailures: true })
  await page.getByText('There is no page at this address').waitFor()
  await list(page).getByRole('link', { name: 'web' }).waitFor()
  await page.getByRole('link', { name: 'See all containers' }).click()
  await page.locator('.overview').getByTitle('web', { exact: true }).waitFor()
  expect(page.url()).toBe(url)
})

it('a pattern with a mistake says why beside where it is typed', async () => {
  const page = await open(`${url}containers/web?re=true`)
  await line(page, 'ERROR timeout of web').waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('a(b')
  const mistake = page.locator('.search .mistake')
  expect(await mistake.textContent()).toBe('The pattern is not understood: Unterminated group.')
  await page.keyboard.type(')')
  await mistake.waitFor({ state: 'detached' })
})

it('with --demo the banner says how to see one’s own', async () => {
  const demo = await startSluice({ args: ['--demo'] })
  const page = await open(demo.url)
  await page.locator('.banner summary').click()
  await page.locator('.banner').getByText('To see your own containers, start Sluice without --demo.').waitFor()
})
