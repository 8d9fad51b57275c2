/** What a process has used, as the kernel counts it: proc(5). */
import { readFileSync } from 'node:fs'

const TICKS_PER_SECOND = 100 // USER_HZ: the unit of /proc on every Linux that Node runs on

/** User and system time of all of its threads, in seconds; without its children. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  // From field 3 on: the name before it, in brackets, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** Resident memory in MiB. */
export function rssMiB(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? []
  return Number(kib) / 1024
}

const SAMPLE_MS = 25

/** Watches the highest resident memory until told to stop. */
export function watchRss(pid: number): { stop(): number } {
  let highest = rssMiB(pid)
  const sample = () => {
    highest = Math.max(highest, rssMiB(pid))
  }
  const timer = setInterval(sample, SAMPLE_MS)
  return {
    stop() {
      clearInterval(timer)
      sample()
      return highest
    },
  }
}
