/** The system's Chromium, for end-to-end tests: each page in a fresh profile, and whatever it complains of remembered. */
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { CHROMIUM_FLAGS, chromiumPath } from '../chromium.js'

export interface PageOptions {
  readonly width?: number
  readonly height?: number
  readonly dark?: boolean
  /** Network errors are part of the test: the console may name them. */
  readonly expectsFailures?: boolean
}

/** At a file's top level; then `await open(url)` in tests. A test fails if its page logged an error or broke its policy. */
export function useBrowser(): (url: string, options?: PageOptions) => Promise<Page> {
  let browser: Browser
  const complaints: string[] = []
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_FLAGS })
  })
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()))
    expect(complaints.splice(0)).toEqual([])
  })
  afterAll(() => browser.close())
  return async (url, { width = 1400, height = 900, dark = false, expectsFailures = false } = {}) => {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light' })
    const page = await context.newPage()
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      const network = /Failed to load resource|net::ERR/.test(message.text())
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
