/** A line under a mouse or a finger: it opens with a click, and its buttons copy it, link to it and open it. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { at } from '../unit/logs/frames.ts'
import { container, MemoryEngine } from '../unit/memory-engine.ts'
import { type PageOptions, useBrowser } from './browser.ts'
import { line, log, pill } from './log-on-screen.ts'
import { serveMemory } from './memory-sluice.ts'

const ID = 'a'.repeat(64)
const LONG = `long ${'x'.repeat(400)} end`
const TEXTS = ['plain words', 'ERROR it broke', '    at run (app.js:3:1)', '    at main (app.js:9:1)', LONG, 'the last']
const engine = new MemoryEngine()
engine.add(
  container('web', ID),
  TEXTS.map((text, n) => ({ time: at(n * 1e6), text: `${text}\n` })),
)
engine.add(
  {
    ...container('payments-reconciliation-worker-2', 'b'.repeat(64)),
    project: 'payments',
    service: 'reconciliation-worker',
  },
  [{ time: at(0), text: 'of the second worker\n' }],
)
engine.add({ ...container('frontend', 'c'.repeat(64)), project: 'payments', service: 'web' }, [
  { time: at(1e6), text: 'of the frontend\n' },
])
const url = await serveMemory(engine)
const open = useBrowser()

async function openWeb(options: PageOptions = {}): Promise<Page> {
  const page = await open(`${url}containers/web`, options)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await line(page, 'the last').waitFor()
  return page
}

const details = (page: Page) => log(page).locator('.details')
const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText())

describe('a click', () => {
  it('on a line opens it and closes it; on another it opens that as well', async () => {
    const page = await openWeb()
    await line(page, 'plain words').click()
    await details(page).getByText('stdout').waitFor()
    await pill(page).getByText('Paused').waitFor()
    await line(page, 'the last').click()
    await expect.poll(() => details(page).count()).toBe(2)
    await log(page).locator('.row.opened .text').first().click()
    await expect.poll(() => details(page).count()).toBe(1)
  })

  it('that selects, or ends a selection, opens nothing', async () => {
    const page = await openWeb()
    await line(page, 'plain words').dblclick()
    await expect.poll(() => page.evaluate(() => String(getSelection()))).toMatch(/^(plain|words) ?$/)
    expect(await details(page).count()).toBe(0)
    await line(page, 'the last').click()
    expect(await page.evaluate(() => String(getSelection()))).toBe('')
    expect(await details(page).count()).toBe(0)
    const box = await line(page, 'the last').boundingBox()
    if (!box) throw new Error('not on screen')
    await page.mouse.move(box.x + 2, box.y + 8)
    await page.mouse.down()
    await page.mouse.move(box.x + 40, box.y + 8, { steps: 4 })
    await page.mouse.up()
    expect(await page.evaluate(() => String(getSelection()))).not.toBe('')
    expect(await details(page).count()).toBe(0)
  })
})

describe('a double click', () => {
  it('on one of the last lines selects the word under it, and opens nothing', async () => {
    const page = await openWeb({ height: 260 })
    await line(page, 'plain words').click() // what is below an opened line is loaded by then
    await page.keyboard.press('Escape')
    await page.keyboard.press('End')
    await line(page, 'the last').dblclick({ delay: 60, position: { x: 40, y: 8 } })
    await expect.poll(() => page.evaluate(() => String(getSelection()))).toMatch(/^last ?$/)
    await expect.poll(() => details(page).count()).toBe(0)
  })

  it('is not one that ends a selection elsewhere', async () => {
    const page = await openWeb()
    await page.locator('.bar h1').dblclick()
    expect(await page.evaluate(() => String(getSelection()))).toContain('web')
    await line(page, 'plain words').click()
    await details(page).waitFor()
  })
})

describe('a mouse over a line', () => {
  it('shows what copies it, with its stack trace, links to it and opens it, and takes no room', async () => {
    const page = await openWeb()
    const widths = () => log(page).evaluate((it) => [it.scrollWidth, it.querySelector('.window')?.clientWidth])
    const before = await widths()
    await line(page, TEXTS[1] ?? '').hover()
    const actions = log(page).locator('.line-actions')
    await actions.getByRole('button', { name: 'Copy (c)' }).click()
    await expect.poll(() => clipboard(page)).toBe(TEXTS.slice(1, 4).join('\n'))
    await actions.getByRole('button', { name: 'Copy link (y)' }).click()
    await expect.poll(() => clipboard(page)).toMatch(/\/containers\/web\?at=aaaaaaaaaaaa\.\d+\.\d{9}\.0$/)
    expect(await widths()).toEqual(before)
    expect(await details(page).count()).toBe(0)
    await line(page, LONG).hover()
    await expect.poll(() => actions.evaluate((it) => it.closest('.row')?.textContent)).toContain('long xxx')
    const [button, all] = await Promise.all([actions.getByRole('button').last().boundingBox(), log(page).boundingBox()])
    expect((button?.x ?? 0) + (button?.width ?? 0)).toBeLessThanOrEqual((all?.x ?? 0) + (all?.width ?? 0))
    await actions.getByRole('button', { name: 'Open (o)' }).click()
    await details(page).getByText('stdout').waitFor()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('log')
    await page.keyboard.press('o')
    await details(page).waitFor({ state: 'detached' })
    await page.mouse.move(5, 5)
    await actions.waitFor({ state: 'detached' })
  })
})

describe('on a phone', () => {
  const PHONE = { width: 390, height: 844, touch: true } as const

  it('lines wrap, no keys are hinted at, and a tap shows what copies the line and links to it', async () => {
    const page = await openWeb(PHONE)
    const heights = await log(page).evaluate((it) =>
      [...it.querySelectorAll('.row:not(.rule)')].map((row) => row.getBoundingClientRect().height),
    )
    expect(Math.max(...heights)).toBeGreaterThan(100)
    expect(await log(page).evaluate((it) => it.scrollWidth <= it.clientWidth)).toBe(true)
    await line(page, TEXTS[1] ?? '').tap()
    await details(page).getByRole('button', { name: 'Copy with stack trace' }).tap()
    await expect.poll(() => clipboard(page)).toBe(TEXTS.slice(1, 4).join('\n'))
    await details(page).getByRole('button', { name: 'Copy link' }).tap()
    await expect.poll(() => clipboard(page)).toContain('/containers/web?at=')
    for (const name of ['Menu', 'Search']) {
      await page.getByRole('button', { name, exact: true }).tap()
      expect(await page.locator('kbd:visible').count()).toBe(0)
      await page.keyboard.press('Escape')
    }
  })

  it('everything that is pressed is 44 px high', async () => {
    const page = await openWeb(PHONE)
    /** Buttons, links and fields that are seen, but for links in the text of lines, and how high they are. */
    const low = () =>
      page.evaluate(() =>
        [
          ...document.querySelectorAll(
            'button, a, input:not([type=checkbox], [type=radio]), label:not([for]), summary',
          ),
        ].flatMap((it) => {
          const { width, height } = it.getBoundingClientRect()
          const isSeen = it.checkVisibility() && width > 1 && !it.closest('.text, .skip, .time, [inert]')
          return isSeen && height > 0 && height < 44
            ? [`${it.className || it.tagName} ${it.textContent}: ${height}`]
            : []
        }),
      )
    await line(page, TEXTS[1] ?? '').tap()
    await details(page).waitFor()
    expect(await low()).toEqual([])
    await page.getByRole('button', { name: 'Menu' }).tap()
    await page.locator('#menu .item').first().waitFor()
    expect(await low()).toEqual([])
    await page.getByRole('button', { name: 'Download…' }).tap()
    await page.locator('#download').waitFor()
    expect(await low()).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Show the containers' }).tap()
    await page.locator('#sidebar li a').first().waitFor()
    expect(await low()).toEqual([])
  })

  it('merged lines have the names of their services before them', async () => {
    const page = await open(`${url}logs?project=payments`, PHONE)
    await line(page, 'of the frontend').waitFor()
    const names = await log(page).locator('.row .source').allTextContents()
    expect(names.sort()).toEqual(['recon…er-2', 'web'])
    const widths = await log(page)
      .locator('.row .source')
      .evaluateAll((all) => all.map((it) => it.scrollWidth - it.clientWidth))
    expect(widths).toEqual([0, 0]) // nothing is cut off
  })
})
