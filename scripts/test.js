/**
 * `npm test`: everything there is to check, on a fresh clone too. Installs what is missing, then types, lint, build and all
 * tests; ends with the line `N passed, N failed`. Arguments go to Vitest: `npm test -- tests/unit/cursor.test.ts`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installed } from './installed.js'
import { ensurePrerequisites } from './prerequisites.js'

/** @typedef {{ passed: number, failed: number }} Outcome */

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
// Debian keeps daemons where a plain root shell may not look.
const { PATH = '' } = process.env
Object.assign(process.env, { PATH: `${PATH}:/usr/sbin:/sbin` })
process.exitCode = main()

function main() {
  try {
    ensureDependencies()
    ensurePrerequisites()
  } catch (error) {
    console.error(`\n${error instanceof Error ? error.message : error}`)
    return conclude([{ passed: 0, failed: 1 }])
  }
  return conclude([
    check('types', bin('tsc'), '-p', '.'),
    check('types of the page', bin('tsc'), '-p', 'web'),
    check('types of the end-to-end tests', bin('tsc'), '-p', 'tests/e2e'),
    check('format and lint', bin('biome'), 'ci', '.'),
    check('build', process.execPath, 'scripts/build.js'),
    tests(process.argv.slice(2)),
  ])
}

function ensureDependencies() {
  if (installed('.')) return
  console.log('Installing the dependencies')
  if (run('npm', 'ci') !== 0) throw new Error('npm ci failed')
}

/**
 * @param {string} name
 * @param {string} program
 * @param {string[]} args
 * @returns {Outcome}
 */
function check(name, program, ...args) {
  console.log(`\n> ${name}`)
  const ok = run(program, ...args) === 0
  console.log(ok ? `ok: ${name}` : `FAILED: ${name}`)
  return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

/**
 * @param {string[]} filters
 * @returns {Outcome}
 */
function tests(filters) {
  console.log('\n> tests')
  const dir = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  try {
    const report = join(dir, 'report.json')
    const status = run(
      bin('vitest'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...filters,
    )
    const { passed, failed } = readReport(report)
    // An error outside of any test, and no tests at all, are failures that nothing in the report stands for.
    return { passed, failed: failed === 0 && (status !== 0 || passed === 0) ? 1 : failed }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/**
 * @param {string} path
 * @returns {Outcome}
 */
function readReport(path) {
  /** @type {{ numPassedTests: number, numFailedTests: number, testResults: { status: string, assertionResults: { status: string }[] }[] }} */
  let report
  try {
    report = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return { passed: 0, failed: 1 } // Vitest did not get as far as a report.
  }
  // A file that cannot be loaded, or cleaned up after, fails without any of its tests.
  const files = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  )
  return { passed: report.numPassedTests, failed: report.numFailedTests + files.length }
}

/**
 * @param {Outcome[]} outcomes
 * @returns the exit code
 */
function conclude(outcomes) {
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0)
  const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0)
  console.log(`\n${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

/** @param {string} name */
function bin(name) {
  return join('node_modules', '.bin', name)
}

/**
 * @param {string} program
 * @param {string[]} args
 */
function run(program, ...args) {
  return spawnSync(program, args, { stdio: 'inherit' }).status
}
