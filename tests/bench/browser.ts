/** Chromium with an empty profile, and its pages, which tell when a line is painted. */
import { setTimeout as delay } from 'node:timers/promises'
import { type Browser, chromium } from 'playwright-core'
import { CHROMIUM_FLAGS, chromiumPath } from '../chromium.js'
import { DevtoolsPage } from './devtools.ts'
import { clockOrigin, type PageWatch, type Painted, WATCH, watchPaints } from './in-page.ts'

/** The screen that GOALS.md counts lines on. */
const VIEWPORT = { width: 1400, height: 900 }

const QUIET_LOOK_MS = 250
const QUIET_LOOKS = 2
const QUIET_CPU_SECONDS = 0.03
const QUIET_DEADLINE_MS = 20_000

export function launchBrowser(): Promise<Browser> {
  // Signals are the bench's own matter: it closes what it opened, in order.
  return chromium.launch({
    executablePath: chromiumPath(),
    args: CHROMIUM_FLAGS,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  })
}

/** A page with an empty cache, in a browser that has nothing else to do. */
export async function freshPage(browser: Browser): Promise<WatchedPage> {
  const page = await DevtoolsPage.open(browser, VIEWPORT)
  await page.addInitScript(watchPaints, WATCH)
  await quiet(page)
  return new WatchedPage(page)
}

/**
 * Until the browser rests. Chromium loads pages of its own into each new window (156: that of the address bar's list, a second
 * of CPU), while its users' windows have long been open.
 */
async function quiet(page: DevtoolsPage): Promise<void> {
  const cpuSeconds = async () => (await page.processes()).reduce((sum, { cpuTime }) => sum + cpuTime, 0)
  let used = await cpuSeconds()
  const deadline = performance.now() + QUIET_DEADLINE_MS
  for (let rests = 0; rests < QUIET_LOOKS; ) {
    if (performance.now() > deadline) throw new Error(`the browser is busy for ${QUIET_DEADLINE_MS} ms`)
    await delay(QUIET_LOOK_MS)
    const now = await cpuSeconds()
    rests = now - used < QUIET_CPU_SECONDS ? rests + 1 : 0
    used = now
  }
}

export class WatchedPage {
  readonly page: DevtoolsPage

  constructor(page: DevtoolsPage) {
    this.page = page
  }

  /** When each of these was painted, in ms since the navigation; marks that were not within `deadlineMs` are absent. */
  painted(marks: readonly string[], deadlineMs: number): Promise<Painted> {
    return this.#ask('painted', marks, deadlineMs)
  }

  /** As `painted`, for one mark that must come. */
  async paintOf(mark: string, deadlineMs: number): Promise<number> {
    const at = (await this.painted([mark], deadlineMs))[mark]
    if (at === undefined) throw new Error(`the line mark-${mark} was not painted within ${deadlineMs} ms`)
    return at
  }

  /** What to add to the page's times to have them by this process's `performance.now()`. */
  async clockOffset(): Promise<number> {
    return (await this.#ask('clockOrigin')) - clockOrigin()
  }

  /** Of all the browser's processes. */
  async pids(): Promise<number[]> {
    return (await this.page.processes()).map(({ id }) => id)
  }

  startFrames(): Promise<void> {
    return this.#ask('startFrames')
  }

  longestFrame(): Promise<number> {
    return this.#ask('longestFrame')
  }

  close(): Promise<void> {
    return this.page.close()
  }

  #ask<K extends keyof PageWatch>(
    method: K,
    ...args: Parameters<PageWatch[K]>
  ): Promise<Awaited<ReturnType<PageWatch[K]>>> {
    type Watches = Record<string, Record<string, (...args: unknown[]) => unknown>>
    const answer = this.page.evaluate(
      ([name, called, given]) => (globalThis as unknown as Watches)[name]?.[called]?.(...given),
      [WATCH, method, args] as const,
    )
    return answer as Promise<Awaited<ReturnType<PageWatch[K]>>>
  }
}
