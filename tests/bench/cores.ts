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
    const options = ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)]
    const { error, status, stderr } = spawnSync('taskset', options, {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
    })
    if (error) throw error
    if (status !== 0 && !stderr.includes('No such process')) throw new Error(stderr)
  }
}
