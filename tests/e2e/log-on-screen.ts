/** The log of a page: where its parts are, and what a person reads in it. */
import type { Locator, Page } from 'playwright-core'

const NOTCH_PX = 600 // less than a screen: what is read next overlaps what was read
const STILL_FRAMES = 20 // without a move: there is nothing more, or it has still to come
const PATIENCE_MS = 20_000 // without a row that is new

export function log(page: Page): Locator {
  return page.getByRole('log')
}

export function line(page: Page, text: string): Locator {
  return log(page).getByText(text, { exact: true })
}

/** The pill at the foot: `Live`, `Waiting`, `Paused 12 new`. */
export function pill(page: Page): Locator {
  return page.locator('footer button.follow')
}

/** The texts of the rows on screen, from the top. */
export function onScreen(page: Page): Promise<string[]> {
  return log(page).evaluate((element) => {
    const box = element.getBoundingClientRect()
    return [...element.querySelectorAll('.row:not(.rule, .away)')].flatMap((row) => {
      const { top, bottom } = row.getBoundingClientRect()
      return top >= box.top - 1 && bottom <= box.bottom + 1 ? [row.querySelector('.text')?.textContent ?? ''] : []
    })
  })
}

/** Scrolls up from where the log is until the line `first` has been read; the texts of all rows on the way, the lowest first. */
export async function readUp(page: Page, first: string): Promise<string[]> {
  await log(page).hover()
  const read: string[] = []
  let rows = await onScreen(page)
  for (let newAt = Date.now(); Date.now() - newAt < PATIENCE_MS; rows = await moved(page, rows)) {
    const upwards = [...rows].reverse()
    // What was read last stands at the foot of the screen again.
    let known = Math.min(upwards.length, read.length)
    while (known > 0 && !upwards.slice(0, known).every((text, at) => text === read[read.length - known + at])) known--
    if (known < upwards.length) newAt = Date.now()
    read.push(...upwards.slice(known))
    if (read.at(-1) === first) break
    await page.mouse.wheel(0, -NOTCH_PX)
  }
  return read
}

/** What is on screen when it has moved and stands still: browsers take some frames for a notch. The same, where nothing moves. */
async function moved(page: Page, before: string[]): Promise<string[]> {
  let rows = before
  for (let frame = 0; frame < STILL_FRAMES; frame++) {
    await page.evaluate(() => new Promise(requestAnimationFrame))
    const now = await onScreen(page)
    if (now[0] !== before[0] && now[0] === rows[0]) break
    rows = now
  }
  return rows
}
