/** Makes the README's pictures, `docs/*.png`, with the tests' Chromium, of the demo: `node scripts/screenshots.js` after a build. */
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { CHROMIUM_FLAGS, chromiumPath } from '../tests/chromium.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const SETTLE_MS = 1_000 // counts and ticks follow the lines
const PICTURES = /** @type {const} */ ([
  { name: 'light', colorScheme: 'light', path: 'containers/shop-worker-1', keys: ['e'] },
  { name: 'dark', colorScheme: 'dark', path: 'logs?project=shop', keys: [] },
])

const server = spawn(process.execPath, [join(root, 'dist/server.js'), '--demo', '--port', '0'])
try {
  /** @type {string} */
  const url = await new Promise((resolve) => {
    server.stdout.on('data', (text) => {
      const found = /Sluice is at (\S+)/.exec(String(text))?.[1]
      if (found) resolve(found)
    })
  })
  mkdirSync(join(root, 'docs'), { recursive: true })
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_FLAGS })
  for (const { name, colorScheme, path, keys } of PICTURES) {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1280, height: 720 } })
    await page.goto(new URL(path, url).href)
    await page.getByText('Live', { exact: true }).waitFor()
    await page.locator('[role=log] .row').nth(30).waitFor()
    for (const key of keys) await page.keyboard.press(key)
    await page.waitForTimeout(SETTLE_MS)
    await page.screenshot({ path: join(root, 'docs', `${name}.png`) })
    await page.close()
  }
  await browser.close()
} finally {
  server.kill()
}
