/** The page behind a reverse proxy that serves it under a prefix, in Chromium. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { at } from '../unit/logs/frames.ts'
import { container, MemoryEngine } from '../unit/memory-engine.ts'
import { useBrowser } from './browser.ts'
import { type FrontProxy, startFrontProxy } from './front-proxy.ts'
import { line, log } from './log-on-screen.ts'
import { serveMemory } from './memory-sluice.ts'

const idOf = (n: number) => n.toString(16).padStart(12, '0').padEnd(64, '0')
const engine = new MemoryEngine()
engine.add({ ...container('web', idOf(1)), project: 'shop' }, [{ time: at(0), text: 'of web\n' }])
engine.add({ ...container('api', idOf(2)), project: 'shop' }, [{ time: at(1), text: 'of api\n' }])
const sluice = await serveMemory(engine)
const open = useBrowser()
const nav = (page: Page) => page.getByRole('navigation', { name: 'Containers' })

const proxies: readonly (readonly [string, FrontProxy])[] = [
  ['strips /logs', await startFrontProxy(sluice, { prefix: '/logs', strips: true })],
  ['passes /logs on, to --base', await startFrontProxy(await serveMemory(engine, '/logs'), { prefix: '/logs' })],
  [
    'strips /tools/of, and passes /logs on, to --base',
    await startFrontProxy(await serveMemory(engine, '/logs'), { prefix: '/tools/of', path: 'logs/', strips: true }),
  ],
]

describe.each(proxies)('behind a proxy that %s', (_, proxy) => {
  it('the first page lists containers, leads to a log, and back', async () => {
    const page = await open(proxy.url)
    await nav(page).getByRole('link', { name: 'web', exact: true }).click()
    await line(page, 'of web').waitFor()
    expect(page.url()).toBe(`${proxy.url}containers/web`)
    await page.evaluate(() => Object.assign(window, { sameDocument: true }))
    await nav(page).getByRole('link', { name: 'shop', exact: true }).click()
    await line(page, 'of api').waitFor()
    expect(page.url()).toBe(`${proxy.url}logs?project=shop`)
    await page.goBack()
    await line(page, 'of api').waitFor({ state: 'detached' })
    await page.goBack()
    await page.locator('.overview').waitFor()
    expect(page.url()).toBe(proxy.url)
    expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true)
  })

  it.each([
    'containers/web',
    'containers/web/',
    'containers/web?q=of&time=utc',
    'logs?container=web',
    'logs/?container=web',
  ])('opened directly and reloaded, %s shows its lines', async (path) => {
    const page = await open(`${proxy.url}${path}`)
    await line(page, 'of web').waitFor()
    await page.reload()
    await line(page, 'of web').waitFor()
    expect(page.url()).toBe(`${proxy.url}${path}`)
    await nav(page).getByRole('link', { name: 'api', exact: true }).click()
    await page.waitForURL(`${proxy.url}containers/api**`)
    await line(page, 'of api').waitFor()
    await page.reload()
    await line(page, 'of api').waitFor()
  })

  it('a download has the log, and a copied link leads to its line', async () => {
    const page = await open(`${proxy.url}containers/web`)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await line(page, 'of web').waitFor()
    await page.keyboard.press('d')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Text', exact: true }).click(),
    ])
    expect(download.url().startsWith(`${proxy.url}api/containers/web/logs/download?`)).toBe(true)
    expect(await download.failure()).toBeNull()
    await page.keyboard.press('Escape')
    await log(page).focus()
    await page.keyboard.press('k')
    await page.keyboard.press('y')
    const copied = () => page.evaluate(() => navigator.clipboard.readText())
    await expect.poll(copied).toMatch(`${proxy.url}containers/web?at=`)
    await page.goto(await copied())
    await line(page, 'of web').waitFor()
  })
})

it('says what to set where the proxy strips a prefix that the address ends in', async () => {
  const proxy = await startFrontProxy(sluice)
  const html = await (await fetch(proxy.url)).text()
  proxy.answers((res, path) => {
    // The page of `/`, shown at `/logs`, looks for its files beside it.
    if (path === '/logs') res.setHeader('Content-Type', 'text/html').end(html)
    else res.writeHead(404).end()
  })
  const page = await open(`${proxy.url}logs`, { expectsFailures: true })
  await page.getByText('add a slash to the end of the address').waitFor()
  expect(await page.getByText('--base').isVisible()).toBe(true)
  proxy.answers(undefined)
  await page.goto(proxy.url)
  await nav(page).getByRole('link', { name: 'web', exact: true }).waitFor()
  expect(await page.getByText('--base').isVisible()).toBe(false)
})
