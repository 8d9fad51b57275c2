/**
 * Vitest's global setup of the integration and end-to-end tests: one engine for all of their files, private unless
 * SLUICE_TEST_DOCKER names one (`unix:///var/run/docker.sock` or a path).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startDaemon } from './daemon.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** What `useEngine()` works on. */
    engine: { socket: string; scratch: string }
  }
}

interface Shared {
  engine: Promise<{ socket: string; scratch: string; dispose: () => Promise<void> }>
  users: number
}

/** Each project loads this file anew, in the one process: what they share has to be out here. */
const shared = globalThis as { sluiceTestEngine?: Shared }

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.sluiceTestEngine ??= { engine: findEngine(), users: 0 }
  const ours = shared.sluiceTestEngine
  ours.users += 1
  const { socket, scratch, dispose } = await ours.engine
  project.provide('engine', { socket, scratch })
  return async () => {
    ours.users -= 1
    if (ours.users > 0) return
    delete shared.sluiceTestEngine
    await dispose()
  }
}

async function findEngine(): Shared['engine'] {
  const { SLUICE_TEST_DOCKER: named } = process.env
  if (named) {
    const scratch = mkdtempSync(join(tmpdir(), 'sluice-io-'))
    const dispose = async () => rmSync(scratch, { recursive: true, force: true })
    return { socket: named.replace(/^unix:\/\//, ''), scratch, dispose }
  }
  const daemon = await startDaemon()
  const { socket, scratch } = daemon.engine()
  return { socket, scratch, dispose: () => daemon.dispose() }
}
