/**
 * `npm run dev`: the server is built and started again on each change, the page is updated in place by Vite, which passes
 * the interface on. Arguments go to the server: `npm run dev -- --docker-host tcp://pi:2375`.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { context } from 'esbuild'
import { build as buildPage, createServer } from 'vite'
import { serverBundle } from './server-bundle.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const PORT = '8081' // 8080 is left to a Sluice that is in use

/** @type {import('node:child_process').ChildProcess | undefined} */
let server

function restart() {
  server?.kill()
  const args = [join(root, 'dist/server.js'), '--port', PORT, ...process.argv.slice(2)]
  server = spawn(process.execPath, ['--enable-source-maps', ...args], {
    env: { SLUICE_DEMO: 'auto', ...process.env },
    stdio: 'inherit',
  })
}

// The server wants a page to serve; in development Vite's is looked at instead.
if (!existsSync(join(root, 'dist/web/index.html'))) await buildPage({ root: join(root, 'web'), logLevel: 'warn' })

/** @type {import('esbuild').Plugin} */
const restartAfterBuild = {
  name: 'restart-after-build',
  setup(build) {
    build.onEnd(({ errors }) => {
      if (errors.length === 0) restart()
    })
  },
}
const plugins = [...serverBundle.plugins, restartAfterBuild]
const bundle = await context({ ...serverBundle, sourcemap: 'inline', plugins })
await bundle.watch()

const proxy = { '/api': `http://127.0.0.1:${PORT}`, '/healthz': `http://127.0.0.1:${PORT}` }
const page = await createServer({ root: join(root, 'web'), server: { host: '127.0.0.1', proxy } })
await page.listen()
page.printUrls()

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, () => {
    server?.kill()
    process.exit(0)
  })
}
