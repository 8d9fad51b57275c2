/** The log under one's fingers: history, search, errors, links and copies, as a person does it, in front of a real engine. */
import { readFile } from 'node:fs/promises'
import axe from 'axe-core'
import type { Page, Route } from 'playwright-core'
import { afterEach, describe, expect, it } from 'vitest'
import { uniqueName } from '../engine/engine.ts'
import { useEngine } from '../engine/use-engine.ts'
import { startSluice } from '../sluice/server.ts'
import { type PageOptions, useBrowser } from './browser.ts'
import { line, log, onScreen, pill, readUp } from './log-on-screen.ts'

const engine = useEngine()
afterEach(() => engine.close()) // The sidebar draws the containers on screen only: it has those of the test alone.
const sluice = await startSluice({ engine: engine.socket })
const open = useBrowser()

const current = (page: Page) => log(page).locator('.row.current .text')
const count = (page: Page) => page.locator('.search .count')

/** A container with that in its log. */
async function logged(text: string) {
  const container = await engine.run({ name: uniqueName() })
  await container.write('stdout', text)
  await container.logged(text.trimEnd().split('\n').at(-1) ?? '')
  return container
}

async function numbered(lines: number, template = 'line {n}') {
  const container = await engine.run({ name: uniqueName() })
  await container.pace({ lines, template }).done
  await container.logged(template.replace('{n}', String(lines - 1)))
  return container
}

async function openLog(name: string, search = '', options: PageOptions = {}): Promise<Page> {
  const page = await open(`${sluice.url}containers/${name}${search}`, options)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await log(page).locator('.row').first().waitFor()
  return page
}

/** The numbers [from, to). */
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at)

const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText())

/** The colours of a picture's first column, from the top; a PNG in base64. */
async function pixels(picture: string): Promise<string[]> {
  const page = await open('about:blank') // of Sluice's no picture may come from elsewhere
  return page.evaluate(async (base64) => {
    const image = new Image()
    image.src = `data:image/png;base64,${base64}`
    await image.decode()
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height })
    const context = canvas.getContext('2d')
    context?.drawImage(image, 0, 0)
    return Array.from({ length: image.height }, (_, y) => String(context?.getImageData(0, y, 1, 1).data))
  }, picture)
}

/** Drags a selection from a line's first character over another's last. */
async function selectBetween(page: Page, first: string, last: string): Promise<void> {
  const from = await line(page, first).boundingBox()
  const to = await line(page, last).boundingBox()
  if (!from || !to) throw new Error('a line is not on screen')
  await page.mouse.move(from.x + 1, from.y + 10)
  await page.mouse.down()
  await page.mouse.move(to.x + to.width + 10, to.y + 10, { steps: 5 })
  await page.mouse.up()
}

/** What axe finds to keep somebody out: WCAG 2.2, A and AA. */
async function shutOut(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') }
    const { violations } = await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })
    return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html).join(' | ')}`)
  })
}

describe('history', () => {
  it.each([1, 2])(
    'comes as one scrolls up, without a line lost, doubled or out of order; %i device pixels a pixel',
    async (scale) => {
      const container = await numbered(2_000)
      const page = await openLog(container.name, '', { scale })
      await line(page, 'line 1999').waitFor()
      expect(await readUp(page, 'line 0')).toEqual(Array.from({ length: 2_000 }, (_, n) => `line ${1_999 - n}`))
      await page.keyboard.press('End')
      await line(page, 'line 1999').waitFor()
      await pill(page).getByText('Live').waitFor()
    },
  )

  it('begins at the log’s first line with one key, and goes on down from there', async () => {
    const container = await numbered(5_000)
    const page = await openLog(container.name)
    await line(page, 'line 4999').waitFor()
    await page.keyboard.press('g')
    await line(page, 'line 0').waitFor()
    await container.write('stdout', 'meanwhile\n')
    await pill(page).getByText('1 new').waitFor()
    const down = async () => {
      await page.keyboard.press('PageDown')
      return Number((await onScreen(page)).at(-1)?.slice(5))
    }
    await expect.poll(down, { interval: 20, timeout: 20_000 }).toBeGreaterThan(2_000)
    await page.keyboard.press('End')
    await line(page, 'meanwhile').waitFor()
  })

  it.each([1, 1.5, 2])('ends where it follows, to a part of a pixel; %f device pixels a pixel', async (scale) => {
    const container = await numbered(300)
    const page = await openLog(container.name, '', { scale })
    await line(page, 'line 299').waitFor()
    await log(page).hover()
    await page.mouse.wheel(0, -300)
    await pill(page).getByText('Paused').waitFor()
    await log(page).evaluate((it) => it.scrollTo({ top: it.scrollHeight - it.clientHeight - 0.5 }))
    await pill(page).getByText('Live').waitFor()
    const above = await log(page).evaluate((it) => it.scrollHeight - it.clientHeight - it.scrollTop)
    if (scale === 2) expect(above).toBe(0.5)
    await pill(page).evaluate((it) =>
      new MutationObserver(
        () => it.textContent === 'Live' || Object.assign(window, { hasPaused: it.textContent }),
      ).observe(it, { childList: true, characterData: true, subtree: true }),
    )
    await container.pace({ lines: 200, perSecond: 200, template: 'new {n}' }).done
    await line(page, 'new 199').waitFor()
    await expect.poll(async () => (await onScreen(page)).at(-1)).toBe('new 199')
    expect(await page.evaluate(() => Reflect.get(window, 'hasPaused'))).toBeUndefined()
  })

  it('is found by time: what a person types is where the log is shown', async () => {
    const container = await logged('an hour is long\n')
    const page = await openLog(container.name)
    await page.keyboard.press(':')
    await page.keyboard.type('2 h ago')
    await page.keyboard.press('Enter')
    await pill(page).getByText('Paused').waitFor()
    expect(await current(page).textContent()).toBe('an hour is long')
    expect(new URL(page.url()).searchParams.get('at')).toMatch(/^\d{4}-|^[0-9a-f]{12}\./)
  })

  it('is found by a time that was typed, Enter and all, before the field for it was there', async () => {
    const container = await logged('an hour is long\n')
    const page = await openLog(container.name)
    const held: Route[] = []
    await page.route('**/assets/dialog-*', (route) => void held.push(route))
    await page.reload() // a browser may tell of the pointer at once, and the page has loaded all by then
    await line(page, 'an hour is long').waitFor()
    await page.keyboard.press(':')
    await page.keyboard.type('2 h agog')
    await page.keyboard.press('Backspace')
    await page.keyboard.press('Enter')
    await expect.poll(() => held.length).toBe(1)
    await held[0]?.continue()
    await pill(page).getByText('Paused').waitFor()
    expect(await current(page).textContent()).toBe('an hour is long')
    expect(await page.locator('dialog').count()).toBe(0)
  })
})

describe('a page that was open before another version of Sluice came', () => {
  it('has all its parts from when it is first used', async () => {
    const container = await logged('a needle\n')
    const page = await openLog(container.name)
    await page.mouse.move(300, 300)
    await page.waitForLoadState('networkidle')
    await page.route('**/assets/*', (route) => route.abort())
    for (const [key, title] of [
      [':', 'Go to time'],
      ['?', 'Keyboard'],
    ] as const) {
      await page.keyboard.press(key)
      await page.getByRole('dialog', { name: title }).waitFor()
      await page.keyboard.press('Escape')
    }
    await page.keyboard.press('/')
    await page.keyboard.type('needle')
    await count(page).getByText('1', { exact: true }).waitFor()
  })

  it('says so where it has not', async () => {
    const container = await logged('a line\n')
    const page = await openLog(container.name)
    await page.route('**/assets/dialog-*', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: 'throw 0' }),
    )
    await page.reload()
    await line(page, 'a line').waitFor()
    await page.keyboard.press(':')
    await page.getByText('Could not be loaded. Reload the page.').waitFor()
    await page.keyboard.press(' ')
    await pill(page).getByText('Paused').waitFor()
  })
})

describe('a dialog', () => {
  it('stays that is opened in the moment in which another closes', async () => {
    const page = await openLog((await logged('a line\n')).name)
    await page.keyboard.press(':')
    await page.getByRole('dialog', { name: 'Go to time' }).waitFor()
    await page.evaluate(() => {
      document.querySelector('dialog')?.close() // which it hears of in a later task, and its field loses the focus then
      document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: '?', bubbles: true }))
    })
    const keyboard = page.getByRole('dialog', { name: 'Keyboard' })
    await keyboard.waitFor()
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)))
    expect(await keyboard.isVisible()).toBe(true)
  })
})

describe('search', () => {
  it('marks and counts what is loaded, goes from match to match and around, and Esc ends it', async () => {
    const container = await logged('a needle\nhay\nNeedle and needle\nhay\nthe last needle\nhay\n')
    const page = await openLog(container.name)
    await page.keyboard.press('/')
    await page.keyboard.type('needle')
    await count(page).getByText('3', { exact: true }).waitFor()
    expect(await page.evaluate(() => CSS.highlights.get('match')?.size)).toBe(4)
    await page.keyboard.press('Enter')
    await count(page).getByText('3 of 3').waitFor()
    expect(await current(page).textContent()).toBe('the last needle')
    await page.keyboard.press('Enter')
    await count(page).getByText('1 of 3').waitFor()
    await page.keyboard.press('Shift+Enter')
    await count(page).getByText('3 of 3').waitFor()
    expect(new URL(page.url()).searchParams.get('q')).toBe('needle')
    await page.keyboard.press('Escape')
    await expect.poll(() => page.evaluate(() => CSS.highlights.get('match')?.size ?? 0)).toBe(0)
  })

  it('finds what is far back, with one key, and lands among the lines around it', async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.pace({ lines: 100, template: 'before {n}' }).done
    await container.write('stdout', 'the lost needle\n')
    await container.pace({ lines: 20_000, template: 'after {n}' }).done
    await container.logged('after 19999')
    const page = await openLog(container.name, '?q=needle')
    await count(page).getByText('1', { exact: true }).waitFor()
    await page.keyboard.press('n')
    await count(page).getByText('1 of 1').waitFor()
    expect(await current(page).textContent()).toBe('the lost needle')
    const around = await onScreen(page)
    expect(around).toContain('before 99')
    expect(around).toContain('after 0')
  })

  it('says what is wrong with a pattern, and a stalling one stalls nothing', async () => {
    const container = await logged(`${'a'.repeat(60)}!\nplain\n`)
    const page = await openLog(container.name)
    await page.keyboard.press('/')
    await page.getByRole('button', { name: 'Regular expression' }).click()
    await page.keyboard.type('(a+')
    await count(page).getByText('not a pattern').waitFor()
    await page.keyboard.type(')+$')
    await page.evaluate(() => new Promise(requestAnimationFrame))
    await line(page, 'plain').waitFor()
    await container.write('stdout', 'still alive\n')
    await line(page, 'still alive').waitFor()
  })

  it('has all its matches copied, loaded or not, and where a browser takes no promise of a text too', async () => {
    const container = await numbered(3_000)
    const page = await openLog(container.name, '?q=line+25')
    await count(page).getByText('111', { exact: true }).waitFor()
    const matches = [25, ...range(250, 260), ...range(2_500, 2_600)].map((n) => `line ${n}`).join('\n')
    const copyAll = async () => {
      await page.evaluate(() => navigator.clipboard.writeText(''))
      await page.getByRole('button', { name: 'Menu' }).click()
      await page.getByRole('button', { name: 'Copy all matches' }).click()
      await page.getByText('111 lines copied').waitFor()
      return clipboard(page)
    }
    expect(await copyAll()).toBe(matches)
    await page.evaluate(() => Object.assign(globalThis, { ClipboardItem: undefined }))
    await page.getByText('111 lines copied').waitFor({ state: 'detached' })
    expect(await copyAll()).toBe(matches)
    await readUp(page, 'line 0') // all is loaded now
    await page.getByText('111 lines copied').waitFor({ state: 'detached' })
    const asked: string[] = []
    page.on('request', (request) => {
      if (request.url().includes('/api/')) asked.push(request.url()) // and not the browser's, for the page's icon
    })
    expect(await copyAll()).toBe(matches)
    expect(asked).toEqual([]) // what is here need not be asked for
  })

  it('leaves out all but the matches, if one likes, however far back they are', async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.write('stdout', 'needle 1\n')
    await container.pace({ lines: 3_000 }).done
    await container.write('stdout', 'needle 2\n')
    await container.logged('needle 2')
    const page = await openLog(container.name, '?q=needle&only=true')
    await line(page, 'needle 1').waitFor()
    expect(await onScreen(page)).toEqual(['needle 1', 'needle 2'])
    await container.write('stdout', 'hay\nneedle 3\n')
    await line(page, 'needle 3').waitFor()
    expect(await onScreen(page)).toEqual(['needle 1', 'needle 2', 'needle 3'])
  })

  it('marks what it counts and counts what it marks, and says where a match is not drawn', async () => {
    const container = await logged(
      `a=1 span_id=null\n{"level":"info","msg":"GET \\/cart","span_id":null}\n10%\r20%\rdone 100%\n${'.'.repeat(4000)}needle\nlast\n`,
    )
    const page = await openLog(container.name)
    const marked = () =>
      page.evaluate(() => [CSS.highlights.get('match')?.size, CSS.highlights.get('match-current')?.size])
    const words = () =>
      log(page)
        .locator('[data-match]')
        .evaluateAll((all) => all.map((it) => it.getAttribute('data-match')))
    const look = async (text: string, counted: string) => {
      await page.locator('.search input').fill(text)
      await count(page).getByText(counted, { exact: true }).waitFor()
    }
    await look('span_id=null', '2')
    expect(await marked()).toEqual([2, 0])
    await look('/cart', '1')
    expect(await marked()).toEqual([1, 0])
    expect(await words()).toEqual([])
    await look('"span_id":null', '1')
    expect(await marked()).toEqual([0, 0])
    expect(await words()).toEqual(['match in raw text'])
    await look('/cart  span_id', 'none') // which is seen there, and stands in no line
    expect(await marked()).toEqual([0, 0])
    expect(await words()).toEqual([])
    await page.getByRole('button', { name: 'Regular expression' }).click()
    await look('span_id"[:]', '1')
    await expect.poll(words).toEqual(['match in raw text'])
    await look('nee[d]le', '1')
    await expect.poll(words).toEqual(['match further on in the line'])
    await look('2\\d%', '1')
    await expect.poll(words).toEqual(['match in overwritten text'])
    await page.keyboard.press('Enter')
    await count(page).getByText('1 of 1').waitFor()
    await log(page).focus()
    await page.keyboard.press('o')
    await expect.poll(marked).toEqual([0, 1]) // in all of the line, below
    expect(await shutOut(page)).toEqual([])
  })

  it('says so at wrapped lines, which have room for it, and stays at the end of the log', async () => {
    const container = await logged('first 10%\n')
    const page = await openLog(container.name, '?q=10%25', { width: 1100 })
    await count(page).getByText('1', { exact: true }).waitFor()
    await page.keyboard.press('w')
    // Some of them are as long as a row is wide, and the words go on in the next.
    await container.write(
      'stdout',
      range(60, 90)
        .map((n) => `10%\r${'y'.repeat(n)}\n`)
        .join(''),
    )
    await count(page).getByText('31', { exact: true }).waitFor()
    const below = () =>
      log(page).evaluate((element) => {
        const last = [...element.querySelectorAll('.row')].at(-1)?.getBoundingClientRect()
        return (last?.bottom ?? Infinity) <= element.getBoundingClientRect().bottom
      })
    await expect.poll(below).toBe(true)
  })

  it.each([
    'local',
    'relative', // which nothing would keep up to date
  ])(
    'shows what stands around a match that is opened, by the clock, where all but the matches are left out: %s',
    async (time) => {
      const container = await engine.run({ name: uniqueName() })
      await container.write('stdout', 'one\ntwo\nthree\nfour\nneedle\n<b>five</b>\n')
      await container.logged('five')
      const page = await openLog(container.name, `?q=needle&only=true&time=${time}`)
      await line(page, 'needle').waitFor()
      await page.keyboard.press('o')
      const around = log(page).locator('.around .near')
      await around.last().waitFor()
      const texts = (await around.allTextContents()).map((text) => text.replace(/^\d\d:\d\d:\d\d\.\d{3}/, ''))
      expect(texts).toEqual(['two', 'three', 'four', 'needle', '<b>five</b>'])
      expect(await around.locator('b').count()).toBe(0)
      expect(await shutOut(page)).toEqual([])
      await page.keyboard.press('Escape')
      await expect.poll(() => around.count()).toBe(0)
    },
  )
})

describe('levels', () => {
  it('show lines from far back too, where the last ones are of none of them, and say where there is no such line at all', async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.write('stdout', 'ERROR: the old one\n')
    await container.pace({ lines: 2_000 }).done
    await container.logged('line 1999')
    const page = await open(`${sluice.url}containers/${container.name}?level=error`)
    await line(page, 'ERROR: the old one').waitFor()
    await container.write('stdout', 'ERROR: the new one\n')
    await line(page, 'ERROR: the new one').waitFor()
    expect(await onScreen(page)).toEqual(['ERROR: the old one', 'ERROR: the new one'])
    await page.goto(`${sluice.url}containers/${container.name}?level=fatal`)
    await page.getByRole('heading', { name: 'No line matches' }).waitFor()
    expect(await shutOut(page)).toEqual([])
    await page.getByRole('button', { name: 'Show all lines' }).click()
    await line(page, 'ERROR: the new one').waitFor()
    expect(new URL(page.url()).search).toBe('')
    const empty = await engine.run({ name: uniqueName() })
    await page.goto(`${sluice.url}containers/${empty.name}?level=fatal`)
    await page.getByRole('heading', { name: 'No line matches' }).waitFor()
    await empty.write('stdout', 'FATAL: the first line\n')
    await line(page, 'FATAL: the first line').waitFor()
  })

  it('two presses lead to the newest error, wherever it is', async () => {
    const container = await engine.run({ name: uniqueName('web') })
    await container.write('stdout', 'ERROR: the old one\n')
    await container.pace({ lines: 2_000 }).done
    await container.logged('line 1999')
    const page = await open(sluice.url)
    await page.locator('nav').getByRole('link', { name: container.name }).click()
    await line(page, 'line 1999').waitFor()
    await page.keyboard.press('Shift+E')
    await line(page, 'ERROR: the old one').waitFor()
    expect(await current(page).textContent()).toBe('ERROR: the old one')
    await page.keyboard.press('Shift+E')
    await page.locator('footer').getByText('No earlier error').waitFor()
  })

  it('an error that is still looked for when its log is left is not any more, and the log that is there stays as it is', async () => {
    const left = await numbered(2_000)
    const other = await logged('of the other\n')
    const page = await openLog(left.name)
    await line(page, 'line 1999').waitFor()
    const held: Route[] = []
    await page.route('**/logs/search?level=*', (route) => void held.push(route))
    await page.keyboard.press('Shift+E')
    await expect.poll(() => held.length).toBe(1)
    const streams: string[] = []
    page.on('request', (request) => {
      if (request.resourceType() === 'eventsource') streams.push(new URL(request.url()).pathname)
    })
    await page.locator('nav').getByRole('link', { name: other.name }).click()
    await line(page, 'of the other').waitFor()
    await expect.poll(() => held[0]?.request().failure()?.errorText).toBe('net::ERR_ABORTED')
    await other.write('stdout', 'and more\n')
    await line(page, 'and more').waitFor()
    await pill(page).getByText('Live').waitFor()
    await page.locator('footer').getByText('2 lines loaded').waitFor()
    expect(streams).toEqual([`/api/containers/${other.name}/logs/stream`])
  })

  it('a press on one shows its lines only, now and later, and the address says so', async () => {
    const container = await logged('INFO: fine\nERROR: one\nINFO: fine again\n')
    const page = await openLog(container.name)
    await page.getByRole('button', { name: /^error/ }).click()
    await line(page, 'ERROR: one').waitFor()
    expect(await onScreen(page)).toEqual(['ERROR: one'])
    await container.write('stdout', 'INFO: no\nERROR: two\n')
    await line(page, 'ERROR: two').waitFor()
    expect(await onScreen(page)).toEqual(['ERROR: one', 'ERROR: two'])
    expect(new URL(page.url()).searchParams.get('level')).toBe('fatal,error')
    await page.reload()
    await line(page, 'ERROR: two').waitFor()
    expect(await onScreen(page)).toEqual(['ERROR: one', 'ERROR: two'])
    await page.goBack()
    await line(page, 'INFO: fine').waitFor()
  })
})

it.each([1, 2])('the map has ticks that are sharp; %i device pixels a pixel', async (scale) => {
  const container = await engine.run({ name: uniqueName() })
  await container.pace({ lines: 200 }).done
  await container.write('stdout', 'ERROR: late\n')
  await container.pace({ lines: 200, template: 'after {n}' }).done
  await container.logged('after 199')
  const page = await openLog(container.name, '', { scale })
  await line(page, 'after 199').waitFor()
  await expect.poll(() => page.locator('.map path.error').getAttribute('d')).toMatch(/^M/)
  const tick = await page.locator('.map path.error').boundingBox()
  if (!tick) throw new Error('no tick')
  // A pixel of the page above it, and one below.
  const clip = { x: tick.x + tick.width / 2, y: tick.y - 1, width: 1, height: tick.height + 2 }
  const rows = await pixels((await page.screenshot({ clip })).toString('base64'))
  const [ground = '', first = ''] = new Set(rows)
  expect(rows).toEqual(
    [ground, ...Array.from({ length: 3 }, () => first), ground].flatMap((row) =>
      Array.from({ length: scale }, () => row),
    ),
  )
})

describe('what a person comes for, by presses counted; what is typed into a field counts as one', () => {
  it('everything between two times, as a file: four, of which two are the times', async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.pace({ lines: 600, perSecond: 200 }).done
    await container.logged('line 599')
    const written = await container.lines()
    const page = await openLog(container.name, '?time=utc')
    const begin = Date.parse(written[0]?.time ?? '')
    const second = (after: number) => new Date(begin + after * 1000).toISOString().slice(0, 19)
    const [from, until] = [second(1), second(2)]

    await page.keyboard.press('d')
    await page.getByLabel('From').fill(from.slice(11))
    await page.getByLabel('Until').fill(until.slice(11))
    const saved = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Text' }).click()

    const file = await readFile(await (await saved).path(), 'utf8')
    const wanted = written.filter(({ time }) => time >= `${from}.000000000Z` && time <= `${until}.000000000Z`)
    expect(wanted.length).toBeGreaterThan(100)
    expect(file).toBe(wanted.map(({ time, text }) => `${time} ${text}\n`).join(''))
  })

  it('the lines with a word, and no others, now and later: three', async () => {
    const container = await logged('GET /a status=200\nGET /b status=500\nGET /c status=404\n')
    const page = await openLog(container.name)

    await page.keyboard.press('/')
    await page.keyboard.type('status=500')
    await page.getByRole('button', { name: 'Only matches' }).click()

    await expect.poll(() => onScreen(page)).toEqual(['GET /b status=500'])
    await container.write('stdout', 'GET /d status=200\nGET /e status=500\n')
    await expect.poll(() => onScreen(page)).toEqual(['GET /b status=500', 'GET /e status=500'])
  })
})

describe('on a phone', () => {
  const PHONE = { width: 390, height: 844, touch: true }

  /** A finger goes over the middle of the log, so many px down or, negative, up. */
  async function swipe(page: Page, px: number): Promise<void> {
    const cdp = await page.context().newCDPSession(page)
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...touchPoints: { x: number; y: number }[]) =>
      cdp.send('Input.dispatchTouchEvent', { type, touchPoints })
    await touch('touchStart', { x: 200, y: 420 - px / 2 })
    for (let step = 1; step <= 20; step++) await touch('touchMove', { x: 200, y: 420 + px * (step / 20 - 0.5) })
    await touch('touchEnd')
    await cdp.detach()
  }

  /** What is on screen when nothing moves any more. */
  async function atRest(page: Page): Promise<string[]> {
    let before = ''
    const isStill = async () => {
      const now = String(await onScreen(page))
      const isSame = now === before
      before = now
      return isSame
    }
    await expect.poll(isStill, { interval: 200 }).toBe(true)
    return onScreen(page)
  }

  it('the log is scrolled by touch: it stays where one reads, and goes on at its end', async () => {
    const container = await numbered(1_000)
    const page = await openLog(container.name, '', PHONE)
    await line(page, 'line 999').waitFor()
    await swipe(page, 500)
    await swipe(page, 500)
    await pill(page).getByText('Paused').waitFor()
    const rows = await atRest(page)
    const top = Number(rows[0]?.slice(5))
    expect(top).toBeLessThan(930) // of some 960 before
    expect(rows).toEqual(rows.map((_, n) => `line ${top + n}`))
    await container.pace({ lines: 10, template: 'new {n}' }).done
    await pill(page).getByText('10 new').waitFor()
    expect(await onScreen(page)).toEqual(rows)
    for (let turn = 0; turn < 4; turn++) await swipe(page, -500)
    await pill(page).getByText('Live').waitFor()
    await expect.poll(async () => (await onScreen(page)).at(-1)).toBe('new 9')
  })

  it('the containers and the menu come with a tap, and go with one beside them', async () => {
    const container = await logged('of the first\n')
    const other = await logged('of the other\n')
    const page = await openLog(container.name, '', PHONE)
    const link = page.locator('nav').getByRole('link', { name: other.name })
    const menu = page.locator('#menu')
    expect(await link.isVisible()).toBe(false)
    await page.getByRole('button', { name: 'Show the containers' }).tap()
    await link.waitFor()
    await page.touchscreen.tap(370, 600)
    await link.waitFor({ state: 'hidden' })
    expect(new URL(page.url()).pathname).toBe(`/containers/${container.name}`)
    await page.getByRole('button', { name: 'Show the containers' }).tap()
    await link.tap()
    await line(page, 'of the other').waitFor()
    await link.waitFor({ state: 'hidden' })

    await page.getByRole('button', { name: 'Menu' }).tap()
    await menu.getByText('Wrap lines').tap()
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset['wrap'])).toBe('off') // it was on
    await page.touchscreen.tap(20, 800)
    await menu.waitFor({ state: 'hidden' })
  })
})

describe('with keys alone', () => {
  /** What has the focus, by its name, where its ring is seen. */
  function focused(page: Page): Promise<string> {
    return page.evaluate(() => {
      const element = document.activeElement
      if (element === null || element === document.body) return 'nothing'
      const name = element.getAttribute('aria-label') ?? (element.textContent?.trim() || element.id)
      const { top, left, bottom, right } = element.getBoundingClientRect()
      if (top < 0 || left < 0 || bottom > innerHeight || right > innerWidth) return `${name}, out of sight`
      // The ring is the element's own, or that of the label or field around it.
      const ringed = [element, element.closest('label, search')].some((it) => {
        if (it === null) return false
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(it)
        return (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) || boxShadow !== 'none'
      })
      return ringed ? name : `${name}, without a ring`
    })
  }

  /** Goes on with a key until that has the focus; what had it on the way. */
  async function walk(page: Page, key: string, to: string | RegExp): Promise<string[]> {
    const names: string[] = []
    do {
      await page.keyboard.press(key)
      names.push(await focused(page))
    } while (!names.at(-1)?.match(to) && names.length < 60)
    return names
  }

  it('all is reached, seen where one is, and got back from', async () => {
    const container = await logged('INFO: a needle\nERROR: late\n')
    const other = await logged('of the other\n')
    const page = await open(sluice.url)
    const nothingLost = (names: string[]) =>
      expect(names.filter((name) => /nothing|out of sight|without/.test(name))).toEqual([])
    const name = `Log of ${container.name}`
    await page.locator('nav').getByRole('link', { name: container.name }).waitFor()

    nothingLost(await walk(page, 'Tab', 'Filter containers'))
    await page.keyboard.type(container.name)
    await page.keyboard.press('ArrowDown')
    expect(await focused(page)).toContain(container.name)
    await page.keyboard.press('Enter')
    await line(page, 'ERROR: late').waitFor()
    const bar = await walk(page, 'Tab', name)
    nothingLost(bar)
    expect(bar).toEqual(expect.arrayContaining(['Search', 'Menu', name]))

    await page.keyboard.press('/')
    await page.keyboard.type('needle')
    await page.keyboard.press('Enter')
    await count(page).getByText('1 of 1').waitFor()
    expect(await focused(page)).toBe('Search')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    expect(await focused(page)).toBe(name)

    for (const [key, title] of [
      [':', 'Go to time'],
      ['?', 'Keyboard'],
    ] as const) {
      await page.keyboard.press(key)
      await page.getByRole('dialog', { name: title }).waitFor()
      expect(await focused(page)).not.toMatch(/nothing|out of sight|without/)
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      expect(await focused(page)).toBe(name)
    }

    nothingLost(await walk(page, 'Shift+Tab', 'Menu'))
    await page.keyboard.press('Enter')
    nothingLost(await walk(page, 'Tab', 'Download'))
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    nothingLost(await walk(page, 'Tab', 'Zip'))
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await focused(page)).toBe('Menu')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Escape')
    expect(await focused(page)).toBe('Menu')

    nothingLost(await walk(page, 'Tab', name))
    await page.keyboard.press('Control+k')
    await page.keyboard.type(other.name)
    await page.keyboard.press('Enter')
    await line(page, 'of the other').waitFor()
    expect(await focused(page)).toBe(`Log of ${other.name}`)
    await page.goBack() // the browser’s own key, which without a window it has not
    await line(page, 'ERROR: late').waitFor()
    expect(await focused(page)).toBe(name)
    await page.keyboard.press('l')
    await page.keyboard.press('Enter')
    await expect.poll(() => onScreen(page)).toEqual(['ERROR: late'])
    expect(await focused(page)).toMatch(/^error/)
  })
})

describe('a line', () => {
  it('has a link that opens it among its neighbours, on another page', async () => {
    const container = await numbered(4_000)
    const page = await openLog(container.name)
    await page.keyboard.press('g')
    await line(page, 'line 7').waitFor()
    await line(page, 'line 7').click()
    await page.keyboard.press('y')
    await page.locator('footer').getByText('Link to the line copied').waitFor()
    const other = await open(await clipboard(page))
    await line(other, 'line 7').waitFor()
    expect(await current(other).textContent()).toBe('line 7')
    expect(await onScreen(other)).toContain('line 8')
    await pill(other).getByText('Paused').waitFor()
  })

  it('whose container is gone is said to be lost where its link leads', async () => {
    const name = uniqueName()
    const first = await engine.run({ name })
    await first.write('stdout', 'from the first\n')
    const page = await openLog(name)
    await line(page, 'from the first').click()
    await page.keyboard.press('y')
    const link = await clipboard(page)
    await first.remove()
    const second = await engine.run({ name })
    await second.write('stdout', 'from the second\n')
    await second.logged('from the second')
    const other = await open(link)
    await line(other, 'from the second').waitFor()
    await other.getByText(/that line is no longer kept by Docker/i).waitFor()
  })

  it('of JSON reads as a sentence, opens as its fields, and is copied as it was written', async () => {
    const json = '{"level":"warn","msg":"upstream slow","ms":1840,"req":{"id":"9f2c1"}}'
    const container = await logged(`first\n${json}\nlast\n`)
    const page = await openLog(container.name)
    await log(page).getByText('upstream slow').click()
    expect(await current(page).textContent()).toMatch(/^upstream slow\s+ms=1840/)
    const details = log(page).locator('.details')
    await details.getByText('1840').waitFor()
    await details.getByRole('button', { name: 'Copy req' }).click()
    await expect.poll(() => clipboard(page)).toBe('{"id":"9f2c1"}')
    await page.keyboard.press('c')
    await expect.poll(() => clipboard(page)).toBe(json)
    await page.keyboard.press('Escape')
    await details.waitFor({ state: 'detached' })
    await selectBetween(page, 'first', 'last')
    await page.keyboard.press('Control+c')
    await expect.poll(() => clipboard(page)).toBe(`first\n${json}\nlast`)
  })

  it('that goes back over itself reads as a terminal leaves it; all of it is copied, opened, and drawn raw', async () => {
    const lines = ['\x1b[31m10%\r20%\x1b[0m\r100% done', '|\b/\b-\b\\\bready', 'abcdef\rXY', 'with CRCRLF\r\r', 'last']
    const container = await logged(`${lines.join('\n')}\n`)
    const page = await openLog(container.name)
    await line(page, 'last').waitFor()
    expect(await onScreen(page)).toEqual(['100% done↩', 'ready↩', 'XYcdef↩', 'with CRCRLF', 'last'])
    await line(page, '100% done').click()
    await page.keyboard.press('c')
    await expect.poll(() => clipboard(page)).toBe(lines[0])
    expect(await log(page).locator('.whole').textContent()).toBe('10%␍20%␍100% done')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByLabel('Raw lines').check()
    await line(page, 'abcdef␍XY').waitFor()
    expect(await onScreen(page)).toEqual(['10%␍20%␍100% done', '|␈/␈-␈\\␈ready', 'abcdef␍XY', 'with CRCRLF␍', 'last'])
  })

  it('has links across its colours, and beside a host that is written otherwise the one that it leads to', async () => {
    const container = await logged(
      'at http://localhost:\x1b[1m5173\x1b[22m/ now\nhttps://a.example,https://b.example\n\x1b[4:3;58:5:1mhttp://www.\u0430pple.com\x1b[0m/\nlast\n',
    )
    const page = await openLog(container.name)
    await line(page, 'last').waitFor()
    const links = await log(page)
      .locator('a')
      .evaluateAll((all) => all.map((link) => [link.getAttribute('href'), link.textContent]))
    expect(links).toEqual([
      ['http://localhost:5173/', 'http://localhost:5173/'],
      ['https://a.example/', 'https://a.example'],
      ['https://b.example/', 'https://b.example'],
      ['http://www.xn--pple-43d.com/', 'http://www.\u0430pple.com/'],
    ])
    expect(await log(page).locator('a .bold').textContent()).toBe('5173')
    expect(await log(page).locator('.more').allTextContents()).toEqual(['www.xn--pple-43d.com'])
    const underline = await log(page)
      .locator('.underline')
      .evaluate((it) => getComputedStyle(it).textDecorationStyle)
    expect(underline).toBe('wavy')
    // Lines of other shapes come into the same elements.
    await container.write('stdout', 'a \x1b[1mb\x1b[0m c\n'.repeat(200))
    await container.logged('c')
    await expect.poll(async () => new Set(await onScreen(page))).toEqual(new Set(['a b c']))
    await page.keyboard.press('g')
    await expect.poll(async () => (await onScreen(page))[0]).toBe('at http://localhost:5173/ now')
  })

  it('is the end of a selection of thousands, by a click and one with Shift, that is copied whole and stays however one scrolls', async () => {
    const container = await numbered(3_000)
    const page = await openLog(container.name)
    await line(page, 'line 2990').click({ position: { x: 1, y: 10 } })
    await readUp(page, 'line 0')
    await line(page, 'line 3').click({ modifiers: ['Shift'], position: { x: 20, y: 10 } })
    const copied = async () => {
      await page.evaluate(() => navigator.clipboard.writeText(''))
      await page.keyboard.press('Control+c')
      return clipboard(page)
    }
    const [start = '', ...others] = (await copied()).split('\n')
    expect(start).toMatch(/^[ine]+ 3$/) // not from its first character
    expect(others).toEqual(range(4, 2_990).map((n) => `line ${n}`))
    const selected = [start, ...others].join('\n')
    for (const key of ['PageDown', 'PageDown', 'PageDown']) await page.keyboard.press(key)
    await line(page, 'line 120').waitFor()
    expect(await copied()).toBe(selected)
    const time = () => log(page).locator('.row:not(.away) .time').first().textContent()
    const before = await time()
    for (const key of ['t', 't']) await page.keyboard.press(key) // draws all rows anew
    await expect.poll(time).not.toBe(before)
    expect(await copied()).toBe(selected)
    await page.keyboard.press('End')
    await line(page, 'line 2990').first().waitFor() // the click has opened it
    expect(await copied()).toBe(selected)
  })

  it('is copied with all the others by the keys that select all, which in a field select what is in it', async () => {
    const container = await numbered(400)
    const page = await openLog(container.name)
    await line(page, 'line 399').waitFor()
    await page.keyboard.press('Control+a')
    await page.keyboard.press('Control+c')
    await expect
      .poll(() => clipboard(page))
      .toBe(
        range(0, 400)
          .map((n) => `line ${n}`)
          .join('\n'),
      )
    await pill(page).getByText('Paused').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('line 39')
    await page.keyboard.press('Control+a')
    await page.keyboard.type('line 12')
    await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBe('line 12')
  })

  it('whose surroundings are still looked for when its log is left changes nothing of the log that is there then', async () => {
    const [one, other] = [await engine.run({ name: uniqueName('a') }), await engine.run({ name: uniqueName('b') })]
    for (const container of [one, other]) {
      await container.write('stdout', 'hay\nneedle\n')
      await container.logged('needle')
    }
    const page = await openLog(one.name, '?q=needle&only=true')
    await line(page, 'needle').waitFor()
    const asked = page.waitForRequest(/limit=3/)
    await page.route(/limit=3/, () => {}) // never answered
    await page.keyboard.press('o')
    await asked
    await page.getByRole('link', { name: other.name }).click()
    await line(page, 'hay').waitFor()
    await page.waitForTimeout(1_500) // twice what it takes to note in the address what is looked at
    expect(new URL(page.url()).search).toBe('')
    expect(await onScreen(page)).toEqual(['hay', 'needle'])
  })

  it('that is opened at the foot of the screen is seen whole, and stays where it is when others come', async () => {
    const container = await engine.run({ name: uniqueName() })
    await container.pace({ lines: 200 }).done
    await container.write('stdout', '{"msg":"the last","a":1,"b":2,"c":3}\n')
    await container.logged('the last')
    const page = await openLog(container.name)
    await log(page).getByText('the last').waitFor()
    await page.keyboard.press('o')
    const details = log(page).locator('.details')
    await details.waitFor()
    const isWhole = () =>
      details.evaluate((element) => {
        const box = element.closest('[role=log]')?.getBoundingClientRect()
        return element.getBoundingClientRect().bottom <= (box?.bottom ?? 0) + 1
      })
    await expect.poll(isWhole).toBe(true)
    const before = await details.boundingBox()
    await container.pace({ lines: 25, template: 'new {n}' }).done
    await pill(page).getByText('25 new').waitFor()
    expect(await details.boundingBox()).toEqual(before)
  })

  it('with a stack trace is copied whole, with two presses', async () => {
    const trace = 'ERROR: no answer\n    at pay (/srv/pay.js:88:19)\n    at checkout (/srv/checkout.js:63:21)'
    const container = await logged(`before\n${trace}\nINFO: after\n`)
    const page = await openLog(container.name)
    await line(page, 'INFO: after').waitFor()
    await page.keyboard.press('Shift+E')
    await page.keyboard.press('c')
    await page.locator('footer').getByText('3 lines copied').waitFor()
    expect(await clipboard(page)).toBe(trace)
    const tints = await log(page)
      .locator('.row.error')
      .evaluateAll((rows) => rows.map((row) => row.querySelector('.text')?.textContent))
    expect(tints).toEqual(trace.split('\n'))
  })

  it('of a level comes with its stack trace, from what is loaded later too, and is copied with it', async () => {
    const trace = (n: number) =>
      `ERROR order ${n} failed with root cause\n\njava.lang.IllegalStateException: no pool\n\tat Pool.take(Pool.java:41)\nCaused by: x\n\t... 12 more`
    const container = await logged(`INFO ready\n${trace(1)}\nINFO after\n`)
    await container.pace({ lines: 1_000, template: 'INFO line {n}' }).done
    await container.write('stdout', `${trace(2)}\nINFO done\n`)
    await container.logged('INFO done')
    const page = await openLog(container.name, '?level=error,fatal')
    const shown = async () => (await onScreen(page)).map((text) => text.trimEnd())
    await expect.poll(shown).toEqual([1, 2].flatMap((n) => trace(n).split('\n')))
    await page.keyboard.press('Shift+E')
    await page.keyboard.press('c')
    await page.locator('footer').getByText('6 lines copied').waitFor()
    expect(await clipboard(page)).toBe(trace(2))
    await page.keyboard.press('Shift+E')
    await page.keyboard.press('c')
    await expect.poll(() => clipboard(page)).toBe(trace(1))
    const errors = page.getByRole('group', { name: 'Levels' }).locator('.error b')
    await expect.poll(() => errors.first().textContent()).toBe('2')
  })

  it('says of its level’s number that it may be more while the log has older lines', async () => {
    const container = await logged('ERROR the old one\n')
    await container.pace({ lines: 2_000, template: 'INFO line {n}' }).done
    await container.write('stdout', 'ERROR the new one\n')
    await container.logged('ERROR the new one')
    const page = await openLog(container.name)
    const errors = page.getByRole('group', { name: 'Levels' }).locator('.error b').first()
    await expect.poll(() => errors.textContent()).toBe('1+')
    await readUp(page, 'ERROR the old one')
    await expect.poll(() => errors.textContent()).toBe('2')
  })

  it('with a stack trace is folded by key and by pointer, alone or with all, and unfolded by a search that leads into it', async () => {
    const trace = (n: number) =>
      `ERROR: no answer ${n}\n    at pay (/srv/pay.js:88:${n})\n    at checkout (/srv/checkout.js:63:21)`
    const container = await logged(`before\n${trace(1)}\nbetween\n${trace(2)}\nINFO: after\n`)
    const page = await openLog(container.name)
    await line(page, 'INFO: after').waitFor()
    const [whole, folded] = [(n: number) => trace(n).split('\n'), (n: number) => [`ERROR: no answer ${n}+ 2 lines`]]
    const shows = (...parts: string[][]) => expect.poll(() => onScreen(page)).toEqual(parts.flat())
    await page.keyboard.press('Shift+E')
    await page.keyboard.press('j')
    await page.keyboard.press('z')
    await shows(['before'], whole(1), ['between'], folded(2), ['INFO: after'])
    expect(await current(page).textContent()).toBe('ERROR: no answer 2+ 2 lines')
    await container.write('stdout', 'a new line\n')
    await page.keyboard.press('End')
    await shows(['before'], whole(1), ['between'], folded(2), ['INFO: after', 'a new line'])
    await page.getByRole('button', { name: 'Show 2 lines more' }).click()
    await shows(['before'], whole(1), ['between'], whole(2), ['INFO: after', 'a new line'])
    await page.keyboard.press('Shift+Z')
    await shows(['before'], folded(1), ['between'], folded(2), ['INFO: after', 'a new line'])
    await page.keyboard.press('End')
    await container.write('stdout', `${trace(3)}\n`)
    await shows(['before'], folded(1), ['between'], folded(2), ['INFO: after', 'a new line'], folded(3))
    await page.keyboard.press('/')
    await page.keyboard.type('pay.js:88:1')
    await count(page).getByText('1', { exact: true }).waitFor()
    await page.keyboard.press('Enter')
    await shows(['before'], whole(1), ['between'], folded(2), ['INFO: after', 'a new line'], folded(3))
    expect(await current(page).textContent()).toBe('    at pay (/srv/pay.js:88:1)')
  })

  it('has the size and the density that one has chosen, and stays at the end of the log', async () => {
    const container = await numbered(200)
    const page = await openLog(container.name)
    await line(page, 'line 199').waitFor()
    const rows = () =>
      log(page).evaluate((element) => {
        const [last] = [...element.querySelectorAll('.row .text')].slice(-1)
        const { bottom } = last!.getBoundingClientRect()
        const { height } = last!.parentElement!.getBoundingClientRect()
        return [getComputedStyle(last!).fontSize, height, element.getBoundingClientRect().bottom - bottom < height]
      })
    expect(await rows()).toEqual(['13px', 20, true])
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByText('16', { exact: true }).click()
    await expect.poll(rows).toEqual(['16px', 25, true])
    await page.getByText('compact').click()
    await expect.poll(rows).toEqual(['16px', 20, true])
    await page.reload()
    await line(page, 'line 199').waitFor()
    await expect.poll(rows).toEqual(['16px', 20, true])
  })

  it.each([1, 2])(
    'keeps its place when those around it are wrapped, and has its true height; %i device pixels a pixel',
    async (scale) => {
      const container = await engine.run({ name: uniqueName() })
      await container.pace({ lines: 300, template: `{n} ${'wide '.repeat(100)}` }).done
      await container.logged('299 wide')
      const page = await openLog(container.name, '', { scale })
      await log(page).getByText(/^299 /).waitFor()
      for (let turn = 0; turn < 50; turn++) await page.keyboard.press('k')
      await page.evaluate(() => new Promise(requestAnimationFrame))
      const before = await current(page).boundingBox()
      await page.keyboard.press('w')
      await expect.poll(async () => (await current(page).boundingBox())?.height ?? 0).toBeGreaterThan(40)
      await page.evaluate(() => new Promise(requestAnimationFrame)) // until then nobody sees where the rows are
      const after = await current(page).boundingBox()
      expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThan(400)
      const overlaps = await log(page).evaluate((element) => {
        const boxes = [...element.querySelectorAll('.row')].map((row) => row.getBoundingClientRect())
        return boxes.filter((box, at) => Math.abs(box.top - (boxes[at - 1]?.bottom ?? box.top)) > 0.5).length
      })
      expect(overlaps).toBe(0)
      await page.keyboard.press('w')
      await expect.poll(async () => (await current(page).boundingBox())?.height).toBe(before?.height)
    },
  )
})

describe('fields', () => {
  const LINES = [
    '{"msg":"served","status":200,"ms":3,"req":"a"}',
    'plain',
    'level=info msg=refused status=503 ms=12000 user="a, b"',
    'last',
  ]
  const cells = (page: Page, text: string) =>
    log(page).locator('.row', { hasText: text }).locator('.cells > span').allTextContents()
  const fieldsOf = (page: Page) => new URL(page.url()).searchParams.get('fields')
  const head = (page: Page) => page.getByRole('group', { name: 'Columns' })
  const leftOf = async (page: Page, text: string) => (await line(page, text).boundingBox())?.x ?? 0

  it('are chosen by keys, stand in columns and no more in the sentence, and are in the address', async () => {
    const container = await logged(`${LINES.join('\n')}\n`)
    const page = await openLog(container.name)
    expect(await log(page).locator('.cells').count()).toBe(0)
    await line(page, 'last').waitFor()
    const before = await leftOf(page, 'plain')
    await page.keyboard.press('f')
    const dialog = page.getByRole('dialog', { name: 'Fields as columns' })
    await dialog.waitFor()
    expect(await dialog.getByRole('checkbox').count()).toBe(5)
    expect(await dialog.getByLabel('msg').count()).toBe(0)
    await page.keyboard.press('Space')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Space')
    await dialog.getByLabel('Another field').focus()
    await page.keyboard.type(' a,b ')
    await page.keyboard.press('Enter')
    await expect.poll(() => fieldsOf(page)).toBe('status,ms,a%2Cb')
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(await cells(page, 'served')).toEqual(['200', '3', ''])
    expect(await cells(page, 'refused')).toEqual(['503', '12000', ''])
    expect(await cells(page, 'plain')).toEqual(['', '', ''])
    expect((await onScreen(page)).slice(0, 4)).toEqual(['served  req=a', 'plain', 'refused  user="a, b"', 'last'])
    expect(await leftOf(page, 'plain')).toBeGreaterThan(before + 60)
    const lefts = await log(page)
      .locator('.row:not(.rule) .text')
      .evaluateAll((texts) => texts.map((text) => text.getBoundingClientRect().left))
    expect(new Set(lefts).size).toBe(1)
    expect(await head(page).locator('.name').allTextContents()).toEqual(['status', 'ms', 'a,b'])
    await page.goBack()
    await expect.poll(() => head(page).locator('.name').allTextContents()).toEqual(['status', 'ms'])
    await page.reload()
    await line(page, 'last').waitFor()
    await expect.poll(() => cells(page, 'refused')).toEqual(['503', '12000'])
  })

  it('are as wide as one makes them, by keys and by drawing, on the next visit too, and go with a press', async () => {
    const container = await logged(`${LINES.join('\n')}\n`)
    const page = await openLog(container.name, '?fields=status,ms')
    const grip = (name: string) => head(page).getByRole('separator', { name: `Width of ${name}` })
    const width = (name: string) => grip(name).getAttribute('aria-valuenow')
    await expect.poll(() => width('ms')).toBe('5')
    const before = await leftOf(page, 'last')
    await grip('ms').focus()
    for (let turn = 0; turn < 4; turn++) await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowLeft')
    expect(await width('ms')).toBe('8')
    const wider = await leftOf(page, 'last')
    expect(wider).toBeGreaterThan(before + 15)
    const box = await grip('status').boundingBox()
    if (!box) throw new Error('no grip')
    await page.mouse.move(box.x + 5, box.y + 10)
    await page.mouse.down()
    await page.mouse.move(box.x + 45, box.y + 10, { steps: 4 })
    await page.mouse.up()
    expect(await leftOf(page, 'last')).toBeGreaterThan(wider + 30)
    const status = await width('status')
    await page.reload()
    await line(page, 'last').waitFor()
    await expect.poll(() => width('ms')).toBe('8')
    expect(await width('status')).toBe(status)
    await head(page).getByRole('button', { name: 'Take out status' }).press('Enter')
    await expect.poll(() => cells(page, 'refused')).toEqual(['12000'])
    expect(fieldsOf(page)).toBe('ms')
    await head(page).getByRole('button', { name: 'Take out ms' }).press('Enter')
    await head(page).waitFor({ state: 'detached' })
    await expect.poll(() => log(page).locator('.cells').count()).toBe(0) // rows are drawn in the next frame
    expect(new URL(page.url()).search).toBe('')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('log')
  })

  it('of an object are chosen each by itself, and their columns fit by a double click, and by Enter', async () => {
    const container = await logged(
      '{"msg":"done","req":{"method":"GET","url":"/orders/1"},"res":{"statusCode":200}}\n' +
        '{"msg":"done","req":{"method":"OPTIONS","url":"/orders/2"},"res":{"statusCode":204}}\n',
    )
    const page = await openLog(container.name)
    await log(page).locator('.row', { hasText: 'OPTIONS' }).waitFor()
    await page.keyboard.press('f')
    const dialog = page.getByRole('dialog', { name: 'Fields as columns' })
    await dialog.getByLabel('res.statusCode').check()
    await dialog.getByLabel('req.method').check()
    await page.keyboard.press('Escape')
    await expect.poll(() => fieldsOf(page)).toBe('res.statusCode,req.method')
    await expect.poll(() => cells(page, 'orders/2')).toEqual(['204', 'OPTIONS'])
    expect((await onScreen(page)).at(-1)).toBe('done  req={"method":"OPTIONS","url":"/orders/2"}')
    const grip = (name: string) => head(page).getByRole('separator', { name: `Width of ${name}` })
    const width = (name: string) => grip(name).getAttribute('aria-valuenow')
    await expect.poll(() => width('req.method')).toBe('10') // all of its name
    await grip('req.method').press('Home')
    expect(await width('req.method')).toBe('4')
    await grip('req.method').dblclick()
    expect(await width('req.method')).toBe('10')
    expect(await width('res.statusCode')).toBe('12')
    await grip('res.statusCode').press('Enter')
    expect(await width('res.statusCode')).toBe('14')
  })

  it('in columns are nothing that is copied: lines are as they were written', async () => {
    const whole = 'a=1 b=2'
    const container = await logged(`first\n${LINES[0]}\n${whole}\nlast\n`)
    const page = await openLog(container.name, '?fields=status,a,b')
    await expect.poll(() => cells(page, 'served')).toEqual(['200', '', ''])
    expect(await onScreen(page)).toEqual(['first', 'served  ms=3 req=a', '\n', 'last'])
    await selectBetween(page, 'first', 'last')
    await page.keyboard.press('Control+c')
    await expect.poll(() => clipboard(page)).toBe(`first\n${LINES[0]}\n${whole}\nlast`)
    await page.keyboard.press('k')
    await page.keyboard.press('k')
    await page.keyboard.press('c')
    await expect.poll(() => clipboard(page)).toBe(whole)
    await log(page)
      .locator('.row', { hasText: 'served' })
      .evaluate((row) => document.getSelection()?.selectAllChildren(row))
    await page.keyboard.press('Control+c')
    await expect.poll(() => clipboard(page)).toMatch(/^served {2}ms=3 req=a\n?$/)
  })

  it('stand in no columns where lines are raw, and wrapped lines keep their true heights beside them', async () => {
    const wide = JSON.stringify({ status: 200, msg: 'wide '.repeat(100).trim() })
    const container = await logged(`${LINES.join('\n')}\n${wide}\nlast of all\n`)
    const page = await openLog(container.name, '?fields=status', { width: 700, height: 600 })
    await expect.poll(() => cells(page, 'wide')).toEqual(['200'])
    await log(page).evaluate((element) => element.scrollTo({ left: 60 }))
    const edges = async () => {
      const all = [head(page).locator('.column').first(), log(page).locator('.cells > span').first()]
      const [name, cell] = await Promise.all(all.map((each) => each.boundingBox()))
      return [(name?.x ?? 0) - (cell?.x ?? 0), (name?.width ?? 0) - (cell?.width ?? 0)]
    }
    await expect.poll(edges).toEqual([0, 0])
    await log(page).evaluate((element) => element.scrollTo({ left: 400 }))
    await head(page).getByRole('separator').focus()
    await expect.poll(async () => (await head(page).getByRole('separator').boundingBox())?.x ?? 0).toBeGreaterThan(100)
    await page.keyboard.press('w')
    await expect
      .poll(async () => (await log(page).locator('.row', { hasText: 'wide' }).boundingBox())?.height)
      .toBeGreaterThan(100)
    const misplaced = () =>
      log(page).evaluate((element) => {
        const rows = [...element.querySelectorAll('.row')]
        const lines = rows.filter((row) => !row.classList.contains('rule'))
        const lefts = new Set(lines.map((row) => row.querySelector('.text')?.getBoundingClientRect().left))
        const boxes = rows.map((row) => row.getBoundingClientRect())
        return (
          lefts.size -
          1 +
          boxes.filter((box, at) => Math.abs(box.top - (boxes[at - 1]?.bottom ?? box.top)) > 0.5).length
        )
      })
    expect(await misplaced()).toBe(0)
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByLabel('Raw lines').check()
    await expect.poll(() => log(page).locator('.cells').count()).toBe(0)
    await line(page, wide).waitFor()
  })

  it('are reckoned with in the height of wrapped lines that were not drawn yet', async () => {
    const text = 'x'.repeat(300)
    const container = await numbered(300, `${text}{n}`)
    const page = await openLog(container.name, '?fields=a,b,c', { width: 800, height: 600 })
    await line(page, `${text}299`).waitFor()
    await expect.poll(() => log(page).locator('.cells').count()).toBeGreaterThan(10)
    await page.keyboard.press('w')
    const row = log(page).locator('.row', { hasText: `${text}299` })
    await expect.poll(async () => (await row.boundingBox())?.height).toBeGreaterThan(100)
    const height = (await row.boundingBox())?.height ?? 0
    const all = await log(page).evaluate((element) => element.scrollHeight)
    expect(Math.abs(all - 300 * height)).toBeLessThan(3 * height)
  })

  it.each(['light', 'dark'])('shut nobody out, in %s', async (scheme) => {
    const container = await logged(`${LINES.join('\n')}\n`)
    const url = `${sluice.url}containers/${container.name}?fields=status,ms`
    const page = await open(url, { dark: scheme === 'dark' })
    await expect.poll(() => cells(page, 'served')).toEqual(['200', '3'])
    await head(page).getByRole('button', { name: 'Take out ms' }).focus()
    expect(await shutOut(page)).toEqual([])
    await page.keyboard.press('f')
    await page.getByRole('dialog').waitFor()
    expect(await shutOut(page)).toEqual([])
  })

  it('are said to be none where no line has any', async () => {
    const container = await logged('plain\n')
    const page = await openLog(container.name)
    await page.getByRole('button', { name: 'Menu' }).click()
    await page.getByRole('button', { name: 'Fields…' }).click()
    await page.getByText('No line here has fields').waitFor()
    expect(await page.getByLabel('Another field').evaluate((field) => field === document.activeElement)).toBe(true)
  })
})

describe('a project', () => {
  const labels = (project: string, service: string) => ({
    'com.docker.compose.project': project,
    'com.docker.compose.service': service,
  })

  it('is one log, in the order of time, with whose each line is, as far back as there is any', async () => {
    const project = uniqueName('shop')
    const [web, api] = await Promise.all(
      ['web', 'api'].map((service) =>
        engine.run({ name: `${project}-${service}-1`, labels: labels(project, service) }),
      ),
    )
    if (!web || !api) throw new Error('no containers')
    for (let n = 0; n < 3; n++) {
      await web.write('stdout', `web ${n}\n`)
      await web.logged(`web ${n}`)
      await api.write('stdout', `api ${n}\n`)
      await api.logged(`api ${n}`)
    }
    await web.pace({ lines: 3_000, template: 'busy {n}' }).done
    await web.logged('busy 2999')
    await api.write('stdout', 'ERROR: the last of api\n')
    await api.logged('the last of api')
    const page = await open(sluice.url)
    await page.locator('nav h2').getByRole('link', { name: project }).click()
    await line(page, 'ERROR: the last of api').waitFor()
    expect((await onScreen(page)).slice(-3)).toEqual(['busy 2998', 'busy 2999', 'ERROR: the last of api'])
    expect(await log(page).locator('.row .source').last().textContent()).toBe('api')
    await page.keyboard.press('g')
    await line(page, 'web 0').waitFor()
    const first = ['web 0', 'api 0', 'web 1', 'api 1', 'web 2', 'api 2', 'busy 0']
    await expect.poll(async () => (await onScreen(page)).slice(0, 7)).toEqual(first)
    // Down to its end, which it is live at again.
    const down = async () => {
      await page.keyboard.press('PageDown')
      return pill(page).textContent()
    }
    await expect.poll(down, { interval: 20, timeout: 60_000 }).toContain('Live')
    await web.write('stdout', 'and one more\n')
    await line(page, 'and one more').waitFor()
    expect(await readUp(page, 'web 0')).toHaveLength(3_008)
  }, 180_000)

  it('that has no container yet says so, and shows the lines of the first that comes', async () => {
    const project = uniqueName('shop')
    const page = await open(`${sluice.url}logs?project=${project}`)
    await page.getByText(`There is no container of ${project}`).waitFor()
    const web = await engine.run({ name: `${project}-web-1`, labels: labels(project, 'web') })
    await web.write('stdout', 'the first line\n')
    await line(page, 'the first line').waitFor()
    expect(await onScreen(page)).toEqual(['the first line'])
  })

  it('is followed by level with three presses, and what joins it comes in', async () => {
    const project = uniqueName('shop')
    const web = await engine.run({ name: `${project}-web-1`, labels: labels(project, 'web') })
    await web.write('stdout', 'INFO: fine\nERROR: first\n')
    await web.logged('ERROR: first')
    const page = await open(sluice.url)
    await page.locator('nav h2').getByRole('link', { name: project }).click()
    await line(page, 'ERROR: first').waitFor()
    await page.getByRole('button', { name: /^error/ }).click()
    await expect.poll(() => onScreen(page)).toEqual(['ERROR: first'])
    const late = await engine.run({ name: `${project}-late-1`, labels: labels(project, 'late') })
    await late.write('stdout', 'INFO: no\nERROR: of a newcomer\n')
    await line(page, 'ERROR: of a newcomer').waitFor()
    await web.write('stdout', 'ERROR: second\n')
    await line(page, 'ERROR: second').waitFor()
    expect(await onScreen(page)).toEqual(['ERROR: first', 'ERROR: of a newcomer', 'ERROR: second'])
    expect(new URL(page.url()).search).toBe(`?project=${project}&level=fatal,error`)
    await page.reload()
    await line(page, 'ERROR: second').waitFor()
    expect(await onScreen(page)).toEqual(['ERROR: first', 'ERROR: of a newcomer', 'ERROR: second'])
  })
})

describe('whatever is in a log', () => {
  it('is shown as text, and the page goes on', async () => {
    const container = await engine.run({ name: uniqueName() })
    const page = await open(`${sluice.url}containers/${container.name}`)
    await container.write('stdout', `${'x'.repeat(1_000_000)}\n`)
    await container.write('stdout', `${'\x1b[31mr\x1b[0m'.repeat(4_000)}\n`)
    await container.write('stdout', '\u202eevil\u202c \u200b\u200d zero \ud83d\ude00\n')
    await container.write('stdout', Buffer.from([0xed, 0xa0, 0x80, 0x20, 0x6c, 0x6f, 0x6e, 0x65, 0x0a]))
    await container.write(
      'stdout',
      `${JSON.stringify({ msg: '<img src=x onerror=alert(1)>', __proto__: 1, url: 'javascript:alert(1)' })}\n`,
    )
    await container.write('stdout', 'see javascript:alert(1) and https://example.com/a_(b)?c=d.\nafter it all\n')
    await line(page, 'after it all').waitFor()
    expect(await log(page).locator('img, script').count()).toBe(0)
    const hrefs = await log(page)
      .locator('a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href')))
    expect(hrefs).toEqual(['https://example.com/a_(b)?c=d'])
    await page.keyboard.press('w')
    await page.keyboard.press('g')
    await page.keyboard.press('End')
    await line(page, 'after it all').waitFor()
  })

  it.each(['light', 'dark'])('has nothing that shuts anybody out, in %s', async (scheme) => {
    const container = await logged('INFO: fine\nWARN: hm\nERROR: no\n{"msg":"served","ms":12}\nplain\n')
    const page = await open(`${sluice.url}containers/${container.name}`, { dark: scheme === 'dark' })
    await line(page, 'plain').waitFor()
    await line(page, 'plain').click()
    await page.keyboard.press('o')
    await page.keyboard.press('/')
    await page.keyboard.type('no')
    await count(page).getByText(/\d/).waitFor()
    expect(await shutOut(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Menu' }).click()
    expect(await shutOut(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor()
    expect(await shutOut(page)).toEqual([])
    await page.goto(sluice.url)
    await page.locator('nav').getByRole('link', { name: container.name }).waitFor()
    expect(await shutOut(page)).toEqual([])
    await page.goto(`${sluice.url}logs?container=${container.name}`)
    await line(page, 'plain').waitFor()
    expect(await shutOut(page)).toEqual([])
  })
})
