/** A short soak with a fixed seed: every kind of fault, and every line once, in order. Longer ones: `npm run soak`. */
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { failure, isClean } from '../soak/report.ts'
import { runSoak, type SoakOptions } from '../soak/run.ts'

const options: SoakOptions = {
  seed: 5,
  seconds: 25,
  sessions: 10,
  containers: 5,
  // With filters and merged streams in the server: all four kinds.
  kinds: ['plain', 'slow'],
  dist: fileURLToPath(new URL('../../dist', import.meta.url)),
  strays: false,
  rotation: false,
  without: [],
  verbose: false,
}

it('whatever befalls engine, containers and Sluice, every session has every line once and in order', async () => {
  const result = await runSoak(options)
  const { journal, sessions, linesWritten } = result
  const faults = (group: string) => Object.values(journal.counts(group)).reduce((sum, count) => sum + count, 0)
  expect(isClean(result), isClean(result) ? '' : failure(options, result)).toBe(true)
  expect(faults('way')).toBeGreaterThan(0)
  expect(faults('container')).toBeGreaterThan(0)
  expect(faults('sluice')).toBeGreaterThan(0)
  expect(linesWritten).toBeGreaterThan(1_000)
  expect(sessions.reduce((sum, { resumes }) => sum + resumes, 0)).toBeGreaterThan(10)
  expect(sessions.reduce((sum, { received }) => sum + received, 0)).toBeGreaterThan(1_000)
}, 240_000)
