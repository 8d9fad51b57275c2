/**
 * `npm run bench [-- NAME...]`: measures the production build beside raw Docker in the same run, prints a table and writes
 * `bench-results.json`. The names are those of tests/bench/goals.ts; the beginning of one stands for all that have it.
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
/** @type {{ module: typeof import('../tests/bench/main.ts') }} */
const { module } = await runnerImport(join(root, 'tests/bench/main.ts'), { logLevel: 'warn' })
process.exitCode = await module.runBench({
  dist: join(root, 'dist'),
  results: join(root, 'bench-results.json'),
  wanted: process.argv.slice(2),
})

/**
 * @param {string} program
 * @param {string[]} args
 */
function run(program, ...args) {
  const { status } = spawnSync(program, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
