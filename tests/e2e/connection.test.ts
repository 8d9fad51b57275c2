/** The page's connection in hard surroundings, in Chromium: more tabs than connections, and a sign-in in front of Sluice. */
import type { ServerResponse } from 'node:http'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { at } from '../unit/logs/frames.ts'
import { container, MemoryEngine } from '../unit/memory-engine.ts'
import { useBrowser } from './browser.ts'
import { type FrontProxy, startFrontProxy } from './front-proxy.ts'
import { line, log, onScreen, pill } from './log-on-screen.ts'
import { serveMemory } from './memory-sluice.ts'

const TABS = 7 // one more than the connections that a browser makes to a host
const SOON_MS = 2_000

const idOf = (n: number) => (n + 1).toString(16).padStart(12, '0').padEnd(64, '0')
const engine = new MemoryEngine()
for (let n = 0; n < TABS; n++) engine.add(container(`web-${n}`, idOf(n)), [{ time: at(0), text: `of ${n}\n` }])
const numbered = Array.from({ length: 2_000 }, (_, n) => ({ time: at(n), text: `line ${n}\n` }))
engine.add(container('long', idOf(TABS)), numbered)
const sluice = await serveMemory(engine)
const elsewhere = await startFrontProxy(sluice)
elsewhere.answers((res) => void res.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Sign in</h1>'))
const open = useBrowser()

let written = 0
/** Writes a line to a container's log, and returns it. */
function write(n: number): string {
  const text = `fresh ${++written}`
  engine.write(idOf(n), { time: at(written * 1e6), text: `${text}\n` })
  return text
}

describe('seven tabs of a browser', () => {
  /** Tabs are as hidden as they say: a browser without a screen shows all. They begin as `born`. */
  async function tabs(born: DocumentVisibilityState) {
    const context = (await open('about:blank')).context()
    await context.addInitScript((state: DocumentVisibilityState) => {
      const see = (to: DocumentVisibilityState) => {
        Object.defineProperty(document, 'visibilityState', { configurable: true, value: to })
        document.dispatchEvent(new Event('visibilitychange'))
      }
      Object.defineProperty(document, 'visibilityState', { configurable: true, value: state })
      Object.assign(window, { see })
    }, born)
    let streams = 0
    context.on('request', (request) => void (request.resourceType() === 'eventsource' && streams++))
    return {
      open: async (n: number) => {
        const page = await context.newPage()
        await page.goto(`${sluice}containers/web-${n}`)
        return page
      },
      streams: () => streams,
    }
  }

  const see = (page: Page, state: DocumentVisibilityState) =>
    page.evaluate((to) => (window as unknown as { see(state: DocumentVisibilityState): void }).see(to), state)

  async function showsWhatIsWritten(page: Page, n: number) {
    await line(page, write(n)).waitFor()
    await pill(page).getByText('Live').waitFor()
    const asked = page.evaluate(async (ms) => {
      const answer = await fetch('api/containers', { signal: AbortSignal.timeout(ms) })
      return answer.status
    }, SOON_MS)
    expect(await asked).toBe(200)
  }

  it('opened in the background hold no connection, have their titles, and are live when they are looked at', async () => {
    const { open, streams } = await tabs('hidden')
    const pages: Page[] = []
    for (let n = 0; n < TABS; n++) pages.push(await open(n))
    for (const [n, page] of pages.entries())
      await page.waitForFunction((title) => document.title === title, `web-${n} · Sluice`)
    expect(streams()).toBe(0)
    for (const [n, page] of pages.entries()) {
      await see(page, 'visible')
      await showsWhatIsWritten(page, n)
      expect((await onScreen(page))[0]).toBe(`of ${n}`)
      await see(page, 'hidden')
    }
    expect(streams()).toBe(TABS)
  })

  it('opened one after the other all load, and are live again when they are looked at', async () => {
    const { open } = await tabs('visible')
    const pages: Page[] = []
    for (let n = 0; n < TABS; n++) {
      if (n > 0) await see(pages[n - 1]!, 'hidden')
      pages.push(await open(n))
      await showsWhatIsWritten(pages[n]!, n)
    }
    await see(pages.at(-1)!, 'hidden')
    for (const [n, page] of pages.entries()) {
      const missed = write(n)
      await see(page, 'visible')
      await line(page, missed).waitFor()
      await showsWhatIsWritten(page, n)
      await see(page, 'hidden')
    }
  })

  it('side by side: four are live, the others say why not, and one that is resumed takes the place of the oldest', async () => {
    const { open } = await tabs('visible')
    const pages: Page[] = []
    const paused = (page: Page) =>
      page.getByRole('status').getByText('Paused: a browser keeps at most 4 Sluice windows live.')
    for (let n = 0; n < TABS; n++) {
      pages.push(await open(n))
      await showsWhatIsWritten(pages[n]!, n)
    }
    const [first, , , fourth] = pages as [Page, Page, Page, Page]
    for (const page of pages.slice(0, 3)) await paused(page).waitFor()
    for (const [n, page] of pages.entries()) if (n >= 3) await showsWhatIsWritten(page, n)
    const missed = write(0)
    await first.getByRole('button', { name: 'Resume' }).click()
    await line(first, missed).waitFor()
    await showsWhatIsWritten(first, 0)
    expect(await paused(first).count()).toBe(0)
    await paused(fourth).waitFor()
    await pill(fourth).getByText('Waiting').waitFor()
  })
})

describe('a sign-in in front of Sluice', () => {
  const signInPage = (res: ServerResponse, status: number, to: string) =>
    res
      .writeHead(status, { 'Content-Type': 'text/html' })
      .end(`<a href="/login/done?to=${encodeURIComponent(to)}">Let me in</a>`)

  /** Who is not signed in gets `answer`; `/login/done` signs in. What is open stays open. */
  function signOut(proxy: FrontProxy, answer: (res: ServerResponse, path: string) => void) {
    proxy.answers((res, path) => {
      const { pathname, searchParams } = new URL(path, proxy.url)
      const to = searchParams.get('to') ?? '/'
      if (pathname === '/login') return void signInPage(res, 200, to)
      if (pathname !== '/login/done') return answer(res, path)
      proxy.answers(undefined)
      res.writeHead(302, { Location: to }).end()
    })
  }

  const kinds: readonly [string, (res: ServerResponse, path: string) => void][] = [
    ['redirects', (res, path) => res.writeHead(302, { Location: `/login?to=${encodeURIComponent(path)}` }).end()],
    ['answers 401', (res, path) => signInPage(res, 401, path)],
    ['shows a page in place of all', (res, path) => signInPage(res, 200, path)],
  ]

  it.each(kinds)('that %s: the page says so, and after signing in it is where it was', async (_, answer) => {
    const proxy = await startFrontProxy(sluice)
    const page = await open(`${proxy.url}containers/web-0?time=utc`, { expectsFailures: true })
    await line(page, 'of 0').waitFor()
    signOut(proxy, answer)
    proxy.cut()
    await page.getByRole('status').getByText('You have been signed out. Sign in to resume.').waitFor()
    await pill(page).getByText('Waiting').waitFor()
    expect(await line(page, 'of 0').isVisible()).toBe(true)
    const missed = write(0)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('link', { name: 'Let me in' }).click()
    await line(page, missed).waitFor()
    expect(page.url()).toBe(`${proxy.url}containers/web-0?time=utc`)
    expect(await page.getByRole('button', { name: 'Sign in' }).count()).toBe(0)
  })

  const others: typeof kinds = [
    ...kinds,
    ['redirects to another host', (res, path) => res.writeHead(302, { Location: `${elsewhere.url}?to=${path}` }).end()],
  ]

  it.each(others)('that %s: who signs in in another tab need do nothing in this one', async (_, answer) => {
    const proxy = await startFrontProxy(sluice)
    const page = await open(`${proxy.url}containers/web-0`, { expectsFailures: true })
    await line(page, 'of 0').waitFor()
    await page.evaluate(() => Object.assign(window, { sameDocument: true }))
    signOut(proxy, answer)
    proxy.cut()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    const missed = write(0)
    await fetch(`${proxy.url}login/done`)
    await line(page, missed).waitFor()
    await page.getByRole('button', { name: 'Sign in' }).waitFor({ state: 'detached' })
    expect(await line(page, 'of 0').count()).toBe(1)
    expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true)
  })

  it.each(others)(
    'that %s: what is asked for of the past says so, while the stream is still open',
    async (_, answer) => {
      const proxy = await startFrontProxy(sluice)
      const page = await open(`${proxy.url}containers/long`, { expectsFailures: true })
      await line(page, 'line 1999').waitFor()
      signOut(proxy, answer)
      await log(page).focus()
      await page.keyboard.press('g')
      await page.getByRole('status').getByText('You have been signed out. Sign in to resume.').waitFor()
      await fetch(`${proxy.url}login/done`)
      await page.getByRole('button', { name: 'Sign in' }).waitFor({ state: 'detached' })
      await page.keyboard.press('g')
      await line(page, 'line 0').waitFor()
    },
  )

  it('is tried again at once when the page is turned to', async () => {
    const proxy = await startFrontProxy(sluice)
    const page = await open('about:blank', { expectsFailures: true })
    await page.clock.install()
    await page.goto(`${proxy.url}containers/web-0`)
    await line(page, 'of 0').waitFor()
    let asked = 0
    signOut(proxy, (res, path) => {
      asked++
      signInPage(res, 401, path)
    })
    proxy.cut()
    const askedMeanwhile = async () => {
      await page.clock.runFor(15_000)
      return asked
    }
    // Twice a try: after six the next one comes in 7.5 s at the soonest.
    await expect.poll(askedMeanwhile, { timeout: 30_000 }).toBeGreaterThan(12)
    await fetch(`${proxy.url}login/done`)
    const missed = write(0)
    await page.evaluate(() => window.dispatchEvent(new Event('focus')))
    await line(page, missed).waitFor({ timeout: 5_000 })
  })

  it('a proxy without Sluice behind it is named, until it is there again', async () => {
    const proxy = await startFrontProxy(sluice)
    const page = await open(proxy.url, { expectsFailures: true })
    await page.locator('.overview').getByRole('link', { name: 'web-0' }).waitFor()
    proxy.answers((res) => res.writeHead(502, { 'Content-Type': 'text/html' }).end('<h1>Bad Gateway</h1>'))
    proxy.cut()
    await page.getByRole('status').getByText('The proxy can’t reach Sluice (502). Retrying.').waitFor()
    expect(await page.getByRole('button', { name: 'Sign in' }).count()).toBe(0)
    proxy.answers(undefined)
    await page.getByRole('status').getByText('Retrying').waitFor({ state: 'hidden' })
  })
})
