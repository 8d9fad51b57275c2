/** Redis: a snapshot every few minutes, and little else. */
import type { Say, Voice } from '../log.ts'
import { worded } from './write.ts'

export const redis: Voice = ({ start, random }, say) => {
  const write = (at: number, role: string, mark: string, text: string) =>
    say(at, `${role} ${worded(start + at)} ${mark} ${text}`)
  if ((start / 60_000) % 5 !== 2) return
  const at = random.int(0, 50_000)
  const child = random.int(200, 900)
  write(at, '1:M', '*', `${random.int(100, 480)} changes in 300 seconds. Saving...`)
  write(at + 3, '1:M', '*', `Background saving started by pid ${child}`)
  write(at + 41, `${child}:C`, '*', 'DB saved on disk')
  write(at + 42, `${child}:C`, '*', 'Fork CoW for RDB: current 1 MB, peak 1 MB, average 0 MB')
  write(at + 105, '1:M', '*', 'Background saving terminated with success')
  if (random.chance(0.2))
    write(at + 5000, '1:M', '#', 'Client id=412 addr=198.51.100.7:40112 closed: output buffer limits')
}

export const redisOpening = (say: Say, at: number) => {
  const write = (ms: number, role: string, mark: string, text: string) =>
    say(ms, `${role} ${worded(at + ms)} ${mark} ${text}`)
  write(4, '1:C', '*', 'oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo')
  write(5, '1:C', '*', 'Redis version=8.2.3, bits=64, commit=00000000, modified=0, pid=1, just started')
  write(6, '1:C', '#', 'WARNING Memory overcommit must be enabled! Without it, a background save may fail.')
  write(8, '1:M', '*', 'Running mode=standalone, port=6379.')
  write(9, '1:M', '*', 'Server initialized')
  write(10, '1:M', '*', 'Ready to accept connections tcp')
}
