/** The system's Chromium, for end-to-end tests: each page in a fresh profile, and whatever it complains of remembered. */
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { CHROMIUM_FLAGS, chromiumPath } from '../chromium.js'

export interface PageOptions {
  readonly width?: number
  readonly height?: number
  readonly dark?: boolean
  /** Device pixels to a pixel of the page. Default 1. */
  readonly scale?: number
  /** It is a phone's: fingers instead of a mouse. */
  readonly touch?: boolean
  /** Network errors, and answers of others in Sluice's place, are part of the test: the console may name them. */
  readonly expectsFailures?: boolean
}

/** At a file's top level; then `await open(url)` in tests. A test fails if its page logged an error or broke its policy. */
export function useBrowser(): (url: string, options?: PageOptions) => Promise<Page> {
  /** By scale: a page's own one would still leave it scroll positions in whole pixels. */
  const browsers = new Map<number, Promise<Browser>>()
  const complaints: string[] = []
  const launch = (scale: number) => {
    const args = [...CHROMIUM_FLAGS, `--force-device-scale-factor=${scale}`]
    const browser = browsers.get(scale) ?? chromium.launch({ executablePath: chromiumPath(), args })
    browsers.set(scale, browser)
    return browser
  }
  beforeAll(async () => {
    await launch(1)
  })
  afterEach(async () => {
    for await (const browser of browsers.values())
      await Promise.all(browser.contexts().map((context) => context.close()))
    expect(complaints.splice(0)).toEqual([])
  })
  afterAll(async () => {
    for await (const browser of browsers.values()) await browser.close()
  })
  return async (url, options = {}) => {
    const { width = 1400, height = 900, dark = false, scale = 1, touch = false, expectsFailures = false } = options
    const context = await (await launch(scale)).newContext({
      viewport: { width, height },
      colorScheme: dark ? 'dark' : 'light',
      deviceScaleFactor: scale,
      hasTouch: touch,
      isMobile: touch,
    })
    const page = await context.newPage()
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      const network = /Failed to load resource|net::ERR|MIME type|directive: "(connect|script)-src/.test(message.text())
      if (message.type() === 'error' && !(network && expectsFailures)) complaints.push(message.text())
    })
    page.on('dialog', (dialog) => {
      complaints.push(`a dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    await page.goto(url)
    return page
  }
}
