/**
 * `npm run soak [-- --seed N --minutes M]`: a real engine, the production build, and every fault at random, until each
 * session's lines are held against Docker's own. Prints a summary, or the first differences, and exits with 1.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { built } from './built.js'
import { installed } from './installed.js'
import { ensurePrerequisites } from './prerequisites.js'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)
// Debian keeps daemons where a plain root shell may not look.
const { PATH = '' } = process.env
Object.assign(process.env, { PATH: `${PATH}:/usr/sbin:/sbin` })

if (!installed(root)) run('npm', 'ci')
ensurePrerequisites()
if (!built(root)) run(process.execPath, 'scripts/build.js')

// Node 20 does not run TypeScript; Vite, which builds the page, does.
const { runnerImport } = await import('vite')
/** @type {{ module: typeof import('../tests/soak/main.ts') }} */
const { module } = await runnerImport(join(root, 'tests/soak/main.ts'), { logLevel: 'warn' })
process.exitCode = await module.soak(process.argv.slice(2), join(root, 'dist'))

/**
 * @param {string} program
 * @param {string[]} args
 */
function run(program, ...args) {
  const { status } = spawnSync(program, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
