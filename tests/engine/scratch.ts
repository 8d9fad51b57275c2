/**
 * The directories of the tests' private engines: made with their owner's name inside, removed with everything that runs
 * or is mounted there, and swept by a later run when their owner was killed before it could.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endLeftovers, startTime } from './processes.ts'

const PREFIX = 'sluice-engine-'

/** A unix socket's path holds 107 bytes, and containerd adds 32 to ours: a long TMPDIR cannot be used. */
const LONGEST_BASE = 40

/** A directory without an owner's name is left alone so long: its maker may be between two system calls. */
const UNOWNED_GRACE_MS = 60_000

export function makeScratch(): string {
  const dir = mkdtempSync(join(base(), PREFIX))
  writeFileSync(join(dir, 'owner'), owner(process.pid) ?? '')
  return dir
}

export async function removeScratch(dir: string): Promise<void> {
  await endLeftovers(dir)
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
}

/** Removes what runs that were killed have left behind. */
export async function sweepScratch(): Promise<void> {
  for (const name of readdirSync(base())) {
    const dir = join(base(), name)
    if (name.startsWith(PREFIX) && isAbandoned(dir)) await removeScratch(dir)
  }
}

function isAbandoned(dir: string): boolean {
  try {
    const written = readFileSync(join(dir, 'owner'), 'latin1')
    return written !== owner(Number(written.split(' ')[0]))
  } catch {
    const made = statSync(dir, { throwIfNoEntry: false })?.mtimeMs
    return made !== undefined && Date.now() - made > UNOWNED_GRACE_MS
  }
}

/** Pids are used again, so a pid alone would take a stranger for the owner. */
function owner(pid: number): string | undefined {
  const started = startTime(pid)
  return started === undefined ? undefined : `${pid} ${started}`
}

function base(): string {
  return tmpdir().length <= LONGEST_BASE ? tmpdir() : '/tmp'
}
