/** Which cores processes run on: Linux's, by util-linux's `taskset`, as Node has no call for it. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Those that this process may run on, as proc(5) and `taskset` write them: `0-3,8`. */
export function allowedCores(): string {
  const [, list = ''] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return list
}

/** The first of them, and the others; the same where there is but one. */
export function split(list: string): [first: string, others: string] {
  const cores = list.split(',').flatMap((part) => {
    const [from = 0, to = from] = part.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, at) => from + at)
  })
  const [first = 0, ...others] = cores
  return [String(first), others.length > 0 ? others.join(',') : String(first)]
}

/** Keeps processes, and what they start from now on, on these cores. Those that have ended are passed over. */
export function keepOn(cores: string, pids: Iterable<number>): void {
  for (const pid of pids) {
    const { error } = spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)])
    if (error) throw error
  }
}
