/** `npm start`: installs what the lock file says if it is absent, builds if a source is newer, and serves. */
import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { built } from './built.js'
import { installed } from './installed.js'
import { NODE_FLAGS } from './node-flags.js'

const root = fileURLToPath(new URL('..', import.meta.url))

/** @param {string} what @param {string} command @param {string[]} args */
function run(what, command, args) {
  process.stderr.write(`${what} ...\n`)
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (status !== 0) process.exit(status ?? 1)
}

const bundle = join(root, 'dist/server.js')
if (!installed(root)) run('Installing dependencies', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
if (!built(root)) run('Building', process.execPath, [join(root, 'scripts/build.js')])

// Where there is no engine, a person who tries Sluice sees the demo; the image shows what is wrong instead.
const env = { SLUICE_DEMO: 'auto', ...process.env }
const server = spawn(process.execPath, [...NODE_FLAGS, bundle, ...process.argv.slice(2)], { env, stdio: 'inherit' })
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => server.kill(signal))
server.on('exit', (code) => process.exit(code ?? 1))

// npm hands a signal of its own to the shell that it started this with, and that shell to nobody.
const parent = process.ppid
setInterval(() => {
  if (process.ppid !== parent) server.kill('SIGTERM')
}, 500).unref()
