/** The lists of the page with ten thousand containers, in Chromium. */
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import type { Container } from '../../server/wire.ts'
import { at } from '../unit/logs/frames.ts'
import { container, MemoryEngine } from '../unit/memory-engine.ts'
import { useBrowser } from './browser.ts'
import { serveMemory } from './memory-sluice.ts'

const COUNT = 10_000
const PROJECTS = 400
const MOST_DRAWN = 150 // a screen of either list, and as much again around it

const idOf = (n: number) => n.toString(16).padStart(12, '0').padEnd(64, '0')
const nameOf = (n: number) => `project-${n % PROJECTS}-web-${Math.floor(n / PROJECTS)}`
const many = Array.from({ length: COUNT }, (_, n): Container => {
  const project = n % PROJECTS === 0 ? {} : { project: `project-${n % PROJECTS}` }
  return { ...container(nameOf(n), idOf(n + 1)), ...project, image: `shop/web:${n}` }
})

const engine = new MemoryEngine()
for (const each of many) engine.add(each, [{ time: at(0), text: `of ${each.name}\n` }])
const url = await serveMemory(engine)
const open = useBrowser()

const sidebar = (page: Page) => page.getByRole('navigation', { name: 'Containers' })
const inSidebar = (page: Page, name: string) => sidebar(page).locator(`[data-key="${name}"] a`)
const filter = (page: Page) => page.getByRole('textbox', { name: 'Filter containers' })

describe('ten thousand containers', () => {
  it('are all in the lists, of which only what is on screen is drawn', async () => {
    const page = await open(url)
    await page.locator('.overview li').first().waitFor()
    for (const list of ['.overview', '.sidebar nav']) {
      expect(await page.locator(`${list} li`).count()).toBeLessThan(MOST_DRAWN)
      const [seen, ends] = await page.evaluate(async (selector) => {
        const scroller = document.querySelector(selector) as HTMLElement
        const seen = new Set<string>()
        for (let top = 0; top <= scroller.scrollHeight; top += 1_000) {
          scroller.scrollTop = top
          await new Promise(requestAnimationFrame) // which comes after what the scrolling has drawn
          for (const row of scroller.querySelectorAll<HTMLElement>('[data-key]')) seen.add(row.dataset['key'] ?? '')
        }
        scroller.scrollTop = scroller.scrollHeight
        return [seen.size, scroller.scrollTop + scroller.clientHeight === scroller.scrollHeight] as const
      }, list)
      expect([list, seen, ends]).toEqual([list, COUNT, true])
      expect(await page.locator(`${list} li`).count()).toBeLessThan(MOST_DRAWN)
    }
  })

  it('rows and headings are as high as the list takes them to be, on any screen', async () => {
    for (const [width, height] of [
      [1400, 900],
      [390, 844],
    ] as const) {
      const page = await open(url, { width, height })
      await page.locator('.overview li').first().waitFor()
      await page.keyboard.press('Control+k')
      await sidebar(page).locator('li').first().waitFor()
      for (const list of ['.overview', '.sidebar nav']) {
        const heights = await page.evaluate((selector) => {
          const scroller = document.querySelector(selector) as HTMLElement
          const style = getComputedStyle(scroller)
          const of = (what: string) =>
            [...scroller.querySelectorAll(what)].map((each) => each.getBoundingClientRect().height)
          const px = (name: string) => Number.parseFloat(style.getPropertyValue(name))
          return { rows: of('li'), row: px('--item'), headings: of('h2, .fold'), heading: px('--heading') }
        }, list)
        expect(new Set(heights.rows)).toEqual(new Set([heights.row]))
        expect(new Set(heights.headings)).toEqual(new Set([heights.heading]))
      }
    }
  })

  it('are filtered as one types, and gone to by arrows and Enter, into what was not drawn, too', async () => {
    const page = await open(url)
    await page.keyboard.press('Control+k')
    await sidebar(page).locator('li').first().waitFor()
    await page.keyboard.type('project-399-web-2')
    await inSidebar(page, 'project-399-web-2').waitFor()
    expect(await sidebar(page).locator('li').count()).toBe(6)
    await filter(page).fill('')
    await page.keyboard.press('ArrowDown')
    for (let n = 0; n < 100; n++) await page.keyboard.press('ArrowDown')
    const focused = () =>
      page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-key]')?.dataset['key'])
    const drawn = sidebar(page).locator('[data-key]:focus-within')
    expect(await drawn.count()).toBe(1)
    expect(await focused()).toBe('project-5-web-1') // called web, the first of it: 25 of each project, and 101 steps
    await drawn.locator('a').waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL('**/containers/project-5-web-1')
  })

  it('keep the place of the row in focus when it is scrolled away', async () => {
    const page = await open(url)
    await sidebar(page).locator('li').first().waitFor()
    await inSidebar(page, 'project-1-web-3').focus()
    await sidebar(page).evaluate((nav) => nav.scrollTo(0, 100_000))
    await inSidebar(page, 'project-1-web-3').waitFor({ state: 'detached' })
    await page.keyboard.press('ArrowDown')
    await page.locator('[data-key="project-1-web-4"] a:focus').waitFor()
  })

  it('show the container of the address in the sidebar, wherever it stands', async () => {
    const page = await open(`${url}containers/project-250-web-7`)
    const link = sidebar(page).getByRole('link', { name: 'web-7', exact: true, includeHidden: false })
    await page.locator('.sidebar [aria-current]').waitFor()
    expect(await link.and(page.locator('[aria-current]')).isVisible()).toBe(true)
    const isInView = await page.locator('.sidebar [aria-current]').evaluate((it) => {
      const [row, nav] = [it.getBoundingClientRect(), it.closest('nav')?.getBoundingClientRect() ?? new DOMRect()]
      return row.top >= nav.top && row.bottom <= nav.bottom
    })
    expect(isInView).toBe(true)
    await page.keyboard.press(']')
    await page.waitForURL('**/containers/project-250-web-8')
  })

  it('change by the thousand, and go, and the page is as it should be', async () => {
    const page = await open(url)
    await page.locator('.overview li').first().waitFor()
    await sidebar(page).locator('li').first().waitFor()
    const failed = many.map((each) => ({
      ...each,
      state: 'exited' as const,
      exitCode: 3,
      finished: new Date().toISOString(),
    }))
    for (let from = 0; from < COUNT; from += 2_500) engine.emit('change', { changed: failed.slice(from, from + 2_500) })
    await page.locator('.overview', { hasText: 'exited 3' }).waitFor()
    await inSidebar(page, 'project-1-web-0').getByText('exited 3').waitFor()
    engine.emit('change', { removed: many.slice(1).map(({ key }) => key) })
    await page.waitForFunction(() => document.querySelectorAll('.sidebar nav li').length === 1)
    engine.emit('change', { changed: many })
    await inSidebar(page, 'project-1-web-0').waitFor()
  })
})
