/**
 * Which processes and mounts belong to the private engine in a directory, and how to end them. Everything is found by
 * the directory's own random name and ended by pid, so no other engine on the machine can be met.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const ENGINE_PROGRAMS = /^(dockerd|containerd|containerd-shim.*|docker-proxy|runc)$/

/** How long a killed process may take to be gone; the kernel needs milliseconds. */
const END_DEADLINE_MS = 5000

/** Ends what is left of the engine in `dir`: daemon, containerd, shims, containers; then its mounts. */
export async function endLeftovers(dir: string): Promise<void> {
  const deadline = Date.now() + END_DEADLINE_MS
  // Several rounds: a process can start another between our look and our signal.
  for (let pids = processesOf(dir); pids.length > 0 && Date.now() < deadline; pids = processesOf(dir)) {
    for (const pid of pids) kill(pid)
    await delay(20)
  }
  // Innermost first. Lazily, since a mount can be busy for a moment after its last user died.
  for (const point of mountsUnder(dir).reverse()) spawnSync('umount', ['-l', point])
}

/** Whether a process ends in time. A zombie has ended. Looks again and again: the end of a process not one's own is no event. */
export async function hasEnded(pid: number, deadlineMs: number): Promise<boolean> {
  for (const deadline = Date.now() + deadlineMs; Date.now() < deadline; await delay(10)) {
    const state = statFields(pid)?.[0]
    if (state === undefined || state === 'Z' || state === 'X') return true
  }
  return false
}

/** The start time of a process (clock ticks since boot), which with the pid names it once and for all; undefined if it is gone. */
export function startTime(pid: number): string | undefined {
  return statFields(pid)?.[19]
}

/** proc(5), /proc/pid/stat, from field 3 (the state) on: the name before it, in brackets, may hold anything. */
function statFields(pid: number): string[] | undefined {
  const stat = read(`/proc/${pid}/stat`)
  return stat === '' ? undefined : stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** The pids of everything that runs for the engine in `dir`. A zombie has neither arguments nor a root, so it does not count. */
export function processesOf(dir: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && (isEngineProgram(pid, dir) || hasRootIn(pid, dir)))
}

/** The daemon, containerd and its shims name the directory among their arguments. */
function isEngineProgram(pid: number, dir: string): boolean {
  const argv = read(`/proc/${pid}/cmdline`).split('\0')
  return ENGINE_PROGRAMS.test(basename(argv[0] ?? '')) && argv.some((argument) => argument.includes(`${dir}/`))
}

/** A container's process has its root file system on the engine's storage (the overlay's layers, or a plain copy). */
function hasRootIn(pid: number, dir: string): boolean {
  return read(`/proc/${pid}/mountinfo`)
    .split('\n')
    .some((line) => line.split(' ')[4] === '/' && line.includes(`${dir}/`))
}

function mountsUnder(dir: string): string[] {
  return read('/proc/self/mountinfo')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point.startsWith(`${dir}/`))
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return '' // The process ended while we looked.
  }
}
