/** Chromium with an empty profile, and its pages, which tell when a line is painted. */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { CHROMIUM_FLAGS, chromiumPath } from '../chromium.js'
import { clockOrigin, type PageWatch, type Painted, WATCH, watchPaints } from './in-page.ts'

/** The screen that GOALS.md counts lines on. */
const VIEWPORT = { width: 1400, height: 900 }

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

/** A page with an empty cache. */
export async function freshPage(browser: Browser): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: VIEWPORT })
  await context.addInitScript(watchPaints, WATCH)
  return new WatchedPage(context, await context.newPage())
}

export class WatchedPage {
  readonly page: Page
  readonly #context: BrowserContext

  constructor(context: BrowserContext, page: Page) {
    this.#context = context
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

  startFrames(): Promise<void> {
    return this.#ask('startFrames')
  }

  longestFrame(): Promise<number> {
    return this.#ask('longestFrame')
  }

  close(): Promise<void> {
    return this.#context.close()
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
