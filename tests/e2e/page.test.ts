/** The page as a person uses it, in Chromium, in front of a real engine. */
import type { Page } from 'playwright-core'
import { afterEach, describe, expect, it } from 'vitest'
import { uniqueName } from '../engine/engine.ts'
import { startFaultProxy } from '../engine/fault-proxy.ts'
import { useEngine } from '../engine/use-engine.ts'
import { startSluice } from '../sluice/server.ts'
import { useBrowser } from './browser.ts'
import { line, log, onScreen, pill, readUp } from './log-on-screen.ts'

const engine = useEngine()
afterEach(() => engine.close()) // The sidebar draws the containers on screen only: it has those of the test alone.
const sluice = await startSluice({ engine: engine.socket })
const open = useBrowser()

async function openLog(name: string): Promise<Page> {
  return open(`${sluice.url}containers/${name}`)
}

describe('the list', () => {
  it('shows containers as they come, change and go, without a reload', async () => {
    const page = await open(sluice.url)
    const name = uniqueName('come')
    const row = page.locator('nav').getByRole('link', { name })
    expect(await row.count()).toBe(0)
    const container = await engine.run({ name })
    await row.waitFor()
    await container.exit(4)
    await page
      .getByRole('main')
      .getByText(/exited 4/)
      .first()
      .waitFor()
    await container.remove()
    await row.waitFor({ state: 'detached' })
    await page.getByRole('main').getByText(name).waitFor({ state: 'detached' })
  })

  it('a click opens the log, under an address with the name; back and forward work', async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.write('stdout', 'hello from here\n')
    const page = await open(sluice.url)
    await page.locator('nav').getByRole('link', { name: container.name }).click()
    await line(page, 'hello from here').waitFor()
    expect(new URL(page.url()).pathname).toBe(`/containers/${container.name}`)
    expect(await page.title()).toBe(`${container.name} · Sluice`)
    await page.goBack()
    await line(page, 'hello from here').waitFor({ state: 'detached' })
    await page.goForward()
    await line(page, 'hello from here').waitFor()
  })

  it('is filtered by typing, and Enter goes to the first', async () => {
    const container = await engine.run({ name: uniqueName('needle') })
    await engine.run({ name: uniqueName('hay') })
    const page = await open(sluice.url)
    await page.locator('nav').getByRole('link', { name: container.name }).waitFor()
    await page.keyboard.press('Control+k')
    await page.keyboard.type(container.name.slice(0, 10))
    expect(await page.locator('nav').getByRole('link').count()).toBe(1)
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/containers/${container.name}`)
  })
})

describe('the log', () => {
  it('opens at its end, and shows a line when it is written', async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.pace({ lines: 300 }).done
    await container.logged('line 299\n')
    const page = await openLog(container.name)
    await line(page, 'line 299').waitFor()
    await container.write('stderr', 'just now\n')
    await line(page, 'just now').waitFor()
    expect(await line(page, 'just now').isVisible()).toBe(true)
    await pill(page).getByText('Live').waitFor()
  })

  it('pauses when scrolled up, counts what is new, and goes on with End', async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.pace({ lines: 300 }).done
    await container.logged('line 299\n')
    const page = await openLog(container.name)
    await line(page, 'line 299').waitFor()
    await log(page).hover()
    await page.mouse.wheel(0, -1_000)
    await pill(page).getByText('Paused').waitFor()
    const reading = line(page, 'line 240')
    await reading.waitFor()
    const before = await reading.boundingBox()
    await container.pace({ lines: 25, template: 'new {n}' }).done
    await pill(page).getByText('25 new').waitFor()
    expect(await reading.boundingBox()).toEqual(before)
    await page.keyboard.press('End')
    await line(page, 'new 24').waitFor()
    await pill(page).getByText('Live').waitFor()
  })

  it('keeps the document small however long it is, and shows the last line of a burst', async () => {
    const container = await engine.run({ name: uniqueName() })
    const page = await openLog(container.name)
    await page.getByText('has written nothing yet').waitFor()
    await container.pace({ lines: 50_000 }).done
    await line(page, 'line 49999').waitFor()
    expect(await log(page).locator('.row').count()).toBeLessThan(120)
    await page.keyboard.press('Home')
    await line(page, 'line 0').waitFor()
    expect(await log(page).locator('.row').count()).toBeLessThan(120)
  })

  it('draws a flood some ten times a second, and not in each frame', async () => {
    const container = await engine.run({ name: uniqueName() })
    const page = await openLog(container.name)
    await page.getByText('has written nothing yet').waitFor()
    const drawn = log(page).evaluate(
      (element) =>
        new Promise<number[]>((resolve) => {
          const times: number[] = []
          const observer = new MutationObserver(() => {
            times.push(performance.now())
            if (element.textContent.includes('line 149999')) resolve(times)
          })
          observer.observe(element, { subtree: true, childList: true, characterData: true })
        }),
    )
    await container.pace({ lines: 150_000 }).done
    const times = await drawn
    const [began = 0, ended = 0] = [times[0], times.at(-1)]
    // At its beginning it is not known to be one; where it pauses for a moment it begins anew.
    expect(times.length).toBeLessThan(1.5 * ((ended - began) / 100) + 10)
    expect(times.length).toBeGreaterThan(1)
  })

  it('shows hostile text as text', async () => {
    const container = await engine.run({ name: uniqueName() })
    const page = await openLog(container.name)
    const html = '<script>alert(1)</script><img src=x onerror=alert(1)><b>bold</b>'
    await container.write('stdout', `${html}\n`)
    await line(page, html).waitFor()
    expect(await log(page).locator('img, script, b').count()).toBe(0)
    await container.write(
      'stdout',
      '\x1b[31mred\x1b[0m and plain \x1b]8;;javascript:alert(1)\x07link\x1b]8;;\x07\x1b[2J\n',
    )
    await log(page).getByText('and plain').waitFor()
    const red = log(page).getByText('red', { exact: true })
    const [redColour, plainColour] = await Promise.all(
      [red, line(page, html)].map((text) => text.evaluate((element) => getComputedStyle(element).color)),
    )
    expect(redColour).not.toBe(plainColour)
    await container.write('stdout', `${'w'.repeat(60_000)}\nafter the wide one\n`)
    await line(page, 'after the wide one').waitFor()
  })

  it('draws each level with an edge of its own, and the parts of a loguru line', async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.write(
      'stdout',
      'INFO: fine\nWARNING: hm\nERROR: no\n2026-11-22 10:00:00.123 | ERROR    | app:run:12 - loguru\n',
    )
    const page = await openLog(container.name)
    await line(page, 'ERROR: no').waitFor()
    const edge = (text: string) =>
      line(page, text).evaluate((element) => {
        const time = element.closest('.row')?.querySelector('.time')
        return time ? getComputedStyle(time).backgroundImage : 'none'
      })
    const edges = await Promise.all(['INFO: fine', 'WARNING: hm', 'ERROR: no'].map(edge))
    expect(new Set(edges).size).toBe(3)
    await line(page, 'app:run:12').waitFor()
  })

  it('goes on by itself when the container is re-created, and says so in place', async () => {
    const name = uniqueName()
    const first = await engine.run({ name })
    await first.write('stdout', 'from the first\n')
    const page = await openLog(name)
    await line(page, 'from the first').waitFor()
    await page.evaluate(() => Object.assign(window, { sameDocument: true }))
    await first.kill()
    await first.remove()
    await log(page).getByText('was removed').waitFor()
    const second = await engine.run({ name })
    await second.write('stdout', 'from the second\n')
    await line(page, 'from the second').waitFor()
    await log(page).getByText(`${name} was re-created`).waitFor()
    expect(await line(page, 'from the first').isVisible()).toBe(true)
    expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true)
  })

  it('says in words how a stopped container ended, and that it waits', async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.write('stdout', 'last words\n')
    await container.exit(3)
    const page = await openLog(container.name)
    await line(page, 'last words').waitFor()
    await page
      .getByRole('main')
      .getByText(/exited 3/)
      .first()
      .waitFor()
    await log(page)
      .getByText(/waiting for it to start again/)
      .waitFor()
    await container.start()
    await container.write('stdout', 'and again\n')
    await line(page, 'and again').waitFor()
  })

  it('says that its container ran out of memory where its lines end', async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.write('stdout', 'last words\n')
    await container.exit(137)
    const known = async () => {
      const containers = (await (await fetch(`${sluice.url}api/containers`)).json()) as {
        name: string
        exitCode?: number
      }[]
      return containers.find(({ name }) => name === container.name)
    }
    await expect.poll(async () => (await known())?.exitCode).toBe(137)
    // The engine did not kill it; what it tells of one that it did is put in on the way.
    const page = await open('about:blank')
    await page.addInitScript((name) => {
      const { EventSource } = globalThis
      globalThis.EventSource = class extends EventSource {
        override addEventListener(type: string, listener: unknown): void {
          const told = ({ data, lastEventId }: Partial<MessageEvent<string>>) => {
            const killed = data?.replace(`"key":"${name}"`, `"oomKilled":true,"key":"${name}"`)
            ;(listener as (event: object) => void)({ data: killed, lastEventId, type })
          }
          super.addEventListener(type, (event) => told(event as MessageEvent<string>))
        }
      }
    }, container.name)
    await page.goto(`${sluice.url}containers/${container.name}?time=utc`) // with a query the page itself opens the stream
    await log(page)
      .getByText(/code 137, out of memory · waiting for it to start again/)
      .waitFor()
  })

  it('names a driver that cannot be read, and what to change', async () => {
    const container = await engine.run({ name: uniqueName(), logDriver: 'none' })
    const page = await openLog(container.name)
    await page.getByText("Docker can't read the log").waitFor()
    await page.getByRole('main').getByText('json-file', { exact: true }).waitFor()
  })

  it('of an unknown name offers the closest, and appears when a container takes the name', async () => {
    const name = uniqueName()
    const near = await engine.run({ name: `${name}x` })
    const page = await openLog(name)
    await page.getByRole('main').getByRole('link', { name: near.name }).waitFor()
    const container = await engine.run({ name })
    await container.write('stdout', 'arrived\n')
    await line(page, 'arrived').waitFor()
  })

  it('needs one connection', async () => {
    const container = await engine.run({ name: uniqueName() })
    const page = await open(sluice.url)
    const streams: string[] = []
    page.on('request', (request) => {
      if (request.resourceType() === 'eventsource') streams.push(new URL(request.url()).pathname)
    })
    await page.goto(`${sluice.url}containers/${container.name}`)
    await page.getByText('has written nothing yet').waitFor()
    expect(streams).toEqual([`/api/containers/${container.name}/logs/stream`])
  })
})

describe('a tab that nobody sees', () => {
  const see = (page: Page, state: DocumentVisibilityState) =>
    page.evaluate((it) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, value: it })
      document.dispatchEvent(new Event('visibilitychange'))
    }, state)

  it('gives its stream back after a minute, and shown again goes on where it was, without a line lost or doubled', async () => {
    const container = await engine.run({ name: uniqueName() })
    const proxy = await startFaultProxy(engine.socket)
    const own = await startSluice({ engine: proxy.socket })
    const page = await open('about:blank')
    const streams: string[] = []
    page.on('request', (request) => {
      if (request.resourceType() === 'eventsource') streams.push(request.url())
    })
    await page.clock.install()
    await page.goto(`${own.url}containers/${container.name}`)
    const pace = container.pace({ lines: 1e6, perSecond: 100 })
    await log(page)
      .getByText(/^line \d+$/)
      .first()
      .waitFor()

    await see(page, 'hidden')
    await page.clock.fastForward(50_000)
    const newest = (await onScreen(page)).at(-1)
    await expect.poll(async () => (await onScreen(page)).at(-1)).not.toBe(newest) // it is not yet time
    await page.clock.fastForward(10_000)
    await proxy.until(({ openFollows }) => openFollows === 0, 20_000)
    await container.write('stderr', 'written meanwhile\n')
    await container.logged('written meanwhile')
    expect(await line(page, 'written meanwhile').count()).toBe(0)
    expect(streams).toHaveLength(1)

    await see(page, 'visible')
    await pace.stop()
    await container.write('stderr', 'the last\n')
    await line(page, 'the last').waitFor()
    expect(streams).toHaveLength(2)
    const written = (await container.lines()).map(({ text }) => text)
    expect(await readUp(page, written[0] ?? '')).toEqual(written.reverse())
    await own.stop()
    await proxy.close()
  })
})

describe('when things fail', () => {
  it('a lost connection keeps the lines, says that nothing is lost, and is right', async () => {
    const container = await engine.run({ name: uniqueName() })
    const first = await startSluice({ engine: engine.socket })
    await container.write('stdout', 'before\n')
    const page = await open(`${first.url}containers/${container.name}`, { expectsFailures: true })
    await line(page, 'before').waitFor()
    await first.stop('SIGKILL')
    await page.getByText('Reconnecting. Nothing will be lost.').waitFor()
    await container.write('stdout', 'meanwhile\n')
    await startSluice({ engine: engine.socket, args: ['--port', new URL(first.url).port] })
    await line(page, 'meanwhile').waitFor()
    await page.getByText('Reconnecting. Nothing will be lost.').waitFor({ state: 'hidden' })
    expect(await line(page, 'before').count()).toBe(1)
  })

  it('a lost engine keeps the lines, and it is said who does not answer, and that the page waits', async () => {
    const proxy = await startFaultProxy(engine.socket)
    const container = await engine.run({ name: uniqueName() })
    await container.write('stdout', 'before\n')
    const own = await startSluice({ engine: proxy.socket })
    const page = await open(`${own.url}containers/${container.name}`)
    await line(page, 'before').waitFor()
    await pill(page).getByText('Live').waitFor()
    await proxy.refuse()
    proxy.cut()
    await page.getByText(/^Can't reach Docker on .*\. Logs resume when it's back\.$/).waitFor()
    await pill(page).getByText('Waiting').waitFor()
    await container.write('stdout', 'meanwhile\n')
    await proxy.accept()
    await line(page, 'meanwhile').waitFor()
    await pill(page).getByText('Live').waitFor()
    expect(await onScreen(page)).toEqual(['before', 'meanwhile'])
    await own.stop()
    await proxy.close()
  })

  it('no engine: says where it looked and what to check, and shows containers when one answers', async () => {
    const proxy = await startFaultProxy(engine.socket)
    await proxy.refuse('missing')
    const container = await engine.run({ name: uniqueName() })
    const alone = await startSluice({ engine: proxy.socket })
    const page = await open(alone.url)
    await page.getByRole('main').getByText(`unix://${proxy.socket}`).waitFor()
    await page
      .getByRole('main')
      .getByText(/no such socket/i)
      .waitFor()
    await proxy.accept()
    await page.locator('nav').getByRole('link', { name: container.name }).waitFor()
    await alone.stop()
    await proxy.close()
  })

  it('the demo says that it is one, and how to connect a real engine', async () => {
    const demo = await startSluice({ args: ['--demo'] })
    const page = await open(demo.url)
    await page.getByText('Sample containers').waitFor()
    await page.locator('nav').getByRole('link', { name: 'traefik' }).click()
    await log(page).locator('.row').nth(20).waitFor()
  })
})

it.each([
  { width: 1400, height: 900, rows: 40 },
  { width: 1024, height: 640, rows: 27 },
  { width: 390, height: 844, rows: 37 },
])('at $width x $height the log has at least $rows rows, and nothing sticks out', async ({ width, height, rows }) => {
  const container = await engine.run({ name: uniqueName() })
  await container.pace({ lines: 100 }).done
  await container.logged('line 99\n')
  const page = await open(`${sluice.url}containers/${container.name}`, { width, height })
  await line(page, 'line 99').waitFor()
  const box = await log(page).boundingBox()
  expect(Math.floor((box?.height ?? 0) / 20)).toBeGreaterThanOrEqual(rows)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
})

it('a stream opened in a tab of its own shows its lines', async () => {
  const container = await engine.run({ name: uniqueName() })
  await container.write('stdout', 'seen in a tab\n')
  await container.exit(0)
  const page = await open('about:blank')
  // The answer never ends, so neither would waiting for it to load.
  await page.goto(`${sluice.url}api/containers/${container.name}/logs/stream`, { waitUntil: 'commit' })
  await expect.poll(() => page.evaluate(() => document.body?.textContent ?? '')).toContain('seen in a tab')
})
