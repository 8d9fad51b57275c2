/** The frame around a log, in Chromium: its address is the whole view, and every part of it is reached by keys. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { startSluice } from '../sluice/server.ts'
import { useBrowser } from './browser.ts'

const sluice = await startSluice({ args: ['--demo'] })
const open = useBrowser()

async function openWeb(query = '', width = 1400): Promise<Page> {
  const page = await open(`${sluice.url}containers/shop-web-1${query}`, { width })
  await page.getByRole('log').locator('.row').first().waitFor()
  return page
}

const search = (page: Page) => page.getByRole('textbox', { name: 'Search' })
const level = (page: Page, name: string) => page.locator('.bar').getByRole('button', { name, exact: false })
const isFocused = (element: Element) => element === document.activeElement

/** Waits until the address has this query. */
async function query(page: Page, expected: string): Promise<void> {
  await page.waitForURL((url) => url.search === expected)
}

describe('the address', () => {
  it('is the whole view: another window shows the same', async () => {
    const page = await openWeb('?q=GET+/&re=true&level=fatal,error&stream=stderr&time=utc')
    expect(await search(page).inputValue()).toBe('GET /')
    await page.getByRole('button', { name: 'Regular expression', pressed: true }).waitFor()
    await page.getByRole('button', { name: /^error/, pressed: true }).waitFor()
    await page.getByRole('button', { name: /^info/, pressed: false }).waitFor()
    await page.getByRole('button', { name: 'Times: UTC' }).waitFor()
    await page.getByRole('button', { name: /some lines are left out/ }).click()
    expect(await page.getByRole('radio', { name: 'stderr' }).isChecked()).toBe(true)
  })

  it('follows what is typed in one step of the history, and each choice in one of its own', async () => {
    const page = await openWeb()
    await page.keyboard.press('/')
    await page.keyboard.type('lamp')
    await query(page, '?q=lamp')
    await level(page, 'warn').click()
    await query(page, '?q=lamp&level=warn')
    await level(page, 'error').click()
    await query(page, '?q=lamp&level=fatal,error,warn')
    await page.goBack()
    await query(page, '?q=lamp&level=warn')
    await page.goBack()
    await query(page, '?q=lamp')
    expect(await level(page, 'warn').getAttribute('aria-pressed')).toBe('true')
    expect(await search(page).inputValue()).toBe('lamp')
  })

  it('of another container has the time format, and no search', async () => {
    const page = await openWeb('?q=lamp&time=utc')
    await page.locator('nav').getByRole('link', { name: 'worker' }).click()
    await page.waitForURL('**/containers/shop-worker-1?time=utc')
  })
})

describe('keys', () => {
  it('search: / and Ctrl+F go there, a second Ctrl+F is the browser’s; Escape clears, then leaves', async () => {
    const page = await openWeb()
    await page.keyboard.press('Control+f')
    expect(await search(page).evaluate(isFocused)).toBe(true)
    await page.evaluate(() =>
      document.addEventListener('keydown', (event) =>
        Object.assign(window, { kept: event.key === 'f' && event.defaultPrevented }),
      ),
    )
    await page.keyboard.press('Control+f')
    expect(await page.evaluate(() => Reflect.get(window, 'kept'))).toBe(false)
    await page.keyboard.type('t/w')
    await query(page, '?q=t/w')
    await page.keyboard.press('Escape')
    await query(page, '')
    await page.keyboard.press('Escape')
    expect(await page.getByRole('log').evaluate(isFocused)).toBe(true)
  })

  it('levels, time format and wrapping', async () => {
    const page = await openWeb()
    await page.keyboard.press('l')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await query(page, '?level=warn')
    await page.keyboard.press('t')
    await query(page, '?level=warn&time=utc')
    await page.keyboard.press('w')
    await page.reload()
    expect(await page.evaluate(() => document.documentElement.dataset['wrap'])).toBe('on')
  })

  it('go to a time, which is said in words before', async () => {
    const page = await openWeb('?time=utc')
    await page.keyboard.press(':')
    await page.keyboard.type('2026-02-30')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByText('not a time yet').waitFor()
    await page.getByRole('textbox', { name: 'Time, UTC' }).fill('1 Nov 2026 10:02')
    await page
      .getByRole('dialog')
      .getByText(/Sunday 1 November( 2026)? 10:02:00/)
      .waitFor()
    await page.keyboard.press('Enter')
    await page.locator('#goto').waitFor({ state: 'hidden' })
  })

  it('leave copying to the browser', async () => {
    const page = await openWeb()
    await page.evaluate(() =>
      document.addEventListener('keydown', (event) =>
        Object.assign(window, { kept: event.key === 'c' && event.defaultPrevented }),
      ),
    )
    await page.keyboard.press('Control+c')
    expect(await page.evaluate(() => Reflect.get(window, 'kept'))).toBe(false)
  })
})

it('a download is what is shown, of the span that is named', async () => {
  const page = await openWeb('?level=fatal,error')
  await page.getByRole('button', { name: /^Menu/ }).click()
  await page.getByRole('button', { name: 'Download' }).click()
  await page.getByText('Only lines of level fatal, error').waitFor()
  await page.getByLabel('From').fill('soon')
  await page.getByText('A time cannot be read yet').waitFor()
  await page.getByLabel('From').fill('1 h ago')
  const saved = page.waitForEvent('download')
  await page.getByRole('link', { name: 'NDJSON' }).click()
  const download = await saved
  expect(download.suggestedFilename()).toMatch(/^shop-web-1.*\.ndjson$/)
  const asked = new URL(download.url()).searchParams
  expect(Object.fromEntries(asked)).toMatchObject({ format: 'ndjson', level: 'fatal,error' })
  expect(Date.now() - Date.parse(asked.get('since') ?? '')).toBeGreaterThanOrEqual(3_600_000)
  await query(page, '?level=fatal,error')
})

describe('on a phone', () => {
  it('the search opens over the bar, and closes when the log is touched', async () => {
    const page = await openWeb('', 390)
    expect(await search(page).isVisible()).toBe(false)
    await page.getByRole('button', { name: 'Search' }).click()
    expect(await search(page).evaluate(isFocused)).toBe(true)
    await page.keyboard.type('lamp')
    const box = await page.getByRole('search').boundingBox()
    const bar = await page.locator('.bar').boundingBox()
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual((bar?.y ?? 0) + (bar?.height ?? 0))
    await page.getByRole('log').click({ position: { x: 100, y: 300 } })
    await search(page).waitFor({ state: 'hidden' })
    await query(page, '?q=lamp')
  })

  it('the levels are in the menu', async () => {
    const page = await openWeb('', 390)
    await page.keyboard.press('l')
    await page.locator('#menu .levels button:focus').waitFor()
    await page.keyboard.press('Enter')
    await query(page, '?level=fatal,error')
    expect(await page.locator('#menu').isVisible()).toBe(true)
  })
})

describe('nothing of the bar moves', () => {
  async function boxesOf(page: Page) {
    await expect.poll(() => page.locator('.bar .levels b').count()).toBe(2)
    return page.evaluate(() =>
      ['.bar h1', '.bar .words', '.search', '.levels', '.icon.more'].map((each) => {
        const { x, y, width, height } = document.querySelector(each)?.getBoundingClientRect() ?? new DOMRect()
        return [each, x, y, width, height]
      }),
    )
  }

  it('when the search is used, where there is room', async () => {
    const page = await openWeb()
    const before = await boxesOf(page)
    await page.keyboard.press('/')
    await page.keyboard.type('lamp')
    await query(page, '?q=lamp')
    expect(await boxesOf(page)).toEqual(before)
  })

  it.each(['0', '9+', '10+', '999+', '99k+', '.9M+'])('when %s lines are counted', async (count) => {
    const page = await openWeb()
    await expect.poll(() => page.locator('.bar .levels b').count()).toBe(2)
    const widths = await page.locator('.bar .levels b').evaluateAll((all, text) => {
      const widthOf = (each: Element) => each.getBoundingClientRect().width
      const before = all.map(widthOf)
      for (const each of all) {
        each.lastChild?.replaceWith(text)
        each.classList.toggle('zero', text === '0')
      }
      return { before, after: all.map(widthOf), texts: all.map((each) => each.textContent) }
    }, count)
    expect(widths.texts).toEqual([count, count])
    expect(widths.after).toEqual(widths.before)
  })
})
